"""JSON for other programs, as `rules/schema/report.json` describes it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from imglint.finding import Finding, Fix, Pointer, Severity
from imglint.report.escape import dump
from imglint.report.region import Region
from imglint.report.result import Result, Style
from imglint.source import Source, Span

VERSION = 1
"""Version of the format: it changes when a reader written for the old one would misread the new one."""


def render(result: Result, style: Style) -> Iterator[str]:
    """One JSON document."""
    yield dump(
        {
            "version": VERSION,
            "findings": [_finding(finding, result) for finding in result.findings],
            "errors": [{"path": problem.path, "reason": problem.reason} for problem in result.errors],
            **({"unseen": [each._asdict() for each in result.unseen]} if result.unseen else {}),
            "summary": {
                "files": result.files,
                "errors": result.count(Severity.ERROR),
                "warnings": result.count(Severity.WARNING),
                "infos": result.count(Severity.INFO),
                "suppressed": len(result.suppressed),
                "failed_inputs": len(result.errors),
            },
        }
    )


def _finding(finding: Finding, result: Result) -> dict[str, Any]:
    return {
        "rule": finding.rule,
        "family": finding.family,
        "severity": finding.severity.word,
        "message": finding.message,
        **_place(finding.source, finding.span),
        "related": [
            {**_place(related.source, related.span), "message": related.message, **_pointers(related.pointers)}
            for related in finding.related
        ],
        "help": finding.help,
        "why": finding.why,
        "url": result.rules[finding.rule].url,
        **_pointers(finding.pointers),
        **({"fix": _fix(finding.fix)} if finding.fix else {}),
    }


def _pointers(pointers: tuple[Pointer, ...]) -> dict[str, Any]:
    return {"pointers": [pointer._asdict() for pointer in pointers]} if pointers else {}


def _fix(fix: Fix) -> dict[str, Any]:
    edits = [{**_place(edit.source, edit.span), "text": edit.text} for edit in fix.edits]
    return {"title": fix.title, "safe": fix.safe, "edits": edits}


def _place(source: Source, span: Span) -> dict[str, Any]:
    return {"path": source.path, **(Region.of(source, span)._asdict() if source.numbered else {})}
