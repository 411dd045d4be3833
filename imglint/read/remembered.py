"""Reading again only what has changed, for who reads the same files many times."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Final

from imglint.read.tree import InputError, read_source
from imglint.record import NamedTuple
from imglint.source import Source

MAX_FILES: Final = 1_000
"""Files that are remembered; beyond that, all are forgotten."""


class Signature(NamedTuple):
    """What tells one state of a file from another without reading it."""

    inode: int
    size: int
    modified: int


def signature(path: str) -> Signature | None:
    """The state of a file, None when there is none."""
    try:
        found = os.stat(path)
    except (OSError, ValueError):
        return None
    return Signature(found.st_ino, found.st_size, found.st_mtime_ns)


class Remembered:
    """Gives the texts of files, the same `Source` for the same state, with all that was read out of it."""

    def __init__(self, read: Callable[[str], Source | InputError] = read_source) -> None:
        self._read = read
        self._known: dict[str, tuple[Signature | None, Source | InputError]] = {}

    def __call__(self, path: str) -> Source | InputError:
        """The text of a file, or the reason why there is none."""
        now = signature(path)
        before = self._known.get(path)
        if before and before[0] == now:
            return before[1]
        if len(self._known) >= MAX_FILES:
            self._known.clear()
        source = self._read(path)
        self._known[path] = (now, source)
        return source
