"""Predicted pages as cards in HTML."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.model.page import Page
from imglint.model.pagefacts import Fact, State
from imglint.report.markup import html, xml
from imglint.report.page.shared import Pages, form_words, name_of, note, rows, shown, state_of_all, where

STYLE: Final = """
.pages { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(26rem, 100%), 1fr)); }
.package { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 1rem 1.1rem; }
.package h3 { font-size: 1.05rem; margin: 0; overflow-wrap: anywhere; }
.package blockquote { margin: .5rem 0 .8rem; overflow-wrap: anywhere; }
.package blockquote.bad { color: var(--dim); font-style: italic; }
.package dl { display: grid; grid-template-columns: 6.5rem 1fr; gap: .25rem .75rem; margin: 0; font-size: .875rem; }
.package dt { color: var(--dim); }
.package dt::before { display: inline-block; width: 1.1rem; font-weight: bold; }
.package dt.good::before { content: "\\2713"; color: var(--good); }
.package dt.bad::before { content: "\\2717"; color: var(--bad); }
.package dt.unknown::before { content: "?"; color: var(--warn); }
.package dd { margin: 0; overflow-wrap: anywhere; }
.package small { display: block; color: var(--dim); font-size: .8rem; }
.package footer { margin-top: .8rem; color: var(--dim); font-size: .8rem; overflow-wrap: anywhere; }
"""

_MAX_TAGS: Final = 12


def body(pages: Pages) -> Iterator[str]:
    """A card for each page, to be styled with `STYLE`."""
    if pages.pages:
        yield f'<div class="pages">\n{"".join(map(_card, pages.pages))}</div>\n'
    if pages.elsewhere:
        names = ", ".join(f"<code>{xml(name)}</code>" for name in pages.elsewhere)
        yield f'<p class="dim">Pushed to other registries{" as well" if pages.pages else ""}: {names}</p>\n'
    for unseen in pages.unseen:
        yield f'<p class="dim">Not shown: {xml(unseen.reason)} <code>{xml(where(unseen.place))}</code></p>\n'


def _card(page: Page) -> str:
    description = page.description
    missing = description.state is State.BAD and not description.value
    words = "No description provided" if missing else shown(description)
    lines = [
        f'<article class="package"><h3>{xml(name_of(page))}</h3>',
        f'<blockquote class="{description.state.value}">{xml(words)}</blockquote><dl>',
        _fact("description", description) if not missing or description.reason != words else "",
        *(_fact(name, fact) for name, fact in rows(page)),
    ]
    if page.tags:
        more = f" and {len(page.tags) - _MAX_TAGS} more" if len(page.tags) > _MAX_TAGS else ""
        lines.append(_row("tags", state_of_all(page.tags), ", ".join(page.tags[:_MAX_TAGS]) + more))
    if page.platforms:
        lines.append(_row("platforms", state_of_all(page.platforms), ", ".join(page.platforms)))
    lines.append(_row("pushed as", State.UNKNOWN if page.form.is_index is None else State.GOOD, form_words(page)))
    built = ", ".join(f"{tool} {where(place)}" for tool, place in page.builds)
    lines.append(f"</dl>{f'<footer>built by {xml(built)}</footer>' if built else ''}</article>\n")
    return "\n".join(line for line in lines if line)


def _fact(name: str, fact: Fact) -> str:
    beside = [words for words in (note(fact), where(fact.place)) if words]
    return _row(name, fact.state, shown(fact), *beside)


def _row(name: str, state: State, value: str, *beside: str) -> str:
    notes = "".join(f"<small>{html(words)}</small>" for words in beside)
    return f'<dt class="{state.value}">{xml(name)}</dt><dd>{html(value)}{notes}</dd>'
