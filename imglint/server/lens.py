"""What the page of the package will say, above the stage that is published."""

from __future__ import annotations

from imglint.model.page import Page, pages
from imglint.model.pagefacts import Fact, State
from imglint.model.registry import RegistryProfile
from imglint.model.repository import DEFAULT_HOST
from imglint.record import NamedTuple
from imglint.report.escape import visible
from imglint.server.session import View
from imglint.source import Span
from imglint.syntax.secrets import without_tokens

MAX_PAGES = 3
"""Pages that are shown for one stage."""


class Lens(NamedTuple):
    """A line above a range of the text."""

    title: str
    span: Span


def lenses(view: View) -> list[Lens]:
    """The pages of what is built from a Dockerfile, one above the other, at the stage that they show."""
    by_place: dict[Span, list[str]] = {}
    for page, span in _pages(view, view.request.profile):
        titles = by_place.setdefault(span, [])
        title = words(page)
        if title not in titles:
            titles.append(title)
    found: list[Lens] = []
    for span, titles in by_place.items():
        more = len(titles) - MAX_PAGES
        found += [Lens(title, span) for title in titles[:MAX_PAGES]]
        if more > 0:
            found.append(Lens(f"and {more} more page{'s' if more > 1 else ''}: imglint page", span))
    return found


def _pages(view: View, profile: RegistryProfile) -> list[tuple[Page, Span]]:
    hosts = (DEFAULT_HOST, *view.request.settings.github_hosts)
    identity = view.request.find_identity()
    found: list[tuple[Page, Span]] = []
    for publication in view.understanding.publications:
        if publication.evaluation is None or publication.source is not view.source:
            continue
        shown, _ = pages([publication], profile, hosts, identity)
        found += [(page, publication.anchor) for page in shown]
    return found


def words(page: Page) -> str:
    """A page in one line."""
    name = f"page of {visible(page.name)}" if page.name else "page"
    facts = (_repository(page.repository), _license(page.licenses), _description(page.description))
    return without_tokens(f"{name}: {', '.join(facts)}")


def _repository(fact: Fact) -> str:
    if fact.state is State.GOOD:
        return f"linked to {visible(fact.value)}"
    return "linked to no repository" if fact.state is State.BAD else "repository not known yet"


def _license(fact: Fact) -> str:
    if fact.state is State.GOOD:
        return visible(fact.value)
    return "no licence" if fact.state is State.BAD else "licence not known yet"


def _description(fact: Fact) -> str:
    if fact.state is State.GOOD:
        return f"“{visible(fact.value[:60])}{'…' if len(fact.value) > 60 else ''}”"
    return "no description" if fact.state is State.BAD else "description not known yet"
