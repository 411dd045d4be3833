"""The colours of a report."""

from __future__ import annotations

from collections.abc import Mapping

from imglint.finding import Severity
from imglint.record import NamedTuple


class Ink(NamedTuple):
    """Terminal codes (ECMA-48 SGR); all empty when colours are off."""

    severity: Mapping[Severity, str]
    bold: str
    dim: str
    related: str
    good: str
    off: str


PLAIN = Ink(dict.fromkeys(Severity, ""), "", "", "", "", "")
COLOURS = Ink(
    severity={Severity.INFO: "\x1b[1;36m", Severity.WARNING: "\x1b[1;33m", Severity.ERROR: "\x1b[1;31m"},
    bold="\x1b[1m",
    dim="\x1b[2m",
    related="\x1b[94m",
    good="\x1b[32m",
    off="\x1b[0m",
)
