"""The words of a Dockerfile: quotes, escapes and variables, as BuildKit's shell lexer reads them.

A variable may be known, absent or unknown. An unknown one makes the result unknown only where it decides it:
`${a:-$b}` is known as soon as `a` is. See the Dockerfile reference, "Environment replacement".
"""

from __future__ import annotations

import re
from collections.abc import Callable
from enum import Enum
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax import glob

MAX_DEPTH: Final = 100
"""How deep `${a:-${b:-…}}` may nest before we call it an error."""
MAX_VALUE: Final = 1 << 20
"""Characters of variables that go into one word; a longer one (`ENV a=$a$a` again and again) becomes unknown."""
GO_SPACE: Final = (
    "\t\n\v\f\r \x85\xa0\u1680\u2000\u2001\u2002\u2003\u2004\u2005\u2006"
    "\u2007\u2008\u2009\u200a\u2028\u2029\u202f\u205f\u3000"
)
"""What BuildKit trims and splits words at (Go's `unicode.IsSpace`); Python's own notion is wider."""

_SPECIAL_PARAMETERS: Final = "@*#?-$!0"
_PLAIN = re.compile(r"[^$'\"\\`<]*\Z")
_PLAIN_RUN = re.compile(r"[^$'\"\\`<}/\s]+")
_QUOTED_RUN = re.compile(r'[^$"\\`]+')


class Unknown(Enum):
    """The value of a variable that only the build will know."""

    UNKNOWN = "unknown"


UNKNOWN: Final = Unknown.UNKNOWN
Lookup = Callable[[str], str | Unknown | None]


