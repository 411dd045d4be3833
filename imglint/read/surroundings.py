"""The root of a project, and the files in it that tell how the files that were named are built.

Nothing is followed out of the root, and no file is run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from imglint.model.kind import Kind, kind_of
from imglint.read.file import UnreadableError, display, is_within, read_bytes
from imglint.read.tree import InputError, read_source
from imglint.source import Source

ROOT_MARKS: Final = (".git", ".github")
"""What the root of a project holds."""

MAX_BYTES: Final = 1 << 20
"""Bytes of a surrounding file that are searched for a word that tells of builds."""

_WORDS: Final = (b"docker", b"buildah", b"podman", b"nerdctl", b"kaniko", b"bake", b"build:")
_NO_BUILDS: Final = frozenset((None, Kind.DOCKERFILE, Kind.DOCUMENT, Kind.TEXT))
_FOLDERS: Final = ("", ".github/workflows", ".github/actions", "scripts", "hack", "ci", "build", "docker")


def project_root(directory: str) -> str | None:
    """The nearest directory, upwards, that holds one of `ROOT_MARKS`; None when there is none.

    As it can be opened from the working directory: `directory` with the end cut off, or `..` before it.
    """
    folder = directory
    real = os.path.realpath(directory)
    while True:
        if any(os.path.lexists(os.path.join(real, mark)) for mark in ROOT_MARKS):
            return folder
        parent = os.path.dirname(real)
        if parent == real:
            return None
        name = os.path.basename(folder)
        folder = (os.path.dirname(folder) or os.curdir) if name not in ("", os.curdir, os.pardir) else _above(folder)
        real = parent


def _above(folder: str) -> str:
    return os.pardir if folder in ("", os.curdir) else os.path.join(folder, os.pardir)


def surrounding(root: str, directories: Iterable[str]) -> Iterator[str]:
    """The paths (from the root, forward slashes) of files that may build what is in the directories.

    Looked at are the usual places below the root, and every directory from those named up to the root.
    """
    folders = dict.fromkeys(_FOLDERS)
    for directory in directories:
        while directory:
            folders[directory] = None
            directory = os.path.dirname(directory)
    for folder in folders:
        for name in _names(os.path.join(root, folder)):
            path = f"{folder}/{name}" if folder else name
            if kind_of(f"/{path}") not in _NO_BUILDS and _tells_of_builds(root, path):
                yield path
        if folder == ".github/actions":
            for name in _names(os.path.join(root, folder)):
                for action in ("action.yml", "action.yaml"):
                    if _tells_of_builds(root, f"{folder}/{name}/{action}"):
                        yield f"{folder}/{name}/{action}"


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _tells_of_builds(root: str, path: str) -> bool:
    try:
        data = read_bytes(os.path.join(root, path), MAX_BYTES)
    except UnreadableError:
        return False
    return any(word in data for word in _WORDS)


def find_below(root: str, path: str, read: Callable[[str], Source | InputError] = read_source) -> Source | None:
    """The text of a file below a root; None when there is none, or it cannot be read, or leads out of the root."""
    whole = os.path.normpath(os.path.join(root, path))
    if not os.path.isfile(whole) or not is_within(os.path.realpath(whole), os.path.realpath(root)):
        return None
    source = read(whole)
    if isinstance(source, InputError):
        return None
    shown = display(whole if os.path.isabs(whole) else os.path.relpath(whole))
    return source if source.path == shown else Source(shown, source.text)
