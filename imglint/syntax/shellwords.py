"""The words of a shell script: quotes, escapes and expansions, with the place of every part.

Read as POSIX 2.2 "Quoting" and 2.6 "Word Expansions" say, with what bash adds (its manual, sections 3.1.2 and 3.5).
Nothing is expanded here. `imglint.syntax.shell` finds the commands, also those inside of words.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from typing import Final

from imglint.source import Span
from imglint.syntax.shellword import NAME, WHOLE, Part, Word, matcher, whole_word

MAX_DEPTH: Final = 100
"""How deep quotes, expansions and compound commands may stand in each other; what is deeper is not read.

A substitution counts as three levels and arithmetic as two: they take as much more of Python's stack.
"""
FUEL: Final = 20
"""How many characters may be read again or copied, for each character of the script."""

BARE: Final = "bare"
"""A word as it stands in a command: it ends at a blank or an operator."""
DOUBLE: Final = "double"
"""Inside double quotes."""
BRACE: Final = "brace"
"""Inside `${…}`."""
QUOTED_BRACE: Final = "quoted brace"
"""Inside `"${…}"`, where a single quote is an ordinary character."""
BODY: Final = "body"
"""The body of a here-document."""

_PLAIN: Final = {
    BARE: r"""[^ \t\r\n;&|<>()'"\\$`]*""",
    DOUBLE: r'[^"\\$`]*',
    BRACE: r"""[^}'"\\$`]*""",
    QUOTED_BRACE: r'[^}"\\$`]*',
    BODY: r"[^\\$`]*",
}
_ESCAPED: Final = {DOUBLE: '$`"\\', QUOTED_BRACE: '$`"\\}', BODY: "$`\\"}
_CLOSERS: Final = {DOUBLE: '"', BRACE: "}", QUOTED_BRACE: "}"}
_EXPANDING: Final = frozenset("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_@*#?$!-({")
_VARIABLE: Final = rf"\$(?:({NAME})|\{{({NAME})\}})"
_DEFAULTED: Final = rf"\$\{{({NAME})(:?[-=+?])"
_PATTERNED: Final = r"\$\{[!#]?[A-Za-z0-9_@*?-]*(?:\[[^\]\n]{0,200}\])?[%#/^,]"
_UNPARENTHESIZED: Final = r"""[^()'"\\$`]*"""
_BACKQUOTED: Final = r"(?s)(?:[^`\\]+|\\.)*+"
_ANSI_C: Final = r"(?s)(?:[^'\\]+|\\.)*+"
_ANSI_C_ESCAPE: Final = r"(?s)\\(?:x([0-9A-Fa-f]{1,2})|([0-7]{1,3})|(.))"
_ANSI_C_CHARACTERS: Final = {
    "a": "\a", "b": "\b", "e": "\x1b", "E": "\x1b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v",
    "\\": "\\", "'": "'", '"': '"', "?": "?",
}  # fmt: skip


@cache
def _plain() -> dict[str, Callable[[str, int, int], re.Match[str] | None]]:
    """What passes, in each context, the characters that stand for themselves."""
    return {context: matcher(pattern) for context, pattern in _PLAIN.items()}


class StoppedError(Exception):
    """The script asks for more than we are ready to do; the text says in words for people what that is."""


