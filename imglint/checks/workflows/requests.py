"""Pull requests that publish: those from forks may not, and those that may must not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.workflows.denied import without_login_in_requests
from imglint.checks.workflows.verdicts import trail, verdicts
from imglint.finding import Finding, Related
from imglint.model.build import Build
from imglint.model.prover import Cause
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.occasion import ANY, FORK, TARGET
from imglint.model.workflow.permissions import granted
from imglint.model.workflow.pushes import Push, pushes
from imglint.model.workflow.structure import action_of
from imglint.syntax.text import Text

_HEAD: Final = (
    r"github\.event\.pull_request\.(?:head\.(?:sha|ref|repo)|merge_commit_sha)|github\.head_ref|refs/pull/|"
    r"github\.event\.workflow_run\.head_|github\.event\.number"
)
"""What leads to the code of whoever opened the pull request."""
_GATED: Final = (
    r"label|author_association|head\.repo|fork|github\.actor|sender|triggering_actor|permission|workflow_run\.(?:event|"
    r"head_branch|head_repository|actor)|environment|approved|head\.user"
)
"""What in a condition keeps strangers out, or may."""
_RISKY: Final = ("pull_request_target", "workflow_run", "issue_comment")


def push_from_fork_pull_request(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A pull request from a fork reaches a push, which it may not do."""
    if "pull_request" not in workflow.workflow.triggers:
        return
    always = {push.place for push in without_login_in_requests(workflow, context)}
    for push, verdict in verdicts(
        workflow, context, Cause.EVENT, Cause.LOGIN, Cause.PERMISSION, Cause.DEFAULT,
        runs=workflow.again(FORK), occasion=FORK,
    ):  # fmt: skip
        if not push.definite or push.place in always or _is_denied_anyway(push):
            continue
        always.add(push.place)
        trigger = workflow.workflow.root.fields("on").key("pull_request")
        related = [Related(*trigger.place, "runs for pull requests")] if trigger is not None else []
        yield context.finding(
            push.place.span,
            "a pull request from a fork comes here too, where GITHUB_TOKEN can only read and there are no secrets: "
            "the push will be denied",
            label="pushes in pull requests too",
            help="build there, and push elsewhere\n" + _guard(push),
            related=[*trail(verdict)[:1], *related],
            source=push.place.source,
        )


def _is_denied_anyway(push: Push) -> bool:
    """Whether the permissions forbid the push on every event, which another rule says."""
    level = granted(push.run).level("packages")
    return level is not None and level != "write"


def _guard(push: Push) -> str:
    if isinstance(push.happening.event, Build) and push.happening.step.uses is not None:
        return "push: ${{ github.event_name != 'pull_request' }}"
    return "if: github.event_name != 'pull_request'"


def pull_request_target_publish(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job builds what a stranger wrote and publishes it with the rights of the repository."""
    trigger = next((name for name in _RISKY if name in workflow.workflow.triggers), "")
    if not trigger or not re.search(_HEAD, "".join(run.workflow.source.text for run in workflow.runs[:20])):
        return
    for run in workflow.again(TARGET if trigger == "pull_request_target" else ANY):
        push = next(pushes(run), None)
        if push is None or _is_gated(run, trigger):
            continue
        for text in _heads(run):
            key = workflow.workflow.root.fields("on").key(trigger)
            yield context.finding(
                text.span,
                f"this takes the code of a pull request, from whomever, and the job publishes what is built of it: "
                f"on `{trigger}` it runs with the rights and secrets of the repository",
                label="anybody's code",
                help="build pull requests on `pull_request`, which gets no rights, and publish on `push`",
                related=[
                    *([Related(*key.place, "runs with all rights")] if key is not None else []),
                    Related(*push.place, "publishes here"),
                ],
                source=text.source,
            )


def _is_gated(run: JobRun, trigger: str) -> bool:
    """Whether something may keep strangers out: a condition, or an environment that asks for approval."""
    jobs = [run.job, *(job for _, job in run.callers)]
    if any(job.fields.key("environment") is not None for job in jobs):
        return True
    conditions = [job.condition.text for job in jobs if job.condition is not None]
    conditions += [step.condition.text for step in run.job.steps if step.condition is not None]
    if trigger != "pull_request_target" and any(job.condition is not None for job in jobs):
        return True
    return any(re.search(_GATED, condition) for condition in conditions) or any(job.needs for job in jobs)


def _heads(run: JobRun) -> Iterator[Text]:
    """Where a job takes the code of a pull request: by a checkout, or as the context of a build."""
    for step in run.job.steps:
        if step.uses is not None and action_of(step.uses)[0] == "actions/checkout":
            for name in ("ref", "repository"):
                text = step.inputs.text(name)
                if text is not None and re.search(_HEAD, text.text):
                    yield text
                    break
    for happening in run.happenings:
        event = happening.event
        written = happening.step.inputs.text("context") if isinstance(event, Build) else None
        if written is not None and re.search(_HEAD, written.text):
            yield written
