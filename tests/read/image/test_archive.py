"""Archives: OCI layouts in a tar, what docker save writes and wrote, compressed or not."""

from __future__ import annotations

import io
import json
import tarfile
import time
import tracemalloc
import zlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.image.image import (
    ABSENT_BLOB,
    DIGEST_MISMATCH,
    INCONSISTENT,
    UNREADABLE,
    Basis,
    Image,
    Layer,
)  # fmt: skip
from imglint.read.image import archive as reading
from imglint.read.image import streams, tararchive
from imglint.read.image.archive import archive_images
from imglint.read.image.contents import with_contents
from imglint.read.image.layout import layout_images
from imglint.read.image.options import ReadOptions
from imglint.read.image.store import ImageError

from .making import (
    GIB,
    Saved,
    archived,
    blob_path,
    buildkit_layout,
    configuration,
    digest,
    dumped,
    gzipped,
    image,
    make_layout,
    named,
    tar_of,
    tar_with_hole,
)  # fmt: skip


def read(path: Path, reference: str = "", platform: str | None = None) -> list[Image]:
    return archive_images(str(path), "x", reference, platform)


def written(folder: Path, data: bytes, packed: bool = False) -> Path:
    path = folder / "a.tar"
    path.write_bytes(gzipped(data) if packed else data)
    return path


def layers_of(found: Image) -> tuple[Layer, ...]:
    return found.variants[0].layers or ()


def kinds(found: Image) -> list[str]:
    return [flaw.kind for flaw in found.flaws]


def told(found: Image) -> dict[str, Any]:
    """What an image says, wherever it was read from."""
    return {
        "digest": found.digest,
        "references": found.references,
        "flaws": [flaw[::2] for flaw in found.flaws],
        "attestations": [(each.subject, each.predicates) for each in found.attestations],
        "variants": [
            (
                str(each.platform),
                each.manifest and each.manifest.value,
                each.config and each.config.document.value,
                [(layer.digest, layer.diff_id, layer.size, layer.basis) for layer in each.layers or ()],
            )
            for each in found.variants
        ],
    }


@pytest.mark.parametrize(("prefix", "mode"), [("", "w"), ("./", "w"), ("", "w:gz"), ("./", "w:gz")])
def test_a_layout_in_an_archive_tells_what_the_layout_tells(tmp_path: Path, prefix: str, mode: str) -> None:
    folder = buildkit_layout(tmp_path / "layout")
    path = archived(folder, tmp_path / "a.tar", prefix, mode)
    assert [told(each) for each in read(path)] == [told(each) for each in layout_images(str(folder), "x")]


@pytest.mark.parametrize("packed", [False, True])
def test_what_docker_save_wrote_up_to_24(tmp_path: Path, packed: bool) -> None:
    saved = Saved()
    saved.old(["acme/widget:1", "acme/widget:2"], (b"one", b"twenty"), labels={"a": "b"}, platform="linux/arm/v7")
    (found,) = read(written(tmp_path, saved.data(), packed))
    (variant,) = found.variants
    assert (found.form.key, found.digest, found.references) == (
        "docker-archive",
        "",
        ("acme/widget:1", "acme/widget:2"),
    )
    assert (str(variant.platform), variant.manifest, len(variant.history or ())) == ("linux/arm/v7", None, 2)
    assert variant.config is not None and variant.config.labels == {"a": "b"}
    assert [(layer.digest, layer.diff_id, layer.size, layer.basis) for layer in layers_of(found)] == [
        ("", digest(b"one"), 3, Basis.UNCOMPRESSED),
        ("", digest(b"twenty"), 6, Basis.UNCOMPRESSED),
    ]
    assert [layer.at.value for layer in layers_of(found)] == saved.listing[0]["Layers"]
    assert found.flaws == ()


