"""The options that say how to report, the same for every command that judges."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem

from imglint.cli.reporting import AUTO, Wanted
from imglint.report import FORMATS


def _wanted(ctx: click.Context, param: click.Parameter, values: Sequence[str]) -> tuple[Wanted, ...]:
    return tuple(map(_parsed, values))


def _parsed(value: str) -> Wanted:
    """`FORMAT`, or `FORMAT=FILE` for a report that goes to a file."""
    name, equals, path = value.partition("=")
    if name not in (AUTO, *FORMATS):
        from imglint.syntax.nearest import nearest

        known = nearest(name, FORMATS, cutoff=0.5)
        hint = f"did you mean `{known}`?" if known else f"there is {', '.join(FORMATS)}"
        raise click.BadParameter(f"there is no format `{name}`; {hint}")
    if equals and not path:
        raise click.BadParameter(f"`{value}` names no file")
    return Wanted(name, "" if path == "-" else path)


def _complete(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
    name, equals, path = incomplete.partition("=")
    if equals:
        return [CompletionItem(path, type="file")]
    return [CompletionItem(each) for each in (AUTO, *FORMATS) if each.startswith(name)]


def report_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say how to report."""
    for option in (
        click.option("--statistics", is_flag=True, help="Count the findings by rule instead of showing them."),
        click.option("--output", "-o", metavar="FILE", help="Write the report to a file."),
        click.option("--format", "formats", metavar="FORMAT[=FILE]", multiple=True, callback=_wanted,
                     shell_complete=_complete,
                     help=f"How to report: {', '.join((AUTO, *FORMATS))}. With =FILE the report goes to a file; may be "
                     "repeated for several reports. (default: auto, which is text, and under GitHub Actions "
                     "annotations, too)"),
    ):  # fmt: skip
        command = option(command)
    return command
