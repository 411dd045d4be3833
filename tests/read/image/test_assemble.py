"""From an index to its images: what is followed, what stands beside images, what is missing or broken."""

from __future__ import annotations

import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.image.form import OCI_LAYOUT
from imglint.model.image.image import ABSENT_BLOB, DIGEST_MISMATCH, SIZE_MISMATCH, UNREADABLE, Basis, Image
from imglint.read.image import assemble as assembling
from imglint.read.image.assemble import Root, assemble
from imglint.read.image.documents import document
from imglint.read.image.layout import FolderStore
from imglint.read.image.single import single_image
from imglint.read.image.store import ImageError, Missing, Wanted

from .making import (
    INDEX,
    LAYER,
    MANIFEST,
    Descriptor,
    artifact,
    attestation,
    blob_path,
    configuration,
    digest,
    dumped,
    hole,
    image,
    index,
    put,
)  # fmt: skip


class Watched(FolderStore):
    """A store that knows what it was asked for, and in which rounds."""

    def __init__(self, folder: Path) -> None:
        super().__init__(str(folder), nested=True)
        self.rounds: list[list[str]] = []

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        if wanted:
            self.rounds.append([each.digest for each in wanted])
        return super().fetch(wanted)

    def open(self, digest: str) -> BinaryIO | Missing:
        raise AssertionError("no layer is read")


def read(folder: Path, top: Descriptor, platform: str | None = None) -> Image:
    return read_watched(folder, top, platform)[0]


def read_watched(folder: Path, top: Descriptor, platform: str | None = None) -> tuple[Image, Watched]:
    store = Watched(folder)
    data = blob_path(folder, top["digest"]).read_bytes()
    return assemble("x", OCI_LAYOUT, Root(data, top["mediaType"], top["digest"]), store, (), platform), store


def platforms(found: Image) -> list[str]:
    return [str(variant.platform) for variant in found.variants]


def kinds(found: Image) -> list[str]:
    return [flaw.kind for flaw in found.flaws]


def test_a_single_image(tmp_path: Path) -> None:
    top = image(tmp_path, (b"one", b"two"), "linux/arm/v7", {"a": "b"}, {"annotations": {"c": "d"}})
    found, store = read_watched(tmp_path, top)
    variant = found.variants[0]
    assert (found.digest, found.indexes, found.flaws) == (top["digest"], (), ())
    assert str(variant.platform) == "linux/arm/v7"
    assert variant.config is not None and variant.config.labels == {"a": "b"}
    assert variant.manifest is not None and dict(variant.manifest.strings("annotations")) == {"c": "d"}
    assert (variant.manifest.platform, variant.config.document.platform) == ("linux/arm/v7", "linux/arm/v7")
    assert [step.created_by for step in variant.history or ()] == ["COPY 0 / # buildkit", "COPY 1 / # buildkit"]
    layers = variant.layers or ()
    assert [layer.diff_id for layer in layers] == [digest(b"one"), digest(b"two")]
    assert [layer.at.value["digest"] for layer in layers] == [layer.digest for layer in layers]
    assert {layer.basis for layer in layers} == {Basis.COMPRESSED}
    assert len(store.rounds) == 1


def test_manifests_are_one_round_and_configurations_another(tmp_path: Path) -> None:
    images = [image(tmp_path, (name.encode(),), f"linux/{name}") for name in ("amd64", "arm64", "s390x")]
    found, store = read_watched(tmp_path, index(tmp_path, *images))
    assert platforms(found) == ["linux/amd64", "linux/arm64", "linux/s390x"]
    assert [len(asked) for asked in store.rounds] == [3, 3]
    paths = [variant.config.document.path for variant in found.variants if variant.config]
    assert paths == [f"manifests[{number}].config" for number in range(3)]


