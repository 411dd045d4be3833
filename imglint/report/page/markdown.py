"""Predicted pages in Markdown, for the summary of a workflow's run."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.model.page import Page
from imglint.model.pagefacts import State
from imglint.report.markup import markdown_code, markdown_text
from imglint.report.page.shared import Pages, form_words, name_of, note, rows, shown, state_of_all, where

_MARKS = {State.GOOD: "✅", State.BAD: "❌", State.UNKNOWN: "❔"}


def render(pages: Pages) -> Iterator[str]:
    """A section for each page."""
    for number, page in enumerate(pages.pages):
        yield ("\n" if number else "") + _section(page)
    if pages.elsewhere:
        yield (
            "\nPushed to other registries as well: " + ", ".join(markdown_code(name) for name in pages.elsewhere) + "\n"
        )
    for unseen in pages.unseen:
        yield f"\nNot shown: {markdown_text(unseen.reason)} ({markdown_code(where(unseen.place))})\n"


def _section(page: Page) -> str:
    description = page.description
    if description.state is State.BAD and not description.value:
        words = "*No description provided*"
    else:
        words = markdown_text(shown(description))
    lines = [f"### {markdown_code(name_of(page))}", "", f"> {words}", "", "| | | | |", "|---|---|---|---|"]
    lines.append(_row(description.state, "description", shown(description), where(description.place)))
    for name, fact in rows(page):
        beside = note(fact)
        lines.append(_row(fact.state, name, shown(fact) + (f" ({beside})" if beside else ""), where(fact.place)))
    if page.tags:
        lines.append(_row(state_of_all(page.tags), "tags", "  ".join(page.tags), ""))
    if page.platforms:
        lines.append(_row(state_of_all(page.platforms), "platforms", "  ".join(page.platforms), ""))
    state = State.UNKNOWN if page.form.is_index is None else State.GOOD
    built = ", ".join(where(place) for _, place in page.builds)
    lines.append(_row(state, "pushed as", form_words(page), built))
    return "\n".join(lines) + "\n"


def _row(state: State, name: str, value: str, place: str) -> str:
    return f"| {_MARKS[state]} | {name} | {markdown_text(value)} | {markdown_code(place) if place else ''} |"
