"""A Dockerfile into instructions, comments and directives, exactly as BuildKit's parser reads it.

Nothing here raises on any text: what BuildKit refuses becomes a `Problem`, and the reading goes on behind it,
so that one mistake hides nothing else. See the Dockerfile reference, "Format" and "Parser directives".
"""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple
from imglint.source import BOM, Source, Span
from imglint.syntax.heredoc import Opening, openings
from imglint.syntax.instruction import read
from imglint.syntax.lines import Joined, cut_continuation, encode
from imglint.syntax.problem import Problem
from imglint.syntax.tree import KEYWORDS, NO_COMMENTS, Comment, Comments, Heredoc, Instruction, Word
from imglint.syntax.words import GO_SPACE

MAX_LINE_BYTES: Final = 65_535
"""Bytes; BuildKit's scanner takes no longer physical line, its line feed included."""

MAX_INSTRUCTIONS: Final = 200_000
"""Instructions; a file of more is read so far, since each takes some two kilobytes of memory."""

_DIRECTIVE_SPACE: Final = "\t\n\f\r "
_DOCKER_FRONTEND: Final = r"(?:(?:[\w.-]+(?::[0-9]+)?/)*docker/)?dockerfile(?:-upstream)?(?:[:@]|\s|\Z)"
_DIRECTIVES: Final = frozenset(("syntax", "escape", "check"))


class Directive(NamedTuple):
    """A parser directive: `# escape=…`, `# syntax=…` or `# check=…`. `name` is in lower case."""

    name: str
    value: str
    line: int
    span: Span
    indented: bool


class Dockerfile(NamedTuple):
    """A parsed Dockerfile. `problems` are those of the scan phase, in file order."""

    source: Source
    escape: str
    directives: tuple[Directive, ...]
    instructions: tuple[Instruction, ...]
    comments: tuple[Comment, ...]
    problems: tuple[Problem, ...]

    @property
    def docker_frontend(self) -> bool:
        """Whether Docker's own frontend reads the file; a `# syntax=` of others may add instructions and flags."""
        named = next((each.value for each in self.directives if each.name == "syntax" and not each.indented), "")
        return not named or re.match(_DOCKER_FRONTEND, named) is not None


def parse(source: Source) -> Dockerfile:
    """Read a Dockerfile. Time and memory grow linearly with the text."""
    return _Scanner(source).scan()


