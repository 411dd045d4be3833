"""Variables while a Dockerfile is evaluated: build arguments and the environment, known or unknown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.words import UNKNOWN, Lookup, Unknown

NO_ARGUMENTS: Final[frozenset[str]] = frozenset()


MAX_ARGUMENTS: Final = 50
"""Names that a value remembers; of `ARG b=$a`, `ARG c=$b` and so on without end, the later ones are left out."""
MAX_LOOKED_UP: Final = 1 << 22
"""Characters of values that are looked up for one file; after that all values are unknown."""


class Value(NamedTuple):
    """A value: its text (None when unknown) and build arguments whose defaults it was made from."""

    text: str | None
    arguments: frozenset[str] = NO_ARGUMENTS


UNKNOWN_VALUE: Final = Value(None)

_CLOSED_PLATFORM: Final = {
    "BUILDPLATFORM": "linux/amd64", "BUILDOS": "linux", "BUILDOSVERSION": "", "BUILDARCH": "amd64", "BUILDVARIANT": "",
    "TARGETPLATFORM": "linux/amd64", "TARGETOS": "linux", "TARGETOSVERSION": "", "TARGETARCH": "amd64",
    "TARGETVARIANT": "",
}  # fmt: skip
_STAND_INS: Final = frozenset(("", "unknown", "unset", "undefined", "unspecified", "none", "null", "n/a"))
"""Defaults that people write where only the build knows the value, in lower case."""

NOT_IN_ENVIRONMENT: Final = frozenset(("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE"))
"""Arguments that BuildKit reads itself and never puts into the environment."""


def platform_arguments(target: str, closed: bool) -> dict[str, Value]:
    """The global arguments BuildKit predefines. Unless `closed`, the platform is unknown: anyone may build it."""
    values = {name: Value(text) if closed else UNKNOWN_VALUE for name, text in _CLOSED_PLATFORM.items()}
    values["TARGETSTAGE"] = Value(target or "default")
    return values


def joined(arguments: Iterable[frozenset[str]]) -> frozenset[str]:
    """The names of all; once there are more than `MAX_ARGUMENTS`, those of the first."""
    names = NO_ARGUMENTS
    for each in arguments:
        if len(names) <= MAX_ARGUMENTS and not each <= names:
            names = names | each if names else each
    return names


def argument_default(name: str, value: Value, closed: bool) -> Value:
    """What the default of an ARG is worth. Unless `closed`, one that says nothing asks to be given: it is unknown."""
    text = value.text
    if not closed and text is not None and text.lower() in _STAND_INS:
        text = None
    return Value(text, joined((value.arguments, frozenset((name,)))))


class Allowance:
    """How many more characters of values may be looked up (`MAX_LOOKED_UP` for one file)."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = MAX_LOOKED_UP


def lookup_in(variables: Mapping[str, Value], complete: bool, allowance: Allowance) -> Lookup:
    """How words look up these variables; a name that is not there is absent if they are `complete`."""

    def lookup(name: str) -> str | Unknown | None:
        value = variables.get(name)
        if value is None:
            return None if complete else UNKNOWN
        if value.text is None or allowance.left < 0:
            return UNKNOWN
        allowance.left -= len(value.text)
        return value.text

    return lookup
