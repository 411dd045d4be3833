"""JSON as RFC 8259 has it and no other: UTF-8, no constants of JavaScript, bounded depth, repeated names seen.

The parser of the standard library does the reading; what it forgives is refused here. Places are found afterwards,
when a finding needs one: `locate` walks through the text along a pointer.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from imglint.record import NamedTuple
from imglint.source import Span

MAX_DEPTH: Final = 100
"""Objects and arrays in one another."""

Key = str | int
"""One step of a pointer: the name of a member, or the number (from 0) of an item."""

_SPACE: Final = r"[ \t\n\r]*"
_STRING: Final = r'"(?:[^"\\]|\\.)*"'
_LITERAL: Final = r"[-+.0-9A-Za-z]+"


class JsonError(ValueError):
    """A text that is not JSON as the standard has it; the message follows "is not valid JSON: "."""


class Parsed(NamedTuple):
    """A value, and the names that an object holds twice (the last of them counts), in the order they were met."""

    value: Any
    repeated: tuple[str, ...]


class Located(NamedTuple):
    """Where a value stands with its quotes or brackets, and where its name does, quotes included (None in arrays)."""

    value: Span
    key: Span | None = None


def decode(data: bytes) -> str:
    """The text of a JSON document, which is UTF-8 without a byte-order mark (RFC 8259, section 8.1).

    Raises `JsonError`.
    """
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise JsonError(f"it is not UTF-8 (byte {error.start})") from None


def parse(text: str) -> Parsed:
    """Read a document. Raises `JsonError`; how large the text may be is for the caller to decide."""
    repeated: dict[str, None] = {}

    def collect(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        if len(found) < len(pairs):
            seen: set[str] = set()
            for name, _ in pairs:
                if name in seen:
                    repeated[name] = None
                seen.add(name)
        return found

    if _too_deep(text):
        raise JsonError(f"it is nested more than {MAX_DEPTH} levels deep")
    try:
        value = json.loads(text, object_pairs_hook=collect, parse_constant=_refuse)
    except json.JSONDecodeError as error:
        raise JsonError(
            f"{error.msg[:1].lower()}{error.msg[1:]} at line {error.lineno}, column {error.colno}"
        ) from None
    except ValueError as error:  # A number with thousands of digits, or a constant of JavaScript.
        reason = str(error) if isinstance(error, JsonError) else "it holds a number that is too long"
        raise JsonError(reason) from None
    return Parsed(value, tuple(repeated))


def pretty(value: Any) -> str:
    """A document as people read it, which `locate` can find places in. Lone surrogates stay escaped."""
    text = json.dumps(value, indent=2, ensure_ascii=False)
    return re.sub("[\ud800-\udfff]", lambda found: f"\\u{ord(found[0]):04x}", text)


def locate(text: str, pointer: tuple[Key, ...]) -> Located:
    """Where a pointer leads in a document that `parse` has read; as far as it leads, where the end is not there.

    Of names that repeat, the last counts, as for `parse`. Time grows with the length of the text.
    """
    here = Located(Span(_skip(text, 0), _end(text, _skip(text, 0))))
    for step in pointer:
        found = _child(text, here.value.start, step)
        if found is None:
            break
        here = found
    return here


def pointer_at(text: str, offset: int) -> tuple[Key, ...]:
    """The way to the innermost value that holds an offset; a member's name leads to its value."""
    pointer: list[Key] = []
    here = _skip(text, 0)
    while text[here : here + 1] in ("[", "{"):
        for number, child in enumerate(_children(text, here)):
            if (child.key or child.value).start <= offset < child.value.end:
                pointer.append(number if child.key is None else _name(text, child.key))
                here = child.value.start
                break
        else:
            break
    return tuple(pointer)


def _refuse(constant: str) -> None:
    raise JsonError(f"`{constant}` is not a value of JSON")


def _too_deep(text: str) -> bool:
    depth = 0
    if text.count("[") + text.count("{") <= MAX_DEPTH:
        return False
    for found in re.finditer(rf"{_STRING}|[\[\]{{}}]", text, re.DOTALL):
        if found[0] in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                return True
        elif found[0] in "]}":
            depth -= 1
    return False


def _skip(text: str, at: int) -> int:
    found = re.compile(_SPACE).match(text, at)
    return found.end() if found else at


def _end(text: str, at: int) -> int:
    """Where the value that begins at an offset ends."""
    if text[at : at + 1] not in "[{":
        found = re.compile(rf"{_STRING}|{_LITERAL}", re.DOTALL).match(text, at)
        return found.end() if found else at
    depth = 0
    for found in re.compile(rf"{_STRING}|[\[\]{{}}]", re.DOTALL).finditer(text, at):
        if found[0] in "[{":
            depth += 1
        elif found[0] in "]}":
            depth -= 1
            if depth == 0:
                return found.end()
    return len(text)


def members(text: str, start: int) -> dict[str, Located]:
    """Where the members of the object that begins at an offset stand, by their names; none when there is no object."""
    if text[start : start + 1] != "{":
        return {}
    return {_name(text, each.key): each for each in _children(text, start) if each.key}


def _child(text: str, start: int, step: Key) -> Located | None:
    if isinstance(step, str):
        return members(text, start).get(step)
    if text[start : start + 1] != "[":
        return None
    return next(islice(_children(text, start), step, None), None)


def _name(text: str, key: Span) -> str:
    return str(json.loads(text[key.start : key.end]))


def _children(text: str, start: int) -> Iterator[Located]:
    """The values in the object or array that begins at an offset."""
    is_object = text[start] == "{"
    at = _skip(text, start + 1)
    while text[at : at + 1] not in ("]", "}", ""):
        key = None
        if is_object:
            key = Span(at, _end(text, at))
            at = _skip(text, _skip(text, key.end) + 1)
        value = Span(at, _end(text, at))
        if value.end == at:
            return
        yield Located(value, key)
        at = _skip(text, value.end)
        if text[at : at + 1] == ",":
            at = _skip(text, at + 1)
