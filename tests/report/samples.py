"""Ways to write a finding in a test so that the reader sees what it is about."""

from __future__ import annotations

from imglint.finding import COMMENT, Finding, Fix, Related, Severity, Silenced
from imglint.report import InputProblem, Result, RuleInfo
from imglint.source import Source, Span

OPEN, CLOSE = "«", "»"


def marked(text: str, path: str = "Dockerfile") -> tuple[Source, Span]:
    """A source whose span is written between « and »."""
    before, rest = text.split(OPEN)
    inside, after = rest.split(CLOSE)
    return Source(path, before + inside + after), Span(len(before), len(before) + len(inside))


def span(source: Source, words: str) -> Span:
    """The only place where the words stand."""
    assert source.text.count(words) == 1
    start = source.text.index(words)
    return Span(start, start + len(words))


def finding(
    place: tuple[Source, Span],
    message: str = "something is wrong",
    label: str = "here",
    *,
    rule: str = "some-rule",
    severity: Severity = Severity.ERROR,
    why: str = "",
    help: str = "",
    related: tuple[Related, ...] = (),
    group: str = "",
    fix: Fix | None = None,
) -> Finding:
    source, where = place
    return Finding(rule, "labels", severity, source, where, message, label, why, help, related, group, fix=fix)


def silenced(count: int) -> tuple[Silenced, ...]:
    """So many findings that comments silence."""
    return (Silenced(finding(marked("LABEL «x»=1")), COMMENT),) * count


def result(
    *findings: Finding,
    errors: tuple[InputProblem, ...] = (),
    files: int = 1,
    suppressed: tuple[Silenced, ...] = (),
    security: str = "",
) -> Result:
    """The result of a run with these findings, in their order."""
    rules = {
        each.rule: RuleInfo(
            name=each.rule,
            family=each.family,
            severity=each.severity,
            summary="a label is wrong",
            why="Somebody reads it.",
            help="# a page\n\n## What it finds\n",
            url=f"https://example.org/rules/{each.rule}",
            tags=("oci",),
            security=security,
        )
        for each in (*findings, *(silenced.finding for silenced in suppressed))
    }
    return Result(tuple(sorted(findings, key=Finding.sort_key)), errors, files, suppressed, rules)
