"""What a token holds, as GitHub says it, against what it is used for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from enum import Enum
from typing import Final

from imglint.finding import Severity
from imglint.model.scopes import Scopes
from imglint.record import NamedTuple

SOON: Final = 14
"""Days before a token ends within which that is told."""
_FORM: Final = "https://github.com/settings/tokens/new"


class TokenKind(Enum):
    """What a token is, by its first characters; its value is what people call it."""

    CLASSIC = "a personal access token (classic)"
    OAUTH = "a token of an OAuth app, such as gh"
    FINE_GRAINED = "a fine-grained personal access token"
    APP_USER = "a user's token of a GitHub App"
    INSTALLATION = "an installation token of a GitHub App, as GITHUB_TOKEN is one"


PREFIXES: Final = {
    "ghp_": TokenKind.CLASSIC,
    "gho_": TokenKind.OAUTH,
    "ghu_": TokenKind.APP_USER,
    "ghs_": TokenKind.INSTALLATION,
    "github_pat_": TokenKind.FINE_GRAINED,
}


class TokenFacts(NamedTuple):
    """What GitHub says of a token. `scopes` is None where it says nothing of scopes, `expires` where it has no end.

    `user` is empty where it is nobody's. `sso` is the address at which the token is to be authorised for an
    organisation, `unauthorized` tells that some organisations do not take it; `accepted` that GitHub knows it.
    """

    kind: TokenKind
    accepted: bool = True
    user: str = ""
    scopes: tuple[str, ...] | None = None
    expires: datetime | None = None
    sso: str = ""
    unauthorized: bool = False


class Problem(NamedTuple):
    """One thing wrong with a token, and what to do about it."""

    severity: Severity
    message: str
    help: str


def judge(
    facts: TokenFacts, jobs: Sequence[str], has_other_uses: bool, scopes: Scopes, now: datetime
) -> Iterator[Problem]:
    """What is wrong with a token that is to do these jobs: `pull`, `push`, `delete`."""
    needed = scopes.needed_for(jobs)
    new = f"{_FORM}?scopes={','.join(needed)}"
    if not facts.accepted:
        yield Problem(Severity.ERROR, "GitHub does not take this token: it was deleted, has ended, or is mistyped", new)
        return
    if facts.kind is TokenKind.FINE_GRAINED:
        message = "fine-grained tokens can have no permission for packages, so the registry denies it push and pull"
        yield Problem(Severity.ERROR, message, new)
    elif facts.kind in (TokenKind.APP_USER, TokenKind.INSTALLATION):
        message = "the registry does not reliably take tokens of GitHub Apps, other than GITHUB_TOKEN in its workflow"
        yield Problem(Severity.WARNING, message, new)
    elif facts.scopes is not None:
        yield from _scopes(facts.scopes, jobs, has_other_uses, scopes, new)
    yield from _access(facts, now)


def _scopes(
    held: tuple[str, ...], jobs: Sequence[str], has_other_uses: bool, scopes: Scopes, new: str
) -> Iterator[Problem]:
    for name in scopes.missing(held, jobs):
        yield Problem(Severity.ERROR, f"it lacks the scope `{name}`, so the registry will deny it", new)
    for scope in scopes.excess(held, jobs):
        message = f"it has the scope `{scope.name}`, and so {scope.may}"
        if has_other_uses:
            yield Problem(Severity.INFO, message, "make two tokens, if it is another use that needs it")
        else:
            yield Problem(scope.severity, f"{message}: nothing here needs that", new)


def _access(facts: TokenFacts, now: datetime) -> Iterator[Problem]:
    if facts.sso:
        yield Problem(Severity.ERROR, "an organisation asks for single sign-on before it takes this token", facts.sso)
    elif facts.unauthorized:
        message = "some organisations of its owner do not take it: it is not authorised for single sign-on there"
        yield Problem(Severity.INFO, message, "authorise it at https://github.com/settings/tokens if images go there")
    if facts.expires is not None:
        days = (facts.expires - now).days
        if days < SOON:
            yield Problem(Severity.WARNING, f"it ends in {days} days", "make the next one before that")
    elif facts.kind in (TokenKind.CLASSIC, TokenKind.FINE_GRAINED):
        message = "it never ends, so if it leaks it works until somebody notices"
        yield Problem(Severity.WARNING, message, "let the next one end, in 90 days for example")
