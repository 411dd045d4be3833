"""Writing the reports of a run, whatever its command is."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from itertools import chain
from typing import Final, NoReturn

from imglint.cli.run import CommandError, Run, style_for_terminal, write
from imglint.read.file import display
from imglint.record import NamedTuple
from imglint.report import renderer
from imglint.report.checkout import Checkout
from imglint.report.result import Result, Style
from imglint.syntax.secrets import without_tokens

AUTO: Final = "auto"
"""The format for who reads standard output: text, and under GitHub Actions annotations after it."""

_WITH_PAGES: Final = ("html", "markdown")
_WITH_SUPPRESSED: Final = "sarif"
_STATISTICS: Final = (AUTO, "text", "json")


class Wanted(NamedTuple):
    """A report that is wanted: its format, and the file that it goes to, empty for standard output."""

    format_name: str = AUTO
    path: str = ""


class Report(NamedTuple):
    """How to report: what to write, whether counts are wanted instead of findings, and what is silenced, too."""

    wanted: tuple[Wanted, ...] = (Wanted(),)
    statistics: bool = False
    suppressed: bool = False

    @property
    def shows_pages(self) -> bool:
        """Whether a format shows the pages of packages, or the layers of images, beside the findings."""
        return not self.statistics and any(each.format_name in _WITH_PAGES for each in self.wanted)


def wanted(formats: Sequence[Wanted], output: str | None, statistics: bool = False, suppressed: bool = False) -> Report:
    """What `--format`, `--output`, `--statistics` and `--show-suppressed` ask for together.

    Raises `CommandError` when two reports would go to one place, or no report shows what is asked for.
    """
    loose = [each.format_name for each in formats if not each.path]
    if len(loose) > 1:
        raise CommandError(
            f"--format: `{loose[0]}` and `{loose[1]}` would be mixed in one place; "
            f"give one of them a file: --format {loose[1]}=FILE"
        )
    if output and not loose:
        formats = (Wanted(), *formats)
    reports = tuple(each if each.path else each._replace(path=output or "") for each in formats) or (Wanted(),)
    paths = [os.path.abspath(each.path) for each in reports if each.path]
    for path in paths:
        if paths.count(path) > 1:
            raise CommandError(
                f"{display(os.path.relpath(path))}: is to be written twice; give each report its own file"
            )
    if statistics and any(each.format_name not in _STATISTICS for each in reports):
        raise CommandError("--statistics: is written as text or json only")
    if suppressed and not any(each.format_name == _WITH_SUPPRESSED for each in reports):
        raise CommandError(f"--show-suppressed: goes with --format {_WITH_SUPPRESSED}, which can mark them")
    return Report(reports, statistics, suppressed)


def tell(run: Run, result: Result, failed: bool, report: Report) -> NoReturn:
    """Write the reports, and end the process with the exit code that goes with them."""
    write_reports(result, report)
    run.finish(failed)


def write_reports(result: Result, report: Report, show: Callable[[Iterator[str]], None] = write) -> None:
    """Write the reports without their secrets, those that go to files first; `show` writes the one that goes to none.

    Raises `CommandError`.
    """
    silenced = result.suppressed if report.suppressed else ()
    if result.findings or silenced:
        from imglint.model.masking import masked

        count = len(result.findings)
        found = masked((*result.findings, *(each.finding for each in silenced)))
        told = tuple(
            each._replace(finding=new, reason=without_tokens(each.reason))
            for each, new in zip(silenced, found[count:], strict=True)
        )
        result = result._replace(findings=found[:count], suppressed=told or result.suppressed)
    for each in sorted(report.wanted, key=lambda each: not each.path):
        chunks = _chunks(result, each, report)
        if each.path:
            _write_file(each.path, chunks)
        else:
            show(chunks)


def write_to(path: str | None, chunks: Iterator[str]) -> None:
    """Write text to a file, or to standard output without one. Raises `CommandError`."""
    if path:
        _write_file(path, chunks)
    else:
        write(chunks)


def _chunks(result: Result, wanted: Wanted, report: Report) -> Iterator[str]:
    if report.statistics:
        from imglint.report.statistics import render_json, render_text

        return (render_json if wanted.format_name == "json" else render_text)(result)
    style = Style() if wanted.path else style_for_terminal()
    if wanted.format_name == AUTO:
        text = renderer("text")(result, style)
        if wanted.path or os.environ.get("GITHUB_ACTIONS") != "true":
            return text
        return chain(text, renderer("github")(result, Style(checkout=checkout())))
    if wanted.format_name in ("text", "concise", "json"):
        return renderer(wanted.format_name)(result, style)
    return renderer(wanted.format_name)(result, style._replace(checkout=checkout(), suppressed=report.suppressed))


def checkout() -> Checkout:
    """The repository as GitHub Actions or GitLab CI/CD checked it out; nothing elsewhere.

    https://docs.github.com/en/actions/reference/workflows-and-actions/variables and
    https://docs.gitlab.com/ci/variables/predefined_variables/
    """
    get = os.environ.get
    if get("GITHUB_ACTIONS") == "true":
        root = get("GITHUB_WORKSPACE", "")
        address = (get("GITHUB_SERVER_URL"), get("GITHUB_REPOSITORY"), "blob", get("GITHUB_SHA"))
    elif get("GITLAB_CI") == "true":
        root = get("CI_PROJECT_DIR", "")
        address = (get("CI_PROJECT_URL"), "-", "blob", get("CI_COMMIT_SHA"))
    else:
        return Checkout()
    if not root:
        return Checkout()
    return Checkout(_real(root), _real(os.curdir), "/".join(map(str, (*address, ""))) if all(address) else "")


def _real(path: str) -> str:
    return display(os.path.realpath(path)).rstrip("/")


def _write_file(path: str, chunks: Iterator[str]) -> None:
    """Write the report; a file that cannot be written ends the run, since nobody would see the findings."""
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(map(without_tokens, chunks))
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise CommandError(f"{display(path)}: cannot be written: {reason}") from None
