"""Labels that are not there, or that say nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.labels.mending import add_label
from imglint.finding import Finding, Related
from imglint.model.about import Fact
from imglint.model.publication import Publication
from imglint.syntax import oci


def missing_source(publication: Publication, context: Context) -> Iterator[Finding]:
    """The published image names no repository."""
    if _is_shown_elsewhere(publication, context, context.profile.source_label):
        return
    url = context.linkable.url if context.linkable else "https://github.com/OWNER/REPO"
    message = "the package will not be linked to its repository"
    known = context.linkable.url if context.linkable else ""
    where = context.identity.origin if context.identity else ""
    yield from _missing(publication, context, context.profile.source_label, message, url, lambda: Fact(known, where))


def missing_description(publication: Publication, context: Context) -> Iterator[Finding]:
    """The published image does not say what it is.

    An index says it by an annotation of its own, which missing-index-description asks for.
    """
    if publication.form.is_index is True or _is_shown_elsewhere(
        publication, context, context.profile.description_label
    ):
        return
    message = 'the page will say "No description provided"'
    yield from _missing(publication, context, context.profile.description_label, message, "What the image is for",
                        lambda: context.about.description)  # fmt: skip


def missing_licenses(publication: Publication, context: Context) -> Iterator[Finding]:
    """The published image names no licence."""
    if _is_shown_elsewhere(publication, context, context.profile.licenses_label):
        return
    message = "the page will show no licence"
    key = context.profile.licenses_label
    yield from _missing(publication, context, key, message, "Apache-2.0", lambda: context.about.licenses)


def missing_label(publication: Publication, context: Context) -> Iterator[Finding]:
    """The published image lacks a label that the configuration requires."""
    for key, requirement in context.settings.required_labels.items():
        if key not in context.profile.required_labels:
            message = f"the label `{key}`, which the configuration requires, is missing"
            yield from _missing(publication, context, key, message, _EXAMPLES.get(requirement.type, "…"))


_EXAMPLES: Final = {
    "url": "https://…",
    "semver": "1.2.3",
    "rfc3339": "2026-01-31T12:00:00Z",
    "spdx": "Apache-2.0",
    "email": "team@example.com",
    "hash": "0123456",
}
"""A value of each type that the configuration can ask for."""


def _is_shown_elsewhere(publication: Publication, context: Context, key: str) -> bool:
    """Whether the image goes to another registry, or may have the annotation that its page reads."""
    if not publication.goes_to(context.profile.hosts):
        return True
    index, manifest = publication.index_annotations, publication.manifest_annotations
    if publication.form.is_index is True:
        return key in index.values or not index.complete
    return key in index.values or key in manifest.values


def _missing(
    publication: Publication,
    context: Context,
    key: str,
    message: str,
    example: str,
    known: Callable[[], Fact] = lambda: Fact(),
) -> Iterator[Finding]:
    """A finding when a label is not there; `known` finds the value that it should have, for a fix."""
    metadata = publication.metadata
    if key in metadata.labels or not metadata.complete:
        return
    # A label in a stage that is not published, or with a misspelt key, is a mistake with a rule of its own.
    if any(lost.key == key for lost in metadata.lost) or any(_means(other, key) for other in metadata.labels):
        return
    where = "add to the last stage of the Dockerfile, and build again" if publication.made else "add to this stage"
    fact = Fact() if publication.made else known()
    yield context.finding(
        publication.anchor,
        message,
        label=f"no {key}",
        help=f'{where}\nLABEL {key}="{example}"',
        related=_publishers(publication),
        group="missing-labels",
        fix=add_label(publication, key, fact.value, fact.where, context) if fact.value else None,
    )


def _publishers(publication: Publication) -> tuple[Related, ...]:
    """The build that publishes the image, where one is written down."""
    build = publication.build
    if build is None or build.place == (publication.source, publication.anchor):
        return ()
    return (Related(build.place.source, build.place.span, "this build publishes it"),)


def _means(key: str, other: str) -> bool:
    name = oci.misspelt_name(key)
    return name is not None and oci.meant(name) == other


# Tools set these on a base image, and the one way to take back an inherited label is to set it to nothing.
_MAY_BE_EMPTY = frozenset(oci.PREFIX + name for name in ("ref.name", "base.name", "base.digest"))


def empty_label(publication: Publication, context: Context) -> Iterator[Finding]:
    """A label is there and has nothing to say."""
    required = context.required_labels
    for key, label in publication.metadata.labels.items():
        # An empty version is wrong as a version: invalid-label-value speaks of it.
        # What the build blanks is a matter of its own: overridden-label or metadata-action-blanks-label.
        if label.value != "" or label.setting.default or label.blanked or key == oci.PREFIX + "version":
            continue
        if key in required or (oci.is_known(key) and key not in _MAY_BE_EMPTY):
            setting = label.setting
            yield context.finding(
                setting.span,
                f"the label `{key}` is empty",
                label="nothing to show",
                help="give it a value, or remove the label",
                source=setting.source,
            )
