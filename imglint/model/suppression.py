"""Comments that silence rules: ours, and those of hadolint and BuildKit that people have written already.

Ours are `# imglint: ignore[rule, …] reason` above an instruction or between its lines, and
`# imglint: ignore-file[rule, …] reason` anywhere in the file.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.record import NamedTuple
from imglint.source import BOM, Source, Span
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.tree import Comment, Instruction

HADOLINT: Final = "hadolint"
BUILDKIT: Final = "buildkit"

_OURS: Final = r"#\s*imglint:\s*(ignore(?:-file)?)\b(?:\s*\[([^\]]*)\])?"
_HADOLINT: Final = r"#\s*hadolint\s+(global\s+)?ignore\s*=\s*([A-Za-z0-9]+(?:\s*,\s*[A-Za-z0-9]+)*)"
_BUILDKIT: Final = r"#\s*check\s*=(?:[^;]*;)*?\s*skip\s*=\s*([A-Za-z0-9]+(?:\s*,\s*[A-Za-z0-9]+)*)"
_COMMENT: Final = r"(?m)^(?P<before>[^\n]*?)(?P<comment>#\s*imglint:[^\n]*)"
_NAME: Final = r"[^\s,]+"


class Name(NamedTuple):
    """A rule as a comment names it, and where."""

    text: str
    span: Span


class Suppression(NamedTuple):
    """One comment that silences the rules it names for findings that begin within `scope`.

    `tool` is empty for a comment of ours. The names of other tools (`HADOLINT`, `BUILDKIT`) are aliases of
    rules, and may well be about something that we do not look at. `comment` is the span of the whole comment.
    """

    names: tuple[Name, ...]
    scope: Span
    comment: Span
    source: Source
    tool: str = ""

    @property
    def reason(self) -> str:
        """What a comment of ours says after its names; other tools have no place for that."""
        match = None if self.tool else re.match(_OURS, self.source.slice(self.comment))
        return self.source.slice(self.comment)[match.end() :].strip() if match else ""


def suppressions(dockerfile: Dockerfile) -> tuple[Suppression, ...]:
    """All of them, in file order for each kind. Their scopes are equal, nested or apart, and nest three deep."""
    source = dockerfile.source
    whole = Span(0, len(source.text) + 1)
    found: list[Suppression] = []
    for directive in dockerfile.directives:
        if directive.name == "check" and not directive.indented:
            found += _read(source, directive.span, whole, whole)
    for instruction in dockerfile.instructions:
        for comment in instruction.comments:
            found += _read(source, comment.span, _scope(instruction), whole)
        if instruction.inner_comments:
            for comment, scope in _lines_below(source, instruction.inner_comments):
                found += _read(source, comment.span, scope, whole)
    last = dockerfile.instructions[-1].lines[1] if dockerfile.instructions else 0
    for comment in dockerfile.comments:
        if comment.line > last:
            found += _read(source, comment.span, comment.span, whole)
    return tuple(found)


def comments_in(source: Source) -> tuple[Suppression, ...]:
    """Those of a file in which `#` begins a comment: each holds for its own line, or, alone on it, for the next one.

    Comments that follow one another hold for the line after the last.
    """
    whole = Span(0, len(source.text) + 1)
    found: list[Suppression] = []
    starts = source.line_starts
    for match in re.finditer(_COMMENT, source.text):
        line = source.position(match.start("comment")).line
        if not match["before"].strip():
            while line < len(starts) and source.line(line).lstrip().startswith("#"):
                line += 1
        scope = Span(starts[line - 1], starts[line] if line < len(starts) else len(source.text) + 1)
        for each in _read(source, Span(*match.span("comment")), scope, whole):
            if not each.tool:
                found.append(each)
    return tuple(found)


def _scope(instruction: Instruction) -> Span:
    return Span(instruction.span.start, instruction.span.end + 1)


def _lines_below(source: Source, comments: tuple[Comment, ...]) -> Iterator[tuple[Comment, Span]]:
    """Each of the comments inside an instruction with the line below it; other comments are skipped."""
    below: dict[int, int] = {}
    for comment in reversed(comments):
        below[comment.line] = below.get(comment.line + 1, comment.line + 1)
    starts, end = source.line_starts, len(source.text)
    for comment in comments:
        line = below[comment.line]
        start = starts[line - 1] if line <= len(starts) else end
        yield comment, Span(start, starts[line] if line < len(starts) else end + 1)


def _read(source: Source, comment: Span, scope: Span, whole: Span) -> Iterator[Suppression]:
    """What one comment silences: in `scope`, the place it stands for, or in the whole file."""
    text = source.slice(comment)
    if match := re.match(_OURS, text):
        place = whole if match[1] == "ignore-file" else scope
        yield Suppression(_names(text, comment, match, 2), place, comment, source)
    elif match := re.match(_HADOLINT, text):
        yield Suppression(_names(text, comment, match, 2), whole if match[1] else scope, comment, source, HADOLINT)
    # BuildKit does not look at an indented comment.
    elif _begins_line(source, comment) and (match := re.match(_BUILDKIT, text)):
        yield Suppression(_names(text, comment, match, 1), scope, comment, source, BUILDKIT)


def _begins_line(source: Source, comment: Span) -> bool:
    return source.text[max(0, comment.start - 1) : comment.start] in ("", "\n", BOM)


def _names(text: str, comment: Span, match: re.Match[str], group: int) -> tuple[Name, ...]:
    if match[group] is None:
        return ()
    words = re.compile(_NAME).finditer(text, match.start(group), match.end(group))
    return tuple(Name(word[0], Span(comment.start + word.start(), comment.start + word.end())) for word in words)
