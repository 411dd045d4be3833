"""The operators of HCL, on values that may be known in part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from imglint.syntax.hclvalue import Result, Value, equal, integer, truth


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _not_equal(one: Value, other: Value) -> bool | None:
    return _not(equal(one, other))


def _and(one: Value, other: Value) -> bool | None:
    found = truth(one), truth(other)
    return False if False in found else None if None in found else True


def _or(one: Value, other: Value) -> bool | None:
    found = truth(one), truth(other)
    return True if True in found else None if None in found else False


def _on_integers(function: Callable[[int, int], int | None]) -> Callable[[Value, Value], int | None]:
    def apply(one: Value, other: Value) -> int | None:
        left, right = integer(one), integer(other)
        return None if left is None or right is None else function(left, right)

    return apply


def _negate(value: Value) -> int | None:
    number = integer(value)
    return None if number is None else -number


def _divide(one: int, other: int) -> int | None:
    return one // other if other and one % other == 0 else None


def _modulo(one: int, other: int) -> int | None:
    return one % other if one >= 0 and other > 0 else None


OPERATIONS: Final[dict[str, Callable[..., Result | None]]] = {
    "==": equal,
    "!=": _not_equal,
    "&&": _and,
    "||": _or,
    "<": _on_integers(lambda one, other: one < other),
    "<=": _on_integers(lambda one, other: one <= other),
    ">": _on_integers(lambda one, other: one > other),
    ">=": _on_integers(lambda one, other: one >= other),
    "+": _on_integers(lambda one, other: one + other),
    "-": _on_integers(lambda one, other: one - other),
    "*": _on_integers(lambda one, other: one * other),
    "/": _on_integers(_divide),
    "%": _on_integers(_modulo),
    "unary -": _negate,
    "unary !": lambda value: _not(truth(value)),
}
"""The operators; each gives None where its result is not known."""