def test_attestations_and_artifacts_are_no_images(tmp_path: Path) -> None:
    one = image(tmp_path)
    attests = attestation(tmp_path, one, ("https://spdx.dev/Document", "https://slsa.dev/provenance/v1"))
    found = read(tmp_path, index(tmp_path, attests, one, artifact(tmp_path, "application/vnd.example.chart")))
    assert platforms(found) == ["linux/amd64"]
    assert [(each.subject, each.predicates) for each in found.attestations] == [
        (one["digest"], ("https://spdx.dev/Document", "https://slsa.dev/provenance/v1"))
    ]
    assert [each.type for each in found.artifacts] == ["application/vnd.example.chart"]
    assert found.flaws == ()


def test_an_artifact_alone_is_refused(tmp_path: Path) -> None:
    chart = artifact(tmp_path, "application/vnd.example.chart")
    for top in (chart, index(tmp_path, chart)):
        with pytest.raises(ImageError, match=r"is not an image, but an artifact of the type application/vnd\.example"):
            read(tmp_path, top)


def test_an_unknown_platform_alone_makes_no_attestation(tmp_path: Path) -> None:
    one = image(tmp_path) | {"platform": {"architecture": "unknown", "os": "unknown"}}
    found = read(tmp_path, index(tmp_path, one))
    assert platforms(found) == ["unknown/unknown"]
    assert found.attestations == ()


def test_only_what_is_for_the_platform_is_fetched(tmp_path: Path) -> None:
    amd, arm = image(tmp_path, (b"amd",)), image(tmp_path, (b"arm",), "linux/arm64/v8")
    vouched = [attestation(tmp_path, each) for each in (amd, arm)]
    found, store = read_watched(tmp_path, index(tmp_path, *vouched, amd, arm), "linux/arm64")
    assert platforms(found) == ["linux/arm64/v8"]
    assert [each.subject for each in found.attestations] == [arm["digest"]]
    assert store.rounds[0] == [vouched[1]["digest"], arm["digest"]]
    with pytest.raises(ImageError, match="has no image for linux/s390x: there is one for linux/amd64, linux/arm64/v8"):
        read(tmp_path, index(tmp_path, amd, arm), "linux/s390x")


def test_an_entry_that_says_no_platform_is_for_that_of_its_configuration(tmp_path: Path) -> None:
    entries = [
        {key: value for key, value in image(tmp_path, (name.encode(),), f"linux/{name}").items() if key != "platform"}
        for name in ("amd64", "arm64")
    ]
    assert platforms(read(tmp_path, index(tmp_path, *entries))) == ["linux/amd64", "linux/arm64"]
    assert platforms(read(tmp_path, index(tmp_path, *entries), "linux/arm64")) == ["linux/arm64"]


def test_a_single_image_for_another_platform_is_none(tmp_path: Path) -> None:
    with pytest.raises(ImageError, match="has no image for linux/arm64: there is one for linux/amd64"):
        read(tmp_path, image(tmp_path), "linux/arm64")
    with pytest.raises(ImageError, match="`arm64` is not a platform"):
        read(tmp_path, image(tmp_path), "arm64")


def test_indexes_in_one_another_are_followed_so_far(tmp_path: Path) -> None:
    top = image(tmp_path)
    for _ in range(4):
        top = index(tmp_path, top)
    assert platforms(read(tmp_path, top)) == ["linux/amd64"]
    found = read(tmp_path, index(tmp_path, top))
    assert (platforms(found), kinds(found)) == ([], [UNREADABLE])
    assert "more than 4 indexes" in found.flaws[0].message


def test_an_index_that_two_indexes_name_is_read_once(tmp_path: Path) -> None:
    below = index(tmp_path, image(tmp_path))
    found = read(tmp_path, index(tmp_path, index(tmp_path, below), index(tmp_path, below, annotations={}), below))
    assert platforms(found) == ["linux/amd64"]


def test_so_many_manifests_are_looked_at(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assembling, "MAX_CHILDREN", 3)
    images = [image(tmp_path, (bytes((number,)),), f"linux/arch{number}") for number in range(5)]
    found = read(tmp_path, index(tmp_path, *images))
    assert len(found.variants) == 3
    assert [flaw.at.pointer for flaw in found.flaws] == [("manifests", 3)]


