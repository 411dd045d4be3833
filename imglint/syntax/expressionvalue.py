"""Values of GitHub Actions expressions, known in whole or in part, and how they are compared.

As https://docs.github.com/en/actions/reference/workflows-and-actions/expressions has it. Whatever depends on what is
not known is not known either, unless the known part decides it.
"""

from __future__ import annotations

import re
from typing import Final, TypeAlias

from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Place, Text, literal, unknown

_INTEGERS: Final = 1e15
"""From here on a number is written with an exponent."""

_NUMBER: Final = r"[-+]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][-+]?[0-9]+)?"


class Scalar(NamedTuple):
    """A boolean, a number or null (None)."""

    value: bool | float | None


class List(NamedTuple):
    """A list. `filtered`: made by `.*`, so that the next key is looked up in each of its items."""

    items: tuple[Value, ...]
    filtered: bool = False


class Object(NamedTuple):
    """An object: names with values, in order."""

    fields: tuple[tuple[str, Value], ...]


class Unknown(NamedTuple):
    """What nobody knows before the workflow runs; `reason` is the expression, as people would write it.

    `truth` says whether it counts as true, where that much is certain.
    """

    reason: str
    truth: bool | None = None


Value: TypeAlias = Text | Scalar | List | Object | Unknown
"""A string is a `Text`, which may have unknown parts."""

NULL: Final = Scalar(None)


def truth(value: Value) -> bool | None:
    """Whether a value counts as true in a condition; None when that is not known."""
    if isinstance(value, Unknown):
        return value.truth
    if isinstance(value, Text):
        return True if value.text.replace(HOLE, "") else (None if value.text else False)
    if isinstance(value, Scalar):
        return bool(value.value) and value.value == value.value  # a NaN, which equals nothing, is false
    return True


def to_text(value: Value, place: Place) -> Text:
    """A value as it stands in a string at `place`; strings keep where they were defined."""
    if isinstance(value, Text):
        return value.moved(place)
    if isinstance(value, Unknown):
        return unknown(value.reason, *place)
    if isinstance(value, Scalar):
        return literal(scalar_text(value), *place, exact=False)
    return literal("Array" if isinstance(value, List) else "Object", *place, exact=False)


def scalar_text(value: Scalar) -> str:
    """A boolean, number or null as it stands in a string; null is empty."""
    if value.value is None:
        return ""
    return number_text(value.value) if not isinstance(value.value, bool) else str(value.value).lower()


def number_text(number: float) -> str:
    """A number as Actions writes it: at most 15 digits."""
    if number != number:
        return "NaN"
    if number in (float("inf"), float("-inf")):
        return "Infinity" if number > 0 else "-Infinity"
    return str(int(number)) if number == int(number) and abs(number) < _INTEGERS else f"{number:.15G}"


def number_of(text: str) -> float:
    """The number a string stands for: 0 for an empty one, NaN for what is no number."""
    text = text.strip()
    if not text:
        return 0.0
    if re.fullmatch(_NUMBER, text):
        return float(text)
    if re.fullmatch(r"0x[0-9A-Fa-f]{1,16}|0o[0-7]{1,22}", text):
        return float(int(text, 0))
    return float(text) if text in ("Infinity", "-Infinity") else float("nan")


def index(value: Value, key: Value) -> Value | None:
    """What `value[key]` is: null when there is no such item, None when that is not known."""
    if isinstance(value, List) and value.filtered:
        found = [index(item, key) for item in value.items]
        return None if None in found else List(tuple(item for item in found if item not in (None, NULL)), True)
    if is_unknown(value) or is_unknown(key):
        return None
    if isinstance(value, Object) and isinstance(key, Text | Scalar):
        name = folded(key.text if isinstance(key, Text) else scalar_text(key))
        return None if HOLE in name else next((item for field, item in value.fields if folded(field) == name), NULL)
    if isinstance(value, List):
        number = _number(key)
        if number is None:
            return None
        return value.items[int(number)] if 0 <= number < len(value.items) else NULL
    return NULL


def items(value: Value) -> List | None:
    """What `value.*` is; None when that is not known."""
    if is_unknown(value):
        return None
    if isinstance(value, List) and value.filtered:
        within = [items(item) for item in value.items]
        return None if None in within else List(tuple(item for part in within if part for item in part.items), True)
    if isinstance(value, Object):
        return List(tuple(item for _, item in value.fields), True)
    return List(value.items if isinstance(value, List) else (), True)


def is_unknown(value: Value) -> bool:
    """Whether even the type is not known: what replaced a single hole may have been an object."""
    return isinstance(value, Unknown) or (isinstance(value, Text) and value.text == HOLE)


def folded(text: str) -> str:
    """A string without its case, as Actions compares: character by character."""
    if text.isascii():
        return text.upper()
    return "".join(upper if len(upper := letter.upper()) == 1 and letter != "ı" else letter for letter in text)


def equal(left: Value, right: Value) -> bool | None:
    """Whether `left == right`: strings without regard to case, other types as numbers; None when not known."""
    if is_unknown(left) or is_unknown(right):
        return None
    if isinstance(left, Text) and isinstance(right, Text):
        return _equal_texts(left.text, right.text)
    if isinstance(left, List | Object) or isinstance(right, List | Object):
        return left is right
    if left == right == NULL:
        return True
    first, second = _number(left), _number(right)
    return None if first is None or second is None else first == second


def _equal_texts(left: str, right: str) -> bool | None:
    left, right = folded(left), folded(right)
    if HOLE not in left and HOLE not in right:
        return left == right
    # Whatever stands in the holes, what is before the first and after the last must agree.
    prefixes = left.partition(HOLE)[0], right.partition(HOLE)[0]
    suffixes = left.rpartition(HOLE)[2], right.rpartition(HOLE)[2]
    agree = prefixes[0].startswith(prefixes[1]) or prefixes[1].startswith(prefixes[0])
    agree = agree and (suffixes[0].endswith(suffixes[1]) or suffixes[1].endswith(suffixes[0]))
    for whole, other in ((left, right), (right, left)):
        agree = agree and (HOLE in whole or len(other) - other.count(HOLE) <= len(whole))
    return None if agree else False


def less(left: Value, right: Value) -> bool | None:
    """Whether `left < right`; None when that is not known."""
    if is_unknown(left) or is_unknown(right):
        return None
    if isinstance(left, Text) and isinstance(right, Text):
        return None if HOLE in left.text + right.text else folded(left.text) < folded(right.text)
    if isinstance(left, List | Object) or isinstance(right, List | Object):
        return False
    first, second = _number(left), _number(right)
    return None if first is None or second is None else first < second


def _number(value: Value) -> float | None:
    """A value as a number, None when it is not known; lists and objects are none (NaN)."""
    if isinstance(value, Text):
        return None if HOLE in value.text else number_of(value.text)
    if isinstance(value, Scalar):
        return float(value.value or 0)
    return None if isinstance(value, Unknown) else float("nan")
