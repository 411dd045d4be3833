"""Comments that ask for silence where nothing speaks."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.finding import Finding, Fix
from imglint.record import NamedTuple
from imglint.source import Source, Span


class Unused(NamedTuple):
    """A name in one of our comments that silenced nothing, and the reason."""

    source: Source
    span: Span
    reason: str
    help: str
    fix: Fix | None = None


def unused_suppression(unused: tuple[Unused, ...], context: Context) -> Iterator[Finding]:
    """A comment names a rule that found nothing there, or that does not exist."""
    for each in unused:
        yield context.finding(each.span, each.reason, help=each.help, source=each.source, fix=each.fix)
