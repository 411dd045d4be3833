"""What lies in the layers: judged only when these were read, which `--layers` asks for."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.wording import digest_at, in_layer
from imglint.finding import Finding, Severity
from imglint.model.image.contents import Account
from imglint.model.image.image import At, Variant
from imglint.model.image.size import decimal
from imglint.syntax.suspects import holds_credentials, may_be_anything, unneeded_part

MAX_NAMED: Final = 8
"""Files that one message names."""
MAX_FINDINGS: Final = 50
"""Files of one image that are reported one by one."""
LEAST_EFFICIENCY: Final = 0.9
"""As dive has it: https://github.com/wagoodman/dive#ci-integration"""
LEAST_WASTE: Final = 1_000_000
"""Bytes below which a waste is not worth a word."""

_OF_DISTRIBUTIONS: Final = frozenset((
    "bbsuid", "chage", "chfn", "chsh", "crontab", "dbus-daemon-launch-helper", "doas", "dotlockfile", "expiry",
    "fusermount", "fusermount3", "gpasswd", "mount", "mount.nfs", "newgidmap", "newgrp", "newuidmap",
    "pam_extrausers_chkpwd", "pam_timestamp_check", "passwd", "ping", "ping6", "pkexec", "polkit-agent-helper-1",
    "snap-confine", "ssh-agent",
    "ssh-keysign", "su", "sudo", "umount", "unix_chkpwd", "usernetctl", "utempter", "wall", "write",
))  # fmt: skip
"""Programs that distributions install so, in Debian's, Alpine's and Fedora's base packages."""


def setuid_file(variant: Variant, context: Context) -> Iterator[Finding]:
    """Files that run with the rights of their owner or group, whoever starts them."""
    contents = variant.contents
    if contents is None:
        return
    for number in sorted({member.layer for member in contents.special}):
        members = sorted((each for each in contents.special if each.layer == number), key=lambda each: each.path)
        usual = [each.path for each in members if each.path.rpartition("/")[2] in _OF_DISTRIBUTIONS]
        others = [each.path for each in members if each.path not in usual]
        for paths, whose in ((others, ""), (usual, ", as distributions install them")):
            if paths:
                what = "a file that runs" if len(paths) == 1 else f"{len(paths)} files that run"
                yield in_layer(
                    variant,
                    number,
                    context,
                    f"the layer holds {what} with the rights of the owner{whose}: {_listed(paths)}",
                    "setuid or setgid",
                    f"take the right away where nothing needs it\nRUN chmod a-s {_listed(paths, ' ')}",
                    group="setuid",
                )


def credential_file(variant: Variant, context: Context) -> Iterator[Finding]:
    """A file of a name that passwords or private keys are kept under."""
    suspects = variant.contents.suspects if variant.contents else ()
    for member in islice((each for each in suspects if holds_credentials(each.path)), MAX_FINDINGS):
        gone = "; a later layer hides it, and whoever pulls the image gets it all the same" if member.hidden else ""
        yield in_layer(
            variant,
            member.layer,
            context,
            f"the layer holds `{member.path}`, a file of a name that credentials are kept under{gone}",
            decimal(member.size),
            "if it holds a secret, replace that; keep the file out with .dockerignore, "
            "and mount it with --mount=type=secret where a RUN needs it",
            severity=Severity.INFO if may_be_anything(member.path) else None,
        )


def unneeded_file(variant: Variant, context: Context) -> Iterator[Finding]:
    """A file or folder that belongs beside the image and not into it."""
    sizes: dict[tuple[int, str], int] = {}
    for member in variant.contents.suspects if variant.contents else ():
        part = unneeded_part(member.path)
        if part:
            sizes[member.layer, part] = sizes.get((member.layer, part), 0) + member.size
    for (number, part), size in islice(sizes.items(), MAX_FINDINGS):
        yield in_layer(
            variant,
            number,
            context,
            f"the layer holds `{part}`, which no container needs",
            decimal(size),
            f"name it in .dockerignore, or remove it in the RUN that makes it\n{part.rpartition('/')[2]}",
        )


def duplicate_account_id(variant: Variant, context: Context) -> Iterator[Finding]:
    """Two users, or two groups, have the same number."""
    for file, what in (("/etc/passwd", "users"), ("/etc/group", "groups")):
        numbers = [each for each in _accounts(variant, file) if each.value.isascii() and each.value.isdigit()]
        for number, times in Counter(int(each.value) for each in numbers).items():
            names = list(dict.fromkeys(each.name for each in numbers if int(each.value) == number))
            if times > 1 and len(names) > 1:
                yield context.at(
                    _whole(variant),
                    f"the {what} {_listed(names)} have the same number {number} in `{file}`: the kernel sees one",
                    key=True,
                    help="give each a number of its own, or remove what is not needed",
                    group="accounts",
                )


def empty_password(variant: Variant, context: Context) -> Iterator[Finding]:
    """Somebody can log in without a password."""
    for file in ("/etc/shadow", "/etc/master.passwd"):
        for account in _accounts(variant, file):
            if account.value == "":
                yield context.at(
                    _whole(variant),
                    f"`{account.name}` has an empty password in `{file}`: everybody can become it",
                    key=True,
                    label=f"line {account.line} of {file}",
                    help=f"lock the password\nRUN passwd -l {account.name}",
                    group="accounts",
                )


def wasted_space(variant: Variant, context: Context) -> Iterator[Finding]:
    """Layers hold much that later ones remove or replace."""
    contents = variant.contents
    if contents is None or contents.limited or contents.efficiency >= LEAST_EFFICIENCY:
        return
    most = sorted(((size, number) for number, size in enumerate(contents.wasted) if size), reverse=True)
    total = sum(size for size, _ in most)
    if total < LEAST_WASTE:
        return
    layers = variant.layers or ()
    yield in_layer(
        variant,
        most[0][1],
        context,
        f"{decimal(total)} of files in the layers are removed or replaced by later ones, and are pulled all the same",
        f"{decimal(most[0][0])} in this layer",
        "remove files in the RUN that makes them, and change their owner or mode with COPY --chown and --chmod",
        related=[(digest_at(layers[number]), f"{decimal(size)} in this layer") for size, number in most[1:MAX_NAMED]],
    )


def _accounts(variant: Variant, file: str) -> Iterable[Account]:
    return (each for each in (variant.contents.accounts if variant.contents else ()) if each.file == file)


def _whole(variant: Variant) -> At:
    """What names all layers."""
    if variant.config is not None:
        return At(variant.config.document, (*variant.config.outer, "rootfs"))
    layers = variant.layers or ()
    return At(layers[0].at.document, layers[0].at.pointer[:-1])


def _listed(names: list[str], separator: str = ", ") -> str:
    more = f"{separator}…" if len(names) > MAX_NAMED else ""
    return separator.join(names[:MAX_NAMED]) + more
