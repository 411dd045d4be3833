"""The commands that log in to a registry.

Flags: https://docs.docker.com/reference/cli/docker/login/, https://docs.podman.io/en/latest/markdown/podman-login.1.html,
https://oras.land/docs/commands/oras_login, https://helm.sh/docs/helm/helm_registry_login/,
https://github.com/google/go-containerregistry/blob/main/cmd/crane/doc/crane_auth_login.md,
https://github.com/sigstore/cosign/blob/main/doc/cosign_login.md, https://regclient.org/cli/regctl/registry/login/,
https://ko.build/reference/ko_login/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from imglint.model.commands.flags import Grammar, Word, grammar, parse, place_through
from imglint.model.credential import credential_of
from imglint.model.login import Login, Way
from imglint.syntax.text import Text

COMMANDS: Final[Mapping[str, tuple[str, ...]]] = {
    "docker": ("login",),
    "podman": ("login",),
    "nerdctl": ("login",),
    "buildah": ("login",),
    "finch": ("login",),
    "skopeo": ("login",),
    "oras": ("login",),
    "cosign": ("login",),
    "crane": ("auth", "login"),
    "helm": ("registry", "login"),
    "regctl": ("registry", "login"),
    "ko": ("login",),
}
"""The tools that log in, and the words that make them do it."""

_STDIN: Final = ("password-stdin", "pass-stdin", "identity-token-stdin")


def _grammar() -> Grammar:
    return grammar(
        "username password user pass authfile cert-dir registry-config ca-file cert-file key-file cert key config "
        "identity-token secret format context log-level to-file",
        "password-stdin pass-stdin identity-token-stdin tls-verify get-login verbose insecure plain-http skip-check "
        "debug help",
        "u=username p=password v=verbose h=help i=insecure D=debug",
    )


def login(engine: str, words: Sequence[Word], given: Text | None) -> Login | None:
    """The login that a command is; None when it is none. `given` is what its standard input brings, if known."""
    path = COMMANDS.get(engine, ())
    if not path or tuple(word.text.text for word in words[1 : 1 + len(path)]) != path:
        return None
    parsed = parse(words[1 + len(path) :], _grammar())
    if parsed.switch("get-login") or parsed.switch("help"):
        return None
    place = place_through(words[0].text, words[len(path)].text)
    flag = next((each for each in reversed(parsed.flags) if each.name in ("password", "pass")), None)
    password: Text | None = None
    way = Way.NONE
    if flag is not None and flag.value is not None:
        password, way = flag.value, Way.ARGUMENT
    elif any(parsed.switch(name) for name in _STDIN) or given is not None:
        password, way = given, Way.STDIN
    return Login(
        " ".join((engine, *path)),
        place,
        parsed.words[-1] if parsed.words else None,
        parsed.last("username", "user"),
        credential_of(password),
        way,
        flag.place if way is Way.ARGUMENT and flag is not None else None,
        takes_no_user=parsed.open or parsed.last("identity-token", "secret") is not None,
    )
