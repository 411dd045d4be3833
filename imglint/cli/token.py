"""`imglint token`."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import click

from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import EXIT_FAILURE, CommandError, Options, Run, tell, write
from imglint.finding import Severity
from imglint.model.tokenuse import TokenUse, token_uses
from imglint.model.tokenverdict import Problem, TokenFacts, judge
from imglint.read.github import API_URL, GitHubError, ask
from imglint.read.rules import token_scopes
from imglint.record import NamedTuple
from imglint.report.escape import dump, visible
from imglint.syntax.secrets import fingerprint
from imglint.syntax.text import Place

JOBS = ("push", "pull", "delete")
MAX_SHOWN = 10
"""Places that are listed."""


class _Needs(NamedTuple):
    """What a token is for: the jobs, where they are done, and whether it has other uses; `why` says so in words."""

    jobs: tuple[str, ...]
    why: str
    places: tuple[Place, ...] = ()
    has_other_uses: bool = False


@click.command()
@click.option("--env", "variable", metavar="NAME", required=True, help="The variable that holds the token.")
@click.option("--secret", metavar="NAME", help="The secret that holds it in workflows; as the variable unless given.")
@click.option("--for", "jobs", type=click.Choice(JOBS), multiple=True,
              help="What it is for; unless given, what the workflows here do with it.")  # fmt: skip
@click.option("--api-url", metavar="URL", default=API_URL, show_default=True,
              help="GitHub's interface; https://HOST/api/v3 of an Enterprise server.")  # fmt: skip
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.argument("path", default=".", type=click.Path())
def token(variable: str, secret: str | None, jobs: tuple[str, ...], api_url: str, format_name: str, path: str) -> None:
    """Ask GitHub what the token in a variable may do, and judge it by what the workflows in PATH do with it.

    The token is sent to GitHub, once, and shown nowhere. Nothing but this command sends one.

    Exit codes: 0 nothing to say but hints, 1 something is wrong with the token, 2 it cannot be judged.
    """
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,99}", variable) or variable.startswith(("gh", "github_pat_")):
        raise CommandError("--env takes the name of the variable that holds the token, not the token itself")
    value = os.environ.get(variable, "").strip()
    if not value:
        raise CommandError(f"{variable}: there is no such variable, or it is empty")
    needs = _Needs(jobs, "as --for says") if jobs else _needs(path, secret or variable)
    try:
        facts = ask(value, api_url)
    except GitHubError as error:
        tell(f"{variable}: {error}")
        raise SystemExit(EXIT_FAILURE) from None
    problems = tuple(judge(facts, needs.jobs, needs.has_other_uses, token_scopes(), datetime.now(UTC)))
    if format_name == "json":
        write(iter([dump(_document(variable, fingerprint(value), facts, needs, problems))]))
    else:
        write(_lines(variable, fingerprint(value), facts, needs, problems))
    raise SystemExit(int(any(problem.severity >= Severity.WARNING for problem in problems)))


def _needs(path: str, secret: str) -> _Needs:
    """What the workflows below a path do with a secret, or, where none uses it, with any."""
    run = Run(Options((path,)), ALL_KINDS)
    found: list[TokenUse] = []
    for group in projects(run):
        hosts = run.profile(group.inputs[0].settings).hosts
        found += token_uses(group.project.understand(), hosts)
    if not found and run.failures:
        raise CommandError(": ".join(run.failures[0]))
    mine = [use for use in found if use.secret.upper() == secret.upper()]
    uses = mine or found
    jobs = tuple(job for job in JOBS if any(job in use.jobs for use in uses))
    if not jobs:
        return _Needs(("push",), f"no workflow here is seen to use `{secret}`: judged as a token that pushes")
    why = "" if mine else f"no workflow here is seen to use `{secret}`: judged by what they do with other secrets"
    places = [place for use in uses for place in (*(each.login.place for each in use.logins), *use.deletes)]
    return _Needs(jobs, why, tuple(dict.fromkeys(places)), any(use.others for use in mine))


def _lines(
    variable: str, print_: str, facts: TokenFacts, needs: _Needs, problems: tuple[Problem, ...]
) -> Iterator[str]:
    owner = f" of {facts.user}" if facts.user else ""
    rows = {
        "scopes": "not told" if facts.scopes is None else ", ".join(facts.scopes) or "none",
        "ends": f"{facts.expires:%Y-%m-%d}" if facts.expires else "never, or not told",
        "used to": f"{', '.join(needs.jobs)}{f' ({needs.why})' if needs.why else ''}",
    }
    yield visible(f"{variable} holds {facts.kind.value}{owner} ({print_})") + "\n"
    for name, text in rows.items() if facts.accepted else ():
        yield f"  {name:<8}  {visible(text)}\n"
    for place in needs.places[:MAX_SHOWN]:
        yield f"  {'':<8}  {visible(_shown(place))}\n"
    for problem in problems:
        yield f"\n{problem.severity.word}: {visible(problem.message)}\n  fix: {visible(problem.help)}\n"
    if not problems:
        yield "\nIt has what it needs, and nothing else.\n"


def _document(
    variable: str, print_: str, facts: TokenFacts, needs: _Needs, problems: tuple[Problem, ...]
) -> dict[str, Any]:
    return {
        "version": 1,
        "variable": variable,
        "fingerprint": print_,
        "kind": facts.kind.name.lower().replace("_", "-"),
        "accepted": facts.accepted,
        "user": facts.user or None,
        "scopes": None if facts.scopes is None else list(facts.scopes),
        "expires": facts.expires.isoformat() if facts.expires else None,
        "jobs": list(needs.jobs),
        "places": [_shown(place) for place in needs.places],
        "problems": [
            {"severity": each.severity.word, "message": each.message, "help": each.help} for each in problems
        ],
    }  # fmt: skip


def _shown(place: Place) -> str:
    line, column = place.source.position(place.span.start)
    return f"{place.source.path}:{line}:{column}"
