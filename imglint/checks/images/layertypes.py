"""The types of layers."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.problems import MAX_FINDINGS
from imglint.finding import Finding
from imglint.model.image.image import Layer, Variant

_OCI: Final = "application/vnd.oci.image.layer.v1.tar"
_RESTRICTED: Final = "application/vnd.oci.image.layer.nondistributable.v1.tar"
_DOCKER: Final = "application/vnd.docker.image.rootfs.diff.tar"
_FOREIGN: Final = "application/vnd.docker.image.rootfs.foreign.diff.tar"
ELSEWHERE: Final = (
    _RESTRICTED, f"{_RESTRICTED}+gzip", f"{_RESTRICTED}+zstd", _FOREIGN, f"{_FOREIGN}.gzip", f"{_FOREIGN}.zstd",
)  # fmt: skip
"""Types of layers whose bytes are not pushed."""
LAYER_TYPES: Final = (
    _OCI, f"{_OCI}+gzip", f"{_OCI}+zstd", _DOCKER, f"{_DOCKER}.gzip", f"{_DOCKER}.zstd", *ELSEWHERE,
)  # fmt: skip
"""Types that tools know: https://github.com/opencontainers/image-spec/blob/main/media-types.md, and Docker's."""


def family(media_type: object) -> str:
    """Whose media type it is: `oci`, `docker`, or empty."""
    if not isinstance(media_type, str):
        return ""
    prefixes = {"application/vnd.oci.": "oci", "application/vnd.docker.": "docker"}
    return next((name for prefix, name in prefixes.items() if media_type.startswith(prefix)), "")


def is_pushed(layer: Layer) -> bool:
    """Whether the bytes of a layer are pushed to the registry."""
    return layer.media_type not in ELSEWHERE


def deprecated_layer_type(variant: Variant, context: Context) -> Iterator[Finding]:
    """A layer that is not to be distributed, or one of Docker's types in an OCI manifest, or the other way round."""
    layers = variant.layers or ()
    for layer in islice((layer for layer in layers if not is_pushed(layer)), MAX_FINDINGS):
        yield context.at(
            layer.at / "mediaType",
            "this layer is not pushed with the image: who pulls it needs the server that has the layer",
            help="build on a base image whose layers may be distributed",
        )
    own = family(variant.manifest.media_type) if variant.manifest else ""
    odd = [layer for layer in layers if is_pushed(layer) and family(layer.media_type) not in ("", own)]
    if own and odd:
        whose, manifest = ("Docker's", "an OCI") if own == "oci" else ("an OCI", "Docker's")
        count = "1 layer has" if len(odd) == 1 else f"{len(odd)} layers have"
        yield context.at(
            odd[0].at / "mediaType",
            f"{count} {whose} type in {manifest} manifest, and some tools refuse to convert or to copy such an image",
            help="build or copy the image anew in one format: skopeo copy --format oci",
        )
