"""Whether layers are what their digests say. This reads all of them."""

from __future__ import annotations

import hashlib
from typing import Final

from imglint.model.image.image import Layer
from imglint.read.file import failure
from imglint.read.image.documents import registered
from imglint.read.image.options import Progress
from imglint.read.image.store import ImageError
from imglint.read.image.streams import FileStream, GzipStream, Readable, unpacked, watched

_CHUNK: Final = 1 << 20


def verified(layer: Layer, progress: Progress | None) -> str:
    """What is wrong with a layer's digests, as a sentence; empty when nothing is, or it cannot be told."""
    try:
        return _blob_problem(layer, progress) or _content_problem(layer, progress)
    except OSError as error:
        return f"the layer {failure(error)}"


def _blob_problem(layer: Layer, progress: Progress | None) -> str:
    stated = registered(layer.digest)
    source = layer.opened() if layer.opened and stated else ""
    if stated is None or isinstance(source, str):
        return ""
    with source:
        found = _digest(watched(source, layer, progress), stated[0])
    return f"the layer that this digest names has the digest {found}" if found != layer.digest else ""


def _content_problem(layer: Layer, progress: Progress | None) -> str:
    stated = registered(layer.diff_id)
    source = layer.opened() if layer.opened and stated else ""
    if stated is None or isinstance(source, str):
        return ""
    with source:
        try:
            stream = unpacked(watched(source, layer, progress))[0]
        except ImageError:  # There is no module for its compression.
            return ""
        try:
            found = _digest(stream, stated[0])
        except ImageError as error:
            return f"the content of the layer {error}"
    if found == layer.diff_id:
        return ""
    return f"the content of the layer has the digest {found}, and the configuration says {layer.diff_id}"


def _digest(source: Readable | FileStream | GzipStream, algorithm: str) -> str:
    hashing = hashlib.new(algorithm)
    while data := source.read(_CHUNK):
        hashing.update(data)
    return f"{algorithm}:{hashing.hexdigest()}"
