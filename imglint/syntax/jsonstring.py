"""Places inside the strings of a JSON document."""

from __future__ import annotations

import re
from typing import Final

from imglint.source import Span

_CHARACTER: Final = r"(?s)\\u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}|\\u[0-9a-fA-F]{4}|\\.|."


def within(text: str, string: Span, start: int, end: int) -> Span:
    """Where `value[start:end]` of a string is written, that stands in the text at a span with its quotes.

    The whole span when no string stands there.
    """
    if text[string.start : string.start + 1] != '"':
        return string
    if "\\" not in text[string.start : string.end]:
        return Span(string.start + 1 + start, string.start + 1 + end)
    places = [found.start() for found in re.compile(_CHARACTER).finditer(text, string.start + 1, string.end)]
    last = len(places) - 1
    return Span(places[min(start, last)], places[min(end, last)])
