"""OCI image layouts and the directories of skopeo: which images they hold, and that nothing leads out of them."""

from __future__ import annotations

import io
import json
import os
import time
from pathlib import Path

import pytest

from imglint.model.image.image import ABSENT_BLOB, UNREADABLE, Image
from imglint.read.image import layout as reading
from imglint.read.image.contents import with_contents
from imglint.read.image.layout import dir_image, layout_images
from imglint.read.image.options import ReadOptions
from imglint.read.image.store import ImageError

from .making import (
    MANIFEST,
    Descriptor,
    artifact,
    attestation,
    blob_path,
    buildkit_layout,
    digest,
    dumped,
    gzipped,
    hole,
    image,
    index,
    make_layout,
    named,
    put,
    tar_of,
)  # fmt: skip


def read(folder: Path, reference: str = "", platform: str | None = None) -> list[Image]:
    return layout_images(str(folder), "x", reference, platform)


def platforms(found: Image) -> list[str]:
    return [str(variant.platform) for variant in found.variants]


def without_platform(entry: Descriptor) -> Descriptor:
    return {key: value for key, value in entry.items() if key != "platform"}


def test_one_image(tmp_path: Path) -> None:
    entry = image(tmp_path, labels={"a": "b"})
    found = read(make_layout(tmp_path, named(entry, "1.2")))
    assert [(each.name, each.digest, each.references) for each in found] == [("x", entry["digest"], ())]
    assert found[0].root.path == "manifests[0]"


def test_an_index_of_buildkit(tmp_path: Path) -> None:
    (found,) = read(buildkit_layout(tmp_path))
    assert platforms(found) == ["linux/amd64", "linux/arm64"]
    assert [len(each.predicates or ()) for each in found.attestations] == [1, 1]
    assert found.references == ("docker.io/acme/widget:1",)
    assert found.top is not None and found.top.text("annotations", "org.opencontainers.image.description")
    assert found.flaws == ()


def several(folder: Path) -> Path:
    one, two = image(folder, (b"1",)), image(folder, (b"2",), "linux/arm64")
    return make_layout(
        folder,
        named(one, "1.0", "ghcr.io/acme/widget:1.0"),
        named(two, "edge"),
        named(one, "latest", "ghcr.io/acme/widget:latest"),
    )


def test_an_image_with_two_names_is_one_image(tmp_path: Path) -> None:
    found = read(several(tmp_path))
    assert [(each.name, each.references) for each in found] == [
        ("x:1.0", ("ghcr.io/acme/widget:1.0", "ghcr.io/acme/widget:latest")),
        ("x:edge", ()),
    ]


@pytest.mark.parametrize(
    ("reference", "platform"),
    [
        ("1.0", "linux/amd64"), ("latest", "linux/amd64"), ("ghcr.io/acme/widget:latest", "linux/amd64"),
        ("edge", "linux/arm64"), ("@0", "linux/amd64"), ("@1", "linux/arm64"), ("@2", "linux/amd64"),
    ],
)  # fmt: skip
def test_a_reference_chooses(tmp_path: Path, reference: str, platform: str) -> None:
    found = read(several(tmp_path), reference)
    assert [platforms(each) for each in found] == [[platform]]


def test_a_digest_chooses(tmp_path: Path) -> None:
    folder = several(tmp_path)
    wanted = json.loads((folder / "index.json").read_bytes())["manifests"][1]["digest"]
    assert [each.digest for each in read(folder, wanted)] == [wanted]


@pytest.mark.parametrize("reference", ["2.0", "@3", "@-1", "widget", "sha256:" + "0" * 64])
def test_a_reference_that_is_not_there_is_refused_with_those_that_are(tmp_path: Path, reference: str) -> None:
    there = "there is ghcr.io/acme/widget:1.0, edge, ghcr.io/acme/widget:latest"
    with pytest.raises(ImageError, match=f"has no image `{reference}`: {there}"):
        read(several(tmp_path), reference)


def test_entries_for_several_platforms_without_names_are_one_image(tmp_path: Path) -> None:
    one, two = image(tmp_path, (b"1",)), image(tmp_path, (b"2",), "linux/arm64")
    (found,) = read(make_layout(tmp_path, one, two, attestation(tmp_path, one)))
    assert platforms(found) == ["linux/amd64", "linux/arm64"]
    assert len(found.attestations) == 1


