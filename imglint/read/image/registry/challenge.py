"""What a registry asks for when it answers 401: https://www.rfc-editor.org/rfc/rfc9110#name-www-authenticate."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from imglint.record import NamedTuple

MAX_HEADER: Final = 8192
"""Characters of the header that are read."""

_TOKEN: Final = r"[!#$%&'*+.^_`|~0-9A-Za-z-]+"
_PARAMETER: Final = rf'({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\]|\\.)*)"|({_TOKEN}))'


class Challenge(NamedTuple):
    """One way to authenticate: `basic` or `bearer`, and its parameters by their names in lower case."""

    scheme: str
    parameters: Mapping[str, str]


def challenges(header: str) -> list[Challenge]:
    """The challenges of a header; what is no challenge ends the reading."""
    header = header[:MAX_HEADER]
    found: list[Challenge] = []
    at = 0
    while match := re.compile(rf"[ \t,]*({_TOKEN})(?=[ \t,]|$)").match(header, at):
        at = match.end()
        parameters: dict[str, str] = {}
        while parameter := re.compile(rf"[ \t,]*{_PARAMETER}").match(header, at):
            name, quoted, plain = parameter.groups()
            parameters.setdefault(name.lower(), re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else plain)
            at = parameter.end()
        found.append(Challenge(match[1].lower(), parameters))
    return found
