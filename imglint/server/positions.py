"""Places as editors count them: lines from 0, and characters from 0 in units of the encoding that was agreed on.

https://microsoft.github.io/language-server-protocol/specifications/lsp/3.17/specification/#position
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Callable
from enum import Enum
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Source, Span

_LINE_END: Final = "\r\n|\r|\n"


class Encoding(Enum):
    """The units in which characters of a line are counted."""

    UTF_8 = "utf-8"
    UTF_16 = "utf-16"
    UTF_32 = "utf-32"


class Place(NamedTuple):
    """A position of the protocol."""

    line: int
    character: int


def _units_8(text: str) -> int:
    return len(text.encode("utf-8", "surrogatepass"))


def _units_16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


_UNITS: Final[dict[Encoding, Callable[[str], int]]] = {
    Encoding.UTF_8: _units_8,
    Encoding.UTF_16: _units_16,
    Encoding.UTF_32: len,
}


class Lines:
    r"""A text cut into lines as the protocol has them: they end in `\n`, `\r\n` or `\r`, and at nothing else."""

    def __init__(self, text: str, encoding: Encoding) -> None:
        self.text = text
        self._units = _UNITS[encoding]
        self._starts = [0, *(match.end() for match in re.finditer(_LINE_END, text))]

    def place(self, offset: int) -> Place:
        """The position of an offset in code points; the end of the text for what lies behind it."""
        offset = min(offset, len(self.text))
        line = bisect_right(self._starts, offset) - 1
        return Place(line, self._units(self.text[self._starts[line] : offset]))

    def offset(self, place: Place) -> int:
        """The offset of a position: the end of the line, or of the text, for one behind it.

        A position within a character is that of the character.
        """
        if place.line < 0:
            return 0
        if place.line >= len(self._starts):
            return len(self.text)
        start = self._starts[place.line]
        end = self._starts[place.line + 1] if place.line + 1 < len(self._starts) else len(self.text)
        line = self.text[start:end].rstrip("\r\n")
        if line.isascii() or self._units is len:
            return start + min(max(place.character, 0), len(line))
        units = 0
        for number, character in enumerate(line):
            units += self._units(character)
            if units > place.character:
                return start + number
        return start + len(line)

    def range(self, span: Span) -> tuple[Place, Place]:
        """The two positions of a span."""
        return self.place(span.start), self.place(span.end)

    def replaced(self, start: Place, end: Place, text: str) -> str:
        """The whole text with what is between two positions replaced."""
        first = self.offset(start)
        return self.text[:first] + text + self.text[max(first, self.offset(end)) :]


def lines_of(source: Source, encoding: Encoding) -> Lines:
    """The lines of a source, cut once."""
    return source.read_once(f"lines {encoding.value}", lambda each: Lines(each.text, encoding))