class WordReader:
    """Reads words; what reads commands extends it. Places are offsets into `text`, and reading ends at `end`."""

    def __init__(self, text: str, end: int) -> None:
        self.text = text
        self.end = end
        self.problem = ""
        self.depth = 0
        self.plain = _plain()
        self.whole = matcher(WHOLE)
        self.variable = matcher(_VARIABLE)
        self._nesting = 0
        self._fuel = FUEL * end + 1_000
        self._no_arithmetic: set[int] = set()

    def commands(self, at: int, closer: str) -> int:
        """Read commands up to `closer` (`)`, or empty for the end), and return the place after it."""
        raise NotImplementedError

    def mark(self) -> tuple[int, ...]:
        """What has been found so far, for `undo`."""
        raise NotImplementedError

    def undo(self, mark: tuple[int, ...]) -> None:
        """Forget what was found since."""
        raise NotImplementedError

    def doubt(self, problem: str) -> None:
        """Note what is wrong with the script; the first note stays."""
        self.problem = self.problem or problem

    def enter(self, levels: int = 1) -> None:
        """Go deeper; raises `StoppedError` beyond `MAX_DEPTH`."""
        self._nesting += levels
        if self._nesting > MAX_DEPTH:
            raise StoppedError(f"it is nested more than {MAX_DEPTH} levels deep")

    def leave(self, levels: int = 1) -> None:
        """Come back up."""
        self._nesting -= levels

    def burn(self, characters: int) -> None:
        """Pay for reading again or copying; raises `StoppedError` when that has been done too often."""
        self._fuel -= characters
        if self._fuel < 0:
            raise StoppedError("it takes too long to tell what it means")

    @property
    def full(self) -> bool:
        """Whether nothing can be entered any more, not even quotes."""
        return self._nesting >= MAX_DEPTH

    def word(self, at: int) -> Word:
        """The word that begins here; it is empty when none does."""
        blank = self.text.startswith((" ", "\t"), at)
        match = None if blank or self.full else self.whole(self.text, at, self.end)
        return whole_word(match) if match else self.word_of_parts(at)

    def word_of_parts(self, at: int) -> Word:
        """The same, read part by part."""
        parts: list[Part] = []
        end = self.parts(at, BARE, parts)
        return Word(Span(at, end), tuple(parts))

    def parts(self, at: int, context: str, out: list[Part]) -> int:
        """Read parts into `out` up to what ends the context, and return the place of that."""
        text, end, plain, closer = self.text, self.end, self.plain[context], _CLOSERS.get(context)
        quoted = context in _ESCAPED
        start = begin = at
        while True:
            match = plain(text, at, end)
            at = match.end() if match else at
            char = text[at] if at < end else ""
            if not char or char == closer:
                break
            if char == "$":
                variable = self.variable(text, at, end)
                if variable:
                    self._literal(begin, at, quoted, out)
                    begin = variable.end()
                    name = variable[1] or variable[2]
                    out.append(Part("variable", variable[0], Span(at, begin), False, quoted, name))
                    at = begin
                    continue
                if not self._expands(at, quoted):
                    at += 1
                    continue
            if char == "\\":
                skipped = self._escape(at, context)
                if not skipped:
                    at += 1
                    continue
                self._literal(begin, at, quoted, out)
                if text[at + skipped - 1] != "\n":
                    out.append(Part("literal", text[at + 1], Span(at, at + skipped), False, True))
                at = begin = at + skipped
            elif char in "'\"$`":
                self._literal(begin, at, quoted, out)
                at = begin = self._special(char, at, context, out)
            elif context == BARE and (after := self._bare(char, at, start, begin, out)):
                at = after
                begin = at if char != "\r" else begin
            else:
                break
        self._literal(begin, at, quoted, out)
        return at

    def _literal(self, start: int, end: int, quoted: bool, out: list[Part]) -> None:
        if start < end:
            out.append(Part("literal", self.text[start:end], Span(start, end), True, quoted))

    def _dynamic(self, start: int, end: int, quoted: bool, out: list[Part]) -> int:
        self.burn(end - start)
        out.append(Part("dynamic", self.text[start:end], Span(start, end), False, quoted))
        return end

    def _escape(self, at: int, context: str) -> int:
        """How many characters the escape here takes; 0 when the backslash stands for itself."""
        following = self.text[at + 1 : min(at + 3, self.end)]
        if following == "\r\n":
            return 3
        escaped = _ESCAPED.get(context)
        if following[:1] == "\n" or (following and (escaped is None or following[0] in escaped)):
            return 2
        return 0

    def _expands(self, at: int, quoted: bool) -> bool:
        following = self.text[at + 1] if at + 1 < self.end else ""
        return following in _EXPANDING if following not in ("'", '"') else not quoted

    def _special(self, char: str, at: int, context: str, out: list[Part]) -> int:
        """Read a quoted string or an expansion, and return the place after it."""
        quoted = context in _ESCAPED
        if char == "$":
            return self._dollar(at, quoted, out)
        if char == "`":
            return self._backquotes(at, quoted, out)
        if char == '"':
            return self._double(at + 1, out)
        close = self.text.find("'", at + 1, self.end)
        if close < 0:
            self.doubt("a single quote is never closed")
            close = self.end
        out.append(Part("literal", self.text[at + 1 : close], Span(at + 1, close), True, True))
        return min(close + 1, self.end)

    def _bare(self, char: str, at: int, start: int, begin: int, out: list[Part]) -> int:
        """Read what looks like the end of a bare word but belongs to it; 0 when it does not."""
        following = self.text[at + 1] if at + 1 < self.end else ""
        if char == "\r":
            return at + 1 if following not in ("", "\n") else 0
        if char in "<>" and following == "(":
            self._literal(begin, at, False, out)
            return self._dynamic(at, self.commands(at + 2, ")"), False, out)
        if char == "(" and at > begin and self.text[at - 1] in "?*+@!":
            self._literal(begin, at - 1, False, out)
            return self._dynamic(at - 1, self._parenthesized(at + 1), False, out)
        return 0

    def _double(self, at: int, out: list[Part]) -> int:
        self.enter()
        before = len(out)
        close = self.parts(at, DOUBLE, out)
        if len(out) == before:
            out.append(Part("literal", "", Span(at, close), at == close, True))
        if close >= self.end:
            self.doubt("a double quote is never closed")
        self.leave()
        return min(close + 1, self.end)

    def _dollar(self, at: int, quoted: bool, out: list[Part]) -> int:
        text = self.text
        following = text[at + 1]
        if following == "(":
            close = self.arithmetic(at + 3) if text.startswith("(", at + 2, self.end) else 0
            return self._dynamic(at, close or self.commands(at + 2, ")"), quoted, out)
        if following == "{":
            return self._braces(at, quoted, out)
        if following == '"':
            return self._double(at + 2, out)
        if following == "'":
            return self._ansi_c(at, out)
        return self._dynamic(at, at + 2, quoted, out)

    def _braces(self, at: int, quoted: bool, out: list[Part]) -> int:
        text = self.text
        simple = matcher(_DEFAULTED)(text, at, self.end)
        self.enter()
        context = QUOTED_BRACE if quoted else BRACE
        if not simple and matcher(_PATTERNED)(text, at, self.end):
            context = BRACE
        inner: list[Part] = []
        close = self.parts(simple.end() if simple else at + 2, context, inner)
        if close >= self.end:
            self.doubt("a `${` is never closed")
        close = min(close + 1, self.end)
        self.leave()
        if not simple:
            return self._dynamic(at, close, quoted, out)
        self.burn(close - at)
        span = Span(at, close)
        out.append(Part("variable", text[at:close], span, False, quoted, simple[1], simple[2], tuple(inner)))
        return close

    def _ansi_c(self, at: int, out: list[Part]) -> int:
        match = matcher(_ANSI_C)(self.text, at + 2, self.end)
        assert match
        close = match.end()
        if close >= self.end:
            self.doubt("a `$'` is never closed")
        after = min(close + 1, self.end)
        written = match[0]
        value = written if "\\" not in written else _decode_ansi_c(written)
        if value is None:
            return self._dynamic(at, after, True, out)
        out.append(Part("literal", value, Span(at + 2, close), value == written, True))
        return after

    def _backquotes(self, at: int, quoted: bool, out: list[Part]) -> int:
        match = matcher(_BACKQUOTED)(self.text, at + 1, self.end)
        assert match
        close, saved = match.end(), self.end
        if close >= saved:
            self.doubt("a backquote is never closed")
            close = saved
        self.end = close
        self.commands(at + 1, "")
        self.end = saved
        return self._dynamic(at, min(close + 1, saved), quoted, out)

    def arithmetic(self, at: int) -> int:
        """Read arithmetic up to its `))`, and return the place after them; 0 when it is none but two `(`."""
        if at in self._no_arithmetic:
            return 0
        mark, problem = self.mark(), self.problem
        after = self._parenthesized(at)
        if self.text.startswith(")", after, self.end):
            return after + 1
        self.undo(mark)
        self.problem = problem
        self._no_arithmetic.add(at)
        self.burn(after - at)
        return 0

    def _parenthesized(self, at: int) -> int:
        """Read up to the `)` that closes a `(` before this place, and return the place after it."""
        self.enter(2)
        text, end, level = self.text, self.end, 1
        plain = matcher(_UNPARENTHESIZED)
        ignored: list[Part] = []
        while level:
            match = plain(text, at, end)
            at = match.end() if match else at
            if at >= end:
                self.doubt("a parenthesis is never closed")
                break
            char = text[at]
            if char in "()":
                level += 1 if char == "(" else -1
                at += 1
            elif char == "\\":
                at = min(at + 2, end)
            elif char == "$" and (variable := self.variable(text, at, end)):
                at = variable.end()
            elif (char == "$" and not self._expands(at, False)) or (char == "'" and text.find("'", at + 1, end) < 0):
                at += 1
            else:
                at = self._special(char, at, BARE, ignored)
                ignored.clear()
        self.leave(2)
        return at


def _decode_ansi_c(written: str) -> str | None:
    """The value of `$'…'`; None when an escape is unknown, NUL or beyond ASCII."""
    unknown = False

    def character(match: re.Match[str]) -> str:
        nonlocal unknown
        if match[3]:
            unknown = unknown or match[3] not in _ANSI_C_CHARACTERS
            return _ANSI_C_CHARACTERS.get(match[3], "")
        code = int(match[1], 16) if match[1] else int(match[2], 8)
        unknown = unknown or not 0 < code < 128
        return chr(code)

    value = re.sub(_ANSI_C_ESCAPE, character, written)
    return None if unknown else value
