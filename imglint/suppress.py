"""Writing the comments that silence findings, each where it speaks of as little as possible."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from imglint.finding import Edit, Finding, Fix
from imglint.model.kind import Kind, kind_of
from imglint.model.suppression import Suppression, comments_in, suppressions
from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.dockerfile import Dockerfile, parse

if TYPE_CHECKING:
    from imglint.syntax.yaml import Document

WITHOUT_COMMENTS: Final = (".json", ".md", ".markdown", ".rst", ".txt")
"""Endings of files in which no comment silences anything."""

_IN_YAML: Final = frozenset((Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE))
_OF_COMMENTS: Final = "unused-suppression"


class _Place(NamedTuple):
    """Where a comment is to stand, or the one that is to have more names; `line` is the offset of a line."""

    line: int
    comment: Suppression | None


def silenced(findings: Iterable[Finding], reason: str = "", dockerfiles: Iterable[Source] = ()) -> tuple[Finding, ...]:
    """The findings, each with the comment that silences it for a fix; without, where no comment could stand.

    `dockerfiles` are the files that are read as such, whatever they are called. Those of one place share a comment.
    """
    found = tuple(findings)
    as_dockerfiles = set(dockerfiles)
    files: dict[Source, _File] = {}
    places: dict[tuple[Source, _Place], list[str]] = {}
    where: list[_Place | None] = []
    for finding in found:
        source = finding.source
        if source not in files:
            files[source] = _File(source, source in as_dockerfiles)
        place = None if finding.rule == _OF_COMMENTS or not source.numbered else files[source].place(finding.span.start)
        where.append(place)
        if place is not None:
            places.setdefault((source, place), []).append(finding.rule)
    fixes = {key: files[key[0]].write(key[1], tuple(dict.fromkeys(rules)), reason) for key, rules in places.items()}
    return tuple(
        finding._replace(fix=fixes[finding.source, place] if place else None)
        for finding, place in zip(found, where, strict=True)
    )


class _File:
    """A file with the comments that are in it already."""

    def __init__(self, source: Source, is_dockerfile: bool) -> None:
        self.source = source
        self.kind = kind_of(f"/{source.path}")
        self.tree: Dockerfile | None = parse(source) if is_dockerfile else None
        ours = suppressions(self.tree) if self.tree else comments_in(source)
        self.comments = [each for each in ours if not each.tool and each.names and each.scope.start > 0]

    def place(self, at: int) -> _Place | None:
        """Where a comment would silence what begins at an offset; None where none can."""
        text = self.source.text
        there = next((each for each in self.comments if each.scope.start <= at < each.scope.end), None)
        if there is not None:
            return _Place(there.comment.start, there)
        if self.tree is not None:
            for instruction in self.tree.instructions:
                if instruction.span.start <= at <= instruction.span.end:
                    return _Place(text.rfind("\n", 0, instruction.span.start) + 1, None)
            return None
        if self.source.path.lower().endswith(WITHOUT_COMMENTS):
            return None
        line = text.rfind("\n", 0, at) + 1
        before = text[:line].rstrip("\r\n").rpartition("\n")[2]
        # Between the lines of one command a comment would end it.
        return None if before.endswith("\\") else _Place(line, None)

    def write(self, place: _Place, rules: tuple[str, ...], reason: str) -> Fix | None:
        """The comment as a fix; None where it would be read as something else."""
        names = ", ".join(rules)
        if place.comment is not None:
            end = place.comment.names[-1].span.end
            edit = Edit(self.source, Span(end, end), f", {names}")
        else:
            indent = re.match(r"[ \t]*", self.source.text[place.line : place.line + 200])
            words = " ".join(f"# imglint: ignore[{names}] {reason}".split())
            line = f"{indent[0] if indent else ''}{words}{self.source.line_end}"
            edit = Edit(self.source, Span(place.line, place.line), line)
        if self.kind in _IN_YAML and not _only_in_scripts(edit):
            return None
        return Fix(f"silence {names} here", (edit,), safe=True)


def _only_in_scripts(edit: Edit) -> bool:
    """Whether a comment leaves all values of a YAML file as they are, those of scripts aside."""
    from imglint.syntax import yaml
    from imglint.syntax.yamledit import leaves

    def values(document: Document) -> list[object]:
        return [(path, "" if path[-1:] == ("run",) else value) for path, value in leaves(document)]

    source = edit.source
    text = source.text[: edit.span.start] + edit.text + source.text[edit.span.end :]
    after = yaml.parse(Source(source.path, text))
    return not after.problems and values(after) == values(yaml.parse(source))
