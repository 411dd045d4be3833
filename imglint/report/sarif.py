"""SARIF 2.1.0, for GitHub code scanning and other collectors of results.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, whose sections are named below.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator, Sequence
from typing import Any
from urllib.parse import quote

from imglint import __version__
from imglint.finding import COMMENT, Edit, Finding, Fix, Pointer, Severity, Silenced
from imglint.fingerprint import fingerprints
from imglint.report.checkout import Checkout
from imglint.report.escape import dump
from imglint.report.region import Region
from imglint.report.result import InputProblem, Result, RuleInfo, Style
from imglint.source import Source, Span

FINGERPRINT = "imglint/v1"
"""Name of our fingerprint, with the version of the recipe in `imglint.fingerprint` (section 3.27.17)."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://github.com/imglint/imglint"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_PROBLEMS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "recommendation"}
_PRECISION = "high"
"""How often we are right, in GitHub's words: what is unknown is never called wrong."""
_SCORES = {"critical": "9.5", "high": "8.0", "medium": "5.5", "low": "2.0"}
"""A score that GitHub shows as that word: over 9.0, from 7.0, from 4.0, and below.

https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
"""
_BEGINNING = {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1}
"""Where something in an image is: it has no lines, and GitHub's page asks for a region all the same."""
_DRIVE = r"[A-Za-z]:/"
_NOT_A_BYTE = r"[\ud800-\udc7f\udd00-\udfff]"


def render(result: Result, style: Style) -> Iterator[str]:
    """One SARIF log with one run, describing only the rules that fired: the pages of all outweigh most reports."""
    silenced = result.suppressed if style.suppressed else ()
    names = sorted({finding.rule for finding in (*result.findings, *(each.finding for each in silenced))})
    indexes = {name: index for index, name in enumerate(names)}
    results = list(_results(result.findings, indexes, style.checkout))
    if style.suppressed:
        # All results of a run have `suppressions`, or none has (section 3.27.23).
        results = [each | {"suppressions": []} for each in results]
        hidden = _results([each.finding for each in silenced], indexes, style.checkout)
        results += [each | {"suppressions": [_suppression(why)]} for each, why in zip(hidden, silenced, strict=True)]
    run = {
        "tool": {
            "driver": {
                "name": "imglint",
                "version": __version__,
                "semanticVersion": __version__,
                "informationUri": _HOME,
                "rules": [_rule(result.rules[name]) for name in names],
            }
        },
        "invocations": [
            {
                "executionSuccessful": not result.errors,
                "toolExecutionNotifications": [_notification(problem, style.checkout) for problem in result.errors],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": results,
    }
    yield dump({"$schema": _SCHEMA, "version": "2.1.0", "runs": [run]})


def _rule(info: RuleInfo) -> dict[str, Any]:
    rule: dict[str, Any] = {
        "id": info.name,
        # Differs from the id, as a name must (SARIF1001), in the case that SARIF2012 recommends.
        "name": "".join(word.capitalize() for word in info.name.split("-")),
        "shortDescription": {"text": info.summary},
        "fullDescription": {"text": info.why or info.summary},
        "help": {"text": info.help or info.summary, "markdown": info.help or info.summary},
        "defaultConfiguration": {"level": _LEVELS[info.severity]},
        "properties": _properties(info),
    }
    if info.url:
        rule["helpUri"] = info.url
    return rule


def _properties(info: RuleInfo) -> dict[str, Any]:
    """What GitHub sorts and filters alerts by; with a score for security, an alert is one of security."""
    tags = dict.fromkeys((info.family, *(("security",) if info.security else ()), *info.tags))
    weight = {"security-severity": _SCORES[info.security]} if info.security else {}
    problem = {} if info.security else {"problem.severity": _PROBLEMS[info.severity]}
    return {"tags": list(tags), "precision": _PRECISION, **problem, **weight}


def _suppression(silenced: Silenced) -> dict[str, str]:
    """Who silenced a result: a comment in the source, or a baseline outside of it (section 3.35)."""
    kind = "inSource" if silenced.by == COMMENT else "external"
    return {"kind": kind, **({"justification": silenced.reason} if silenced.reason else {})}


def _results(findings: Sequence[Finding], indexes: dict[str, int], checkout: Checkout) -> Iterator[dict[str, Any]]:
    for finding, fingerprint in zip(findings, fingerprints(findings, checkout.path), strict=True):
        found: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": indexes[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [{**_location(finding.source, finding.span, checkout), **_logical(finding.pointers)}],
            "partialFingerprints": {FINGERPRINT: fingerprint},
        }
        if finding.related:
            found["relatedLocations"] = [
                {
                    "id": number,
                    **_location(related.source, related.span, checkout),
                    **_logical(related.pointers),
                    "message": {"text": _unlinked(related.message)},
                }
                for number, related in enumerate(finding.related, 1)
            ]
        if finding.fix:
            found["fixes"] = [_fix(finding.fix, checkout)]
        yield found


def _fix(fix: Fix, checkout: Checkout) -> dict[str, Any]:
    """A change for each file that the fix touches (section 3.55)."""
    by_source: dict[Source, list[Edit]] = {}
    for edit in fix.edits:
        by_source.setdefault(edit.source, []).append(edit)
    changes = [
        {
            "artifactLocation": _artifact(checkout.path(source.path)),
            "replacements": [
                {"deletedRegion": _region(source, edit.span), "insertedContent": {"text": edit.text}} for edit in edits
            ],
        }
        for source, edits in by_source.items()
    ]
    return {"description": {"text": _unlinked(fix.title)}, "artifactChanges": changes}


def _message(finding: Finding) -> str:
    paragraphs = (finding.message, finding.why, finding.help)
    return _unlinked("\n\n".join(text for text in paragraphs if text))


def _unlinked(text: str) -> str:
    """The text without embedded links: `[text](address)` in a message is one (section 3.11.6)."""
    return text.replace("](", "] (")


def _logical(pointers: tuple[Pointer, ...]) -> dict[str, Any]:
    """The values of an image that a finding is about (section 3.28.8)."""
    if not pointers:
        return {}
    return {
        "logicalLocations": [
            {"fullyQualifiedName": f"{pointer.platform}: {pointer.path}" if pointer.platform else pointer.path or "."}
            for pointer in pointers
        ]
    }


def _location(source: Source, span: Span, checkout: Checkout) -> dict[str, Any]:
    if not source.numbered:
        return {"physicalLocation": {"artifactLocation": _artifact(source.path), "region": _BEGINNING}}
    artifact = _artifact(checkout.path(source.path))
    return {"physicalLocation": {"artifactLocation": artifact, "region": _region(source, span)}}


def _region(source: Source, span: Span) -> dict[str, int]:
    region = Region.of(source, span)
    return {
        "startLine": region.line,
        "startColumn": region.column,
        "endLine": region.end_line,
        "endColumn": region.end_column,
    }


def _artifact(path: str) -> dict[str, str]:
    """Where a file is: relative to the root of the sources, unless the path says otherwise (section 3.4)."""
    path = posixpath.normpath(path)
    data = re.sub(_NOT_A_BYTE, "\ufffd", path).encode("utf-8", "surrogateescape")
    if re.match(_DRIVE, path):
        return {"uri": "file:///" + path[:2] + quote(data[2:])}
    if path.startswith("/"):
        return {"uri": "file://" + quote(data)}
    return {"uri": quote(data), "uriBaseId": "%SRCROOT%"}


def _notification(problem: InputProblem, checkout: Checkout) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": _unlinked(problem.reason)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(checkout.path(problem.path))}}],
    }
