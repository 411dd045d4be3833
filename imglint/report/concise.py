"""One line a finding, for editors, `grep` and people in a hurry.

A line reads `path:line:column: severity: message [rule]`; for an image, `name: pointer (platforms): severity: …`.
"""

from __future__ import annotations

from collections.abc import Iterator

from imglint.report.escape import visible
from imglint.report.place import where
from imglint.report.result import Result, Style


def render(result: Result, style: Style) -> Iterator[str]:
    """A line for each finding, then one for each input that could not be judged; nothing when all is well."""
    for finding in result.findings:
        message = f"{finding.severity.word}: {visible(finding.message)} [{visible(finding.rule)}]"
        yield f"{_path(where(finding))}: {message}\n"
    for problem in result.errors:
        yield f"{_path(problem.path)}: error: {visible(problem.reason)}\n"


def _path(path: str) -> str:
    """The path, written so that no line begins `::`: GitHub's runner would take it for a workflow command."""
    shown = visible(path)
    return f"./{shown}" if shown.lstrip().startswith(":") else shown
