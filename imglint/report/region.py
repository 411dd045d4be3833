"""Spans as the formats for programs write them."""

from __future__ import annotations

from imglint.record import NamedTuple
from imglint.source import Source, Span


class Region(NamedTuple):
    """A span as lines and columns from 1, columns in code points; the end is one past the last character."""

    line: int
    column: int
    end_line: int
    end_column: int

    @classmethod
    def of(cls, source: Source, span: Span) -> Region:
        """The region of a span of that source."""
        return cls(*source.position(span.start), *source.position(span.end))
