"""Archives of images: OCI layouts in a tar, and what `docker save` writes.

https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
"""

from __future__ import annotations

import io
import os
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO, Final, NamedTuple

from imglint.model.image.document import Document
from imglint.model.image.form import DOCKER_ARCHIVE, DOCKER_ARCHIVE_25, OCI_ARCHIVE
from imglint.model.image.image import ABSENT_BLOB, INCONSISTENT, UNREADABLE, At, Basis, Flaw, Image, Layer, Variant
from imglint.read.image.documents import config_of, document, history_of, platform_at, registered
from imglint.read.image.layout import images_in
from imglint.read.image.store import MAX_CONFIG, MAX_MANIFEST, ImageError, Missing, Wanted
from imglint.read.image.streams import GZIP, ZSTD, FileStream, GzipStream
from imglint.read.image.tarindex import Member, Read, Table, indexed

MAX_CAPTURED: Final = 128 << 20
"""Bytes of documents that are kept of a compressed archive, which cannot be read twice."""

_ONCE: Final = ("manifest.json", "index.json", "oci-layout")
"""Documents that decide what the archive is: with two of a name, tools disagree about it."""


class Archive:
    """An archive whose members are known. Documents are read when asked for; nothing is unpacked to disk."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.length = os.stat(path).st_size
        self.captured: dict[str, bytes] = {}
        self.heads: dict[str, bytes] = {}
        self.room = MAX_CAPTURED
        with open(path, "rb") as file:
            self.compressed = file.read(2) == GZIP
            file.seek(0)
            stream = GzipStream(file) if self.compressed else FileStream(file, self.length)
            self.table: Table = indexed(stream, _is_wanted, self._see)
        twice = next((name for name in _ONCE if name in self.table.repeated), None)
        if twice:
            raise ImageError(f"cannot be read: the archive holds `{twice}` twice, so tools disagree about what it is")

    def _see(self, name: str, member: Member, read: Read) -> None:
        head = read(min(member.size, 4))
        self.heads[name] = head
        if self.compressed and head[:1] in (b"{", b"[") and member.size <= min(MAX_CONFIG, self.room):
            self.room -= member.size
            self.captured[name] = head + read(member.size - len(head))

    def __contains__(self, name: str) -> bool:
        return self.table.get(name) is not None

    def read(self, name: str, limit: int) -> bytes | Missing:
        """The bytes of a member of at most `limit` bytes."""
        found = self.table.get(name)
        if found is None:
            return Missing("it is not in the archive", absent=True)
        name, member = found
        if member.size > limit:
            return Missing(f"it is larger than {limit >> 20} MiB, the most that is read")
        if name in self.captured:
            return self.captured[name]
        if self.compressed:
            return Missing("it is no document")
        with open(self.path, "rb") as file:
            file.seek(member.offset)
            return file.read(member.size)

    def size(self, name: str) -> int | None:
        """The size of a member."""
        found = self.table.get(name)
        return found[1].size if found else None

    def head(self, name: str) -> bytes:
        """The first bytes of a member."""
        found = self.table.get(name)
        return self.heads.get(found[0], b"") if found else b""

    def open(self, name: str) -> BinaryIO | Missing:
        """The data of a member, from its first byte on."""
        found = self.table.get(name)
        if found is None:
            return Missing("it is not in the archive", absent=True)
        if self.compressed:
            return Missing("the archive is compressed; decompress it first")
        return io.BufferedReader(_Window(self.path, found[1].offset, found[1].size), 1 << 18)


class _Window(io.RawIOBase):
    """A part of a file."""

    def __init__(self, path: str, offset: int, size: int) -> None:
        super().__init__()
        self.file = open(path, "rb")  # noqa: SIM115 -- closed with this
        self.offset = offset
        self.length = size
        self.position = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        start = {io.SEEK_SET: 0, io.SEEK_CUR: self.position, io.SEEK_END: self.length}[whence]
        self.position = min(max(start + offset, 0), self.length)
        return self.position

    def readinto(self, buffer: Any) -> int:
        self.file.seek(self.offset + self.position)
        data = self.file.read(min(len(buffer), self.length - self.position))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def close(self) -> None:
        self.file.close()
        super().close()


class ArchiveStore:
    """The blobs of a layout in an archive."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        """The bytes of each blob."""
        return [self.archive.read(_blob(each.digest), each.limit) for each in wanted]

    def size(self, digest: str) -> int | None:
        """The size of a blob."""
        return self.archive.size(_blob(digest))

    def open(self, digest: str) -> BinaryIO | Missing:
        """The bytes of a layer."""
        return self.archive.open(_blob(digest))


def archive_images(path: str, name: str, reference: str = "", platform: str | None = None) -> list[Image]:
    """The images in an archive; only that of a reference, when one is given. Raises `ImageError`."""
    archive = Archive(path)
    listing = archive.read("manifest.json", MAX_MANIFEST)
    index = archive.read("index.json", MAX_MANIFEST)
    saved = isinstance(listing, bytes) and listing.lstrip()[:1] == b"["
    if isinstance(index, bytes) and not (saved and not _is_compressed(archive, listing, name)):
        return images_in(index, ArchiveStore(archive), OCI_ARCHIVE, name, reference, platform)
    if isinstance(listing, bytes) and saved:
        return list(_Saved(archive, listing, index, name).images(reference, platform))
    for part in (listing, index):
        if isinstance(part, Missing) and not part.absent:
            raise ImageError(f"cannot be read: {part.reason}")
    raise ImageError("is not an image: the archive holds neither an index.json nor a manifest.json of docker save")


def _is_compressed(archive: Archive, listing: bytes | Missing, name: str) -> bool:
    """Whether the layers of a `manifest.json` are blobs as a registry has them: the layout beside it is the truth."""
    if isinstance(listing, Missing):
        return True
    top = document(listing, name, exact=False)
    layers = [layer for number in range(len(_rows(top))) for layer in top.items(number, "Layers")]
    heads = [archive.head(layer) for layer in layers if isinstance(layer, str)]
    return bool(heads) and all(head.startswith((GZIP, ZSTD)) for head in heads)


class _Entry(NamedTuple):
    """One image of a `manifest.json`."""

    number: int
    config: str
    names: tuple[str, ...]
    layers: tuple[str, ...]


class _Saved:
    """The images that `docker save` put into an archive."""

    def __init__(self, archive: Archive, listing: bytes, index: bytes | Missing | None, name: str) -> None:
        self.archive = archive
        self.name = name
        self.index = index
        self.top = document(listing, name, title="manifest.json", exact=False)
        self.entries = [self._entry(number) for number in range(len(_rows(self.top)))]

    def _entry(self, number: int) -> _Entry:
        top = self.top
        names = tuple(each for each in top.items(number, "RepoTags") if isinstance(each, str))
        layers = tuple(str(each) for each in top.items(number, "Layers"))
        return _Entry(number, top.text(number, "Config"), names, layers)

    def images(self, reference: str, platform: str | None) -> Iterator[Image]:
        """Each of them, or only the one of a reference."""
        from imglint.read.image.assemble import fits, wanted_platform

        chosen = [entry for entry in self.entries if not reference or reference in entry.names]
        if not chosen:
            known = ", ".join([name for entry in self.entries for name in entry.names][:10])
            there = f": there is {known}" if known else ""
            raise ImageError(f"has no image `{reference}`{there}" if reference else "holds no image")
        wanted = wanted_platform(platform)
        for entry in chosen:
            image = self._image(entry, len(chosen) > 1)
            own = image.variants[0].platform
            if wanted is None or own is None or fits(own, wanted):
                yield image

    def _image(self, entry: _Entry, one_of_several: bool) -> Image:
        name = f"{self.name}:{entry.names[0]}" if one_of_several and entry.names else self.name
        data = self.archive.read(entry.config, MAX_CONFIG)
        flaws: list[Flaw] = []
        config = platform = history = None
        reason = ""
        at = At(self.top, (entry.number, "Config"))
        if isinstance(data, Missing):
            reason = data.reason
            kind = ABSENT_BLOB if data.absent else UNREADABLE
            flaws.append(Flaw(kind, at, f"the configuration cannot be read: {reason}"))
        else:
            try:
                found = document(data, name, path="config", title="configuration")
                platform = platform_at(At(found, ()))
                config = config_of(found._replace(platform=str(platform or "")))
                history = history_of(config)
            except ImageError as error:
                reason = f"the configuration {error}"
                flaws.append(Flaw(UNREADABLE, at, reason))
        diff_ids = config.document.items("rootfs", "diff_ids") if config else []
        layers = tuple(self._layers(entry, diff_ids))
        if config and diff_ids and len(diff_ids) != len(layers):
            words = f"the archive lists {len(layers)} layers, and the configuration {len(diff_ids)}"
            flaws.append(Flaw(INCONSISTENT, At(self.top, (entry.number, "Layers")), words))
        flaws += self._disagreements(entry)
        form = DOCKER_ARCHIVE_25 if isinstance(self.index, bytes) else DOCKER_ARCHIVE
        variant = Variant(platform, None, None, config, layers, history, reason)
        return Image(name, form, self.top, entry.names, "", (), (variant,), (), (), tuple(flaws))

    def _layers(self, entry: _Entry, diff_ids: list[Any]) -> Iterator[Layer]:
        for number, member in enumerate(entry.layers):
            known = len(diff_ids) == len(entry.layers) and isinstance(diff_ids[number], str)
            diff_id = diff_ids[number] if known else ""
            packed = self.archive.head(member).startswith((GZIP, ZSTD))
            basis = Basis.COMPRESSED if packed else Basis.UNCOMPRESSED
            at = At(self.top, (entry.number, "Layers", number))
            opened = partial(_opened, self.archive, member)
            yield Layer(number, at, "", diff_id, self.archive.size(member), basis, opened=opened)

    def _disagreements(self, entry: _Entry) -> Iterator[Flaw]:
        """Where the layout in the same archive lists other layers: early releases of Docker 25 wrote such.

        https://github.com/moby/moby/issues/47065, https://github.com/moby/moby/issues/47150
        """
        if not isinstance(self.index, bytes):
            return
        try:
            images = images_in(self.index, ArchiveStore(self.archive), DOCKER_ARCHIVE_25, self.name)
        except ImageError:
            return
        for image in images:
            for variant in image.variants:
                if variant.manifest is None or not entry.config.endswith(variant.manifest.text("config", "digest")[7:]):
                    continue
                theirs = [layer.digest.partition(":")[2] for layer in variant.layers or ()]
                ours = [member.rpartition("/")[2] for member in entry.layers]
                if theirs != ours:
                    words = "the layout in the same archive lists other layers, or in another order"
                    yield Flaw(INCONSISTENT, At(self.top, (entry.number, "Layers")), words)


def _opened(archive: Archive, member: str) -> BinaryIO | str:
    found = archive.open(member)
    return found.reason if isinstance(found, Missing) else found


def _rows(top: Document) -> list[Any]:
    return top.value if isinstance(top.value, list) else []


def _blob(digest: str) -> str:
    known = registered(digest)
    return f"blobs/{known[0]}/{known[1]}" if known else ""


def _is_wanted(name: str) -> bool:
    """Whether a member may be a document or a layer of an image, by where it lies."""
    if name.startswith("blobs/"):
        return True
    return (name.endswith((".json", ".tar", "/json")) and name.count("/") <= 1) or name == "oci-layout"
