"""JUnit's XML, for CI systems that show tests: a suite for each file, a case for each finding.

What reads it is written down at https://github.com/testmoapp/junitxml.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from imglint.finding import Finding
from imglint.record import NamedTuple
from imglint.report.markup import xml, xml_lines
from imglint.report.place import where
from imglint.report.result import InputProblem, Result, Style


class _Case(NamedTuple):
    """A case: its name, attributes after it, and what it holds. `outcome` is `failure`, `error` or empty."""

    name: str
    place: str
    outcome: str
    content: str


def render(result: Result, style: Style) -> Iterator[str]:
    """The document. A finding that does not fail the run is a case that passes, with its text as output."""
    suites: dict[str, list[_Case]] = {}
    for finding in result.findings:
        path = style.checkout.path(finding.source.path) if finding.source.numbered else finding.source.path
        suites.setdefault(path, []).append(_finding(finding, path, result))
    for problem in result.errors:
        path = style.checkout.path(problem.path)
        suites.setdefault(path, []).append(_problem(problem, path))
    if not suites:  # Without any case, CI systems complain that there were no tests.
        count = f"{result.files} {result.noun}{'' if result.files == 1 else 's'} judged"
        suites["imglint"] = [_Case(count, "", "", "")]
    counts = _counts([case for cases in suites.values() for case in cases])
    yield f'<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="imglint"{counts}>\n'
    for path, cases in suites.items():
        yield f'  <testsuite name="{xml(path)}"{_counts(cases)}>\n'
        yield from _written(path, cases)
        yield "  </testsuite>\n"
    yield "</testsuites>\n"


def _written(path: str, cases: list[_Case]) -> Iterator[str]:
    seen: Counter[str] = Counter()
    for case in cases:
        seen[case.name] += 1
        # CI systems follow a case through the runs by its name, so it has no line number.
        name = case.name if seen[case.name] == 1 else f"{case.name} ({seen[case.name]})"
        head = f'    <testcase name="{xml(name)}" classname="{xml(path)}"{case.place} time="0"'
        yield f"{head}>\n{case.content}    </testcase>\n" if case.content else f"{head}/>\n"


def _finding(finding: Finding, path: str, result: Result) -> _Case:
    place = ""
    if finding.source.numbered:
        line = finding.source.position(finding.span.start).line
        place = f' file="{xml(path)}" line="{line}"'
    notes = [f"{finding.severity.word}: {finding.message}", f"at: {where(finding)}"]
    notes += [f"why: {finding.why}"] if finding.why else []
    notes += [f"fix: {finding.help}"] if finding.help else []
    url = result.rules[finding.rule].url
    text = xml_lines("\n".join([*notes, url] if url else notes))
    name = f"{finding.rule}: {finding.message}"
    if not result.fails(finding):
        return _Case(name, place, "", f"      <system-out>{text}</system-out>\n")
    kind, message = xml(finding.rule), xml(finding.message)
    return _Case(name, place, "failure", f'      <failure type="{kind}" message="{message}">{text}</failure>\n')


def _problem(problem: InputProblem, path: str) -> _Case:
    reason = xml(problem.reason)
    content = f'      <error type="input" message="{reason}">{xml(path)}: {reason}</error>\n'
    return _Case("could not be judged", f' file="{xml(path)}"', "error", content)


def _counts(cases: list[_Case]) -> str:
    outcomes = Counter(case.outcome for case in cases)
    return f' tests="{len(cases)}" failures="{outcomes["failure"]}" errors="{outcomes["error"]}" time="0"'
