"""The shell patterns of `${name#pattern}`, `${name%pattern}` and `${name/pattern/text}`.

`*` stands for any characters, `?` for one, a backslash makes the next of these (or itself) literal; there are
no bracket expressions. Matching is linear in the value for each piece between stars, except where a `?` stands
in a long piece: such patterns are told by `Pattern.is_slow`.
"""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple

MAX_PIECE: Final = 100
"""Characters; more of them around a `?` make a pattern slow."""


class BadPatternError(ValueError):
    """The pattern escapes a character that has no special meaning."""


class _AnyCharacter(str):
    """The `?` of a pattern: equal to no character, so that comparing stays one test."""

    __slots__ = ()


_ANY = _AnyCharacter("any")
_Piece = tuple[str, ...]


class Pattern(NamedTuple):
    """A pattern cut at its stars: `pieces` has one more element than there were stars."""

    pieces: tuple[_Piece, ...]

    @property
    def is_slow(self) -> bool:
        """Whether a `?` stands among so many characters that each place of a text would have to be tried long."""
        return any(len(piece) > MAX_PIECE and _ANY in piece for piece in self.pieces)

    def reversed(self) -> Pattern:
        """The pattern that matches the reversed text."""
        return Pattern(tuple(piece[::-1] for piece in self.pieces[::-1]))


def parse(pattern: str) -> Pattern:
    """Read a pattern; raises `BadPatternError`."""
    pieces: list[list[str]] = [[]]
    characters = iter(enumerate(pattern))
    for index, char in characters:
        if char == "*":
            pieces.append([])
        elif char == "?":
            pieces[-1].append(_ANY)
        elif char == "\\":
            following = pattern[index + 1 : index + 2]
            if following in ("}", "/") and following:
                continue
            if following not in ("*", "?", "\\") or not following:
                raise BadPatternError(f"invalid escape `\\{following}`")
            pieces[-1].append(following)
            next(characters)
        else:
            pieces[-1].append(char)
    return Pattern(tuple(tuple(piece) for piece in pieces))


def _matches(piece: _Piece, text: str, at: int) -> bool:
    return _compile(piece).match(text, at) is not None if _ANY in piece else text.startswith("".join(piece), at)


def _find(piece: _Piece, text: str, start: int) -> int:
    """The first place at or after `start` where a piece matches, or -1."""
    if _ANY not in piece:
        return text.find("".join(piece), start)
    match = _compile(piece).search(text, start)
    return match.start() if match else -1


def _find_last(piece: _Piece, text: str, start: int) -> int:
    """The last place at or after `start` where a piece matches, or -1."""
    # Backwards the last is the first; `str.rfind` can take quadratic time, `str.find` cannot.
    found = _find(piece[::-1], text[::-1], 0)
    at = len(text) - found - len(piece)
    return at if found >= 0 and at >= start else -1


def _compile(piece: _Piece) -> re.Pattern[str]:
    return re.compile("".join("." if char is _ANY else re.escape(char) for char in piece), re.DOTALL)


def match_end(pattern: Pattern, text: str, start: int, longest: bool) -> int:
    """Where the longest or shortest match that begins at `start` ends, or -1 when there is none."""
    first, *rest = pattern.pieces
    if not _matches(first, text, start):
        return -1
    end = start + len(first)
    for number, piece in enumerate(rest, 1):
        find = _find_last if longest and number == len(rest) else _find
        at = find(piece, text, end)
        if at < 0:
            return -1
        end = at + len(piece)
    return end


def search(pattern: Pattern, text: str, start: int) -> tuple[int, int] | None:
    """The leftmost, then longest match at or after `start`."""
    piece = pattern.pieces[0]
    first = _find(piece, text, start)
    if first < 0:
        return None
    if len(pattern.pieces) == 1:
        return first, first + len(piece)
    end = match_end(pattern, text, first, longest=True)
    return None if end < 0 else (first, end)


def strip_prefix(pattern: Pattern, text: str, longest: bool) -> str:
    """The text without the shortest or longest matching prefix."""
    end = match_end(pattern, text, 0, longest)
    return text if end < 0 else text[end:]


def strip_suffix(pattern: Pattern, text: str, longest: bool) -> str:
    """The text without the shortest or longest matching suffix."""
    return strip_prefix(pattern.reversed(), text[::-1], longest)[::-1]
