"""A piece of text that remembers where each of its characters is written, and which parts of it nobody knows.

A label may be written in a workflow, take its value from an environment variable and its end from a secret. `Text` is
what all readers and models hand on: it can be cut by any list dialect, and every cut still has its place in a file.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator
from itertools import accumulate
from typing import Final, TypeVar, cast

from imglint.record import NamedTuple
from imglint.source import Source, Span

T = TypeVar("T")

HOLE: Final = "\0"
"""The one character that stands in a text for a part of unknown value."""


_new: Final = tuple.__new__
"""Makes places and pieces without the call between that their constructors are: nothing is made as often."""


class Place(NamedTuple):
    """A range of a file."""

    source: Source
    span: Span


class Piece(NamedTuple):
    """A run of characters with one place.

    `exact`: character by character what is written at the span; else the span is that of what was replaced (an
    expression, a variable, an escaped string). `unknown` says in words what is not known when `text` is `HOLE`.
    `origin` is where a replaced value was defined, when that is another place.
    """

    text: str
    source: Source
    span: Span
    exact: bool = True
    unknown: str = ""
    origin: Place | None = None


class Text:
    """Pieces in a row. Immutable; there is at least one piece, so that even an empty text has a place."""

    __slots__ = ("_read", "_starts", "pieces", "text")

    def __init__(self, pieces: Iterable[Piece]) -> None:
        self.pieces = tuple(pieces)
        if not self.pieces:
            raise ValueError("a text needs a place")
        self._starts: list[int] | None = None
        self._read: dict[str, object] | None = None
        self.text = self.pieces[0].text if len(self.pieces) == 1 else "".join(piece.text for piece in self.pieces)

    def __repr__(self) -> str:
        return f"Text({self.text!r})"

    def __eq__(self, other: object) -> bool:
        """Whether both are the same text wherever they are written, unknown parts of the same name included."""
        return isinstance(other, Text) and self.key == other.key

    def __hash__(self) -> int:
        return hash(self.key)

    def read_once(self, reader: str, read: Callable[[Text], T]) -> T:
        """What a reader makes of the text, kept: many rules look at the same names."""
        if self._read is None:
            self._read = {}
        if reader not in self._read:
            self._read[reader] = read(self)
        return cast(T, self._read[reader])

    @property
    def key(self) -> tuple[str, tuple[str, ...]]:
        """What makes two texts equal: the characters, and the names of the unknown parts."""
        return self.text, self.unknowns

    @property
    def unknowns(self) -> tuple[str, ...]:
        """What is not known, in order, in words (`secrets.TOKEN`)."""
        return tuple(piece.unknown for piece in self.pieces if piece.unknown) if HOLE in self.text else ()

    @property
    def value(self) -> str | None:
        """The whole text, or None when a part of it is unknown."""
        return None if HOLE in self.text else self.text

    @property
    def shown(self) -> str:
        """The text for people: `…` for each unknown part."""
        return self.text.replace(HOLE, "…")

    @property
    def source(self) -> Source:
        """The file in which the text begins."""
        return self.pieces[0].source

    @property
    def span(self) -> Span:
        """From the first character to the last, as far as they are in the same file."""
        first = self.pieces[0]
        if len(self.pieces) == 1:
            return first.span
        end = max(piece.span.end for piece in self.pieces if piece.source is first.source)
        return Span(first.span.start, max(end, first.span.start))

    @property
    def place(self) -> Place:
        """Where the text is written."""
        piece = self.pieces[0]
        return _new(Place, (piece[1], piece[2] if len(self.pieces) == 1 else self.span))

    @property
    def origin(self) -> Place:
        """Where the text was defined: for a single replaced value the place of its definition, else `place`.

        An empty place of definition means that a value comes from outside all files.
        """
        origin = self.pieces[0].origin
        if len(self.pieces) > 1:
            origins = {piece.origin for piece in self.pieces if piece.text} or {origin}
            origin = origins.pop() if len(origins) == 1 else None
        return origin if origin is not None and origin.span.start < origin.span.end else self.place

    def cut(self, start: int, end: int | None = None) -> Text:
        """The part between two offsets (from 0, the end not included), with its own place."""
        size = len(self.text)
        if end is None or end > size:
            end = size
        if start <= 0:
            start = 0
        elif start > size:
            start = size
        if end < start:
            end = start
        pieces = self.pieces
        if len(pieces) == 1:
            return self if start == 0 and end == size else _single(_shorten(pieces[0], start, end))
        starts = self._starts
        if starts is None:
            starts = self._starts = [0, *accumulate([len(piece[0]) for piece in pieces])]
        # Where pieces without characters stand at the beginning, the one with the text is meant.
        first = min(bisect_right(starts, start) - 1, len(pieces) - 1)
        begin = start - starts[first]
        if end <= starts[first + 1]:
            return _single(_shorten(pieces[first], begin, end - starts[first]))
        last = bisect_left(starts, end, first + 1) - 1
        head, tail = pieces[first], pieces[last]
        kept = _shorten(head, begin, len(head[0])), *pieces[first + 1 : last], _shorten(tail, 0, end - starts[last])
        return _of(kept, self.text[start:end])

    def place_at(self, start: int, end: int) -> Place:
        """The place of a cut."""
        piece = self.pieces[0]
        if len(self.pieces) > 1:
            return self.cut(start, end).place
        if not piece.exact:
            return Place(piece.source, piece.span)
        return Place(piece.source, Span(piece.span.start + start, piece.span.start + end))

    def strip(self, characters: str | None = None) -> Text:
        """Without the characters (blanks unless given) at both ends."""
        text = self.text
        if text.strip(characters) == text:
            return self
        start = len(text) - len(text.lstrip(characters))
        return self.cut(start, max(start, len(text.rstrip(characters))))

    def split(self, separator: str) -> Iterator[Text]:
        """The parts between separators."""
        start = 0
        for part in self.text.split(separator):
            yield self.cut(start, start + len(part))
            start += len(part) + len(separator)

    def partition(self, separator: str) -> tuple[Text, Text | None]:
        """What is before the first separator, and what is after it (None when there is none)."""
        at = self.text.find(separator)
        return (self, None) if at < 0 else (self.cut(0, at), self.cut(at + len(separator)))

    def lower(self) -> Text:
        """The text in lower case."""
        if self.text == self.text.lower():
            return self
        return Text(piece._replace(text=piece.text.lower(), exact=False) for piece in self.pieces)

    def upper(self) -> Text:
        """The text in upper case."""
        return Text(piece._replace(text=piece.text.upper(), exact=False) for piece in self.pieces)

    def substituted(self, pattern: str, other: str, count: int) -> Text:
        """With what matches a pattern replaced, the first `count` times (0: always); what is kept has its place."""
        parts: list[Text] = []
        at = 0
        for number, match in enumerate(re.finditer(pattern, self.text)):
            if count and number == count:
                break
            start, end = match.span()
            if start == end:
                continue
            place = self.cut(start, end).place
            parts += [self.cut(at, start), literal(other, *place, exact=False)]
            at = end
        return joined((*parts, self.cut(at))) if parts else self

    def moved(self, place: Place, origin: Place | None = None) -> Text:
        """The same text as it stands where it is used: every piece at that place, defined where it was."""
        source, span = place
        pieces = [
            _new(Piece, (text, source, span, False, reason, defined or origin or _new(Place, (written, at))))
            for text, written, at, _, reason, defined in self.pieces
        ]
        return _of(tuple(pieces), self.text)


def _shorten(piece: Piece, start: int, end: int) -> Piece:
    """The part of a piece between two offsets in it."""
    text, source, span, exact, reason, origin = piece
    if start == 0 and end == len(text):
        return piece
    if exact:
        at = span[0]
        span = _new(Span, (at + start, at + end))
    text = text[start:end]
    return _new(Piece, (text, source, span, exact, reason if text else "", origin))


def _single(piece: Piece) -> Text:
    """A text of one piece."""
    text: Text = Text.__new__(Text)
    text.pieces = (piece,)
    text.text = piece[0]
    text._starts = text._read = None
    return text


def _of(pieces: tuple[Piece, ...], characters: str) -> Text:
    """A text of pieces whose characters are known together."""
    text: Text = Text.__new__(Text)
    text.pieces = pieces
    text.text = characters
    text._starts = text._read = None
    return text


def literal(text: str, source: Source, span: Span, exact: bool = True) -> Text:
    """A text that is written, or stands for what is written, at one place."""
    return _single(_new(Piece, (text, source, span, exact, "", None)))


def unknown(reason: str, source: Source, span: Span) -> Text:
    """A text of which nothing is known; `reason` names what would tell it."""
    return _single(_new(Piece, (HOLE, source, span, False, reason, None)))


def joined(texts: Iterable[Text]) -> Text:
    """Texts one after the other; at least one."""
    parts = tuple(texts)
    if len(parts) < 2:
        return parts[0]
    pieces = [piece for text in parts for piece in text.pieces]
    return _of(tuple(pieces), "".join([text.text for text in parts]))
