"""The SPDX licence list as tables: which identifiers exist, how they are spelled, what replaced the old ones.

The data is `data.txt` beside this module, written by `tools/refresh_spdx.py`. Reading this file of
our own is the one exception to the rule that this room does no I/O; it is read once, at the first question.
"""

from __future__ import annotations

import os
from functools import cache

from imglint.record import NamedTuple


class SpdxList(NamedTuple):
    """The list. Keys are lower-case, since identifiers match in any case; values are spelled as SPDX does."""

    version: str
    licenses: dict[str, str]
    """Licence identifiers, current and deprecated, without the forms that end in `+`."""
    exceptions: dict[str, str]
    """Exception identifiers (what may follow `WITH`), current and deprecated."""
    replacements: dict[str, str]
    """Deprecated identifiers to what SPDX names instead: an expression, or "" where it names nothing.

    Holds `+` forms too, such as `gpl-2.0+`.
    """


@cache
def spdx_list() -> SpdxList:
    """The list that this version of imglint knows."""
    path = os.path.join(os.path.dirname(__file__), "data.txt")
    with open(path, encoding="ascii") as file:
        text = file.read()
    return _parse(text)


def _parse(text: str) -> SpdxList:
    """Read the data file: comments, the version, then sections of lines `IDENTIFIER [REPLACEMENT]`."""
    head, *sections = text.split("\n[")
    names: dict[str, dict[str, str]] = {"licenses": {}, "exceptions": {}}
    replacements: dict[str, str] = {}
    for section in sections:
        title, *lines = section.splitlines()
        table = names[title.rstrip("]").removeprefix("deprecated-")]
        for line in lines:
            name, _, replacement = line.partition(" ")
            key = name.lower()
            if not name.endswith("+"):
                table[key] = name
            if title.startswith("deprecated-"):
                replacements[key] = replacement
    return SpdxList(head.rpartition(" ")[2], names["licenses"], names["exceptions"], replacements)
