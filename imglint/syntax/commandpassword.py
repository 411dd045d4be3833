"""Passwords that stand on command lines: behind `-p` of a login, and behind the flags that take user and password."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.source import Span
from imglint.syntax.secrets import may_be_secret

MARKS: Final = ("login", "creds", "-password")
"""A text without any of these has no such password."""

_VALUE: Final = r"(?P<quote>[\"']?)(?P<value>[^\s\"'$`]{1,1000})(?P=quote)"
_SPACE: Final = r"(?:=|[ \t]{1,20}(?:\\\r?\n[ \t]{0,40})?)"
_AFTER_LOGIN: Final = rf"login\b(?:\\\r?\n|[^\r\n|;&]){{0,400}}?\s-p{_SPACE}{_VALUE}"
_CREDENTIALS: Final = rf"--(?:src-|dest-)?creds{_SPACE}[\"']?[^\s:\"'$`]{{0,200}}:(?P<value>[^\s\"'$`]{{1,1000}})"
_PASSWORD: Final = rf"--(?:src-|dest-|from-|to-)?password{_SPACE}{_VALUE}"


def passwords(text: str) -> Iterator[Span]:
    """Where passwords are written out; what stands for one (`$PASSWORD`) is none."""
    if not any(mark in text for mark in MARKS):
        return
    for pattern in (_AFTER_LOGIN, _CREDENTIALS, _PASSWORD):
        for match in re.finditer(pattern, text):
            if may_be_secret(match["value"]):
                yield Span(*match.span("value"))
