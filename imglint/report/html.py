"""The report as one page for a browser: the findings with their code, the pages of packages, the layers of images."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby
from typing import Final

from imglint import __version__
from imglint.finding import Finding, Severity
from imglint.report.ink import Ink
from imglint.report.markup import html, xml, xml_lines
from imglint.report.matter import Page, matters, notes
from imglint.report.place import where
from imglint.report.result import Result, RuleInfo, Style
from imglint.report.summary import counted, summary
from imglint.report.web import END, beginning

MAX_FRAMES: Final = 2000
"""Matters that are shown with their code; the others get a line each, so that browsers can still show the page."""

MANY_PAGES: Final = 8
"""Pages of packages that are shown at once: more are folded away, so that the findings are seen."""

_WIDTH: Final = 132
_INK: Final = Ink(
    severity={Severity.INFO: "\x01", Severity.WARNING: "\x02", Severity.ERROR: "\x03"},
    bold="\x04", dim="\x05", related="\x06", good="\x07", off="\x00",
)  # fmt: skip
"""Marks for the colours of a frame: no text from outside can hold them where it is printed."""

_CLASSES: Final[Mapping[str, str]] = {
    "\x01": "info", "\x02": "warning", "\x03": "error",
    "\x04": "bold", "\x05": "dim", "\x06": "related", "\x07": "good",
}  # fmt: skip
_WORDS: Final = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}

_STYLE: Final = """
.error { --tone: var(--bad); } .warning { --tone: var(--warn); } .info { --tone: var(--note); }
h1, h2, h3, h4 { overflow-wrap: anywhere; }
.top h1 { font-size: 1.6rem; margin: 0; }
.top p { margin: .15rem 0 0; font-size: 1.05rem; color: var(--ink); }
.chips { display: flex; flex-wrap: wrap; gap: .5rem; margin: .9rem 0 0; padding: 0; list-style: none; }
.chips li { border: 1px solid var(--line); border-radius: 2rem; padding: .1rem .75rem; font-size: .875rem; }
.chips li[class] { color: var(--tone); border-color: var(--tone); font-weight: 600; }
section > h2:first-child { font-size: 1.2rem; margin: 2.5rem 0 .9rem; padding-bottom: .35rem;
  border-bottom: 1px solid var(--line); }
nav ul { margin: 0; padding: 0; list-style: none; columns: 30rem; font-size: .9rem; }
nav li { display: flex; gap: .6rem; break-inside: avoid; } nav a { overflow-wrap: anywhere; }
nav span { color: var(--tone); min-width: 1.4rem; text-align: right; font-variant-numeric: tabular-nums; }
a { color: var(--note); text-decoration: none; } a:hover { text-decoration: underline; }
.file { margin: 2rem 0 .75rem; font: 600 1rem/1.4 ui-monospace, SFMono-Regular, Menlo, monospace; }
.matter { border: 1px solid var(--line); border-left: 4px solid var(--tone); border-radius: 8px; margin: 0 0 1rem;
  overflow: hidden; }
.matter > div { padding: .7rem 1rem; }
.head { display: flex; gap: .25rem 1rem; justify-content: space-between; flex-wrap: wrap; }
.head h4 { margin: 0; font-size: .95rem; flex: 1 1 24rem; } .head b { color: var(--tone); }
.head a { font-size: .85rem; line-height: 1.6; }
pre { margin: 0; overflow-x: auto; font: .8125rem/1.45 ui-monospace, SFMono-Regular, Menlo, Consolas, monospace;
  tab-size: 4; }
.frame { background: var(--card); border-block: 1px solid var(--line); padding: .6rem 1rem; }
.frame:last-child { border-bottom: 0; }
.frame .error, .frame .warning, .frame .info { color: var(--tone); font-weight: 700; }
.frame .dim, .dim { color: var(--dim); } .frame .related { color: var(--note); }
code { font: .875em ui-monospace, SFMono-Regular, Menlo, Consolas, monospace; background: var(--track);
  border-radius: 4px; padding: .1em .3em; overflow-wrap: anywhere; }
.notes p { margin: 0 0 .25rem; font-size: .9rem; } .notes p:last-child { margin: 0; }
.notes i { display: inline-block; min-width: 2.5rem; color: var(--dim); font-style: normal; }
.notes pre { margin: .35rem 0 .35rem 2.75rem; padding: .5rem .75rem; background: var(--card); border-radius: 6px;
  border: 1px solid var(--line); color: var(--good); }
