from __future__ import annotations

import re
from textwrap import dedent

from hypothesis import given
from hypothesis import strategies as st

from imglint.finding import Finding, Related, Severity
from imglint.report import InputProblem, Result, Style, renderer
from imglint.report.escape import visible, width
from imglint.source import Source, Span

from .samples import finding, marked, result, silenced, span


def render(outcome: Result, style: Style = Style()) -> str:  # noqa: B008
    return "".join(renderer("text")(outcome, style))


def frame(*findings: Finding, width: int = 100) -> str:
    """The report without its last line, the summary."""
    report, summary = render(result(*findings), Style(width=width)).rsplit("\n\n", 1)
    assert summary.startswith("Found ")
    return report + "\n"


def expected(text: str) -> str:
    return dedent(text).removeprefix("\n")


def test_a_finding_with_why_and_fix() -> None:
    shown = frame(
        finding(
            marked("FROM golang AS build\n\n«FROM python:3.12-slim»\n"),
            "this image will not be linked to a repository",
            "no org.opencontainers.image.source reaches the published image",
            rule="missing-source",
            why="GHCR links a package to a repository only through this label",
            help='add to this stage\nLABEL org.opencontainers.image.source="https://github.com/octocat/hello"',
        )
    )
    assert shown == expected(
        """
        error: this image will not be linked to a repository [missing-source]
          --> Dockerfile:3:1
           |
         3 | FROM python:3.12-slim
           | ^^^^^^^^^^^^^^^^^^^^^ no org.opencontainers.image.source reaches the published image
           |
           = why: GHCR links a package to a repository only through this label
           = fix: add to this stage
           |      LABEL org.opencontainers.image.source="https://github.com/octocat/hello"
        """
    )


def test_findings_of_one_group_share_a_frame() -> None:
    place = marked("«FROM python:3.12-slim»\n")

    def missing(what: str, severity: Severity) -> Finding:
        return finding(
            place,
            f"the package page will show no {what}",
            f"no {what} label",
            rule=f"missing-{what}",
            severity=severity,
            why="GHCR reads its page from labels",
            help=f'add to this stage\nLABEL {what}="..."',
            group="missing",
        )

    shown = frame(missing("description", Severity.WARNING), missing("source", Severity.ERROR))
    assert shown == expected(
        """
        error: the package page will show no source        [missing-source]
        warning: the package page will show no description [missing-description]
          --> Dockerfile:1:1
           |
         1 | FROM python:3.12-slim
           | ^^^^^^^^^^^^^^^^^^^^^ no source label
           |                       no description label
           |
           = why: GHCR reads its page from labels
           = fix: add to this stage
           |      LABEL source="..."
           |      LABEL description="..."
        """
    )


def test_findings_on_one_place_without_a_group_stay_apart() -> None:
    place = marked("FROM «a»\n")
    shown = frame(finding(place, "one", rule="one"), finding(place, "two", rule="two"))
    assert shown == expected(
        """
        error: one [one]
          --> Dockerfile:1:6
           |
         1 | FROM a
           |      ^ here

        error: two [two]
          --> Dockerfile:1:6
           |
         1 | FROM a
           |      ^ here
        """
    )


def test_different_fixes_of_a_group_are_all_given() -> None:
    place = marked("FROM «a»\n")
    shown = frame(
        finding(place, "one", "", rule="one", help="pin it", group="g"),
        finding(place, "two", "", rule="two", help="name it", group="g"),
    )
    assert shown == expected(
        """
        error: one [one]
        error: two [two]
          --> Dockerfile:1:6
           |
         1 | FROM a
           |      ^
           |
           = fix: pin it
           = fix: name it
        """
    )


def test_a_span_of_several_lines_that_opens_its_line() -> None:
    place = marked("FROM a\n«RUN b \\\n    c \\\n    d»\n")
    assert frame(finding(place, label="one layer")) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:1
           |
         2 | / RUN b \\
         3 | |     c \\
         4 | |     d
           | |_____^ one layer
        """
    )


def test_a_span_of_several_lines_that_begins_within_its_line() -> None:
    assert frame(finding(marked('FROM a\nENV X=«"a\nb"»\n'))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:7
           |
         2 |   ENV X="a
           |  _______^
         3 | | b"
           | |__^ here
        """
    )


def test_the_middle_of_a_long_span_is_left_out() -> None:
    lines = [f"line {number} \\" for number in range(1, 12)]
    assert frame(finding(marked("«" + "\n".join(lines) + "»"))) == expected(
        """
        error: something is wrong [some-rule]
           --> Dockerfile:1:1
            |
          1 | / line 1 \\
          2 | | line 2 \\
          3 | | line 3 \\
            ...
         10 | | line 10 \\
         11 | | line 11 \\
            | |_________^ here
        """
    )


