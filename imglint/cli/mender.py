"""Rounds of mending: judge, apply fixes, judge again. All of it in memory; no file is changed here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import TypeAlias

from imglint.cli.judging import judge
from imglint.cli.projects import projects
from imglint.cli.run import STDIN, Run
from imglint.finding import Finding
from imglint.fix import MAX_ROUNDS, Round, mend
from imglint.model.kind import Kind
from imglint.report.result import Result
from imglint.source import Source
from imglint.workspace import Group
from imglint.write import refusal

Fixes: TypeAlias = Callable[[Sequence[Finding]], Sequence[Finding]]


class Files:
    """The files of a run that may be changed, by the paths that messages name them by."""

    def __init__(self) -> None:
        self.paths: dict[str, str] = {}
        self.originals: dict[str, Source] = {}
        self.current: dict[Source, Kind] = {}
        self._refusals: dict[str, str] = {}

    def noted(self, groups: Iterable[Group]) -> Iterator[Group]:
        """The groups as they are, with their inputs noted."""
        self.current = {}
        for group in groups:
            for item in group.inputs:
                self.originals.setdefault(item.source.path, item.source)
                self.paths[item.source.path] = STDIN if item.stdin else item.path
                self.current[item.source] = item.kind
            yield group

    def changeable(self, findings: Iterable[Finding]) -> list[Source]:
        """Those that fixes want to change, and that can be changed, as what comes from standard input always can."""
        wanted = {edit.source for finding in findings if finding.fix for edit in finding.fix.edits}
        return [source for source in self.current if source in wanted and not self._refusal(source.path)]

    def _refusal(self, path: str) -> str:
        if path not in self._refusals:
            opened = self.paths[path]
            self._refusals[path] = "" if opened == STDIN else refusal(opened)
        return self._refusals[path]

    @property
    def refused(self) -> Iterator[tuple[str, str]]:
        """The files that fixes wanted to change and could not, each with the reason."""
        return ((path, reason) for path, reason in self._refusals.items() if reason)


class Mender:
    """A run with its fixes applied round by round.

    `result` and `failed` are what is left to say, `mended` the findings that are gone by their fixes, `harmful`
    what names the findings whose fixes would bring up others: rule, path, message and the words marked. `fixes` may
    give the findings other fixes than their own.
    """

    def __init__(self, run: Run, unsafe: bool, fixes: Fixes = tuple) -> None:
        self.run = run
        self.fixes = fixes
        self.unsafe = unsafe
        self.files = Files()
        self.mended: list[Finding] = []
        self.harmful: set[tuple[str, ...]] = set()
        self.result, self.failed = self._judge()

    def mend(self) -> None:
        """Go on until there is nothing left to mend, or for as many rounds as are allowed."""
        for _ in range(MAX_ROUNDS):
            fixable = self.fixes(self.result.findings)
            wanted = [each for each in fixable if each.fix and _name(each) not in self.harmful]
            among = self.files.changeable(each for each in wanted if each.fix and (each.fix.safe or self.unsafe))
            if not mend(wanted, self.unsafe, among).texts:
                return
            self._round(wanted, among)

    @property
    def texts(self) -> Mapping[str, tuple[str, str]]:
        """Every text that is not what it was, before and after, by its path."""
        pairs = ((path, (self.files.originals[path].text, text)) for path, text in sorted(self.run.texts.items()))
        return {path: pair for path, pair in pairs if pair[0] != pair[1]}

    def _round(self, wanted: Sequence[Finding], among: Collection[Source]) -> None:
        """Apply the fixes, or as many of the first as do no harm; one that does it alone is not tried again."""
        while wanted:
            done = mend(wanted, self.unsafe, among)
            if self._accepts(done):
                return
            if len(done.mended) == 1:
                self.harmful.add(_name(done.mended[0]))
            wanted = done.mended[: len(done.mended) // 2]

    def _accepts(self, done: Round) -> bool:
        """Take the new texts if no rule finds more in a file than before; else leave everything as it was."""
        run, files = self.run, self.files
        before = dict(run.texts), list(run.failures), files.current
        run.texts.update({source.path: text for source, text in done.texts.items()})
        result, failed = self._judge()
        if _adds(self.result, result):
            run.texts, run.failures, files.current = before
            return False
        self.mended += done.mended
        self.result, self.failed = result, failed
        return True

    def _judge(self) -> tuple[Result, bool]:
        return judge(self.run, self.files.noted(projects(self.run)))


def _name(finding: Finding) -> tuple[str, ...]:
    """What tells a finding from others, wherever it has moved to."""
    return (finding.rule, finding.source.path, finding.message, finding.source.slice(finding.span))


def _adds(before: Result, after: Result) -> bool:
    """Whether a rule finds more in a file than it did, or a file cannot be judged any more."""
    old, new = (Counter((each.rule, each.source.path) for each in result.findings) for result in (before, after))
    return len(after.errors) > len(before.errors) or any(count > old[key] for key, count in new.items())
