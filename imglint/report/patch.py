"""A patch as `git apply` and `patch -p1` take it."""

from __future__ import annotations

from collections.abc import Iterator
from difflib import unified_diff
from typing import Final

from imglint.report.escape import visible
from imglint.report.result import Style

_NO_NEWLINE: Final = "\\ No newline at end of file\n"
_COLOURS: Final = {"+": "\x1b[32m", "-": "\x1b[31m", "@": "\x1b[36m"}


def patch(path: str, before: str, after: str) -> Iterator[str]:
    """The lines of a patch of one file, exact to the byte; none when both texts are the same."""
    lines = unified_diff(_lines(before), _lines(after), _named("a", path), _named("b", path))
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n{_NO_NEWLINE}"


def shown(lines: Iterator[str], style: Style) -> Iterator[str]:
    """The same for a terminal: control characters written out, and in colour where that is wanted."""
    for line in lines:
        text = visible(line.rstrip("\r\n"))
        colour = _COLOURS.get(text[:1], "") if style.color else ""
        yield f"{colour}{text}\x1b[0m\n" if colour else f"{text}\n"


def _lines(text: str) -> list[str]:
    """Lines with their ends; they end at a line feed only."""
    lines = [f"{line}\n" for line in text.split("\n")]
    return lines[:-1] if text.endswith("\n") or not text else [*lines[:-1], lines[-1][:-1]]


def _named(side: str, path: str) -> str:
    """A path as git writes it: in quotes, with escapes, where it holds what would break a line."""
    name = f"{side}/{path}"
    if name.isascii() and name.isprintable() and not any(char in name for char in '"\\'):
        return f"{name}\t" if " " in name else name  # The tab ends a name with blanks, for patch.
    escaped = "".join(
        chr(byte) if 0x20 <= byte < 0x7F and byte not in b'"\\' else f"\\{byte:03o}"
        for byte in name.encode("utf-8", "surrogateescape")
    )
    return f'"{escaped}"'
