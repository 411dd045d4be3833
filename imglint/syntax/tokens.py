"""A Dockerfile cut into tokens that cover each of its characters once, for whoever shows or rewrites the text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import StrEnum

from imglint.record import NamedTuple
from imglint.source import BOM, Span
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.lines import cut_continuation
from imglint.syntax.tree import Instruction
from imglint.syntax.words import GO_SPACE

_RUNS = re.compile(f"[{GO_SPACE}]+|[^{GO_SPACE}]+")


class Kind(StrEnum):
    """What a token is."""

    BOM = "bom"
    DIRECTIVE = "directive"
    """`# escape=…` and its like, from the `#` to the end of the line."""
    COMMENT = "comment"
    """From the `#` to the end of the line."""
    KEYWORD = "keyword"
    """The word an instruction begins with, known or not; also that of the instruction inside ONBUILD."""
    FLAG = "flag"
    ARGUMENT = "argument"
    """One for each physical line that it stands on, without the white space around it."""
    PUNCTUATION = "punctuation"
    """The `=` of a pair, the brackets and commas of a JSON array, and a `--` by itself."""
    CONTINUATION = "continuation"
    """The escape character at the end of a line, and the blanks behind it."""
    HEREDOC_BODY = "heredoc-body"
    """All lines of it, with their line endings."""
    HEREDOC_TERMINATOR = "heredoc-terminator"
    """The whole line, with its line ending."""
    WHITESPACE = "whitespace"
    NEWLINE = "newline"


class Token(NamedTuple):
    """A piece of the file; never empty."""

    kind: Kind
    span: Span


def tokens(dockerfile: Dockerfile) -> Iterator[Token]:
    """All tokens of the file in order: each begins where the one before it ended, and nothing is left out."""
    return _Cutter(dockerfile).cut()


class _Cutter:
    def __init__(self, dockerfile: Dockerfile) -> None:
        self.text = dockerfile.source.text
        self.escape = dockerfile.escape
        self.directives = {directive.span.start for directive in dockerfile.directives}
        self.words = [token for each in dockerfile.instructions for token in _words(each)]
        self.blocks = iter([token for each in dockerfile.instructions for token in _blocks(each)])
        self.next_word = 0

    def cut(self) -> Iterator[Token]:
        text = self.text
        pos = 0
        if text.startswith(BOM):
            pos = 1
            yield Token(Kind.BOM, Span(0, 1))
        block = next(self.blocks, None)
        while pos < len(text):
            if block and block.span.start == pos:
                yield block
                pos = block.span.end
                block = next(self.blocks, None)
                continue
            end = text.find("\n", pos) + 1 or len(text)
            line = text[pos:end].rstrip("\r\n")
            yield from self._line(line, pos)
            if pos + len(line) < end:
                yield Token(Kind.NEWLINE, Span(pos + len(line), end))
            pos = end

    def _line(self, line: str, start: int) -> Iterator[Token]:
        end = start + len(line)
        sign = end - len(line.lstrip(GO_SPACE))
        if self.text.startswith("#", sign):
            yield from self._rest(start, sign)
            yield Token(Kind.DIRECTIVE if sign in self.directives else Kind.COMMENT, Span(sign, end))
            return
        mark = start + len(cut_continuation(line, self.escape)[0])
        yield from self._instruction(start, mark)
        if mark < end:
            yield Token(Kind.CONTINUATION, Span(mark, end))

    def _instruction(self, start: int, end: int) -> Iterator[Token]:
        """The words between two places of a line, and what stands between the words."""
        while self.next_word < len(self.words):
            kind, span = self.words[self.next_word]
            if span.start >= end:
                break
            if span.end > start:
                yield from self._rest(start, span.start)
                start = max(start, span.start)
                stop = min(span.end, end)
                if start < stop:
                    yield Token(kind, Span(start, stop))
                start = stop
            if span.end > end:
                break
            self.next_word += 1
        yield from self._rest(start, end)

    def _rest(self, start: int, end: int) -> Iterator[Token]:
        for match in _RUNS.finditer(self.text, start, end):
            kind = Kind.WHITESPACE if match[0][0] in GO_SPACE else Kind.PUNCTUATION
            yield Token(kind, Span(*match.span()))


def _words(instruction: Instruction) -> Iterator[Token]:
    """Keyword, flags and arguments in file order; an argument may reach over several lines."""
    spans = [(Kind.KEYWORD, instruction.keyword.span), *((Kind.FLAG, flag.span) for flag in instruction.flags)]
    for key, value, _ in instruction.pairs:
        spans.append((Kind.ARGUMENT, key.span))
        if value:
            spans.append((Kind.ARGUMENT, value.span))
    if not instruction.pairs:
        words = instruction.arguments or (() if instruction.inner else (instruction.rest,))
        spans += [(Kind.ARGUMENT, word.span) for word in words]
    yield from (Token(kind, span) for kind, span in spans if span.start < span.end)
    if instruction.inner:
        yield from _words(instruction.inner)


def _blocks(instruction: Instruction) -> Iterator[Token]:
    for heredoc in instruction.heredocs:
        for kind, span in ((Kind.HEREDOC_BODY, heredoc.body), (Kind.HEREDOC_TERMINATOR, heredoc.terminator)):
            if span.start < span.end:
                yield Token(kind, span)
