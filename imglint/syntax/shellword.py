"""What a word of a shell script consists of, and words of one part, as most are, which are found at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span

NAME: Final = "[A-Za-z_][A-Za-z0-9_]*"
"""A pattern: the name of a variable."""

WHOLE: Final = (
    r"""[ \t]*+(?:([^ \t\r\n;&|<>()'"\\$`#][^ \t\r\n;&|<>()'"\\$`]*+)|"([^"\\$`]*+)"|'([^']*+)'"""
    rf"""|\$({NAME})|\$\{{({NAME})\}}|"\$({NAME})"|"\$\{{({NAME})\}}")(?=[ \t\n;&|)]|\Z)"""
)
"""Blanks and a word of one part: bare, in double or single quotes, or a variable, with braces and quotes or without."""
_FORMS: Final = (
    ("literal", True, 0, 1), ("literal", True, 0, 1),
    ("variable", False, 1, 0), ("variable", False, 2, 0), ("variable", True, 1, 1), ("variable", True, 2, 1),
)  # fmt: skip
"""For each of these but the first: what its part is, whether in quotes, the lengths of what opens it and of a quote."""


class Part(NamedTuple):
    """A part of a word.

    `kind` is `"literal"`, `"variable"` or `"dynamic"` (what only a run can tell: a command's output, arithmetic,
    `$1`, an altered variable). `text` is the value of a literal, quotes and escapes removed; else what is written.
    `span` is what is written, for a literal in quotes without them. `exact`: a literal whose characters are those at
    the span. `quoted`: no field splitting and no pathname expansion here. A variable has its `name`, and for
    `${name:-word}` the `operator` (`-`, `=`, `+`, `?`, each also with a colon before it) and the word as `default`.
    """

    kind: str
    text: str
    span: Span
    exact: bool
    quoted: bool = False
    name: str = ""
    operator: str = ""
    default: tuple[Part, ...] = ()


class Word(NamedTuple):
    """A word of a command: where it is written, and its parts in order; an assigned value may have none."""

    span: Span
    parts: tuple[Part, ...]

    @property
    def literal(self) -> str | None:
        """The value when it is all written there, else None."""
        parts = self.parts
        if len(parts) == 1:
            return parts[0].text if parts[0].kind == "literal" else None
        return "".join(part.text for part in parts) if all(part.kind == "literal" for part in parts) else None


@cache
def matcher(pattern: str) -> Callable[[str, int, int], re.Match[str] | None]:
    """What looks for a pattern at a place of a text, before another place; compiled when it is first needed."""
    return re.compile(pattern).match


def whole_word(match: re.Match[str]) -> Word:
    """The word of one part that was found."""
    form = match.lastindex or 0
    if form == 1:
        # As Span(…), Part(…) and Word(…) do it, without the calls between: nothing is made as often as bare words are.
        span = tuple.__new__(Span, match.span(1))
        part = tuple.__new__(Part, ("literal", match[1], span, True, False, "", "", ()))
        return tuple.__new__(Word, (span, (part,)))
    written = match[form]
    start, end = match.span(form)
    kind, quoted, opening, quote = _FORMS[form - 2]
    if kind == "literal":
        span = Span(start, end)
        part = Part(kind, written, span, True, quoted)
    else:
        span = Span(start - opening, end + opening - 1)
        part = Part(kind, f"${written}" if opening == 1 else f"${{{written}}}", span, False, quoted, written)
    return Word(Span(span.start - 1, span.end + 1) if quote else span, (part,))
