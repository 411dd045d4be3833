"""Values of HCL expressions, known in whole or in part, and what can be asked of each of them."""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.text import Text

MAX_SIZE: Final = 1024 * 1024
"""How many characters one evaluation may put together; more gives `Unknown`."""

DIGITS: Final = r"-?(?:0|[1-9][0-9]{0,99})\Z"
"""A whole number as HCL itself writes it."""


class Scalar(NamedTuple):
    """A number or a truth value (`kind`: `number` or `bool`), and the text that it becomes in a string."""

    kind: str
    text: Text


class List(NamedTuple):
    """A list, set or tuple."""

    items: tuple[Value, ...]


class Map(NamedTuple):
    """A map or object; no key that is known is there twice."""

    entries: tuple[tuple[Text, Value], ...]

    def get(self, key: str) -> Value | None:
        """The value of a key."""
        return next((value for name, value in self.entries if name.value == key), None)


class Null(NamedTuple):
    """No value."""


class Unknown(NamedTuple):
    """A value that does not follow; `reason` is what would tell it, as it is written."""

    reason: str


class Either(NamedTuple):
    """One of several values, none of them an `Either` itself; `reason` as in `Unknown`."""

    values: tuple[Value, ...]
    reason: str


Value = Text | Scalar | List | Map | Null | Unknown | Either

Result = Value | str | int
"""What operators and functions give: a plain string or number gets its place afterwards."""


class TooLargeError(Exception):
    """An evaluation puts together more than `MAX_SIZE`, or is nested too deep."""


def text_of(value: Value) -> Text | None:
    """A value as HCL turns it into a string; None for lists, maps and null, and for what is unknown."""
    return value if isinstance(value, Text) else value.text if isinstance(value, Scalar) else None


def known_text(value: Value) -> str | None:
    """The whole string that a value becomes, when nothing in it is unknown."""
    text = text_of(value)
    return text.value if text else None


def truth(value: Value) -> bool | None:
    """The truth value that a value is, or that its text stands for."""
    if isinstance(value, Scalar) and value.kind == "number":
        return None
    return {"true": True, "1": True, "false": False, "0": False}.get(known_text(value) or "")


def integer(value: Value) -> int | None:
    """The whole number that a value is, or that its text stands for."""
    known = known_text(value)
    return int(known) if known is not None and re.match(DIGITS, known) else None


def equal(one: Value, other: Value) -> bool | None:
    """Values of different types are not equal; of lists and maps the exact types are not known here."""
    if isinstance(one, Unknown | Either) or isinstance(other, Unknown | Either):
        return None
    if isinstance(one, Null) or isinstance(other, Null):
        return isinstance(one, Null) and isinstance(other, Null)
    kinds = {getattr(value, "kind", "string") for value in (one, other) if isinstance(value, Text | Scalar)}
    if len(kinds) == 2:
        return False
    if kinds == {"number"}:
        numbers = integer(one), integer(other)
        return None if None in numbers else numbers[0] == numbers[1]
    texts = known_text(one), known_text(other)
    return None if None in texts else texts[0] == texts[1]


def known_items(value: Value) -> tuple[Value, ...] | None:
    """The items of a list, when each is a known string, number or truth value, or null."""
    if not isinstance(value, List):
        return None
    return value.items if all(isinstance(item, Null) or known_text(item) is not None for item in value.items) else None
