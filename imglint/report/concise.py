"""One line a finding, for editors, `grep` and people in a hurry.

A line reads `path:line:column: severity: message [rule]`.
"""

from __future__ import annotations

from collections.abc import Iterator

from imglint.report.escape import visible
from imglint.report.result import Result, Style


def render(result: Result, style: Style) -> Iterator[str]:
    """A line for each finding, then one for each input that could not be judged; nothing when all is well."""
    for finding in result.findings:
        line, column = finding.source.position(finding.span.start)
        message = f"{finding.severity.word}: {visible(finding.message)} [{visible(finding.rule)}]"
        yield f"{_path(finding.source.path)}:{line}:{column}: {message}\n"
    for problem in result.errors:
        yield f"{_path(problem.path)}: error: {visible(problem.reason)}\n"


def _path(path: str) -> str:
    """The path, written so that no line begins `::`: GitHub's runner would take it for a workflow command."""
    shown = visible(path)
    return f"./{shown}" if shown.lstrip().startswith(":") else shown
