"""Manifests and indexes: https://github.com/opencontainers/image-spec/blob/main/manifest.md, image-index.md."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.descriptors import EMPTY_TYPE, media_type
from imglint.checks.images.layertypes import LAYER_TYPES, family
from imglint.checks.images.problems import (
    Problem,
    annotation_map,
    has_type,
    quoted,
    repeated_names,
    reported,
    shown,
    typed,
)
from imglint.checks.images.walk import INDEX_TYPES, indexes, is_layout_index, manifests
from imglint.finding import Finding, Severity
from imglint.model.image.image import At, Image

MANIFEST_TYPES: Final = (
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)
_CONFIG_TYPES: Final = (
    "application/vnd.oci.image.config.v1+json",
    "application/vnd.docker.container.image.v1+json",
)


def invalid_manifest(image: Image, context: Context) -> Iterator[Finding]:
    """A manifest or an index that is not as the specification wants it."""
    for document in indexes(image):
        at = At(document, ())
        yield from reported(context, _index(at, is_layout_index(image, document)))
    for document in manifests(image):
        yield from reported(context, _manifest(At(document, ())))


def _index(at: At, is_layout: bool) -> Iterator[Problem]:
    yield from _common(at, INDEX_TYPES, is_layout)
    yield from typed(at, "manifests", "an array", required=True)
    for name in ("config", "layers"):
        if (at / name).value is not None:
            yield _confusing(at / name, f"an index must not have `{name}`, which manifests have")


def _manifest(at: At) -> Iterator[Problem]:
    yield from _common(at, MANIFEST_TYPES)
    if (at / "config").value is None:
        yield Problem(at, "`config` is missing", "it must be a descriptor")
    if (at / "config" / "mediaType").value == EMPTY_TYPE and (at / "artifactType").value is None:
        message = "the configuration is the empty one, so `artifactType` must say what this is"
        yield Problem(at, message, 'add "artifactType" with the media type of the artifact')
    yield from typed(at, "layers", "an array", required=True)
    if (at / "layers").value == []:
        message = "`layers` is empty, which many tools do not expect"
        yield Problem(at / "layers", message, "make it hold at least one layer", Severity.WARNING)
    if (at / "manifests").value is not None:
        yield _confusing(at / "manifests", "a manifest must not have `manifests`, which indexes have")
    if (at / "config" / "mediaType").value in _CONFIG_TYPES:
        yield from _types(at)


def _common(at: At, types: tuple[str, str], is_layout: bool = False) -> Iterator[Problem]:
    yield from repeated_names(at.document)
    yield from _schema_version(at)
    yield from _own_type(at, types, is_layout)
    yield from media_type(at, "artifactType")
    yield from annotation_map(at)


def _schema_version(at: At) -> Iterator[Problem]:
    value = (at / "schemaVersion").value
    if value is None:
        yield Problem(at, "`schemaVersion` is missing", "it must be 2")
    elif not has_type(value, "a whole number") or value != 2:
        yield Problem(at / "schemaVersion", f"`schemaVersion` must be 2, not {shown(value)}")


def _own_type(at: At, types: tuple[str, str], is_layout: bool) -> Iterator[Problem]:
    value = (at / "mediaType").value
    if value is None:
        if not is_layout:
            declared = at.document.media_type
            help = f'add "mediaType": "{declared if declared in types else types[0]}"'
            yield Problem(at, "`mediaType` is missing, so tools must guess what this is", help, Severity.WARNING)
    elif not isinstance(value, str):
        yield from typed(at, "mediaType", "a string")
    elif value not in types:
        yield Problem(at / "mediaType", f"{quoted(value)} is not the type of this document", f"it must be {types[0]}")
    elif at.document.media_type != value:
        message = f"this says that it is {value}, and what names it that it is {quoted(at.document.media_type)}"
        yield Problem(at / "mediaType", message, severity=Severity.WARNING)


def _types(at: At) -> Iterator[Problem]:
    """Types of the configuration and of layers that tools need not understand; deprecated ones have their own rule."""
    config, own = (at / "config" / "mediaType").value, at.document.media_type
    if own in MANIFEST_TYPES and family(config) != family(own):
        whose = "OCI's type in Docker's" if family(own) == "docker" else "Docker's type in an OCI"
        message = f"the configuration has {whose} manifest, and some tools refuse it"
        help = f"it should be {_CONFIG_TYPES[MANIFEST_TYPES.index(own)]}"
        yield Problem(at / "config" / "mediaType", message, help, Severity.WARNING)
    for number in range(len(at.document.items("layers"))):
        here = at / "layers" / number / "mediaType"
        value = here.value
        if isinstance(value, str) and value.removesuffix("+encrypted") not in LAYER_TYPES:
            from imglint.syntax.nearest import nearest

            guess = nearest(value, LAYER_TYPES)
            message = f"{quoted(value)} is not the type of a layer that tools must understand"
            yield Problem(here, message, f"did you mean {guess}?" if guess else "", Severity.WARNING)


def _confusing(at: At, message: str) -> Problem:
    return Problem(at, f"{message}: tools disagree about what this is, and some refuse it", "remove it", is_name=True)
