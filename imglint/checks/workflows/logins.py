"""Logins that are missing, come too late, cannot succeed, or stay behind."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.workflows.mending import ACTOR, use_actor
from imglint.checks.workflows.verdicts import trail, verdicts
from imglint.finding import Finding
from imglint.model.build import Upload
from imglint.model.credential import CredentialKind
from imglint.model.login import LOGIN_ACTION, Login, Reach
from imglint.model.loginuse import LoginUse
from imglint.model.prover import Cause, Outcome, Verdict
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.pushes import Push
from imglint.syntax.text import HOLE, Place

_SECRET: Final = r"secrets\.(\w+)"
_OWN_LOGIN: Final = (
    "- uses: docker/login-action@v3\n"
    "  with:\n"
    "    registry: {host}\n"
    "    username: ${{{{ github.actor }}}}\n"
    "    password: ${{{{ secrets.GITHUB_TOKEN }}}}"
)


def missing_login(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job pushes and nothing in it logs in."""
    for push, verdict in _without_login(workflow, context):
        if not verdict.trail:
            yield context.finding(
                push.place.span,
                f"nothing in this job logs in to {push.host}, so the push will be denied: "
                "a login in another job does not reach here",
                label="pushes without a login",
                help=f"log in before it\n{_OWN_LOGIN.format(host=push.host)}",
                source=push.place.source,
            )


def login_after_push(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job pushes before it logs in."""
    for push, verdict in _without_login(workflow, context):
        if verdict.trail:
            yield context.finding(
                push.place.span,
                f"this pushes to {push.host} before the job logs in there, so the push will be denied",
                label="comes too early",
                help="move the login before it",
                related=trail(verdict),
                source=push.place.source,
            )


def _without_login(workflow: WorkflowUse, context: Context) -> Iterator[tuple[Push, Verdict]]:
    """The pushes that nothing logs in for; what goes up beside an image after it needs no word of its own."""
    said: set[Place] = set()
    jobs: set[Place] = set()
    for push, verdict in verdicts(workflow, context, Cause.LOGIN):
        job = push.run.job.key.place
        if verdict.outcome is not Outcome.DENIED or push.place in said:
            continue
        if isinstance(push.happening.event, Upload) and job in jobs:
            continue
        said.add(push.place)
        jobs.add(job)
        yield push, verdict


def empty_username(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A login has a password and no user."""
    found = login.login
    if not found.lacks_user:
        return
    written = found.user is not None and found.user.span.start < found.user.span.end
    place = found.user.place if found.user is not None and written else found.argument or found.place
    action = found.tool == LOGIN_ACTION
    yield context.finding(
        place.span,
        "the login names no user, so it will fail: " + ("Username and password required" if action else "a password "
        "needs a user, also where the registry does not look at it"),
        label="no user",
        help=f"name one; GITHUB_TOKEN takes any\n{_named(found)}",
        source=place.source,
    )  # fmt: skip


def _named(login: Login) -> str:
    """How a login of this kind names a user."""
    if login.tool == LOGIN_ACTION:
        return f"username: {ACTOR}"
    return '--username "$GITHUB_ACTOR"' if login.reach is Reach.JOB else '"$GITHUB_ACTOR:$GITHUB_TOKEN"'


def secret_username(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A secret is the user of a login with GITHUB_TOKEN, for which any name does."""
    found, run = login
    user = found.user
    if run is None or user is None or found.host not in context.profile.hosts:
        return
    secret = re.fullmatch(_SECRET, user.unknowns[0]) if user.text == HOLE else None
    if secret is None or found.credential.kind is not CredentialKind.GITHUB_TOKEN:
        return
    yield context.finding(
        user.span,
        f"GITHUB_TOKEN logs in with any user: the secret `{secret[1]}` is not needed, and without it the login fails",
        label="need not be a secret",
        help=f"name who started the run\nusername: {ACTOR}" if found.tool == LOGIN_ACTION else 'write "$GITHUB_ACTOR"',
        source=user.source,
        fix=use_actor(found),
    )


def keep_login_on_self_hosted(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A login stays on a runner that goes on to run other jobs."""
    found, run = login
    if run is None or found.tool != LOGIN_ACTION or found.logout is not False or not _is_self_hosted(run):
        return
    step = next((each.step for each in run.happenings if each.event.place == found.place), None)
    switch = step.inputs.text("logout") if step is not None else None
    place = switch.place if switch is not None and switch.source is found.place.source else found.place
    yield context.finding(
        place.span,
        f"the credentials for {found.host or 'the registry'} stay on this runner, where the next job, of whatever "
        "repository, can push with them",
        label="stays logged in",
        help="leave it out: the login is undone at the end of the job",
        source=place.source,
    )


def _is_self_hosted(run: JobRun) -> bool:
    fields = run.job.fields
    node = fields.document.get(fields.node, "runs-on")
    one = fields.text("runs-on")
    texts = [one.text] if one is not None else [getattr(each, "value", "") for each in fields.document.items(node)]
    return "self-hosted" in texts
