"""What all drawings of layers share."""

from __future__ import annotations

from typing import Final, NamedTuple

from imglint.model.image.drawing import Drawing, Row
from imglint.model.image.size import decimal

_WORTH_A_LIMIT: Final = 20
"""How many times the largest layer has to fit into the limit for the limit to be off the scale."""


class Sheet(NamedTuple):
    """The drawings of one image: its name and form as messages call them, and the most bytes that a layer may have."""

    name: str
    form: str
    registry: str
    limit: int
    drawings: tuple[Drawing, ...]


class Scale(NamedTuple):
    """What the full length of a bar stands for (bytes), and whether that is the limit."""

    full: int
    is_limit: bool


def scale(sheet: Sheet) -> Scale:
    """One scale for all platforms: to the limit, unless every layer would vanish beside it."""
    sizes = [row.size or 0 for drawing in sheet.drawings for row in drawing.rows]
    largest = max(sizes, default=0)
    if largest * _WORTH_A_LIMIT < sheet.limit:
        return Scale(max(largest, 1), False)
    return Scale(max(largest, sheet.limit), True)


def scale_words(sheet: Sheet) -> str:
    """What the bars mean."""
    chosen = scale(sheet)
    limit = f"{decimal(sheet.limit)}, the most that {sheet.registry} takes in one layer"
    if chosen.is_limit:
        return (
            f"a full bar is {decimal(chosen.full)}; the limit is {limit}"
            if chosen.full > sheet.limit
            else (f"a full bar is {limit}")
        )
    return (
        f"a full bar is {decimal(chosen.full)}; the limit is {limit}, {round(sheet.limit / chosen.full):,} times that"
    )


def heading(drawing: Drawing) -> str:
    """What is said above the layers of a platform."""
    count = f"{len(drawing.rows)} layer{'' if len(drawing.rows) == 1 else 's'}"
    if not drawing.rows:
        return f"no layers to draw: {drawing.why}" if drawing.why else "no layers"
    if drawing.total is None:
        return f"{count}, sizes not known"
    words = f"{count}, {decimal(drawing.total)} {drawing.basis.value}"
    wasted = sum(row.wasted or 0 for row in drawing.rows)
    if drawing.efficiency is not None:
        words += f", {drawing.efficiency:.1%} efficient, {decimal(wasted)} wasted"
    return words


def made_by(row: Row) -> str:
    """What made a layer, in one line."""
    words = " ".join(row.instruction.split()) or "not known"
    return f"all up to {words}" if row.ends_at else words