def test_of_several_images_those_for_the_platform_are_read(tmp_path: Path) -> None:
    found = read(several(tmp_path), platform="linux/arm64")
    assert [each.name for each in found] == ["x:edge"]
    with pytest.raises(ImageError, match="has no image for linux/s390x"):
        read(several(tmp_path), platform="linux/s390x")


def test_an_artifact_beside_an_image_is_passed_by(tmp_path: Path) -> None:
    chart = named(artifact(tmp_path), "chart")
    assert [each.name for each in read(make_layout(tmp_path, named(image(tmp_path), "1"), chart))] == ["x:1"]
    with pytest.raises(ImageError, match="is not an image, but an artifact"):
        read(make_layout(tmp_path, chart))


def test_an_index_without_its_manifests(tmp_path: Path) -> None:
    one = image(tmp_path)
    top = index(tmp_path, one)
    blob_path(tmp_path, one["digest"]).unlink()
    (found,) = read(make_layout(tmp_path, named(top, "1")))
    assert [(str(each.platform), each.reason) for each in found.variants] == [("linux/amd64", "it is not there")]
    assert [flaw.kind for flaw in found.flaws] == [ABSENT_BLOB]


def test_one_of_several_images_that_is_not_there_spoils_no_other(tmp_path: Path) -> None:
    one, two = image(tmp_path, (b"1",)), image(tmp_path, (b"2",))
    bad = put(tmp_path, b"nonsense", MANIFEST)
    blob_path(tmp_path, one["digest"]).unlink()
    odd = {"mediaType": MANIFEST, "digest": "sha256:../../etc/passwd", "size": 1}
    entries = (named(each, str(number)) for number, each in enumerate((one, bad, odd, two)))
    found = read(make_layout(tmp_path, *entries))
    assert [(each.name, [flaw.kind for flaw in each.flaws]) for each in found] == [
        ("x:0", [ABSENT_BLOB]), ("x:1", [UNREADABLE]), ("x:2", [UNREADABLE]), ("x:3", []),
    ]  # fmt: skip
    assert found[0].flaws[0].at.value == named(one, "0")


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not valid JSON"),
        (b"{}", "holds no image"),
        (b'{"manifests": []}', "holds no image"),
        (b" " * ((4 << 20) + 1), "its index.json is larger than 4 MiB"),
        (b'{"manifests":' * 100_000, "nested more than 100 levels deep"),
        (b'{"manifests": [{"digest": "\xff"}]}', "it is not UTF-8"),
        ('{"manifests": []}'.encode("utf-16"), "it is not UTF-8"),
        (b'{"manifests": ' + b"9" * 10_000 + b"}", "a number that is too long"),
        (b'{"manifests": [Infinity]}', "`Infinity` is not a value of JSON"),
    ],
)
def test_an_index_that_is_none_is_refused(tmp_path: Path, data: bytes, words: str) -> None:
    (tmp_path / "index.json").write_bytes(data)
    with pytest.raises(ImageError, match=words):
        read(tmp_path)


def test_more_images_than_can_be_judged_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MAX_CHILDREN", 2)
    entries = (named(image(tmp_path, (bytes((number,)),)), str(number)) for number in range(3))
    with pytest.raises(ImageError, match="holds more than 2 images"):
        read(make_layout(tmp_path, *entries))


def test_all_documents_together_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    top = index(tmp_path, *(image(tmp_path, (bytes((number,)),), f"linux/arch{number}") for number in range(9)))
    monkeypatch.setattr(reading, "MAX_DOCUMENTS", 3 << 10)
    (found,) = read(make_layout(tmp_path, named(top, "1")))
    assert UNREADABLE in {flaw.kind for flaw in found.flaws}
    assert any("all documents together" in flaw.message for flaw in found.flaws)