def test_a_whole_line_with_its_line_feed_is_one_line() -> None:
    assert frame(finding(marked("FROM a\n«RUN b\n»RUN c\n"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:1
           |
         2 | RUN b
           | ^^^^^ here
        """
    )


def test_related_places_of_the_same_file_share_the_frame() -> None:
    source, place = marked("ARG V=1\nFROM a\n\nLABEL a=1 b=2 «a=3»\n# 5\n# 6\nRUN x\n")
    related = (
        Related(source, span(source, "a=1"), "first set here"),
        Related(source, span(source, "FROM a"), "in this stage"),
        Related(source, span(source, "RUN x"), "used here"),
    )
    assert frame(finding((source, place), label="this one wins", related=related)) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:4:15
           |
         2 | FROM a
           | ------ in this stage
         3 |
         4 | LABEL a=1 b=2 a=3
           |       --- first set here
           |               ^^^ this one wins
           ...
         7 | RUN x
           | ----- used here
        """
    )


def test_related_places_beside_a_span_of_several_lines() -> None:
    source, place = marked("FROM a AS base\n«RUN b \\\n  c»\n")
    related = (
        Related(source, span(source, "base"), "this stage"),
        Related(source, span(source, "c"), "the slow part"),
    )
    assert frame(finding((source, place), related=related)) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:1
           |
         1 |   FROM a AS base
           |             ---- this stage
         2 | / RUN b \\
         3 | |   c
           | |   - the slow part
           | |___^ here
        """
    )


def test_related_places_of_another_file_get_a_frame_of_their_own() -> None:
    other = Source(".github/workflows/publish.yml", "\n" * 99 + "      push: true\n")
    related = (Related(other, span(other, "push: true"), "published here"),)
    assert frame(finding(marked("«FROM a»\n"), related=related, help="add a label")) == expected(
        """
        error: something is wrong [some-rule]
            --> Dockerfile:1:1
             |
           1 | FROM a
             | ^^^^^^ here
             |
            --> .github/workflows/publish.yml:100:7
             |
         100 |       push: true
             |       ---------- published here
             |
             = fix: add a label
        """
    )


def test_tabs_become_four_spaces() -> None:
    assert frame(finding(marked("\tRUN\t«a\tb» c\n"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:6
           |
         1 |     RUN    a    b c
           |            ^^^^^^ here
        """
    )


def test_wide_characters_take_two_columns_and_marks_none() -> None:
    assert frame(finding(marked('LABEL a="日本語" b=«"e\u0301te\u0301"»\n'))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:17
           |
         1 | LABEL a="日本語" b="e\u0301te\u0301"
           |                    ^^^^^ here
        """
    )


def test_emoji() -> None:
    assert frame(finding(marked("RUN echo «👍🏗»!\n"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:10
           |
         1 | RUN echo 👍🏗!
           |          ^^^ here
        """
    )


def test_a_long_line_is_cut_around_the_span() -> None:
    place = marked("LABEL a=" + "x" * 100 + " «b=2» c=" + "y" * 100 + "\n")
    assert frame(finding(place), width=60) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:110
           |
         1 | …xxxxxxxxxxxxxxxxxxxxxxx b=2 c=yyyyyyyyyyyyyyyyyyyyyy…
           |                          ^^^ here
        """
    )


def test_a_long_line_keeps_its_beginning_where_the_span_allows() -> None:
    place = marked("LABEL «a=1» b=" + "y" * 100 + "\n")
    assert frame(finding(place), width=40) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:7
           |
         1 | LABEL a=1 b=yyyyyyyyyyyyyyyyyyyy…
           |       ^^^ here
        """
    )


