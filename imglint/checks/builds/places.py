"""Where the parts of a build are written, and how they are written there."""

from __future__ import annotations

from imglint.syntax.text import Place, Text


def where(text: Text) -> Place:
    """Where a person would edit a text; at least one character wide, as far as the file has one there."""
    place = text.origin
    start, end = place.span
    if start < end:
        return place
    # Something that is missing is pointed at by what is before it.
    return place._replace(span=place.span._replace(start=max(start - 1, 0)))


def as_written(text: Text) -> str:
    """The text for a help to paste: variables and expressions as the file has them."""
    parts: list[str] = []
    last = None
    for piece in text.pieces:
        if piece.unknown or piece.origin:
            if last != piece.span:
                parts.append(piece.source.slice(piece.span))
        else:
            parts.append(piece.text)
        last = piece.span
    return "".join(parts)
