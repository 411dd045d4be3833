"""The same image in all forms that buildah and skopeo write, against what skopeo, umoci and buildah say of it."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from imglint.model.image.image import Basis, Image, Variant
from imglint.read.image.archive import archive_images
from imglint.read.image.layout import dir_image, layout_images

from .making import buildkit_layout, digest, gzipped

pytestmark = pytest.mark.tools

DOCKERFILE = """\
FROM scratch
LABEL org.opencontainers.image.source=https://github.com/acme/widget
COPY f /f
COPY g /g
ENV A=b
EXPOSE 80
USER 1000:1000
HEALTHCHECK CMD ["/f"]
ENTRYPOINT ["/f"]
CMD ["-h"]
"""


class Made:
    """Images made by buildah in a storage of their own."""

    def __init__(self, folder: Path, tool: Callable[[str], str]) -> None:
        self.folder = folder
        self.tool = tool
        storage = ["--root", str(folder / "store"), "--runroot", str(folder / "run"), "--storage-driver", "vfs"]
        self.storage = [tool("buildah"), *storage]
        context = folder / "context"
        context.mkdir()
        (context / "Dockerfile").write_text(DOCKERFILE)
        (context / "f").write_text("one")
        (context / "g").write_bytes(os.urandom(100_000))
        self.bud("--layers", "--format", "oci", "--annotation", "k=v", "-t", "localhost/demo:oci")
        self.bud("--layers", "--format", "docker", "-t", "localhost/demo:docker")
        for platform in ("linux/amd64", "linux/arm64/v8"):  # Both at once, buildah 1.28 sometimes forgets one.
            self.bud("--platform", platform, "--manifest", "localhost/demo:many")

    def bud(self, *options: str) -> None:
        self.buildah("bud", "-q", "--isolation", "chroot", *options, str(self.folder / "context"))

    def buildah(self, *command: str) -> str:
        return run([*self.storage, *command])

    def push(self, image: str, target: str) -> Path:
        """What buildah writes; the path in a target such as `oci:PATH:TAG`."""
        self.buildah("push", "-q", f"localhost/demo:{image}", target)
        return Path(target.split(":")[1])

    def skopeo(self, *command: str) -> Any:
        return json.loads(run([self.tool("skopeo"), *command]))

    def inspect(self, image: str) -> Any:
        return json.loads(self.buildah("inspect", "--type", "image", f"localhost/demo:{image}"))


def run(command: Sequence[str]) -> str:
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], str]) -> Made:
    return Made(tmp_path_factory.mktemp("made"), tool)


@pytest.fixture(params=["oci", "docker"])
def image(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def single(found: list[Image]) -> tuple[Image, Variant]:
    (one,) = found
    (variant,) = one.variants
    assert one.flaws == ()
    return one, variant


def sizes(variant: Variant, basis: Basis) -> list[int | None]:
    assert {layer.basis for layer in variant.layers or ()} == {basis}
    return [layer.size for layer in variant.layers or ()]


def same_configuration(variant: Variant, other: dict[str, Any]) -> None:
    assert variant.config is not None
    assert variant.config.document.value == other
    assert [layer.diff_id for layer in variant.layers or ()] == other["rootfs"]["diff_ids"]
    assert [step.created_by for step in variant.history or ()] == [each["created_by"] for each in other["history"]]
    assert str(variant.platform) == f"{other['os']}/{other['architecture']}"


def test_a_layout(made: Made, image: str, tmp_path: Path) -> None:
    path = made.push(image, f"oci:{tmp_path}/layout:1")
    found, variant = single(layout_images(str(path), "x"))
    manifest = made.skopeo("inspect", "--raw", f"oci:{path}:1")
    assert variant.manifest is not None and variant.manifest.value == manifest
    assert found.digest == made.skopeo("inspect", f"oci:{path}:1")["Digest"]
    assert sizes(variant, Basis.COMPRESSED) == [each["size"] for each in manifest["layers"]]
    same_configuration(variant, made.skopeo("inspect", "--config", f"oci:{path}:1"))


def test_a_layout_as_umoci_sees_it(made: Made, image: str, tmp_path: Path) -> None:
    path = made.push(image, f"oci:{tmp_path}/layout:1")
    _, variant = single(layout_images(str(path), "x"))
    told = json.loads(run([made.tool("umoci"), "stat", "--json", "--image", f"{path}:1"]))["history"]
    assert [step.created_by for step in variant.history or ()] == [each["created_by"] for each in told]
    assert [step.empty_layer for step in variant.history or ()] == [each.get("empty_layer", False) for each in told]
    layers = [(layer.digest, layer.size, layer.media_type, layer.diff_id) for layer in variant.layers or ()]
    assert layers == [
        (each["layer"]["digest"], each["layer"]["size"], each["layer"]["mediaType"], each["diff_id"])
        for each in told
        if each["layer"]
    ]


@pytest.mark.parametrize("packed", [False, True])
def test_a_layout_in_an_archive(made: Made, image: str, tmp_path: Path, packed: bool) -> None:
    path = made.push(image, f"oci-archive:{tmp_path}/a.tar:1")
    transport = f"oci-archive:{path}:1"
    manifest, config = made.skopeo("inspect", "--raw", transport), made.skopeo("inspect", "--config", transport)
    stated = made.skopeo("inspect", transport)["Digest"]
    if packed:
        path.write_bytes(gzipped(path.read_bytes()))
    found, variant = single(archive_images(str(path), "x"))
    assert (found.form.key, found.digest) == ("oci-archive", stated)
    assert variant.manifest is not None and variant.manifest.value == manifest
    assert sizes(variant, Basis.COMPRESSED) == [each["size"] for each in manifest["layers"]]
    same_configuration(variant, config)


@pytest.mark.parametrize("packed", [False, True])
def test_an_archive_of_docker(made: Made, image: str, tmp_path: Path, packed: bool) -> None:
    path = made.push(image, f"docker-archive:{tmp_path}/a.tar:acme/demo:1")
    transport = f"docker-archive:{path}:acme/demo:1"
    manifest, config = made.skopeo("inspect", "--raw", transport), made.skopeo("inspect", "--config", transport)
    listed = made.skopeo("list-tags", f"docker-archive:{path}")["Tags"]
    if packed:
        path.write_bytes(gzipped(path.read_bytes()))
    found, variant = single(archive_images(str(path), "x"))
    assert (found.form.key, found.digest, list(found.references)) == ("docker-archive", "", listed)
    assert sizes(variant, Basis.UNCOMPRESSED) == [each["size"] for each in manifest["layers"]]
    assert variant.manifest is None
    # skopeo prints what it understands of it, in the words of the specification.
    assert variant.config is not None
    assert variant.config.document.value["config"]["Labels"] == config["config"]["Labels"]
    assert variant.config.document.value["rootfs"] == config["rootfs"]
    assert archive_images(str(path), "x", "acme/demo:1")[0].references == found.references


def test_the_contents_of_layers_are_those_that_the_digests_name(made: Made, image: str, tmp_path: Path) -> None:
    layout = layout_images(str(made.push(image, f"oci:{tmp_path}/layout:1")), "x")
    archive = archive_images(str(made.push(image, f"docker-archive:{tmp_path}/a.tar:demo:1")), "x")
    for found, unpack in ((layout, gzip.decompress), (archive, bytes)):
        for layer in found[0].variants[0].layers or ():
            source = layer.opened() if layer.opened else ""
            assert not isinstance(source, str)
            with source:
                assert digest(unpack(source.read())) == layer.diff_id


def test_a_directory_of_skopeo(made: Made, image: str, tmp_path: Path) -> None:
    path = made.push(image, f"dir:{tmp_path}/dir")
    found, variant = single([dir_image(str(path), "x")])
    manifest = made.skopeo("inspect", "--raw", f"dir:{path}")
    assert variant.manifest is not None and variant.manifest.value == manifest
    assert found.digest == made.skopeo("inspect", f"dir:{path}")["Digest"]
    assert sizes(variant, Basis.COMPRESSED) == [each["size"] for each in manifest["layers"]]
    assert variant.config is not None
    assert variant.config.labels == made.skopeo("inspect", f"dir:{path}")["Labels"]


def test_the_configuration_is_what_buildah_stores(made: Made, image: str, tmp_path: Path) -> None:
    stored = made.inspect(image)
    _, variant = single([dir_image(str(made.push(image, f"dir:{tmp_path}/dir")), "x")])
    assert variant.config is not None and variant.manifest is not None
    assert variant.config.document.value == json.loads(stored["Config"])
    assert variant.config.document.digest == f"sha256:{stored['FromImageID']}"
    annotations = dict(variant.manifest.strings("annotations"))
    assert annotations == (stored["ImageAnnotations"] or {})
    assert ("k" in annotations) == (image == "oci")


@pytest.mark.parametrize("form", ["oci", "oci-archive", "dir"])
def test_an_index(made: Made, tmp_path: Path, form: str) -> None:
    path = tmp_path / "many"
    target = f"{form}:{path}" + (":1" if form != "dir" else "")
    made.buildah("manifest", "push", "-q", "--all", "localhost/demo:many", target)
    read = {
        "oci": lambda: layout_images(str(path), "x"),
        "oci-archive": lambda: archive_images(str(path), "x"),
        "dir": lambda: [dir_image(str(path), "x")],
    }[form]
    (found,) = read()
    assert found.flaws == ()
    raw = made.skopeo("inspect", "--raw", target)
    assert found.root.value == raw
    assert [str(each.platform) for each in found.variants] == ["linux/amd64", "linux/arm64/v8"]
    assert [(each.descriptor and each.descriptor.value["digest"]) for each in found.variants] == [
        each["digest"] for each in raw["manifests"]
    ]
    for variant in found.variants:
        assert variant.platform is not None
        options = ["--override-arch", variant.platform.architecture, "--override-variant", variant.platform.variant]
        config = made.skopeo(*options, "inspect", "--config", target)
        assert variant.config is not None and variant.config.document.value == config


def test_an_index_whose_manifests_were_left_behind(made: Made, tmp_path: Path) -> None:
    made.buildah("manifest", "push", "-q", "--all", "localhost/demo:many", f"oci:{tmp_path}/many:1")
    run(
        [made.tool("skopeo"), "copy", "-q", "--multi-arch", "index-only", f"oci:{tmp_path}/many:1",
         f"oci:{tmp_path}/index:1"]
    )  # fmt: skip
    (found,) = layout_images(f"{tmp_path}/index", "x")
    assert [(str(each.platform), each.manifest, each.reason) for each in found.variants] == [
        ("linux/amd64", None, "it is not there"),
        ("linux/arm64/v8", None, "it is not there"),
    ]


def test_an_image_of_umoci_without_media_types(tool: Callable[[str], str], tmp_path: Path) -> None:
    umoci, path = tool("umoci"), tmp_path / "layout"
    run([umoci, "init", "--layout", str(path)])
    run([umoci, "new", "--image", f"{path}:1"])
    run([umoci, "config", "--image", f"{path}:1", "--config.label", "a=b", "--config.user", "5"])
    _, variant = single(layout_images(str(path), "x"))
    assert variant.manifest is not None and variant.config is not None
    assert "mediaType" not in variant.manifest.value
    assert (variant.config.labels, variant.config.of("User").value) == ({"a": "b"}, "5")


def test_what_we_make_for_tests_is_what_tools_understand(tool: Callable[[str], str], tmp_path: Path) -> None:
    skopeo = tool("skopeo")
    folder = buildkit_layout(tmp_path / "layout")
    (found,) = layout_images(str(folder), "x")
    shutil.rmtree(tmp_path / "copy", ignore_errors=True)
    run([skopeo, "copy", "-q", "--all", f"oci:{folder}:1", f"oci:{tmp_path}/copy:1"])
    (copied,) = layout_images(f"{tmp_path}/copy", "x")
    assert copied.digest == found.digest
    assert copied.root.value == found.root.value
    assert [each.subject for each in copied.attestations] == [each.subject for each in found.attestations]
    assert copied.flaws == ()
