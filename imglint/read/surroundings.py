"""The root of a project, and the files in it that tell how the files that were named are built.

Nothing is followed out of the root, and no file is run.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Container, Iterable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

from imglint.model.kind import Kind, kind_of
from imglint.read.file import UnreadableError, display, is_within, read_bytes
from imglint.read.tree import InputError, read_source
from imglint.source import Source

ROOT_MARKS: Final = (".git", ".github")
"""What the root of a project holds."""

MAX_BYTES: Final = 1 << 20
"""Bytes of a surrounding file that are searched for a word that tells of builds."""

T = TypeVar("T")

if TYPE_CHECKING:
    from typing import Protocol

    class Look(Protocol):
        """What knows how to look at a path."""

        def __call__(self, path: str, read: Callable[..., T], *given: str) -> T:
            """What `read` makes of the path and of what is `given` besides."""


def at_once(path: str, read: Callable[..., T], *given: str) -> T:
    """What `read` makes of a path now."""
    return read(path, *given)


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


def surrounding(
    root: str, directories: Iterable[str], look: Look = at_once, known: Container[str] = ()
) -> Iterator[str]:
    """The paths (from the root, forward slashes) of files that may build what is in the directories, but those known.

    Looked at are the usual places below the root, and every directory from those named up to the root.
    """

    def tells(path: str) -> bool:
        return path not in known and look(os.path.join(root, path), _tells_of_builds)

    folders = dict.fromkeys(_FOLDERS)
    for directory in directories:
        while directory:
            folders[directory] = None
            directory = os.path.dirname(directory)
    for folder in folders:
        names = look(os.path.join(root, folder), _names)
        for name in names:
            path = f"{folder}/{name}" if folder else name
            if kind_of(f"/{path}") not in _NO_BUILDS and tells(path):
                yield path
        if folder == ".github/actions":
            for name in names:
                for action in ("action.yml", "action.yaml"):
                    if tells(f"{folder}/{name}/{action}"):
                        yield f"{folder}/{name}/{action}"


def _names(folder: str) -> list[str]:
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []


def _tells_of_builds(path: str) -> bool:
    try:
        data = read_bytes(path, MAX_BYTES)
    except UnreadableError:
        return False
    return any(word in data for word in _WORDS)


def find_below(root: str, path: str, look: Look = at_once) -> Source | None:
    """The text of a file below a root; None when there is none, or it cannot be read, or leads out of the root."""
    return look(os.path.normpath(os.path.join(root, path)), _source_within, root)


def _source_within(path: str, root: str) -> Source | None:
    if not os.path.isfile(path) or not is_within(os.path.realpath(path), os.path.realpath(root)):
        return None
    source = read_source(path)
    if isinstance(source, InputError):
        return None
    shown = display(path if os.path.isabs(path) else os.path.relpath(path))
    return source if source.path == shown else Source(shown, source.text)
