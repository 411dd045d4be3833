"""The grammar of GitHub Actions expressions: where `${{ … }}` is in a text, and what it says.

As https://docs.github.com/en/actions/reference/workflows-and-actions/expressions has it. Nothing here raises: what is
not an expression is `Opaque`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final, TypeAlias

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.expressionvalue import number_of, number_text
from imglint.syntax.text import HOLE

MAX_LENGTH: Final = 21_000
"""Characters of an expression; GitHub refuses longer ones."""

MAX_DEPTH: Final = 50
"""Parentheses, calls, indexes and negations within each other; GitHub refuses deeper ones."""

OPENING: Final = "${{"
"""How an expression in a text begins."""

_PATH: Final = r"\s*([A-Za-z_][A-Za-z0-9_-]*)((?:\.[A-Za-z_][A-Za-z0-9_-]*)+)\s*"
"""What most expressions are: names with points between them."""
_TOKEN: Final = (
    r"(?P<blank>\s+)"
    r"|(?P<name>[A-Za-z_][A-Za-z0-9_-]*)"
    r"|(?P<string>'[^']*(?:''[^']*)*')"
    r"|(?P<number>[-+]?\.?[0-9][0-9A-Za-z.+-]*|[-+]Infinity)"
    r"|(?P<operator>&&|\|\||[=!<>]=|[!<>()\[\],.*])"
)
_PRECEDENCE: Final = {"||": 1, "&&": 2, "==": 3, "!=": 3, "<": 4, "<=": 4, ">": 4, ">=": 4}
_CONSTANTS: Final = {"true": True, "false": False, "null": None, "NaN": float("nan"), "Infinity": float("inf")}


class Literal(NamedTuple):
    """A string, number, boolean or null (None) that is written out."""

    value: str | float | bool | None


class Star(NamedTuple):
    """`*` in a path: all items."""


class Context(NamedTuple):
    """A context such as `github`, its name as written, and what is taken from it: names, indexes or `*`."""

    name: str
    path: tuple[Key, ...] = ()


class Access(NamedTuple):
    """What is taken from the value of a call or of a parenthesis: `fromJSON(x).name`."""

    base: Node
    path: tuple[Key, ...]


class Call(NamedTuple):
    """A function's name as written, and its arguments."""

    name: str
    args: tuple[Node, ...]


class Not(NamedTuple):
    """`!operand`."""

    operand: Node


class Binary(NamedTuple):
    """Two operands and one of `&&` `||` `==` `!=` `<` `<=` `>` `>=`. A chain leans to the left, without end."""

    op: str
    left: Node
    right: Node


class Opaque(NamedTuple):
    """What is not an expression: a mistake, or beyond the limits."""

    text: str


Node: TypeAlias = Literal | Context | Access | Call | Not | Binary | Opaque
Key: TypeAlias = str | Node | Star


def find(text: str) -> Iterator[Span]:
    """Where a text has `${{ … }}`, braces included. Quoted braces do not end one; one without an end is none."""
    start = text.find(OPENING)
    while start >= 0:
        end = _closing(text, start + 3)
        if end < 0:
            return
        yield Span(start, end)
        start = text.find(OPENING, end)


def _closing(text: str, position: int) -> int:
    """The offset after the `}}` that ends an expression, or -1."""
    braces = text.find("}}", position)
    while braces >= 0:
        quote = text.find("'", position, braces)
        if quote < 0:
            return braces + 2
        position = text.find("'", quote + 1) + 1
        if not position:
            return -1
        if braces < position:
            braces = text.find("}}", position)
    return -1


class _BrokenError(ValueError):
    pass


