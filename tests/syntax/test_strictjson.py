"""JSON that is read strictly, and places in it that are found again."""

from __future__ import annotations

import json
import time
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imglint.syntax.strictjson import MAX_DEPTH, JsonError, decode, locate, parse, pointer_at, pretty

names = st.text(max_size=6) | st.sampled_from(('"', "\\", "{", "]", "a", "é", "\u2028", "\0"))
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | names,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=4),
    max_leaves=20,
)
layouts = st.sampled_from(({}, {"indent": 2}, {"separators": (",", ":")}, {"indent": 1, "ensure_ascii": False}))


def pointers(value: Any, here: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The ways to all values in a document."""
    below = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [here, *(each for step, child in below for each in pointers(child, (*here, step)))]


@given(values, layouts)
def test_what_is_json_is_read_as_it_is(value: Any, layout: dict[str, Any]) -> None:
    assert parse(json.dumps(value, **layout)) == (value, ())


@given(values, layouts)
def test_every_value_is_found_where_it_stands(value: Any, layout: dict[str, Any]) -> None:
    text = json.dumps(value, **layout)
    for pointer in pointers(value):
        span = locate(text, pointer).value
        expected = value
        for step in pointer:
            expected = expected[step]
        assert json.loads(text[span.start : span.end]) == expected
        assert pointer_at(text, span.start)[: len(pointer)] == pointer


@given(values)
def test_what_is_laid_out_says_the_same(value: Any) -> None:
    assert json.loads(pretty(value)) == value


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "expecting value at line 1, column 1"),
        ("{", "expecting property name"),
        ('{"a": 1,}', "line 1, column"),
        ("{'a': 1}", "line 1, column 2"),
        ('{"a": 1} x', "extra data at line 1, column 10"),
        ("// x\n{}", "line 1, column 1"),
        ('"\n"', "invalid control character"),
        ("[NaN]", "`NaN` is not a value of JSON"),
        ("-Infinity", "`-Infinity` is not a value of JSON"),
        ("9" * 5000, "a number that is too long"),
        ("\ufeff{}", "BOM"),
        ("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), "nested more than 100 levels deep"),
        ('{"a":' * 1_000_000, "nested more than 100 levels deep"),
        ("[{" * 1_000_000, "nested more than 100 levels deep"),
    ],
)
def test_what_is_none_is_refused(text: str, words: str) -> None:
    with pytest.raises(JsonError, match=words):
        parse(text)


def test_brackets_in_texts_are_no_depth() -> None:
    assert parse(json.dumps(["[" * 1000, '\\"{' * 1000])).value[0] == "[" * 1000
    deep: Any = 1
    for _ in range(MAX_DEPTH):
        deep = [deep]
    assert parse(json.dumps(deep)).value == deep


@pytest.mark.parametrize(
    "data", [b"\xff", b'{"a": "\xc3"}', b"\xed\xa0\x80", '"é"'.encode("latin-1"), "{}".encode("utf-16")]
)
def test_other_encodings_are_refused(data: bytes) -> None:
    with pytest.raises(JsonError, match="it is not UTF-8"):
        decode(data)


def test_names_that_repeat_are_known_and_the_last_counts() -> None:
    text = '{"a": 1, "b": {"c": 1, "c": 2, "c": 3}, "a": 2, "\\u0061": 3}'
    assert parse(text) == ({"a": 3, "b": {"c": 3}}, ("c", "a"))
    assert text[locate(text, ("a",)).value.start] == "3"


def test_lone_surrogates_survive_being_laid_out() -> None:
    assert parse('"\\ud800"').value == "\ud800"
    pretty("\ud800").encode()
    assert json.loads(pretty({"\ud800": "\udfff"})) == {"\ud800": "\udfff"}


def test_time_grows_with_the_length() -> None:
    start = time.perf_counter()
    text = "[" + '{"a": "b"},' * 100_000 + '{"a": "b"}]'
    assert len(parse(text).value) == 100_001
    assert text[locate(text, (100_000, "a")).value.start :] == '"b"}]'
    parse("{" + ",".join(f'"{number}": 1, "{number}": 2' for number in range(50_000)) + "}")
    assert time.perf_counter() - start < 20
