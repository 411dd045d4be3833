"""Code frames: lines of a source with marks under the characters that matter."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise

from imglint.record import NamedTuple
from imglint.report.escape import visible, width
from imglint.report.excerpt import bounds, excerpt
from imglint.source import Source, Span

_HEAD, _TAIL = 3, 2  # lines shown of a span that is too long to show
_INDENT = 100  # characters: no line is indented deeper


class Mark(NamedTuple):
    """A span to underline with `sign`, in the terminal colour `ink`, and the lines to write beside it.

    `first` and `last` are the lines (from 1) that hold its first and its last character.
    """

    span: Span
    first: int
    last: int
    labels: Sequence[str]
    sign: str
    ink: str

    @classmethod
    def of(cls, source: Source, span: Span, labels: Sequence[str], sign: str, ink: str) -> Mark:
        """The mark of a span of that source."""
        starts = source.line_starts
        first = bisect_right(starts, span.start)
        last = bisect_right(starts, span.end - 1) if span.end > span.start + 1 else first
        return cls(span, first, last, labels, sign, ink)


class Gutter(NamedTuple):
    """What stands left of the source: `size` columns for line numbers, in the terminal colour `ink`."""

    size: int
    blank: str
    ink: str
    off: str

    @classmethod
    def of(cls, last: int, ink: str, off: str) -> Gutter:
        """The gutter for line numbers up to `last`."""
        size = len(str(last)) + 1
        return cls(size, f"{ink}{' ' * size} |{off}", ink, off)

    def row(self, content: str) -> str:
        """A row of a frame without a line number."""
        return f"{self.blank} {content}"

    def line(self, number: int | None, content: str) -> str:
        """A row of a frame with a line of source; its number is None where it means nothing."""
        return f"{self.ink}{'' if number is None else number:>{self.size}} |{self.off} {content}".rstrip()


def draw(source: Source, marks: Sequence[Mark], gutter: Gutter, room: int) -> Iterator[str]:
    """The rows of a frame, source lines fitted into `room` columns (less one, for a mark at their end).

    The first mark may span several lines, which get a bar at their left; the others are marked on their
    first line only.
    """
    bar = _Bar.of(source, marks[0], gutter.off) if marks[0].last > marks[0].first else None
    if bar:
        room -= len("| ")
    on_line: dict[int, list[Mark]] = {}
    for mark in marks[1:] if bar else marks:
        on_line.setdefault(mark.first, []).append(mark)
    previous = 0
    for number in _shown({*on_line, *(bar.shown() if bar else ())}):
        if previous and number > previous + 1:
            yield f"{' ' * gutter.size} {gutter.ink}...{gutter.off}"
        previous = number
        here = on_line.get(number, [])
        line = bounds(source, number)
        strip = excerpt(source, line, _focus(line, here, bar, number, room), room - 1)
        left, beside = bar.beside(number) if bar else ("", "")
        yield gutter.line(number if source.numbered else None, left + strip.text)
        if bar and number == bar.mark.first and not bar.opens_line:
            yield gutter.row(bar.opening(strip.column(bar.mark.span.start)))
        for mark in sorted(here, key=_place):
            begin = strip.column(mark.span.start)
            size = max(strip.column(min(mark.span.end, line.end)) - begin, 1)
            for row in _labelled(begin, mark.sign * size, mark, room, gutter.off):
                yield gutter.row(beside + row)
        if bar and number == bar.mark.last:
            for row in bar.closing(strip.column(max(bar.end(line) - 1, line.start)), room):
                yield gutter.row(row)


def _shown(numbers: Iterable[int]) -> list[int]:
    """The lines to show, in order; a single line between two of them is shown instead of left out."""
    lines = sorted(numbers)
    between = [a + 1 for a, b in pairwise(lines) if b == a + 2]
    return sorted(lines + between) if between else lines


def _place(mark: Mark) -> Span:
    return mark.span


def _focus(line: Span, here: Sequence[Mark], bar: _Bar | None, number: int, room: int) -> Span:
    """The part of a line to show when it does not fit: all that is marked, or else the first mark."""
    if here:
        whole = Span(min(mark.span.start for mark in here), max(mark.span.end for mark in here))
        if whole.end - whole.start > room // 2:
            whole = here[0].span
        return Span(whole.start, min(whole.end, line.end))
    if bar and number == bar.mark.last:
        end = bar.end(line)
        return Span(max(end - 1, line.start), end)
    if bar and number == bar.mark.first:
        return Span(bar.mark.span.start, min(bar.mark.span.start + 1, line.end))
    return Span(line.start, line.start)


def _labelled(begin: int, underline: str, mark: Mark, room: int, off: str) -> Iterator[str]:
    """The underline at column `begin`, its labels to its right, or below when there is no room."""
    labels = [visible(label) for label in mark.labels if label]
    widest = max(map(width, labels), default=0)
    indent = begin + len(underline) + 1
    beside = indent + widest <= room
    if not beside:
        indent = min(begin, max(room - widest, 0))
    head = f" {labels[0]}" if labels and beside else ""
    yield f"{' ' * begin}{mark.ink}{underline}{head}{off}"
    for label in labels[1:] if beside else labels:
        yield f"{' ' * indent}{mark.ink}{label}{off}"


class _Bar(NamedTuple):
    """The bar, two columns wide, that stands left of a mark of several lines.

    `opens_line` says whether only space comes before the mark; then the bar begins at that very line.
    """

    mark: Mark
    opens_line: bool
    off: str

    @classmethod
    def of(cls, source: Source, mark: Mark, off: str) -> _Bar:
        """The bar of a mark in that source."""
        start = bounds(source, mark.first).start
        before = source.text[start : min(mark.span.start, start + _INDENT)]
        return cls(mark, not before.strip() and len(before) < _INDENT, off)

    def shown(self) -> Iterable[int]:
        """The lines of the mark that are shown."""
        lines = range(self.mark.first, self.mark.last + 1)
        return lines if len(lines) <= _HEAD + _TAIL + 1 else (*lines[:_HEAD], *lines[-_TAIL:])

    def end(self, line: Span) -> int:
        """Where the mark ends on its last line, before the line ending."""
        return min(self.mark.span.end, line.end)

    def beside(self, number: int) -> tuple[str, str]:
        """What stands left of a line, and left of the marks under it."""
        solid = f"{self.mark.ink}|{self.off} "
        if number == self.mark.first:
            return (f"{self.mark.ink}/{self.off} ", solid) if self.opens_line else ("  ", "  ")
        return (solid, solid) if self.mark.first < number <= self.mark.last else ("  ", "  ")

    def opening(self, column: int) -> str:
        """The row that leads from the bar to a mark which begins within its line."""
        return f"{self.mark.ink} {'_' * (column + 1)}{self.mark.sign}{self.off}"

    def closing(self, column: int, room: int) -> Iterator[str]:
        """The rows that lead from the bar to the last character of the mark."""
        return _labelled(0, f"|{'_' * (column + 1)}{self.mark.sign}", self.mark, room, self.off)
