"""Pushes that will be denied for a reason that only shows when several places are read together."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.checks.workflows.verdicts import trail, verdicts
from imglint.finding import Finding, Related
from imglint.model.login import Login, Reach
from imglint.model.prover import Cause, Outcome
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.occasion import OWN_REQUEST
from imglint.model.workflow.pushes import Push, place_of
from imglint.syntax.text import Place


def denied_push(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A push will be denied: the calling job gives too little, or the login does not take place when the push does."""
    said: set[Place] = set()
    for push, verdict in verdicts(workflow, context, Cause.CALLER):
        if verdict.outcome is not Outcome.DENIED:
            continue
        job = push.run.callers[-1][1]
        uses = job.uses
        if uses is None or uses.place in said:
            continue
        said.add(uses.place)
        yield context.finding(
            uses.span,
            "the workflow that is called asks for `packages: write`, which this job may not give: "
            "the run will not even start",
            label="gives less than it is asked for",
            help="give the calling job the permission\npermissions:\n  contents: read\n  packages: write",
            related=[*trail(verdict)[1:], Related(*push.place, "would push here")],
            source=uses.source,
        )
    for push in without_login_in_requests(workflow, context):
        login = _skipped_login(push, workflow)
        if login is None or push.place in said:
            continue
        said.add(push.place)
        yield context.finding(
            push.place.span,
            "a pull request skips the login and does not skip this push: it will be denied",
            label="pushes in pull requests too",
            help="let it push only where it has logged in\nif: github.event_name != 'pull_request'",
            related=[Related(*login, "this login is skipped")],
            source=push.place.source,
        )


def without_login_in_requests(workflow: WorkflowUse, context: Context) -> tuple[Push, ...]:
    """The pushes that take place in every pull request, where nothing logs in."""
    if "pull_request" not in workflow.workflow.triggers:
        return ()
    pushes = verdicts(workflow, context, *Cause)
    if not any(each.condition and isinstance(each.event, Login) for push, _ in pushes for each in push.run.happenings):
        return ()  # A login without a condition is never skipped.
    runs = workflow.again(OWN_REQUEST)
    found = verdicts(workflow, context, Cause.LOGIN, runs=runs, occasion=OWN_REQUEST)
    return tuple(push for push, verdict in found if push.definite and verdict.outcome is Outcome.DENIED)


def _skipped_login(push: Push, workflow: WorkflowUse) -> Place | None:
    """Where the same job logs in to the registry of a push on other events."""
    place = push.run.job.key.place
    for run in workflow.runs:
        if run.job.key.place == place:
            for happening in run.happenings:
                login = happening.event
                if isinstance(login, Login) and login.reach is Reach.JOB and login.host == push.host:
                    return place_of(happening)
    return None
