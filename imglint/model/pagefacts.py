"""What a registry's page will show of a package, fact by fact, and where each fact is written.

The page of the GitHub Container registry reads the labels of a single image and the annotations of an index:
https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Final

from imglint.model.link import Link, judge, named_repository
from imglint.model.metadata import Label, Setting
from imglint.model.publication import OUTSIDE, Annotations, Publication
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity
from imglint.record import NamedTuple
from imglint.syntax.text import Place


class State(Enum):
    """How much is known of a fact, and whether it is well."""

    GOOD = "good"
    BAD = "bad"
    UNKNOWN = "unknown"


_GRAVITY: Final = (State.BAD, State.UNKNOWN, State.GOOD)


class Fact(NamedTuple):
    """One line of a page. `value` is what is shown, empty when nothing is; `reason` explains what is no plain value.

    `place` is where it is written, None when nowhere.
    """

    state: State
    value: str = ""
    reason: str = ""
    place: Place | None = None


def description(publication: Publication, key: str) -> Fact:
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


def licenses(publication: Publication, key: str) -> Fact:
    """The licences, which the page shows as they are written."""
    return _either(publication, key, "the page will show no licence")


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


def repository(publication: Publication, profile: RegistryProfile, hosts: tuple[str, ...]) -> Fact:
    """The repository that the package is linked to."""
    fact = _either(publication, profile.source_label, "the package will not be linked to its repository")
    if fact.state is not State.GOOD:
        return fact
    problem = judge(fact.value, hosts)
    if problem is not None:
        return fact._replace(state=State.BAD, reason=f"links nothing: the address {problem.reason}")
    named = named_repository(fact.value)
    return fact._replace(value=f"{named.owner}/{named.name}" if named else fact.value)


def access(repository: Fact, hosts: tuple[str, ...], identity: Identity | None) -> Fact:
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


def link(repository: Fact, access: Fact) -> Link:
    """What the package is linked to, as far as two facts of its page tell."""
    ours = {State.GOOD: True, State.BAD: False, State.UNKNOWN: None}[access.state]
    return Link(ours, repository.value if repository.state is State.GOOD else "", repository.place)


def worse(first: Fact | None, second: Fact | None) -> Fact | None:
    """Of the ends of two pushes the one to worry about, with a word on the other."""
    if first is None or second is None:
        return first or second
    if first.value == second.value:
        return second if second.reason and not first.reason else first
    shown, other = sorted((first, second), key=lambda fact: _GRAVITY.index(fact.state))
    return shown._replace(reason=shown.reason or f"another push {other.value}")
