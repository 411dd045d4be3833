"""Whether layers are what their digests say. This reads all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import BinaryIO, Final

from imglint.model.image.image import Layer
from imglint.read.image.documents import registered
from imglint.read.image.store import ImageError
from imglint.read.image.streams import unpacked

_CHUNK: Final = 1 << 20


def verified(layer: Layer, progress: Callable[[str, int, int | None], None] | None) -> str:
    """What is wrong with a layer's digests, as a sentence; empty when nothing is, or its bytes are not at hand."""
    stated = registered(layer.digest)
    if stated:
        found = _hashed(layer, stated[0], False, progress)
        if found and found != layer.digest:
            return f"the layer that this digest names has the digest {found}"
    content = registered(layer.diff_id)
    if content:
        found = _hashed(layer, content[0], True, progress)
        if found and found != layer.diff_id:
            return f"the content of the layer has the digest {found}, and the configuration says {layer.diff_id}"
    return ""


def _hashed(
    layer: Layer, algorithm: str, content: bool, progress: Callable[[str, int, int | None], None] | None
) -> str:
    source = layer.opened() if layer.opened else "nobody has it"
    if isinstance(source, str):
        return ""
    with source:
        try:
            return f"{algorithm}:{_sum(source, layer, algorithm, content, progress)}"
        except ImageError:
            return ""


def _sum(
    source: BinaryIO, layer: Layer, algorithm: str, content: bool,
    progress: Callable[[str, int, int | None], None] | None,
) -> str:  # fmt: skip
    stream = unpacked(source, layer.size)[0] if content else source
    hashing = hashlib.new(algorithm)
    done = 0
    while data := stream.read(_CHUNK):
        hashing.update(data)
        done += len(data)
        if progress is not None:
            progress(f"layer {layer.number + 1}", done, None if content else layer.size)
    if progress is not None:
        progress(f"layer {layer.number + 1}", done, done)
    return hashing.hexdigest()
