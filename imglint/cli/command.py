"""`imglint command`."""

from __future__ import annotations

import shlex
import sys

import click

from imglint.cli.judging import judge
from imglint.cli.projects import command_group
from imglint.cli.reporting import Wanted, tell, wanted
from imglint.cli.reportoptions import report_options
from imglint.cli.run import CommandError, Options, Run
from imglint.read.tree import InputError, read_stdin
from imglint.source import Source

NAME = "<command>"
"""What messages call a command that stands in no file."""


@click.command(context_settings={"ignore_unknown_options": True})
@report_options
@click.option("--config", type=click.Path(), default=None, metavar="FILE", help="Use this configuration file.")
@click.argument("words", nargs=-1, required=True, type=click.UNPROCESSED)
def command(
    formats: tuple[Wanted, ...], output: str | None, statistics: bool, config: str | None, words: tuple[str, ...]
) -> None:
    """Judge a build command as it would be run here, without running it.

    WORDS are the command after `--`, such as `imglint command -- docker build -t ghcr.io/acme/widget .`; or `-` for
    commands or a whole script on standard input. The Dockerfile that the command reads is judged with it, as what the
    command would publish.
    """
    how = wanted(formats, output, statistics)
    run = Run(Options((), config))
    source = _source(words)
    group = command_group(run, source)
    if not any(scene.events for scene in group.project.given):
        raise CommandError(f"{_shown(words)}: nothing here builds, tags or pushes an image")
    tell(run, *judge(run, [group], how.shows_pages), how)


def _source(words: tuple[str, ...]) -> Source:
    if words != ("-",):
        return Source(NAME, shlex.join(words) + "\n")
    if sys.stdin is not None and sys.stdin.isatty():
        raise CommandError("standard input is a terminal: pipe a command into it")
    found = read_stdin(NAME)
    if isinstance(found, InputError):
        raise CommandError(f"{found.path}: {found.reason}")
    return found


def _shown(words: tuple[str, ...]) -> str:
    return NAME if words == ("-",) else shlex.join(words)[:80]
