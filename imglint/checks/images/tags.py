"""The tags by which an image is pulled."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.form import DOCKER_INSPECT, REGISTRY
from imglint.model.image.image import At, Image
from imglint.syntax.reference import InvalidReferenceError, Reference, parse

_LATEST = "latest"


def latest_tag(image: Image, context: Context) -> Iterator[Finding]:
    """The image is known by no other tag than `latest`."""
    if image.form not in (REGISTRY, DOCKER_INSPECT):
        return
    names = [(text, read) for text in image.references if (read := _read(text)) is not None]
    others = {(read.domain, read.path) for _, read in names if read.digest or read.tag not in ("", _LATEST)}
    for text, read in names:
        if read.digest or read.tag not in ("", _LATEST) or (read.domain, read.path) in others:
            continue
        if image.form is DOCKER_INSPECT and "/" not in text:
            continue  # A name without a registry or an owner is of this machine, or of an official image.
        words = "has no tag, which means `latest`" if not read.tag else "is known by the tag `latest` only"
        yield context.at(
            _place(image, text),
            f"`{text}` {words}: what it names changes, and nobody can go back to it",
            help="give each release a tag of its own, and pull it by that, or by its digest",
        )


def _read(text: str) -> Reference | None:
    try:
        return parse(text)
    except InvalidReferenceError:
        return None


def _place(image: Image, text: str) -> At:
    """Where a document tells the name; the outermost document where none does."""
    root = image.root
    for here in ((), *((number,) for number in range(len(root.items())))):
        tags = root.items(*here, "RepoTags")
        if text in tags:
            return At(root, (*here, "RepoTags", tags.index(text)))
    return At(root, ())
