"""How often each rule found something, instead of the findings themselves."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from imglint.report.escape import dump, visible
from imglint.report.result import Result

VERSION = 1
"""The version of the JSON form."""


def _rows(result: Result) -> list[tuple[int, str, str]]:
    counts = Counter((finding.rule, finding.severity.word) for finding in result.findings)
    rows = [(count, severity, rule) for (rule, severity), count in counts.items()]
    return sorted(rows, key=lambda row: (-row[0], row[2]))


def _counted(count: int, noun: str) -> str:
    return f"{count:,} {noun}" + ("" if count == 1 else "s")


def render_text(result: Result) -> Iterator[str]:
    """A line for each rule that fired, the most frequent first, and the sum."""
    rows = _rows(result)
    width = len(f"{rows[0][0]:,}") if rows else 0
    for problem in result.errors:
        yield f"error: {visible(problem.path)}: {visible(problem.reason)}\n"
    for count, severity, rule in rows:
        yield f"{count:>{width},}  {severity:<7}  {rule}\n"
    yield f"{_counted(len(result.findings), 'finding')} in {_counted(result.files, result.noun)}.\n"


def render_json(result: Result) -> Iterator[str]:
    """The same as one JSON object."""
    rows = [{"rule": rule, "severity": severity, "count": count} for count, severity, rule in _rows(result)]
    errors = [problem._asdict() for problem in result.errors]
    yield dump({"version": VERSION, "statistics": rows, "errors": errors})
