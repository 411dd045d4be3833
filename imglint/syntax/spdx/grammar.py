"""The shape of an SPDX licence expression: its tokens, and whether they stand in an order that makes sense.

The grammar is the annex "SPDX license expressions" of the SPDX specification 3.0.1. A mistake is found here,
since the library license-expression names no place for most and lets `((MIT) ISC)` pass; what is found to be
in order is then parsed by the library, on the list of `table` instead of its own.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any

from imglint.record import NamedTuple
from imglint.syntax.spdx.table import spdx_list

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_NESTING = 64
"""Parentheses inside parentheses that are looked at; the library recurses on each."""

OPERATORS = frozenset(("AND", "OR", "WITH"))

_WORD = re.compile(r"[()]|[^ ()]+")

_NEVER_CLOSED = "this `(` is never closed"
_NEVER_OPENED = "this `)` closes nothing"

# What may follow what. `term` is a licence, or an exception after WITH.
_FOLLOWS = {
    "start": {"term", "("},
    "term": {"AND", "OR", "WITH", ")", "end"},
    "AND": {"term", "("},
    "OR": {"term", "("},
    "WITH": {"term"},
    "exception": {"AND", "OR", ")", "end"},
    "(": {"term", "("},
    ")": {"AND", "OR", ")", "end"},
}


class Token(NamedTuple):
    """A piece of an expression: `kind` is `AND`, `OR`, `WITH`, `(`, `)`, or `term` for any other text."""

    kind: str
    start: int
    end: int


class Misplaced(NamedTuple):
    """The first token that cannot stand where it stands. `insert` is text that would mend it, or ""."""

    start: int
    end: int
    message: str
    insert: str = ""


def scan(text: str, is_name: Callable[[str], bool]) -> list[Token]:
    """Split at blanks, parentheses and operators (in any case).

    Words that follow each other are one term (`Apache 2.0`), unless both are names for themselves.
    """
    tokens: list[Token] = []
    last = ""  # the word before, when it is a whole term
    for match in _WORD.finditer(text):
        word, (start, end) = match[0], match.span()
        kind = word if word in "()" else word.upper()
        if word in "()" or kind in OPERATORS:
            tokens.append(Token(kind, start, end))
        elif not tokens or tokens[-1].kind != "term" or (last and is_name(last) and is_name(word)):
            tokens.append(Token("term", start, end))
            last = word
        else:
            tokens[-1] = tokens[-1]._replace(end=end)
            last = ""
    return tokens


def misplaced(text: str, tokens: Sequence[Token], stand_ins: Sequence[str]) -> Misplaced | None:
    """Where the order of the tokens breaks the grammar, or None when it does not.

    `stand_ins` has a listed identifier (canonical case, no `+`) for each term, so that what is unknown or
    defined by the user can be judged by its place alone.
    """
    if len(tokens) == 1 and tokens[0].kind == "term":
        return None
    found = _out_of_order(text, tokens) or _unbalanced(tokens)
    if found or _accepts(tokens, stand_ins):
        return found
    return Misplaced(tokens[0].start, tokens[-1].end, "this is not an SPDX licence expression")


@cache
def _licensing() -> Any:
    """The library's parser on our list. About 40 ms the first time, most of it the import."""
    from license_expression import LicenseSymbol, Licensing

    table = spdx_list()
    symbols = [LicenseSymbol(name) for name in table.licenses.values()]
    symbols += [LicenseSymbol(name, is_exception=True) for name in table.exceptions.values()]
    return Licensing(symbols)


def _accepts(tokens: Sequence[Token], stand_ins: Sequence[str]) -> bool:
    """Whether the library parses the tokens."""
    terms = iter(stand_ins)
    text = " ".join(next(terms) if token.kind == "term" else token.kind for token in tokens)
    try:
        return _licensing().parse(text, strict=True, validate=False, simple=True) is not None
    except Exception:  # besides ExpressionError: IndexError on `()`, AssertionError on `( OR MIT`, ...
        return False


def _out_of_order(text: str, tokens: Sequence[Token]) -> Misplaced | None:
    """The first token that may not follow the one before it."""
    before, previous = "start", tokens[0]
    for token in (*tokens, Token("end", len(text), len(text))):
        if token.kind not in _FOLLOWS[before]:
            return _explain(text, before, previous, token)
        before = "exception" if before == "WITH" else token.kind
        previous = token
    return None


def _explain(text: str, before: str, previous: Token, token: Token) -> Misplaced:
    """Say what is wrong between two neighbours; `before` is the part the first of them plays."""
    word = text[token.start : token.end]
    if before in OPERATORS:
        wanted = "an exception" if before == "WITH" else "a licence"
        return Misplaced(*previous[1:], f"{wanted} is missing after `{text[previous.start : previous.end]}`")
    if token.kind in ("AND", "OR", "WITH"):
        wanted = "a licence, not an exception or `)`," if before in ("exception", ")") else "a licence"
        return Misplaced(*token[1:], f"{wanted} must stand before `{word}`")
    if before == "(" and token.kind == "end":
        return Misplaced(*previous[1:], _NEVER_CLOSED)
    if before == "(":
        return Misplaced(previous.start, token.end, "there is nothing between these parentheses")
    if before == "start":
        return Misplaced(*token[1:], _NEVER_OPENED)
    return Misplaced(*token[1:], f"`AND` or `OR` is missing before `{word}`", insert="OR ")


def _unbalanced(tokens: Sequence[Token]) -> Misplaced | None:
    """The parenthesis that has no partner, or goes deeper than we look."""
    opened: list[Token] = []
    for token in tokens:
        if token.kind == "(":
            if len(opened) == MAX_NESTING:
                return Misplaced(*token[1:], f"parentheses are nested more than {MAX_NESTING} deep")
            opened.append(token)
        elif token.kind == ")":
            if not opened:
                return Misplaced(*token[1:], _NEVER_OPENED)
            opened.pop()
    return Misplaced(*opened[-1][1:], _NEVER_CLOSED) if opened else None
