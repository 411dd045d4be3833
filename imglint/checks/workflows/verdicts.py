"""The pushes of a workflow with what will become of them, for the rules that each look at one cause."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imglint.checks.context import Context
from imglint.finding import Related
from imglint.model.prover import Cause, Verdict, prove
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.occasion import ANY, Occasion
from imglint.model.workflow.pushes import Push, pushes_to

MAX_SHOWN = 5
"""Places that one finding points at."""


def verdicts(
    workflow: WorkflowUse,
    context: Context,
    *causes: Cause,
    runs: Iterable[JobRun] | None = None,
    occasion: Occasion = ANY,
) -> Iterator[tuple[Push, Verdict]]:
    """The pushes to the registry that is judged, whose end has one of the causes."""

    def proved(runs: Iterable[JobRun]) -> tuple[tuple[Push, Verdict], ...]:
        pushes = (push for run in runs for push in pushes_to(run, context.profile.hosts))
        return tuple((push, prove(push, context.identity, occasion)) for push in pushes)

    if runs is None:
        found = context.surroundings.once(("verdicts", workflow.path), lambda: proved(workflow.runs))
    else:
        found = proved(runs)
    yield from (each for each in found if each[1].cause in causes)


def trail(verdict: Verdict) -> list[Related]:
    """The reasons of a verdict that are written somewhere."""
    return [Related(*ground.place, ground.words) for ground in verdict.trail if ground.place is not None]
