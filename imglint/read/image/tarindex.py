"""Which members a tar archive has, without unpacking any: header by header, over data that is skipped.

POSIX ustar and pax: https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html; GNU's additions:
https://www.gnu.org/software/tar/manual/html_node/Standard.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final, Protocol
from zlib import adler32

from imglint.read.image.store import ImageError
from imglint.record import NamedTuple

BLOCK: Final = 512
MAX_EXTENSION: Final = 1 << 20
"""Bytes of one extended header that are read."""
MAX_EXTENSIONS: Final = 16
"""Extended headers in a row before one member."""
MAX_NAME: Final = 4096
"""Characters of a member's name."""
MAX_MEMBERS: Final = 2_000_000

_ZEROS: Final = bytes(BLOCK)
_FILES: Final = frozenset((b"0", b"\0", b"7", b"S"))
_EXTENSIONS: Final = frozenset((b"L", b"K", b"x", b"X", b"g"))
_WITHOUT_DATA: Final = frozenset((b"1", b"2", b"3", b"4", b"5", b"6"))
"""Links, devices, directories, pipes: their size counts nothing. What is unknown has data, as POSIX wants it read."""
_CUT_OFF: Final = "cannot be read: the archive is cut off, or states a size that is too large"


class Member(NamedTuple):
    """A member: where its data begins in the archive, and how many bytes who unpacks it gets.

    `link` is what it points to, `mode` its permission bits. `kind` is the header's type flag: `0` for every file,
    `1` for a hard link, `2` for a symbolic one. The data of a `sparse` file is stored without its holes.
    """

    offset: int
    size: int
    link: str = ""
    mode: int = 0
    kind: str = "0"
    sparse: bool = False


class Stream(Protocol):
    """Bytes that are read forwards."""

    def read(self, size: int) -> bytes:
        """The next bytes; fewer at the end."""
        ...

    def skip(self, size: int) -> int:
        """Go on behind the next bytes; how many there were, fewer at the end."""
        ...


Read = Callable[[int], bytes]
"""What reads the next bytes of a member's data, and none behind it; nothing of a sparse one."""


def members(
    stream: Stream, wanted: Callable[[str], bool] = lambda name: True
) -> Iterator[tuple[str, Member, Read]]:  # fmt: skip
    """Every file and link of a wanted name, in order: the name, without a leading `./`, where it is, what reads it.

    The data can be read until the next one is asked for. Raises `ImageError` for an archive that is damaged or hostile.
    """
    reader = _Reader(stream, wanted)
    for _ in range(MAX_MEMBERS):
        found = reader.next()
        if found is None:
            return
        name, member = found
        if member.kind:
            yield name, member, reader.read
        reader.to_next()
    raise ImageError(f"cannot be read: the archive has more than {MAX_MEMBERS:,} members")


class _Said(NamedTuple):
    """What extended headers say of the member behind them; empty and None for what they leave to its own header."""

    name: str = ""
    link: str = ""
    size: int | None = None
    real_size: int | None = None


_NOTHING: Final = _Said()
_PASSED: Final = Member(0, 0, kind="")


