"""The words of a shell script as the shell expands them, as far as its variables are known."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Final, Protocol

from imglint.model.commands.flags import Word
from imglint.syntax import alteration, pipeline, shell
from imglint.syntax.text import HOLE, Piece, Text, joined, literal, unknown

MAX_WORDS: Final = 20_000
"""Words that the variables of one command may come to."""
MAX_EXPANDED: Final = 1 << 22
"""Characters that the variables of one script may come to, a part with a place of its own as `_PIECE` of them."""
MAX_NESTING: Final = 4
"""Command substitutions within one another whose output is followed."""
_PIECE: Final = 32
_MAX_DEFAULTS: Final = 8


class Variables(Protocol):
    """The variables of a shell: their values as far as they are known, and whether others may be set."""

    open: bool
    variables: dict[str, Text | None]

    def variable(self, name: str) -> Text | None:
        """The value of a variable; None when it is unknown, or not set at all."""

    def is_set(self, name: str) -> bool:
        """Whether a variable is known to have a value, if not which."""


class Expansion:
    """Expands the words of one script. `assign` is called for `${name:=value}`.

    `arguments` are those of the function that runs, None when they are unknown.
    """

    def __init__(self, script: Text, state: Variables, assign: Callable[[str, Text], None], nesting: int = 0) -> None:
        self.nesting = nesting
        self.script = script
        self.state = state
        self.assign = assign
        self.arguments: Sequence[Word] | None = None
        self.left = MAX_EXPANDED

    def words(self, words: Sequence[shell.Word]) -> list[Word]:
        """What words come to, split where the shell splits them."""
        found: list[Word] = []
        for word in words:
            if len(word.parts) == 1 and word.parts[0].exact:
                found.append(Word(self.script.cut(*word.parts[0].span)))
                continue
            found += self.word(word)
            if len(found) > MAX_WORDS:
                break
        return found

    def whole(self, word: shell.Word) -> Text:
        """The value of a word that is not split: on the right of an assignment."""
        pieces = [text for part in word.parts for text, _ in self._part(part)]
        return joined(pieces) if pieces else self._empty(word)

    def _empty(self, word: shell.Word) -> Text:
        source, span = self.script.place_at(*word.span)
        return Text((Piece("", source, span, False),))

    def word(self, word: shell.Word) -> list[Word]:
        """What one word of the script comes to: more or fewer than one where a variable holds blanks or nothing."""
        found: list[Word] = []
        texts: list[Text] = []
        several = quoted = False
        for part in word.parts:
            quoted = quoted or part.quoted or part.kind == "literal"
            for text, splits in self._part(part):
                fields = _fields(text) if splits else None
                if fields is None:
                    texts.append(text)
                    several = several or splits
                    continue
                first, *middle = fields
                texts.append(first)
                for field in middle:
                    found.append(Word(joined(texts), several))
                    texts, several = [field], False
        if texts and (quoted or any(text.text for text in texts)):
            found.append(Word(joined(texts), several))
        elif not word.parts or (not texts and not found):
            found.append(Word(self._empty(word)))
        return found

    def _part(self, part: shell.Part, depth: int = 0) -> Sequence[tuple[Text, bool]]:
        """The texts that a part of a word comes to, each with whether the shell would split it."""
        if part.exact:
            return ((self.script.cut(*part.span), False),)
        if part.kind == "variable":
            return self._variable(part, depth)
        written = self.script.cut(*part.span)
        if part.kind == "literal":
            if HOLE in part.text:
                return ((unknown(written.unknowns[0] if written.unknowns else "a part", *written.place), False),)
            return ((literal(part.text, *written.place, exact=False), False),)
        known = self._argument(part.text) or self._altered(part.text) or self._printed(written)
        if known is None:
            return ((unknown(shorten(written.text), *written.place), not part.quoted),)
        return ((known.moved(written.place), not part.quoted),)

    def _variable(self, part: shell.Part, depth: int) -> Sequence[tuple[Text, bool]]:
        """What a variable comes to, or what stands in its expansion instead."""
        name, operator, splits = part.name, part.operator, not part.quoted
        place = self.script.place_at(*part.span)
        value = self.state.variable(name) if depth < _MAX_DEFAULTS else None
        if operator and depth < _MAX_DEFAULTS:
            if operator in ("+", ":+"):
                if value is not None and value.value:
                    return [text for each in part.default for text in self._part(each, depth + 1)]
                return ((unknown(f"${name}", *place), splits),) if self.state.is_set(name) else ()
            unset = value is None and not self.state.open and name not in self.state.variables
            if operator[-1] in "-=" and (unset or (operator[0] == ":" and value and not value.text)):
                texts = [text for each in part.default for text in self._part(each, depth + 1)]
                if "=" in operator:
                    empty = self.script.cut(*part.span).cut(0, 0)
                    self.assign(name, joined(text for text, _ in texts) if texts else empty)
                return texts
        if value is not None:
            self.left -= len(value.text) + _PIECE * len(value.pieces)
            if self.left > 0:
                return ((value.moved(place), splits),)
        return ((unknown(f"${name}", *place), splits),)

    def _altered(self, written: str) -> Text | None:
        """The value of `${NAME,,}` and its like."""
        wanted = alteration.read(written)
        value = self.state.variable(wanted.name) if wanted else None
        return alteration.altered(value, wanted) if value is not None and wanted else None

    def _printed(self, written: Text) -> Text | None:
        """What `$(echo "$NAME" | tr A-Z a-z)` and its like print."""
        text = written.text
        if text[:2] == "$(" and text[-1] == ")":
            script = written.cut(2, len(text) - 1)
        elif text[0] == "`" and text[-1] == "`" and "\\" not in text:
            script = written.cut(1, len(text) - 1)
        else:
            return None
        if self.nesting >= MAX_NESTING or not pipeline.worth_reading(script.text):
            return None
        inner = Expansion(script, self.state, self.assign, self.nesting + 1)
        inner.arguments = self.arguments
        inner.left = self.left
        value = pipeline.printed(script, inner.whole)
        self.left = inner.left - (len(value.text) if value else 0)
        return value if self.left > 0 else None

    def _argument(self, written: str) -> Text | None:
        """The value of `$1` and its like in a function that is called with known arguments."""
        match = re.fullmatch(r"\$(?:([1-9])|\{([1-9])\})", written)
        if match is None or self.arguments is None:
            return None
        number = int(match[1] or match[2])
        before = self.arguments[:number]
        return before[-1].text if len(before) == number and not any(word.several for word in before) else None


def shorten(text: str) -> str:
    """A piece of a script in a few words."""
    line = " ".join(text.replace(HOLE, "…").split())
    return line if len(line) <= 40 else line[:39] + "…"


def _fields(text: Text) -> list[Text] | None:
    """The words into which the shell splits a value; None where it stays as it is, or nobody knows."""
    if text.text == HOLE:
        return None
    if not re.search(r"[ \t\n]", text.text):
        return None
    return [text.cut(*match.span()) for match in re.finditer(r"[^ \t\n]+", text.text)] or [text.cut(0, 0)]
