"""Bytes read forwards under bounds: files, and what is compressed in them."""

from __future__ import annotations

import os
import time
import zlib
from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any, BinaryIO, Final, Protocol

from imglint.model.image.image import Layer
from imglint.read.image.options import Progress
from imglint.read.image.store import ImageError

MAX_UNPACKED: Final = 1 << 40
"""Bytes that one compressed stream may come to."""
MAX_RATIO: Final = 1100
"""Bytes that one compressed byte may come to; gzip can do no more than 1032, and real layers not nearly so much."""
MAX_SECONDS: Final = 1800.0
"""How long one compressed stream is read."""

_CHUNK: Final = 1 << 18
GZIP: Final = b"\x1f\x8b"
ZSTD: Final = b"\x28\xb5\x2f\xfd"


class FileStream:
    """A file that can be skipped through without being read."""

    def __init__(self, file: Readable, length: int) -> None:
        self.file = file
        self.left = length

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        data = self.file.read(min(size, self.left))
        self.left -= len(data)
        return data

    def skip(self, size: int) -> int:
        """Go on behind the next bytes; how many there were, fewer at the end."""
        size = min(size, self.left)
        self.file.seek(size, 1)
        self.left -= size
        return size


class Watched:
    """A file whose reading is told of: the position after each read, and the length."""

    def __init__(self, file: BinaryIO, told: Callable[[int, int], None]) -> None:
        self.file = file
        self.told = told
        self.length = file.seek(0, os.SEEK_END)
        file.seek(0)

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        data = self.file.read(size)
        self.told(self.file.tell(), self.length)
        return data

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Go to another position, which is returned."""
        return self.file.seek(offset, whence)


class Readable(Protocol):
    """A file that is read forwards, once its length is known."""

    def read(self, size: int, /) -> bytes:
        """The next bytes; fewer at the end."""
        ...

    def seek(self, offset: int, whence: int = ..., /) -> int:
        """Go to another position, which is returned."""
        ...


class GzipStream:
    """What is compressed with gzip in a file, several streams behind one another included (RFC 1952, section 2.2)."""

    magic = GZIP

    def __init__(self, file: Readable) -> None:
        self.file = file
        self.inner = self._new()
        self.pending = b""
        self.ready = bytearray()
        self.taken = self.given = 0
        self.deadline = time.monotonic() + MAX_SECONDS

    def _new(self) -> Any:
        return zlib.decompressobj(31)

    def _unpack(self, data: bytes) -> bytes:
        unpacked: bytes = self.inner.decompress(data, _CHUNK)
        self.pending = self.inner.unconsumed_tail
        return unpacked

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end. Raises `ImageError`."""
        while len(self.ready) < size:
            more = self._more()
            if not more:
                break
            self.ready += more
        data = bytes(self.ready[:size])
        del self.ready[:size]
        return data

    def skip(self, size: int) -> int:
        """Go on behind the next bytes, which are unpacked and let go; how many there were. Raises `ImageError`."""
        skipped = 0
        while skipped < size:
            data = self.read(min(size - skipped, _CHUNK))
            if not data:
                break
            skipped += len(data)
        return skipped

    def _more(self) -> bytes:
        """Some more bytes; none at the end."""
        while True:
            if self.inner.eof:
                # Archives are padded with zeros, and what follows them is no part of the stream.
                self.pending = (self.inner.unused_data or self._next()).lstrip(b"\0")
                if not self.pending.startswith(self.magic):
                    return b""
                self.inner = self._new()
            if not self.pending and getattr(self.inner, "needs_input", True):
                self.pending = self._next()
                if not self.pending:
                    raise ImageError("cannot be read: the compressed data is cut off")
            try:
                data = self._unpack(self.pending)
            except ImageError:
                raise
            except Exception as error:  # Every module has an exception of its own for this.
                raise ImageError(f"cannot be read: the compressed data is damaged ({type(error).__name__})") from None
            self.given += len(data)
            self._check()
            if data:
                return data

    def _next(self) -> bytes:
        data = self.file.read(_CHUNK)
        self.taken += len(data)
        return data

    def _check(self) -> None:
        if self.given > MAX_UNPACKED or self.given > self.taken * MAX_RATIO + (1 << 20):
            raise ImageError("cannot be read: the compressed data unpacks to more than can be")
        if time.monotonic() > self.deadline:
            raise ImageError("cannot be read: unpacking takes too long")


class ZstdStream(GzipStream):
    """What is compressed with Zstandard, where a module for it is installed."""

    magic = ZSTD

    def _new(self) -> Any:
        for name in ("compression.zstd", "backports.zstd"):
            try:
                return import_module(name).ZstdDecompressor()
            except ImportError:
                continue
        raise ImageError(
            "cannot be read: it is compressed with zstd, for which imglint needs `pip install imglint[zstd]`"
        )

    def _unpack(self, data: bytes) -> bytes:
        unpacked: bytes = self.inner.decompress(data, _CHUNK)
        self.pending = b""
        return unpacked


def watched(file: BinaryIO, layer: Layer, progress: Progress | None) -> Readable:
    """The file of a layer, whose reading is told of where somebody wants to know."""
    if progress is None:
        return file
    return Watched(file, partial(progress, f"layer {layer.number + 1}"))


def unpacked(file: Readable) -> tuple[FileStream | GzipStream, bool]:
    """The content of a layer, and whether it is compressed: that is told by its first bytes. Raises `ImageError`."""
    length = file.seek(0, os.SEEK_END)
    file.seek(0)
    magic = file.read(4)
    file.seek(0)
    if magic.startswith(GZIP):
        return GzipStream(file), True
    if magic.startswith(ZSTD):
        return ZstdStream(file), True
    return FileStream(file, length), False
