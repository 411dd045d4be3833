"""What a Dockerfile is made of: instructions, their words, pairs, heredocs and comments, each with its place."""

from __future__ import annotations

from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.lines import Joined
from imglint.syntax.problem import Problem

KEYWORDS: Final = (
    "ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "FROM", "HEALTHCHECK", "LABEL", "MAINTAINER",
    "ONBUILD", "RUN", "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR",
)  # fmt: skip
"""Every instruction of the Dockerfile reference."""


class Word(NamedTuple):
    """A piece of an instruction as BuildKit reads it, and where it is written.

    Quotes and variables are still in `text`; continuations, and in flags quotes and escapes, are not.
    """

    text: str
    span: Span


class Pair(NamedTuple):
    """One `name=value` of ENV, LABEL or ARG; `value` is None for an ARG without default.

    `separator` is `=`, or empty for the old form `ENV name value`.
    """

    key: Word
    value: Word | None
    separator: str


class Heredoc(NamedTuple):
    """A here-document: its name, file descriptor, and its body as written in the file.

    `expand` tells whether variables in the body are replaced, `chomp` (`<<-`) whether leading tabs are removed.
    `body` and `terminator` are spans of whole lines; without a terminator the latter is empty.
    """

    name: str
    fd: int
    expand: bool
    chomp: bool
    content: str
    body: Span
    terminator: Span


class Comment(NamedTuple):
    """A comment line: its text after `#`, trimmed, its line (from 1) and its span from the `#` on."""

    text: str
    line: int
    span: Span


class Instruction(NamedTuple):
    """One instruction of a Dockerfile.

    `name` is the keyword in upper case; `keyword` is as written. `lines` are the first and last physical line
    (from 1), heredocs included; `span` ends with the last character of the instruction itself. `comments` stand
    between the previous instruction and this one, `inner_comments` between its continued lines. `inner` is the
    instruction that ONBUILD holds. `problem` is set when BuildKit's scanner refuses the line.
    """

    name: str
    keyword: Word
    lines: tuple[int, int]
    span: Span
    line: Joined
    rest: Word
    flags: tuple[Word, ...] = ()
    arguments: tuple[Word, ...] = ()
    pairs: tuple[Pair, ...] = ()
    exec_form: bool = False
    heredocs: tuple[Heredoc, ...] = ()
    comments: tuple[Comment, ...] = ()
    inner_comments: tuple[Comment, ...] = ()
    empty_continuation: bool = False
    inner: Instruction | None = None
    problem: Problem | None = None

    def flag(self, name: str) -> Word | None:
        """The value of a flag with its span, or None when it is not there or has no value."""
        prefix = f"--{name}="
        for flag in self.flags:
            if flag.text.startswith(prefix):
                length = len(flag.text) - len(prefix)
                return Word(
                    flag.text[len(prefix) :],
                    Span(max(flag.span.start, flag.span.end - length), flag.span.end),
                )
        return None


class Comments(NamedTuple):
    """The comments of an instruction; fields as in `Instruction`."""

    before: tuple[Comment, ...] = ()
    inner: tuple[Comment, ...] = ()


NO_COMMENTS: Final = Comments()
