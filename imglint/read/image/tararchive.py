"""A tar archive as a place where documents and layers are found by name. Nothing is unpacked to disk."""

from __future__ import annotations

import io
import os
import posixpath
from collections.abc import Callable, Sequence
from typing import Any, BinaryIO, Final

from imglint.read.file import display, failure
from imglint.read.image.documents import registered
from imglint.read.image.layout import MAX_DOCUMENTS
from imglint.read.image.store import MAX_CONFIG, ImageError, Missing, Wanted
from imglint.read.image.streams import GZIP, FileStream, GzipStream
from imglint.read.image.tarindex import Member, Read, Stream, members

MAX_KEPT: Final = 200_000
"""Members that are remembered, of those that are asked for."""
MAX_LINKS: Final = 4
"""Links that are followed one after the other, inside the archive."""

_ONCE: Final = ("manifest.json", "index.json", "oci-layout")
"""Documents that decide what the archive is: with two of a name, tools disagree about it."""
_ENDINGS: Final = (".json", ".tar", ".tar.gz", ".tgz", ".tar.zst")
_MAX_FOLDERS: Final = 3
"""Folders in which documents and layers are looked for, one in another."""


class Table:
    """The members of an archive that somebody asked for. A name that comes again is known to."""

    def __init__(self) -> None:
        self.found: dict[str, Member] = {}
        self.repeated: set[str] = set()

    def add(self, name: str, member: Member) -> None:
        """Remember a member; the last of a name counts, as for those who unpack. Raises `ImageError`."""
        if name in self.found:
            self.repeated.add(name)
        elif len(self.found) >= MAX_KEPT:
            raise ImageError(f"cannot be read: the archive has more than {MAX_KEPT:,} documents and layers")
        self.found[name] = member

    def get(self, name: str) -> tuple[str, Member] | None:
        """The member of a name, links followed inside the archive; its own name comes first."""
        for _ in range(MAX_LINKS + 1):
            member = self.found.get(name)
            if member is None or not member.link:
                return (name, member) if member else None
            base = "" if member.kind == "1" else posixpath.dirname(name)
            name = posixpath.normpath(posixpath.join(base, member.link))
        return None


def indexed(stream: Stream, wanted: Callable[[str], bool], see: Callable[[str, Member, Read], None]) -> Table:
    """The members whose names are wanted; `see` is called for each while its data can be read.

    Names are those that a path would have after unpacking. Raises `ImageError`, for names that lead elsewhere too.
    """
    table = Table()
    for written, member, read in members(stream, lambda name: wanted(_unpacked(name))):
        name = _unpacked(written)
        table.add(name, member)
        see(name, member, read)
    return table


def _unpacked(name: str) -> str:
    """The path, inside the folder, that a member of a name would get. Raises `ImageError`."""
    if "./" not in name and "//" not in name and ".." not in name and not name.startswith("/"):
        return name
    if name.startswith("/") or ".." in name.split("/"):
        raise ImageError(f"cannot be read: the archive has a member `{display(name[:80])}`, which leads out of it")
    return posixpath.normpath(name)


