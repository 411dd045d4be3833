"""What indexes name beside images: attestations, signatures, charts."""

from __future__ import annotations

from typing import Final

from imglint.model.image.document import Document
from imglint.model.image.image import At, Attestation
from imglint.read.image.documents import CONFIG_TYPES

REFERENCE_TYPE: Final = "vnd.docker.reference.type"
REFERENCE_DIGEST: Final = "vnd.docker.reference.digest"
PREDICATE_TYPE: Final = "in-toto.io/predicate-type"
"""https://docs.docker.com/build/metadata/attestations/attestation-storage/"""

_EMPTY: Final = "application/vnd.oci.empty.v1+json"


def is_attestation(descriptor: At) -> bool:
    """Whether an entry of an index says that it is an attestation."""
    return descriptor.document.text(*descriptor.pointer, "annotations", REFERENCE_TYPE) == "attestation-manifest"


def attestation(descriptor: At, manifest: Document | None) -> Attestation:
    """The attestation that an entry of an index names; its manifest is None when it is not at hand."""
    subject = subject_of(descriptor)
    if manifest is None:
        return Attestation(descriptor, subject)
    types = (
        manifest.text("layers", number, "annotations", PREDICATE_TYPE)
        for number in range(len(manifest.items("layers")))
    )
    return Attestation(descriptor, subject, tuple(each for each in types if each))


def subject_of(descriptor: At) -> str:
    """The digest of the image that an attestation speaks of."""
    return descriptor.document.text(*descriptor.pointer, "annotations", REFERENCE_DIGEST)


def artifact_type(manifest: Document) -> str:
    """The type of a manifest that is no image; empty for an image."""
    own = manifest.text("artifactType")
    config = manifest.text("config", "mediaType")
    if own and config not in CONFIG_TYPES:
        return own
    if config and config not in CONFIG_TYPES:
        return config if config != _EMPTY else "an artifact"
    return ""
