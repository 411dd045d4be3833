"""Images fetched from a registry: which requests it takes, how many at once, and what is kept for another time."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

import pytest

from imglint.model.image.image import ABSENT_BLOB, DIGEST_MISMATCH, UNFETCHED, UNREADABLE, Image
from imglint.read.image.layout import layout_images
from imglint.read.image.registry import cache as cache_module
from imglint.read.image.registry.cache import Cache
from imglint.read.image.registry.client import THREADS
from imglint.read.image.store import ImageError

from ..making import (
    INDEX,
    MANIFEST,
    artifact,
    attestation,
    blob_path,
    buildkit_layout,
    digest,
    dumped,
    image,
    index,
    make_layout,
    named,
    put,
)  # fmt: skip
from .serving import NAME, Answer, Served, fetched, of_index, of_manifest


def platforms(found: Image) -> list[str]:
    return [str(variant.platform) for variant in found.variants]


def of_kind(found: Image, kind: str) -> list[str]:
    return [flaw.message for flaw in found.flaws if flaw.kind == kind]


def documents(found: Image) -> list[Any]:
    """All that was read, as it was written."""
    read = [found.top.value if found.top else None]
    for variant in found.variants:
        read += [variant.manifest and variant.manifest.value, variant.config and variant.config.document.value]
    return [*read, found.digest, platforms(found), len(found.attestations)]


def test_a_single_image_takes_two_requests(registry: Served, tmp_path: Path) -> None:
    entry = image(tmp_path, labels={"a": "b"})
    registry.layout(tmp_path, {"1": entry})
    found = fetched(registry.reference())
    assert found.references == (registry.reference(),)
    assert found.digest == entry["digest"]
    assert found.flaws == ()
    (variant,) = found.variants
    assert variant.config is not None and variant.config.labels == {"a": "b"}
    config = variant.manifest.text("config", "digest") if variant.manifest else ""
    assert registry.paths == [f"/v2/{NAME}/manifests/1", f"/v2/{NAME}/blobs/{config}"]


def test_a_registry_tells_what_a_layout_tells(registry: Served, tmp_path: Path) -> None:
    folder = buildkit_layout(tmp_path)
    entry = layout_images(str(folder), "x")[0]
    registry.layout(folder, {"1": {"digest": entry.digest}})
    assert documents(fetched(registry.reference())) == documents(entry)


def test_an_index_takes_one_request_and_two_for_each_image(registry: Served, tmp_path: Path) -> None:
    children = [image(tmp_path, (bytes([number]),), f"linux/arch{number}") for number in range(16)]
    registry.layout(tmp_path, {"1": index(tmp_path, *children)})
    registry.delay = 0.05
    start = time.perf_counter()
    found = fetched(registry.reference())
    assert time.perf_counter() - start < 0.05 * 33
    assert platforms(found) == [f"linux/arch{number}" for number in range(16)]
    assert len(registry.asked) == 1 + 2 * 16
    assert 1 < registry.most_at_once <= THREADS


def test_attestations_take_one_request_and_artifacts_none_for_their_configurations(
    registry: Served, tmp_path: Path
) -> None:
    one = image(tmp_path)
    registry.layout(tmp_path, {"1": index(tmp_path, one, attestation(tmp_path, one), artifact(tmp_path))})
    found = fetched(registry.reference())
    assert (len(found.variants), len(found.attestations), len(found.artifacts)) == (1, 1, 1)
    assert len(registry.asked) == 5


def test_for_one_platform_nothing_of_the_others_is_fetched(registry: Served, tmp_path: Path) -> None:
    children = [image(tmp_path, (name.encode(),), name) for name in ("linux/amd64", "linux/arm64", "linux/arm/v7")]
    registry.layout(tmp_path, {"1": index(tmp_path, *children)})
    assert platforms(fetched(registry.reference(), platform="linux/arm64")) == ["linux/arm64"]
    assert len(registry.asked) == 3
    with pytest.raises(ImageError, match="has no image for linux/s390x: there is one for linux/amd64, linux/arm64, li"):
        fetched(registry.reference(), platform="linux/s390x")


def test_the_same_configuration_is_fetched_once(registry: Served, tmp_path: Path) -> None:
    one = image(tmp_path)
    other = put(tmp_path, blob_path(tmp_path, one["digest"]).read_bytes() + b"\n", MANIFEST)
    entries = [one, other | {"platform": {"os": "linux", "architecture": "arm64"}}]
    registry.layout(tmp_path, {"1": index(tmp_path, *entries)})
    assert len(fetched(registry.reference()).variants) == 2
    assert len(registry.asked) == 4


def test_what_is_asked_for(registry: Served, tmp_path: Path) -> None:
    registry.layout(tmp_path, {"latest": image(tmp_path)})
    assert fetched(registry.reference("")).references == (registry.reference(":latest"),)
    headers = registry.asked[0].headers
    assert registry.paths[0] == f"/v2/{NAME}/manifests/latest"
    assert headers["host"] == registry.host
    assert headers["user-agent"].startswith("imglint/")
    # All four, always: without Docker's an old registry answers with schema 1.
    assert {INDEX, MANIFEST} < set(headers["accept"].split(", "))
    assert headers["accept"].count("vnd.docker.distribution.manifest") == 2
    assert "authorization" not in headers and "cookie" not in headers


def test_a_digest_is_asked_for_and_compared(registry: Served, tmp_path: Path) -> None:
    entry = image(tmp_path)
    registry.layout(tmp_path, {})
    found = fetched(registry.reference(f":ignored@{entry['digest']}"))
    assert registry.paths[0] == f"/v2/{NAME}/manifests/{entry['digest']}"
    assert found.references == (registry.reference(f":ignored@{entry['digest']}"),)
    other = image(tmp_path, (b"other",))
    registry.manifest(of_manifest(blob_path(tmp_path, other["digest"]).read_bytes()), entry["digest"])
    with pytest.raises(ImageError, match="another digest than the one asked for"):
        fetched(registry.reference(f"@{entry['digest']}"))


def test_the_digest_that_a_registry_states_is_compared(registry: Served, tmp_path: Path) -> None:
    data = blob_path(tmp_path, image(tmp_path)["digest"]).read_bytes()
    registry.manifest(Answer(200, data, {"Content-Type": MANIFEST, "Docker-Content-Digest": "sha256:" + "0" * 64}))
    with pytest.raises(ImageError, match="another digest than the one it states"):
        fetched(registry.reference())


def test_a_type_that_is_stated_and_not_meant(registry: Served, tmp_path: Path) -> None:
    entry = image(tmp_path)
    registry.layout(tmp_path, {})
    data = blob_path(tmp_path, entry["digest"]).read_bytes()
    for stated in ("application/octet-stream", "text/plain; charset=utf-8", ""):
        registry.manifest(Answer(200, data, {"Content-Type": stated} if stated else {}))
        assert platforms(fetched(registry.reference())) == ["linux/amd64"]


class TestWhatIsWrongBelow:
    """A part of an image that cannot be had spoils no other part."""

    @pytest.fixture
    def two(self, registry: Served, tmp_path: Path) -> tuple[Served, str, str]:
        """A registry with an image for two platforms: the digests of manifest and configuration of the second."""
        children = [image(tmp_path, (name.encode(),), name) for name in ("linux/amd64", "linux/arm64")]
        registry.layout(tmp_path, {"1": index(tmp_path, *children)})
        (layout,) = layout_images(str(make_layout(tmp_path, named(children[1], "1"))), "x")
        manifest = layout.variants[0].manifest
        assert manifest is not None
        return registry, children[1]["digest"], manifest.text("config", "digest")

    def test_other_bytes_are_noted_and_judged(self, two: tuple[Served, str, str]) -> None:
        registry, _, config = two
        registry.blob(Answer(200, b'{"os": "linux", "architecture": "arm64"}'), config)
        found = fetched(registry.reference())
        assert platforms(found) == ["linux/amd64", "linux/arm64"]
        assert len(of_kind(found, DIGEST_MISMATCH)) == 1

    def test_what_the_registry_does_not_have_is_a_flaw_of_the_image(self, two: tuple[Served, str, str]) -> None:
        registry, manifest, _ = two
        registry.manifest(Answer(404), manifest)
        found = fetched(registry.reference())
        assert of_kind(found, UNREADABLE) == ["the blob cannot be read, because the registry does not have it"]
        assert sorted(variant.reason for variant in found.variants) == ["", "the registry does not have it"]

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (Answer(403), "access is denied"),
            (Answer(400, b'{"errors": [{"code": "UNSUPPORTED"}]}'), r"answers 400 \(UNSUPPORTED\)"),
            (Answer(429, b"", {"Retry-After": "3600"}), "fewer requests"),
            (Answer(200, b"{", {"Content-Length": "9999999999"}), "larger than 16 MiB"),
            (Answer(302, b"", {"Location": "http://169.254.169.254/x"}), "private network"),
        ],
    )
    def test_what_says_nothing_of_the_image_is_no_flaw_of_it(
        self, two: tuple[Served, str, str], answer: Answer, words: str
    ) -> None:
        registry, _, config = two
        registry.blob(answer, config)
        found = fetched(registry.reference())
        ((message,), others) = of_kind(found, UNFETCHED), [of_kind(found, kind) for kind in (UNREADABLE, ABSENT_BLOB)]
        assert others == [[], []]
        with pytest.raises(AssertionError, match=words):
            raise AssertionError(message)


class TestCache:
    @pytest.fixture
    def environ(self, tmp_path: Path) -> dict[str, str]:
        return {"XDG_CACHE_HOME": str(tmp_path / "cache")}

    @pytest.fixture
    def served(self, registry: Served, tmp_path: Path) -> Served:
        children = [image(tmp_path / "x", (name.encode(),), name) for name in ("linux/amd64", "linux/arm64")]
        registry.layout(tmp_path / "x", {"1": index(tmp_path / "x", *children)})
        return registry

    def test_what_has_a_digest_is_fetched_once(self, served: Served, environ: dict[str, str]) -> None:
        first = fetched(served.reference(), environ)
        assert len(served.asked) == 5
        assert documents(fetched(served.reference(), environ)) == documents(first)
        assert len(served.asked) == 6  # A tag may have moved.
        by_digest = served.reference(f"@{first.digest}")
        fetched(by_digest, environ)
        assert len(served.asked) == 7
        fetched(by_digest, environ)
        assert len(served.asked) == 7

    def test_it_can_be_switched_off(self, served: Served, environ: dict[str, str], tmp_path: Path) -> None:
        for _ in range(2):
            fetched(served.reference(), environ, cache=False)
        assert len(served.asked) == 10
        assert not (tmp_path / "cache").exists()

    def test_what_was_changed_in_it_is_fetched_again(
        self, served: Served, environ: dict[str, str], tmp_path: Path
    ) -> None:
        fetched(served.reference(), environ)
        for path in (tmp_path / "cache" / "imglint" / "blobs").iterdir():
            path.write_bytes(b"{}")
        found = fetched(served.reference(), environ)
        assert found.flaws == ()
        assert len(served.asked) == 10

    def test_others_cannot_look_into_it(self, served: Served, environ: dict[str, str], tmp_path: Path) -> None:
        fetched(served.reference(), environ)
        folder = tmp_path / "cache" / "imglint" / "blobs"
        assert folder.stat().st_mode & 0o077 == 0
        assert all(path.stat().st_mode & 0o077 == 0 for path in folder.iterdir())
        assert len(list(folder.iterdir())) == 4

    def test_other_bytes_are_not_kept(self, served: Served, environ: dict[str, str], tmp_path: Path) -> None:
        served.fallback = lambda asked: Answer(200, b"{}")
        served.manifest(of_index(dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": [
            {"mediaType": MANIFEST, "digest": "sha256:" + "0" * 64, "size": 2},
        ]})))  # fmt: skip
        fetched(served.reference(), environ)
        assert not list((tmp_path / "cache").rglob("sha256-*"))

    @pytest.mark.parametrize("value", ["", "relative/folder"])
    def test_without_a_place_there_is_none(
        self, served: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, value: str
    ) -> None:
        monkeypatch.chdir(tmp_path)
        before = set(tmp_path.iterdir())
        fetched(served.reference(), {"XDG_CACHE_HOME": value})
        assert set(tmp_path.iterdir()) == before

    def test_one_that_cannot_be_written_is_none(self, served: Served, tmp_path: Path) -> None:
        (tmp_path / "file").write_bytes(b"")
        assert fetched(served.reference(), {"XDG_CACHE_HOME": str(tmp_path / "file")}).flaws == ()

    def test_the_oldest_makes_room(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(cache_module, "MAX_BYTES", 250)
        kept = Cache(str(tmp_path))
        blobs = [bytes([number]) * 100 for number in range(4)]
        for age, data in enumerate(reversed(blobs)):
            kept.put(digest(data), data)
            os.utime(tmp_path / digest(data).replace(":", "-"), (1_000_000 + age, 1_000_000 + age))
        kept.trim()
        assert [kept.get(digest(data), 1000) is not None for data in blobs] == [True, True, False, False]

    def test_a_link_in_it_is_not_followed(self, tmp_path: Path) -> None:
        kept = Cache(str(tmp_path / "cache"))
        kept.put(digest(b"one"), b"one")
        (path,) = (tmp_path / "cache").iterdir()
        path.rename(tmp_path / "outside")
        path.symlink_to(tmp_path / "outside")
        assert kept.get(digest(b"one"), 10) is None
