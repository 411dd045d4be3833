"""What all drawings of layers share."""

from __future__ import annotations

from typing import Final

from imglint.model.image.drawing import Drawing, Row
from imglint.model.image.size import decimal
from imglint.record import NamedTuple

_WORTH_A_LIMIT: Final = 20
"""How many times the largest layer has to fit into the limit for the limit to be off the scale."""


_SHORT: Final = len("sha256:") + 12
"""Characters of a digest that tell layers apart, as Docker shows them."""


class Sheet(NamedTuple):
    """The drawings of one image: its name and form as messages call them, and the most bytes that a layer may have."""

    name: str
    form: str
    registry: str
    limit: int
    drawings: tuple[Drawing, ...]


class Scale(NamedTuple):
    """What the full length of a bar stands for (bytes), and where on it the limit is: from 0 to 1, None beyond it."""

    full: int
    limit: float | None


def scale(sheet: Sheet) -> Scale:
    """One scale for all platforms: to the limit, unless every layer would vanish beside it."""
    sizes = [row.size or 0 for drawing in sheet.drawings for row in drawing.rows]
    largest = max(sizes, default=0)
    if largest * _WORTH_A_LIMIT < sheet.limit:
        return Scale(max(largest, 1), None)
    full = max(largest, sheet.limit)
    return Scale(full, sheet.limit / full)


def scale_words(sheet: Sheet) -> str:
    """What the bars mean."""
    full, limit = scale(sheet)
    most = f"the {sheet.registry} takes in one layer"
    if limit is None:
        return (
            f"A full bar is {decimal(full)}, {_percent(full / sheet.limit)} of the {decimal(sheet.limit)} that {most}."
        )
    if limit < 1:
        return f"A full bar is {decimal(full)}. The mark is at {decimal(sheet.limit)}, the most that {most}."
    return f"A full bar is {decimal(full)}, the most that {most}."


def share(row: Row) -> str:
    """The share of the image, in words; empty when it is not known."""
    return "" if row.share is None else _percent(row.share)


def _percent(part: float) -> str:
    return "< 0.1 %" if 0 < part < 0.0005 else f"{part * 100:.1f} %"


def heading(drawing: Drawing) -> str:
    """What is said above the layers of a platform."""
    count = f"{len(drawing.rows)} layer{'' if len(drawing.rows) == 1 else 's'}"
    if not drawing.rows:
        return f"no layers to draw: {drawing.why}" if drawing.why else "no layers"
    if drawing.total is None:
        return f"{count}, sizes not known"
    words = f"{count}, {decimal(drawing.total)} {drawing.basis.value}"
    if drawing.unread:
        return f"{words}; {drawing.unread}"
    if drawing.efficiency is not None:
        wasted = sum(row.wasted or 0 for row in drawing.rows)
        unpacked = sum(row.unpacked or 0 for row in drawing.rows)
        words += f"; {decimal(wasted)} of {decimal(unpacked)} unpacked are wasted" if wasted else "; nothing is wasted"
    return words


def made_by(row: Row) -> str:
    """What made a layer, in one line; the beginning of its digest when that is not known."""
    words = " ".join(row.instruction.split()) or row.digest[:_SHORT] or "not known"
    words = f"all up to {words}" if row.ends_at else words
    return f"{words} (kept elsewhere, not pushed)" if row.elsewhere else words
