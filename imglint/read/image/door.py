"""What a name on the command line stands for: a layout, an archive, a document, or a reference to a registry.

What lies on disk is told apart by its content, not by its name. The prefixes are those that users of skopeo know:
https://github.com/containers/image/blob/main/docs/containers-transports.5.md
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import BinaryIO, Final

from imglint.model.image.image import Image
from imglint.read.file import UnreadableError, failure, read_bytes, too_large
from imglint.read.image.options import ReadOptions
from imglint.read.image.store import MAX_CONFIG, ImageError

STDIN: Final = "-"
MAX_DOCUMENT: Final = MAX_CONFIG
"""Bytes of a single document that are read."""

_CHUNK: Final = 1 << 20
_GZIP: Final = b"\x1f\x8b"
_TAR_MAGIC: Final = b"ustar"
_TAR_MAGIC_AT: Final = 257
_OTHER_COMPRESSION: Final = ((b"\x28\xb5\x2f\xfd", "zstd"), (b"BZh", "bzip2"), (b"\xfd7zXZ", "xz"))

_ELSEWHERE: Final = {
    "containers-storage:": "imglint reads no storage of its own accord: `buildah push IMAGE oci:DIR` makes a layout",
    "docker-daemon:": "imglint asks no daemon: `docker save IMAGE | imglint image -` hands it over",
}


def images(name: str, options: ReadOptions) -> Iterator[Image]:
    """The images that a name stands for: several, where a layout or an archive holds several.

    Raises `ImageError`.
    """
    for prefix, instead in _ELSEWHERE.items():
        if name.startswith(prefix):
            raise ImageError(f"cannot be read: {instead}")
    found = _named(name, options)
    if options.layers or options.verify_layers:
        from imglint.read.image.contents import with_contents

        found = (with_contents(image, options) for image in found)
    yield from found


def _named(name: str, options: ReadOptions) -> Iterator[Image]:
    prefix, _, rest = name.partition(":")
    if name == STDIN:
        yield from _piped(options.stdin(), options)
    elif name.startswith("docker://"):
        yield _remote(name.removeprefix("docker://"), name, options)
    elif prefix in ("oci", "oci-archive", "docker-archive", "dir") and not os.path.lexists(name):
        path, reference = _split(rest) if prefix != "dir" else (rest, "")
        yield from _at(path, name, reference, options)
    elif os.path.lexists(name):
        yield from _at(name, name, "", options)
    elif name.startswith((".", "/", "~")) or name.endswith((".tar", ".tar.gz", ".tgz", ".json")):
        raise ImageError("cannot be read: there is no such file or directory")
    else:
        yield _remote(name, name, options)


def _split(text: str) -> tuple[str, str]:
    """A path and the reference after it; colons of the path itself count to it, as far as it exists."""
    if os.path.lexists(text):
        return text, ""
    at = text.find(":")
    while at >= 0:
        if os.path.lexists(text[:at]):
            return text[:at], text[at + 1 :]
        at = text.find(":", at + 1)
    return text, ""


def _at(path: str, name: str, reference: str, options: ReadOptions) -> Iterator[Image]:
    """The images in a file or directory."""
    if os.path.isdir(path):
        from imglint.read.image.layout import dir_image, layout_images

        if os.path.isfile(os.path.join(path, "oci-layout")) or os.path.isfile(os.path.join(path, "index.json")):
            yield from layout_images(path, name, reference, options.platform)
        elif os.path.isfile(os.path.join(path, "manifest.json")):
            yield dir_image(path, name, options.platform)
        else:
            raise ImageError("is not an image: the directory holds no `oci-layout` and no `manifest.json`")
        return
    try:
        head = _head(path)
    except OSError as error:
        raise ImageError(f"cannot be read: it {failure(error)}") from None
    if _is_archive(head):
        from imglint.read.image.archive import archive_images

        yield from archive_images(path, name, reference, options.platform)
        return
    try:
        data = read_bytes(path, MAX_DOCUMENT)
    except UnreadableError as error:
        raise ImageError(f"cannot be read: it {error}") from None
    yield from _document(data, name, options)


def _head(path: str) -> bytes:
    if not os.path.isfile(path):
        return b""
    with open(path, "rb") as file:
        return file.read(512)


def _is_archive(head: bytes) -> bool:
    """Whether these first bytes are those of a tar archive, maybe compressed.

    Raises `ImageError` for a compression that is not read.
    """
    for magic, word in _OTHER_COMPRESSION:
        if head.startswith(magic):
            raise ImageError(f"cannot be read: it is compressed with {word}; decompress it first")
    return head.startswith(_GZIP) or head[_TAR_MAGIC_AT : _TAR_MAGIC_AT + 5] == _TAR_MAGIC


def _piped(stream: BinaryIO, options: ReadOptions) -> Iterator[Image]:
    """The images that come from standard input. An archive is kept in a temporary file while it is judged."""
    name = "<stdin>"
    data = stream.read(MAX_DOCUMENT + 1)
    if not _is_archive(data[:512]):
        if len(data) > MAX_DOCUMENT:
            raise ImageError(f"cannot be read: it {too_large(MAX_DOCUMENT)}")
        yield from _document(data, name, options)
        return
    import tempfile

    from imglint.read.image.archive import archive_images

    with tempfile.NamedTemporaryFile(prefix="imglint-") as file:
        while data:
            file.write(data)
            data = stream.read(_CHUNK)
        file.flush()
        yield from archive_images(file.name, name, "", options.platform)


def _document(data: bytes, name: str, options: ReadOptions) -> list[Image]:
    from imglint.read.image.inspected import inspected_images
    from imglint.read.image.single import single_image

    if not data.strip():
        raise ImageError("is empty")
    found = inspected_images(data, name, options.platform)
    return [single_image(data, name, options.platform)] if found is None else found


def _remote(reference: str, name: str, options: ReadOptions) -> Image:
    from imglint.read.image.registry import fetch_image

    return fetch_image(reference, options)._replace(name=name)
