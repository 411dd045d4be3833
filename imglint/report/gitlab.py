"""A report for GitLab's Code Quality: https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from typing import Any

from imglint.finding import Finding, Severity
from imglint.fingerprint import fingerprints
from imglint.report.checkout import Checkout
from imglint.report.escape import dump
from imglint.report.place import where
from imglint.report.region import Region
from imglint.report.result import InputProblem, Result, Style

_SEVERITIES = {Severity.ERROR: "critical", Severity.WARNING: "major", Severity.INFO: "info"}
_UNREADABLE = "input"
"""What stands for the name of a rule where an input could not be judged."""


def render(result: Result, style: Style) -> Iterator[str]:
    """One JSON array. An input that could not be judged is a violation in its first line."""
    names = fingerprints(result.findings, style.checkout.path)
    issues = [_issue(*pair, style.checkout) for pair in zip(result.findings, names, strict=True)]
    issues += [_problem(problem, style.checkout) for problem in result.errors]
    yield dump(issues)


def _issue(finding: Finding, fingerprint: str, checkout: Checkout) -> dict[str, Any]:
    source = finding.source
    # GitLab shows neither the name of the check nor where in an image it is.
    message = finding.message if source.numbered else f"{where(finding)}: {finding.message}"
    place: dict[str, Any] = {"path": source.path, "lines": {"begin": 1}}
    if source.numbered:
        region = Region.of(source, finding.span)
        place = {
            "path": checkout.path(source.path),
            "positions": {
                "begin": {"line": region.line, "column": region.column},
                "end": {"line": region.end_line, "column": region.end_column},
            },
        }
    return {
        "check_name": finding.rule,
        "description": f"{finding.rule}: {message}",
        "fingerprint": fingerprint,
        "severity": _SEVERITIES[finding.severity],
        "location": place,
    }


def _problem(problem: InputProblem, checkout: Checkout) -> dict[str, Any]:
    path = checkout.path(problem.path)
    key = "\0".join((_UNREADABLE, path, problem.reason))
    return {
        "check_name": _UNREADABLE,
        "description": f"could not be judged: {problem.reason}",
        "fingerprint": sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32],
        "severity": "blocker",
        "location": {"path": path, "lines": {"begin": 1}},
    }
