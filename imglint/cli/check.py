"""`imglint check`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from imglint.cli.judging import Report, check_and_report, show_files
from imglint.cli.run import Options
from imglint.report import FORMATS


def input_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The arguments that say what to look at, the same for every command that looks at files."""
    for option in (
        click.option("--build-arg", "build_arguments", metavar="NAME=VALUE", multiple=True,
                     help="A build argument, as given to the build. May be repeated."),
        click.option("--target", metavar="STAGE", help="The stage that is published, when it is not the last."),
        click.option("--stdin-filename", metavar="PATH", help="The name for what comes from standard input (`-`)."),
        click.option("--config", metavar="FILE", help="The configuration file, instead of the nearest upwards."),
        click.argument("paths", nargs=-1, type=click.Path()),
    ):  # fmt: skip
        command = option(command)
    return command


@click.command()
@click.option("--select", metavar="RULES", multiple=True, help="Only these rules, families or aliases (comma list).")
@click.option("--ignore", metavar="RULES", multiple=True, help="Not these rules, families or aliases (comma list).")
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), help="Exit with 1 from this severity on.")
@click.option("--format", "format_name", type=click.Choice(list(FORMATS)), help="How to report (default: text).")
@click.option("--output", "-o", metavar="FILE", help="Write the report to a file.")
@click.option("--statistics", is_flag=True, help="Count the findings by rule instead of showing them.")
@click.option(
    "--show-files", "only_files", is_flag=True, help="List the files that would be judged, and judge nothing."
)
@click.option("--fix", is_flag=True, help="Mend what can be mended for certain, and report what is left.")
@click.option("--unsafe-fixes", is_flag=True, help="With --fix or --diff: also what a person should look at.")
@click.option("--diff", is_flag=True, help="Print what would be changed as a patch, and change nothing.")
@click.option("--add-ignore", metavar="REASON", is_flag=False, flag_value="",
              help="Silence every finding by a comment; --add-ignore=REASON says why.")  # fmt: skip
@click.option("--baseline", metavar="FILE", help="Be silent about the findings that this file has.")
@click.option("--write-baseline", is_flag=True, help="With --baseline: write all findings to that file.")
@input_options
def check(
    format_name: str | None, output: str | None, statistics: bool, only_files: bool, fix: bool, unsafe_fixes: bool,
    diff: bool, add_ignore: str | None, baseline: str | None, write_baseline: bool, **options: Any,
) -> None:  # fmt: skip
    """Judge Dockerfiles for the page their image will have.

    PATHS are files, directories to search, or `-` for standard input; without any, the current directory.

    Exit codes: 0 nothing to say, 1 findings, 2 something could not be judged.
    """
    if only_files:
        show_files(Options(**options))
    report = Report(format_name, output, statistics)
    if fix or unsafe_fixes or diff or add_ignore is not None or baseline or write_baseline:
        from imglint.cli.fixing import Wishes, carry_out

        wishes = Wishes(fix, unsafe_fixes, diff, add_ignore, baseline, write_baseline)
        carry_out(Options(**options), report, wishes)
    check_and_report(Options(**options), report)