class _Parser:
    def __init__(self, text: str) -> None:
        self._tokens = list(_tokens(text))
        self._next = 0
        self._depth = 0

    def whole(self) -> Node:
        node = self._expression()
        if self._next < len(self._tokens):
            raise _BrokenError
        return node

    def _take(self, wanted: str) -> bool:
        """Go past an operator if it is the next token."""
        if self._peek() != ("operator", wanted):
            return False
        self._next += 1
        return True

    def _expect(self, wanted: str) -> None:
        if not self._take(wanted):
            raise _BrokenError

    def _peek(self) -> tuple[str, str]:
        return self._tokens[self._next] if self._next < len(self._tokens) else ("end", "")

    def _expression(self, weakest: int = 1) -> Node:
        """Operands joined by operators that bind at least as strongly as `weakest`."""
        left = self._operand()
        while True:
            kind, op = self._peek()
            precedence = _PRECEDENCE.get(op, 0) if kind == "operator" else 0
            if precedence < weakest:
                return left
            self._next += 1
            left = Binary(op, left, self._expression(precedence + 1))

    def _operand(self) -> Node:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise _BrokenError
        node = Not(self._operand()) if self._take("!") else self._taken(self._primary())
        self._depth -= 1
        return node

    def _primary(self) -> Node:
        if self._take("("):
            node = self._expression()
            self._expect(")")
            return node
        kind, text = self._peek()
        self._next += 1
        if kind == "string":
            return Literal(text[1:-1].replace("''", "'"))
        if kind == "number" and (number := number_of(text)) == number:
            return Literal(number)
        if kind != "name":
            raise _BrokenError
        if self._take("("):
            return Call(text, tuple(self._arguments()))
        return Literal(_CONSTANTS[text]) if text in _CONSTANTS else Context(text)

    def _arguments(self) -> Iterator[Node]:
        if self._take(")"):
            return
        yield self._expression()
        while not self._take(")"):
            self._expect(",")
            yield self._expression()

    def _taken(self, base: Node) -> Node:
        """What is taken from a value by the names and indexes that follow it."""
        path: list[Key] = []
        while True:
            if self._take("."):
                path.append(self._name())
            elif self._take("["):
                path.append(self._index())
            else:
                break
        if not path:
            return base
        if isinstance(base, Literal):
            raise _BrokenError
        return base._replace(path=base.path + tuple(path)) if isinstance(base, Context) else Access(base, tuple(path))

    def _name(self) -> Key:
        if self._take("*"):
            return Star()
        kind, text = self._peek()
        if kind != "name":
            raise _BrokenError
        self._next += 1
        return text

    def _index(self) -> Key:
        if self._take("*"):
            key: Key = Star()
        else:
            node = self._expression()
            key = node.value if isinstance(node, Literal) and isinstance(node.value, str) else node
        self._expect("]")
        return key


def _tokens(text: str) -> Iterator[tuple[str, str]]:
    """Kind and text of each token."""
    end = 0
    for match in re.finditer(_TOKEN, text):
        if match.start() != end:
            break
        end = match.end()
        if match.lastgroup != "blank":
            yield match.lastgroup or "", match[0]
    if end < len(text):
        raise _BrokenError


def parse(text: str) -> Node:
    """What stands between `${{` and `}}`, or a condition without these."""
    try:
        if len(text) > MAX_LENGTH or HOLE in text:
            raise _BrokenError
        if (match := re.fullmatch(_PATH, text)) and match[1] not in _CONSTANTS:
            return Context(match[1], tuple(match[2][1:].split(".")))
        return _Parser(text).whole()
    except _BrokenError:
        return Opaque(text.strip())


def written(node: Node) -> str:
    """An expression as people would write it; the same for all that differ in blanks and parentheses only."""
    if isinstance(node, Binary):
        return _written_chain(node)
    if isinstance(node, Literal):
        return _written_literal(node.value)
    if isinstance(node, Not):
        return f"!{_written_operand(node.operand, 5)}"
    if isinstance(node, Call):
        return f"{node.name}({', '.join(map(written, node.args))})"
    if isinstance(node, Opaque):
        return node.text
    base = node.name if isinstance(node, Context) else _written_operand(node.base, 5)
    return "".join((base, *map(_written_key, node.path)))


def _written_chain(node: Binary) -> str:
    parts: list[str] = []
    left: Node = node
    weakest = 0
    while isinstance(left, Binary) and _PRECEDENCE[left.op] >= weakest:
        weakest = _PRECEDENCE[left.op]
        parts += (_written_operand(left.right, weakest + 1), left.op)
        left = left.left
    return " ".join((_written_operand(left, weakest), *reversed(parts)))


def _written_operand(node: Node, weakest: int) -> str:
    text = written(node)
    return f"({text})" if isinstance(node, Binary) and _PRECEDENCE[node.op] < weakest else text


def _written_literal(value: str | float | bool | None) -> str:
    if isinstance(value, str):
        quoted = value.replace("'", "''")
        return f"'{quoted}'"
    if value is None or isinstance(value, bool):
        return "null" if value is None else str(value).lower()
    return number_text(value)


def _written_key(key: Key) -> str:
    if isinstance(key, str):
        return _written_name(key)
    return ".*" if isinstance(key, Star) else f"[{written(key)}]"


@lru_cache(maxsize=512)
def _written_name(key: str) -> str:
    return f".{key}" if re.fullmatch(r"[A-Za-z_][A-Za-z0-9_-]*", key) else f"[{_written_literal(key)}]"
