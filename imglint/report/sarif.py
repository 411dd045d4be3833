"""SARIF 2.1.0, for GitHub code scanning and other collectors of results.

https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html, whose sections are named below.
"""

from __future__ import annotations

import posixpath
import re
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from typing import Any
from urllib.parse import quote

from imglint import __version__
from imglint.finding import Finding, Pointer, Severity
from imglint.report.escape import dump
from imglint.report.region import Region
from imglint.report.result import InputProblem, Result, RuleInfo, Style
from imglint.source import Source, Span

FINGERPRINT = "imglint/v1"
"""Name of our fingerprint, with the version of the recipe in `_fingerprint` (section 3.27.17)."""

FINGERPRINT_CHARACTERS = 4096
"""How much of a span goes into its fingerprint: bounded, so that huge spans cost no more than others."""

_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"
_HOME = "https://github.com/imglint/imglint"
_LEVELS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
_DRIVE = r"[A-Za-z]:/"
_NOT_A_BYTE = r"[\ud800-\udc7f\udd00-\udfff]"


def render(result: Result, style: Style) -> Iterator[str]:
    """One SARIF log with one run, describing only the rules that fired."""
    names = sorted({finding.rule for finding in result.findings})
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
                "toolExecutionNotifications": [_notification(problem) for problem in result.errors],
            }
        ],
        "columnKind": "unicodeCodePoints",
        "results": list(_results(result.findings, {name: index for index, name in enumerate(names)})),
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
        "properties": {"tags": list(dict.fromkeys((info.family, *info.tags)))},
    }
    if info.url:
        rule["helpUri"] = info.url
    return rule


def _results(findings: tuple[Finding, ...], indexes: dict[str, int]) -> Iterator[dict[str, Any]]:
    seen: Counter[str] = Counter()
    for finding in findings:
        fingerprint = _fingerprint(finding)
        seen[fingerprint] += 1
        result: dict[str, Any] = {
            "ruleId": finding.rule,
            "ruleIndex": indexes[finding.rule],
            "level": _LEVELS[finding.severity],
            "message": {"text": _message(finding)},
            "locations": [{**_location(finding.source, finding.span), **_logical(finding.pointers)}],
            "partialFingerprints": {FINGERPRINT: f"{fingerprint}:{seen[fingerprint]}"},
        }
        if finding.related:
            result["relatedLocations"] = [
                {
                    "id": number,
                    **_location(related.source, related.span),
                    **_logical(related.pointers),
                    "message": {"text": _unlinked(related.message)},
                }
                for number, related in enumerate(finding.related, 1)
            ]
        yield result


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


def _location(source: Source, span: Span) -> dict[str, Any]:
    if not source.numbered:
        return {"physicalLocation": {"artifactLocation": _artifact(source.path)}}
    region = Region.of(source, span)
    return {
        "physicalLocation": {
            "artifactLocation": _artifact(source.path),
            "region": {
                "startLine": region.line,
                "startColumn": region.column,
                "endLine": region.end_line,
                "endColumn": region.end_column,
            },
        }
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


def _fingerprint(finding: Finding) -> str:
    """What stays when lines are added above or the spacing changes: the rule, the path, the words marked."""
    start, end = finding.span
    words = " ".join(finding.source.text[start : min(end, start + FINGERPRINT_CHARACTERS)].split())
    key = "\0".join((finding.rule, posixpath.normpath(finding.source.path), words))
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _notification(problem: InputProblem) -> dict[str, Any]:
    return {
        "level": "error",
        "message": {"text": _unlinked(problem.reason)},
        "locations": [{"physicalLocation": {"artifactLocation": _artifact(problem.path)}}],
    }
