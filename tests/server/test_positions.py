"""Places as editors count them, in each of the three encodings."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imglint.server.positions import Encoding, Lines, Place
from imglint.source import Span

TEXTS = st.text(st.sampled_from("ab é€😀\n\r\t\x0b\x0c\x85\u2028\ud800"), max_size=60)
ENCODINGS = st.sampled_from(Encoding)


@pytest.mark.parametrize(
    ("encoding", "character"), [(Encoding.UTF_8, 13), (Encoding.UTF_16, 9), (Encoding.UTF_32, 7)], ids=str
)
def test_characters_are_counted_in_the_units_agreed_on(encoding: Encoding, character: int) -> None:
    lines = Lines("FROM a\nB=é😀€😀x", encoding)
    offset = lines.text.index("x")
    # Two plain characters, one of two bytes, one of three, and two that take four bytes or two units of UTF-16.
    assert lines.place(offset) == Place(1, {Encoding.UTF_8: 15, Encoding.UTF_16: 8, Encoding.UTF_32: 6}[encoding])
    assert lines.offset(lines.place(offset)) == offset
    assert character > 0


@given(TEXTS, ENCODINGS)
def test_there_and_back(text: str, encoding: Encoding) -> None:
    lines = Lines(text, encoding)
    for offset in range(len(text) + 1):
        between = text[offset - 1 : offset + 1] == "\r\n"
        after_end = offset > 0 and text[offset - 1 : offset] == "\r" and between
        if not after_end:  # Between the two characters of a line's end there is no position.
            assert lines.offset(lines.place(offset)) == offset


@given(TEXTS, ENCODINGS, st.integers(-2, 9), st.integers(-2, 99))
def test_any_position_is_within_the_text(text: str, encoding: Encoding, line: int, character: int) -> None:
    assert 0 <= Lines(text, encoding).offset(Place(line, character)) <= len(text)


@given(TEXTS, TEXTS, ENCODINGS, st.data())
def test_a_replaced_range(text: str, new: str, encoding: Encoding, data: st.DataObject) -> None:
    lines = Lines(text, encoding)
    start = data.draw(st.integers(0, len(text)))
    end = data.draw(st.integers(start, len(text)))
    first, last = lines.range(Span(start, end))
    start, end = lines.offset(first), lines.offset(last)
    assert lines.replaced(first, last, new) == text[:start] + new + text[end:]


def test_lines_end_where_the_protocol_says() -> None:
    """A form feed and the separators of Unicode end no line."""
    lines = Lines("a\x0cb\u2028c\x85d\ne\rf\r\ng", Encoding.UTF_16)
    assert [lines.place(lines.text.index(letter)).line for letter in "abcdefg"] == [0, 0, 0, 0, 1, 2, 3]


def test_a_position_behind_the_line_is_its_end() -> None:
    lines = Lines("ab\r\ncd", Encoding.UTF_16)
    assert lines.offset(Place(0, 99)) == 2
    assert lines.offset(Place(9, 0)) == len("ab\r\ncd")


def test_a_position_within_a_character_is_that_of_the_character() -> None:
    assert Lines("😀x", Encoding.UTF_16).offset(Place(0, 1)) == 0
    assert Lines("😀x", Encoding.UTF_8).offset(Place(0, 3)) == 0
