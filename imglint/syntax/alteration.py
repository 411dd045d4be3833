"""Expansions of the shell that alter a value: `${NAME,,}`, `${NAME##*/}`, `${NAME//_/-}`.

As bash has them (its manual, section 3.5.3 "Shell Parameter Expansion"). What depends on an unknown part is unknown.
"""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.shellword import NAME
from imglint.syntax.text import Text

MAX_MATCHED: Final = 2_000
"""Characters of a value in which patterns are looked for; a longer one is unknown once it is altered."""

_ALTERED: Final = rf"(?s)\$\{{({NAME})(,,?|\^\^?|##?|%%?|//?)([^$`\"']*)\}}"


class Alteration(NamedTuple):
    """What is done to the value of a variable: the operator of the expansion, and what stands behind it."""

    name: str
    operator: str
    argument: str


def read(written: str) -> Alteration | None:
    """The alteration that an expansion asks for; None for anything else, and for patterns that are not plain."""
    match = re.fullmatch(_ALTERED, written)
    return Alteration(match[1], match[2], match[3]) if match else None


def altered(value: Text, alteration: Alteration) -> Text | None:
    """The value after the alteration; None when it does not follow."""
    _, operator, argument = alteration
    if operator[0] in ",^":
        return _in_case(value, operator, argument)
    if value.value is None or len(value.text) > MAX_MATCHED:
        return None
    if operator[0] in "#%":
        return _without(value, operator, argument)
    return _replaced(value, operator, argument)


def _in_case(value: Text, operator: str, pattern: str) -> Text | None:
    if pattern:
        return None
    change = Text.lower if operator[0] == "," else Text.upper
    if len(operator) == 2:
        return change(value)
    first, rest = value.cut(0, 1), value.cut(1)
    return Text((*change(first).pieces, *rest.pieces)) if value.value else None


def _without(value: Text, operator: str, pattern: str) -> Text | None:
    """The value without what the pattern matches at its beginning (`#`) or end (`%`), the most for a double sign."""
    expression = _expression(pattern)
    if expression is None:
        return None
    text, matches = value.text, re.compile(expression).fullmatch
    lengths = range(len(text) + 1)
    for length in reversed(lengths) if len(operator) == 2 else lengths:
        if operator[0] == "#" and matches(text, 0, length):
            return value.cut(length)
        if operator[0] == "%" and matches(text, len(text) - length):
            return value.cut(0, len(text) - length)
    return value


def _replaced(value: Text, operator: str, argument: str) -> Text | None:
    """The value with the first match of a pattern replaced, or all of them (`//`)."""
    match = re.match(r"(?s)((?:[^\\/]|\\.)+)(?:/(.*))?\Z", argument)
    expression = _expression(match[1]) if match else None
    if match is None or expression is None or re.search(r"[\\&]", match[2] or ""):
        return None
    if not value.text:
        return value
    return value.substituted(expression, match[2] or "", 0 if operator == "//" else 1)


def _expression(pattern: str) -> str | None:
    """A pattern of the shell as a regular expression: `*`, `?` and what stands for itself."""
    if re.search(r"[\[\]()!~]", pattern) or pattern.startswith(("#", "%")) or pattern.endswith("\\"):
        return None
    parts: list[str] = []
    for found in re.finditer(r"(?s)\\(.)|(\*+)|(\?)|[^\\*?]+", pattern):
        escaped, several, single = found[1], found[2], found[3]
        parts.append("(?s:.*)" if several else "(?s:.)" if single else re.escape(escaped or found[0]))
    return "".join(parts) if len(parts) <= 8 else None
