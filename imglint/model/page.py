"""What a registry's page will show of a package, fact by fact, and where each fact is written.

The page of the GitHub Container registry reads the labels of a single image and the annotations of an index:
https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final

from imglint.model.link import judge, named_repository
from imglint.model.metadata import Label, Setting
from imglint.model.publication import OUTSIDE, Annotations, Form, Publication
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity
from imglint.record import NamedTuple
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.secrets import without_tokens
from imglint.syntax.text import HOLE, Place, Text

_MAX_NAMES: Final = 50
_MAX_REASON: Final = 40


class State(Enum):
    """How much is known of a fact, and whether it is well."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


class Fact(NamedTuple):
    """One line of a page. `value` is what is shown, empty when nothing is; `reason` explains what is no plain value.

    `place` is where it is written, None when nowhere.
    """

    state: State
    value: str = ""
    reason: str = ""
    place: Place | None = None


class Page(NamedTuple):
    """The page of one package as one build makes it. `name` is the package as it is pulled, `…` for unknown parts.

    `builds` are the places of the builds with the tools that people call them by; `merged` tells that the platforms
    are of one index: a command joins several builds, or the image was read.
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

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for pages of the same package that show the same."""
        facts = (self.description, self.repository, self.licenses, self.access)
        platforms = () if self.merged else self.platforms
        return (self.name, platforms, self.form.is_index, *((each.state, each.value) for each in facts))


def pages(
    publications: Iterable[Publication], profile: RegistryProfile, hosts: tuple[str, ...], identity: Identity | None
) -> tuple[tuple[Page, ...], tuple[str, ...]]:
    """The pages of all publications, and the names that go to other registries.

    `hosts` are those to whose repositories the registry links packages.
    """
    found: dict[tuple[object, ...], Page] = {}
    elsewhere: dict[str, None] = {}
    for publication in publications:
        for name, tags, here in _packages(publication, profile.hosts):
            if not here:
                elsewhere[name] = None
                continue
            page = _page(name, tags, publication, profile, hosts, identity)
            before = found.get(page.likeness)
            if before is not None:
                page = before._replace(
                    tags=tuple(dict.fromkeys((*before.tags, *page.tags))),
                    platforms=tuple(dict.fromkeys((*before.platforms, *page.platforms))),
                    builds=tuple(dict.fromkeys((*before.builds, *page.builds))),
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
) -> Page:
    build = publication.build
    repository = _repository(publication, profile, hosts)
    places = ((build.tool, build.place),) if build else ()
    if build and publication.merge:
        places = (*places, (publication.merge.tool, publication.merge.place))
    return Page(
        name,
        tags,
        _platforms(publication),
        publication.form,
        _description(publication, profile.description_label),
        repository,
        _either(publication, profile.licenses_label, "the page will show no licence"),
        _access(repository, hosts, identity),
        places,
        publication.merge is not None or publication.made,
    )


def _platforms(publication: Publication) -> tuple[str, ...]:
    if publication.build:
        more = ("…",) if "platforms" in publication.build.open else ()
        return tuple(dict.fromkeys((*(text.shown for text in publication.build.platforms), *more)))
    return (publication.platform,) if publication.platform else ()


def _description(publication: Publication, key: str) -> Fact:
    """The description: of an index only its own annotation counts."""
    labels = _lookup(publication.metadata.labels, publication.metadata.complete, key, "No description provided")
    if publication.form.is_index is False or not (publication.build or publication.made):
        return labels
    own: Annotations = publication.index_annotations
    annotated = _lookup(own.values, own.complete, key, "No description provided")
    if publication.form.is_index:
        if annotated.state is State.BAD and not annotated.value:
            reason = f"an index ({publication.form.reason}) shows only its own annotation, and it has none"
            return annotated._replace(reason=reason)
        return annotated
    if annotated.state is labels.state and annotated.value == labels.value:
        return labels
    known = labels if labels.state is State.GOOD else annotated
    reason = f"shown if it is a single image: {publication.form.reason}"
    return known._replace(state=State.UNKNOWN, reason=reason) if known is labels else known


def _either(publication: Publication, key: str, missing: str) -> Fact:
    """A fact that the page takes from the label, or from the annotation of an index."""
    labels = _lookup(publication.metadata.labels, publication.metadata.complete, key, missing)
    if labels.state is State.GOOD or publication.form.is_index is False:
        return labels
    own = publication.index_annotations
    annotated = _lookup(own.values, own.complete or not (publication.build or publication.made), key, missing)
    return annotated if annotated.state is State.GOOD else labels


def _lookup(values: Mapping[str, Label], complete: bool, key: str, missing: str) -> Fact:
    label = values.get(key)
    if label is None:
        if complete:
            return Fact(State.BAD, "", missing)
        return Fact(State.UNKNOWN, "", "not everything that may set it is known")
    setting = label.setting
    place = Place(setting.source, setting.key_span)
    if setting.value is None:
        return Fact(State.UNKNOWN, "", _unknown(setting), place)
    if not setting.value:
        return Fact(State.BAD, "", f"{setting.by} sets it to nothing", place)
    return Fact(State.GOOD, setting.value, "", place)


def _unknown(setting: Setting) -> str:
    if setting.reason:
        return setting.reason
    return "depends on what the build is given" if setting.stage != OUTSIDE else "depends on the run"


def _repository(publication: Publication, profile: RegistryProfile, hosts: tuple[str, ...]) -> Fact:
    """The repository that the package is linked to."""
    fact = _either(publication, profile.source_label, "the package will not be linked to its repository")
    if fact.state is not State.GOOD:
        return fact
    problem = judge(fact.value, hosts)
    if problem is not None:
        return fact._replace(state=State.BAD, reason=f"links nothing: the address {problem.reason}")
    named = named_repository(fact.value)
    return fact._replace(value=f"{named.owner}/{named.name}" if named else fact.value)


def _access(repository: Fact, hosts: tuple[str, ...], identity: Identity | None) -> Fact:
    """Whether workflows of this repository get access to the package.

    https://docs.github.com/en/packages/learn-github-packages/about-permissions-for-github-packages
    """
    ours = next((each for each in identity.candidates if each.host in hosts), None) if identity else None
    if repository.state is State.UNKNOWN:
        return Fact(State.UNKNOWN, "", "the repository that it is linked to is not known")
    if repository.state is State.BAD:
        reason = "only when one of them creates the package with GITHUB_TOKEN"
        return Fact(State.BAD, "", reason)
    if ours is None:
        return Fact(State.UNKNOWN, "", "which repository this is, nothing says")
    if repository.value.lower() == f"{ours.owner}/{ours.name}".lower():
        return Fact(State.GOOD, f"workflows of {ours.owner}/{ours.name}", "the package is linked to this repository")
    return Fact(
        State.BAD, f"workflows of {repository.value}", f"not those of this repository, {ours.owner}/{ours.name}"
    )
