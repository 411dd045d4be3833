"""Colours for what imglint prints and for the carets in examples, and links for the names of rules."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Final

from tools.website.rulepages import clean_marker

_TERMINAL: Final = re.compile(r'(<div class="[^"]*\bterminal\b[^"]*">.*?<code>)(.*?)(</code>)', re.DOTALL)
_EXAMPLE: Final = re.compile(r'(<div class="[^"]*\bexample bad\b[^"]*">.*?<code>)(.*?)(</code>)', re.DOTALL)
_SEVERITY: Final = re.compile(r"^(error|warning|info)(?=: )|(?<=: )(error|warning|info)(?=: )")
_RULE: Final = re.compile(r"\[([a-z]+(?:-[a-z]+)*)\]$")
_NAME: Final = re.compile(r"<a\b.*?</a>|<pre\b.*?</pre>|<code>([a-z]+(?:-[a-z]+)+)</code>", re.DOTALL)
_CHANGES: Final = {"+": "good", "-": "error", "@": "dim"}
_SIGNS: Final = {"✓": "good", "✗": "error", "?": "warning"}

Address = Callable[[str], str | None]
"""The address of a rule's page, seen from the page that is shown."""


def coloured(page: str, address: Address) -> str:
    """A page's HTML with both coloured. A rule's name behind a finding leads to its page."""
    page = _TERMINAL.sub(
        lambda found: found[1] + _each(found[2], lambda line: _printed(line, address)) + found[3], page
    )
    return _EXAMPLE.sub(lambda found: found[1] + _each(found[2], _marked) + found[3], page)


def linked(page: str, address: Address) -> str:
    """A page's HTML with links to the rules whose names stand in it as code."""

    def change(found: re.Match[str]) -> str:
        target = address(found[1]) if found[1] else None
        return f'<a href="{target}">{found[0]}</a>' if target else found[0]

    return _NAME.sub(change, page)


def _each(code: str, change: Callable[[str], str]) -> str:
    return "\n".join(change(line) for line in code.split("\n"))


def _plain(line: str) -> str:
    return html.unescape(re.sub("<[^>]*>", "", line))


def _span(name: str, text: str) -> str:
    return f'<span class="{name}">{html.escape(text, quote=False)}</span>'


def _marked(line: str) -> str:
    """A line of an example. The highlighter takes carets for a comment, or for a mistake where there are none."""
    marker = clean_marker(_plain(line))
    return line if marker is None else _span("marker", marker)


def _printed(line: str, address: Address) -> str:
    """A line of a terminal."""
    text = _plain(line)
    if text.startswith("$ "):
        return _span("prompt", "$ ") + _span("typed", text[2:])
    if re.fullmatch(r"[ |0-9]*\|[ ]+\^+.*", text):
        edge, bar, rest = text.partition("|")
        return _span("dim", edge + bar) + _span("marker", rest)
    if text[:1] in _CHANGES:
        return _span(_CHANGES[text[0]], text)
    if text[:1] in ("╭", "╰"):
        return re.sub(r"[─╭╮╰╯]+", lambda found: _span("dim", found[0]), html.escape(text, quote=False))
    shown = html.escape(text, quote=False)
    shown = re.sub(r"^( *)(│|--&gt;|[0-9]* ?\||= (?:why|fix):)", r'\1<span class="dim">\2</span>', shown)
    shown = re.sub("│$", _span("dim", "│"), shown)
    shown = re.sub(r"(?<=</span> )([✓✗?])(?= )", lambda found: _span(_SIGNS[found[1]], found[1]), shown)
    shown, findings = _SEVERITY.subn(lambda found: _span(f"severity {found[0]}", found[0]), shown, count=1)
    shown = _RULE.sub(lambda found: _linked(found, address), shown)
    return f'<span class="finding">{shown}</span>' if findings else shown


def _linked(found: re.Match[str], address: Address) -> str:
    target = address(found[1])
    return f'[<a href="{target}">{found[1]}</a>]' if target else found[0]
