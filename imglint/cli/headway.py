"""How far a long run is, on a terminal."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterable, Iterator
from typing import Final, Protocol, TypeVar


class Counted(Protocol):
    """What a project comes to, and how many files it has."""

    @property
    def files(self) -> int:
        """Files that are done."""


T = TypeVar("T")
C = TypeVar("C", bound=Counted)

PATIENCE: Final = 1.0
"""Seconds that a run may take before it tells how far it is."""

_BETWEEN: Final = 0.1
_LENGTH: Final = 30
_CLEARED: Final = "\r\x1b[K"


class Headway:
    """A line on standard error, drawn over and over and wiped out at the end; nothing where that is no terminal."""

    def __init__(self) -> None:
        self.shows = sys.stderr is not None and sys.stderr.isatty()
        self.next = time.monotonic() + PATIENCE
        self.drawn = False
        self.read = 0

    def reading(self, inputs: Iterable[T]) -> Iterator[T]:
        """The inputs, counted as they come."""
        for each in inputs:
            self.read += 1
            self._show(f"reading: {self.read:,} files")
            yield each

    def judging(self, outcomes: Iterable[C]) -> Iterator[C]:
        """What projects come to, counted as it comes."""
        done = 0
        try:
            for outcome in outcomes:
                done += outcome.files
                self._show(line(done, max(self.read, done)))
                yield outcome
        finally:
            if self.drawn:
                self._write(_CLEARED)

    def _show(self, text: str) -> None:
        if self.shows and (now := time.monotonic()) >= self.next:
            self.next = now + _BETWEEN
            self.drawn = True
            self._write(_CLEARED + text)

    def _write(self, text: str) -> None:
        sys.stderr.write(text)
        sys.stderr.flush()


def line(done: int, whole: int) -> str:
    """A bar with what it means: `██████▌         25 %  1,207 of 4,829 files`."""
    share = done / whole if whole else 1
    eighths = round(share * _LENGTH * 8)
    full, rest = divmod(eighths, 8)
    bar = ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(_LENGTH)
    return f"{bar}  {share * 100:3.0f} %  {done:,} of {whole:,} files"
