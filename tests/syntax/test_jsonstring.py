"""Places inside the strings of a JSON document."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.source import Span
from imglint.syntax.jsonstring import within


@settings(max_examples=300, deadline=None)
@given(st.text(max_size=20), st.booleans(), st.data())
def test_the_part_is_written_there(value: str, ascii_only: bool, data: st.DataObject) -> None:
    written = json.dumps(value, ensure_ascii=ascii_only)
    text = f'{{"x": {written}}}'
    start = data.draw(st.integers(0, len(value)))
    end = data.draw(st.integers(start, len(value)))
    span = within(text, Span(6, 6 + len(written)), start, end)
    assert json.loads(f'"{text[span.start : span.end]}"') == value[start:end]


@pytest.mark.parametrize("text", ["12", "{}", "null", ""])
def test_what_is_no_string_is_left_whole(text: str) -> None:
    assert within(text, Span(0, len(text)), 0, 1) == Span(0, len(text))
