"""The grammar of git's configuration files: text to entries in order.

As https://git-scm.com/docs/git-config#_syntax has it and as git reads it. Nothing here opens a file:
`include.path` comes out as an entry like any other.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from imglint.record import NamedTuple

_BLANK = re.compile(r"(?:[ \t\r\n]+|[#;][^\n]*)*")
_HEADER = re.compile(r'\[([A-Za-z0-9.-]+)(?:[ \t]+"((?:[^"\\\n]|\\[^\n])*)")?\]')
_KEY = re.compile(r"([A-Za-z][A-Za-z0-9-]*)[ \t]*(=|\n|\Z)")
_VALUE_PART = re.compile(
    r"""(?P<text>[^"\\\n\#;]+)
    |   (?P<quote>")
    |   (?P<comment>[\#;])
    |   \\(?P<escape>[tbn"\\\n])""",
    re.VERBOSE,
)
_COMMENT = re.compile(r"[^\n]*")
_ESCAPES = {"t": "\t", "b": "\b", "n": "\n", "\n": ""}
_SPACE = " \t\r"


class Entry(NamedTuple):
    """One variable: `[section "subsection"] key = value`.

    `section` and `key` are lower-case, as git compares them; `subsection` keeps its case and is `None` when
    there is none. `value` is `None` for a key without an equals sign, which git reads as true.
    """

    section: str
    subsection: str | None
    key: str
    value: str | None


def entries(text: str) -> Iterator[Entry]:
    """The variables of a configuration file in order; ends at the first line git would refuse."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    section: tuple[str, str | None] | None = None
    position = 0
    while True:
        position = _end(_BLANK, text, position)
        if header := _HEADER.match(text, position):
            section = _section(header[1], header[2])
            position = header.end()
            continue
        key = _KEY.match(text, position)
        if key is None or section is None:
            return
        value: str | None = None
        position = key.end()
        if key[2] == "=":
            read = _value(text, position)
            if read is None:
                return
            value, position = read
        yield Entry(*section, key[1].lower(), value)


def _section(name: str, quoted: str | None) -> tuple[str, str | None]:
    """Section and subsection; `[a.b]` is an old way to write `[a "b"]`, without upper case."""
    section, _, dotted = name.lower().partition(".")
    if quoted is None:
        return section, dotted or None
    subsection = re.sub(r"\\(.)", r"\1", quoted)
    return section, f"{dotted}.{subsection}" if dotted else subsection


def _value(text: str, position: int) -> tuple[str, int] | None:
    """The value that begins at a position and the offset at which its line ends; `None` when malformed."""
    kept = 0  # what comes after is unquoted space, which counts only when more of the value follows it
    quoted = False
    parts: list[str] = []
    length = 0
    while position < len(text) and (text[position] != "\n" or quoted):
        part = _VALUE_PART.match(text, position)
        if part is None:
            return None
        position = part.end()
        kind, piece = part.lastgroup, part[0]
        if kind == "quote":
            quoted = not quoted
            continue
        if kind == "comment" and not quoted:
            position = _end(_COMMENT, text, position)
            break
        if kind == "escape":
            piece = _ESCAPES.get(part["escape"], part["escape"])
        elif not length and not quoted:
            piece = piece.lstrip(_SPACE)
        parts.append(piece)
        if kind != "text" or quoted:
            kept = length + len(piece)
        elif solid := piece.rstrip(_SPACE):
            kept = length + len(solid)
        length += len(piece)
    return None if quoted else ("".join(parts)[:kept], position)


def _end(pattern: re.Pattern[str], text: str, position: int) -> int:
    """Where a pattern that can match nothing ends."""
    match = pattern.match(text, position)
    return match.end() if match else position
