"""A report in Markdown, for the summary of a workflow's run or a comment on a merge request."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.finding import Finding, Severity
from imglint.report.markup import markdown, markdown_code, markdown_literal, markdown_text
from imglint.report.place import where
from imglint.report.result import Result, Style
from imglint.report.summary import summary

MAX_BYTES: Final = 900_000
"""Bytes from which on findings are only counted: GitHub takes 1 MiB for the summary of a step."""

_MARKS: Final = {Severity.ERROR: "❌", Severity.WARNING: "⚠️", Severity.INFO: "💡"}
_WELL: Final = "✅"
_ADDRESS: Final = r"https://[^\x00-\x20<>\[\]|\x7f-\U0010ffff]+"


def render(result: Result, style: Style) -> Iterator[str]:
    """A heading with the sum of it all, a table for each file, what could not be judged, and the pages of packages."""
    worst = max((finding.severity for finding in result.findings), default=None)
    mark = _MARKS[Severity.ERROR] if result.errors else _MARKS[worst] if worst else _WELL
    yield f"## {mark} imglint: {markdown_text(summary(result).removesuffix('.'))}\n"
    path: str | None = None
    left, size = len(result.findings), 0
    for finding in result.findings:
        row = _row(finding, result, style)
        size += len(row.encode())
        if size > MAX_BYTES:
            break
        left -= 1
        if finding.source.path != path:
            path = finding.source.path
            yield f"\n### {markdown_code(style.checkout.path(path) if finding.source.numbered else path)}\n\n"
            yield "| | where | what | rule |\n|---|---|---|---|\n"
        yield row
    if left:
        yield f"\nand {left:,} more findings\n"
    if result.errors:
        yield "\n### Not judged\n\n"
        for problem in result.errors:
            yield f"- {markdown_code(problem.path)}: {markdown_text(problem.reason)}\n"
    for each in result.unseen:
        words = f"not judged, since {each.form} does not tell: {', '.join(each.facts)}"
        yield f"\n{markdown_code(each.path)}: {markdown_text(words)}\n"
    if result.pages and size <= MAX_BYTES:
        yield from _pages(result, MAX_BYTES - size)


def _pages(result: Result, room: int) -> Iterator[str]:
    """The pages of packages, as far as there is room."""
    from imglint.report.page.markdown import render as render_pages
    from imglint.report.page.shared import together

    yield "\n## What the registry will show\n"
    for section in render_pages(together(result.pages)):
        room -= len(section.encode())
        if room < 0:
            yield "\nThere are more packages than can be shown here.\n"
            return
        yield section if section.startswith("\n") else f"\n{section}"


def _row(finding: Finding, result: Result, style: Style) -> str:
    place = _linked(*_place(finding, style))
    rule = _linked(markdown_code(finding.rule), result.rules[finding.rule].url)
    first, *rest = finding.help.split("\n")
    what = markdown(finding.message)
    if first:
        what += f"<br>→ {markdown(first)}"
    if rest:
        what += f"<pre>{'<br>'.join(map(markdown_literal, rest))}</pre>"
    return f"| {_MARKS[finding.severity]} | {place} | {what} | {rule} |\n"


def _place(finding: Finding, style: Style) -> tuple[str, str]:
    """Where a finding is, and where that can be read on the web."""
    if not finding.source.numbered:
        return markdown_text(where(finding).removeprefix(f"{finding.source.path}: ")), ""
    line, column = finding.source.position(finding.span.start)
    return f"{line}:{column}", style.checkout.url(finding.source.path, line)


def _linked(words: str, url: str) -> str:
    """The words, with a link where there is an address that can stand in one."""
    return f"[{words}](<{url}>)" if re.fullmatch(_ADDRESS, url) else words
