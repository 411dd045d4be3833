"""Permissions that are given and not needed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related, Severity
from imglint.model.login import Login
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.permissions import Permissions, permissions_in
from imglint.model.workflow.pushes import pushes
from imglint.model.workflow.structure import Job, Step, action_of
from imglint.syntax.text import Text

_PLAIN_ACTIONS: Final = (
    r"actions/(?:checkout|cache|setup-[\w-]+|upload-artifact|download-artifact|labeler|stale|github-script)|"
    r"docker/(?:setup-[\w-]+|metadata-action)|hadolint/hadolint-action|step-security/harden-runner|"
    r"codecov/codecov-action|github/codeql-action/[\w-]+|golangci/golangci-lint-action|pre-commit/action"
)
"""Actions that write to no registry."""
_MAY_WRITE: Final = (
    r"docker|podman|buildah|skopeo|crane|cosign|oras|helm|regctl|ghcr|registry|publish|push|deploy|release|upload|"
    r"secrets\.|github\.token|GITHUB_TOKEN|GH_TOKEN|\bgh\b|curl|\bmake\b|\bko\b|\bjust\b|\btask\b|"
    r"(?:^|[\s;&|(])(?:\.{1,2}/|bash |sh )"
)
"""What in a script may write to a registry."""


def excessive_permissions(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A workflow that publishes gives its token more than that needs."""
    text = workflow.workflow.source.text
    if "write-all" not in text and "packages" not in text:
        return
    whole = permissions_in(workflow.workflow.root)
    blocks = [permissions_in(job.fields) for job in workflow.workflow.jobs]
    if _publishes(workflow):
        for block in (whole, *blocks):
            if block is not None and block.value is not None and block.value.text.strip() == "write-all":
                yield _of_all(block.value, context)
    if whole is not None and "packages" in whole.levels and whole.allows("packages"):
        yield from _of_workflow(workflow, whole, blocks, context)
    for job, block in zip(workflow.workflow.jobs, blocks, strict=True):
        if block is not None and "packages" in block.levels and block.allows("packages") and _writes_nothing(job):
            yield _unused(block.levels["packages"], f"no step of `{job.name}` writes to a registry", context)


def _publishes(workflow: WorkflowUse) -> bool:
    return any(
        any(isinstance(event, Login) for event in run.events) or next(pushes(run), None) is not None
        for run in workflow.runs
    )


def _of_all(value: Text, context: Context) -> Finding:
    return context.finding(
        value.span,
        "`write-all` lets every step change the code, the releases and the settings of the workflows, "
        "and publishing an image needs `packages: write` at most",
        label="more than it takes to publish",
        help="name what the jobs need\npermissions:\n  contents: read\n  packages: write",
        source=value.source,
    )


def _of_workflow(
    workflow: WorkflowUse, whole: Permissions, blocks: list[Permissions | None], context: Context
) -> Iterator[Finding]:
    """Findings on a permission that all jobs of a workflow have, and not all need."""
    own = [job for job, block in zip(workflow.workflow.jobs, blocks, strict=True) if block is None]
    idle = [job for job in own if _writes_nothing(job)]
    level = whole.levels["packages"]
    if len(own) > 1 and idle and len(idle) < len(own):
        first = idle[0]
        more = f" and {len(idle) - 1} more" if len(idle) > 1 else ""
        yield context.finding(
            level.span,
            f"`packages: write` holds for all jobs, and `{first.name}`{more} of them write to no registry",
            label="for every job",
            help="give it to the jobs that push\njobs:\n  …:\n    permissions:\n      packages: write",
            related=[Related(*job.key.place, "does not need it") for job in idle[:5]],
            source=level.source,
            severity=Severity.INFO,
        )
    elif own and len(idle) == len(workflow.workflow.jobs):
        yield _unused(level, "no step of this workflow writes to a registry", context)


def _unused(level: Text, reason: str, context: Context) -> Finding:
    return context.finding(
        level.span,
        f"{reason}, so `packages: write` is not needed",
        label="not used",
        help="leave it out, or write\npackages: read",
        source=level.source,
        severity=Severity.INFO,
    )


def _writes_nothing(job: Job) -> bool:
    """Whether a job is known to write to no registry."""
    return job.uses is None and bool(job.steps) and all(map(_is_plain, job.steps))


def _is_plain(step: Step) -> bool:
    if step.run is not None:
        return re.search(_MAY_WRITE, step.run.text) is None
    return step.uses is not None and re.fullmatch(_PLAIN_ACTIONS, action_of(step.uses)[0]) is not None
