"""Why BuildKit stops while it converts a Dockerfile."""

from __future__ import annotations

from imglint.source import Span
from imglint.syntax.problem import Problem
from imglint.syntax.tree import Instruction


def refusal(
    code: str, instruction: Instruction, span: Span, reason: str, help: str = "", assumed: bool = False
) -> Problem:
    """A problem of phase `convert` in an instruction; the other fields are those of `Problem`."""
    return Problem(code, "convert", span, instruction.lines[0], reason, help, assumed)
