"""What git's own files say of a checkout, without running git: a repository's settings can name programs to run."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from imglint.read.file import MEBIBYTE, UnreadableError, read_bytes
from imglint.record import NamedTuple
from imglint.source import decode

if TYPE_CHECKING:
    from imglint.syntax.gitconfig import Entry

MAX_BYTES = MEBIBYTE
"""Bytes of one of git's files that are read; a longer one is treated as absent."""

MAX_INCLUDE_DEPTH = 5
MAX_INCLUDED_FILES = 50


class Remote(NamedTuple):
    """A remote of a repository: the address git would fetch from."""

    name: str
    url: str


def worktree_root(directory: str) -> str | None:
    """The real path of the nearest directory, upwards, that holds `.git`; `None` outside any."""
    folder = os.path.realpath(directory)
    while not os.path.lexists(os.path.join(folder, ".git")):
        parent = os.path.dirname(folder)
        if parent == folder:
            return None
        folder = parent
    return folder


def git_folder(root: str) -> str | None:
    """The folder of the repository whose worktree begins at `root`: where its `config` and `info` are.

    That is `.git`, or, for a linked worktree or a submodule, what the file `.git` points to; `None` when
    that leads nowhere.
    """
    folder: str | None = os.path.join(root, ".git")
    if folder and not os.path.isdir(folder):
        folder = _pointer(folder, root, "gitdir:")
    if folder is None:
        return None
    return _pointer(os.path.join(folder, "commondir"), folder) or folder


def remotes(directory: str, environment: Mapping[str, str] | None = None) -> tuple[Remote, ...]:
    """The remotes of the repository around a directory, `origin` first, the others as they are written.

    Addresses are rewritten by `url.<base>.insteadOf` of the repository and of the user. `environment`
    (`os.environ` unless given) says where the user's configuration lies.
    """
    root = worktree_root(directory)
    folder = git_folder(root) if root else None
    if folder is None:
        return ()
    own = list(_entries(os.path.join(folder, "config")))
    urls: dict[str, str] = {}
    for entry in own:
        if entry.section == "remote" and entry.key == "url" and entry.subsection and entry.value:
            urls.setdefault(entry.subsection, entry.value)
    if not urls:
        return ()
    rewrites = _rewrites([*_user_entries(os.environ if environment is None else environment), *own])
    found = [Remote(name, _rewritten(url, rewrites)) for name, url in urls.items()]
    return tuple(sorted(found, key=lambda remote: remote.name != "origin"))


def _pointer(path: str, base: str, keyword: str = "") -> str | None:
    """The folder that a one-line file of git's names, relative to `base`; `None` when it names none."""
    try:
        text = decode(read_bytes(path, MAX_BYTES))
    except UnreadableError:
        return None
    if not text.startswith(keyword):
        return None
    folder = os.path.normpath(os.path.join(base, text.removeprefix(keyword).strip(" \t\r\n")))
    return folder if os.path.isdir(folder) else None


def _entries(path: str) -> Iterator[Entry]:
    """The variables of one file, none when it cannot be read."""
    try:
        data = read_bytes(path, MAX_BYTES)
    except UnreadableError:
        return iter(())
    from imglint.syntax.gitconfig import entries

    return entries(decode(data))


def _user_entries(environment: Mapping[str, str]) -> Iterator[Entry]:
    """The variables of the user's own configuration, in the order git reads its files."""
    home = environment.get("HOME", "")
    named = environment.get("GIT_CONFIG_GLOBAL")
    if named is not None:
        paths = [named]
    else:
        settings = environment.get("XDG_CONFIG_HOME") or (home and os.path.join(home, ".config"))
        paths = [os.path.join(settings, "git", "config")] if settings else []
        paths += [os.path.join(home, ".gitconfig")] if home else []
    budget = iter(range(MAX_INCLUDED_FILES))
    for path in paths:
        yield from _with_includes(path, home, MAX_INCLUDE_DEPTH, budget)


def _with_includes(path: str, home: str, depth: int, budget: Iterator[int]) -> Iterator[Entry]:
    """The variables of a file and, in their place, of what its `include.path` names."""
    for entry in _entries(path):
        yield entry
        if entry.section == "include" and entry.subsection is None and entry.key == "path" and entry.value:
            if depth == 0 or next(budget, None) is None:
                continue
            target = entry.value
            if target.startswith("~/"):
                target = os.path.join(home, target[2:])
            yield from _with_includes(os.path.join(os.path.dirname(path), target), home, depth - 1, budget)


def _rewrites(configuration: list[Entry]) -> list[tuple[str, str]]:
    """Pairs of an address' beginning and what git puts in its place."""
    return [
        (entry.value, entry.subsection)
        for entry in configuration
        if entry.section == "url" and entry.key == "insteadof" and entry.subsection is not None and entry.value
    ]


def _rewritten(url: str, rewrites: list[tuple[str, str]]) -> str:
    """The address after the longest beginning that matches is replaced; the first of several as long."""
    matching = [pair for pair in rewrites if url.startswith(pair[0])]
    if not matching:
        return url
    beginning, base = max(matching, key=lambda pair: len(pair[0]))
    return base + url.removeprefix(beginning)
