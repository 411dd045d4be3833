"""`imglint check`."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from imglint.cli.completion import complete_rules
from imglint.cli.judging import check_and_report, show_files
from imglint.cli.reporting import Wanted, wanted
from imglint.cli.reportoptions import report_options
from imglint.cli.run import Options


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
@click.option("--select", metavar="RULES", multiple=True, shell_complete=complete_rules,
              help="Only these rules, families or aliases (comma list).")  # fmt: skip
@click.option("--ignore", metavar="RULES", multiple=True, shell_complete=complete_rules,
              help="Not these rules, families or aliases (comma list).")  # fmt: skip
@click.option("--fail-on", type=click.Choice(["error", "warning", "info"]), help="Exit with 1 from this severity on.")
@report_options
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
@click.option("--show-suppressed", is_flag=True,
              help="With --format sarif: list what is silenced, too, marked as such.")  # fmt: skip
@click.option("--jobs", "-j", type=click.IntRange(min=1), metavar="N",
              help="Judge in so many processes. (default: one for each processor, where that pays)")  # fmt: skip
@click.option("--watch", "watching", is_flag=True, help="Judge again whenever a file changes, until interrupted.")
@input_options
def check(
    formats: tuple[Wanted, ...], output: str | None, statistics: bool, only_files: bool, fix: bool, unsafe_fixes: bool,
    diff: bool, add_ignore: str | None, baseline: str | None, write_baseline: bool, show_suppressed: bool,
    jobs: int | None, watching: bool, **options: Any,
) -> None:  # fmt: skip
    """Judge what is published: Dockerfiles, the builds that read them, and the workflows that push.

    PATHS are files, directories to search, or `-` for standard input; without any, the current directory.

    Exit codes: 0 nothing to say, 1 findings, 2 something could not be judged.
    """
    if only_files:
        show_files(Options(**options))
    report = wanted(formats, output, statistics, show_suppressed)
    if fix or unsafe_fixes or diff or add_ignore is not None or baseline or write_baseline:
        from imglint.cli.fixing import Wishes, carry_out

        wishes = Wishes(fix, unsafe_fixes, diff, add_ignore, baseline, write_baseline, watching)
        carry_out(Options(**options), report, wishes, jobs)
    if watching:
        from imglint.cli.watch import watch

        watch(Options(**options), report, jobs)
    check_and_report(Options(**options), report, jobs)
