"""What a registry takes: how large layers and manifests may be, and how many layers there may be."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.layertypes import is_pushed
from imglint.checks.images.problems import MAX_FINDINGS
from imglint.checks.images.walk import indexes, manifests
from imglint.checks.images.wording import about_layer, both
from imglint.finding import Finding, Severity
from imglint.model.image.image import At, Basis, Image, Layer, Variant
from imglint.model.image.size import decimal
from imglint.syntax.reference import first_is_domain

NEAR: Final = 0.8
"""The part of the limit from which on a layer is near it."""
MAX_LAYERS: Final = 127
"""https://github.com/moby/buildkit/issues/3067"""

_SPLIT: Final = "spread its files over several instructions, or fetch the large ones when the container starts"


def layer_too_large(variant: Variant, context: Context) -> Iterator[Finding]:
    """A layer has more bytes than the registry takes."""
    limit = context.profile.layer_bytes
    takes = f"the {context.profile.name} takes at most {both(limit)}"
    for layer, size in _sized(variant, context, limit):
        if layer.basis is Basis.COMPRESSED:
            message = f"this layer has {both(size)}, and {takes}: the push will fail"
            yield about_layer(variant, layer, context, message, _SPLIT)
        else:
            message = f"this layer has {both(size)} uncompressed, and {takes} compressed, a size that is unknown here"
            yield about_layer(variant, layer, context, message, _SPLIT, Severity.WARNING)


def layer_near_limit(variant: Variant, context: Context) -> Iterator[Finding]:
    """A layer is nearly as large as the registry takes."""
    limit = context.profile.layer_bytes
    for layer, size in _sized(variant, context, int(limit * NEAR)):
        if layer.basis is Basis.COMPRESSED and size <= limit:
            share = f"{size * 100 // limit} % of the {decimal(limit)} that the {context.profile.name} takes"
            yield about_layer(variant, layer, context, f"this layer has {both(size)}, {share}", _SPLIT)


def layer_upload_too_slow(variant: Variant, context: Context) -> Iterator[Finding]:
    """A layer takes longer to push than the registry waits."""
    uplink, minutes = context.settings.uplink, context.profile.upload_minutes
    if uplink is None:
        return
    for layer, size in _sized(variant, context, uplink * 125_000 * minutes * 60):
        if layer.basis is Basis.COMPRESSED and size <= context.profile.layer_bytes:
            takes = f"takes {_minutes(size, uplink)} minutes at {uplink} Mbit/s"
            message = f"this layer of {decimal(size)} {takes}, and the {context.profile.name} waits {minutes} minutes"
            needed = -(-size // (125_000 * minutes * 60))
            help = f"push over at least {needed} Mbit/s, or {_SPLIT}"
            yield about_layer(variant, layer, context, message, help)


def too_many_layers(variant: Variant, context: Context) -> Iterator[Finding]:
    """An image has more layers than engines can stack."""
    count = len(variant.layers or ())
    if variant.layers and count > MAX_LAYERS:
        first = variant.layers[MAX_LAYERS].at
        yield context.at(
            first,
            f"the image has {count} layers, and container engines stack at most {MAX_LAYERS}",
            label=f"layer {MAX_LAYERS + 1}",
            help="join instructions RUN, COPY and ADD, or build on a base image with fewer layers",
        )


def manifest_too_large(image: Image, context: Context) -> Iterator[Finding]:
    """A manifest or an index has more bytes than registries take."""
    limit = context.profile.manifest_bytes
    said: set[str] = set()
    for document in indexes(image):
        for number in range(len(document.items("manifests"))):
            size = document.number("manifests", number, "size")
            if size is not None and size > limit and len(said) < MAX_FINDINGS:
                said.add(document.text("manifests", number, "digest"))
                yield _too_large(At(document, ("manifests", number, "size")), size, limit, context)
    for document in (*indexes(image), *manifests(image)):
        if document.size is not None and document.size > limit and document.digest not in said:
            yield _too_large(At(document, ()), document.size, limit, context)


def _too_large(at: At, size: int, limit: int, context: Context) -> Finding:
    return context.at(
        at,
        f"this manifest has {size:,} bytes, and registries need take no more than {limit:,}: the push may fail",
        help="take annotations and embedded `data` out of it, or layers and platforms",
    )


def _sized(variant: Variant, context: Context, least: int) -> Iterator[tuple[Layer, int]]:
    """The layers that are pushed and have more than `least` bytes, with their sizes."""
    if not _goes_there(context):
        return iter(())
    found = (
        (layer, layer.size)
        for layer in variant.layers or ()
        if layer.size is not None and layer.size > least and is_pushed(layer)
    )
    return islice(found, MAX_FINDINGS)


def _goes_there(context: Context) -> bool:
    """Whether the image may go to the registry whose limits these are: its names may say that it goes elsewhere."""
    names = context.image.references if context.image else ()
    return not names or any(_registry(name) in ("", *context.profile.hosts) for name in names)


def _registry(name: str) -> str:
    """The registry that a name says; empty for the names of local images, which may be pushed anywhere."""
    first, slash, _ = name.partition("/")
    return first if slash and first_is_domain(first) and first != "localhost" else ""


def _minutes(size: int, uplink: int) -> str:
    minutes = size / (uplink * 125_000) / 60
    return f"{minutes:.0f}" if minutes >= 10 else f"{minutes:.1f}"
