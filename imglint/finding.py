"""What a rule has to say about a place: the value that reports, suppressions and editors share."""

from __future__ import annotations

from collections.abc import Iterable
from enum import IntEnum
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Source, Span


class Severity(IntEnum):
    """How much a finding matters; the larger, the worse."""

    INFO = 1
    WARNING = 2
    ERROR = 3

    @property
    def word(self) -> str:
        """The name used in configuration, JSON and messages: `error`, `warning` or `info`."""
        return self.name.lower()

    @classmethod
    def parse(cls, word: str) -> Severity:
        """The severity of that name; raises `KeyError` for any other word."""
        return cls[word.upper()]


class Pointer(NamedTuple):
    """A value in the documents of an image: the way to it from what was named, and the platform it is for (or empty).

    `manifests[0].layers[3].size`, `linux/arm64`.
    """

    path: str
    platform: str = ""


class Related(NamedTuple):
    """Another place that explains a finding, with a few words on what it has to do with it.

    `pointers` say where in an image it is; none for a place in a file.
    """

    source: Source
    span: Span
    message: str
    pointers: tuple[Pointer, ...] = ()


class Edit(NamedTuple):
    """Text to put in the place of a span of a file; before what stands there where the span is empty."""

    source: Source
    span: Span
    text: str


class Fix(NamedTuple):
    """Edits that mend a finding, all of them or none.

    `title` says in one line what they do, as an order ("write `MIT`"). `safe` tells that the meaning is certain; else
    a person should look at the result.
    """

    title: str
    edits: tuple[Edit, ...]
    safe: bool = False


class Finding(NamedTuple):
    """One judgement of one rule about one place.

    `message` says in a sentence what is wrong here and what will happen; `label` is the few words printed
    beside the underlined characters (may be empty); `why` gives the reason in one line; `help` says what to
    write instead (its lines after the first are text to paste). Findings on the same span with the same
    non-empty `group` are one matter and are shown in one frame. `pointers` say where in an image it is, once for each
    platform for which it holds; a finding about a file has none. `fix` mends it, where that can be done by rule.
    """

    rule: str
    family: str
    severity: Severity
    source: Source
    span: Span
    message: str
    label: str = ""
    why: str = ""
    help: str = ""
    related: tuple[Related, ...] = ()
    group: str = ""
    pointers: tuple[Pointer, ...] = ()
    fix: Fix | None = None

    @property
    def matter(self) -> tuple[str, str, Span, str]:
        """What makes two findings one matter: rule, file, place and message."""
        return (self.rule, self.source.path, self.span, self.message)

    def sort_key(self) -> tuple[str, int, int, str, str]:
        """Order of reports: by file, then place, then the name of the rule."""
        return (self.source.path, self.span.start, self.span.end, self.rule, self.message)


class Silenced(NamedTuple):
    """A finding that somebody silenced on purpose, by a `COMMENT` or a `BASELINE`, with the reason that they gave."""

    finding: Finding
    by: str
    reason: str = ""


COMMENT: Final = "comment"
BASELINE: Final = "baseline"

MAX_RELATED: Final = 10
"""Other places that a finding made of several points at."""


def united(findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """The findings, those of one matter as one: an image that several builds publish is judged for each of them.

    Where they would be mended differently, it takes a person to choose.
    """
    found: dict[tuple[str, str, Span, str], Finding] = {}
    for finding in findings:
        first = found.setdefault(finding.matter, finding)
        if finding.related != first.related:
            related = tuple(dict.fromkeys((*first.related, *finding.related)))[:MAX_RELATED]
            first = found[finding.matter] = first._replace(related=related)
        if finding.fix != first.fix:
            found[finding.matter] = first._replace(fix=None)
    return tuple(found.values())
