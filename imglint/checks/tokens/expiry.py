"""How long people are told to let a token live."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.tokens.wording import form
from imglint.finding import Finding
from imglint.model.kind import Kind
from imglint.model.tokenrequest import FOR_IMAGES
from imglint.model.understanding import File
from imglint.source import Span

_NEVER: Final = (
    r"\bExpir(?:ation|es|y)[`*\"']{0,3}\s{0,3}(?::|=|to|\u2192|->)\s{0,3}[`*\"']{0,3}(?i:never|none|no expir\w+)\b|"
    r"\bNo expiration\b|[`*\"']{1,2}(?i:no expiration)[`*\"']{1,2}|[?&]default_expires_at=none\b|"
    r"\b(?i:tokens?|PAT)\b[^.\n]{0,40}?\b(?i:that never expires?|without (?:an )?expir\w+|with no expir\w+)\b"
)
"""The words of GitHub's form, and what people say instead."""
_REFUSED: Final = (
    r"(?i)\b(?:not|never|avoid|instead of|rather than|without|warn\w*|if you (?:choose|select)|un(?:like|less))\b"
    r"[^.!?\n]{0,80}$|n['\u2019]t\b[^.!?\n]{0,80}$"
)
_TOKEN: Final = r"(?i)\btokens?\b|\bPAT\b|\bCR_PAT\b"
_NEAR: Final = 300
_AROUND: Final = 800


def token_without_expiry(text: File, context: Context) -> Iterator[Finding]:
    """A document tells people to make a token for the registry that never expires."""
    written = text.source.text
    if text.kind not in (Kind.DOCUMENT, Kind.TEXT) or "xpir" not in written:
        return
    for found in re.finditer(_NEVER, written):
        start, end = found.span()
        near = written[max(0, start - _NEAR) : end + _NEAR]
        around = written[max(0, start - _AROUND) : end + _AROUND]
        before = written[max(0, start - 120) : start]
        if re.search(_REFUSED, before) or not (re.search(_TOKEN, near) and re.search(FOR_IMAGES, around)):
            continue
        yield context.finding(
            Span(start, end),
            "people are told to make a token that never expires, so one that leaks works until somebody notices",
            help=f"let it expire, in 90 days for example\n{form(['write:packages'])}",
        )