summary { cursor: pointer; margin-bottom: .9rem; }
.plain { padding-left: 1.2rem; font-size: .9rem; } .plain li { margin: .2rem 0; overflow-wrap: anywhere; }
body > footer { margin-top: 3rem; color: var(--dim); font-size: .85rem; }
.layers h1 { font-size: 1.05rem; }
"""


def render(result: Result, style: Style) -> Iterator[str]:
    """The page: what was found in all, then packages, findings by file, what could not be judged, and layers."""
    from imglint.report.layers import html as layers
    from imglint.report.page import html as packages
    from imglint.report.page.shared import together

    yield beginning(f"imglint: {summary(result)}", layers.STYLE + packages.STYLE + _STYLE)
    yield _top(result)
    pages = together(result.pages)
    if pages.pages or pages.elsewhere or pages.unseen:
        title = "The package's page" if len(pages.pages) == 1 else "The packages' pages" if pages.pages else "Packages"
        when = ", once this is pushed" if pages.pages and not result.sheets else ""
        many = len(pages.pages) > MANY_PAGES
        yield f"<section><h2>{title}{when}</h2>\n"
        yield f"<details><summary>{len(pages.pages)} packages</summary>\n" if many else ""
        yield from packages.body(pages)
        yield f"{'</details>' if many else ''}</section>\n"
    if result.findings:
        yield from _findings(result, style)
    if result.errors:
        yield '<section><h2>Not judged</h2>\n<ul class="plain">\n'
        for problem in result.errors:
            yield f"<li><code>{xml(problem.path)}</code> {xml(problem.reason)}</li>\n"
        yield "</ul></section>\n"
    if result.unseen:
        yield '<section><h2>What is not told</h2>\n<ul class="plain">\n'
        for each in result.unseen:
            words = f"not judged, since {each.form} does not tell: {', '.join(each.facts)}"
            yield f"<li><code>{xml(each.path)}</code> {xml(words)}</li>\n"
        yield "</ul></section>\n"
    if result.sheets:
        yield '<section class="layers"><h2>Layers</h2>\n'
        yield from layers.body(result.sheets)
        yield "</section>\n"
    yield f"<footer>imglint {xml(__version__)}</footer>\n{END}"


def _top(result: Result) -> str:
    chips = [
        f'<li class="{severity.word}">{counted(result.count(severity), word)}</li>'
        for severity, word in _WORDS.items()
        if result.count(severity)
    ]
    chips.append(f"<li>{counted(result.files, result.noun)} judged</li>")
    if result.suppressed:
        chips.append(f"<li>{len(result.suppressed)} suppressed</li>")
    if result.errors:
        chips.append(f'<li class="error">{counted(len(result.errors), "input")} not judged</li>')
    words = f'<h1>imglint</h1>\n<p>{xml(summary(result))}</p>\n<ul class="chips">{"".join(chips)}</ul>'
    return f'<header class="top">{words}</header>\n'


def _findings(result: Result, style: Style) -> Iterator[str]:
    by_path = [(path, list(found)) for path, found in groupby(result.findings, lambda each: each.source.path)]
    yield "<section><h2>Findings</h2>\n"
    if len(by_path) > 1:
        yield "<nav><ul>\n"
        for number, (path, found) in enumerate(by_path):
            worst = max(finding.severity for finding in found)
            yield f'<li class="{worst.word}"><span>{len(found)}</span> <a href="#f{number}">{xml(path)}</a></li>\n'
        yield "</ul></nav>\n"
    drawn = 0
    page = Page(Style(width=_WIDTH), _INK, {}, {})
    for number, (path, found) in enumerate(by_path):
        yield f'<h3 class="file" id="f{number}">{xml(path)}</h3>\n'
        for matter in matters(found):
            drawn += 1
            yield _matter(matter, page, result, style, with_frame=drawn <= MAX_FRAMES)
    yield "</section>\n"


def _matter(matter: Sequence[Finding], page: Page, result: Result, style: Style, with_frame: bool) -> str:
    parts = [f'<article class="matter {matter[0].severity.word}"><div>']
    for finding in matter:
        place = _place(finding, style) if not with_frame or finding is matter[0] else ""
        words = f"<b>{_WORDS[finding.severity]}</b> {html(finding.message)}"
        rule = _rule(result.rules[finding.rule])
        parts.append(f'<div class="head {finding.severity.word}"><h4>{words}</h4>{place}{rule}</div>')
    parts.append("</div>")
    if with_frame:
        rows = page.drawn(matter, page.gutter(matter))
        parts.append(f'\n<pre class="frame">{chr(10).join(map(_coloured, rows))}</pre>\n')
        said = "".join(_note(name, text) for name, text in notes(matter))
        parts.append(f'<div class="notes">{said}</div>' if said else "")
    return "".join(parts) + "</article>\n"


def _place(finding: Finding, style: Style) -> str:
    """A link to where the finding is, where that can be read on the web."""
    if not finding.source.numbered:
        return ""
    url = style.checkout.url(finding.source.path, finding.source.position(finding.span.start).line)
    return f'<a href="{xml(url)}">{xml(where(finding))}</a>' if url.startswith("https://") else ""


def _rule(rule: RuleInfo) -> str:
    name = xml(rule.name)
    return f'<a href="{xml(rule.url)}">{name}</a>' if rule.url.startswith("https://") else name


def _coloured(row: str) -> str:
    """A row of a frame, its marks of colour turned into elements."""
    parts: list[str] = []
    opened = False
    for piece in re.split("([\x00-\x07])", row):
        if piece in _CLASSES:
            parts.append(f"{'</span>' if opened else ''}<span class={_CLASSES[piece]}>")
            opened = True
        elif piece == "\x00":
            parts.append("</span>" if opened else "")
            opened = False
        elif piece:
            parts.append(xml(piece))
    return "".join(parts) + ("</span>" if opened else "")


def _note(name: str, text: str) -> str:
    first, newline, rest = text.expandtabs(4).partition("\n")
    pasted = f"<pre>{xml_lines(rest)}</pre>" if newline else ""
    return f"<p><i>{name}</i> {html(first)}</p>{pasted}"
