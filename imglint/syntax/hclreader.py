"""Reading HCL 2 word by word, and how is told what cannot be read."""

from __future__ import annotations

import re
from typing import Final

from imglint.source import Source, Span
from imglint.syntax.hclnode import Problem

MAX_DEPTH: Final = 80
"""How deep expressions and blocks may be nested, and how many operators may follow one another."""

IDENTIFIER: Final = r"[^\W\d][\w-]*"
"""A name."""
LINE_END: Final = r"\Z|\r?\n|#|//"
"""What ends a line, or begins a comment that does."""
_SPACE: Final = r"[ \t]*"
_ANY_SPACE: Final = r"(?:[ \t]|\r?\n|(?:#|//)[^\n]*)*"


class BrokenError(Exception):
    """What cannot be read; `final` when nothing after it can be."""

    def __init__(self, code: str, start: int, end: int, reason: str, final: bool = False) -> None:
        self.problem = Problem(code, Span(start, end), reason)
        self.final = final


class Reader:
    """A place in a text, and what is common to all that is read there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.depth = 0
        self.inside = False  # between brackets, where line endings are space

    def take(self, pattern: str) -> re.Match[str] | None:
        """What matches here, passed over."""
        match = re.compile(pattern).match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match

    def blank(self) -> None:
        """Pass over space and comments."""
        while True:
            self.take(_ANY_SPACE if self.inside else _SPACE)
            if not self.sees("/*"):
                return
            end = self.text.find("*/", self.at + 2)
            if end < 0:
                raise BrokenError(
                    "hcl-unclosed-comment", self.at, self.at + 2, "this comment is not closed", final=True
                )
            self.at = end + 2

    def lines(self) -> None:
        """Pass over space, comments and line endings."""
        inside, self.inside = self.inside, True
        self.blank()
        self.inside = inside

    def sees(self, word: str) -> bool:
        """Whether a word is what comes next."""
        return self.text.startswith(word, self.at)

    def next(self, word: str) -> bool:
        """Whether a word comes next after space; it is passed over."""
        self.blank()
        found = self.sees(word)
        self.at += len(word) if found else 0
        return found

    def expect(self, word: str, code: str, reason: str) -> None:
        """Pass over a word that has to come next."""
        if not self.next(word):
            raise self.wrong(code, reason)

    def identifier(self) -> str:
        """A name that has to come next."""
        self.blank()
        match = self.take(IDENTIFIER)
        if match is None:
            raise self.wrong("hcl-name", "a name is expected here")
        return match[0]

    def wrong(self, code: str, reason: str) -> BrokenError:
        """The error that the next character is."""
        return BrokenError(code, self.at, min(self.at + 1, len(self.text)), reason)

    def deeper(self) -> None:
        """Go into what is nested; `depth` is counted down where it ends."""
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong("hcl-depth", f"this is nested more than {MAX_DEPTH} deep")