def test_what_is_missing_is_said_and_the_rest_is_read(tmp_path: Path) -> None:
    one, two, three = (image(tmp_path, (name.encode(),), f"linux/{name}") for name in ("amd64", "arm64", "s390x"))
    blob_path(tmp_path, one["digest"]).unlink()
    manifest = json.loads(blob_path(tmp_path, two["digest"]).read_bytes())
    blob_path(tmp_path, manifest["config"]["digest"]).unlink()
    found = read(tmp_path, index(tmp_path, one, two, three))
    there = [(variant.manifest is not None, variant.config is not None) for variant in found.variants]
    assert there == [(False, False), (True, False), (True, True)]
    assert [variant.reason for variant in found.variants] == ["it is not there", "it is not there", ""]
    assert [(flaw.kind, flaw.at.document.path, flaw.at.pointer) for flaw in found.flaws] == [
        (ABSENT_BLOB, "", ("manifests", 0)),
        (ABSENT_BLOB, "manifests[1]", ("config",)),
    ]


def test_blobs_that_are_not_what_they_are_called_are_judged_all_the_same(tmp_path: Path) -> None:
    one = image(tmp_path, (b"one",))
    path = blob_path(tmp_path, one["digest"])
    path.write_bytes(path.read_bytes() + b" ")
    two = image(tmp_path, (b"two",), "linux/arm64") | {"size": 5}
    found = read(tmp_path, index(tmp_path, one, two))
    assert platforms(found) == ["linux/amd64", "linux/arm64"]
    assert [(flaw.kind, flaw.at.pointer) for flaw in found.flaws] == [
        (DIGEST_MISMATCH, ("manifests", 0, "digest")),
        (SIZE_MISMATCH, ("manifests", 1, "size")),
    ]
    assert f"has the digest {digest(path.read_bytes())}" in found.flaws[0].message


def test_the_size_of_a_layer_is_compared_without_reading_it(tmp_path: Path) -> None:
    layer = hole(tmp_path, 11 << 30)
    top = image(tmp_path, (), manifest={"layers": [layer, layer | {"size": 7}]})
    start = time.perf_counter()
    found = read(tmp_path, top)
    assert time.perf_counter() - start < 0.3
    assert [each.size for each in found.variants[0].layers or ()] == [11 << 30, 7]
    assert [(flaw.kind, flaw.at.pointer) for flaw in found.flaws] == [(SIZE_MISMATCH, ("layers", 1, "size"))]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is not valid JSON"),
        (b"\xff{}", "is not UTF-8"),
        (b"[" * 1000, "nested more than 100 levels"),
        (b"[]", "it is no image manifest"),
        (dumped({"schemaVersion": 1, "fsLayers": []}), "schema 1"),
        (dumped({"manifests": [], "layers": [], "config": {}}), "tools disagree"),
    ],
)
def test_a_manifest_that_is_none_spoils_only_itself(tmp_path: Path, data: bytes, words: str) -> None:
    bad = put(tmp_path, data, MANIFEST) | {"platform": {"os": "linux", "architecture": "arm64"}}
    found = read(tmp_path, index(tmp_path, bad, image(tmp_path)))
    assert platforms(found) == ["linux/arm64", "linux/amd64"]
    assert words in found.variants[0].reason
    assert kinds(found) == [UNREADABLE]


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"nonsense"])
def test_a_configuration_that_is_none_leaves_the_manifest(tmp_path: Path, data: bytes) -> None:
    config = put(tmp_path, data, "application/vnd.oci.image.config.v1+json")
    found = read(tmp_path, image(tmp_path, manifest={"config": config}))
    assert [(variant.manifest is None, variant.config) for variant in found.variants] == [(False, None)]
    assert kinds(found) == [UNREADABLE]


@pytest.mark.parametrize(
    "named",
    ["sha256:../../../etc/passwd", "sha256:abc", "../../etc/passwd", "", "sha256:" + "A" * 64, "md5:" + "0" * 32],
)
def test_digests_that_are_none_are_never_asked_for(tmp_path: Path, named: str) -> None:
    found, store = read_watched(tmp_path, index(tmp_path, image(tmp_path) | {"digest": named}))
    assert store.rounds == []
    assert kinds(found) == [UNREADABLE]


