"""Layers drawn in a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.finding import Severity
from imglint.model.image.drawing import Drawing, Row
from imglint.model.image.size import decimal
from imglint.report.escape import visible, width
from imglint.report.ink import COLOURS, PLAIN, Ink
from imglint.report.layers.shared import Scale, Sheet, heading, made_by, scale, scale_words, share
from imglint.report.result import Style

_EIGHTHS: Final = " ▏▎▍▌▋▊▉"
_WASTED: Final = "▒"
_BAR: Final = 30
_NARROW: Final = 72


def render(sheet: Sheet, style: Style) -> Iterator[str]:
    """A bar for each layer, for each platform."""
    ink = COLOURS if style.color else PLAIN
    drawn = scale(sheet)
    yield f"{ink.bold}{visible(sheet.name)}{ink.off}{ink.dim}, {sheet.form}{ink.off}\n"
    for drawing in sheet.drawings:
        platform = f"{ink.bold}{visible(drawing.platform)}{ink.off}: " if drawing.platform else ""
        yield f"\n{platform}{visible(heading(drawing))}\n"
        yield from _rows(drawing, sheet, drawn, ink, max(style.width, _NARROW))
    if any(drawing.total is not None and drawing.rows for drawing in sheet.drawings):
        yield f"\n{ink.dim}{scale_words(sheet)}{ink.off}\n"


def _rows(drawing: Drawing, sheet: Sheet, drawn: Scale, ink: Ink, room: int) -> Iterator[str]:
    number = len(str(len(drawing.rows)))
    sizes = [decimal(row.size) if row.size is not None else "?" for row in drawing.rows]
    longest = max(map(len, sizes), default=0)
    wasted = [decimal(row.wasted) + " wasted" if row.wasted else "" for row in drawing.rows]
    spoiled = max(map(len, wasted), default=0)
    length = (_BAR if room >= 100 else _BAR // 2) if drawing.total is not None else 0
    before = number + 4 + (length + longest + 13 if length else 0) + (spoiled + 2 if spoiled else 0)
    left = room - before
    for row, size, waste in zip(drawing.rows, sizes, wasted, strict=True):
        words = visible(made_by(row))
        words = words if width(words) <= left else words[: max(left - 1, 1)] + "…"
        line = f"  {row.number:>{number}}  "
        if length:
            line += (
                f"{_bar(row, drawn, length, sheet.limit, ink)}  {size:>{longest}}  {ink.dim}{share(row):>7}{ink.off}  "
            )
        if spoiled:
            line += f"{ink.severity[Severity.WARNING]}{waste:>{spoiled}}{ink.off}  "
        yield f"{line}{words}".rstrip() + "\n"


def _bar(row: Row, drawn: Scale, length: int, limit: int, ink: Ink) -> str:
    """Blocks in eighths, lighter ones for what is wasted; a layer that is not empty shows at least the smallest.

    A line marks the limit.
    """
    size = max(row.size or 0, 0)
    eighths = min(max(round(size / drawn.full * length * 8), 1), length * 8) if size else 0
    whole, rest = divmod(eighths, 8)
    filled = "█" * whole + (_EIGHTHS[rest] if rest else "")
    empty = " " * (length - len(filled))
    if drawn.limit is not None and drawn.limit < 1:
        mark = int(drawn.limit * length) - len(filled)
        if 0 <= mark < len(empty):
            empty = f"{empty[:mark]}{ink.off}{ink.dim}│{ink.off}{empty[mark + 1 :]}"
    colour = ink.severity[Severity.ERROR] if size > limit else ink.good
    wasted = round(len(filled) * row.wasted / row.unpacked) if row.wasted and row.unpacked else 0
    if wasted:
        filled = f"{filled[:-wasted]}{ink.off}{ink.severity[Severity.WARNING]}{_WASTED * wasted}"
    return f"{colour}{filled}{ink.off}{empty}"
