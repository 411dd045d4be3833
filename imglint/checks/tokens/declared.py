"""Tokens of which the configuration says what they hold."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.checks.tokens.credentials import place_of
from imglint.checks.tokens.wording import beside, form, listed
from imglint.finding import Finding
from imglint.model.loginuse import LoginUse
from imglint.model.tokenuse import TokenUse, token_uses
from imglint.model.understanding import Understanding
from imglint.syntax.text import Place


def broad_declared_token(project: Understanding, context: Context) -> Iterator[Finding]:
    """A token has scopes that none of the workflows which use it needs."""
    for use, scopes in _declared(project, context):
        jobs = use.jobs if "delete" in use.jobs else (*use.jobs, "push")
        excess = context.scopes.excess(scopes, jobs)
        if not excess or use.others:
            continue
        worst = excess[0]
        needed = context.scopes.needed_for(jobs)
        for place in _places(use):
            yield context.finding(
                place.span,
                f"`{use.secret}` has the scope `{worst.name}`{beside(excess[1:])}: such a token {worst.may}, and what "
                f"it is used for needs only {listed(needed)}",
                label="more than is needed",
                help=f"make a token with {listed(needed)} alone, and change what the configuration says of it\n"
                f"{form(needed)}",
                source=place.source,
                severity=worst.severity,
            )


def insufficient_declared_token(project: Understanding, context: Context) -> Iterator[Finding]:
    """A token lacks a scope that a workflow needs of it."""
    for use, scopes in _declared(project, context):
        for job, places in (("push", list(map(_place, use.pushes))), ("delete", list(use.deletes))):
            missing = context.scopes.missing(scopes, (job,))
            for place in dict.fromkeys(places) if missing else ():
                yield context.finding(
                    place.span,
                    f"`{use.secret}` lacks the scope {listed(missing)}, so to {job} with it will be denied",
                    label="not enough",
                    help=f"make a token that has it\n{form(context.scopes.needed_for({*use.jobs, job}))}",
                    source=place.source,
                )


def _declared(project: Understanding, context: Context) -> Iterator[tuple[TokenUse, tuple[str, ...]]]:
    declared = {name.upper(): token.scopes for name, token in context.settings.tokens.items()}
    for use in token_uses(project, context.profile.hosts) if declared else ():
        if use.secret.upper() in declared:
            yield use, declared[use.secret.upper()]


def _places(use: TokenUse) -> list[Place]:
    return list(dict.fromkeys([*map(_place, use.logins), *use.deletes]))


def _place(use: LoginUse) -> Place:
    return place_of(use.login.credential, use.login)
