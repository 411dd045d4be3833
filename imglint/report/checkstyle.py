"""The XML of Checkstyle, which reviewdog, Jenkins and many other collectors of results read."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.finding import Finding
from imglint.report.markup import xml
from imglint.report.place import where
from imglint.report.result import Result, Style

_VERSION = "4.3"
"""The version of Checkstyle whose form this is: readers expect one, and it has not changed since."""


def render(result: Result, style: Style) -> Iterator[str]:
    """A `file` element for each path, with an `error` element for each finding in it."""
    rows: dict[str, list[str]] = {}
    for finding in result.findings:
        path = finding.source.path
        rows.setdefault(style.checkout.path(path) if finding.source.numbered else path, []).append(_error(finding))
    for problem in result.errors:
        reason = xml(f"could not be judged: {problem.reason}")
        row = f'<error severity="error" message="{reason}" source="imglint.input"/>'
        rows.setdefault(style.checkout.path(problem.path), []).append(row)
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<checkstyle version="{_VERSION}">\n'
    for path, errors in rows.items():
        yield f'  <file name="{xml(path)}">\n'
        for error in errors:
            yield f"    {error}\n"
        yield "  </file>\n"
    yield "</checkstyle>\n"


def _error(finding: Finding) -> str:
    message, place = finding.message, ""
    if finding.source.numbered:
        line, column = finding.source.position(finding.span.start)
        place = f'line="{line}" column="{column}" '
    else:
        message = f"{where(finding)}: {message}"
    if finding.help:
        message += f"; {finding.help.partition(chr(10))[0]}"
    # Jenkins takes the last part for the type and the one before it for the category.
    source = f"imglint.{finding.family}.{finding.rule}"
    return f'<error {place}severity="{finding.severity.word}" message="{xml(message)}" source="{xml(source)}"/>'
