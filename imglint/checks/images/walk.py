"""The documents of an image, and the entries of its indexes, as rules go through them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.model.image.document import Document
from imglint.model.image.form import OCI_ARCHIVE, OCI_LAYOUT
from imglint.model.image.image import At, Image

INDEX_TYPES: Final = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)
_REFERENCE_TYPE: Final = "vnd.docker.reference.type"
_REFERENCE_NAMES: Final = ("org.opencontainers.image.ref.name", "io.containerd.image.name")


def indexes(image: Image) -> Iterator[Document]:
    """The indexes whose very bytes are known."""
    return (each for each in image.indexes if each.exact and isinstance(each.value, dict))


def manifests(image: Image) -> Iterator[Document]:
    """The manifests whose very bytes are known: of images, and of an artifact that was named."""
    if image.root.title == "manifest" and not image.variants:
        yield image.root
    for variant in image.variants:
        if variant.manifest is not None and variant.manifest.exact and isinstance(variant.manifest.value, dict):
            yield variant.manifest


def configurations(image: Image) -> Iterator[Document]:
    """The configurations whose very bytes are known."""
    for variant in image.variants:
        document = variant.config.document if variant.config else None
        if document is not None and document.exact and isinstance(document.value, dict):
            yield document


def entries(image: Image) -> Iterator[At]:
    """The entries of the indexes that are images, as far as is known: no indexes, no attestations, no artifacts."""
    others = {(artifact.at.document.source, artifact.at.pointer) for artifact in image.artifacts}
    for index in image.indexes:
        for number in range(len(index.items("manifests"))):
            at = At(index, ("manifests", number))
            nested = (at / "mediaType").value in INDEX_TYPES
            is_other = nested or is_marked(at) or (index.source, at.pointer) in others
            if isinstance(at.value, dict) and not is_other:
                yield at


def is_marked(entry: At) -> bool:
    """Whether an entry of an index says that it is an attestation or an artifact."""
    marked = entry.document.text(*entry.pointer, "annotations", _REFERENCE_TYPE)
    return bool(marked) or (entry / "artifactType").value is not None


def is_named(entry: At) -> bool:
    """Whether an entry has a name of its own, as those of an OCI image layout have."""
    return any(entry.document.text(*entry.pointer, "annotations", name) for name in _REFERENCE_NAMES)


def is_layout_index(image: Image, document: Document) -> bool:
    """Whether it is the `index.json` of an OCI image layout, which lists what is there and is pushed nowhere."""
    if document is image.root and not document.path and image.form in (OCI_LAYOUT, OCI_ARCHIVE):
        return True
    return any(is_named(At(document, ("manifests", number))) for number in range(len(document.items("manifests"))))
