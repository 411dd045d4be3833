"""One line of a source as it is printed, and where each of its characters ends up."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from imglint.record import NamedTuple
from imglint.report.escape import pieces, width
from imglint.source import BOM, Source, Span

_TAB = "    "
_CUT = "…"


class Excerpt(NamedTuple):
    """What is shown of a line.

    `text` is safe to print; `start` is the offset in the source of its first character; `columns[i]` is the
    printed column, from 0, of character `start + i`, with one more for the end.
    """

    text: str
    start: int
    columns: Sequence[int]

    def column(self, offset: int) -> int:
        """The printed column of an offset of the source; one that is not shown counts as the nearest end."""
        return self.columns[min(max(offset - self.start, 0), len(self.columns) - 1)]


def bounds(source: Source, number: int) -> Span:
    """Where a line (from 1) lies, without its line ending and without a byte-order mark."""
    starts, text = source.line_starts, source.text
    start = starts[number - 1]
    end = starts[number] - 1 if number < len(starts) else len(text)
    if end > start and text[end - 1] == "\r":
        end -= 1
    if start == 0 and end > 0 and text.startswith(BOM):
        start = 1
    return Span(start, end)


def excerpt(source: Source, line: Span, focus: Span, room: int) -> Excerpt:
    """The line with these bounds around `focus`, in at most `room` columns, cut ends marked by `…`.

    Only what could be shown is looked at, so a file of one endless line costs no more than others.
    """
    begin, end = max(line.start, focus.start - room), min(line.end, max(focus.start, line.start) + room + 1)
    parts, columns = _layout(source.text[begin:end])
    if begin == line.start and end == line.end and columns[-1] <= room:
        return Excerpt("".join(parts), begin, columns)

    room -= 2 * len(_CUT)
    whole = Excerpt("", begin, columns)
    first, past = whole.column(focus.start), whole.column(focus.end)
    # A line is shown from its beginning; failing that, the focus stands in the middle; failing that, it
    # begins a quarter in.
    left = 0 if begin == line.start and past <= room else first - max(room - (past - first), room // 2) // 2
    low = bisect_left(columns, min(left, columns[-1] - room))
    high = bisect_right(columns, columns[low] + room) - 1
    before = _CUT if begin + low > line.start else ""
    after = _CUT if begin + high < line.end else ""
    shift = len(before) - columns[low]
    return Excerpt(
        before + "".join(parts[low:high]) + after,
        begin + low,
        [column + shift for column in columns[low : high + 1]],
    )


def _layout(text: str) -> tuple[Sequence[str], Sequence[int]]:
    """What is printed for each character, and the column at which each begins, with one more for the end."""
    if text.isascii() and text.isprintable() and "##[" not in text:
        return text, range(len(text) + 1)
    parts = [_TAB if char == "\t" else part for char, part in zip(text, pieces(text), strict=True)]
    columns = [0]
    for part in parts:
        columns.append(columns[-1] + width(part))
    return parts, columns