class Archive:
    """An archive whose members are known. Documents are read when asked for.

    Of a compressed one, which is read only once, all that look like documents are kept from the start. Raises
    `ImageError`.
    """

    def __init__(self, path: str) -> None:
        self.path = path
        self.captured: dict[str, bytes] = {}
        self.heads: dict[str, bytes] = {}
        self.room = MAX_DOCUMENTS
        try:
            with open(path, "rb") as file:
                self.compressed = file.read(2) == GZIP
                file.seek(0)
                stream = GzipStream(file) if self.compressed else FileStream(file, os.fstat(file.fileno()).st_size)
                self.table: Table = indexed(stream, _is_wanted, self._see)
        except OSError as error:
            raise ImageError(f"cannot be read: it {failure(error)}") from None
        twice = next((name for name in _ONCE if name in self.table.repeated), None)
        if twice:
            raise ImageError(f"cannot be read: the archive holds `{twice}` twice, so tools disagree about what it is")

    def _see(self, name: str, member: Member, read: Read) -> None:
        head = read(min(member.size, 4))
        self.heads[name] = head
        if self.compressed and head.lstrip()[:1] in (b"{", b"[") and member.size <= min(MAX_CONFIG, self.room):
            self.room -= member.size
            self.captured[name] = head + read(member.size - len(head))

    def is_repeated(self, name: str) -> bool:
        """Whether several members have the name: tools disagree about which of them counts."""
        return name in self.table.repeated

    def read(self, name: str, limit: int) -> bytes | Missing:
        """The bytes of a member of at most `limit` bytes."""
        found = self._found(name)
        if isinstance(found, Missing):
            return found
        name, member = found
        if member.size > limit:
            return Missing(f"it is larger than {limit >> 20} MiB, the most that is read")
        if self.compressed:
            return self.captured.get(name, Missing("it is no document, or all of them together are too large"))
        self.room -= member.size
        if self.room < 0:
            return Missing(f"all documents together are larger than {MAX_DOCUMENTS >> 20} MiB, the most that is read")
        try:
            with open(self.path, "rb") as file:
                file.seek(member.offset)
                return file.read(member.size)
        except OSError as error:
            return Missing(f"the archive {failure(error)}")

    def size(self, name: str) -> int | None:
        """The size of a member; None when it is not there."""
        found = self.table.get(name)
        return found[1].size if found else None

    def head(self, name: str) -> bytes:
        """The first bytes of a member, at most four."""
        found = self.table.get(name)
        return self.heads.get(found[0], b"") if found else b""

    def open(self, name: str) -> BinaryIO | Missing:
        """The data of a member, from its first byte on. In a compressed archive all before it is unpacked first."""
        found = self._found(name)
        if isinstance(found, Missing):
            return found
        part = _UnpackedPart if self.compressed else _Part
        try:
            return io.BufferedReader(part(self.path, found[1].offset, found[1].size), 1 << 18)
        except OSError as error:
            return Missing(f"the archive {failure(error)}")

    def _found(self, name: str) -> tuple[str, Member] | Missing:
        found = self.table.get(name)
        if found is None:
            return Missing("it is not in the archive", absent=True)
        if found[1].sparse:
            return Missing("the archive stores it without its holes; make the archive again without --sparse")
        return found


class _Part(io.RawIOBase):
    """A part of a file, from `offset` on."""

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
        data = self.at(self.position, min(len(buffer), self.length - self.position))
        buffer[: len(data)] = data
        self.position += len(data)
        return len(data)

    def at(self, position: int, size: int) -> bytes:
        """The bytes at a position of the part."""
        self.file.seek(self.offset + position)
        return self.file.read(size)

    def close(self) -> None:
        self.file.close()
        super().close()


class _UnpackedPart(_Part):
    """A part of what a compressed file holds. It is read forwards; to go back, it is unpacked from the start again."""

    def __init__(self, path: str, offset: int, size: int) -> None:
        super().__init__(path, offset, size)
        self._begin()

    def _begin(self) -> None:
        self.file.seek(0)
        self.stream = GzipStream(self.file)
        self.reached = -self.offset

    def at(self, position: int, size: int) -> bytes:
        if position < self.reached:
            self._begin()
        self.reached += self.stream.skip(position - self.reached)
        data = self.stream.read(size)
        self.reached += len(data)
        return data


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


def _blob(digest: str) -> str:
    known = registered(digest)
    return f"blobs/{known[0]}/{known[1]}" if known else ""


def _is_wanted(name: str) -> bool:
    """Whether a member may be a document or a layer of an image, by where it lies and what it is called.

    Names without an ending are those of configurations that go-containerregistry writes: `sha256:…`.
    """
    if name.startswith(("blobs/", "sha256:")):
        return True
    return (name.endswith(_ENDINGS) and name.count("/") <= _MAX_FOLDERS) or name == "oci-layout"