class _Scanner:
    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.starts = source.line_starts
        self.count = len(self.starts) - (self.starts[-1] == len(self.text))
        self.number = 0
        self.escape = "\\"
        self.directives: list[Directive] = []
        self.directives_done = False
        self.problems: list[Problem] = []
        self.comments: list[Comment] = []
        self.instructions: list[Instruction] = []

    def scan(self) -> Dockerfile:
        pending: list[Comment] = []
        while self.number < self.count:
            start, line = self._next()
            stripped = line.lstrip(GO_SPACE)
            begin = start + len(line) - len(stripped)
            if stripped.startswith("#"):
                self._comment(stripped, begin, begin != start, pending)
                continue
            self.directives_done = True
            text, continues = cut_continuation(stripped, self.escape)
            if not text and not continues:
                continue
            if len(self.instructions) >= MAX_INSTRUCTIONS:
                reason = f"the file has more than {MAX_INSTRUCTIONS:,} instructions, and what follows was not read"
                here = Span(begin, begin + len(stripped))
                self.problems.append(Problem("too-many-instructions", "scan", here, self.number, reason))
                break
            self._instruction(begin, text, continues, pending)
            pending = []
        if not self.instructions and not self.problems:
            end = Span(len(self.text), len(self.text))
            self.problems.append(
                Problem("no-instructions", "scan", end, max(1, self.count), "the file has no instructions")
            )
        return Dockerfile(
            self.source, self.escape, tuple(self.directives), tuple(self.instructions), tuple(self.comments),
            tuple(self.problems),
        )  # fmt: skip

    def _raw(self) -> tuple[int, str]:
        """The next physical line: its offset and its text with the line ending."""
        start = self.starts[self.number]
        self.number += 1
        end = self.starts[self.number] if self.number < len(self.starts) else len(self.text)
        line = self.text[start:end]
        if len(line) * 4 > MAX_LINE_BYTES and len(encode(line)) > MAX_LINE_BYTES:
            self._too_long(Span(start, end))
        return start, line

    def _next(self) -> tuple[int, str]:
        """The next physical line without its line ending and without a byte-order mark."""
        start, line = self._raw()
        if start == 0 and line.startswith(BOM):
            start, line = 1, line[1:]
        return start, line.rstrip("\r\n")

    def _too_long(self, span: Span) -> None:
        reason = f"this line is longer than {MAX_LINE_BYTES:,} bytes, and BuildKit reads no longer one"
        help = "break it with continuations"
        self.problems.append(Problem("line-too-long", "scan", span, self.number, reason, help))

    def _comment(self, stripped: str, begin: int, indented: bool, pending: list[Comment]) -> None:
        comment = Comment(stripped[1:].strip(GO_SPACE), self.number, Span(begin, begin + len(stripped)))
        if self._directive(stripped, comment, indented):
            return
        self.comments.append(comment)
        pending.append(comment)

    def _directive(self, stripped: str, comment: Comment, indented: bool) -> bool:
        if self.directives_done:
            return False
        key, equals, value = stripped[1:].lstrip(GO_SPACE).partition("=")
        name, value = key.rstrip(_DIRECTIVE_SPACE).lower(), value.strip(_DIRECTIVE_SPACE) or value[-1:]
        if not equals or not value or name not in _DIRECTIVES:
            # A `#!` line hides no `syntax` or `check` behind it, but ends the search for `escape`.
            self.directives_done = True
            return False
        if any(directive.name == name for directive in self.directives):
            reason = f"the directive `{name}` may be given only once"
            self._directive_problem("directive-repeated", comment, reason)
        elif name == "escape" and value not in ("\\", "`"):
            reason = f"`{value}` cannot be the escape character: only a backslash or a backtick can"
            self._directive_problem("invalid-escape", comment, reason)
        elif name == "escape":
            self.escape = value
        self.directives.append(Directive(name, value, comment.line, comment.span, indented))
        return True

    def _directive_problem(self, code: str, comment: Comment, reason: str) -> None:
        self.problems.append(Problem(code, "scan", comment.span, comment.line, reason))

    def _instruction(self, start: int, text: str, continues: bool, pending: list[Comment]) -> None:
        first = self.number
        pieces = [(start, text)]
        inner: list[Comment] = []
        empty = False
        while continues and self.number < self.count:
            start, line = self._next()
            stripped = line.lstrip(GO_SPACE)
            if stripped.startswith("#"):
                begin = start + len(line) - len(stripped)
                comment = Comment(stripped[1:].strip(GO_SPACE), self.number, Span(begin, start + len(line)))
                inner.append(comment)
                self.comments.append(comment)
            elif not stripped:
                empty = True
            else:
                text, continues = cut_continuation(line, self.escape)
                pieces.append((start, text))
        comments = Comments(tuple(pending), tuple(inner)) if pending or inner else NO_COMMENTS
        instruction = read(Joined(pieces), self.escape, (first, self.number), comments, empty)
        problem = instruction.problem or (instruction.inner and instruction.inner.problem)
        if problem:
            self.problems.append(problem)
        heredocs = tuple(self._heredoc(opening, instruction) for opening in openings(instruction))
        if heredocs:
            instruction = instruction._replace(heredocs=heredocs, lines=(first, self.number))
        self.instructions.append(instruction)

    def _heredoc(self, opening: Opening, instruction: Instruction) -> Heredoc:
        begin = self.starts[self.number] if self.number < self.count else len(self.text)
        end = begin
        while self.number < self.count:
            start, line = self._raw()
            candidate = line.rstrip("\r\n")
            if opening.chomp:
                candidate = candidate.lstrip("\t")
            if candidate == opening.name:
                terminator = Span(start, start + len(line))
                return Heredoc(*opening, self.text[begin:start], Span(begin, start), terminator)
            end = start + len(line)
        reason = (
            f"the heredoc `{opening.name}` is never closed: no line of the rest of the file is just `{opening.name}`"
        )
        help = f"end it with a line `{opening.name}`"
        self.problems.append(
            Problem("unterminated-heredoc", "scan", instruction.span, instruction.lines[0], reason, help)
        )
        return Heredoc(*opening, self.text[begin:end], Span(begin, end), Span(end, end))


def words_of(instruction: Instruction) -> tuple[Word, ...]:
    """The arguments as BuildKit's parser lists them: pairs as name, value, separator; ONBUILD's instruction flat."""
    if instruction.inner:
        return (instruction.inner.keyword, *words_of(instruction.inner))
    if instruction.pairs and instruction.name != "ARG":
        words: list[Word] = []
        for key, value, separator in instruction.pairs:
            value = value or Word("", key.span)
            words += (key, value, Word(separator, Span(key.span.end, value.span.start)))
        return tuple(words)
    if instruction.name not in KEYWORDS:
        return (Word("", instruction.rest.span),)
    return instruction.arguments
