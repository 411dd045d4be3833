"""What every format is given: the outcome of one run."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from imglint.finding import Finding, Severity, Silenced
from imglint.record import NamedTuple
from imglint.report.checkout import Checkout

if TYPE_CHECKING:
    from imglint.report.layers.shared import Sheet
    from imglint.report.page.shared import Pages


class InputProblem(NamedTuple):
    """An input that could not be judged, and why, in words for a person."""

    path: str
    reason: str


class Unseen(NamedTuple):
    """What was not judged of an input, since nothing tells it: what form it has, and the facts in words."""

    path: str
    form: str
    facts: tuple[str, ...]


class RuleInfo(NamedTuple):
    """What the catalogue says of a rule.

    `severity` is the rule's own, before configuration; `help` is the text of its page, in Markdown; `url` is
    where that page can be read (may be empty). `security` says how much a finding gives away, from `low` to
    `critical`; empty where it is no matter of security.
    """

    name: str
    family: str
    severity: Severity
    summary: str
    why: str
    help: str
    url: str
    references: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    security: str = ""


class Result(NamedTuple):
    """The outcome of a run.

    `findings` are in the order of `Finding.sort_key`; `files` counts the files that were judged; `suppressed`
    are the findings that somebody silenced on purpose; `rules` has an entry for every rule that fired. `noun` is
    what was judged, if not files; `unseen` tells what could not be looked at, of inputs that were judged otherwise.
    `thresholds` has the least severity that fails the run, by path (`warning` unless given); `pages` and `sheets` are
    the pages of packages and the layers of images, for formats that show them. `mendable` tells that the command which
    judged can mend, too.
    """

    findings: tuple[Finding, ...]
    errors: tuple[InputProblem, ...]
    files: int
    suppressed: tuple[Silenced, ...]
    rules: Mapping[str, RuleInfo]
    noun: str = "file"
    unseen: tuple[Unseen, ...] = ()
    thresholds: Mapping[str, Severity] = MappingProxyType({})
    pages: tuple[Pages, ...] = ()
    sheets: tuple[Sheet, ...] = ()
    mendable: bool = False

    def count(self, severity: Severity) -> int:
        """The number of findings of that severity."""
        return sum(finding.severity is severity for finding in self.findings)

    def fails(self, finding: Finding) -> bool:
        """Whether this finding alone fails the run."""
        return finding.severity >= self.thresholds.get(finding.source.path, Severity.WARNING)


class Style(NamedTuple):
    """How the place that shows a report looks.

    `width` is its columns; `links` says whether it understands hyperlinks (OSC 8), used only with `color`.
    Formats for programs ignore all three. `checkout` is for those that name files as their repository does.
    `suppressed` is for those that can show what was silenced as such, and says whether they do.
    """

    color: bool = False
    width: int = 100
    links: bool = False
    checkout: Checkout = Checkout()
    suppressed: bool = False