def test_several_images_in_an_archive(tmp_path: Path) -> None:
    saved = Saved()
    saved.old(["acme/widget:1"], (b"1",))
    saved.old(None, (b"2",), platform="linux/arm64")
    path = written(tmp_path, saved.data())
    assert [(each.name, each.references) for each in read(path)] == [("x:acme/widget:1", ("acme/widget:1",)), ("x", ())]
    assert [each.name for each in read(path, platform="linux/arm64")] == ["x"]
    with pytest.raises(ImageError, match="has no image for linux/s390x: there is one for linux/amd64, linux/arm64"):
        read(path, platform="linux/s390x")


@pytest.mark.parametrize(
    "reference", ["acme/widget:1.0", "docker.io/acme/widget:1.0", "index.docker.io/acme/widget:1.0", "1.0", "@1"]
)
def test_a_reference_chooses(tmp_path: Path, reference: str) -> None:
    saved = Saved()
    saved.old(["acme/other:2"], (b"1",))
    saved.old(["acme/widget:1.0"], (b"2",))
    path = written(tmp_path, saved.data())
    assert [each.references for each in read(path, reference)] == [("acme/widget:1.0",)]
    for other in ("acme/widget", "widget:1.0", "@2", "1", ":", ""):
        if other:
            with pytest.raises(ImageError, match=f"has no image `{other}`: there is acme/other:2, acme/widget:1.0"):
                read(path, other)


def test_a_name_without_a_tag_is_latest(tmp_path: Path) -> None:
    saved = Saved()
    saved.old(["widget:latest"])
    path = written(tmp_path, saved.data())
    assert len(read(path, "docker.io/library/widget")) == len(read(path, "widget")) == 1


@pytest.mark.parametrize("packed", [False, True])
def test_what_docker_save_writes_from_25_on(tmp_path: Path, packed: bool) -> None:
    saved = Saved()
    saved.both("acme/widget:1", (b"one", b"twenty"))
    (found,) = read(written(tmp_path, saved.data(), packed))
    assert (found.form.key, found.digest, found.references) == ("docker-archive-25", "", ("acme/widget:1",))
    assert [(layer.digest, layer.size, layer.basis) for layer in layers_of(found)] == [
        ("", 3, Basis.UNCOMPRESSED),
        ("", 6, Basis.UNCOMPRESSED),
    ]
    manifest = found.variants[0].manifest
    assert manifest is not None and (manifest.exact, manifest.digest, manifest.size) == (False, "", None)
    assert found.flaws == ()


WRONG: Mapping[str, Any] = {
    "no layers, as in a release candidate of 25": {"layers": []},
    "another order, as in 25.0.0": {"layers": [{"digest": digest(b"twenty")}, {"digest": digest(b"one")}]},
    "another layer": {"layers": [{"digest": digest(b"one")}, {"digest": digest(b"two")}]},
}


@pytest.mark.parametrize("name", WRONG)
def test_views_of_one_archive_that_disagree(tmp_path: Path, name: str) -> None:
    saved = Saved()
    saved.both("acme/widget:1", (b"one", b"twenty"), WRONG[name])
    (found,) = read(written(tmp_path, saved.data()))
    assert [layer.diff_id for layer in layers_of(found)] == [digest(b"one"), digest(b"twenty")]
    assert [(flaw.kind, flaw.at.pointer) for flaw in found.flaws] == [(INCONSISTENT, (0, "Layers"))]
    assert found.variants[0].manifest is None


def test_the_store_of_containerd_saves_layers_as_they_are_pushed(tmp_path: Path) -> None:
    """Its layout is the image's own, with the right digests; the listing beside it is for old programs."""
    folder = tmp_path / "layout"
    entry = image(folder, (b"one", b"two"), labels={"a": "b"})
    make_layout(folder, named(entry, "1", "docker.io/acme/widget:1"))
    manifest = json.loads(blob_path(folder, entry["digest"]).read_bytes())
    paths = [f"blobs/{each['digest'].replace(':', '/')}" for each in (manifest["config"], *manifest["layers"])]
    listing = [{"Config": paths[0], "RepoTags": ["acme/widget:1"], "Layers": paths[1:]}]
    (folder / "manifest.json").write_bytes(dumped(listing))
    (found,) = read(archived(folder, tmp_path / "a.tar"))
    assert (found.form.key, found.digest) == ("oci-archive", entry["digest"])
    assert {layer.basis for layer in layers_of(found)} == {Basis.COMPRESSED}