class ExpansionError(ValueError):
    """The word cannot be expanded; the text says why in words for people, `code` names the kind."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Expansion(NamedTuple):
    """An expanded word: its text (None when unknown) and the variables that were looked at, in order."""

    text: str | None
    names: tuple[str, ...] = ()


class Options(NamedTuple):
    """How the lexer treats what it reads; the defaults are those of a word in an instruction."""

    escape: str = "\\"
    raw_quotes: bool = False
    raw_escapes: bool = False
    keep_unset: bool = False
    quotes: bool = True


def expand(word: str, lookup: Lookup, options: Options) -> Expansion:
    """Replace variables and remove quotes and escapes. Raises `ExpansionError`."""
    if _PLAIN.match(word):
        return Expansion(word)
    lexer = _Lexer(word, lookup, options, split=False)
    text = lexer.run(None, options.raw_escapes)
    return Expansion(text, tuple(lexer.names))


def expand_words(text: str, lookup: Lookup, options: Options) -> tuple[str, ...] | None:
    """Expand, then split at unquoted blanks; None when the words are unknown. Raises `ExpansionError`."""
    lexer = _Lexer(text, lookup, options, split=True)
    return None if lexer.run(None, options.raw_escapes) is None else tuple(lexer.words)


def unset(name: str) -> None:
    """Look up nothing: every variable is absent."""


def _is_name(char: str) -> bool:
    return char == "_" or char.isalpha() or char.isdecimal()


class _Lexer:
    """One pass over one word. `run` returns None as soon as what it produced is unknown."""

    def __init__(self, text: str, lookup: Lookup, options: Options, split: bool) -> None:
        self.text = text.removeprefix("\ufeff")
        self.pos = 0
        self.lookup = lookup
        self.options = options
        self.raw_escapes = options.raw_escapes
        self.split = split
        self.words: list[str] = []
        # One buffer for all levels: a nested substitution forgets the word begun outside, as BuildKit's does.
        self.word: list[str] = []
        self.names: list[str] = []
        self.looked_at = 0
        self.depth = 0

    def run(self, stop: str | None, raw_escapes: bool) -> str | None:
        """Read up to `stop` (consumed) or the end of the text."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise ExpansionError("nesting", f"substitutions nest deeper than {MAX_DEPTH} levels")
        outer_raw, self.raw_escapes = self.raw_escapes, raw_escapes
        try:
            return self._run(stop)
        finally:
            self.raw_escapes = outer_raw
            self.depth -= 1

    def _run(self, stop: str | None) -> str | None:
        text, options = self.text, self.options
        parts: list[str] = []
        word = self.word
        word.clear()
        words: list[str] = []
        known = True

        def blank() -> None:
            if any(word):
                words.append("".join(word))
            word.clear()

        while self.pos < len(text):
            plain = _PLAIN_RUN.match(text, self.pos)
            if plain:
                self.pos = plain.end()
                parts.append(plain[0])
                word.append(plain[0])
                continue
            char = text[self.pos]
            if char == stop:
                self.pos += 1
                blank()
                self.words = words
                return "".join(parts) if known else None
            if char == "$":
                value = self._dollar()
                if value is None:
                    known = False
                    continue
                parts.append(value)
                if self.split:
                    for run in re.split(f"([{GO_SPACE}]+)", value):
                        if run and run[0] in GO_SPACE:
                            blank()
                        else:
                            word.append(run)
            elif char == "<":
                parts.append(self._heredoc())
                word.append(parts[-1])
            elif options.quotes and char in "'\"":
                value = self._single() if char == "'" else self._double()
                if value is None:
                    known = False
                    continue
                parts.append(value)
                word.append(value)
            else:
                self.pos += 1
                if char == options.escape:
                    if self.raw_escapes:
                        parts.append(char)
                        word.append(char)
                    if self.pos >= len(text):
                        break
                    char = text[self.pos]
                    self.pos += 1
                    word.append(char)
                elif char in GO_SPACE:
                    blank()
                else:
                    word.append(char)
                parts.append(char)
        if stop is not None:
            raise ExpansionError("unterminated", f"the closing `{stop}` is missing")
        blank()
        self.words = words
        return "".join(parts) if known else None

    def _heredoc(self) -> str:
        """`<`, or `<<` with the blanks after it, so that a heredoc's name stays in one word with it."""
        start = self.pos
        self.pos += 1
        if self.text.startswith("<", self.pos):
            self.pos += 1
            while self.text.startswith((" ", "\t", "\r"), self.pos):
                self.pos += 1
        return self.text[start : self.pos]

    def _single(self) -> str:
        end = self.text.find("'", self.pos + 1)
        if end < 0:
            raise ExpansionError("quote", "a single quote is never closed")
        start, self.pos = self.pos, end + 1
        return self.text[start : end + 1] if self.options.raw_quotes else self.text[start + 1 : end]

    def _double(self) -> str | None:
        text, escape = self.text, self.options.escape
        quote = '"' if self.options.raw_quotes else ""
        parts = [quote]
        known = True
        self.pos += 1
        while self.pos < len(text):
            plain = _QUOTED_RUN.match(text, self.pos)
            if plain:
                self.pos = plain.end()
                parts.append(plain[0])
                continue
            char = text[self.pos]
            if char == '"':
                self.pos += 1
                parts.append(quote)
                return "".join(parts) if known else None
            if char == "$":
                value = self._dollar()
                known = known and value is not None
                parts.append(value or "")
                continue
            self.pos += 1
            if char == escape:
                if self.raw_escapes:
                    parts.append(char)
                if self.pos >= len(text):
                    continue
                if text[self.pos] in ('"', "$", escape):
                    char = text[self.pos]
                    self.pos += 1
            parts.append(char)
        raise ExpansionError("quote", "a double quote is never closed")

    def _name(self) -> str:
        text, start = self.text, self.pos
        if start < len(text):
            if text[start].isdecimal():
                while self.pos < len(text) and text[self.pos].isdecimal():
                    self.pos += 1
                return text[start : self.pos]
            if text[start] in _SPECIAL_PARAMETERS:
                self.pos += 1
                return text[start]
        while self.pos < len(text) and _is_name(text[self.pos]):
            self.pos += 1
        return text[start : self.pos]

    def _value(self, name: str) -> str | Unknown | None:
        self.names.append(name)
        value = self.lookup(name)
        if isinstance(value, str):
            self.looked_at += len(value)
        return UNKNOWN if self.looked_at > MAX_VALUE else value

    def _dollar(self) -> str | None:
        """A substitution at `$`; None when its value is unknown."""
        self.pos += 1
        text = self.text
        if not text.startswith("{", self.pos):
            name = self._name()
            if not name:
                return "$"
            value = self._value(name)
            if value is None:
                return f"${name}" if self.options.keep_unset else ""
            return None if value is UNKNOWN else value
        self.pos += 1
        if self.pos >= len(text):
            raise ExpansionError("brace", "`${` is never closed")
        if text[self.pos] in "{}:":
            raise ExpansionError("substitution", "what follows `${` is not the name of a variable")
        name = self._name()
        operator = text[self.pos : self.pos + 1]
        self.pos += 1
        if operator == "}":
            value = self._value(name)
            if value is None:
                return f"${{{name}}}" if self.options.keep_unset else ""
            return None if value is UNKNOWN else value
        if operator == "/":
            return self._replacement(name)
        colon = ""
        if operator == ":":
            colon, operator = ":", text[self.pos : self.pos + 1]
            self.pos += 1
        if operator not in ("+", "-", "?", "#", "%") or (colon and operator in "#%"):
            raise ExpansionError("modifier", f"`{colon}{operator}` is not a way to modify a variable")
        return self._modified(name, colon, operator)

    def _modified(self, name: str, colon: str, operator: str) -> str | None:
        word = self._inner("}", raw=operator in "#%")
        value = self._value(name)
        if value is None and self.options.keep_unset:
            return f"${{{name}{colon}{operator}{word}}}"
        if value is UNKNOWN:
            return None
        missing = value is None or (bool(colon) and value == "")
        if operator == "-":
            return word if missing else value
        if operator == "+":
            return "" if missing else word
        if operator == "?":
            if missing:
                state = "empty" if value == "" else "unset"
                raise ExpansionError("required", f"`{name}`: {word or f'must not be {state}'}")
            return value
        if word is None:
            return None
        longest = word.startswith(operator)
        strip = glob.strip_prefix if operator == "#" else glob.strip_suffix
        pattern = self._pattern(word.removeprefix(operator))
        return None if pattern.is_slow else strip(pattern, value or "", longest)

    def _inner(self, stop: str, raw: bool) -> str | None:
        """The text inside `${…}` up to `stop`; words of the outer level are not touched."""
        try:
            return self.run(stop, raw)
        except ExpansionError:
            if self.pos >= len(self.text):
                raise ExpansionError("brace", "`${` is never closed") from None
            raise

    def _pattern(self, text: str) -> glob.Pattern:
        try:
            return glob.parse(text)
        except glob.BadPatternError as error:
            raise ExpansionError("pattern", f"the pattern `{text}` has an {error}") from None

    def _replacement(self, name: str) -> str | None:
        every = self.text.startswith("/", self.pos)
        self.pos += every
        pattern = self._inner("/", raw=True)
        replacement = self._inner("}", raw=True)
        value = self._value(name)
        if value is None and self.options.keep_unset:
            return f"${{{name}/{pattern}/{replacement}}}"
        if value is UNKNOWN or pattern is None or replacement is None:
            return None
        compiled = self._pattern(pattern)
        if compiled.is_slow:
            return None
        value = value or ""
        if not every:
            found = glob.search(compiled, value, 0)
            return value if found is None else value[: found[0]] + replacement + value[found[1] :]
        return _replace_all(compiled, value, replacement)


def _replace_all(pattern: glob.Pattern, value: str, replacement: str) -> str | None:
    """Replace every match, reading the replacement as the template of a regular expression.

    None when the result would be longer than `MAX_VALUE`.
    """
    parts: list[str] = []
    done = at = length = 0
    dollars = replacement.count("$")
    while at <= len(value):
        found = glob.search(pattern, value, at)
        if found is None:
            break
        start, end = found
        parts.append(value[done:start])
        length += len(replacement) + dollars * (end - start)
        if length > MAX_VALUE:
            return None
        if start != end or start != done or not parts[:-1]:
            parts.append(_template(replacement, value[start:end]) if dollars else replacement)
        done = end
        at = end if end > start else end + 1
    parts.append(value[done:])
    return "".join(parts)


def _template(replacement: str, match: str) -> str:
    """Go's reading: `$0` is the match, any other `$name` a group that is not there, `$$` a dollar."""

    def group(found: re.Match[str]) -> str:
        if found[0] == "$$":
            return "$"
        return match if (found[1] or found[2]) == "0" else ""

    return re.sub(r"\$\$|\$(\w+)|\$\{(\w+)\}", group, replacement)
