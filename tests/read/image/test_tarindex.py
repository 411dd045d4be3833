"""The index of a tar archive: what tarfile says of honest ones, and a quick end to hostile ones."""

from __future__ import annotations

import io
import resource
import shutil
import subprocess
import tarfile
import time
import tracemalloc
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from imglint.read.image import tararchive, tarindex
from imglint.read.image.store import ImageError
from imglint.read.image.streams import FileStream
from imglint.read.image.tararchive import indexed
from imglint.read.image.tarindex import Member, members

from .making import GIB, tar_of, tar_with_hole

FORMATS = (tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT)
TYPES = {"0": tarfile.REGTYPE, "1": tarfile.LNKTYPE, "2": tarfile.SYMTYPE, "": tarfile.DIRTYPE}
BIG = 3 * GIB

component = st.text(
    st.characters(exclude_characters="/\0", exclude_categories=("Cs",)), min_size=1, max_size=12
).filter(lambda text: text not in (".", ".."))
path = st.lists(component, min_size=1, max_size=12).map("/".join) | component.map(lambda text: text * 20)


@st.composite
def archives(draw: st.DrawFn) -> bytes:
    """An archive of up to eight members, in any of the formats that tarfile writes."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w", format=draw(st.sampled_from(FORMATS))) as archive:
        for _ in range(draw(st.integers(0, 8))):
            member = tarfile.TarInfo(draw(st.sampled_from(("", "./"))) + draw(path))
            member.type = draw(st.sampled_from([*TYPES.values(), tarfile.FIFOTYPE]))
            member.mode = draw(st.integers(0, 0o7777))
            if draw(st.booleans()):
                member.mtime = 1.5
            data = draw(st.binary(max_size=1100)) if member.isreg() else b""
            member.size = len(data)
            if member.islnk() or member.issym():
                member.linkname = draw(path)
            try:
                archive.addfile(member, io.BytesIO(data))
            except ValueError:  # Too long for the format.
                assume(False)
    return buffer.getvalue()


def stream(data: bytes) -> FileStream:
    return FileStream(io.BytesIO(data), len(data))


def found(data: bytes) -> list[tuple[str, Member]]:
    return [(name, member) for name, member, _ in members(stream(data))]


def said_by_tarfile(data: bytes) -> list[tuple[str, Member]]:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        return [
            (
                each.name.removeprefix("./"),
                Member(
                    each.offset_data, each.size, each.linkname, each.mode,
                    "0" if each.isfile() else each.type.decode(), each.issparse(),
                ),
            )
            for each in archive
            if each.isfile() or each.islnk() or each.issym()
        ]  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(archives())
def test_what_tarfile_writes_is_read_as_tarfile_reads_it(data: bytes) -> None:
    assert found(data) == said_by_tarfile(data)


@settings(max_examples=60, deadline=None)
@given(archives(), st.integers(1, 700))
def test_the_data_of_a_member_ends_where_the_member_does(data: bytes, size: int) -> None:
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        contents = [archive.extractfile(each).read() for each in archive if each.isfile()]  # type: ignore[union-attr]
    read = []
    for _, member, reader in members(stream(data)):
        if member.kind == "0":
            read.append(b"".join(iter(partial(reader, size), b"")))
    assert read == contents


@settings(max_examples=150, deadline=None)
@given(archives(), st.lists(st.tuples(st.integers(0), st.binary(min_size=1, max_size=9)), max_size=4), st.integers(0))
def test_no_archive_is_too_broken_to_be_refused_politely(
    data: bytes, changes: list[tuple[int, bytes]], end: int
) -> None:
    broken = bytearray(data)
    for at, new in changes:
        at %= len(broken)
        broken[at : at + len(new)] = new
    try:
        names = [name for name, _ in found(bytes(broken[: end % (2 * len(broken))]))]
    except ImageError as error:
        assert str(error).startswith("cannot be read: ")
    else:
        assert len(names) <= len(broken) // 512


@pytest.mark.parametrize(
    "options",
    [("gnu",), ("posix", "--sparse-version=0.0"), ("posix", "--sparse-version=0.1"), ("posix", "--sparse-version=1.0")],
)
@pytest.mark.skipif(shutil.which("tar") is None, reason="tar is not installed")
def test_files_with_holes_have_the_size_that_unpacking_gives(tmp_path: Path, options: tuple[str, ...]) -> None:
    with (tmp_path / "big").open("wb") as file:
        for _ in range(30):  # More pieces than fit into one header.
            file.write(b"x" * 4096)
            file.seek(1 << 20, io.SEEK_CUR)
        file.truncate(64 << 20)
    (tmp_path / "last").write_bytes(b"last")
    subprocess.run(
        ["tar", "--sparse", "-cf", "a.tar", f"--format={options[0]}", *options[1:], "big", "last"],
        cwd=tmp_path, check=True,
    )  # fmt: skip
    data = (tmp_path / "a.tar").read_bytes()
    assert len(data) < 1 << 20
    assert [(name, member.size, member.sparse) for name, member in found(data)] == [
        ("big", 64 << 20, True),
        ("last", 4, False),
    ]
    read = {name: reader(4) for name, _, reader in members(stream(data))}
    assert read == {"big": b"", "last": b"last"}


def header(name: str = "x", size: int = 0, kind: bytes = b"0", **more: object) -> bytes:
    member = tarfile.TarInfo(name)
    member.size = size
    member.type = kind
    for key, value in more.items():
        setattr(member, key, value)
    return member.tobuf(tarfile.GNU_FORMAT)


def summed(block: bytes) -> bytes:
    """A header with its checksum made right."""
    total = sum(block[:148]) + sum(block[156:]) + 8 * 32
    return block[:148] + f"{total:06o}\0 ".encode() + block[156:]


def with_size(field: bytes) -> bytes:
    block = header()
    return summed(block[:124] + field + block[136:])


def pax(*records: tuple[str, str], kind: bytes = b"x") -> bytes:
    data = b""
    for key, value in records:
        body = f" {key}={value}\n".encode()
        length = len(body) + len(str(len(body) + len(str(len(body)))))
        data += str(length).encode() + body
    return header("pax", len(data), kind) + data + b"\0" * (-len(data) % 512)


END = bytes(1024)
FILE = header("last", 3) + b"abc".ljust(512, b"\0")


@contextmanager
def bounded(seconds: float = 1.0, mebibytes: int = 16) -> Iterator[None]:
    """What is done inside takes no more than so much time and memory."""
    tracemalloc.start()
    start = time.perf_counter()
    try:
        yield
        taken, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < seconds
    assert peak < mebibytes << 20


HOSTILE = {
    "a pax header of 3 GiB": (header("x", BIG, b"x"), "extended header of more than 1 MiB"),
    "a long name of 3 GiB": (header("x", BIG, b"L"), "extended header of more than 1 MiB"),
    "a global header of 3 GiB": (header("x", BIG, b"g"), "extended header of more than 1 MiB"),
    "5,000 extended headers": (pax(("comment", "x")) * 5000 + FILE, "too many extended headers in a row"),
    "5,000 long names": ((header("x", 2, b"L") + b"a".ljust(512, b"\0")) * 5000 + FILE, "too many extended headers"),
    "a negative size": (with_size(b"\xff" * 12) + FILE, "negative size"),
    "a negative size in octal": (with_size(b"-0000000777\0") + FILE, "holds no number"),
    "a negative size in a pax header": (pax(("size", "-512")) + FILE, "size is no number"),
    "an endless number in a pax header": (pax(("size", "9" * 5000)) + FILE, "size is no number"),
    "a size of 2^62": (with_size(b"\x80\0\0\0" + (1 << 62).to_bytes(8, "big")) + FILE, "cut off, or states a size"),
    "the greatest size": (with_size(b"\x80" + b"\xff" * 11) + FILE, "cut off, or states a size"),
    "a size that is no number": (with_size(b"hello world\0") + FILE, "holds no number"),
    "data that is cut off": (header("x", 600) + b"x" * 599, "cut off"),
    "a header that is cut off": (FILE + header()[:300], "cut off"),
    "a wrong checksum": (FILE + b"y" + header()[1:] + FILE, "checksum"),
    "no archive": (b"{" * 2048, "damaged"),
    "a name of 5,000 characters": (pax(("path", "a" * 5000)) + FILE, "name of more than 4,096"),
    "a link to 5,000 characters": (pax(("linkpath", "a" * 5000)) + header(kind=b"2"), "name of more than 4,096"),
    "one name for all": (pax(("path", "manifest.json"), kind=b"g") + FILE, "for all members"),
    "an endless sparse map": (summed(header(kind=b"S")[:482] + b"\1" + bytes(29)) + (b"\1" * 512) * 9, "cut off"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_archives_are_refused_at_once(name: str) -> None:
    data, message = HOSTILE[name]
    with bounded(), pytest.raises(ImageError, match=message):
        found(data)


def test_a_header_that_promises_much_is_not_believed(tmp_path: Path) -> None:
    archive = tmp_path / "a.tar"
    with archive.open("wb") as file:
        file.write(header("x", BIG, b"x"))
        file.truncate(BIG + 4096)
    with bounded(), archive.open("rb") as file, pytest.raises(ImageError, match="more than 1 MiB"):
        list(members(FileStream(file, BIG + 4096)))


def test_many_records_take_no_more_time_than_their_length(tmp_path: Path) -> None:
    data = b"6 a=b\n" * 40_000
    with bounded(5, 64):
        assert found(header("pax", len(data), b"x") + data + b"\0" * (-len(data) % 512) + FILE)[0][0] == "last"


def test_a_hole_of_11_gib_is_skipped(tmp_path: Path) -> None:
    archive = tar_with_hole(tmp_path / "hole.tar")
    start = time.perf_counter()
    with archive.open("rb") as file:
        sizes = {name: member.size for name, member, _ in members(FileStream(file, archive.stat().st_size))}
    assert time.perf_counter() - start < 0.3
    assert list(sizes) == ["big/layer.tar", "c.json", "manifest.json"]
    assert sizes["big/layer.tar"] == 11 * GIB


def test_many_members_are_passed_by(monkeypatch: pytest.MonkeyPatch) -> None:
    data = header("d/x") * 10_000 + FILE + END
    with bounded(4, 2):
        table = indexed(stream(data), lambda name: name == "last", lambda name, member, read: None)
        assert list(table.found) == ["last"]
    monkeypatch.setattr(tarindex, "MAX_MEMBERS", 10_000)
    with pytest.raises(ImageError, match="more than 10,000 members"):
        found(data)


class Endless:
    """A stream of the same header, which takes no room."""

    def __init__(self, data: bytes, times: int) -> None:
        self.data = data
        self.left = times

    def read(self, size: int) -> bytes:
        self.left -= 1
        return self.data if self.left >= 0 else b""

    def skip(self, size: int) -> int:
        return size


def test_a_million_members_take_no_room() -> None:
    start = time.perf_counter()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    table = indexed(Endless(header(), 1_000_000), lambda name: name == "y", lambda name, member, read: None)
    assert table.found == {}
    assert time.perf_counter() - start < 60
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 32 << 10


def test_only_so_many_members_are_remembered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tararchive, "MAX_KEPT", 3)
    with pytest.raises(ImageError, match="more than 3 documents and layers"):
        table_of(tar_of({str(number): b"" for number in range(4)}))


def test_sizes_of_8_gib_and_more_are_understood_in_both_notations() -> None:
    size = 9 * GIB
    pax_header = pax(("size", str(size))) + header("x", 1)
    for start in (header("x", size), pax_header):
        source = io.BytesIO(start)
        reader = members(FileStream(source, size + 4096))
        assert next(reader)[1].size == size


def test_padding_behind_the_last_member_may_be_missing() -> None:
    assert [name for name, _ in found(header("x", 3) + b"abc")] == ["x"]


def test_what_is_unknown_is_passed_by_with_its_data() -> None:
    data = header("label", 0, b"V") + header("dump", 3, b"D") + b"abc".ljust(512, b"\0") + FILE
    assert [name for name, _ in found(data)] == ["last"]


def test_checksums_of_signed_bytes_are_taken() -> None:
    block = b"\xe9" + header()[1:]
    signed = sum(byte - 256 * (byte > 127) for byte in block[:148] + block[156:]) + 8 * 32
    block = block[:148] + f"{signed:06o}\0 ".encode() + block[156:]
    assert [name for name, _ in found(block)] == ["\udce9"]


def table_of(data: bytes) -> tararchive.Table:
    return indexed(stream(data), lambda name: True, lambda name, member, read: None)


def links(*pairs: tuple[str, bytes, str]) -> bytes:
    return b"".join(header(name, 0, kind, linkname=target) for name, kind, target in pairs)


def test_links_lead_to_members_and_nowhere_else() -> None:
    table = table_of(
        links(
            ("a/l", b"2", "../last"), ("a/hard", b"1", "last"), ("abs", b"2", "/last"), ("up", b"2", "../../last"),
            ("gone", b"2", "nothing"), ("loop", b"2", "pool"), ("pool", b"2", "loop"), ("twice", b"2", "a/l"),
        )
        + FILE
    )  # fmt: skip
    leads = {name: (table.get(name) or ("",))[0] for name in ("a/l", "a/hard", "twice", "last")}
    assert leads == dict.fromkeys(leads, "last")
    assert [table.get(name) for name in ("abs", "up", "gone", "loop", "other")] == [None] * 5


def test_chains_of_links_are_followed_a_few_steps() -> None:
    chain = links(*((f"l{number}", b"2", f"l{number + 1}") for number in range(8)), ("l8", b"2", "last")) + FILE
    table = table_of(chain)
    assert table.get("l5") is not None
    assert table.get("l4") is None


@pytest.mark.parametrize("name", ["/etc/passwd", "../x", "a/../../x", "a/../manifest.json", "./../x", ".."])
def test_names_that_lead_out_are_refused(name: str) -> None:
    with pytest.raises(ImageError, match="leads out of it"):
        table_of(header(name) + FILE)


@pytest.mark.parametrize("name", ["./last", "././last", ".//last", "./a/..b", "a//b", "a/./b", "..."])
def test_names_are_those_after_unpacking(name: str) -> None:
    unpacked = {"./a/..b": "a/..b", "a//b": "a/b", "a/./b": "a/b", "...": "..."}.get(name, "last")
    assert list(table_of(header(name)).found) == [unpacked]


def test_the_last_of_a_name_counts_and_the_repetition_is_known() -> None:
    table = table_of(tar_of({"x": b"1"})[:1024] + header("./x", 3) + b"abc".ljust(512, b"\0") + END)
    assert table.found["x"].size == 3
    assert table.repeated == {"x"}
