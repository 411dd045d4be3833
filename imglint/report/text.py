"""The report for people: what is wrong, where in the code, why it matters and what to write instead."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from imglint.finding import Finding, Severity
from imglint.report.escape import visible
from imglint.report.ink import COLOURS, PLAIN, Ink
from imglint.report.result import Result, Style
from imglint.source import Source


def render(result: Result, style: Style) -> Iterator[str]:
    """A frame for each matter, then the inputs that could not be judged, then the sum of it all."""
    ink = COLOURS if style.color else PLAIN
    if result.findings:
        yield from _findings(result, style, ink)
    error = f"{ink.severity[Severity.ERROR]}{Severity.ERROR.word}{ink.off}"
    for problem in result.errors:
        yield f"{error}: {visible(problem.path)}: {visible(problem.reason)}\n"
    if result.errors:
        yield "\n"
    yield _summary(result, ink) + "\n"
    for each in result.unseen:
        facts = visible(", ".join(each.facts))
        yield f"{ink.dim}Not judged of {visible(each.path)}, {each.form}: {facts}.{ink.off}\n"


def _findings(result: Result, style: Style, ink: Ink) -> Iterator[str]:
    """A frame for each matter. What draws frames is loaded only when there is one to draw."""
    from imglint.report.matter import Page

    words = {severity: f"{ink.severity[severity]}{severity.word}{ink.off}" for severity in Severity}
    rules = {name: _rule(name, info.url, style) for name, info in result.rules.items()}
    page = Page(style, ink, words, rules)
    for matter in _matters(result.findings):
        worst_first = sorted(matter, key=lambda finding: -finding.severity)
        yield "\n".join(page.matter(worst_first)) + "\n\n"


def _matters(findings: Iterable[Finding]) -> Iterator[list[Finding]]:
    """The findings, those that belong in one frame together: same place, same non-empty group."""
    place: tuple[Source, int, int] | None = None
    groups: dict[tuple[str, int], list[Finding]] = {}
    for finding in findings:
        here = (finding.source, *finding.span)
        if here != place:
            yield from groups.values()
            place, groups = here, {}
        key = (finding.group, 0) if finding.group else ("", len(groups))
        groups.setdefault(key, []).append(finding)
    yield from groups.values()


def _rule(name: str, url: str, style: Style) -> str:
    """The rule's name, linked to its page where the terminal can."""
    # The address goes into a control sequence (OSC 8), and people can write rules of their own.
    if not (style.color and style.links and url and url.isascii() and url.isprintable()):
        return visible(name)
    return f"\x1b]8;;{url}\x1b\\{visible(name)}\x1b]8;;\x1b\\"


def _summary(result: Result, ink: Ink) -> str:
    """One sentence on the whole run."""
    words = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}
    counts = {severity: result.count(severity) for severity in words}
    if result.findings:
        found = _listed([_counted(count, words[severity]) for severity, count in counts.items() if count])
        worst = ink.severity[max(finding.severity for finding in result.findings)]
        text = f"{worst}Found {found}{ink.off} in {_files(result)}"
    elif result.files:
        text = f"{ink.good}No problems{ink.off} in {_counted(result.files, result.noun)}"
    else:
        text = f"No {result.noun}s were judged"
    if result.suppressed:
        text += f" ({result.suppressed} suppressed)"
    if result.errors:
        text += f"; {_counted(len(result.errors), 'input')} could not be judged"
    return text + "."


def _files(result: Result) -> str:
    """How many of the files have findings."""
    touched = len({finding.source.path for finding in result.findings})
    noun = result.noun
    return f"{touched} of {result.files} {noun}s" if touched < result.files else _counted(touched, noun)


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
