"""Which members a tar archive has, without unpacking any: header by header, over data that is skipped.

POSIX ustar and pax: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html; GNU's additions:
https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple, Protocol

from imglint.read.image.store import ImageError

BLOCK: Final = 512
MAX_EXTENSION: Final = 1 << 20
"""Bytes of one extended header that are read."""
MAX_EXTENSIONS: Final = 16
"""Extended headers in a row before one member."""
MAX_NAME: Final = 4096
"""Characters of a member's name."""
MAX_MEMBERS: Final = 5_000_000
MAX_KEPT: Final = 200_000
"""Members that are remembered, of those that are asked for."""
MAX_LINKS: Final = 4
"""Links that are followed one after the other, inside the archive."""

_ZEROS: Final = bytes(BLOCK)
_FILES: Final = b"0\x007S"
_LINKS: Final = b"12"


class Member(NamedTuple):
    """A member: where its data begins in the archive and how long it is (bytes); `link` is what it points to."""

    offset: int
    size: int
    link: str = ""
    mode: int = 0
    kind: str = "0"


class Stream(Protocol):
    """Bytes that are read forwards."""

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        ...

    def skip(self, size: int) -> None:
        """Go on behind the next bytes. Raises `ImageError` when there are not so many."""
        ...


Read = Callable[[int], bytes]
"""What reads the next bytes of a member's data."""


def members(stream: Stream) -> Iterator[tuple[str, Member, Read]]:
    """Every file and link in order: its name, without a leading `./`, where it is, and what reads its data.

    The data can be read until the next one is asked for. Raises `ImageError` for an archive that is damaged or hostile.
    """
    reader = _Reader(stream)
    for _ in range(MAX_MEMBERS):
        found = reader.next()
        if found is None:
            return
        name, member = found
        if member.kind in "012":
            yield name, member, reader.stream.read
        reader.to_next()
    raise ImageError(f"cannot be read: the archive has more than {MAX_MEMBERS:,} members")


class _Reader:
    def __init__(self, stream: Stream) -> None:
        self.stream = _Counting(stream)
        self.end = 0

    def next(self) -> tuple[str, Member] | None:
        """The next member, with what extended headers say of it; None at the end."""
        name = link = ""
        size: int | None = None
        for _ in range(MAX_EXTENSIONS):
            header = self._header()
            if header is None:
                return None
            kind = header[156:157]
            if kind in (b"L", b"K"):
                text = self._extension(header).rstrip(b"\0").decode("utf-8", "surrogateescape")
                name, link = (text, link) if kind == b"L" else (name, text)
            elif kind in (b"x", b"X"):
                for key, value in _records(self._extension(header)):
                    if key == "path" or key == "GNU.sparse.name":
                        name = value
                    elif key == "linkpath":
                        link = value
                    elif key == "size":
                        size = _decimal(value)
            elif kind == b"g":
                self._extension(header)
            else:
                return self._member(header, kind, name, link, size)
        raise ImageError("cannot be read: the archive has too many extended headers in a row")

    def _member(self, header: bytes, kind: bytes, name: str, link: str, size: int | None) -> tuple[str, Member]:
        own = _number(header[124:136]) if size is None else size
        if kind == b"S":
            self._sparse_map(header)
        data = own if kind in _FILES else 0
        offset = self.stream.position
        self.end = offset + data + -data % BLOCK
        link = link or _text(header[157:257])
        word = kind.decode("latin-1") if kind in b"12" else "0" if kind in _FILES else "x"
        shown = _clean(name or _name(header))
        if len(shown) > MAX_NAME or len(link) > MAX_NAME:
            raise ImageError("cannot be read: the archive has a name of more than 4,096 characters")
        if shown.endswith("/"):
            word = "x"
        return shown, Member(offset, data, link if kind in b"12" else "", _mode(header), word)

    def to_next(self) -> None:
        """Go on behind the data of the member."""
        self.stream.skip(self.end - self.stream.position)

    def _header(self) -> bytes | None:
        header = self.stream.read(BLOCK)
        if not header or header == _ZEROS:
            return None
        if len(header) < BLOCK:
            raise ImageError("cannot be read: the archive is cut off")
        stated = _number(header[148:156])
        if stated != sum(header) - sum(header[148:156]) + 8 * 32:
            raise ImageError("cannot be read: the archive is damaged (a header's checksum is wrong)")
        return header

    def _extension(self, header: bytes) -> bytes:
        size = _number(header[124:136])
        if size > MAX_EXTENSION:
            raise ImageError("cannot be read: the archive has an extended header of more than 1 MiB")
        data = self.stream.read(size + -size % BLOCK)
        if len(data) < size:
            raise ImageError("cannot be read: the archive is cut off")
        return data[:size]

    def _sparse_map(self, header: bytes) -> None:
        more = header[482]
        while more:
            block = self.stream.read(BLOCK)
            if len(block) < BLOCK:
                raise ImageError("cannot be read: the archive is cut off")
            more = block[504]


class _Counting:
    """A stream that knows how far it is."""

    def __init__(self, stream: Stream) -> None:
        self.stream = stream
        self.position = 0

    def read(self, size: int) -> bytes:
        data = self.stream.read(size)
        self.position += len(data)
        return data

    def skip(self, size: int) -> None:
        if size:
            self.stream.skip(size)
            self.position += size


def _number(field: bytes) -> int:
    """A number of a header: octal digits, or GNU's base 256. Raises `ImageError`."""
    if field[0] & 0x80:
        if field[0] == 0xFF:
            raise ImageError("cannot be read: the archive has a member of negative size")
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    try:
        number = int(digits, 8) if digits else 0
    except ValueError:
        number = -1
    if number < 0:
        raise ImageError("cannot be read: the archive is damaged (a header holds no number where one belongs)")
    return number


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ImageError("cannot be read: the archive has a member whose size is no number")
    return int(text)


def _mode(header: bytes) -> int:
    try:
        return int(header[100:108].split(b"\0", 1)[0].strip() or b"0", 8)
    except ValueError:
        return 0


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _name(header: bytes) -> str:
    name = _text(header[:100])
    prefix = _text(header[345:500]) if header[257:263] == b"ustar\0" else ""
    return f"{prefix}/{name}" if prefix else name


def _clean(name: str) -> str:
    return name[2:] if name.startswith("./") else name


def _records(data: bytes) -> Iterator[tuple[str, str]]:
    """The records of a pax header: `LENGTH KEY=VALUE`, each with a line feed at its end."""
    at = 0
    while at < len(data):
        space = data.find(b" ", at, at + 20)
        length = data[at:space] if space > at else b""
        if not length.isdigit():
            return
        end = at + int(length)
        if end <= space or end > len(data):
            return
        key, _, value = data[space + 1 : end - 1].partition(b"=")
        yield key.decode("utf-8", "surrogateescape"), value.decode("utf-8", "surrogateescape")
        at = end


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
            name = posixpath.normpath(posixpath.join(base, member.link)).lstrip("/")
            if name.startswith(".."):
                return None
        return None


def indexed(stream: Stream, wanted: Callable[[str], bool], see: Callable[[str, Member, Read], None]) -> Table:
    """The members whose names are wanted; `see` is called for each while its data can be read. Raises `ImageError`."""
    table = Table()
    for name, member, read in members(stream):
        if wanted(name):
            table.add(name, member)
            see(name, member, read)
    return table
