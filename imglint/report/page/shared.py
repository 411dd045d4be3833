"""Words that all formats of a predicted page share."""

from __future__ import annotations

from collections.abc import Sequence

from imglint.model.build import Unseen
from imglint.model.page import Page
from imglint.model.pagefacts import Fact, State
from imglint.record import NamedTuple
from imglint.syntax.text import Place


class Pages(NamedTuple):
    """What is shown: the pages, the names that go to other registries, and what is built and cannot be told."""

    pages: tuple[Page, ...]
    elsewhere: tuple[str, ...]
    registry: str
    unseen: tuple[Unseen, ...] = ()


def together(parts: Sequence[Pages]) -> Pages:
    """The pages of several repositories as one."""
    return Pages(
        tuple(page for part in parts for page in part.pages),
        tuple(dict.fromkeys(name for part in parts for name in part.elsewhere)),
        parts[0].registry if parts else "",
        tuple(each for part in parts for each in part.unseen),
    )


def name_of(page: Page) -> str:
    """The package, or words for one that nothing names."""
    return page.name or "an image that nothing names"


def shown(fact: Fact) -> str:
    """The value of a fact; for one that is unknown, why."""
    if fact.state is State.UNKNOWN:
        return f"unknown: {fact.reason}" if not fact.value else fact.value
    return fact.value or fact.reason


def note(fact: Fact) -> str:
    """What is to be said beside a value."""
    return fact.reason if fact.value else ""


def form_words(page: Page) -> str:
    """What is pushed, and why."""
    if page.form.is_index is None:
        return f"an index or a single image: {page.form.reason}"
    return f"{'an index' if page.form.is_index else 'a single image'}: {page.form.reason}"


def where(place: Place | None) -> str:
    """A place as path and line."""
    if place is None:
        return ""
    if not place.source.numbered:
        from imglint.model.image.document import joined
        from imglint.syntax.strictjson import pointer_at

        return joined("", pointer_at(place.source.text, place.span.start))
    return f"{place.source.path}:{place.source.position(place.span.start).line}"


def rows(page: Page) -> tuple[tuple[str, Fact], ...]:
    """The facts below the description, each with its name."""
    facts = (("repository", page.repository), ("licence", page.licenses), ("access", page.access))
    return (*facts, ("push", page.push)) if page.push is not None else facts


def state_of_all(texts: Sequence[str]) -> State:
    """Whether tags or platforms are all known: unknown parts are written `…` or between `‹` and `›`."""
    return State.UNKNOWN if any("…" in text or "‹" in text for text in texts) else State.GOOD
