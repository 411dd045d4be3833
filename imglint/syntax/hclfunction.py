"""The functions of HCL, on values that may be known in part.

By the functions of buildx (bake/hclparser/stdlib.go, which are those of zclconf/go-cty).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from imglint.syntax.hcloperator import OPERATIONS
from imglint.syntax.hclvalue import (
    MAX_SIZE,
    Either,
    List,
    Map,
    Null,
    Result,
    Scalar,
    TooLargeError,
    Unknown,
    Value,
    equal,
    integer,
    known_items,
    known_text,
    text_of,
)
from imglint.syntax.lists import GO_SPACE
from imglint.syntax.text import Text, joined

_MAX_SEARCHED: Final = 500
_PLAIN_PATTERN: Final = r"(?:[A-Za-z0-9_.:/@^$|+?*, \[\]()-]|\\[.dwsDWS+*?/-]){1,100}"
"""Regular expressions that RE2 and Python read alike; two repetitions in each other are too rare to matter."""


def _map_text(function: Callable[[str], str]) -> Callable[[Value], Text | str | None]:
    """A function of one known string; a string that it does not change keeps its places."""

    def apply(value: Value) -> Text | str | None:
        known = known_text(value)
        result = None if known is None else function(known)
        return text_of(value) if result == known else result

    return apply


def _cut_text(function: Callable[[str, str], tuple[int, int]]) -> Callable[[Value, Value], Text | None]:
    """A function that keeps one range of its first string."""

    def apply(value: Value, other: Value) -> Text | None:
        text, known, argument = text_of(value), known_text(value), known_text(other)
        return None if text is None or known is None or argument is None else text.cut(*function(known, argument))

    return apply


def _trim_space(value: Value) -> Text | None:
    text = text_of(value)
    return text.strip(GO_SPACE) if text and text.value is not None else None


def _trim_range(text: str, characters: str) -> tuple[int, int]:
    start = len(text) - len(text.lstrip(characters)) if characters else 0
    return start, max(start, len(text.rstrip(characters)) if characters else len(text))


def _replace(value: Value, old: Value, new: Value) -> Text | str | None:
    text, part, other = known_text(value), known_text(old), known_text(new)
    if text is None or other is None or not part:
        return None
    if len(text) + text.count(part) * len(other) > MAX_SIZE:
        raise TooLargeError
    return text.replace(part, other) if part in text else text_of(value)


def _join(separator: Value, *lists: Value) -> Text | str | None:
    between, items = text_of(separator), _concat(*lists)
    if between is None or items is None or not lists:
        return None
    texts = [text_of(item) for item in items.items]
    parts = [text for text in texts if text is not None]
    if len(parts) < len(texts):
        return None
    if sum(len(text.text) for text in parts) + (len(between.text) + len(between.pieces)) * len(parts) > MAX_SIZE:
        raise TooLargeError
    if not parts:
        return ""
    row = [text for part in parts for text in (between, part)][1:]
    return joined([text for text in row if text.text] or row[:1])


def _split(separator: Value, value: Value) -> List | None:
    between, text, known = known_text(separator), text_of(value), known_text(value)
    if not between or text is None or known is None:
        return None
    if known.count(between) * len(text.pieces) > MAX_SIZE:
        raise TooLargeError
    return List(tuple(text.split(between)))


def _concat(*lists: Value) -> List | None:
    items: list[Value] = []
    for value in lists:
        if isinstance(value, Either) and all(isinstance(each, List) for each in value.values):
            # Each item may be there or not.
            choices = (item for each in value.values if isinstance(each, List) for item in each.items)
            items += (Either((item, Null()), value.reason) for item in choices if not isinstance(item, Either))
        elif isinstance(value, List):
            items += value.items
        else:
            return None
    return List(tuple(items))


def _compact(value: Value) -> List | None:
    items = known_items(value)
    return None if items is None else List(tuple(item for item in items if known_text(item)))


def _distinct(value: Value) -> List | None:
    items = known_items(value)
    if items is None:
        return None
    first: dict[tuple[type, str, str | None], Value] = {}
    for item in items:
        first.setdefault((type(item), getattr(item, "kind", ""), known_text(item)), item)
    return List(tuple(first.values()))


def _flatten(value: Value) -> List | None:
    if not isinstance(value, List):
        return None
    items: list[Value] = []
    for item in value.items:
        if isinstance(item, Unknown | Either):
            return None
        inner = _flatten(item) if isinstance(item, List) else List((item,))
        if inner is None:
            return None
        items += inner.items
    return List(tuple(items))


def _coalesce(*values: Value) -> Value | None:
    as_text = any(isinstance(value, Text) for value in values)
    for value in values:
        if isinstance(value, Unknown | Either):
            return None
        if not isinstance(value, Null):
            return value.text if as_text and isinstance(value, Scalar) else value
    return None


def _merge(*values: Value) -> Map | None:
    entries: dict[tuple[str, tuple[str, ...]], tuple[Text, Value]] = {}
    for value in values:
        if isinstance(value, Map):
            entries.update((entry[0].key, entry) for entry in value.entries)
        elif not isinstance(value, Null):
            return None
    return Map(tuple(entries.values()))


def _length(value: Value) -> int | None:
    return len(value.items) if isinstance(value, List) else None


def _contains(value: Value, item: Value) -> bool | None:
    if not isinstance(value, List):
        return None
    found = {equal(item, other) for other in value.items}
    return True if True in found else None if None in found else False


def _subtract(value: Value, others: Value) -> List | None:
    """The items of one set that are not in another."""
    items, excluded = known_items(value), known_items(others)
    if items is None or excluded is None:
        return None
    known = {known_text(item) for item in excluded}
    return List(tuple(item for item in items if known_text(item) not in known))


def search(pattern: Value, value: Value) -> list[re.Match[str]] | None:
    """The first match of a regular expression, if any; None when it is not known, or one of RE2's own."""
    expression, text = known_text(pattern), known_text(value)
    if expression is None or text is None or len(text) > _MAX_SEARCHED or not re.fullmatch(_PLAIN_PATTERN, expression):
        return None
    try:
        match = re.search(expression, text)
    except (re.error, OverflowError):
        return None
    return [match] if match else []


