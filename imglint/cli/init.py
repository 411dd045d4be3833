"""`imglint init`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from typing import Final

import click

from imglint.cli.fixing import print_patch
from imglint.cli.mender import Mender
from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import CommandError, Options, Run, tell_failures, write
from imglint.finding import Finding
from imglint.model.about import NOTHING, About, Fact
from imglint.model.kind import Kind
from imglint.model.publication import Publication
from imglint.model.repository import DEFAULT_HOST, Identity
from imglint.read.configfile import NAMES
from imglint.read.file import display
from imglint.record import NamedTuple
from imglint.report.escape import visible
from imglint.syntax.text import HOLE
from imglint.write import create

NAME: Final = NAMES[0]
DOCUMENTATION: Final = "https://github.com/imglint/imglint/blob/main/docs/configuration.md"
MAX_SHOWN: Final = 8
"""Files and names that are listed by name."""


class Seen(NamedTuple):
    """What a directory has to say."""

    identity: Identity | None = None
    about: About = NOTHING
    dockerfiles: tuple[str, ...] = ()
    published: tuple[str, ...] = ()
    stages: tuple[str, ...] = ()


@click.command()
@click.option("--yes", is_flag=True, help="Replace a configuration that is there without asking.")
@click.argument("directory", default=".", type=click.Path())
def init(directory: str, yes: bool) -> None:
    """Look at a repository, write a short imglint.toml, and show the labels that are missing as a patch.

    Nothing but imglint.toml is written: `imglint check --fix --unsafe-fixes` applies what the patch shows.
    """
    if not os.path.isdir(directory):
        raise CommandError(f"{display(directory)} is no directory")
    run = Run(Options((directory,)), ALL_KINDS)
    seen = _look(run)
    write(f"{line}\n" for line in _shown(seen))
    _write_configuration(directory, configuration(seen), yes)
    _offer_labels(Run(Options((directory,)), ALL_KINDS))
    tell_failures(run.failures)
    run.finish(findings=False)


def _look(run: Run) -> Seen:
    seen = Seen()
    for group in projects(run):
        first = group.inputs[0]
        understanding = group.project.understand()
        evaluations = understanding.evaluations.values()
        seen = Seen(
            seen.identity or run.identity_finder(first)(),
            seen.about.over(run.workspace.about_finder(first.directory)()),
            (*seen.dockerfiles, *(item.source.path for item in group.inputs if item.kind is Kind.DOCKERFILE)),
            (*seen.published, *_published(understanding.publications)),
            (*seen.stages, *(stage.name for each in evaluations for stage in each.stages.stages[:-1] if stage.name)),
        )
    return seen


def _published(publications: Iterable[Publication]) -> dict[str, None]:
    """The names that images go to, without their tags, and what sends them there; each once."""
    found: dict[str, None] = {}
    for each in publications:
        if each.build is not None:
            for reference in each.references():
                found[f"{reference.name.text.replace(HOLE, '…')} ({each.build.place.source.path})"] = None
    return found


def _shown(seen: Seen) -> Iterable[str]:
    identity = seen.identity
    names = " or ".join(f"{each.owner}/{each.name}" for each in identity.candidates) if identity else ""
    rows = (
        ("repository", f"{names} ({identity.origin})" if identity else "not known: there is no git remote"),
        ("licence", _fact(seen.about.licenses)),
        ("description", _fact(seen.about.description)),
        ("Dockerfiles", _listed(seen.dockerfiles) or "none"),
        ("published", _listed(seen.published) or "nothing here is seen to push an image"),
    )
    return (f"{name:<12} {visible(text)}" for name, text in rows)


def _fact(fact: Fact) -> str:
    return f"{fact.value} ({fact.where})" if fact.value else "not known"


def _listed(names: Sequence[str]) -> str:
    more = f", and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
    return ", ".join(names[:MAX_SHOWN]) + more


def configuration(seen: Seen) -> str:
    """The text of a configuration for what was seen: values that are known, the others as comments."""
    identity = seen.identity
    slug, origin = "owner/name", "without it, GITHUB_REPOSITORY and the git remotes say"
    if identity:
        first = identity.candidates[0]
        slug = f"{first.owner}/{first.name}" if first.host == DEFAULT_HOST else first.url
        origin = f"{identity.origin} says so, and may say otherwise in a fork"
    certain = identity is not None and len(identity.candidates) == 1
    target = seen.stages[0] if seen.stages else "runtime"
    return (
        f"# All keys: {DOCUMENTATION}\n\n"
        f"# Which repository this is; {_one_line(origin)}.\n"
        f'{"" if certain else "# "}repository = "{slug}"\n\n'
        "# What fails a run: error, warning or info.\n"
        'fail-on = "warning"\n\n'
        "# The stage that is published, when it is not the last one.\n"
        f'# target = "{_one_line(target)}"\n\n'
        "# Files that are no images of yours, in the way of .gitignore.\n"
        '# exclude = ["vendor/"]\n'
    )


def _one_line(text: str) -> str:
    """Words from outside for a comment of TOML."""
    return "".join(char if char.isprintable() and char not in '"\\' else " " for char in text)


def _write_configuration(directory: str, text: str, yes: bool) -> None:
    """Write the file; one that is there is replaced only when somebody says so. Raises `CommandError`."""
    path = os.path.join(directory, NAME)
    shown = display(os.path.normpath(path))
    if os.path.lexists(path) and not yes:
        if sys.stdin is None or not sys.stdin.isatty():
            raise CommandError(f"{shown} is there already: --yes replaces it")
        if not click.confirm(f"\n{visible(shown)} is there already. Replace it?"):
            write(iter(["Left as it is.\n"]))
            return
    reason = create(path, text.encode())
    if reason:
        raise CommandError(f"{shown} {reason}")
    write(iter([f"\nWrote {visible(shown)}.\n"]))


def _offer_labels(run: Run) -> None:
    """Show what would add the labels that are missing."""

    def missing(findings: Sequence[Finding]) -> Sequence[Finding]:
        return [each for each in findings if each.group == "missing-labels"]

    mender = Mender(run, unsafe=True, fixes=missing)
    mender.mend()
    if mender.texts:
        write(iter(["\nThe labels that are missing (`imglint check --fix --unsafe-fixes` adds them):\n\n"]))
        print_patch(run, mender.texts)
    elif missing(mender.result.findings):
        write(iter(["\nLabels are missing, and nothing here tells their values: `imglint check` shows which.\n"]))
