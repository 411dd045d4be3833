"""Variables in the values of compose files: https://docs.docker.com/reference/compose-file/interpolation/."""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Iterator, Mapping
from itertools import accumulate
from typing import Final

from imglint.syntax.text import Text, joined, literal, unknown

MAX_DEPTH: Final = 20
"""How many defaults may be inside one another; what is deeper is of unknown value."""

MAX_EXPANDED: Final = 1 << 20
"""How many characters variables may bring into one value; the variables after that are of unknown value."""

_VARIABLE: Final = r"\$(?:(?P<escaped>\$)|(?P<name>[A-Za-z_][A-Za-z0-9_]*)|(?P<brace>\{))"
_BRACED: Final = r"([A-Za-z_][A-Za-z0-9_]*)(:?[-+?])?"


def interpolate(text: Text, variables: Mapping[str, Text]) -> Text:
    """The text with its variables replaced; one that is not among `variables` has its default, else no known value."""
    if "$" not in text.text:
        return text
    template = _Template(text, variables)
    return joined([*template.parts(0, len(text.text), 0)] or [text.cut(0, 0)])


class _Template:
    """One text while it is replaced."""

    def __init__(self, text: Text, variables: Mapping[str, Text]) -> None:
        self._text = text
        self._variables = variables
        self._starts = [*accumulate((len(piece.text) for piece in text.pieces), initial=0)]
        self._ends = _closing_braces(text.text)
        self._left = MAX_EXPANDED

    def parts(self, start: int, end: int, depth: int) -> Iterator[Text]:
        """What the text between two offsets becomes."""
        pattern = re.compile(_VARIABLE)
        at = start
        while match := pattern.search(self._text.text, at, end):
            begin, after = match.span()
            if match["brace"]:
                closing = self._ends.get(after - 1, end)
                inner = re.compile(_BRACED).match(self._text.text, after, closing)
                if closing >= end or inner is None or not (inner[2] or inner.end() == closing):
                    yield self._cut(at, after)
                    at = after
                    continue
                after = closing + 1
            if begin > at:
                yield self._cut(at, begin)
            at = after
            if match["escaped"]:
                place = self._cut(begin, after)
                yield literal("$", place.source, place.span, exact=False)
            elif match["name"]:
                yield self._value(match["name"], begin, after)
            elif inner:
                yield from self._braced(inner, begin, closing, depth)
        if at < end:
            yield self._cut(at, end)

    def _braced(self, inner: re.Match[str], begin: int, closing: int, depth: int) -> Iterator[Text]:
        name, operator = inner[1], inner[2] or ""
        known = self._variables.get(name)
        empty = known is not None and operator.startswith(":") and not known.text
        if operator.endswith("-"):
            wants_other = known is None or empty
        else:
            wants_other = operator.endswith("+") and known is not None and not empty
        if not wants_other:
            yield self._value(name, begin, closing + 1)
        elif depth < MAX_DEPTH:
            yield from self.parts(inner.end(), closing, depth + 1)
        else:
            yield self._unknown(name, begin, closing + 1)

    def _value(self, name: str, begin: int, end: int) -> Text:
        known = self._variables.get(name)
        if known is None or len(known.text) > self._left:
            return self._unknown(name, begin, end)
        self._left -= len(known.text)
        return known.moved(self._cut(begin, end).place, known.origin)

    def _unknown(self, name: str, begin: int, end: int) -> Text:
        place = self._cut(begin, end)
        return unknown(f"${name}", place.source, place.span)

    def _cut(self, start: int, end: int) -> Text:
        """A part, in time of its own pieces."""
        first = min(max(bisect_right(self._starts, start) - 1, 0), len(self._text.pieces) - 1)
        last = max(bisect_left(self._starts, end), first + 1)
        offset = self._starts[first]
        return Text(self._text.pieces[first:last]).cut(start - offset, end - offset)


def _closing_braces(text: str) -> dict[int, int]:
    """The offset of the closing brace of each opening one."""
    open_braces: list[int] = []
    found: dict[int, int] = {}
    for match in re.finditer("[{}]", text):
        if match[0] == "{":
            open_braces.append(match.start())
        elif open_braces:
            found[open_braces.pop()] = match.start()
    return found
