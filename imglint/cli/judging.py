"""Judging inputs and reporting the result: what `imglint check` does, whoever read its arguments."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, NoReturn

from imglint.catalog import Catalog
from imglint.cli.outcome import Outcome, judged
from imglint.cli.reporting import Report, tell
from imglint.cli.run import STDIN, STDIN_NAME, Options, Run, tell_failures, write
from imglint.finding import Finding, Severity, Silenced
from imglint.read.file import display
from imglint.report.escape import visible
from imglint.report.result import Result, RuleInfo

if TYPE_CHECKING:
    from imglint.report.page.shared import Pages
    from imglint.workspace import Group


def show_files(options: Options) -> NoReturn:
    """List the files that would be judged, and end the process."""
    from imglint.cli.projects import ALL_KINDS

    run = Run(options, ALL_KINDS)
    for (path, _, _), _, _ in run.found():
        shown = options.stdin_filename or STDIN_NAME if path == STDIN else path
        write(iter([visible(display(shown)) + "\n"]))
    tell_failures(run.failures)
    run.finish(findings=False)


def check_and_report(options: Options, wanted: Report, jobs: int | None = None) -> NoReturn:
    """Judge all inputs, write the report, and end the process with the exit code that goes with it."""
    from imglint.cli.projects import ALL_KINDS

    run = Run(options, ALL_KINDS)
    result, failed = check(run, wanted.shows_pages, jobs)
    tell(run, result._replace(mendable=True), failed, wanted)


def check(run: Run, with_pages: bool = False, jobs: int | None = None) -> tuple[Result, bool]:
    """Judge all inputs of a run, in as many processes as pay off unless `jobs` says how many."""
    from imglint.cli.projects import each_project

    return gathered(run, each_project(run, lambda group: judged(run, group, with_pages), jobs))


def judge(run: Run, groups: Iterable[Group], with_pages: bool = False) -> tuple[Result, bool]:
    """Judge the projects of a run: the result, and whether a finding reaches its file's threshold."""
    return gathered(run, (judged(run, group, with_pages) for group in groups))


def gathered(run: Run, outcomes: Iterable[Outcome]) -> tuple[Result, bool]:
    """The result of a run from that of its projects, and whether it fails."""
    by_path: dict[str, tuple[Finding, ...]] = {}
    thresholds: dict[str, Severity] = {}
    suppressed: list[Silenced] = []
    pages: list[Pages] = []
    if run.baseline is not None:
        run.baseline.begin()
    for outcome in outcomes:
        for path, found in outcome.findings.items():
            by_path[path] = found
            if run.baseline is not None:
                by_path[path], known = run.baseline.parted(path, outcome.rules.get(path, ()), found)
                suppressed += known
        thresholds.update(outcome.thresholds)
        suppressed += outcome.suppressed
        pages += [outcome.pages] if outcome.pages else []
        for problem in outcome.failures:
            run.fail(*problem)
    findings = [finding for path in sorted(by_path) for finding in by_path[path]]
    result = result_of(run, findings, len(by_path), tuple(suppressed))._replace(
        thresholds=thresholds, pages=tuple(pages)
    )
    return result, any(map(result.fails, findings))


def result_of(
    run: Run, findings: Iterable[Finding], files: int, suppressed: tuple[Silenced, ...] = (), noun: str = "file"
) -> Result:
    """The outcome of a run, with what the catalogue says of the rules that fired."""
    found = tuple(findings)
    names = {finding.rule for finding in found} | {each.finding.rule for each in suppressed}
    rules = {name: _info(run.catalog, name) for name in names}
    return Result(found, tuple(run.failures), files, suppressed, rules, noun)


def _info(catalog: Catalog, name: str) -> RuleInfo:
    rule = catalog.rule(name)
    tags = (rule.family, *(f"{tool}:{alias}" for tool, aliases in rule.aliases.items() for alias in aliases))
    return RuleInfo(
        rule.name, rule.family, rule.severity, rule.summary, rule.why, rule.page, rule.url, rule.references, tags,
        rule.security,
    )  # fmt: skip
