"""Patterns match what a regular expression that tries every place would match."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.syntax import glob
from imglint.syntax.words import Options, expand

PIECES = st.sampled_from(("a", "b", ".", "*", "?", "\\*", "\\?", "\\\\"))
PATTERNS = st.lists(PIECES, max_size=5).map("".join)
TEXTS = st.text("aab.*?\\\n", max_size=7)
SETTINGS = settings(max_examples=300, deadline=None)


def translated(pattern: str) -> re.Pattern[str]:
    def piece(match: re.Match[str]) -> str:
        return {"*": ".*", "?": "."}.get(match[0]) or re.escape(match[0][-1])

    return re.compile(re.sub(r"\\.|.", piece, pattern), re.DOTALL)


def ends(pattern: str, text: str, start: int) -> list[int]:
    """All places at which a match that begins at `start` can end."""
    expression = translated(pattern)
    return [end for end in range(start, len(text) + 1) if expression.fullmatch(text, start, end)]


@SETTINGS
@given(PATTERNS, TEXTS, st.booleans())
def test_prefixes(pattern: str, text: str, longest: bool) -> None:
    found = ends(pattern, text, 0)
    end = (max if longest else min)(found, default=0)
    assert glob.strip_prefix(glob.parse(pattern), text, longest) == text[end:]


@SETTINGS
@given(PATTERNS, TEXTS, st.booleans())
def test_suffixes(pattern: str, text: str, longest: bool) -> None:
    found = [start for start in range(len(text) + 1) if len(text) in ends(pattern, text, start)]
    start = (min if longest else max)(found, default=len(text))
    assert glob.strip_suffix(glob.parse(pattern), text, longest) == text[:start]


@SETTINGS
@given(PATTERNS, TEXTS)
def test_leftmost_longest_match(pattern: str, text: str) -> None:
    matches = ((start, max(ends(pattern, text, start))) for start in range(len(text) + 1) if ends(pattern, text, start))
    assert glob.search(glob.parse(pattern), text, 0) == next(matches, None)


WILD = st.lists(st.sampled_from(("a", "b", "?", "*")), min_size=1, max_size=4).map("".join)


@SETTINGS
@given(WILD, st.text("ab", min_size=1, max_size=7))
def test_replacing_every_match(pattern: str, text: str) -> None:
    wanted, at = "", 0
    while at < len(text):
        end = max(ends(pattern, text, at), default=at)
        wanted += f"<{text[at:end]}>" if end > at else text[at]
        at = max(end, at + 1)
    # In single quotes, so that `$0` is left for the replacement to read.
    assert expand(f"${{v//{pattern}/'<$0>'}}", {"v": text}.get, Options()).text == wanted


@pytest.mark.parametrize("pattern", ["\\a", "\\", "a\\.b"])
def test_only_special_characters_can_be_escaped(pattern: str) -> None:
    with pytest.raises(glob.BadPatternError):
        glob.parse(pattern)


def test_patterns_that_would_take_long_say_so() -> None:
    assert glob.parse("a" * 1_000 + "?").is_slow
    assert not glob.parse("a" * 1_000 + "*?").is_slow
    assert not glob.parse("a*" * 1_000).is_slow
