"""One matter of a report for people: what is wrong, the code, why it matters, and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence

from imglint.finding import Finding, Severity
from imglint.record import NamedTuple
from imglint.report.escape import visible, width
from imglint.report.frame import Gutter, Mark, draw
from imglint.report.ink import Ink
from imglint.report.place import where
from imglint.report.result import Style
from imglint.source import Source

_NARROW = 40  # columns: below this, frames would show too little of a line to be of use


def matters(findings: Iterable[Finding]) -> Iterator[Sequence[Finding]]:
    """The findings, those that belong in one frame together (same place, same non-empty group), the worst first."""
    place: tuple[Source, int, int] | None = None
    groups: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        here = (finding.source, *finding.span)
        if here != place:
            yield from map(_worst_first, groups.values())
            place, groups = here, {}
        key = (finding.group, 0) if finding.group else ("", len(groups))
        groups.setdefault(key, []).append(finding)
    yield from map(_worst_first, groups.values())


def _worst_first(findings: Iterable[Finding]) -> Sequence[Finding]:
    return sorted(findings, key=lambda finding: -finding.severity)


def notes(findings: Sequence[Finding]) -> Sequence[tuple[str, str]]:
    """What is said below a frame: the reasons, and what to write instead, each with its name."""
    return [
        *(("why", why) for why in _distinct(finding.why for finding in findings)),
        *(("fix", fix) for fix in _merged(finding.help for finding in findings)),
    ]


class Page(NamedTuple):
    """How a text report is written: `words` and `rules` are names as they are printed."""

    style: Style
    ink: Ink
    words: Mapping[Severity, str]
    rules: Mapping[str, str]

    def matter(self, findings: Sequence[Finding]) -> Iterator[str]:
        """The lines of one matter: what is wrong, the code, why, and what to do."""
        yield from self.headings(findings)
        gutter = self.gutter(findings)
        yield from self.drawn(findings, gutter)
        said = notes(findings)
        if said:
            yield gutter.blank
        for name, text in said:
            yield from self.note(gutter, name, text)

    def gutter(self, findings: Sequence[Finding]) -> Gutter:
        """What stands left of the frames of one matter."""
        frames = self.frames(findings)
        last = max(mark.last if source.numbered else 1 for source, marks in frames.items() for mark in marks)
        return Gutter.of(last, self.ink.dim, self.ink.off)

    def drawn(self, findings: Sequence[Finding], gutter: Gutter) -> Iterator[str]:
        """The lines of the frames of one matter."""
        room = max(self.style.width, _NARROW) - gutter.size - len(" | ")
        for source, marks in self.frames(findings).items():
            if source is not findings[0].source:
                yield gutter.blank
            yield f"{' ' * gutter.size}{self.ink.dim}-->{self.ink.off} {visible(_place(source, findings))}"
            yield gutter.blank
            yield from draw(source, marks, gutter, room)

    def headings(self, findings: Sequence[Finding]) -> Iterator[str]:
        """A line for each finding: `error: message [rule]`, the rules one below the other."""
        messages = [visible(finding.message) for finding in findings]
        sizes = [len(finding.severity.name) + width(text) for finding, text in zip(findings, messages, strict=True)]
        widest = max(sizes)
        for finding, text, size in zip(findings, messages, sizes, strict=True):
            head = f"{self.words[finding.severity]}{self.ink.bold}: {text}{self.ink.off}"
            tail = f"{self.ink.dim}[{self.rules[finding.rule]}]{self.ink.off}"
            yield f"{head} {' ' * (widest - size)}{tail}"

    def frames(self, findings: Sequence[Finding]) -> dict[Source, list[Mark]]:
        """What to mark in each source; the findings' own place comes first."""
        first = findings[0]
        ink = self.ink.severity[first.severity]
        labels = list(_distinct(finding.label for finding in findings))
        frames = {first.source: [Mark.of(first.source, first.span, labels, "^", ink)]}
        for related in dict.fromkeys(related for finding in findings for related in finding.related):
            mark = Mark.of(related.source, related.span, (related.message,), "-", self.ink.related)
            frames.setdefault(related.source, []).append(mark)
        return frames

    def note(self, gutter: Gutter, name: str, text: str) -> Iterator[str]:
        """`= name: text`; what comes after the first line is aligned below it, to be copied."""
        first, *rest = text.expandtabs(4).split("\n")
        head = f"{self.ink.dim}={self.ink.off} {self.ink.bold}{name}:{self.ink.off}"
        yield f"{' ' * gutter.size} {head} {visible(first)}"
        for line in rest:
            yield gutter.row(f"{' ' * len(f'{name}: ')}{self.ink.good}{visible(line)}{self.ink.off}")


def _place(source: Source, findings: Sequence[Finding]) -> str:
    """Where the first mark in a source is."""
    if source is findings[0].source:
        return where(findings[0])
    return next(where(each) for finding in findings for each in finding.related if each.source is source)


def _distinct(texts: Iterable[str]) -> Iterable[str]:
    return dict.fromkeys(text for text in texts if text)


def _merged(helps: Iterable[str]) -> Iterator[str]:
    """The distinct helps; those with the same first line become one, with the lines to paste of all."""
    merged: dict[str, list[str]] = {}
    for text in _distinct(helps):
        first, *rest = text.split("\n")
        merged.setdefault(first, []).extend(rest)
    return ("\n".join((first, *rest)) for first, rest in merged.items())
