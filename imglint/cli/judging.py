"""Judging inputs and reporting the result: what `imglint check` does, whoever read its arguments."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple, NoReturn

from imglint.catalog import Catalog
from imglint.cli.run import STDIN, STDIN_NAME, CommandError, Options, Run, style_for_terminal, tell_failures, write
from imglint.finding import Finding, Severity
from imglint.read.file import display
from imglint.report import renderer
from imglint.report.escape import visible
from imglint.report.result import Result, RuleInfo, Style

if TYPE_CHECKING:
    from imglint.workspace import Group


class Report(NamedTuple):
    """How to report: the format (None: what suits the place), a file to write to, counts instead of findings."""

    format_name: str | None = None
    output: str | None = None
    statistics: bool = False

    def check(self) -> None:
        """Raise `CommandError` for counts in a format that has none."""
        if self.statistics and self.format_name not in (None, "text", "json"):
            raise CommandError("--statistics: is written as text or json only")


def show_files(options: Options) -> NoReturn:
    """List the files that would be judged, and end the process."""
    from imglint.cli.projects import ALL_KINDS

    run = Run(options, ALL_KINDS)
    for (path, _, _), _, _ in run.found():
        shown = options.stdin_filename or STDIN_NAME if path == STDIN else path
        write(iter([visible(display(shown)) + "\n"]))
    tell_failures(run.failures)
    run.finish(findings=False)


def check_and_report(options: Options, wanted: Report) -> NoReturn:
    """Judge all inputs, write the report, and end the process with the exit code that goes with it."""
    from imglint.cli.projects import ALL_KINDS, projects

    wanted.check()
    run = Run(options, ALL_KINDS)
    report(run, projects(run), wanted)


def report(run: Run, groups: Iterable[Group], wanted: Report) -> NoReturn:
    """Judge projects, write the report, and end the process."""
    tell(run, *judge(run, groups), wanted)


def tell(run: Run, result: Result, failed: bool, wanted: Report) -> NoReturn:
    """Write the report, and end the process with the exit code that goes with it."""
    write_to(wanted.output, render_chunks(result, wanted))
    run.finish(failed)


def write_to(path: str | None, chunks: Iterator[str]) -> None:
    """Write text to a file, or to standard output without one. Raises `CommandError`."""
    if path:
        _write_file(path, chunks)
    else:
        write(chunks)


def render_chunks(result: Result, report: Report, plain: bool = False) -> Iterator[str]:
    """The report in pieces; with `plain`, as it is written to a file."""
    if report.statistics:
        from imglint.report.statistics import render_json, render_text

        return (render_json if report.format_name == "json" else render_text)(result)
    if report.format_name is None and os.environ.get("GITHUB_ACTIONS") == "true" and not (report.output or plain):
        return chain(renderer("text")(result, style_for_terminal()), renderer("github")(result, Style()))
    style = Style() if report.output or plain else style_for_terminal()
    return renderer(report.format_name or "text")(result, style)


def judge(run: Run, groups: Iterable[Group]) -> tuple[Result, bool]:
    """Judge the projects of a run: the result, and whether a finding reaches its file's threshold."""
    findings: list[Finding] = []
    files = suppressed = 0
    failed = False
    order: dict[str, list[Finding]] = {}
    if run.baseline is not None:
        run.baseline.begin()
    for group in groups:
        requests = {item.source.path: run.workspace.request(item) for item in group.inputs}
        judgements = run.engine.judge(group.project, requests)
        for path, judgement in judgements.items():
            if judgement.failure:
                run.fail(path, judgement.failure)
                continue
            files += 1
            heard = judgement.findings
            if run.baseline is not None:
                heard = run.baseline.heard(path, run.engine.chosen(requests[path].settings), heard)
            order[path] = list(heard)
            suppressed += judgement.suppressed + len(judgement.findings) - len(heard)
            threshold = Severity.parse(requests[path].settings.fail_on)
            failed = failed or any(finding.severity >= threshold for finding in heard)
    for path in sorted(order) if len(order) > 1 else order:
        findings.extend(order[path])
    return result_of(run, findings, files, suppressed), failed


def result_of(run: Run, findings: Iterable[Finding], files: int, suppressed: int = 0, noun: str = "file") -> Result:
    """The outcome of a run, with what the catalogue says of the rules that fired."""
    found = tuple(findings)
    rules = {name: _info(run.catalog, name) for name in {finding.rule for finding in found}}
    return Result(found, tuple(run.failures), files, suppressed, rules, noun)


def _info(catalog: Catalog, name: str) -> RuleInfo:
    rule = catalog.rule(name)
    tags = (rule.family, *(f"{tool}:{alias}" for tool, aliases in rule.aliases.items() for alias in aliases))
    return RuleInfo(
        rule.name, rule.family, rule.severity, rule.summary, rule.why, rule.page, rule.url, rule.references, tags
    )


def _write_file(path: str, chunks: Iterator[str]) -> None:
    """Write the report; a file that cannot be written ends the run, since nobody would see the findings."""
    try:
        with open(path, "w", encoding="utf-8", newline="\n") as file:
            file.writelines(chunks)
    except OSError as error:
        reason = (error.strerror or "unknown error").lower()
        raise CommandError(f"{display(path)}: cannot be written: {reason}") from None
