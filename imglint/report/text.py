"""The report for people: what is wrong, where in the code, why it matters and what to write instead."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.finding import Severity
from imglint.report.escape import visible
from imglint.report.ink import COLOURS, PLAIN, Ink
from imglint.report.result import Result, Style
from imglint.report.summary import remedies, summary


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
    worst = ink.severity[max((finding.severity for finding in result.findings), default=Severity.INFO)]
    yield summary(result, worst, ink.good, ink.off) + "\n"
    # A word for who is at work here; a log is read by somebody else.
    hint = remedies(result) if result.mendable and style.color else ""
    if hint:
        yield f"{ink.dim}{hint}{ink.off}\n"
    for each in result.unseen:
        facts = visible(", ".join(each.facts))
        yield f"{ink.dim}Not judged of {visible(each.path)}, {each.form}: {facts}.{ink.off}\n"


def _findings(result: Result, style: Style, ink: Ink) -> Iterator[str]:
    """A frame for each matter. What draws frames is loaded only when there is one to draw."""
    from imglint.report.matter import Page, matters

    words = {severity: f"{ink.severity[severity]}{severity.word}{ink.off}" for severity in Severity}
    rules = {name: _rule(name, info.url, style) for name, info in result.rules.items()}
    page = Page(style, ink, words, rules)
    for matter in matters(result.findings):
        yield "\n".join(page.matter(matter)) + "\n\n"


def _rule(name: str, url: str, style: Style) -> str:
    """The rule's name, linked to its page where the terminal can."""
    # The address goes into a control sequence (OSC 8), and people can write rules of their own.
    if not (style.color and style.links and url and url.isascii() and url.isprintable()):
        return visible(name)
    return f"\x1b]8;;{url}\x1b\\{visible(name)}\x1b]8;;\x1b\\"
