"""Fixes applied to texts: together where they can, one after the other where they cannot."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.finding import Edit, Finding, Fix, Severity, united
from imglint.fix import edited, mend
from imglint.source import Source, Span

TEXT = Source("Dockerfile", "0123456789")
OTHER = Source("other", "abcdefghij")


def edit(start: int, end: int, text: str, source: Source = TEXT) -> Edit:
    return Edit(source, Span(start, end), text)


def finding(*edits: Edit, safe: bool = True) -> Finding:
    fix = Fix("write it", edits, safe) if edits else None
    return Finding("a-rule", "labels", Severity.ERROR, TEXT, Span(0, 1), "wrong", fix=fix)


def test_fixes_that_do_not_meet_are_applied_together() -> None:
    first, second = finding(edit(0, 1, "A")), finding(edit(5, 5, "-"), edit(8, 10, ""))
    done = mend([finding(), first, second])
    assert done.mended == (first, second)
    assert dict(done.texts) == {TEXT: "A1234-567"}


def test_of_fixes_that_meet_the_first_is_applied() -> None:
    first = finding(edit(2, 4, "A"))
    for meets in (edit(3, 5, "B"), edit(0, 3, "B"), edit(4, 4, "B"), edit(2, 2, "B"), edit(3, 3, "B"), edit(0, 9, "B")):
        done = mend([first, finding(meets)])
        assert (done.mended, done.texts[TEXT]) == ((first,), "01A456789")


def test_all_of_a_fix_or_nothing() -> None:
    first, second = finding(edit(2, 4, "A")), finding(edit(7, 8, "B"), edit(0, 1, "B", OTHER), edit(3, 4, "B"))
    assert mend([first, second]).texts == {TEXT: "01A456789"}
    third = finding(edit(7, 8, "C"))
    assert mend([first, second, third]).texts == {TEXT: "01A456C89"}


def test_one_fix_of_two_findings_is_applied_once() -> None:
    first, second = finding(edit(1, 1, "A")), finding(edit(1, 1, "A"))._replace(rule="other-rule")
    done = mend([first, second])
    assert (done.mended, done.texts[TEXT]) == ((first, second), "0A123456789")


def test_unsafe_fixes_wait_to_be_asked_for() -> None:
    unsafe = finding(edit(0, 1, "A"), safe=False)
    assert mend([unsafe]).texts == {}
    assert mend([unsafe], unsafe=True).texts == {TEXT: "A123456789"}


def test_a_fix_stays_among_the_files_that_may_change() -> None:
    both = finding(edit(0, 1, "A"), edit(0, 1, "A", OTHER))
    assert mend([both], among=[TEXT]).texts == {}
    assert mend([both], among=[TEXT, OTHER]).texts == {TEXT: "A123456789", OTHER: "Abcdefghij"}


def test_findings_of_one_matter_that_would_be_mended_differently_are_not() -> None:
    first, second = finding(edit(0, 1, "A")), finding(edit(0, 1, "B"))
    assert [each.fix for each in united([first, first])] == [first.fix]
    assert [each.fix for each in united([first, second, first])] == [None]


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 10), st.integers(0, 10), st.sampled_from(["", "x", "yz"])), max_size=8))
def test_whatever_is_applied_is_found_again(places: list[tuple[int, int, str]]) -> None:
    """What no edit touches stays, in order; and no two that are applied together touch."""
    findings = [finding(edit(min(a, b), max(a, b), text)) for a, b, text in places]
    done = mend(findings)
    applied = sorted({each for one in done.mended if one.fix for each in one.fix.edits}, key=lambda each: each.span)
    assert all(one.span.end < two.span.start for one, two in pairwise(applied))
    kept = "".join(
        char for at, char in enumerate(TEXT.text) if not any(e.span.start <= at < e.span.end for e in applied)
    )
    result = done.texts.get(TEXT, TEXT.text)
    assert "".join(char for char in result if char.isdigit()) == kept
    assert result == edited(TEXT.text, reversed(applied))