@pytest.mark.parametrize("packed", [False, True])
def test_layers_that_are_compressed_in_an_archive_of_docker(tmp_path: Path, packed: bool) -> None:
    """As go-containerregistry, ko and kaniko write them: the names have no fixed shape."""
    config = dumped(configuration((b"one",)))
    layer = gzipped(b"one")
    name = digest(layer).removeprefix("sha256:") + ".tar.gz"
    listing = dumped([{"Config": digest(config), "RepoTags": ["acme/widget:1"], "Layers": [name]}])
    data = tar_of({digest(config): config, name: layer, "manifest.json": listing})
    (found,) = read(written(tmp_path, data, packed))
    assert [(each.size, each.basis, each.diff_id) for each in layers_of(found)] == [
        (len(layer), Basis.COMPRESSED, digest(b"one"))
    ]
    assert found.flaws == ()


def test_layers_that_are_links_have_the_size_of_what_they_lead_to(tmp_path: Path) -> None:
    saved = Saved()
    saved.old(["acme/widget:1"], (b"one",))
    (path,) = saved.listing[0]["Layers"]
    content = saved.files.pop(path)
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, kind, target in ((path, tarfile.SYMTYPE, "../one.tar"), ("hard.tar", tarfile.LNKTYPE, "one.tar")):
            link = tarfile.TarInfo(name)
            link.type, link.linkname = kind, target
            archive.addfile(link)
    saved.listing[0]["Layers"].append("hard.tar")
    data = buffer.getvalue()[:1024] + tar_of({"one.tar": content})[:1024] + saved.data()
    (found,) = read(written(tmp_path, data))
    assert [layer.size for layer in layers_of(found)] == [3, 3]


@pytest.mark.parametrize("packed", [False, True])
def test_the_bytes_of_a_layer(tmp_path: Path, packed: bool) -> None:
    saved = Saved()
    saved.old(["acme/widget:1"], (b"one" * 200_000, b"two"))
    (found,) = read(written(tmp_path, saved.data(), packed))
    contents = []
    for layer in layers_of(found):
        source = layer.opened() if layer.opened else None
        assert isinstance(source, io.BufferedIOBase)
        with source:
            contents.append(source.read())
            assert source.seek(-2, io.SEEK_END) == len(contents[-1]) - 2
            assert source.read(5) == contents[-1][-2:]
            assert source.seek(0) == 0
            assert source.read() == contents[-1]
    assert contents == [b"one" * 200_000, b"two"]


@pytest.mark.parametrize("packed", [False, True])
def test_layers_are_verified_by_the_digests_of_their_contents(tmp_path: Path, packed: bool) -> None:
    saved = Saved()
    saved.old(["acme/widget:1"], (b"one", b"two"))
    saved.files[saved.listing[0]["Layers"][1]] = b"2"
    (found,) = read(written(tmp_path, saved.data(), packed))
    flaws = with_contents(found, ReadOptions(io.BytesIO, verify_layers=True)).flaws
    assert [(flaw.kind, flaw.at.pointer) for flaw in flaws] == [(DIGEST_MISMATCH, (0, "Layers", 1))]


