"""Predicted pages in Markdown, for the summary of a workflow's run."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imglint.model.page import Page, State
from imglint.report.escape import visible
from imglint.report.page.shared import Pages, form_words, name_of, note, rows, shown, where

_MARKS = {State.GOOD: "✅", State.BAD: "❌", State.UNKNOWN: "❔"}


def render(pages: Pages) -> Iterator[str]:
    """A section for each page."""
    for number, page in enumerate(pages.pages):
        yield ("\n" if number else "") + _section(page)
    if pages.elsewhere:
        yield "\nPushed to other registries as well: " + ", ".join(_code(name) for name in pages.elsewhere) + "\n"
    for unseen in pages.unseen:
        yield f"\nNot shown: {_escaped(unseen.reason)} ({_code(where(unseen.place))})\n"


def _section(page: Page) -> str:
    description = page.description
    if description.state is State.BAD and not description.value:
        words = "*No description provided*"
    else:
        words = _escaped(shown(description))
    lines = [f"### {_code(name_of(page))}", "", f"> {words}", "", "| | | | |", "|---|---|---|---|"]
    lines.append(_row(description.state, "description", shown(description), where(description.place)))
    for name, fact in rows(page):
        beside = note(fact)
        lines.append(_row(fact.state, name, shown(fact) + (f" ({beside})" if beside else ""), where(fact.place)))
    if page.tags:
        state = State.UNKNOWN if any("…" in tag or "‹" in tag for tag in page.tags) else State.GOOD
        lines.append(_row(state, "tags", "  ".join(page.tags), ""))
    if page.platforms:
        state = State.UNKNOWN if any("…" in each for each in page.platforms) else State.GOOD
        lines.append(_row(state, "platforms", "  ".join(page.platforms), ""))
    state = State.UNKNOWN if page.form.is_index is None else State.GOOD
    built = ", ".join(where(place) for _, place in page.builds)
    lines.append(_row(state, "pushed as", form_words(page), built))
    return "\n".join(lines) + "\n"


def _row(state: State, name: str, value: str, place: str) -> str:
    return f"| {_MARKS[state]} | {name} | {_escaped(value)} | {_code(place) if place else ''} |"


def _escaped(text: str) -> str:
    """Text that Markdown and HTML leave as it is."""
    return re.sub(r"([\\`*_{}\[\]<>#|!~&])", r"\\\1", visible(text).replace("\n", " "))


def _code(text: str) -> str:
    plain = visible(text).replace("|", "\\|")
    fence = "`" * (max((len(run) for run in re.findall("`+", plain)), default=0) + 1)
    return f"{fence}{plain}{fence}"
