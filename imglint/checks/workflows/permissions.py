"""Pushes that the permissions of their job do not allow."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.checks.workflows.identity import needs
from imglint.checks.workflows.mending import allow_packages, let_push
from imglint.checks.workflows.verdicts import MAX_SHOWN, trail, verdicts
from imglint.finding import Finding, Related
from imglint.model.prover import Cause
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.permissions import granted
from imglint.model.workflow.structure import Job
from imglint.syntax.text import Place


def missing_packages_write(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job pushes with GITHUB_TOKEN, and its permissions let that only read packages."""
    said: set[Place] = set()
    for push, verdict in verdicts(workflow, context, Cause.PERMISSION):
        block = granted(push.run).deciding
        if block is None:
            continue
        level = block.levels.get("packages")
        place = (level or block.value or block.key).place
        if place in said:
            continue
        said.add(place)
        name = push.run.job.name
        told = f"`packages: {level.text}`" if level else "a block that does not name `packages`"
        yield context.finding(
            place.span,
            f"{told} lets GITHUB_TOKEN push nothing: the push of `{name}` to {push.host} will be denied",
            label="the job needs packages: write",
            help=f"give the job the permission\n{_block(push.run.job)}",
            related=[*trail(verdict)[:1], Related(*push.place, "pushes here")],
            source=place.source,
            fix=allow_packages(granted(push.run), push.run.job, alone=len(push.run.workflow.jobs) == 1),
        )


def missing_permissions_block(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """Jobs push with GITHUB_TOKEN, and no permissions are given."""
    jobs: dict[str, tuple[Job, Place, list[Related]]] = {}
    for push, _ in verdicts(workflow, context, Cause.DEFAULT):
        outer = push.run.callers[0][1] if push.run.callers else push.run.job
        related = jobs.setdefault(outer.name, (push.run.job, outer.key.place, []))[2]
        if len(related) < MAX_SHOWN:
            related.append(Related(*push.place, "pushes here"))
    if not jobs:
        return
    job, place, related = next(iter(jobs.values()))
    others = len(jobs) - 1
    who = "this job pushes" if not others else f"this and {others} more job{'s' if others > 1 else ''} push"
    yield context.finding(
        place.span,
        f"{who} to {context.profile.name} with GITHUB_TOKEN, and nothing gives it `packages: write`: "
        "where the default is to read, the push will be denied",
        label="has no permissions",
        help=f"say what the token may do, here or for the whole workflow\n{_block(job)}",
        related=related[:1],
        source=place.source,
        fix=let_push(job, needs(job)) if not others and job.key.place == place else None,
    )


def _block(job: Job) -> str:
    """The permissions that a job needs."""
    lines = ["permissions:", "  contents: read", "  packages: write"]
    lines += [f"  {name}: write" for name in needs(job)]
    return "\n".join(lines)