class TestWhatIsMissingOrBroken:
    def read(self, folder: Path, saved: Saved) -> Image:
        (found,) = read(written(folder, saved.data()))
        return found

    def saved(self) -> Saved:
        saved = Saved()
        saved.old(["acme/widget:1"], (b"one", b"two"))
        return saved

    def test_a_layer(self, tmp_path: Path) -> None:
        saved = self.saved()
        del saved.files[saved.listing[0]["Layers"][1]]
        found = self.read(tmp_path, saved)
        assert [layer.size for layer in layers_of(found)] == [3, None]
        assert [(flaw.kind, flaw.at.pointer) for flaw in found.flaws] == [(ABSENT_BLOB, (0, "Layers", 1))]

    def test_a_configuration(self, tmp_path: Path) -> None:
        saved = self.saved()
        del saved.files[saved.listing[0]["Config"]]
        found = self.read(tmp_path, saved)
        assert (found.variants[0].config, found.variants[0].platform, kinds(found)) == (None, None, [ABSENT_BLOB])
        assert [layer.size for layer in layers_of(found)] == [3, 3]

    @pytest.mark.parametrize("data", [b"", b"[]", b"nonsense", b'{"a": NaN}'])
    def test_a_configuration_that_is_none(self, tmp_path: Path, data: bytes) -> None:
        saved = self.saved()
        saved.files[saved.listing[0]["Config"]] = data
        assert kinds(self.read(tmp_path, saved)) == [UNREADABLE]

    def test_a_configuration_of_another_digest(self, tmp_path: Path) -> None:
        saved = self.saved()
        saved.files[saved.listing[0]["Config"]] += b" "
        assert kinds(self.read(tmp_path, saved)) == [DIGEST_MISMATCH]

    def test_a_configuration_of_fewer_layers(self, tmp_path: Path) -> None:
        saved = self.saved()
        config = dumped(configuration((b"one",)))
        saved.files["c.json"] = config
        saved.listing[0]["Config"] = "c.json"
        found = self.read(tmp_path, saved)
        assert kinds(found) == [INCONSISTENT]
        assert [layer.diff_id for layer in layers_of(found)] == ["", ""]

    def test_a_configuration_that_is_there_twice(self, tmp_path: Path) -> None:
        saved = self.saved()
        name = saved.listing[0]["Config"]
        data = tar_of({name: b"{}"})[:1024] + saved.data()
        (found,) = read(written(tmp_path, data))
        assert kinds(found) == [INCONSISTENT]


@pytest.mark.parametrize("name", ["manifest.json", "index.json", "oci-layout"])
@pytest.mark.parametrize("spelt", ["", "./"])
def test_a_listing_that_is_there_twice_is_refused(tmp_path: Path, name: str, spelt: str) -> None:
    saved = Saved()
    saved.both("acme/widget:1")
    data = tar_of({spelt + name: b"{}"})[:1024] + saved.data()
    with pytest.raises(ImageError, match=f"holds `{name}` twice"):
        read(written(tmp_path, data))


