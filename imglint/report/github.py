"""Workflow commands that GitHub Actions turns into annotations on the lines of a pull request.

Syntax and escapes: https://docs.github.com/en/actions/reference/workflow-commands-for-github-actions and
actions/runner, `ActionCommand.TryParseV2`.
"""

from __future__ import annotations

from collections.abc import Iterator

from imglint.finding import Finding, Severity
from imglint.report.checkout import Checkout
from imglint.report.escape import visible
from imglint.report.place import where
from imglint.report.region import Region
from imglint.report.result import Result, Style
from imglint.source import Source, Span

_COMMANDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "notice"}


def render(result: Result, style: Style) -> Iterator[str]:
    """A command for each finding and for each input that could not be judged."""
    for finding in result.findings:
        yield _annotation(finding, style.checkout)
    for problem in result.errors:
        yield f"::error file={_property(style.checkout.path(problem.path))}::{_data(problem.reason)}\n"


def _annotation(finding: Finding, checkout: Checkout) -> str:
    message = f"{finding.message}\n{finding.help}" if finding.help else finding.message
    title = _property(f"imglint: {finding.rule}")
    command = _COMMANDS[finding.severity]
    if not finding.source.numbered:
        return f"::{command} title={title}::{_data(f'{where(finding)}: {message}')}\n"
    region = Region.of(finding.source, _without_line_feed(finding.source, finding.span))
    properties = f"file={_property(checkout.path(finding.source.path))},line={region.line},endLine={region.end_line}"
    # The runner drops columns from an annotation of several lines, with a complaint in the log.
    if region.line == region.end_line:
        properties += f",col={region.column},endColumn={region.end_column}"
    return f"::{command} {properties},title={title}::{_data(message)}\n"


def _without_line_feed(source: Source, span: Span) -> Span:
    """The span without the line feed at its end, so that a whole line counts as one line."""
    ends = span.end > span.start and source.text[span.end - 1] == "\n"
    return Span(span.start, span.end - 1) if ends else span


def _property(text: str) -> str:
    return visible(text).replace("%", "%25").replace(":", "%3A").replace(",", "%2C")


def _data(text: str) -> str:
    """The text with its lines kept apart; no other control character gets through, escaped or not."""
    return "%0A".join(visible(line).replace("%", "%25") for line in text.split("\n"))
