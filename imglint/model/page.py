"""The pages that a registry will have: of which packages, and what each will show."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from imglint.model.pagefacts import Fact, access, description, licenses, link, repository, worse
from imglint.model.publication import Form, Publication
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity
from imglint.record import NamedTuple
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.secrets import without_tokens
from imglint.syntax.text import HOLE, Place, Text

if TYPE_CHECKING:
    from imglint.model.prospect import Prospects
    from imglint.model.understanding import WorkflowUse

_MAX_NAMES: Final = 50
_MAX_REASON: Final = 40


class Page(NamedTuple):
    """The page of one package as one build makes it. `name` is the package as it is pulled, `…` for unknown parts.

    `push` tells how the pushes of workflows will end, None where none is seen. `builds` are the places of the builds
    with the tools that people call them by; `merged` tells that the platforms are of one index: a command joins several
    builds, or the image was read.
    """

    name: str
    tags: tuple[str, ...]
    platforms: tuple[str, ...]
    form: Form
    description: Fact
    repository: Fact
    licenses: Fact
    access: Fact
    builds: tuple[tuple[str, Place], ...]
    merged: bool = False
    push: Fact | None = None

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for pages of the same package that show the same."""
        facts = (self.description, self.repository, self.licenses, self.access)
        platforms = () if self.merged else self.platforms
        return (self.name, platforms, self.form.is_index, *((each.state, each.value) for each in facts))


def pages(
    publications: Iterable[Publication],
    profile: RegistryProfile,
    hosts: tuple[str, ...],
    identity: Identity | None,
    workflows: tuple[WorkflowUse, ...] = (),
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """The pages of all publications, and the names that go to other registries.

    `hosts` are those to whose repositories the registry links packages. The pushes of `workflows` are told as well.
    """
    prospects = None
    if workflows:
        from imglint.model.prospect import Prospects

        prospects = Prospects(workflows, profile.hosts, identity)
    found: dict[tuple[object, ...], Page] = {}
    elsewhere: dict[str, None] = {}
    for publication in publications:
        for name, tags, here in _packages(publication, profile.hosts):
            if not here:
                elsewhere[name] = None
                continue
            page = _page(name, tags, publication, profile, hosts, identity, prospects)
            before = found.get(page.likeness)
            if before is not None:
                page = before._replace(
                    tags=tuple(dict.fromkeys((*before.tags, *page.tags))),
                    platforms=tuple(dict.fromkeys((*before.platforms, *page.platforms))),
                    builds=tuple(dict.fromkeys((*before.builds, *page.builds))),
                    push=worse(before.push, page.push),
                )
            found[page.likeness] = page
    return tuple(map(_without_tokens, found.values())), tuple(map(without_tokens, elsewhere))


def _without_tokens(page: Page) -> Page:
    """The page without tokens in its texts: a card breaks them into lines, where nobody could tell them any more."""

    def hidden(fact: Fact) -> Fact:
        return fact._replace(value=without_tokens(fact.value), reason=without_tokens(fact.reason))

    return page._replace(
        name=without_tokens(page.name),
        tags=tuple(map(without_tokens, page.tags)),
        form=page.form._replace(reason=without_tokens(page.form.reason)),
        description=hidden(page.description),
        repository=hidden(page.repository),
        licenses=hidden(page.licenses),
        access=hidden(page.access),
        push=hidden(page.push) if page.push else None,
    )


def _packages(publication: Publication, hosts: tuple[str, ...]) -> Iterable[tuple[str, tuple[str, ...], bool]]:
    """The packages that a publication is pushed to, with their tags, and whether they are on one of the hosts."""
    packages: dict[str, tuple[list[str], bool]] = {}
    names = (*publication.names[:_MAX_NAMES], *_output_names(publication))
    # What nothing is known of is not shown as one more package beside those that are: it may be one more tag of each.
    known = [name for name in names if name.text != HOLE]
    open_tags = publication.build is not None and "tags" in publication.build.open
    more = open_tags or len(known) < len(names)
    for text in known or names[:1]:
        read = parse_partial(text)
        domain = read.domain
        here = domain is None or HOLE in domain.text or domain.text in hosts
        tag = "latest" if read.tag is not None and not read.tag.text and publication.names else ""
        if read.tag is None:
            tag = "…"
        elif read.tag.text:
            tag = _tag(read.tag)
        tags, _ = packages.setdefault(read.name.shown, ([], here))
        if tag and tag not in tags:
            tags.append(tag)
    if not packages:
        return [("", (), True)]
    return [
        (name, tuple(dict.fromkeys((*tags, *(("…",) if more and known else ())))), here)
        for name, (tags, here) in packages.items()
    ]


def _tag(text: Text) -> str:
    """A tag for people: what an unknown one depends on, where few words say that."""
    depends = text.unknowns[0] if text.text == HOLE and text.unknowns else ""
    if depends and len(depends) <= _MAX_REASON and not re.search(r"[\"'(|]", depends):
        return f"‹{depends}›"
    return re.sub("…+", "…", text.shown)


def _output_names(publication: Publication) -> tuple[Text, ...]:
    if publication.names or publication.build is None:
        return ()
    names = (output.attribute("name") for output in publication.build.outputs)
    return tuple(name for name in names if name is not None)


def _page(
    name: str,
    tags: tuple[str, ...],
    publication: Publication,
    profile: RegistryProfile,
    hosts: tuple[str, ...],
    identity: Identity | None,
    prospects: Prospects | None,
) -> Page:
    build = publication.build
    linked = repository(publication, profile, hosts)
    reached = access(linked, hosts, identity)
    places = ((build.tool, build.place),) if build else ()
    if build and publication.merge:
        places = (*places, (publication.merge.tool, publication.merge.place))
    return Page(
        name,
        tags,
        _platforms(publication),
        publication.form,
        description(publication, profile.description_label),
        linked,
        licenses(publication, profile.licenses_label),
        reached,
        places,
        publication.merge is not None or publication.made,
        prospects.of(name, publication, link(linked, reached)) if prospects else None,
    )


def _platforms(publication: Publication) -> tuple[str, ...]:
    if publication.build:
        more = ("…",) if "platforms" in publication.build.open else ()
        return tuple(dict.fromkeys((*(text.shown for text in publication.build.platforms), *more)))
    return (publication.platform,) if publication.platform else ()
