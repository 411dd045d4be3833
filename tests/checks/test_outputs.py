"""The quoting that malformed-output proposes."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.checks.builds.outputs import quoted
from imglint.source import Source, Span
from imglint.syntax.lists import output
from imglint.syntax.text import literal


@pytest.mark.parametrize(
    ("written", "proposed"),
    [
        ("type=image,annotation.a=Hello, world,push=true", 'type=image,"annotation.a=Hello, world",push=true'),
        ("type=local,dest=out,b", "type=local,dest=out,b"),
        ('type=image,a="Hello, world"', 'type=image,"a=Hello, world"'),
        ('type=image,a="Hello"', "type=image,a=Hello"),
        ('type=image,a=Say "hi"', 'type=image,"a=Say ""hi"""'),
        ('type=image,a="Hello,push=true', "type=image,a=Hello,push=true"),
        ("type=image,", "type=image"),
    ],
)
def test_quotes_stand_around_whole_fields(written: str, proposed: str) -> None:
    assert quoted(written) == proposed


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet='ab," ', max_size=30))
def test_an_annotation_is_read_without_a_problem_as_proposed(rest: str) -> None:
    proposed = quoted(f"type=image,annotation.a={rest}")
    read = output(literal(proposed, Source("x", proposed), Span(0, len(proposed))))
    assert read.problems == ()