class _Reader:
    def __init__(self, stream: Stream, wanted: Callable[[str], bool]) -> None:
        self.stream = stream
        self.wanted = wanted
        self.position = 0
        self.data_end = 0
        self.is_sparse = False

    def next(self) -> tuple[str, Member] | None:
        """The next member, with what extended headers say of it; None at the end. Of no kind, it is passed by."""
        said = _NOTHING
        for _ in range(MAX_EXTENSIONS):
            header = self._header()
            if header is None:
                return None
            kind = header[156:157]
            if kind not in _EXTENSIONS:
                return self._member(header, kind, said)
            if kind == b"L":
                said = said._replace(name=_text(self._extension(header)))
            elif kind == b"K":
                said = said._replace(link=_text(self._extension(header)))
            elif kind != b"g":
                said = _extended(said, self._extension(header))
            else:
                _refuse_global(self._extension(header))
        raise ImageError("cannot be read: the archive has too many extended headers in a row")

    def _member(self, header: bytes, kind: bytes, said: _Said) -> tuple[str, Member]:
        name = said.name or _name(header)
        if name.startswith("./"):
            name = name[2:].lstrip("/")
        size = real_size = 0
        if kind not in _WITHOUT_DATA and not (kind == b"\0" and name.endswith("/")):
            size = _number(header[124:136]) if said.size is None else said.size
            real_size = said.real_size if said.real_size is not None else size
        self.is_sparse = said.real_size is not None
        if kind == b"S":
            self.is_sparse, real_size = True, _number(header[483:495])
            self._skip_sparse_map(header)
        offset, self.data_end = self.position, self.position + size
        if not self.wanted(name):
            return name, _PASSED
        link = (said.link or _text(header[157:257])) if kind in (b"1", b"2") else ""
        if len(name) > MAX_NAME or len(link) > MAX_NAME:
            raise ImageError(f"cannot be read: the archive has a name of more than {MAX_NAME:,} characters")
        word = kind.decode() if link else "0" if kind in _FILES and not name.endswith("/") else ""
        return name, Member(offset, real_size, link, _mode(header), word, self.is_sparse)

    def read(self, size: int) -> bytes:
        """The next bytes of the member's data."""
        if self.is_sparse:
            return b""
        return self._take(min(size, self.data_end - self.position))

    def to_next(self) -> None:
        """Go on behind the data of the member. The padding of the last one is often left out."""
        rest = self.data_end - self.position
        if rest and self.stream.skip(rest) < rest:
            raise ImageError(_CUT_OFF)
        padding = -self.data_end % BLOCK
        if padding:
            self.stream.skip(padding)
        self.position = self.data_end + padding

    def _take(self, size: int) -> bytes:
        data = self.stream.read(size)
        if len(data) < size:
            raise ImageError(_CUT_OFF)
        self.position += size
        return data

    def _header(self) -> bytes | None:
        header = self.stream.read(BLOCK)
        if not header or header == _ZEROS:
            return None
        if len(header) < BLOCK:
            raise ImageError(_CUT_OFF)
        self.position += BLOCK
        stated = _number(header[148:156])
        if stated != _checksum(header) and stated != _signed_checksum(header):
            raise ImageError("cannot be read: the archive is damaged (a header's checksum is wrong)")
        return header

    def _extension(self, header: bytes) -> bytes:
        size = _number(header[124:136])
        if size > MAX_EXTENSION:
            raise ImageError("cannot be read: the archive has an extended header of more than 1 MiB")
        return self._take(size + -size % BLOCK)[:size]

    def _skip_sparse_map(self, header: bytes) -> None:
        """Read over the blocks of a GNU sparse map that does not fit into the header."""
        more = header[482]
        while more:
            more = self._take(BLOCK)[504]


def _checksum(header: bytes) -> int:
    """The sum of a header's bytes, its own field counted as spaces.

    The lower half of Adler-32 is one more than the sum of the bytes, modulo 65521 (RFC 1950), so it is exact for up to
    256 bytes; and much quicker than adding them up.
    """
    first, second, third = adler32(header[:148]), adler32(header[156:404]), adler32(header[404:])
    return (first & 0xFFFF) + (second & 0xFFFF) + (third & 0xFFFF) - 3 + 8 * 32


def _signed_checksum(header: bytes) -> int:
    """The sum as old programs took it, whose bytes were signed."""
    return _checksum(header) - 256 * sum(1 for byte in header[:148] + header[156:] if byte > 127)


def _number(field: bytes) -> int:
    """A number of a header: octal digits, or GNU's base 256. Raises `ImageError`."""
    try:
        number = int(field.rstrip(b" \0"), 8)
    except ValueError:
        number = _unusual_number(field)
    if number < 0:
        raise ImageError("cannot be read: the archive is damaged (a header holds no number where one belongs)")
    return number


def _unusual_number(field: bytes) -> int:
    """A number that is no plain octal one; -1 when it is none at all."""
    if field[0] == 0xFF:
        raise ImageError("cannot be read: the archive has a member of negative size")
    if field[0] & 0x80:
        return int.from_bytes(bytes((field[0] & 0x7F,)) + field[1:], "big")
    digits = field.split(b"\0", 1)[0].strip()
    try:
        return int(digits, 8) if digits else 0
    except ValueError:
        return -1


def _mode(header: bytes) -> int:
    try:
        return int(header[100:108].rstrip(b" \0") or b"0", 8)
    except ValueError:
        return 0


def _text(field: bytes) -> str:
    return field.split(b"\0", 1)[0].decode("utf-8", "surrogateescape")


def _name(header: bytes) -> str:
    name = _text(header[:100])
    if header[345] and header[257:263] == b"ustar\0":
        return f"{_text(header[345:500])}/{name}"
    return name


def _extended(said: _Said, data: bytes) -> _Said:
    """What a pax header says, GNU's keys for sparse files included.

    https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
    """
    found = dict(_records(data))
    size, real = found.get("size"), found.get("GNU.sparse.realsize", found.get("GNU.sparse.size"))
    return _Said(
        found.get("GNU.sparse.name") or found.get("path") or said.name,
        found.get("linkpath") or said.link,
        _decimal(size) if size is not None else said.size,
        _decimal(real) if real is not None else said.real_size,
    )


def _refuse_global(data: bytes) -> None:
    """Raise `ImageError` for a header that names or measures all members at once: half of all tools ignore it."""
    if any(key in ("path", "linkpath", "size") for key, _ in _records(data)):
        raise ImageError(
            "cannot be read: the archive has one name or size for all members, and tools disagree about that"
        )


def _decimal(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) < 20):
        raise ImageError("cannot be read: the archive has a member whose size is no number")
    return int(text)


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
