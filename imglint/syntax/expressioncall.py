"""The functions of GitHub Actions expressions, on values that may be known in part.

As https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#functions has them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imglint.syntax.expressionvalue import (
    NULL,
    List,
    Object,
    Scalar,
    Unknown,
    Value,
    equal,
    folded,
    is_unknown,
    scalar_text,
    to_text,
)
from imglint.syntax.text import HOLE, Piece, Place, Text, joined, literal

MAX_VALUE: Final = 100_000
"""Characters of a string that a function makes, and of a JSON text it reads; a longer one counts as unknown."""

MAX_JSON_DEPTH: Final = 50
"""Lists and objects within each other in a JSON text."""

_FIELD: Final = r"\{\{|\}\}|\{[0-9]{1,4}\}|[{}]"


def call(name: str, args: Sequence[Value], place: Place) -> Value | None:
    """What a function (its name in lower case) makes of values; None when that is not known.

    A call that fails the run, such as one with too few arguments, is not known.
    """
    if name in ("contains", "startswith", "endswith") and len(args) == 2:
        where, what = args
        decided = _contains(where, what, place) if name == "contains" else _affix(name, where, what, place)
        return None if decided is None else Scalar(decided)
    if name == "format" and args:
        return _format(args, place)
    if name == "join" and len(args) in (1, 2):
        return _join(args, place)
    if name == "tojson" and len(args) == 1:
        written = _json(args[0], "\n")
        return None if written is None or len(written) > MAX_VALUE else literal(written, *place, exact=False)
    if name == "fromjson" and len(args) == 1:
        return _from_json(to_text(args[0], place))
    return None


def _contains(where: Value, what: Value, place: Place) -> bool | None:
    if isinstance(where, List):
        found = [equal(item, what) for item in where.items]
        return True if True in found else (None if None in found else False)
    if isinstance(where, Object) or isinstance(what, List | Object):
        return False
    if is_unknown(where) or is_unknown(what):
        return None
    text, part = folded(to_text(where, place).text), folded(to_text(what, place).text)
    if HOLE in part:
        return None
    return True if part in text else (None if HOLE in text else False)


def _affix(name: str, where: Value, what: Value, place: Place) -> bool | None:
    if isinstance(where, List | Object) or isinstance(what, List | Object):
        return False
    text, part = folded(to_text(where, place).text), folded(to_text(what, place).text)
    if name == "endswith":
        text, part = text[::-1], part[::-1]
    if not part:
        return True
    known, hole, _ = text.partition(HOLE)
    wanted, partly, _ = part.partition(HOLE)
    if known.startswith(wanted):
        return None if partly else True
    return None if hole and wanted.startswith(known) else False


def _format(args: Sequence[Value], place: Place) -> Text | None:
    pattern = to_text(args[0], place).value
    if pattern is None:
        return None
    parts: list[Text] = []
    size = end = 0
    for field in re.finditer(_FIELD, pattern):
        parts.append(literal(pattern[end : field.start()], *place, exact=False))
        end = field.end()
        if field[0] in ("{{", "}}"):
            parts.append(literal(field[0][0], *place, exact=False))
        elif len(field[0]) == 1 or int(field[0][1:-1]) + 1 >= len(args):
            return None
        else:
            parts.append(to_text(args[int(field[0][1:-1]) + 1], place))
        size += len(parts[-1].text)
        if size > MAX_VALUE:
            return None
    parts.append(literal(pattern[end:], *place, exact=False))
    return _compact(parts)


def _join(args: Sequence[Value], place: Place) -> Text | None:
    if not isinstance(args[0], List):
        return None if is_unknown(args[0]) else to_text(args[0], place)
    between = to_text(args[1], place) if len(args) == 2 else literal(",", *place, exact=False)
    texts = [to_text(item, place) for item in args[0].items]
    if sum(len(text.text) + len(between.text) for text in texts) > MAX_VALUE:
        return None
    separated = [part for text in texts for part in (between, text)][1:]
    return _compact([*separated, literal("", *place, exact=False)])


def _compact(texts: Iterable[Text]) -> Text:
    """Texts one after the other, without the pieces that hold nothing."""
    whole = joined(texts)
    return Text([piece for piece in whole.pieces if piece.text] or whole.pieces[:1])


def _json(value: Value, newline: str) -> str | None:
    """A value as indented JSON text; None when a part of it is not known."""
    import json

    if isinstance(value, Text):
        return None if HOLE in value.text else json.dumps(value.text, ensure_ascii=False)
    if isinstance(value, Scalar):
        return "null" if value.value is None else scalar_text(value)
    if isinstance(value, Unknown) or len(newline) > 2 * MAX_JSON_DEPTH:
        return None
    deeper = f"{newline}  "
    parts: list[str] = []
    for name, item in _named(value):
        written = _json(item, deeper)
        if written is None:
            return None
        parts.append(written if name is None else f"{json.dumps(name, ensure_ascii=False)}: {written}")
    opening, closing = "{}" if isinstance(value, Object) else "[]"
    inside = f"{deeper}{f',{deeper}'.join(parts)}{newline}" if parts else ""
    return f"{opening}{inside}{closing}"


def _named(value: List | Object) -> Iterator[tuple[str | None, Value]]:
    if isinstance(value, Object):
        yield from value.fields
    else:
        yield from ((None, item) for item in value.items)


def _from_json(text: Text) -> Value | None:
    if text.value is None or len(text.value) > MAX_VALUE or _json_depth(text.value) > MAX_JSON_DEPTH:
        return None
    import json

    try:
        return _of_json(json.loads(text.value, parse_int=float, parse_constant=_refuse), text)
    except ValueError:
        return None


def _json_depth(text: str) -> int:
    """How many brackets are open at once at most, those in strings included: never less than the true depth."""
    depth = deepest = 0
    for bracket in re.findall(r"[][{}]", text):
        depth += 1 if bracket in "[{" else -1
        deepest = max(deepest, depth)
    return deepest


def _refuse(constant: str) -> float:
    raise ValueError(f"{constant} is not JSON")


def _of_json(data: object, text: Text) -> Value:
    """What JSON data is as a value. Raises ValueError for a string that cannot be told from an unknown one."""
    if isinstance(data, str):
        if HOLE in data:
            raise ValueError("a NUL character")
        return Text((Piece(data, *text.place, False, "", text.origin),))
    if isinstance(data, list):
        return List(tuple(_of_json(item, text) for item in data))
    if isinstance(data, dict):
        return Object(tuple((name, _of_json(item, text)) for name, item in data.items()))
    return Scalar(data) if isinstance(data, bool | float) else NULL
