"""One text input and the places in it.

Everything inside imglint speaks of places as offsets into the decoded text (`Span`); lines and columns are
computed once, at the edge, by `Source`.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from itertools import accumulate
from typing import TypeVar, cast

from imglint.record import NamedTuple

T = TypeVar("T")

BOM = "\ufeff"


class Span(NamedTuple):
    """A range of a source: offsets from 0 in code points of the text, the end not included."""

    start: int
    end: int


class Position(NamedTuple):
    """A place as people count it: line and column from 1, the column in code points."""

    line: int
    column: int


def decode(data: bytes) -> str:
    """Decode UTF-8 without losing a byte: what is not UTF-8 becomes a lone surrogate (PEP 383).

    A byte-order mark stays in the text as its first character, so that offsets cover the whole file.
    """
    return data.decode("utf-8", "surrogateescape")


def encode(text: str) -> bytes:
    """The bytes that `decode` made a text of."""
    return text.encode("utf-8", "surrogateescape")


def printable(text: str) -> str:
    """Replace what stands for undecodable bytes by U+FFFD, as BuildKit shows them."""
    return text if text.isascii() else re.sub("[\ud800-\udfff]", "\ufffd", text)


class Source:
    """A text with the path that messages name it by.

    `path` is for people: as the user typed it, with forward slashes. Lines end at a line feed only, as
    BuildKit and git see them; a carriage return before it belongs to the line. `numbered` is False for a text that
    nobody can open, since it was laid out to be shown: its line numbers mean nothing.
    """

    __slots__ = ("_read", "_starts", "numbered", "path", "text")

    def __init__(self, path: str, text: str, numbered: bool = True) -> None:
        self.path = path
        self.text = text
        self.numbered = numbered
        self._starts: list[int] | None = None
        self._read: dict[str, object] = {}

    def __reduce__(self) -> tuple[type[Source], tuple[str, str, bool]]:
        """What another process gets: the text, without what readers have made of it."""
        return Source, (self.path, self.text, self.numbered)

    def read_once(self, reader: str, read: Callable[[Source], T]) -> T:
        """What a reader makes of the text, kept: several builds may be defined in one file."""
        if reader not in self._read:
            self._read[reader] = read(self)
        return cast(T, self._read[reader])

    def let_go(self) -> None:
        """Forget what was read out of the text: it is far larger, leads back here, and no finding needs it."""
        self._read.clear()

    @property
    def line_starts(self) -> list[int]:
        """The offset at which each line begins; the last one is empty when the text ends in a line feed."""
        if self._starts is None:
            self._starts = [0, *accumulate(len(line) + 1 for line in self.text.split("\n"))][:-1]
        return self._starts

    @property
    def line_end(self) -> str:
        """What ends the first line, and with it, as a rule, all others: a line feed, or one after a carriage return."""
        first = self.text.find("\n")
        return "\r\n" if self.text[max(0, first - 1) : max(0, first)] == "\r" else "\n"

    def position(self, offset: int) -> Position:
        """Line and column of an offset; one past the end of the text is allowed. A BOM has no column."""
        line = bisect_right(self.line_starts, offset)
        start = self.line_starts[line - 1]
        column = offset - start + 1
        if line == 1 and column > 1 and self.text.startswith(BOM):
            column -= 1
        return Position(line, column)

    def line(self, number: int) -> str:
        """The text of a line (from 1), without its line ending and without a byte-order mark."""
        starts = self.line_starts
        end = starts[number] - 1 if number < len(starts) else len(self.text)
        text = self.text[starts[number - 1] : end].removesuffix("\r")
        return text.removeprefix(BOM) if number == 1 else text

    def slice(self, span: Span) -> str:
        """The text of a span."""
        return self.text[span.start : span.end]
