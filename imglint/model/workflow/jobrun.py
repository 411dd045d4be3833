"""What is known before a workflow runs, and what its jobs come to."""

from __future__ import annotations

from collections.abc import Callable

from imglint.model.build import Event
from imglint.model.repository import Repository
from imglint.model.workflow.metadata_action import Metadata
from imglint.model.workflow.occasion import ANY, Occasion
from imglint.model.workflow.structure import Job, Step, Workflow
from imglint.record import NamedTuple


class Facts(NamedTuple):
    """What is known of the repository: its identity (None: nothing), and the licence that GitHub will recognise.

    `license` is empty where there is no licence file, and None where nobody knows. `occasion` is the event that starts
    the workflow.
    """

    repository: Repository | None = None
    license: str | None = None
    occasion: Occasion = ANY


class Happening(NamedTuple):
    """An event in a job, the step that brings it about, and the condition on which it does (empty: none)."""

    event: Event
    step: Step
    condition: str = ""


class JobRun(NamedTuple):
    """What one job does, in one combination of its matrix.

    `callers` are the jobs that call its workflow, each with the workflow it is in, the outermost first. `certain` tells
    that the job runs whenever its workflow does.
    """

    workflow: Workflow
    job: Job
    happenings: tuple[Happening, ...]
    metadata: tuple[Metadata, ...]
    callers: tuple[tuple[Workflow, Job], ...] = ()
    certain: bool = True

    @property
    def events(self) -> tuple[Event, ...]:
        """What happens to images, in order."""
        return tuple(happening.event for happening in self.happenings)

    @property
    def started(self) -> Workflow:
        """The workflow that the event starts: the outermost of those that call one another."""
        return self.callers[0][0] if self.callers else self.workflow

    @property
    def begun(self) -> Job:
        """The job of that workflow which does it, or calls the workflow that does."""
        return self.callers[0][1] if self.callers else self.job


Find = Callable[[str], Workflow | None]
"""Gives the workflow or action at a path of the project."""
