"""What BuildKit would refuse, with the place and the reason in words for people."""

from __future__ import annotations

from imglint.record import NamedTuple
from imglint.source import Span


class Problem(NamedTuple):
    """One reason why BuildKit stops.

    `code` names the kind (`unknown-instruction`, `unterminated-heredoc`, …) and `phase` when BuildKit finds it:
    `scan` (lines and words), `instruction` (one instruction by itself), `file` (instructions together) or
    `convert` (after variables are replaced). `line` counts from 1 and is where the instruction begins.
    `assumed` tells that it holds only while build arguments keep their defaults.
    """

    code: str
    phase: str
    span: Span
    line: int
    reason: str
    help: str = ""
    assumed: bool = False
