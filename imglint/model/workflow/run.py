"""A workflow run in the head: for every job and every combination of its matrix, what its steps do with images.

What depends on the event, on secrets or on other systems stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterator
from typing import Final

from imglint.model.script import WRITES
from imglint.model.workflow import actions, logins, metadata_action
from imglint.model.workflow.contexts import Budget, WorkflowCall
from imglint.model.workflow.jobrun import Facts, Find, JobRun
from imglint.model.workflow.matrix import combinations
from imglint.model.workflow.steps import MAX_DEPTH, SUCCESS, Steps, followed, may_do, plain_condition
from imglint.model.workflow.structure import Job, Step, Workflow, action_of
from imglint.syntax.expressionevaluate import Lookup, holds, substitute, whole
from imglint.syntax.text import Text

_WORTH: Final = actions.NAMES | logins.NAMES


def run(workflow: Workflow, facts: Facts, find: Find, only: Container[str] | None = None) -> Iterator[JobRun]:
    """What the jobs of a workflow do; `only` are the names of those that are wanted, None for all."""
    yield from _Runner(WorkflowCall(workflow, facts, find, {}, 0, Budget())).jobs(only)


class _Runner:
    """Runs the jobs of one workflow, those that a job needs before it."""

    def __init__(self, call: WorkflowCall) -> None:
        self.call = call
        self.certain: dict[str, bool | None] = {}
        self.pending: set[str] = set()
        self.done: dict[str, list[JobRun]] = {}

    def jobs(self, only: Container[str] | None = None) -> Iterator[JobRun]:
        for job in self.call.workflow.jobs:
            if only is None or job.name in only:
                yield from self.job(job)

    def job(self, job: Job) -> list[JobRun]:
        """The runs of a job, those that it needs before it."""
        if job.name in self.done:
            return self.done[job.name]
        if job.name in self.pending:
            return []
        self.pending.add(job.name)
        worth = job.uses is not None or self._worth_running(job)
        for name in job.needs if worth else ():
            if name in self.call.by_name:
                self.job(self.call.by_name[name])
        base = Steps(self.call, job, ())
        certain = self.certain[job.name] = self._runs(job, base)
        found: list[JobRun] = []
        ended: list[Lookup] = [] if worth else [base.lookup]
        steps = followed(job.steps) if worth else ()
        for state in self._combinations(job, base) if worth and certain is not False else ():
            if job.uses is not None:
                found.extend(self._called(job, job.uses, state, certain is True))
            else:
                found.append(self._run(job, steps, state, certain is True))
                ended.append(state.lookup)
        self.done[job.name] = found
        self.call.ended[job.name] = ended
        return found

    def _combinations(self, job: Job, base: Steps) -> Iterator[Steps]:
        for combination in combinations(job.strategy, base.lookup):
            if not self.call.budget.runs:
                break
            self.call.budget.runs -= 1
            yield base if combination == () else Steps(self.call, job, combination)

    def _run(self, job: Job, steps: tuple[Step, ...], state: Steps, certain: bool) -> JobRun:
        call = self.call
        happenings = tuple(state.events(steps))
        return JobRun(call.workflow, job, happenings, tuple(state.metadata), call.callers, call.sure and certain)

    def _runs(self, job: Job, state: Steps) -> bool | None:
        """Whether a job runs when its workflow does: its condition, and those of the jobs that it needs."""
        written = job.condition.text if job.condition else ""
        own = holds(job.condition, state.lookup) if job.condition else True
        if own is None and plain_condition(written) in SUCCESS:
            own = True
        if re.search(r"\b(?:always|failure|cancelled)\s*\(", written):
            return own
        needed = [self.certain.get(name, True) for name in job.needs]
        if own is False or False in needed:
            return False
        return None if own is None or None in needed else True

    def _worth_running(self, job: Job) -> bool:
        """Whether a job may build or push, or hand something on that is made by a script: most do not."""
        hands_on = not job.outputs.is_empty
        for step in job.steps:
            if step.uses is not None:
                name = action_of(step.uses)[0]
                if name in _WORTH or name.startswith("./") or (hands_on and name == metadata_action.ACTION):
                    return True
            elif step.run is not None and (may_do(step.run) or (hands_on and WRITES in step.run.text)):
                return True
        return False

    def _called(self, job: Job, uses: Text, state: Steps, certain: bool) -> Iterator[JobRun]:
        """The jobs of a workflow of this repository that a job calls."""
        call = self.call
        path = uses.text.strip()
        if not path.startswith("./") or call.depth >= MAX_DEPTH:
            return
        called = call.find(path[2:])
        if called is None:
            return
        inputs = {key.text: whole(value, state.lookup) for key, value in job.inputs.pairs()}
        secrets = call.secrets
        if not _inherits(job):
            passed = job.fields.fields("secrets").pairs()
            secrets = {key.text.lower(): whole(value, state.lookup) for key, value in passed}
        callers = (*call.callers, (call.workflow, job))
        inner = WorkflowCall(
            called, call.facts, call.find, inputs, call.depth + 1, call.budget, callers, secrets, call.sure and certain
        )  # fmt: skip
        yield from _Runner(inner).jobs()
        for key, text in called.outputs:
            call.keep(job.name, key, substitute(text, inner.lookup))


def _inherits(job: Job) -> bool:
    """Whether a job passes all of its secrets to the workflow that it calls."""
    secrets = job.fields.text("secrets")
    return secrets is not None and secrets.text.strip() == "inherit"
