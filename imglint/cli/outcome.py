"""What one project comes to, and judging it: the part of a run that another process can do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from imglint.cli.run import Run
from imglint.finding import Finding, Severity, Silenced
from imglint.record import NamedTuple
from imglint.report.result import InputProblem

if TYPE_CHECKING:
    from imglint.report.page.shared import Pages
    from imglint.workspace import Group


class Outcome(NamedTuple):
    """What one project comes to: findings and thresholds by path, failures, and its pages when they are wanted.

    `rules` are those that looked at each path, for a baseline.
    """

    findings: Mapping[str, tuple[Finding, ...]]
    thresholds: Mapping[str, Severity]
    failures: tuple[InputProblem, ...]
    suppressed: tuple[Silenced, ...]
    pages: Pages | None = None
    rules: Mapping[str, tuple[str, ...]] = {}

    @property
    def files(self) -> int:
        """How many files were judged, or could not be."""
        return len(self.findings) + len(self.failures)


def judged(run: Run, group: Group, with_pages: bool) -> Outcome:
    """Judge one project."""
    requests = {item.source.path: run.workspace.request(item) for item in group.inputs}
    judgements = run.engine.judge(group.project, requests)
    well = {path: each for path, each in judgements.items() if not each.failure}
    failures = [InputProblem(path, each.failure) for path, each in judgements.items() if each.failure]
    before = len(run.failures)
    pages = None
    if with_pages:
        from imglint.cli.pages import pages_of

        pages = pages_of(group, run)
    for file in group.project.files:
        file.source.let_go()  # Findings keep the text.
    return Outcome(
        {path: each.findings for path, each in well.items()},
        {
            path: Severity.parse(requests[path].settings.fail_on)
            for path, judgement in well.items()
            if judgement.findings
        },
        (*failures, *run.failures[before:]),
        tuple(silenced for each in well.values() for silenced in each.suppressed),
        pages,
        {path: run.engine.chosen(requests[path].settings) for path in well} if run.baseline is not None else {},
    )
