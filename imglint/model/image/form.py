"""The forms in which images are met, and what each of them cannot carry."""

from __future__ import annotations

from enum import Enum
from typing import Final

from imglint.record import NamedTuple


class Fact(Enum):
    """What can be known of an image; the value is what people call it."""

    NAMES = "names and tags"
    DIGEST = "digest"
    INDEX = "index or single image"
    INDEX_ANNOTATIONS = "index annotations"
    MANIFEST_ANNOTATIONS = "manifest annotations"
    ATTESTATIONS = "provenance and SBOM"
    PLATFORM = "platform"
    LABELS = "labels"
    ENVIRONMENT = "environment"
    RUNTIME = "user, directory, ports, volumes"
    START = "entry point and command"
    HEALTHCHECK = "health check"
    CREATED = "time of creation"
    HISTORY = "history"
    LAYERS = "number of layers"
    LAYER_DIGESTS = "digests of layers"
    DIFF_IDS = "digests of the layers' content"
    LAYER_SIZES = "sizes of layers"


class State(Enum):
    """What is known of a fact. What is not checkable is never called missing."""

    KNOWN = "known"
    ABSENT = "absent"
    NOT_CHECKABLE = "not checkable"


class Form(NamedTuple):
    """A form of an image. `name` follows "this is"; `lacks` are the facts that it cannot carry."""

    key: str
    name: str
    lacks: frozenset[Fact] = frozenset()


_INDEXED: Final = frozenset((Fact.INDEX, Fact.INDEX_ANNOTATIONS, Fact.MANIFEST_ANNOTATIONS, Fact.ATTESTATIONS))
_CONFIG: Final = frozenset(
    (
        Fact.LABELS, Fact.ENVIRONMENT, Fact.RUNTIME, Fact.START, Fact.HEALTHCHECK, Fact.CREATED, Fact.HISTORY,
        Fact.DIFF_IDS,
    )
)  # fmt: skip
_LAYERS: Final = frozenset((Fact.LAYERS, Fact.LAYER_DIGESTS, Fact.LAYER_SIZES))

OCI_LAYOUT: Final = Form("oci-layout", "an OCI image layout")
OCI_ARCHIVE: Final = Form("oci-archive", "an OCI image layout in an archive")
DIR: Final = Form("dir", "a directory as skopeo writes it", frozenset((Fact.NAMES,)))
DOCKER_ARCHIVE: Final = Form(
    "docker-archive", "an archive of docker save", _INDEXED | {Fact.DIGEST, Fact.LAYER_DIGESTS}
)
DOCKER_ARCHIVE_25: Final = Form("docker-archive-25", "an archive of docker save (25 or newer)", DOCKER_ARCHIVE.lacks)
REGISTRY: Final = Form("registry", "an image in a registry")
DOCKER_INSPECT: Final = Form(
    "docker-inspect", "the output of docker image inspect",
    _INDEXED | {Fact.HISTORY, Fact.LAYER_DIGESTS, Fact.LAYER_SIZES},
)  # fmt: skip
SKOPEO_INSPECT: Final = Form(
    "skopeo-inspect", "the output of skopeo inspect",
    _INDEXED | {Fact.RUNTIME, Fact.START, Fact.HEALTHCHECK, Fact.HISTORY, Fact.DIFF_IDS},
)  # fmt: skip
BUILDAH_INSPECT: Final = Form(
    "buildah-inspect",
    "the output of buildah inspect",
    frozenset((Fact.DIGEST, Fact.INDEX, Fact.INDEX_ANNOTATIONS, Fact.ATTESTATIONS)),
)
IMAGETOOLS_JSON: Final = Form(
    "imagetools-json",
    "the JSON of docker buildx imagetools inspect",
    frozenset((Fact.MANIFEST_ANNOTATIONS, Fact.LAYER_DIGESTS, Fact.LAYER_SIZES)),
)
METADATA_FILE: Final = Form(
    "metadata-file", "a file that buildx --metadata-file wrote", _INDEXED | _CONFIG | _LAYERS | {Fact.PLATFORM}
)
INDEX_JSON: Final = Form("index", "an image index", _CONFIG | _LAYERS | {Fact.NAMES, Fact.MANIFEST_ANNOTATIONS})
MANIFEST_JSON: Final = Form(
    "manifest", "an image manifest",
    _CONFIG | {Fact.NAMES, Fact.PLATFORM, Fact.INDEX, Fact.INDEX_ANNOTATIONS, Fact.ATTESTATIONS},
)  # fmt: skip
CONFIG_JSON: Final = Form(
    "config", "the configuration of an image", _INDEXED | _LAYERS - {Fact.LAYERS} | {Fact.NAMES, Fact.DIGEST}
)

FORMS: Final = (
    OCI_LAYOUT, OCI_ARCHIVE, DIR, DOCKER_ARCHIVE, DOCKER_ARCHIVE_25, REGISTRY, DOCKER_INSPECT, SKOPEO_INSPECT,
    BUILDAH_INSPECT, IMAGETOOLS_JSON, METADATA_FILE, INDEX_JSON, MANIFEST_JSON, CONFIG_JSON,
)  # fmt: skip
"""Every form, in the order in which they are told to people."""
