"""Whether layers are what their digests say. This reads all of them."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Final, Protocol

from imglint.model.image.image import Layer
from imglint.read.file import failure
from imglint.read.image.documents import registered
from imglint.read.image.store import ImageError
from imglint.read.image.streams import unpacked

_CHUNK: Final = 1 << 20


def verified(layer: Layer, progress: Callable[[str, int, int | None], None] | None) -> str:
    """What is wrong with a layer's digests, as a sentence; empty when nothing is, or it cannot be told.

    `progress` is told what is read, how many bytes of it are done, and of how many (None when unknown).
    """
    try:
        return _blob_problem(layer, progress) or _content_problem(layer, progress)
    except OSError as error:
        return f"the layer {failure(error)}"


def _blob_problem(layer: Layer, progress: Callable[[str, int, int | None], None] | None) -> str:
    stated = registered(layer.digest)
    source = layer.opened() if layer.opened and stated else ""
    if stated is None or isinstance(source, str):
        return ""
    with source:
        found = _digest(source, stated[0], layer, layer.size, progress)
    return f"the layer that this digest names has the digest {found}" if found != layer.digest else ""


def _content_problem(layer: Layer, progress: Callable[[str, int, int | None], None] | None) -> str:
    stated = registered(layer.diff_id)
    source = layer.opened() if layer.opened and stated else ""
    if stated is None or isinstance(source, str):
        return ""
    with source:
        try:
            stream = unpacked(source)[0]
        except ImageError:  # There is no module for its compression.
            return ""
        try:
            found = _digest(stream, stated[0], layer, None, progress)
        except ImageError as error:
            return f"the content of the layer {error}"
    if found == layer.diff_id:
        return ""
    return f"the content of the layer has the digest {found}, and the configuration says {layer.diff_id}"


class _Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def _digest(
    source: _Readable, algorithm: str, layer: Layer, size: int | None,
    progress: Callable[[str, int, int | None], None] | None,
) -> str:  # fmt: skip
    hashing = hashlib.new(algorithm)
    done = 0
    while data := source.read(_CHUNK):
        hashing.update(data)
        done += len(data)
        if progress is not None:
            progress(f"layer {layer.number + 1}", done, size)
    if progress is not None:
        progress(f"layer {layer.number + 1}", done, done)
    return f"{algorithm}:{hashing.hexdigest()}"