class TestNothingLeadsOut:
    def link(self, tmp_path: Path, target: str) -> Image:
        """The image of a layout whose manifest is a symbolic link."""
        (tmp_path / "layout").mkdir()
        folder = tmp_path / "layout"
        top = image(folder)
        path = blob_path(folder, top["digest"])
        (tmp_path / "secret").write_bytes(path.read_bytes())
        path.rename(folder / "inside")
        path.symlink_to(target)
        return read(make_layout(folder, named(top, "1")))[0]

    @pytest.mark.parametrize("target", ["../../../secret", "/etc/hostname", "../../../layout/../secret"])
    def test_a_blob_that_is_a_link_out_of_the_layout_is_not_read(self, tmp_path: Path, target: str) -> None:
        found = self.link(tmp_path, target)
        assert found.variants[0].manifest is None
        assert [flaw.kind for flaw in found.flaws] == [UNREADABLE]
        assert "leads out of the folder" in found.flaws[0].message

    def test_a_blob_that_is_a_link_inside_the_layout_is_read(self, tmp_path: Path) -> None:
        found = self.link(tmp_path, "../../inside")
        assert found.variants[0].config is not None
        assert found.flaws == ()

    def test_a_folder_of_blobs_elsewhere_is_not_read(self, tmp_path: Path) -> None:
        top = image(tmp_path / "other")
        (tmp_path / "layout").mkdir()
        (tmp_path / "layout" / "blobs").symlink_to(tmp_path / "other" / "blobs")
        (found,) = read(make_layout(tmp_path / "layout", named(top, "1")))
        assert [flaw.kind for flaw in found.flaws] == [UNREADABLE]

    def test_an_index_elsewhere_is_not_read(self, tmp_path: Path) -> None:
        make_layout(tmp_path / "other", named(image(tmp_path / "other"), "1"))
        (tmp_path / "layout").mkdir()
        (tmp_path / "layout" / "index.json").symlink_to("../other/index.json")
        with pytest.raises(ImageError, match="leads out of the folder"):
            read(tmp_path / "layout")

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes here")
    def test_nothing_waits_for_a_pipe(self, tmp_path: Path) -> None:
        top = image(tmp_path)
        layer = json.loads(blob_path(tmp_path, top["digest"]).read_bytes())["layers"][0]["digest"]
        for each in (top["digest"], layer):
            blob_path(tmp_path, each).unlink()
            os.mkfifo(blob_path(tmp_path, each))
        (found,) = read(make_layout(tmp_path, named(top, "1")))
        assert [flaw.kind for flaw in found.flaws] == [UNREADABLE]

    def test_a_layer_elsewhere_is_not_opened(self, tmp_path: Path) -> None:
        top = image(tmp_path)
        layer = json.loads(blob_path(tmp_path, top["digest"]).read_bytes())["layers"][0]["digest"]
        blob_path(tmp_path, layer).unlink()
        blob_path(tmp_path, layer).symlink_to("/etc/hostname")
        opened = self.layer_of(read(make_layout(tmp_path, named(top, "1")))[0])
        assert opened == "its file leads out of the folder, or is no file"

    @staticmethod
    def layer_of(found: Image) -> object:
        layer = (found.variants[0].layers or ())[0]
        return layer.opened() if layer.opened else None


def test_a_layer_of_11_gib_costs_nothing(tmp_path: Path) -> None:
    top = image(tmp_path, (), manifest={"layers": [hole(tmp_path, 11 << 30)]})
    make_layout(tmp_path, named(top, "1"))
    start = time.perf_counter()
    (found,) = read(tmp_path)
    assert time.perf_counter() - start < 0.3
    assert [layer.size for layer in found.variants[0].layers or ()] == [11 << 30]


def test_the_bytes_of_a_layer(tmp_path: Path) -> None:
    (found,) = read(make_layout(tmp_path, named(image(tmp_path, (b"content",)), "1")))
    layer = (found.variants[0].layers or ())[0]
    source = layer.opened() if layer.opened else None
    assert isinstance(source, io.BufferedIOBase)
    with source:
        assert source.read() == gzipped(b"content")


