"""Whether a push to the GitHub Container registry will be allowed, and the reasons one by one.

What decides: the permissions of the job, the credential, the event, whose the package is, and the repository that it is
linked to. A repository may write to a package that it is linked to or that its workflows published first, and to others
when they let it:
https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows/publishing-and-installing-a-package-with-github-actions
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from imglint.model.credential import Credential, CredentialKind
from imglint.model.link import Link
from imglint.model.login import Login, Reach
from imglint.model.repository import Identity
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.occasion import ANY, Occasion
from imglint.model.workflow.permissions import Granted, granted
from imglint.model.workflow.pushes import Push, may_log_in_unseen, place_of
from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Place, Text

_ONLY_CALLED: Final = ("workflow_call",)
"""The triggers of a workflow that nothing starts by itself: its permissions are those of whoever calls it."""

_OURS: Final = r"github\.repository_owner|github\.repository|github\.event\.repository\.(?:owner\.login|full_name)"


class Outcome(Enum):
    """How a push will end."""

    ALLOWED = "will succeed"
    DENIED = "will be denied"
    DEPENDS = "depends"


class Cause(Enum):
    """What decides it: each is the matter of one rule. The link is that of the rules on the source label."""

    NOTHING = ""
    LOGIN = "no login"
    USER = "the login"
    PERMISSION = "the permissions of the job"
    DEFAULT = "the settings of the repository"
    CALLER = "the permissions of the calling job"
    EVENT = "the event"
    OWNER = "the owner of the package"
    LINK = "the repository that the package is linked to"
    CREDENTIAL = "the credential"


class Ground(NamedTuple):
    """One step of the reasoning, and where what it speaks of is written (None: nowhere)."""

    words: str
    place: Place | None = None


class Verdict(NamedTuple):
    """How one push will end, why, and the steps that lead there: the last is what decides, unless all is well."""

    outcome: Outcome
    cause: Cause
    reason: str
    trail: tuple[Ground, ...] = ()


def prove(push: Push, identity: Identity | None, occasion: Occasion = ANY, link: Link | None = None) -> Verdict:
    """The verdict on one push.

    `identity` is the repository that the workflow is in, None when nothing says which. Without a `link`, none is asked
    for: a rule on the workflow alone judges what the workflow says.
    """
    logins = push.logins
    if not logins:
        return _without_login(push)
    verdicts = [_with(login, push, identity, occasion, link) for login in logins]
    first = verdicts[-1]
    if any(verdict.outcome is not first.outcome for verdict in verdicts):
        trail = tuple(ground for verdict in verdicts for ground in verdict.trail)
        return Verdict(Outcome.DEPENDS, Cause.CREDENTIAL, "which of the logins takes place is not known", trail)
    return first


def _without_login(push: Push) -> Verdict:
    if may_log_in_unseen(push.run):
        return Verdict(Outcome.DEPENDS, Cause.LOGIN, "no login is seen before it, and a step may log in unseen")
    later = tuple(
        Ground("the login comes only here", place_of(happening))
        for happening in push.run.happenings[push.position :]
        if isinstance(happening.event, Login)
        and happening.event.reach is Reach.JOB
        and happening.event.host == push.host
    )
    return Verdict(Outcome.DENIED, Cause.LOGIN, f"nothing logs in to {push.host} before it", later[:1])


def _with(login: Login, push: Push, identity: Identity | None, occasion: Occasion, link: Link | None) -> Verdict:
    credential = login.credential
    if credential.kind is CredentialKind.GITHUB_TOKEN:
        verdict = _with_own_token(login, push, identity, occasion)
        if verdict.outcome is not Outcome.ALLOWED:
            return verdict
        if login.lacks_user:
            return _without_user(verdict.trail)
        return _linked(verdict, link) if link is not None else verdict
    ground = (Ground(f"logs in with {credential.shown}", login.place),)
    if not occasion.secrets and credential.secret:
        reason = "a pull request from a fork gets no secrets, so the login fails"
        return Verdict(Outcome.DENIED, Cause.EVENT, reason, ground)
    if login.lacks_user:
        return _without_user(ground)
    outcome, reason = _other(credential)
    return Verdict(outcome, Cause.CREDENTIAL, reason, ground)


def _without_user(trail: tuple[Ground, ...]) -> Verdict:
    reason = "the login names no user, and fails"
    return Verdict(Outcome.DENIED, Cause.USER, reason, (*trail, Ground(reason, trail[0].place)))


def _other(credential: Credential) -> tuple[Outcome, str]:
    """The verdict on what is not GITHUB_TOKEN."""
    kind = credential.kind
    if kind is CredentialKind.FINE_GRAINED:
        literal = credential.text is not None and HOLE not in credential.text.text
        if literal:
            return Outcome.DENIED, "fine-grained tokens have no permission for packages"
        return Outcome.DEPENDS, f"{credential.shown} is a fine-grained token by its name, which may not write packages"
    if kind is CredentialKind.APP_TOKEN:
        return Outcome.DEPENDS, "the registry does not reliably take tokens of GitHub Apps"
    if kind in (CredentialKind.SECRET, CredentialKind.PASSED, CredentialKind.LITERAL):
        return Outcome.DEPENDS, f"{credential.shown} has to be a personal access token (classic) with `write:packages`"
    return Outcome.DEPENDS, f"{credential.shown} decides"


def _with_own_token(login: Login, push: Push, identity: Identity | None, occasion: Occasion) -> Verdict:
    rights = granted(push.run)
    trail = [Ground("logs in with GITHUB_TOKEN", login.place)]
    refused = _beyond_caller(rights)
    if refused is not None:
        return refused._replace(trail=(*trail, *refused.trail))
    block = rights.deciding
    level = rights.level("packages")
    if block is not None:
        place = block.levels["packages"].place if "packages" in block.levels else block.key.place
        trail.append(Ground(f"the token has `packages: {level}`", place))
    if not occasion.secrets:
        reason = "GITHUB_TOKEN can only read in a pull request from a fork"
        return Verdict(Outcome.DENIED, Cause.EVENT, reason, tuple(trail))
    if level is not None and level != "write":
        return Verdict(Outcome.DENIED, Cause.PERMISSION, f"GITHUB_TOKEN has `packages: {level}`", tuple(trail))
    return _to_package(push, identity, rights, trail)


def _to_package(push: Push, identity: Identity | None, rights: Granted, trail: list[Ground]) -> Verdict:
    """The verdict on a push with a token that may write packages, or may if others let it, by whose this one is."""
    owner = push.owner
    ours = is_ours(owner, identity) if owner is not None else None
    if owner is not None and owner.text != HOLE:
        trail.append(Ground(f"the package belongs to {owner.shown}", owner.origin))
    if ours is False and owner is not None:
        reason = f"GITHUB_TOKEN may not push to packages of {owner.shown}"
        return Verdict(Outcome.DENIED, Cause.OWNER, reason, tuple(trail))
    reason = _asked_of_caller(push.run, rights)
    if reason:
        return Verdict(Outcome.DEPENDS, Cause.CALLER, reason, (*trail, Ground(reason)))
    if rights.deciding is None:
        reason = "no `permissions` are given, and the settings of the repository decide"
        return Verdict(Outcome.DEPENDS, Cause.DEFAULT, reason, (*trail, Ground(reason)))
    if ours is None:
        reason = "whether the package belongs to the owner of this repository is not known"
        ground = Ground(reason, owner.origin if owner is not None else None)
        return Verdict(Outcome.DEPENDS, Cause.OWNER, reason, (*trail, ground))
    return Verdict(Outcome.ALLOWED, Cause.NOTHING, "GITHUB_TOKEN has `packages: write`", tuple(trail))


def _asked_of_caller(run: JobRun, rights: Granted) -> str:
    """What a called workflow needs of whoever calls it and no file says; empty for nothing.

    Without a block of its own the calling job has what the settings give, and can hand on no more:
    https://github.com/canonical/authd/issues/1528
    """
    outermost = run.callers[0][0] if run.callers else run.workflow
    if outermost.triggers == _ONLY_CALLED:
        return "whoever calls the workflow has to give it `packages: write`"
    if run.callers and rights.caller is None and rights.own is not None:
        return "the job that calls the workflow has no `permissions`, and the settings of the repository decide"
    return ""


def _linked(verdict: Verdict, link: Link) -> Verdict:
    """What becomes of a push that all else allows: the package may be there already, and not be this repository's.

    One that a workflow pushes first is linked to its repository without any label; one that a person pushed first is
    linked by its label alone, and refuses other tokens: https://github.com/github/docs/pull/22007
    """
    if link.ours:
        ground = Ground(f"the package is linked to {link.repository}", link.place)
        return verdict._replace(trail=(*verdict.trail, ground))
    if link.ours is None:
        reason = "whether the package is linked to this repository is not known"
    elif link.repository:
        reason = f"the source label names {link.repository}, so the package has to let this repository write"
    else:
        reason = (
            "no label links the package to this repository, which may write if it pushed it first or was given access"
        )
    trail = (*verdict.trail, Ground(reason, link.place))
    return Verdict(Outcome.DEPENDS, Cause.LINK, reason, trail)


def _beyond_caller(rights: Granted) -> Verdict | None:
    """The verdict on a workflow that asks for more than the job which calls it may give: it does not even start.

    https://docs.github.com/en/actions/reference/workflows-and-actions/reusing-workflow-configurations#supported-keywords-for-jobs-that-call-a-reusable-workflow
    """
    if rights.own is None or rights.caller is None or not rights.own.allows("packages"):
        return None
    if rights.caller.allows("packages"):
        return None
    level = rights.caller.level("packages")
    caller = rights.caller
    place = caller.levels["packages"].place if "packages" in caller.levels else caller.key.place
    trail = (
        Ground("the called workflow asks for `packages: write`", rights.own.key.place),
        Ground(f"the job that calls it has `packages: {level}`", place),
    )
    reason = f"its workflow asks for `packages: write`, and the job that calls it has only `packages: {level}`"
    return Verdict(Outcome.DENIED, Cause.CALLER, reason, trail)


def is_ours(owner: Text, identity: Identity | None) -> bool | None:
    """Whether the owner in a name is that of the repository; None when that is not known."""
    if HOLE in owner.text:
        own = owner.text == HOLE and re.fullmatch(_OURS, owner.unknowns[0]) is not None
        return True if own else None
    if identity is None:
        return None
    return owner.text.lower() in {candidate.owner.lower() for candidate in identity.candidates}