@pytest.mark.parametrize(
    ("files", "words"),
    [
        ({}, "neither an index.json nor a manifest.json"),
        ({"manifest.json": b"{}"}, "neither an index.json nor a manifest.json"),
        ({"manifest.json": b"[]"}, "holds no image"),
        ({"manifest.json": b"[{]"}, "is not valid JSON"),
        ({"manifest.json": b"[" + b" " * (4 << 20) + b"]"}, "larger than 4 MiB"),
        ({"index.json": b"[]"}, "holds no image"),
        ({"index.json": b"\xff\xfe"}, "is not UTF-8"),
    ],
)
def test_archives_that_hold_no_image(tmp_path: Path, files: dict[str, bytes], words: str) -> None:
    with pytest.raises(ImageError, match=words):
        read(written(tmp_path, tar_of(files)))


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize(
    "outside", ["/etc/passwd", "../../../../etc/passwd", "l/../../etc/passwd", "./manifest.json/.."]
)
def test_names_in_a_listing_lead_nowhere_but_into_the_archive(tmp_path: Path, outside: str, packed: bool) -> None:
    data = tar_of({"manifest.json": dumped([{"Config": outside, "Layers": [outside]}])})
    (found,) = read(written(tmp_path, data, packed))
    assert kinds(found) == [ABSENT_BLOB, ABSENT_BLOB]
    assert found.variants[0].config is None


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE])
@pytest.mark.parametrize("target", ["/etc/passwd", "../../etc/passwd", "c.json", "nowhere"])
def test_links_lead_nowhere_but_into_the_archive(tmp_path: Path, target: str, kind: bytes) -> None:
    path = written(tmp_path, tar_of({"manifest.json": dumped([{"Config": "c.json", "Layers": []}])}))
    link = tarfile.TarInfo("c.json")
    link.type, link.linkname = kind, target
    with tarfile.open(path, "a") as archive:
        archive.addfile(link)
    (found,) = read(path)
    assert kinds(found) == [ABSENT_BLOB]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a":' * 100_000, "nested more than 100 levels deep"),
        (b'{"os": "\xff"}', "it is not UTF-8"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "a number that is too long"),
        (b'{"a": NaN}', "not a value of JSON"),
        (b" " * (17 << 20), "larger than 16 MiB"),
    ],
)
@pytest.mark.parametrize("packed", [False, True])
def test_a_configuration_that_is_hostile_leaves_the_layers(
    tmp_path: Path, data: bytes, words: str, packed: bool
) -> None:
    files = {
        "manifest.json": dumped([{"Config": "c.json", "Layers": ["l/layer.tar"]}]),
        "c.json": data,
        "l/layer.tar": b"l",
    }
    (found,) = read(written(tmp_path, tar_of(files), packed))
    assert kinds(found) == [UNREADABLE]
    assert words in found.flaws[0].message
    assert [layer.size for layer in layers_of(found)] == [1]


@pytest.mark.parametrize("value", [[None], [5], [[]], [{}], [{"Config": 5, "RepoTags": 5, "Layers": [None, {}]}]])
def test_entries_of_any_shape(tmp_path: Path, value: object) -> None:
    (found,) = read(written(tmp_path, tar_of({"manifest.json": dumped(value)})))
    assert kinds(found)[0] == ABSENT_BLOB


def test_more_images_than_can_be_judged_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CHILDREN", 2)
    with pytest.raises(ImageError, match="holds more than 2 images"):
        read(written(tmp_path, tar_of({"manifest.json": b"[{},{},{}]"})))


@pytest.mark.parametrize("packed", [False, True])
def test_all_documents_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, packed: bool) -> None:
    monkeypatch.setattr(tararchive, "MAX_DOCUMENTS", 4000)
    saved = Saved()
    for number in range(9):
        saved.old([f"acme/widget:{number}"], (bytes((number,)),), labels={"a": "b" * 900})
    listing = {"manifest.json": dumped(saved.listing)}
    found = read(written(tmp_path, tar_of({**listing, **saved.files}), packed))
    assert UNREADABLE in {kind for each in found for kind in kinds(each)}


def test_a_hole_of_11_gib_is_skipped(tmp_path: Path) -> None:
    path = tar_with_hole(tmp_path / "a.tar")
    start = time.perf_counter()
    (found,) = read(path)
    assert time.perf_counter() - start < 0.3
    assert [(layer.size, layer.basis) for layer in layers_of(found)] == [(11 * GIB, Basis.UNCOMPRESSED)]


def test_a_layer_stored_without_its_holes_is_measured_and_not_opened(tmp_path: Path) -> None:
    member = tarfile.TarInfo("l.tar")
    member.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": str(5 * GIB)}
    listing = dumped([{"Config": "c.json", "RepoTags": None, "Layers": ["l.tar"]}])
    data = member.tobuf(tarfile.PAX_FORMAT) + tar_of({"c.json": b"{}", "manifest.json": listing})
    (found,) = read(written(tmp_path, data))
    (layer,) = layers_of(found)
    assert layer.size == 5 * GIB
    assert layer.opened is not None and "without its holes" in str(layer.opened())


