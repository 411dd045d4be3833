"""Credentials for the registry that are more than it takes, or that it does not take."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.workflows.mending import use_github_token
from imglint.finding import Finding, Severity
from imglint.model.credential import Credential, CredentialKind
from imglint.model.login import Login
from imglint.model.loginuse import LoginUse
from imglint.model.prover import is_ours
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.permissions import granted
from imglint.model.workflow.pushes import Push, pushes_to
from imglint.syntax.text import HOLE, Place

_INSTEAD: Final = "password: ${{ secrets.GITHUB_TOKEN }}"


def pat_instead_of_github_token(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A personal access token logs in where the token of the workflow would do."""
    found, run = login
    if run is None or found.host not in context.profile.hosts:
        return
    kind = found.credential.kind
    if kind is CredentialKind.SECRET:
        message, help, severity = _judged(found, run, context)
    elif kind is CredentialKind.PASSED:
        message = f"whoever calls this workflow passes {found.credential.shown} to log in with"
        help = "say which it takes: GITHUB_TOKEN for packages of the same owner, else a token with write:packages alone"
        severity = Severity.INFO
    else:
        return
    place = place_of(found.credential, found)
    fix = None
    if severity is Severity.WARNING:
        alone = len(run.workflow.jobs) == 1
        fix = use_github_token(found, granted(run), run.job, alone, pushes=True)
    yield context.finding(
        place.span, message, label="a personal access token", help=help, source=place.source, severity=severity, fix=fix
    )


def _judged(login: Login, run: JobRun, context: Context) -> tuple[str, str, Severity]:
    """What to say of a secret, what to write instead, and how much it matters."""
    pushes = [push for push in pushes_to(run, context.profile.hosts) if login in push.logins]
    ours = [_is_ours(push, context) for push in pushes]
    secret = login.credential.shown
    if False in ours:
        owner = pushes[ours.index(False)].owner
        shown = owner.shown if owner is not None else "another owner"
        return (
            f"packages of {shown} need a token of somebody who may write there, and {secret} needs no more than "
            "`write:packages`",
            "make one with that scope alone: https://github.com/settings/tokens/new?scopes=write:packages",
            Severity.INFO,
        )
    if ours and all(ours):
        return (
            f"{secret} is a person's token, which outlives the run and reaches whatever its owner does: GITHUB_TOKEN "
            "can push to packages of this owner",
            f"use the token of the workflow, and give the job `packages: write`\n{_INSTEAD}",
            Severity.WARNING,
        )
    if pushes:
        return (
            f"{secret} is a person's token; if these packages belong to the owner of this repository, GITHUB_TOKEN can "
            "push to them",
            f"use the token of the workflow, and give the job `packages: write`\n{_INSTEAD}",
            Severity.INFO,
        )
    return (
        f"{secret} is a person's token; GITHUB_TOKEN can pull and push packages that this repository has access to",
        f"use the token of the workflow, and give the job `packages: read`, or `write` if it pushes\n{_INSTEAD}",
        Severity.INFO,
    )


def _is_ours(push: Push, context: Context) -> bool | None:
    return is_ours(push.owner, context.identity) if push.owner is not None else None


def place_of(credential: Credential, login: Login) -> Place:
    """Where a person would put another credential: where it is written, else the login."""
    text = credential.text
    if text is None or text.span.start == text.span.end:
        return login.place
    return text.place


def fine_grained_token_for_registry(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A fine-grained token logs in, which may do nothing with packages."""
    found, run = login
    credential = found.credential
    if found.host not in context.profile.hosts or credential.kind is not CredentialKind.FINE_GRAINED:
        return
    literal = credential.text is not None and HOLE not in credential.text.text
    place = place_of(credential, found)
    what = "a fine-grained token" if literal else f"{credential.shown}, by its name a fine-grained token,"
    yield context.finding(
        place.span,
        f"{what} may log in to {found.host} and then neither push nor pull: it can have no permission for packages",
        label="not taken for packages",
        help=f"use the token of the workflow\n{_INSTEAD}" if run is not None else "use a token (classic) with the "
        "scope that it takes: https://github.com/settings/tokens/new?scopes=write:packages",
        source=place.source,
        severity=Severity.ERROR if literal else Severity.WARNING,
    )  # fmt: skip


def app_token_for_registry(login: LoginUse, context: Context) -> Iterator[Finding]:
    """The token of a GitHub App logs in, which the registry does not reliably take."""
    found, _ = login
    if found.host not in context.profile.hosts or found.credential.kind is not CredentialKind.APP_TOKEN:
        return
    place = place_of(found.credential, found)
    yield context.finding(
        place.span,
        f"{found.host} lets the token of a GitHub App log in, and then denies it private packages",
        label="the token of an app",
        help=f"use the token of the workflow\n{_INSTEAD}",
        source=place.source,
    )


def gh_cli_token_for_registry(login: LoginUse, context: Context) -> Iterator[Finding]:
    """The token of the gh command logs in, which always has `repo`."""
    found, run = login
    if found.host not in context.profile.hosts or found.credential.kind is not CredentialKind.GH_CLI:
        return
    place = place_of(found.credential, found)
    instead = (
        f"use the token of the workflow\n{_INSTEAD}"
        if run is not None
        else "log in with a token that can do nothing else: https://github.com/settings/tokens/new?scopes=write:packages"
    )
    yield context.finding(
        place.span,
        f"the token of the gh command can do whatever its user does, with all repositories: {found.host} gets it for "
        "packages alone",
        label="has the scope repo",
        help=instead,
        source=place.source,
        severity=Severity.WARNING if run is not None else Severity.INFO,
    )
