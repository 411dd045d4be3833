"""What holds for every format."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.finding import BASELINE, COMMENT, Finding, Related, Severity, Silenced
from imglint.report import FORMATS, InputProblem, Result, RuleInfo, Style, renderer
from imglint.source import Source, Span

ROOT = Path(__file__).parents[2]
BIDI = "\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
NASTY = (
    "::error::x", "##[error]x", "##[", "#", "[", ":", "::", "%0A::debug::", "\n", "\r", "\r\n",
    "\n::set-output::", "\x1b[31m", "\x1b]8;;", "\x00", "\x07", "\x7f", "\x85", "\x9b", "\u2028", "\u2029",
    "\ud800", "\udcff", "\ufeff", "\t", "日", "👍", "e\u0301", "\u200b", "\\", '"', "](", *BIDI,
)  # fmt: skip
TEXT = st.lists(st.sampled_from(NASTY) | st.characters(exclude_categories=()), max_size=8).map("".join)


@st.composite
def places(draw: st.DrawFn) -> tuple[Source, Span]:
    parts = draw(st.tuples(TEXT, TEXT, TEXT))
    source = Source(draw(TEXT), "".join(parts))
    return source, Span(len(parts[0]), len(parts[0]) + len(parts[1]))


@st.composite
def results(draw: st.DrawFn) -> Result:
    def one(place: tuple[Source, Span]) -> Finding:
        return Finding(
            rule=draw(TEXT),
            family=draw(TEXT),
            severity=draw(st.sampled_from(Severity)),
            source=place[0],
            span=place[1],
            message=draw(TEXT),
            label=draw(TEXT),
            why=draw(TEXT),
            help=draw(TEXT),
            related=tuple(Related(*there, draw(TEXT)) for there in draw(st.lists(places(), max_size=2))),
            group=draw(st.sampled_from(("", "g"))),
        )

    findings = [one(place) for place in draw(st.lists(places(), max_size=3))]
    findings += [one((each.source, each.span)) for each in findings if draw(st.booleans())]
    hidden = [one(place) for place in draw(st.lists(places(), max_size=1))]
    silenced = tuple(Silenced(each, draw(st.sampled_from((COMMENT, BASELINE))), draw(TEXT)) for each in hidden)
    rules = {
        each.rule: RuleInfo(each.rule, each.family, each.severity, draw(TEXT), draw(TEXT), draw(TEXT), draw(TEXT))
        for each in (*findings, *hidden)
    }
    errors = tuple(InputProblem(*pair) for pair in draw(st.lists(st.tuples(TEXT, TEXT), max_size=2)))
    return Result(tuple(sorted(findings, key=Finding.sort_key)), errors, 3, silenced, rules)


@settings(max_examples=150, deadline=None)
@given(outcome=results(), width=st.integers(0, 200))
def test_nothing_from_outside_reaches_the_terminal_or_the_runner(outcome: Result, width: int) -> None:
    for name in FORMATS:
        text = "".join(renderer(name)(outcome, Style(color=False, width=width, links=True, suppressed=True)))
        text.encode("utf-8")
        assert {char for char in text if category(char) in ("Cc", "Zl", "Zp")} <= {"\n"}, name
        assert not set(text) & set(BIDI), name
        assert "##[" not in text, name
        commands = [line for line in text.split("\n") if line.lstrip().startswith("::")]
        if name != "github":
            assert commands == [], name
            continue
        assert all(re.match("::(error|warning|notice) file=", line) for line in commands)
        assert len(commands) == text.count("\n") == len(outcome.findings) + len(outcome.errors)


@settings(max_examples=100, deadline=None)
@given(outcome=results())
def test_colours_are_the_only_control_sequences(outcome: Result) -> None:
    plain = "".join(renderer("text")(outcome, Style()))
    coloured = "".join(renderer("text")(outcome, Style(color=True, links=True)))
    assert re.sub("\x1b\\[[0-9;]*m|\x1b\\]8;;[ -~]*?\x1b\\\\", "", coloured) == plain


def test_an_unknown_format_is_a_key_error() -> None:
    with pytest.raises(KeyError):
        renderer("xml")


def test_a_format_loads_only_what_it_needs() -> None:
    script = (
        "import sys, imglint.report as report\n"
        "list(report.renderer('text')(report.Result((), (), 1, (), {}), report.Style()))\n"
        "heavy = 'json imglint.report.sarif urllib textwrap pathlib dataclasses unicodedata'.split()\n"
        "print([name for name in heavy if name in sys.modules])\n"
    )
    done = subprocess.run([sys.executable, "-S", "-c", script], capture_output=True, text=True, check=True, cwd=ROOT)
    assert done.stdout == "[]\n"