class TestCompressedArchives:
    def refused(self, path: Path, words: str) -> None:
        with pytest.raises(ImageError, match=words):
            read(path)

    def test_sizes_come_from_headers_and_little_is_kept(self, tmp_path: Path) -> None:
        path = tmp_path / "a.tar"
        pressing = zlib.compressobj(1, wbits=31)
        header = tarfile.TarInfo("big/layer.tar")
        header.size = 64 << 20
        rest = tar_of(
            {
                "c.json": dumped(configuration(())),
                "manifest.json": dumped([{"Config": "c.json", "Layers": [header.name]}]),
            }
        )
        with path.open("wb") as file:
            file.write(pressing.compress(header.tobuf()))
            for _ in range(64):
                file.write(pressing.compress(bytes(1 << 20)))
            file.write(pressing.compress(rest) + pressing.flush())
        tracemalloc.start()
        (found,) = read(path)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        assert peak < 8 << 20
        assert [layer.size for layer in layers_of(found)] == [64 << 20]

    def test_one_that_is_cut_off(self, tmp_path: Path) -> None:
        saved = Saved()
        saved.old(["acme/widget:1"])
        data = gzipped(saved.data())
        for end in (12, len(data) // 2):
            path = tmp_path / "a.tar"
            path.write_bytes(data[:end])
            self.refused(path, "cut off")

    def test_one_that_is_damaged(self, tmp_path: Path) -> None:
        saved = Saved()
        saved.old(["acme/widget:1"])
        data = bytearray(gzipped(saved.data()))
        data[40:60] = b"\xff" * 20
        path = tmp_path / "a.tar"
        path.write_bytes(data)
        self.refused(path, "the compressed data is damaged")

    def test_several_streams_behind_one_another_are_one(self, tmp_path: Path) -> None:
        saved = Saved()
        saved.old(["acme/widget:1"])
        data = saved.data()
        path = tmp_path / "a.tar"
        path.write_bytes(gzipped(data[:700]) + gzipped(data[700:]) + bytes(1000))
        assert len(read(path)) == 1

    def test_more_than_can_be_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = written(tmp_path, tar_of({"a.tar": bytes(9 << 20)}), packed=True)
        monkeypatch.setattr(streams, "MAX_UNPACKED", 8 << 20)
        self.refused(path, "unpacks to more than can be")

    def test_a_ratio_that_no_layer_has_is_refused(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = written(tmp_path, tar_of({"a.tar": bytes(9 << 20)}), packed=True)
        monkeypatch.setattr(streams, "MAX_RATIO", 100)
        self.refused(path, "unpacks to more than can be")

    def test_so_long_is_waited(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        path = written(tmp_path, tar_of({"a.tar": bytes(9 << 20)}), packed=True)
        monkeypatch.setattr(streams, "MAX_SECONDS", -1.0)
        self.refused(path, "unpacking takes too long")


def _both() -> bytes:
    saved = Saved()
    saved.both("acme/widget:1", (b"one", b"two"))
    saved.old(["acme/widget:2"], (b"three",))
    return saved.data()


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0), st.sampled_from(b'{}[]",:0a/\0')), min_size=1, max_size=20), st.booleans())
def test_no_archive_is_too_broken_to_be_refused_politely(
    tmp_path_factory: pytest.TempPathFactory, changes: list[tuple[int, int]], packed: bool
) -> None:
    data = bytearray(_both())
    for at, new in changes:
        data[at % len(data)] = new
    path = tmp_path_factory.getbasetemp() / "broken.tar"
    path.write_bytes(gzipped(bytes(data)) if packed else data)
    try:
        found = read(path)
    except ImageError as error:
        assert str(error)
    else:
        assert [each.variants for each in found]
