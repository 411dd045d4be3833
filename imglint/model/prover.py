"""Whether a push to the GitHub Container registry will be allowed, and the reasons one by one.

What decides: the permissions of the job, the credential, the event, and whose the package is.
https://docs.github.com/en/packages/managing-github-packages-using-github-actions-workflows/publishing-and-installing-a-package-with-github-actions
"""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from imglint.model.credential import Credential, CredentialKind
from imglint.model.login import Login, Reach
from imglint.model.repository import Identity
from imglint.model.workflow.occasion import ANY, Occasion
from imglint.model.workflow.permissions import Granted, granted
from imglint.model.workflow.pushes import Push, may_log_in_unseen, place_of
from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Place, Text

_OURS: Final = r"github\.repository_owner|github\.repository|github\.event\.repository\.(?:owner\.login|full_name)"


class Outcome(Enum):
    """How a push will end."""

    ALLOWED = "will be allowed"
    DENIED = "will be denied"
    DEPENDS = "may be denied"


class Cause(Enum):
    """What decides it: each is the matter of one rule."""

    NOTHING = ""
    LOGIN = "no login"
    PERMISSION = "the permissions of the job"
    DEFAULT = "the settings of the repository"
    CALLER = "the permissions of the calling job"
    EVENT = "the event"
    OWNER = "the owner of the package"
    CREDENTIAL = "the credential"


class Ground(NamedTuple):
    """One step of the reasoning, and where what it speaks of is written (None: nowhere)."""

    words: str
    place: Place | None = None


class Verdict(NamedTuple):
    """How one push will end, why, and the steps that lead there."""

    outcome: Outcome
    cause: Cause
    reason: str
    trail: tuple[Ground, ...] = ()


def prove(push: Push, identity: Identity | None, occasion: Occasion = ANY) -> Verdict:
    """The verdict on one push. `identity` is the repository that the workflow is in, None when nothing says which."""
    logins = push.logins
    if not logins:
        return _without_login(push)
    verdicts = [_with(login, push, identity, occasion) for login in logins]
    first = verdicts[-1]
    if any(verdict.outcome is not first.outcome for verdict in verdicts):
        trail = tuple(ground for verdict in verdicts for ground in verdict.trail)
        return Verdict(Outcome.DEPENDS, Cause.CREDENTIAL, "it depends on which of the logins takes place", trail)
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


def _with(login: Login, push: Push, identity: Identity | None, occasion: Occasion) -> Verdict:
    credential = login.credential
    if credential.kind is CredentialKind.GITHUB_TOKEN:
        return _with_own_token(login, push, identity, occasion)
    ground = (Ground(f"logs in with {credential.shown}", login.place),)
    if not occasion.secrets and credential.secret:
        reason = "a pull request from a fork gets no secrets, so the login fails"
        return Verdict(Outcome.DENIED, Cause.EVENT, reason, ground)
    outcome, reason = _other(credential)
    return Verdict(outcome, Cause.CREDENTIAL, reason, ground)


def _other(credential: Credential) -> tuple[Outcome, str]:
    """The verdict on what is not GITHUB_TOKEN."""
    kind = credential.kind
    if kind is CredentialKind.FINE_GRAINED:
        literal = credential.text is not None and HOLE not in credential.text.text
        outcome = Outcome.DENIED if literal else Outcome.DEPENDS
        return outcome, "fine-grained tokens have no permission for packages"
    if kind is CredentialKind.APP_TOKEN:
        return Outcome.DEPENDS, "the registry does not reliably take tokens of GitHub Apps"
    if kind in (CredentialKind.SECRET, CredentialKind.PASSED, CredentialKind.LITERAL):
        return Outcome.DEPENDS, "it needs a personal access token (classic) with write:packages"
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
    owner = push.owner
    ours = is_ours(owner, identity) if owner is not None else None
    if owner is not None and owner.text != HOLE:
        trail.append(Ground(f"the package belongs to {owner.shown}", owner.origin))
    if ours is False and owner is not None:
        reason = f"GITHUB_TOKEN may not push to packages of {owner.shown}"
        return Verdict(Outcome.DENIED, Cause.OWNER, reason, tuple(trail))
    if level is None:
        reason = "no `permissions` are given, and the settings of the repository decide"
        return Verdict(Outcome.DEPENDS, Cause.DEFAULT, reason, tuple(trail))
    if ours is None:
        return Verdict(Outcome.DEPENDS, Cause.OWNER, "whether the package has this owner is not known", tuple(trail))
    return Verdict(Outcome.ALLOWED, Cause.NOTHING, "GITHUB_TOKEN has `packages: write`", tuple(trail))


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
