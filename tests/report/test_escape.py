from __future__ import annotations

import json
from unicodedata import category

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.report.escape import dump, pieces, visible, width

ANY = st.text(st.characters(exclude_categories=()) | st.sampled_from("#[\x1b\u202e\ud800\udcff"))


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain ~ text", "plain ~ text"),
        ("déjà 日本 👍", "déjà 日本 👍"),
        ("a\tb\nc\rd", r"a\tb\nc\rd"),
        ("\x1b[31m\x00\x7f", r"\x1b[31m\x00\x7f"),
        ("\x85\x9b", r"\u0085\u009b"),
        ("\u2028\u2029", r"\u2028\u2029"),
        ("\u200e\u200f\u061c\u202a\u202e\u2066\u2069", r"\u200e\u200f\u061c\u202a\u202e\u2066\u2069"),
        ("a\u200bb\u00adc\u3164d\ufeff", r"a\u200bb\u00adc\u3164d\ufeff"),
        ("\U000e0041", r"\U000e0041"),
        ("\udcff\udc80", r"\xff\x80"),
        ("\ud83d", r"\ud83d"),
        ("⚠\ufe0f", "⚠\ufe0f"),
        ("##[error]x", r"#\x23[error]x"),
        ("###[x] #[x] ## [x]", r"##\x23[x] #[x] ## [x]"),
    ],
)
def test_visible(text: str, shown: str) -> None:
    assert visible(text) == shown


@given(ANY)
def test_visible_leaves_nothing_that_moves_hides_or_breaks(text: str) -> None:
    shown = visible(text)
    shown.encode("utf-8")
    assert "##[" not in shown
    assert not {category(char) for char in shown} & {"Cc", "Cs", "Zl", "Zp"}
    assert shown.splitlines() in ([], [shown])


@given(ANY)
def test_pieces_are_what_visible_writes(text: str) -> None:
    assert len(pieces(text)) == len(text)
    assert "".join(pieces(text)) == visible(text)


def test_width() -> None:
    assert width("abc") == 3
    assert width("日本") == 4
    assert width("e\u0301") == 1
    assert width("Ａ👍") == 4


@settings(deadline=None)
@given(st.recursive(ANY | st.integers(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner)))
def test_dump_is_strict_ascii_json_of_the_same_value(document: object) -> None:
    text = dump(document)
    assert text.isascii()
    assert not {char for char in text if category(char) == "Cc"} - {"\n"}
    assert "##[" not in text

    def sound(value: object) -> object:
        if isinstance(value, str):
            return "".join("\ufffd" if "\ud800" <= char <= "\udfff" else char for char in value)
        if isinstance(value, list):
            return [sound(item) for item in value]
        return {key: sound(item) for key, item in value.items()} if isinstance(value, dict) else value

    assert json.loads(text) == sound(document)