def _regex(pattern: Value, value: Value) -> Value | None:
    """`regex`: the match, or the list of its groups."""
    found, text = search(pattern, value), text_of(value)
    if not found or text is None:
        return None
    match = found[0]
    if match.re.groups == 0:
        return text.cut(*match.span())
    spans = [match.span(number + 1) for number in range(match.re.groups)]
    return List(tuple(text.cut(*span) if span[0] >= 0 else Null() for span in spans))


def _sorted(value: Value) -> tuple[tuple[Text, Value], ...] | None:
    """The entries of a map in the order of the keys, when all keys are known."""
    if not isinstance(value, Map) or any(key.value is None for key, _ in value.entries):
        return None
    return tuple(sorted(value.entries, key=lambda entry: entry[0].text))


def _keys(value: Value) -> List | None:
    entries = _sorted(value)
    return None if entries is None else List(tuple(key for key, _ in entries))


def _values(value: Value) -> List | None:
    entries = _sorted(value)
    return None if entries is None else List(tuple(item for _, item in entries))


def _find(value: Value, key: Value, default: Value) -> Value | None:
    name = known_text(key)
    if name is None or not isinstance(value, Map) or _sorted(value) is None:
        return None
    found = value.get(name)
    return default if found is None else found


def _element(value: Value, index: Value) -> Value | None:
    number = integer(index)
    if number is None or not isinstance(value, List) or not value.items:
        return None
    return value.items[number % len(value.items)]


def _format(template: Value, *values: Value) -> Text | str | None:
    """Only `%s`, `%v` and `%%`."""
    text, known = text_of(template), known_text(template)
    if text is None or known is None:
        return None
    parts: list[Text] = []
    rest = list(values)
    at = 0
    for match in re.finditer("%(.?)", known, re.DOTALL):
        parts.append(text.cut(at, match.start()))
        at = match.end()
        value = text.cut(match.start(), match.start() + 1) if match[1] == "%" else None
        if match[1] in ("s", "v") and rest:
            value = text_of(rest.pop(0))
        if value is None:
            return None
        parts.append(value)
    parts.append(text.cut(at))
    return None if rest else joined(part for part in parts if part.text) if any(part.text for part in parts) else ""


FUNCTIONS: Final[dict[str, Callable[..., Result | None]]] = {
    "add": OPERATIONS["+"],
    "and": OPERATIONS["&&"],
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "equal": OPERATIONS["=="],
    "flatten": _flatten,
    "format": _format,
    "greaterthan": OPERATIONS[">"],
    "join": _join,
    "keys": _keys,
    "length": _length,
    "lessthan": OPERATIONS["<"],
    "lookup": _find,
    "lower": _map_text(str.lower),
    "merge": _merge,
    "not": OPERATIONS["unary !"],
    "notequal": OPERATIONS["!="],
    "or": OPERATIONS["||"],
    "regex": _regex,
    "replace": _replace,
    "sethaselement": _contains,
    "setsubtract": _subtract,
    "split": _split,
    "subtract": OPERATIONS["-"],
    "trim": _cut_text(_trim_range),
    "trimprefix": _cut_text(lambda text, part: (len(part) if text.startswith(part) else 0, len(text))),
    "trimspace": _trim_space,
    "trimsuffix": _cut_text(lambda text, part: (0, len(text) - len(part) if text.endswith(part) else len(text))),
    "upper": _map_text(str.upper),
    "values": _values,
}
"""The functions by their names; each gives None where its result is not known."""
