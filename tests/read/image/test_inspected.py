"""What tools print of images, in the shapes that their releases give it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from imglint.model.image.facts import state, value
from imglint.model.image.form import Fact, State
from imglint.model.image.image import Basis, Image
from imglint.read.image.inspected import inspected_images
from imglint.read.image.store import ImageError

from .making import CONFIG, INDEX, LAYER, MANIFEST, buildkit_layout, configuration, digest, dumped

DIGEST = digest(b"pushed")


def read(value: Any, platform: str | None = None) -> list[Image]:
    found = inspected_images(dumped(value), "x.json", platform)
    assert found is not None
    return found


def docker(**more: Any) -> dict[str, Any]:
    """What `docker image inspect` prints of an image."""
    return {
        "Id": digest(b"config"),
        "RepoTags": ["octocat/hello:1"],
        "RepoDigests": [],
        "Created": "2024-05-01T10:00:00Z",
        "Config": {"User": "1000", "Labels": {"a": "b"}, "Env": ["A=b"]},
        "Architecture": "arm64",
        "Variant": "v8",
        "Os": "linux",
        "Size": 3,
        "RootFS": {"Type": "layers", "Layers": [digest(b"1"), digest(b"2")]},
        **more,
    }


class TestDocker:
    def test_it_tells(self) -> None:
        (found,) = read([docker()])
        assert found.form.key == "docker-inspect"
        told = {
            Fact.NAMES: ("octocat/hello:1",),
            Fact.PLATFORM: ("linux/arm64/v8",),
            Fact.LABELS: ({"a": "b"},),
            Fact.ENVIRONMENT: (("A=b",),),
            Fact.CREATED: ("2024-05-01T10:00:00Z",),
            Fact.LAYERS: (2,),
            Fact.DIFF_IDS: ((digest(b"1"), digest(b"2")),),
        }
        assert {fact: value(found, fact) for fact in told} == told

    @pytest.mark.parametrize("unset", ["absent", None, "empty"])
    def test_what_is_not_set_is_left_out_null_or_empty(self, unset: str | None) -> None:
        empty = {"User": "", "Labels": {}, "Env": [], "Entrypoint": [], "Cmd": []}
        config = {"absent": {}, None: dict.fromkeys(empty), "empty": empty}[unset]
        (found,) = read([docker(Config=config)])
        for fact in (Fact.LABELS, Fact.ENVIRONMENT, Fact.RUNTIME, Fact.START, Fact.HEALTHCHECK):
            assert state(found, fact) is State.ABSENT

    def test_the_configuration_of_the_last_container_does_not_count(self) -> None:
        (found,) = read([docker(ContainerConfig={"Labels": {"wrong": "yes"}, "User": "0"})])
        assert value(found, Fact.LABELS) == ({"a": "b"},)

    def test_no_image_for_this_machine(self) -> None:
        """As the containerd store shows an index of which nothing is there."""
        given = docker()
        del given["Config"]
        (found,) = read([given])
        assert state(found, Fact.LABELS) is State.NOT_CHECKABLE
        assert found.variants[0].reason == "it is not on this machine"

    @pytest.mark.parametrize(
        ("digests", "expected"),
        [
            ([], ""),
            ([f"octocat/hello@{DIGEST}"], DIGEST),
            ([f"octocat/hello@{DIGEST}", f"ghcr.io/octocat/hello@{DIGEST}"], DIGEST),
            ([f"octocat/hello@{DIGEST}", f"ghcr.io/octocat/hello@{digest(b'other')}"], ""),
        ],
    )
    def test_the_digest_is_that_of_the_registry(self, digests: list[str], expected: str) -> None:
        assert read([docker(RepoDigests=digests)])[0].digest == expected

    def test_several(self) -> None:
        found = read([docker(), docker(RepoTags=[])])
        assert [each.name for each in found] == ["x.json:octocat/hello:1", "x.json"]

    def test_one_without_the_list(self) -> None:
        assert read(docker())[0].form.key == "docker-inspect"

    def test_a_platform(self) -> None:
        assert len(read([docker()], "linux/arm64")) == 1
        with pytest.raises(ImageError, match="has no image for linux/amd64"):
            read([docker()], "linux/amd64")

    def test_podman_tells_the_history_too(self) -> None:
        (found,) = read([docker(History=[{"created_by": "COPY a /"}])])
        assert value(found, Fact.HISTORY) == (("COPY a /",),)


class TestSkopeo:
    PRINTED = (
        ("Name", "ghcr.io/octocat/hello"), ("Digest", DIGEST), ("RepoTags", ["1"]), ("Created", "2024-05-01T10:00:00Z"),
        ("DockerVersion", ""), ("Labels", None), ("Architecture", "amd64"), ("Os", "linux"),
        ("Layers", [digest(b"1"), digest(b"2")]), ("Env", ["A=b"]),
    )  # fmt: skip

    def test_before_1_10(self) -> None:
        (found,) = read(dict(self.PRINTED))
        assert (found.form.key, found.digest, found.references) == (
            "skopeo-inspect", DIGEST, ("ghcr.io/octocat/hello",),
        )  # fmt: skip
        assert value(found, Fact.LAYER_DIGESTS) == ((digest(b"1"), digest(b"2")),)
        assert state(found, Fact.LAYER_SIZES) is State.NOT_CHECKABLE
        assert state(found, Fact.LABELS) is State.ABSENT
        assert state(found, Fact.RUNTIME) is State.NOT_CHECKABLE

    def test_sizes_since_1_10(self) -> None:
        data = [{"MIMEType": f"{LAYER}+gzip", "Digest": digest(b"1"), "Size": size} for size in (10, 20)]
        (found,) = read({**dict(self.PRINTED), "LayersData": data})
        assert value(found, Fact.LAYER_SIZES) == (((10, Basis.COMPRESSED), (20, Basis.COMPRESSED)),)


class TestBuildah:
    def inspected(self, media_type: str) -> Image:
        config = configuration((b"x",), labels={"a": "b"})
        manifest = {
            "schemaVersion": 2,
            "mediaType": MANIFEST,
            "config": {"digest": digest(dumped(config)), "size": 1, "mediaType": CONFIG},
            "layers": [{"mediaType": media_type, "digest": digest(b"x"), "size": 10}],
            "annotations": {"k": "v"},
        }  # fmt: skip
        printed = {
            "Type": "buildah 0.0.1", "FromImage": "localhost/hello:latest", "FromImageDigest": DIGEST,
            "Config": dumped(config).decode(), "Manifest": dumped(manifest).decode(), "OCIv1": config, "Docker": {},
        }  # fmt: skip
        (found,) = read(printed)
        return found

    def test_it_tells(self) -> None:
        found = self.inspected(f"{LAYER}+gzip")
        assert (found.form.key, found.references) == ("buildah-inspect", ("localhost/hello:latest",))
        assert value(found, Fact.LABELS) == ({"a": "b"},)
        assert value(found, Fact.MANIFEST_ANNOTATIONS) == ({"k": "v"},)

    def test_layers_of_images_that_were_built_here_are_not_compressed(self) -> None:
        assert value(self.inspected(f"{LAYER}+gzip"), Fact.LAYER_SIZES) == (((10, Basis.COMPRESSED),),)
        assert value(self.inspected(LAYER), Fact.LAYER_SIZES) == (((10, Basis.UNCOMPRESSED),),)

    def test_the_digest_in_the_storage_is_not_that_of_a_registry(self) -> None:
        assert self.inspected(LAYER).digest == ""


class TestImagetools:
    def test_an_index(self, tmp_path: Any) -> None:
        folder = buildkit_layout(tmp_path)
        (entry,) = json.loads((folder / "index.json").read_bytes())["manifests"]
        top = json.loads((folder / "blobs" / entry["digest"].replace(":", "/")).read_bytes())
        image = {each: configuration((each.encode(),), each, {"for": each}) for each in ("linux/amd64", "linux/arm64")}
        printed = {
            "name": "ghcr.io/octocat/hello:1",
            "manifest": {**top, "digest": entry["digest"], "size": entry["size"]},
            "image": image,
            "provenance": {"linux/amd64": {"SLSA": {}}},
        }
        (found,) = read(printed)
        assert (found.form.key, found.digest) == ("imagetools-json", entry["digest"])
        assert value(found, Fact.PLATFORM) == ("linux/amd64", "linux/arm64")
        assert value(found, Fact.LABELS) == ({"for": "linux/amd64"}, {"for": "linux/arm64"})
        assert value(found, Fact.INDEX_ANNOTATIONS) == top["annotations"]
        assert len(found.attestations) == 2
        descriptors = [variant.descriptor for variant in found.variants]
        assert [each and each.pointer for each in descriptors] == [("manifests", 0), ("manifests", 1)]
        assert [str(each.platform) for each in read(printed, "linux/arm64")[0].variants] == ["linux/arm64"]

    def test_a_single_image(self) -> None:
        manifest = {"mediaType": MANIFEST, "digest": DIGEST, "size": 10}
        (found,) = read({"name": "x", "manifest": manifest, "image": configuration((b"x",))})
        assert (value(found, Fact.INDEX), value(found, Fact.PLATFORM)) == ("single image", ("linux/amd64",))
        assert found.attestations == ()


class TestMetadataFiles:
    def test_of_one_build(self) -> None:
        (found,) = read(
            {
                "buildx.build.provenance": {},
                "containerimage.config.digest": digest(b"config"),
                "containerimage.descriptor": {"mediaType": INDEX, "digest": DIGEST, "size": 10},
                "containerimage.digest": DIGEST,
                "image.name": "ghcr.io/octocat/hello:1,ghcr.io/octocat/hello:latest",
            }
        )
        assert (found.form.key, found.digest, found.variants) == ("metadata-file", DIGEST, ())
        assert found.references == ("ghcr.io/octocat/hello:1", "ghcr.io/octocat/hello:latest")

    def test_of_bake(self) -> None:
        """bake writes an entry for each target: https://docs.docker.com/reference/cli/docker/buildx/bake/#metadata-file"""
        found = read(
            {
                "buildx.build.warnings": [],
                "db": {"containerimage.digest": digest(b"db"), "image.name": "ghcr.io/octocat/db"},
                "web": {"containerimage.digest": digest(b"web"), "image.name": "ghcr.io/octocat/web"},
            }
        )
        assert [(each.name, each.references, each.digest) for each in found] == [
            ("x.json:db", ("ghcr.io/octocat/db",), digest(b"db")),
            ("x.json:web", ("ghcr.io/octocat/web",), digest(b"web")),
        ]


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ([], "it is an empty list"),
        ([1], "it is a list, and not what docker image inspect prints"),
        ("text", "it is no JSON object"),
        ({"CreatedBy": "RUN x", "CreatedSince": "2 days ago", "Size": "2.33kB"}, "is what docker history prints"),
    ],
)
def test_what_is_no_image(value: Any, words: str) -> None:
    with pytest.raises(ImageError, match=words):
        read(value)


@pytest.mark.parametrize("value", [configuration((b"x",)), {"schemaVersion": 2, "layers": []}, {}])
def test_what_no_tool_prints(value: Any) -> None:
    assert inspected_images(dumped(value), "x", None) is None
