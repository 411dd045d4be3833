"""Predicted pages as one JSON document; its schema is rules/schema/page.json."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.model.pagefacts import Fact
from imglint.report.escape import dump
from imglint.report.page.shared import Pages, where
from imglint.syntax.text import Place


def render(pages: Pages) -> Iterator[str]:
    """The document."""
    yield dump(
        {
            "version": 1,
            "registry": pages.registry,
            "pages": [
                {
                    "name": page.name or None,
                    "tags": list(page.tags),
                    "platforms": list(page.platforms),
                    "index": page.form.is_index,
                    "index_reason": page.form.reason,
                    "description": _fact(page.description),
                    "repository": _fact(page.repository),
                    "licenses": _fact(page.licenses),
                    "access": _fact(page.access),
                    "push": _fact(page.push) if page.push is not None else None,
                    "builds": [{"tool": tool, **_place(place)} for tool, place in page.builds],
                }
                for page in pages.pages
            ],
            "elsewhere": list(pages.elsewhere),
            "unseen": [{"reason": unseen.reason, "place": _place(unseen.place)} for unseen in pages.unseen],
        },
        indent=2,
    )


def _fact(fact: Fact) -> dict[str, object]:
    return {
        "state": fact.state.value,
        "value": fact.value or None,
        "reason": fact.reason or None,
        "place": _place(fact.place) if fact.place else None,
    }


def _place(place: Place) -> dict[str, object]:
    if not place.source.numbered:
        return {"file": place.source.path, "pointer": where(place)}
    line, column = place.source.position(place.span.start)
    return {"file": place.source.path, "line": line, "column": column}
