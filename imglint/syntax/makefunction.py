"""Functions of make whose result follows from their arguments.

https://www.gnu.org/software/make/manual/html_node/Functions.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final

from imglint.syntax import pipeline
from imglint.syntax.shell import Word
from imglint.syntax.text import HOLE, Piece, Text, unknown

MAX_WORDS: Final = 1_000
"""Words of a list that are put together; of a longer one nothing is known."""

_ARGUMENTS: Final = {
    "addprefix": 2, "addsuffix": 2, "firstword": 1, "lastword": 1, "shell": 1, "strip": 1, "subst": 3,
}  # fmt: skip
NAMES: Final = frozenset(_ARGUMENTS)
"""The functions that are known here."""


def arguments(name: str, written: Text) -> list[Text]:
    """The arguments of a call as written: parted by commas outside of references, the last one takes the rest."""
    parts: list[Text] = []
    start = depth = 0
    for match in re.finditer(r"[(){},]", written.text):
        if match[0] != ",":
            depth += 1 if match[0] in "({" else -1
        elif not depth and len(parts) + 1 < _ARGUMENTS[name]:
            parts.append(written.cut(start, match.start()))
            start = match.end()
    return [*parts, written.cut(start)]


def call(name: str, given: Sequence[Text]) -> Text | None:
    """What a function gives for arguments that are expanded; None when that is not known."""
    if len(given) != _ARGUMENTS[name]:
        return None
    function = _FUNCTIONS[name]
    return function(given)


def _words(text: Text) -> list[Text] | None:
    """The words of a list; None when one of unknown value may be several, or there are too many."""
    words = [text.cut(*match.span()) for match in re.finditer(r"[^ \t\n]+", text.text)]
    return None if len(words) > MAX_WORDS or any(word.text == HOLE for word in words) else words


def _list(words: Sequence[Text], place: Text) -> Text:
    pieces: list[Piece] = []
    for word in words:
        if pieces:
            pieces.append(Piece(" ", *word.place, False))
        pieces += word.pieces
    return Text(pieces or place.cut(0, 0).pieces)


def _affixed(given: Sequence[Text], *, before: bool) -> Text | None:
    affix, words = given[0], _words(given[1])
    if words is None:
        return None
    pairs = ((affix, word) if before else (word, affix) for word in words)
    whole = [Text([piece for part in pair for piece in part.pieces if piece.text] or pair[1].pieces) for pair in pairs]
    return _list(whole, given[1])


def _strip(given: Sequence[Text]) -> Text | None:
    words = [given[0].cut(*match.span()) for match in re.finditer(r"[^ \t\n]+", given[0].text)]
    return _list(words, given[0]) if len(words) <= MAX_WORDS else None


def _word(given: Sequence[Text], number: int) -> Text | None:
    words = _words(given[0])
    if words is None:
        return None
    return words[number] if words else given[0].cut(0, 0)


def _substituted(given: Sequence[Text]) -> Text | None:
    old, new, text = given
    if not old.text or old.value is None or new.value is None or text.value is None:
        return None
    return text.substituted(re.escape(old.text), new.text, 0)


def _printed(given: Sequence[Text]) -> Text | None:
    """What `$(shell …)` prints, where no variable of the shell is in it."""
    script = given[0]
    if not pipeline.worth_reading(script.text):
        return None

    def expand(word: Word) -> Text:
        pieces: list[Piece] = []
        for part in word.parts:
            written = script.cut(*part.span)
            if part.kind != "literal" or (HOLE in part.text and not part.exact):
                return unknown(written.text, *written.place)
            pieces += written.pieces if part.exact else (Piece(part.text, *written.place, False),)
        return Text(pieces or script.cut(*word.span).cut(0, 0).pieces)

    return pipeline.printed(script, expand)


_FUNCTIONS: Final[dict[str, Callable[[Sequence[Text]], Text | None]]] = {
    "addprefix": lambda given: _affixed(given, before=True),
    "addsuffix": lambda given: _affixed(given, before=False),
    "firstword": lambda given: _word(given, 0),
    "lastword": lambda given: _word(given, -1),
    "shell": _printed,
    "strip": _strip,
    "subst": _substituted,
}
