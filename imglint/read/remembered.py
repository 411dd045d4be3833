"""Looking again only at what has changed, for who asks the disk the same many times."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from time import time_ns
from typing import Final, TypeVar, cast

from imglint.record import NamedTuple
from imglint.source import Source

MAX_PLACES: Final = 10_000
"""Answers that are remembered; beyond that, all are forgotten."""

TICK: Final = 100_000_000
"""Nanoseconds in which a file system may give two changes the same time: a tick of the kernel's clock, and plenty."""

T = TypeVar("T")


class Signature(NamedTuple):
    """What tells one state of a file or directory from another without reading it."""

    inode: int
    size: int
    modified: int


UNSETTLED: Final = Signature(0, 0, 0)
"""Stands for the state of what has changed so lately that the next change may look the same."""


def signature(path: str) -> Signature | None:
    """The state of a file or directory, of a link that leads nowhere, or None when there is nothing."""
    for status in (os.stat, os.lstat):
        try:
            found = status(path)
        except (OSError, ValueError):
            continue
        return Signature(found.st_ino, found.st_size, found.st_mtime_ns)
    return None


def unchanged(signatures: Mapping[str, Signature | None]) -> bool:
    """Whether everything is in the state that was noted."""
    return all(signature(path) == known for path, known in signatures.items())


class _Answer(NamedTuple):
    """What was made of a path in a state; not to be relied on unless it had `settled` by then."""

    state: Signature | None
    settled: bool
    found: object


class Remembered:
    """Looks at files and directories, and gives the same answer as long as their state is the same.

    A file is the same `Source` then, with all that was read out of it.
    """

    def __init__(self) -> None:
        self._answers: dict[tuple[object, ...], _Answer] = {}
        self._noted: dict[str, Signature | None] = {}

    def note(self) -> Mapping[str, Signature | None]:
        """Where the states of all that is looked at from now on are noted."""
        self._noted = {}
        return self._noted

    def __call__(self, path: str, read: Callable[..., T], *given: str) -> T:
        """What `read` makes of a path."""
        state = signature(path)
        settled = state is None or abs(time_ns() - state.modified) > TICK
        self._noted[path] = state if settled else UNSETTLED
        key = (path, read, *given)
        before = self._answers.get(key)
        if before and before.state == state and before.settled:
            return cast(T, before.found)
        found: object = read(path, *given)
        if before and before.state == state and _same_text(before.found, found):
            found = before.found
        if len(self._answers) >= MAX_PLACES:
            self._answers.clear()
        self._answers[key] = _Answer(state, settled, found)
        return cast(T, found)


def _same_text(before: object, found: object) -> bool:
    return isinstance(before, Source) and isinstance(found, Source) and before.text == found.text
