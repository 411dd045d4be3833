"""What the reading of a shell script has come to: its place, the commands so far, and here-documents to come."""

from __future__ import annotations

from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.shellcommand import Assignment, Block, Command, Heredoc, Redirection
from imglint.syntax.shellword import NAME, Word, matcher, whole_word
from imglint.syntax.shellwords import BODY, WordReader

_BLANKS: Final = r"(?:[ \t]+|\\\r?\n|\r(?=\n|\Z))*"
_ASSIGNMENT: Final = rf"({NAME})(?:\[((?:[^\[\]\n]|\[[^\[\]\n]{{0,100}}+\]){{0,300}}+)\])?(\+?)="
_OPERATOR: Final = r";;&|;;|;&|;|&&|\|\||\|&|&|\|"
_PARENTHESES: Final = r"[ \t]*\([ \t]*\)"
_REDIRECTION: Final = rf"([0-9]+|\{{{NAME}\}})?(<<<|<<-?|<&|<>|>&|>>|>\||<(?!\()|>(?!\())|(&>>?)"


class Draft:
    """A command that is being read."""

    __slots__ = (
        "assignments", "before", "blocks", "depth", "end", "finished", "function", "operator", "piped", "redirections",
        "start", "words",
    )  # fmt: skip

    def __init__(
        self, start: int, depth: int, piped: bool, function: str, before: str, blocks: tuple[Block, ...]
    ) -> None:
        self.start = self.end = start
        self.depth, self.piped, self.function, self.before, self.blocks = depth, piped, function, before, blocks
        self.words: list[Word] = []
        self.assignments: list[Assignment] = []
        self.redirections: list[Redirection] = []
        self.operator = ""
        self.finished = False

    def command(self) -> Command:
        """The command as it is read to the end."""
        return Command(
            tuple(self.words), tuple(self.assignments), tuple(self.redirections), Span(self.start, self.end),
            self.depth, self.piped, self.operator, self.function, self.before, self.blocks,
        )  # fmt: skip


class Pending(NamedTuple):
    """A here-document whose lines have not begun: where its redirection will be completed."""

    redirections: list[Redirection]
    place: int
    heredoc: Heredoc


class CommandReader(WordReader):
    """Reads what lists of commands consist of; how lists are read, `commands` of a subclass tells."""

    def __init__(self, text: str, end: int) -> None:
        super().__init__(text, end)
        self.drafts: list[Draft] = []
        self.pending: list[Pending] = []
        self.function = ""
        self.blocks: tuple[Block, ...] = ()
        self.last_block = 0
        self.blanks = matcher(_BLANKS)
        self.assignment = matcher(_ASSIGNMENT)
        self.redirection = matcher(_REDIRECTION)
        self.operator = matcher(_OPERATOR)
        self.parentheses = matcher(_PARENTHESES)

    def block(self, kind: str) -> Block:
        """A new block."""
        self.last_block += 1
        return Block(kind, self.last_block)

    def mark(self) -> tuple[int, ...]:
        """How much has been read, for `undo`."""
        return len(self.drafts), len(self.pending)

    def undo(self, mark: tuple[int, ...]) -> None:
        """Forget what was read since a mark."""
        drafts, pending = mark
        del self.drafts[drafts:]
        del self.pending[pending:]

    def arguments(self, at: int, draft: Draft) -> int:
        """Read words of one part that follow a word of a command, and return the place after the last."""
        if self.full:
            return at
        text, end, whole = self.text, self.end, self.whole
        while match := whole(text, at, end):
            at = match.end()
            draft.words.append(whole_word(match))
            draft.end = at
        return at

    def skip_blanks(self, at: int) -> int:
        """Pass blanks and continued lines."""
        match = self.blanks(self.text, at, self.end)
        return match.end() if match else at

    def skip_space(self, at: int) -> int:
        """Skip blanks, line ends, comments, and here-documents that begin at one of the line ends."""
        while True:
            at = self.skip_blanks(at)
            char = self.text[at] if at < self.end else ""
            if char == "\n":
                at = self.line_end(at)
            elif char == "#":
                at = self.comment(at)
            else:
                return at

    def comment(self, at: int) -> int:
        """The end of the line."""
        end = self.text.find("\n", at, self.end)
        return self.end if end < 0 else end

    def line_end(self, at: int) -> int:
        """Go to the next line, behind the here-documents that begin there."""
        at += 1
        if self.pending:
            pending, self.pending = self.pending, []
            for redirections, place, heredoc in pending:
                body, at = self._body(at, heredoc)
                redirections[place] = redirections[place]._replace(heredoc=heredoc._replace(body=body))
                if heredoc.expand:
                    saved, self.end = self.end, body.end
                    self.parts(body.start, BODY, [])
                    self.end = saved
        return at

    def _body(self, start: int, heredoc: Heredoc) -> tuple[Span, int]:
        """Where the lines of a here-document are, and the place after the line that ends it."""
        text, end, at = self.text, self.end, start
        while at < end:
            line_end = text.find("\n", at, end)
            line_end = end if line_end < 0 else line_end
            line = text[at:line_end].removesuffix("\r")
            self.burn(line_end - at)
            if (line.lstrip("\t") if heredoc.strip_tabs else line) == heredoc.delimiter:
                return Span(start, at), min(line_end + 1, end)
            at = min(line_end + 1, end)
        self.doubt(f"the here-document `{heredoc.delimiter}` is never closed")
        return Span(start, end), end
