"""Layers for other programs, as `rules/schema/layers.json` describes them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imglint.model.image.drawing import Row
from imglint.report.escape import dump
from imglint.report.layers.shared import Sheet

VERSION = 1
"""The version of the format."""


def render(sheets: Iterable[Sheet]) -> Iterator[str]:
    """One JSON document."""
    yield dump({"version": VERSION, "images": [_image(sheet) for sheet in sheets]}, indent=2)


def _image(sheet: Sheet) -> dict[str, object]:
    return {
        "name": sheet.name,
        "form": sheet.form,
        "limit": sheet.limit,
        "platforms": [
            {
                "platform": drawing.platform or None,
                "total": drawing.total,
                "basis": drawing.basis.value,
                "efficiency": drawing.efficiency,
                "reason": drawing.why or drawing.unread or None,
                "layers": [_layer(row) for row in drawing.rows],
            }
            for drawing in sheet.drawings
        ],
    }


def _layer(row: Row) -> dict[str, object]:
    return {
        "number": row.number,
        "digest": row.digest or None,
        "size": row.size,
        "share": row.share,
        "instruction": row.instruction or None,
        "ends_at": row.ends_at,
        "unpacked": row.unpacked,
        "wasted": row.wasted,
        "elsewhere": row.elsewhere,
    }
