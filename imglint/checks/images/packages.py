"""Package managers: what they leave in a layer, and what becomes of a list of packages that grows old."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Severity
from imglint.model.image.commands import Ran, layers_run
from imglint.model.image.image import Variant
from imglint.record import NamedTuple

GROUP: Final = "packages"

_APT: Final = frozenset(("apt", "apt-get", "aptitude"))
_RPM: Final = frozenset(("dnf", "microdnf", "tdnf", "yum", "zypper"))
_VALUED: Final = {
    **dict.fromkeys(_APT, frozenset(("-a", "-c", "-o", "-t", "--option", "--config-file", "--target-release"))),
    "apk": frozenset(("-t", "--virtual", "-X", "--repository", "-p", "--root", "--arch", "--wait", "--cache-max-age")),
    **dict.fromkeys(_RPM, frozenset(("-c", "-x", "-d", "-e", "--config", "--exclude", "--enablerepo", "--disablerepo",
                                     "--setopt", "--releasever", "--installroot", "-R", "--root"))),
}  # fmt: skip
"""Options whose value is the next word."""
_ELSEWHERE: Final = r"--(?:root|installroot|cache-dir|cachedir)\b|-[pRs]\Z|(?:-o)?Dir::|--(?:no-network|simulate)\Z"
"""Options with which the files land elsewhere, or nowhere."""
_DIST_UPGRADES: Final = frozenset(("dist-upgrade", "full-upgrade"))
_REMOVERS: Final = frozenset(("find", "mv", "rm", "shred", "unlink"))
_HARMLESS: Final = frozenset(
    (":", "[", "cd", "cp", "date", "echo", "exit", "export", "mkdir", "printf", "rm", "set", "sleep", "test", "touch",
     "true")
)  # fmt: skip
"""Commands that install nothing."""
_PACKAGED: Final = frozenset((*_APT, *_RPM, "apk"))
_SHELLS: Final = frozenset((".", "ash", "bash", "dash", "sh", "source"))
_OTHER_FOLDERS: Final = ("/etc/", "/tmp/", "/usr/", "/var/tmp/", "/var/log/")


class _Manager(NamedTuple):
    """What a package manager fetches, with which commands; the folder it lands in, and how it is kept out.

    `parts` are the names below or beside the folder by which `rm` may mean it.
    """

    programs: frozenset[str]
    fetching: frozenset[str]
    verb: str
    folder: str
    parts: frozenset[str]
    cleaning: frozenset[str]
    help: str


_RPM_FETCHING: Final = frozenset(
    ("distro-sync", "dist-upgrade", "dup", "groupinstall", "in", "install", "localinstall", "makecache", "ref",
     "refresh", "reinstall", "swap", "up", "update", "upgrade")
)  # fmt: skip
_MANAGERS: Final = (
    _Manager(
        _APT, frozenset(("update",)), "lists that `{}` fetched stay", "/var/lib/apt/lists", frozenset(("apt",)),
        frozenset(("dist-clean", "distclean")),
        "remove them in the same RUN, or keep them in a cache mount\nrm -rf /var/lib/apt/lists/*",
    ),
    _Manager(
        frozenset(("apk",)), frozenset(("add", "update", "upgrade", "fix")), "index that `{}` fetched stays",
        "/var/cache/apk", frozenset(("apk",)), frozenset(), "write `apk add --no-cache …`",
    ),
    _Manager(
        _RPM, _RPM_FETCHING, "cache of `{}` stays", "/var/cache", frozenset(("yum", "dnf", "libdnf5", "tdnf", "zypp")),
        frozenset(("clean", "cc")), "clean up in the same RUN, or keep the cache in a mount\n{} clean all",
    ),
)  # fmt: skip


def package_cache_in_layer(variant: Variant, context: Context) -> Iterator[Finding]:
    """What a package manager fetched for itself stays in a layer."""
    for layer in layers_run(variant):
        for manager in _MANAGERS:
            last = _last_fetch(layer, manager)
            if last is None or layer[last].cached or _is_removed(layer[last + 1 :], manager):
                continue
            ran = layer[last]
            unknown = ran.cached is None
            unless = ", unless a cache was mounted, which the history does not tell" if unknown else ""
            yield context.finding(
                ran.span,
                f"the package {manager.verb.format(f'{ran.program} {_subcommand(ran)}')} in the layer{unless}",
                label=f"nothing empties {manager.folder}",
                help=manager.help.format(ran.program),
                group=GROUP,
                source=ran.at.document.source,
                severity=Severity.INFO if unknown else None,
            )


def update_alone(variant: Variant, context: Context) -> Iterator[Finding]:
    """A layer holds package lists, and later ones install what these say."""
    for layer in layers_run(variant):
        for program, help in (("apt", "apt-get update && apt-get install …"), ("apk", "apk add --no-cache …")):
            updates = [ran for ran in layer if _is_update(ran, program)]
            if updates and not updates[0].cached and all(_is_harmless(ran, program) for ran in layer):
                ran = updates[-1]
                yield context.finding(
                    ran.span,
                    f"`{ran.program} update` has a layer of its own: later ones install from lists that grow old",
                    label="cached, and not run again",
                    help=f"update and install in the same RUN\nRUN {help}",
                    group=GROUP,
                    source=ran.at.document.source,
                )


def dist_upgrade(variant: Variant, context: Context) -> Iterator[Finding]:
    """The whole distribution was upgraded."""
    for layer in layers_run(variant):
        ran = next((each for each in layer if each.program in _APT and _subcommand(each) in _DIST_UPGRADES), None)
        if ran is not None:
            yield context.finding(
                ran.span,
                f"`{ran.program} {_subcommand(ran)}` may remove packages of the base image, and install others",
                help="name a newer base image, or upgrade the packages that need it",
                source=ran.at.document.source,
            )


def sudo_in_history(variant: Variant, context: Context) -> Iterator[Finding]:
    """A command was run with sudo."""
    for layer in layers_run(variant):
        first = {ran.step.number: ran for ran in reversed(layer) if ran.sudo}
        for _, ran in sorted(first.items()):
            yield context.finding(
                ran.span,
                "a command was run with sudo, which the image then has to contain",
                help="switch with USER, or step down with gosu or setpriv",
                source=ran.at.document.source,
            )


def _subcommand(ran: Ran) -> str:
    """What a package manager is to do: the first word that is neither an option nor the value of one."""
    valued = _VALUED.get(ran.program, frozenset())
    skip = False
    for word in ran.words[1:]:
        if skip or word.startswith("-"):
            skip = not skip and word in valued
        else:
            return word
    return ""


def _last_fetch(layer: Sequence[Ran], manager: _Manager) -> int | None:
    for number in range(len(layer) - 1, -1, -1):
        ran = layer[number]
        if (
            ran.program in manager.programs
            and _subcommand(ran) in manager.fetching
            and "--no-cache" not in ran.words
            and not any(re.match(_ELSEWHERE, word) for word in ran.words[1:])
        ):
            return number
    return None


def _is_removed(later: Sequence[Ran], manager: _Manager) -> bool:
    """Whether one of the later commands in the layer removes the files, or may do."""
    return any(
        (ran.program in manager.programs and _subcommand(ran) in manager.cleaning)
        or (ran.program in _REMOVERS and any(_may_mean(word, manager) for word in ran.words[1:]))
        or (ran.program not in _PACKAGED and any("clean" in word for word in _scripts(ran)))
        for ran in later
    )


def _may_mean(word: str, manager: _Manager) -> bool:
    """Whether a word of `rm` may mean the folder; what only a run can tell may mean anything."""
    if not word:
        return True
    if word.startswith(("-", *_OTHER_FOLDERS)):
        return False
    above = f"{word.rstrip('/*')}/"
    return manager.folder.startswith(above) or bool(manager.parts.intersection(re.findall(r"[a-z0-9]+", word)))


def _scripts(ran: Ran) -> tuple[str, ...]:
    """The names of scripts that a command runs: what they do is not known."""
    return ran.words[:3] if ran.program in _SHELLS else ran.words[:1]


def _is_update(ran: Ran, program: str) -> bool:
    programs = _APT if program == "apt" else (program,)
    return ran.program in programs and _subcommand(ran) == "update" and "--no-cache" not in ran.words


def _is_harmless(ran: Ran, program: str) -> bool:
    """Whether a command surely installs nothing."""
    if _is_update(ran, program):
        return True
    if ran.program in _APT:
        return _subcommand(ran) in ("clean", "autoclean", "dist-clean", "distclean")
    return ran.program in _HARMLESS
