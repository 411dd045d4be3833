r"""The one place that decides how text from outside may be printed.

A Dockerfile, a label or a path may hold characters that move the cursor, recolour the terminal, reorder the
line (https://trojansource.codes), hide, or be taken for a command by a CI system. They are shown as what they
are instead: `\x1b`, `\u202e`.
"""

from __future__ import annotations

import re
from typing import Any

# Control characters, line and paragraph separators, lone surrogates, interlinear annotations, and what
# Unicode calls Default_Ignorable_Code_Point: the bidirectional marks and all else that has no shape of its
# own. Variation selectors U+FE00-FE0F stay: they only choose how the emoji before them looks.
# Last, the `#` that completes `##[`: GitHub's runner obeys `##[command]` anywhere in a line of a job's
# output (actions/runner, ActionCommand.TryParse). Every match is one character.
# The pattern is compiled when it is first needed: most runs print nothing odd.
_ODD = (
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e"
    r"\u2060-\u206f\u3164\ufeff\uffa0\ufff0-\ufffb\ud800-\udfff"
    r"\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
    r"|(?<=#)#(?=\[)"
)
_NOT_PLAIN = r"[^\x00-\x7e]"
_SHORT = {"\t": r"\t", "\n": r"\n", "\r": r"\r"}


def visible(text: str) -> str:
    r"""The text on one line, with everything odd in it written out.

    Odd characters become `\n`, `\x1b`, `\u202e` or `\U000e0041`. A byte that was not UTF-8 (a lone surrogate,
    see `imglint.source.decode`) becomes `\xff`. Backslashes that were there stay single: this is for people.
    """
    if text.isascii() and text.isprintable() and "##[" not in text:
        return text
    return re.sub(_ODD, _escape, text)


def pieces(text: str) -> list[str]:
    """What `visible` writes, one piece for each character of the text."""
    parts = list(text)
    for match in re.finditer(_ODD, text):
        parts[match.start()] = _escape(match)
    return parts


def width(text: str) -> int:
    """The columns that a text without odd characters takes in a terminal.

    Wide and full-width characters take two (Unicode Standard Annex 11), combining marks none.
    """
    if text.isascii():
        return len(text)
    from unicodedata import category, east_asian_width

    return sum(
        0 if category(char) in ("Mn", "Me") else 2 if east_asian_width(char) in ("W", "F") else 1 for char in text
    )


def dump(document: Any, indent: int | None = 2) -> str:
    r"""A document as JSON in plain ASCII, with a line feed at its end.

    Everything beyond printable ASCII is written `\uXXXX`; a lone surrogate, which strict parsers refuse,
    becomes U+FFFD. `##[` is broken up as in `visible`, without changing the value.
    """
    import json

    text = json.dumps(document, indent=indent, ensure_ascii=False)
    if not text.isascii() or "\x7f" in text:
        text = re.sub(_NOT_PLAIN, _json_escape, text)
    return text.replace("##[", r"#\u0023[") + "\n"


def _escape(match: re.Match[str]) -> str:
    char = match[0]
    if char in _SHORT:
        return _SHORT[char]
    code = ord(char)
    if 0xDC80 <= code <= 0xDCFF:
        return f"\\x{code - 0xDC00:02x}"
    if code < 0x80:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"


def _json_escape(match: re.Match[str]) -> str:
    code = ord(match[0])
    if 0xD800 <= code <= 0xDFFF:
        return r"\ufffd"
    if code < 0x10000:
        return f"\\u{code:04x}"
    code -= 0x10000
    return f"\\u{0xD800 + (code >> 10):04x}\\u{0xDC00 + (code & 0x3FF):04x}"
