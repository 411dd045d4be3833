"""Secrets that a workflow which publishes gets without being asked for."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.login import Login
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.pushes import pushes
from imglint.model.workflow.structure import Job, Workflow
from imglint.syntax.text import Text

_SECRET: Final = r"(?i)\bsecrets\s*\.\s*([A-Za-z_][\w-]*)"
_PUBLISHING: Final = r"(?i)docker|image|container|ghcr|oci|publish|push"
MAX_LISTED: Final = 12
"""Secrets that one help lists."""


def inherited_secrets(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job passes all secrets to a workflow that publishes images."""
    if "inherit" not in workflow.workflow.source.text:
        return
    said: set[str] = set()
    for job in workflow.workflow.jobs:
        passed = job.fields.text("secrets")
        if passed is None or passed.text.strip() != "inherit" or job.uses is None or job.uses.text in said:
            continue
        said.add(job.uses.text)
        called = [run for run in workflow.runs if any(each.key == job.key for _, each in run.callers)]
        if _publishes(called) if job.uses.text.startswith("./") else re.search(_PUBLISHING, job.uses.text):
            yield _finding(passed, job, job.uses, called, context)


def _declared(workflow: Workflow) -> Iterator[tuple[Text, object]]:
    """The secrets that a workflow says it is to be called with."""
    fields = workflow.trigger("workflow_call").fields("secrets")
    for key, node in fields.document.entries(fields.node):
        yield fields.document.text(key), node


def _publishes(runs: list[JobRun]) -> bool:
    return any(
        any(isinstance(event, Login) for event in run.events) or next(pushes(run), None) is not None for run in runs
    )


def _finding(passed: Text, job: Job, uses: Text, called: list[JobRun], context: Context) -> Finding:
    help = "pass the secrets that it needs, by name\nsecrets:\n  NAME: ${{ secrets.NAME }}"
    related: list[Related] = []
    reads = ""
    if called:
        sources = {run.workflow.source.path: run.workflow.source for run in called}
        found = [match for source in sources.values() for match in re.finditer(_SECRET, source.text)]
        names = list(dict.fromkeys(name for match in found if (name := match[1]).upper() != "GITHUB_TOKEN"))
        if not names:
            reads, help = ", and it reads none of them", "leave the line out: GITHUB_TOKEN is there without it"
        else:
            reads = f", and it reads {len(names)}"
            lines = [f"  {name}: ${{{{ secrets.{name} }}}}" for name in names[:MAX_LISTED]]
            more = ["  …"] if len(names) > MAX_LISTED else []
            declared = {key.text.lower() for key, _ in _declared(called[0].workflow)}
            told = (
                "" if declared.issuperset(map(str.lower, names)) else ", and declare them in it under `workflow_call`"
            )
            help = "\n".join((f"pass those that it reads, by name{told}", "secrets:", *lines, *more))
        related = [Related(run.workflow.source, run.job.key.span, "gets them all") for run in called[:1]]
    return context.finding(
        passed.span,
        f"`{uses.text.strip()}` gets every secret of the repository and of the organisation{reads}",
        label="all secrets",
        help=help,
        related=related,
        source=passed.source,
    )
