"""Credentials that a command is given for itself: they log in for what it pushes or pulls, and for nothing else.

Flags: https://github.com/containers/skopeo/blob/main/docs/skopeo-copy.1.md,
https://docs.podman.io/en/latest/markdown/podman-push.1.html, https://oras.land/docs/commands/oras_push,
https://oras.land/docs/commands/oras_copy, https://helm.sh/docs/helm/helm_push/, https://regclient.org/cli/regctl/.
crane and ko have none.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from imglint.model.commands.flags import Flag
from imglint.model.credential import credential_of
from imglint.model.login import Login, Reach, Way
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text, unknown

_SIDES: Final = {"skopeo": ("src-", "dest-"), "oras": ("from-", "to-")}
"""How the flags begin that are for where a copy comes from, and for where it goes."""
_PAIR: Final = "creds"
_TOKENS: Final = ("registry-token", "identity-token")
_STDIN: Final = ("password-stdin", "identity-token-stdin")


def of_copy(tool: str, place: Place, flags: Sequence[Flag], source: Text | None, target: Text) -> Iterator[Login]:
    """The logins of a copy between two names; the source is None where it is in no registry."""
    if tool == "regctl":
        yield from _of_hosts(tool, place, flags)
    if tool not in _SIDES:
        return
    for prefix, name, reach in zip(_SIDES[tool], (source, target), (Reach.PULL, Reach.PUSH), strict=True):
        if name is not None:
            own = [flag._replace(name=flag.name.removeprefix(prefix)) for flag in flags if flag.name.startswith(prefix)]
            yield from given(f"{tool} copy", place, own, name, None, reach)


def given(
    tool: str, place: Place, flags: Sequence[Flag], name: Text, stdin: Text | None, reach: Reach = Reach.PUSH
) -> Iterator[Login]:
    """The login at the registry of a name; none where the flags bring no password. `stdin` is what may bring it."""
    last = {flag.name: flag for flag in flags}
    token = next((last[each] for each in _TOKENS if each in last), None)
    flag = last.get(_PAIR) or token or last.get("password")
    user = last["username"].value if "username" in last else None
    password: Text | None = None
    if flag is not None and flag.value is not None:
        password = flag.value
        if flag.name == _PAIR:
            user, password = flag.value.partition(":")
            if password is None and flag.value.text != HOLE:
                return  # Only a user: the password is asked for.
            password = flag.value if password is None else password
    elif any(each in last for each in _STDIN):
        password, flag = stdin, None
    else:
        return
    yield Login(
        tool,
        place,
        parse_partial(name).domain or unknown("the registry", *name.place),
        user,
        credential_of(password),
        Way.STDIN if flag is None else Way.ARGUMENT,
        flag.place if flag is not None else None,
        takes_no_user=token is not None or tool.startswith(("oras", "helm")),
        reach=reach,
    )


def _of_hosts(tool: str, place: Place, flags: Sequence[Flag]) -> Iterator[Login]:
    """The logins of `--host reg=REGISTRY,user=USER,pass=PASSWORD`."""
    for flag in flags:
        if flag.name == "host" and flag.value is not None:
            fields = {key.text: value for key, value in (part.partition("=") for part in flag.value.split(","))}
            registry, password = fields.get("reg"), fields.get("pass")
            if registry is not None and password is not None:
                yield Login(
                    f"{tool} image copy", place, registry, fields.get("user"), credential_of(password), Way.ARGUMENT,
                    flag.place, takes_no_user=True, reach=Reach.PUSH,
                )  # fmt: skip