def test_a_span_longer_than_the_line_can_show() -> None:
    place = marked("LABEL a=«" + "x" * 300 + "» b=2\n")
    assert frame(finding(place, label="300 of 256 characters"), width=50) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:9
           |
         1 | LABEL a=xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…
           |         ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
           |         300 of 256 characters
        """
    )


def test_control_characters_are_written_out() -> None:
    place = marked("RUN \x1b[31m«a\u202eb\udcff\x00»\x85\n")
    assert frame(finding(place, "`a\u202eb`\nhides\x07", "\x1b[2J")) == expected(
        r"""
        error: `a\u202eb`\nhides\x07 [some-rule]
          --> Dockerfile:1:10
           |
         1 | RUN \x1b[31ma\u202eb\xff\x00\u0085
           |             ^^^^^^^^^^^^^^^^ \x1b[2J
        """
    )


def test_an_empty_span_at_the_end_of_the_file() -> None:
    assert frame(finding(marked("FROM a\n«»"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:1
           |
         2 |
           | ^ here
        """
    )


def test_an_empty_file() -> None:
    assert frame(finding(marked("«»"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:1
           |
         1 |
           | ^ here
        """
    )


def test_a_span_at_the_end_of_a_file_without_a_last_line_feed() -> None:
    assert frame(finding(marked("FROM a\nRUN «b»"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:5
           |
         2 | RUN b
           |     ^ here
        """
    )


def test_carriage_returns_before_line_feeds_are_not_shown() -> None:
    assert frame(finding(marked("FROM a\r\n«RUN b \\\r\n  c\r\n»RUN d\r\n"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:2:1
           |
         2 | / RUN b \\
         3 | |   c
           | |___^ here
        """
    )


def test_the_carriage_return_itself_can_be_marked() -> None:
    assert frame(finding(marked("FROM a«\r»\n"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:7
           |
         1 | FROM a
           |       ^ here
        """
    )


def test_a_byte_order_mark_takes_no_column() -> None:
    assert frame(finding(marked("\ufeff«FROM» a\n"))) == expected(
        """
        error: something is wrong [some-rule]
          --> Dockerfile:1:1
           |
         1 | FROM a
           | ^^^^ here
        """
    )


def test_summary_and_inputs_that_could_not_be_judged() -> None:
    place = marked("FROM «a»\n")
    outcome = result(
        finding(place, rule="a"),
        finding(place, rule="b"),
        finding(place, rule="c", severity=Severity.WARNING),
        finding(place, rule="d", severity=Severity.INFO),
        errors=(InputProblem("b\x1b/Dockerfile", "permission denied"),),
        files=3,
        suppressed=silenced(2),
    )
    assert render(outcome).endswith(
        "error: b\\x1b/Dockerfile: permission denied\n"
        "\n"
        "Found 2 errors, 1 warning and 1 note in 1 of 3 files (2 suppressed); 1 input could not be judged.\n"
    )


def test_summary_of_a_clean_run() -> None:
    problem = InputProblem("a", "no such file")
    assert render(result(files=1)) == "No problems in 1 file.\n"
    assert render(result(files=3, suppressed=silenced(1))) == "No problems in 3 files (1 suppressed).\n"
    assert render(result(files=0)) == "No files were judged.\n"
    assert render(result(files=0, errors=(problem, problem))) == (
        "error: a: no such file\nerror: a: no such file\n\nNo files were judged; 2 inputs could not be judged.\n"
    )


def test_summary_when_every_file_has_findings() -> None:
    found = [finding(marked("«x»", path)) for path in ("a", "b")]
    assert render(result(*found, files=2)).endswith("\nFound 2 errors in 2 files.\n")


CODES = re.compile("\x1b\\[[0-9;]*m|\x1b\\]8;;[!-~]*\x1b\\\\")


def test_colours_change_nothing_but_colours() -> None:
    source, place = marked("LABEL a=1 «a=2»\nRUN b \\\n  c\n")
    outcome = result(
        finding(
            (source, place),
            why="w",
            help="f\ntext",
            related=(Related(source, span(source, "a=1"), "first"),),
        ),
        finding((source, Span(place.start, len(source.text))), rule="other", severity=Severity.INFO),
        errors=(InputProblem("a", "b"),),
    )
    coloured = render(outcome, Style(color=True, links=True))
    assert "\x1b[1;31merror\x1b[0m" in coloured
    assert "\x1b]8;;https://example.org/rules/some-rule\x1b\\some-rule\x1b]8;;\x1b\\" in coloured
    assert CODES.sub("", coloured) == render(outcome)


def test_links_need_colours_and_an_address_that_cannot_end_the_sequence() -> None:
    outcome = result(finding(marked("«x»")))
    assert "\x1b" not in render(outcome, Style(links=True))
    info = outcome.rules["some-rule"]._replace(url="https://example.org/\x1b\\\x1b[2J")
    hostile = outcome._replace(rules={"some-rule": info})
    assert "\x1b]8" not in render(hostile, Style(color=True, links=True))


LINE = st.text(
    st.characters(exclude_categories=(), exclude_characters="\n\r\ufeff«»#\\")
    | st.sampled_from("\t日\u0301👍\x1b\u202e"),
    max_size=60,
)


def printed(text: str) -> str:
    return visible(text).replace("\\t", "    ")


@given(LINE, LINE, LINE)
def test_marks_stand_under_what_they_mark(before: str, inside: str, after: str) -> None:
    place = Span(len(before), len(before) + len(inside))
    shown = frame(finding((Source("Dockerfile", before + inside + after), place), label=""), width=5000)
    row, marks = shown.split("\n")[3:5]
    assert row == f" 1 | {printed(before + inside + after)}".rstrip()
    assert marks == f"   | {' ' * width(printed(before))}{'^' * max(width(printed(inside)), 1)}"


@given(LINE, LINE, LINE, st.integers(40, 80))
def test_no_row_of_a_frame_is_wider_than_the_terminal(before: str, inside: str, after: str, size: int) -> None:
    text = before * 9 + inside * 9 + after * 9
    place = Span(len(before) * 9, (len(before) + len(inside)) * 9)
    shown = frame(finding((Source("Dockerfile", text), place)), width=size).split("\n")
    assert len(shown) >= 5
    assert max(width(row) for row in shown[3:]) <= size