def skopeo_dir(folder: Path) -> Path:
    """What `skopeo copy --all … dir:` writes."""
    top = index(folder, *(image(folder, (name.encode(),), f"linux/{name}") for name in ("amd64", "arm64")))
    (folder / "version").write_text("Directory Transport Version: 1.1\n")
    (folder / "manifest.json").write_bytes(blob_path(folder, top["digest"]).read_bytes())
    for path in (folder / "blobs" / "sha256").iterdir():
        is_manifest = b'"layers"' in path.read_bytes()
        path.rename(folder / (f"{path.name}.manifest.json" if is_manifest else path.name))
    return folder


def test_a_directory_of_skopeo(tmp_path: Path) -> None:
    folder = skopeo_dir(tmp_path)
    found = dir_image(str(folder), "x")
    assert platforms(found) == ["linux/amd64", "linux/arm64"]
    assert found.digest == digest((folder / "manifest.json").read_bytes())
    assert found.flaws == ()
    assert platforms(dir_image(str(folder), "x", "linux/arm64")) == ["linux/arm64"]
    with pytest.raises(ImageError, match=r"its manifest\.json does not exist"):
        dir_image(str(tmp_path / "blobs"), "x")


class TestVerifyingLayers:
    def flaws(self, folder: Path, *layers: Descriptor, contents: tuple[bytes, ...]) -> list[str]:
        top = image(folder, contents, manifest={"layers": layers})
        (found,) = read(make_layout(folder, named(top, "1")))
        self.told: list[tuple[str, int, int]] = []
        options = ReadOptions(io.BytesIO, verify_layers=True, progress=lambda *each: self.told.append(each))
        return [flaw.message for flaw in with_contents(found, options).flaws]

    def layer(self, folder: Path, data: bytes) -> Descriptor:
        return put(folder, data, "application/vnd.oci.image.layer.v1.tar+gzip")

    def test_layers_that_are_what_they_say(self, tmp_path: Path) -> None:
        content = tar_of({"a": b"b" * 3_000_000})
        packed = self.layer(tmp_path, gzipped(content))
        plain = self.layer(tmp_path, content)
        assert self.flaws(tmp_path, packed, plain, contents=(content, content)) == []
        assert ("layer 1", packed["size"], packed["size"]) in self.told
        assert ("layer 2", len(content), len(content)) in self.told

    def test_a_layer_that_was_changed(self, tmp_path: Path) -> None:
        packed = self.layer(tmp_path, gzipped(b"content"))
        blob_path(tmp_path, packed["digest"]).write_bytes(gzipped(b"CONTENT"))
        found = digest(gzipped(b"CONTENT"))
        assert self.flaws(tmp_path, packed, contents=(b"content",)) == [
            f"the layer that this digest names has the digest {found}"
        ]

    def test_a_layer_of_other_content_than_the_configuration_says(self, tmp_path: Path) -> None:
        packed = self.layer(tmp_path, gzipped(b"content"))
        (message,) = self.flaws(tmp_path, packed, contents=(b"other",))
        assert message == (
            f"the content of the layer has the digest {digest(b'content')}, "
            f"and the configuration says {digest(b'other')}"
        )

    def test_a_layer_that_cannot_be_unpacked(self, tmp_path: Path) -> None:
        packed = self.layer(tmp_path, gzipped(b"content")[:-9])
        (message,) = self.flaws(tmp_path, packed, contents=(b"content",))
        assert message == "the content of the layer cannot be read: the compressed data is cut off"

    def test_a_layer_that_is_not_there(self, tmp_path: Path) -> None:
        packed = self.layer(tmp_path, gzipped(b"content"))
        blob_path(tmp_path, packed["digest"]).unlink()
        assert self.flaws(tmp_path, packed, contents=(b"content",)) == [
            "layer 1 is not at hand, because it is not there"
        ]
        assert self.told == []


def test_what_a_layout_holds_is_dumped_as_the_specification_has_it(tmp_path: Path) -> None:
    """The fixtures are what they are meant to be: every blob has the name that its content gives it."""
    folder = buildkit_layout(tmp_path)
    blobs = list((folder / "blobs" / "sha256").iterdir())
    assert len(blobs) == 12
    assert [digest(path.read_bytes()) for path in blobs] == [f"sha256:{path.name}" for path in blobs]
    assert (folder / "oci-layout").read_bytes() == dumped({"imageLayoutVersion": "1.0.0"})
