"""`.env` files: https://docs.docker.com/compose/how-tos/environment-variables/variable-interpolation/#env-file-syntax."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from imglint.model.compose.interpolate import interpolate
from imglint.source import Source, Span
from imglint.syntax.text import Text, literal

NAME: Final = ".env"
"""The file that is read when none is named, in the directory of the project."""

MAX_VARIABLES: Final = 1_000
"""Variables of one file that are read."""

_LINE: Final = (
    r"[ \t]*(?:export[ \t]+)?([A-Za-z_][A-Za-z0-9_.-]*)[ \t]*[=:][ \t]*"
    r"(?:'([^'\n]*)'|\"((?:[^\"\\\n])*)\"|([^'\"\n](?:[^\n#]|(?<![ \t])#)*)?)[ \t]*(?:#.*)?"
)


def read(source: Source, variables: Mapping[str, Text]) -> dict[str, Text]:
    """The variables of a file, under those that are set already. Values of other forms are left out."""
    found: dict[str, Text] = {}
    for match in re.finditer(rf"(?m)^{_LINE}$", source.text):
        if len(found) >= MAX_VARIABLES:
            break
        group = next((number for number in (2, 3, 4) if match[number] is not None), 0)
        start, end = match.span(group) if group else (match.end(1), match.end(1))
        end = start + len(source.text[start:end].rstrip()) if group == 4 else end
        value = literal(source.text[start:end], source, Span(start, end))
        found[match[1]] = value if group == 2 else interpolate(value, {**found, **variables})
    return {**found, **variables}
