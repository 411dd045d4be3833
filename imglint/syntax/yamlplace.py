"""Where in a text the characters of a YAML scalar are written.

By the sections of https://yaml.org/spec/1.2.2/.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, TypeAlias

from imglint.syntax.yamlnode import Scalar

_ESCAPE: Final = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)"
)
"""An escape in double quotes (section 5.7), or two that are one in JSON."""

Run: TypeAlias = tuple[str, int, int, bool]
"""A part of a value: the characters, from where to where they are written, and whether they are what is there."""


def runs(text: str, scalar: Scalar) -> Iterator[Run]:
    """A value in parts with their places, as far as it is written by the rules; the caller compares."""
    if scalar.style == "|":
        return _literal_runs(text, scalar)
    if scalar.style == ">":
        return _folded_runs(text, scalar)
    return _flow_runs(text, scalar)


def _flow_runs(text: str, scalar: Scalar) -> Iterator[Run]:
    """The parts of a plain or quoted scalar (sections 7.3 and 6.5): lines are joined by a blank."""
    style = scalar.style
    start, end = scalar.start + len(style), scalar.end - len(style)
    if scalar.value == text[start:end]:
        yield scalar.value, start, end, True
        return
    written, breaks, glue = start, 0, " "
    lines = list(_lines(text, start, end))
    for number, (first, last) in enumerate(lines):
        joined = False
        if number:
            first = _skip(text, first, last)
        if number < len(lines) - 1:
            joined = style == '"' and _is_escaped(text, first, last)
            last = last - 1 if joined else first + len(text[first:last].rstrip(" \t"))
        if first < last or joined or number in (0, len(lines) - 1):
            if number:
                yield "\n" * (breaks - 1) or glue, written, first, False
            yield from _line_runs(text, first, last, style)
            written, breaks, glue = last, 0, "" if joined else " "
        breaks += 1


def _line_runs(text: str, start: int, end: int, style: str) -> Iterator[Run]:
    """The parts of one line of a plain or quoted scalar, between its escapes."""
    escape = {"'": "''", '"': _ESCAPE}.get(style)
    for match in re.compile(escape).finditer(text, start, end) if escape else ():
        yield text[start : match.start()], start, match.start(), True
        yield "'" if style == "'" else _unescaped(match[0]), *match.span(), False
        start = match.end()
    yield text[start:end], start, end, True


def _unescaped(escape: str) -> str:
    """The character that an escape stands for; U+FFFD for half a character."""
    if len(escape) == 2:
        names = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
        others = {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
        return names.get(escape[1]) or others.get(escape[1], escape[1])
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    code = int(escape[2:], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _literal_runs(text: str, scalar: Scalar) -> Iterator[Run]:
    """The lines of a literal block scalar (section 8.1.2), each with its line feed: they end as in the text."""
    *lines, rest = scalar.value.split("\n")
    position = text.find("\n", scalar.start) + 1
    for line in lines:
        feed = text.find("\n", position)
        if feed < 0:
            return
        last = feed - text.startswith("\r", feed - 1)
        first = last - len(line)
        if last == feed:
            yield text[first : feed + 1], first, feed + 1, True
        else:
            yield text[first:last], first, last, True
            yield "\n", feed, feed + 1, True
        position = feed + 1
    if rest:
        end = text.find("\n", position)
        last = len(text) if end < 0 else end - text.startswith("\r", end - 1)
        yield text[last - len(rest) : last], last - len(rest), last, True


def _folded_runs(text: str, scalar: Scalar) -> Iterator[Run]:
    """The lines of a folded block scalar (section 8.1.3), and what stands for the line breaks between them."""
    value, length, breaks, deeper = scalar.value, 0, 0, False
    lines = _lines(text, scalar.start, scalar.end)
    _, written = next(lines)
    indent = -1
    for first, last in lines:
        start = _skip(text, first, last, " ")
        if start == last:
            breaks += 1
            continue
        if indent < 0:
            shown = value.lstrip("\n")
            indent = start - first - (len(shown) - len(shown.lstrip(" ")))
            between = "\n" * breaks
        else:
            kept = deeper or text[first + indent : first + indent + 1] in (" ", "\t")
            between = "\n" * (breaks + kept) or " "
        first += indent
        yield between, written, first, False
        yield text[first:last], first, last, True
        length += len(between) + last - first
        deeper = text[first : first + 1] in (" ", "\t")
        written, breaks = last, 0
    rest = value[length:]
    exact = text.startswith(rest, written)
    yield rest, written, min(written + len(rest), len(text)), exact


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """From where to where lines go, without their line breaks."""
    for match in re.compile("\r\n?|\n").finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _skip(text: str, start: int, end: int, blanks: str = " \t") -> int:
    """The first offset that is no blank."""
    while start < end and text[start] in blanks:
        start += 1
    return start


def _is_escaped(text: str, start: int, end: int) -> bool:
    """Whether the line break after a line is escaped: an odd number of backslashes is before it."""
    line = text[start:end]
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1