@pytest.mark.parametrize("algorithm", ["sha384", "sha512"])
def test_other_algorithms_are_checked_too(tmp_path: Path, algorithm: str) -> None:
    manifest = blob_path(tmp_path, image(tmp_path)["digest"]).read_bytes()
    one = put(tmp_path, manifest, MANIFEST, algorithm)
    assert kinds(read(tmp_path, index(tmp_path, one))) == []
    blob_path(tmp_path, one["digest"]).write_bytes(manifest + b"\n")
    found = read(tmp_path, index(tmp_path, one | {"size": len(manifest) + 1}))
    assert kinds(found) == [DIGEST_MISMATCH]
    assert f"{algorithm}:" in found.flaws[0].message


def test_manifests_without_a_media_type_are_known_by_their_members(tmp_path: Path) -> None:
    top = image(tmp_path, manifest={"mediaType": None})
    assert platforms(read(tmp_path, index(tmp_path, top | {"mediaType": ""}))) == ["linux/amd64"]


@pytest.mark.parametrize("media_type", [f"{LAYER}.gzip", "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip"])
def test_layers_that_lie_elsewhere_are_known(tmp_path: Path, media_type: str) -> None:
    layer = {"mediaType": media_type, "digest": digest(b"x"), "size": 1, "urls": ["https://example.com/x", 5]}
    layers = read(tmp_path, image(tmp_path, manifest={"layers": [layer]})).variants[0].layers or ()
    assert [(each.media_type, each.urls, each.diff_id) for each in layers] == [
        (media_type, ("https://example.com/x",), digest(b"layer"))
    ]


def test_a_large_document_is_not_laid_out(tmp_path: Path) -> None:
    deep = b'{"a":' + b"[" * 90 + b"0," * 700_000 + b"0" + b"]" * 90 + b"}"
    start = time.perf_counter()
    assert len(document(deep, "x").source.text) == len(deep)
    assert time.perf_counter() - start < 2


NAMES = (
    "manifests", "layers", "config", "digest", "size", "platform", "os", "architecture", "mediaType", "annotations",
    "rootfs", "diff_ids", "history", "urls", "schemaVersion", "artifactType",
)  # fmt: skip
scalars = st.none() | st.booleans() | st.integers() | st.text(max_size=9)
anything = st.recursive(
    scalars | st.sampled_from((INDEX, MANIFEST, digest(b"x"))),
    lambda below: st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(NAMES), below, max_size=5),
    max_leaves=20,
)


@settings(max_examples=200, deadline=None)
@given(anything, anything)
def test_documents_of_any_shape_are_read_or_refused(top: Any, below: Any) -> None:
    class Same:
        def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
            return [dumped(below) for _ in wanted]

        def size(self, digest: str) -> int | None:
            return 5

        def open(self, digest: str) -> BinaryIO | Missing:
            return Missing("there is none")

    for each in (top, {"manifests": [top, {"digest": digest(b"x")}]}, {"config": top, "layers": [top]}):
        try:
            found = assemble("x", OCI_LAYOUT, Root(dumped(each), digest=digest(b"y")), Same())
        except ImageError:
            continue
        assert all(flaw.at.document.source.text for flaw in found.flaws)


def test_a_configuration_alone_is_an_image_of_which_little_is_known() -> None:
    text = dumped(configuration((b"x",), "linux/arm64", {"a": "b"}))
    found = single_image(text, "config.json")
    assert platforms(found) == ["linux/arm64"]
    (only,) = found.variants
    assert (found.form.key, found.digest, only.manifest) == ("config", "", None)
    assert [(each.diff_id, each.digest, each.size) for each in only.layers or ()] == [(digest(b"x"), "", None)]
    assert found.root.source.text == text.decode()
    with pytest.raises(ImageError, match="has no image for linux/amd64: there is one for linux/arm64"):
        single_image(text, "config.json", "linux/amd64")
