"""Findings of one matter, said of several images, become one."""

from __future__ import annotations

from imglint.finding import MAX_RELATED, Finding, Related, Severity, united
from imglint.source import Source, Span

SOURCE = Source("Dockerfile", "FROM alpine\n")
ELSEWHERE = Source("Makefile", "build:\n" + "\tdocker build .\n" * 20)


def finding(message: str, *related: Related, help: str = "") -> Finding:
    return Finding("a-rule", "labels", Severity.WARNING, SOURCE, Span(0, 4), message, help=help, related=related)


def related(number: int) -> Related:
    return Related(ELSEWHERE, Span(8 + 16 * number, 20 + 16 * number), "this build publishes it")


def test_one_matter_is_said_once_with_all_places() -> None:
    first, second = related(0), related(1)
    found = united([finding("x", first), finding("x", second), finding("x", first)])
    assert found == (finding("x", first, second),)


def test_the_first_help_is_kept() -> None:
    assert united([finding("x", help="one"), finding("x", help="two")]) == (finding("x", help="one"),)


def test_other_messages_are_other_matters() -> None:
    findings = (finding("x"), finding("y"))
    assert united(findings) == findings


def test_places_are_bounded() -> None:
    (found,) = united(finding("x", related(number)) for number in range(20))
    assert found.related == tuple(related(number) for number in range(MAX_RELATED))
