"""The same image in every form: what is known of it, absent or not checkable, against what tools say of it.

The table in docs/images.md shows what this finds. The image is built by buildah, and completed as BuildKit completes
its images; skopeo brings it into the other forms. What docker and buildx print is put together from the same documents,
since both need a daemon.
"""

from __future__ import annotations

import io
import json
import os
import shutil
import socket
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from imglint.model.image.facts import state, value
from imglint.model.image.form import FORMS, Fact, State
from imglint.model.image.image import Basis, Image
from imglint.read.image.door import images
from imglint.read.image.options import ReadOptions

from .making import (
    CONFIG,
    INDEX,
    LAYER,
    MANIFEST,
    attestation,
    blob_path,
    digest,
    dumped,
    gzipped,
    image,
    index,
    make_layout,
    named,
    put,
    tar_of,
)

pytestmark = pytest.mark.tools

DOCS: Final = Path(__file__).parents[3] / "docs" / "images.md"
NAME: Final = "docker.io/acme/widget:1"
DOCKERFILE: Final = """\
FROM scratch
LABEL org.opencontainers.image.source=https://github.com/acme/widget
COPY f /f
COPY g /g
ENV A=b
EXPOSE 80
VOLUME /data
WORKDIR /srv
USER 1000:1000
HEALTHCHECK CMD ["/f"]
ENTRYPOINT ["/f"]
CMD ["-h"]
"""

COLUMNS: Final = {
    "OCI layout": "oci-layout",
    "the same with nested indexes": "oci-layout",
    "the same as .tar": "oci-archive",
    "the same as .tar.gz": "oci-archive",
    "dir:": "dir",
    "registry": "registry",
    "docker save ≥ 25": "docker-archive-25",
    "docker save < 25": "docker-archive",
    "docker image inspect": "docker-inspect",
    "skopeo inspect": "skopeo-inspect",
    "buildah inspect": "buildah-inspect",
    "imagetools inspect --raw": "index",
    "imagetools inspect, JSON": "imagetools-json",
    "--metadata-file": "metadata-file",
    "manifest": "manifest",
    "configuration": "config",
}
"""What the table calls each form, and its key."""
SIGNS: Final = {State.KNOWN: "✓", State.ABSENT: "–", State.NOT_CHECKABLE: "·"}
OF_IMAGE: Final = (Fact.NAMES, Fact.DIGEST, Fact.INDEX, Fact.INDEX_ANNOTATIONS, Fact.ATTESTATIONS)
"""The facts that are not told of each platform."""
BASIS: Final = {Basis.COMPRESSED: "compressed", Basis.UNCOMPRESSED: "uncompressed"}


class Tools(NamedTuple):
    """The tools, with a storage and a registry of their own."""

    folder: Path
    find: Callable[[str], str]
    host: str

    def run(self, name: str, *arguments: str) -> bytes:
        return subprocess.run([self.find(name), *arguments], check=True, stdout=subprocess.PIPE).stdout

    def buildah(self, *arguments: str) -> bytes:
        storage = ["--root", f"{self.folder}/store", "--runroot", f"{self.folder}/run", "--storage-driver", "vfs"]
        return self.run("buildah", *storage, *arguments)

    def bud(self, platform: str, form: str, target: str) -> None:
        self.buildah(
            "bud", "-q", "--isolation", "chroot", "--layers", "--no-cache", "--timestamp", "1700000000", "--platform",
            platform, "--format", form, *(["--annotation", "k=v"] if form == "oci" else []), "-t", target,
            f"{self.folder}/context",
        )  # fmt: skip

    def copy(self, source: str, target: str, *options: str) -> None:
        self.run("skopeo", "copy", "-q", "--dest-tls-verify=false", *options, source, target)

    def inspect(self, *arguments: str, platform: str = "linux/amd64") -> bytes:
        return self.run(
            "skopeo", "--override-arch", platform.split("/")[1], "inspect", "--tls-verify=false", *arguments
        )


@pytest.fixture(scope="module")
def host(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], str]) -> Iterator[str]:
    """A registry of Debian's docker-registry on this machine."""
    folder = tmp_path_factory.mktemp("registry")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    config = {
        "version": "0.1",
        "log": {"level": "error"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}},
        "http": {"addr": address},
    }
    (folder / "config.yml").write_bytes(dumped(config))
    process = subprocess.Popen(
        [tool("docker-registry"), "serve", str(folder / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _wait_for(address)
        yield address
    finally:
        process.terminate()
        process.wait(timeout=20)


def _wait_for(address: str) -> None:
    host, _, port = address.partition(":")
    end = time.monotonic() + 30
    while True:
        try:
            socket.create_connection((host, int(port)), timeout=1).close()
            return
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.05)


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory, tool: Callable[[str], str], host: str) -> Tools:
    folder = tmp_path_factory.mktemp("forms")
    (folder / "context").mkdir()
    (folder / "context" / "Dockerfile").write_text(DOCKERFILE)
    (folder / "context" / "f").write_text("one")
    (folder / "context" / "g").write_bytes(os.urandom(100_000))
    return Tools(folder, tool, host)


class Sources(NamedTuple):
    """Two images as layouts: one that has every fact, one that has only what no image can be without.

    `docker` is the configuration of the first as buildah writes it in Docker's format.
    """

    full: Path
    bare: Path
    docker: dict[str, Any]

    @property
    def children(self) -> list[dict[str, Any]]:
        """The manifests of the first image by platform."""
        top = json.loads(blob_path(self.full, self.top).read_bytes())
        entries = [each for each in top["manifests"] if each["platform"]["os"] != "unknown"]
        return [json.loads(blob_path(self.full, each["digest"]).read_bytes()) for each in entries]

    @property
    def top(self) -> str:
        """The digest of the first image."""
        found = json.loads((self.full / "index.json").read_bytes())["manifests"][0]["digest"]
        assert isinstance(found, str)
        return found


@pytest.fixture(scope="module")
def sources(tools: Tools) -> Sources:
    folder, full, bare = tools.folder, tools.folder / "full", tools.folder / "bare"
    tools.bud("linux/amd64", "docker", NAME)
    docker = json.loads(json.loads(tools.buildah("inspect", "--type", "image", NAME))["Config"])
    entries = []
    for architecture in ("amd64", "arm64"):
        tools.bud(f"linux/{architecture}", "oci", f"localhost/widget:{architecture}")
        tools.buildah("push", "-q", f"localhost/widget:{architecture}", f"oci:{folder}/{architecture}:1")
        entries.append(_with_healthcheck(folder / architecture, full, docker["config"]["Healthcheck"], architecture))
    attestations = [attestation(full, each) for each in entries]
    top = index(full, *entries, *attestations, annotations={"org.opencontainers.image.description": "A widget"})
    make_layout(full, named(top, "1", NAME))
    single = image(bare, (tar_of({"f": b"one"}),), config={"config": {}, "history": None})
    make_layout(bare, {key: single[key] for key in ("mediaType", "digest", "size")})
    return Sources(full, bare, docker)


def _with_healthcheck(source: Path, target: Path, healthcheck: object, architecture: str) -> dict[str, Any]:
    """An image of buildah's with the health check that BuildKit writes into the same format, and buildah does not."""
    shutil.copytree(source / "blobs", target / "blobs", dirs_exist_ok=True)
    entry = json.loads((source / "index.json").read_bytes())["manifests"][0]
    manifest = json.loads(blob_path(source, entry["digest"]).read_bytes())
    config = json.loads(blob_path(source, manifest["config"]["digest"]).read_bytes())
    config["config"]["Healthcheck"] = healthcheck
    manifest["config"] = put(target, dumped(config), CONFIG)
    return put(target, dumped(manifest), MANIFEST) | {"platform": {"architecture": architecture, "os": "linux"}}


@pytest.fixture(scope="module")
def files(tools: Tools, sources: Sources) -> dict[str, tuple[str, str]]:
    """What to call each form of the two images on the command line."""
    made = {"OCI layout": (str(sources.full), str(sources.bare))}
    both = (f"oci:{sources.full}:1", f"oci:{sources.bare}")
    made["the same with nested indexes"] = (_nested(tools, sources.full), _nested(tools, sources.bare))
    made["the same as .tar"] = _copied(tools, both, "oci-archive:{}.tar", f":{NAME}")
    packed = [(f"{path}.gz", gzipped(Path(path).read_bytes())) for path in made["the same as .tar"]]
    for path, data in packed:
        Path(path).write_bytes(data)
    made["the same as .tar.gz"] = (packed[0][0], packed[1][0])
    made["dir:"] = _copied(tools, both, "dir:{}")
    remote = (f"docker://{tools.host}/acme/widget:1", f"docker://{tools.host}/acme/bare:1")
    for source, target in zip(both, remote, strict=True):
        tools.copy(source, target, "--all")
    made["registry"] = remote
    made |= _archives(tools, both)
    made |= _documents(tools, sources, remote)
    return made


def _copied(tools: Tools, both: tuple[str, str], target: str, name: str = "") -> tuple[str, str]:
    """Both images as skopeo writes them; the first gets a name."""
    paths = []
    for which, source in zip(("full", "bare"), both, strict=True):
        where = target.format(tools.folder / f"{which}-{target.partition(':')[0]}")
        tools.copy(source, where + (name if which == "full" else ""), "--all")
        paths.append(where.partition(":")[2])
    return paths[0], paths[1]


def _nested(tools: Tools, layout: Path) -> str:
    """A layout whose entry is an index of an index."""
    folder = tools.folder / f"nested-{layout.name}"
    shutil.copytree(layout, folder)
    (entry,) = json.loads((layout / "index.json").read_bytes())["manifests"]
    plain = {key: entry[key] for key in ("mediaType", "digest", "size")}
    if layout.name == "bare":
        plain = index(folder, plain)
    outer = index(folder, plain, annotations=_annotations(layout, plain) if layout.name == "full" else {})
    make_layout(folder, named(outer, "1", NAME) if layout.name == "full" else outer)
    return str(folder)


def _annotations(layout: Path, entry: dict[str, Any]) -> dict[str, str]:
    found = json.loads(blob_path(layout, entry["digest"]).read_bytes())["annotations"]
    assert isinstance(found, dict)
    return found


def _archives(tools: Tools, both: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """What docker save writes: the older form by buildah and skopeo, the newer made of it as Docker makes it."""
    old = (f"{tools.folder}/full-saved.tar", f"{tools.folder}/bare-saved.tar")
    tools.buildah("push", "-q", NAME, f"docker-archive:{old[0]}:{NAME}")
    tools.copy(both[1], f"docker-archive:{old[1]}")
    new = (f"{tools.folder}/full-saved-25.tar", f"{tools.folder}/bare-saved-25.tar")
    for before, after in zip(old, new, strict=True):
        Path(after).write_bytes(_as_docker_25(Path(before)))
    return {"docker save < 25": old, "docker save ≥ 25": new}


def _as_docker_25(path: Path) -> bytes:
    """The same image with a layout beside it: https://github.com/moby/moby/pull/44598 ."""
    with tarfile.open(path) as archive:
        parts = {each.name: archive.extractfile(each).read() for each in archive if each.isfile()}  # type: ignore[union-attr]
    (listed,) = json.loads(parts["manifest.json"])
    files: dict[str, bytes] = {}

    def blob(data: bytes, media_type: str) -> dict[str, Any]:
        files[f"blobs/sha256/{digest(data).partition(':')[2]}"] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    def member(descriptor: dict[str, Any]) -> str:
        return f"blobs/sha256/{descriptor['digest'].partition(':')[2]}"

    config = blob(parts[listed["Config"]], CONFIG)
    layers = [blob(parts[each], LAYER) for each in listed["Layers"]]
    manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
    entry = blob(dumped(manifest), MANIFEST)
    if listed["RepoTags"]:
        entry = named(entry, "1", listed["RepoTags"][0])
    saved = [{"Config": member(config), "RepoTags": listed["RepoTags"], "Layers": [member(each) for each in layers]}]
    files["index.json"] = dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": [entry]})
    files["manifest.json"] = dumped(saved)
    files["oci-layout"] = dumped({"imageLayoutVersion": "1.0.0"})
    return tar_of(files)


def _documents(tools: Tools, sources: Sources, remote: tuple[str, str]) -> dict[str, tuple[str, str]]:
    """What tools print of the two images."""
    raw = [tools.inspect("--raw", each) for each in remote]
    configs = [tools.inspect("--config", "--raw", each) for each in remote]
    amd64 = blob_path(sources.full, json.loads(raw[0])["manifests"][0]["digest"]).read_bytes()
    bare = json.loads((sources.bare / "index.json").read_bytes())["manifests"][0]
    bare_index = dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": [bare]})
    for each in remote:
        tools.buildah("pull", "-q", "--tls-verify=false", each)
    stored = [tools.buildah("inspect", "--type", "image", each.removeprefix("docker://")) for each in remote]
    pushed = [f"docker.io/acme/widget@{digest(raw[0])}"]
    docker = [_docker_inspect(sources.docker, [NAME], pushed), _docker_inspect(json.loads(configs[1]), [], [])]
    metadata = [
        {"containerimage.digest": digest(raw[0]), "image.name": NAME},
        {"containerimage.digest": digest(raw[1])},
    ]
    printed = {
        "docker image inspect": [dumped([each]) for each in docker],
        "skopeo inspect": [tools.inspect(remote[0]), tools.inspect(f"oci:{sources.bare}")],
        "buildah inspect": stored,
        "imagetools inspect --raw": [raw[0], bare_index],
        "imagetools inspect, JSON": [dumped(each) for each in _imagetools(tools, raw, remote)],
        "--metadata-file": [dumped(each) for each in metadata],
        "manifest": [amd64, raw[1]],
        "configuration": configs,
    }
    made: dict[str, tuple[str, str]] = {}
    for number, (form, texts) in enumerate(printed.items()):
        paths = [tools.folder / f"{number}-{which}.json" for which in ("full", "bare")]
        for path, text in zip(paths, texts, strict=True):
            path.write_bytes(text)
        made[form] = (str(paths[0]), str(paths[1]))
    return made


def _docker_inspect(config: dict[str, Any], tags: list[str], digests: list[str]) -> dict[str, Any]:
    """What Docker shows of a configuration: https://docs.docker.com/reference/api/engine/version/v1.51/ ."""
    return {
        "Id": digest(dumped(config)),
        "RepoTags": tags,
        "RepoDigests": digests,
        "Created": config.get("created"),
        "Config": config["config"],
        "Architecture": config["architecture"],
        "Os": config["os"],
        "Size": 102_400,
        "RootFS": {"Type": "layers", "Layers": config["rootfs"]["diff_ids"]},
    }


def _imagetools(tools: Tools, raw: list[bytes], remote: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """What `docker buildx imagetools inspect --format '{{json .}}'` makes of them."""
    for name, text, reference in zip((NAME, ""), raw, remote, strict=True):
        platforms = ["linux/amd64", "linux/arm64"] if name else [""]
        configs = {
            each: json.loads(tools.inspect("--config", "--raw", reference, platform=each or "linux/amd64"))
            for each in platforms
        }
        document = json.loads(text) if name else {"mediaType": MANIFEST}
        manifest = {**document, "digest": digest(text), "size": len(text)}
        yield {**({"name": name} if name else {}), "manifest": manifest, "image": configs.get("", configs)}


@pytest.fixture(scope="module")
def read(files: dict[str, tuple[str, str]]) -> dict[str, tuple[Image, Image]]:
    """Both images as imglint reads them in every form."""
    options = ReadOptions(stdin=io.BytesIO, environ={}, insecure=True, cache=False)
    found = {}
    for form, names in files.items():
        (full,), (bare,) = (list(images(each, options)) for each in names)
        found[form] = (full, bare)
    return found


@pytest.fixture(scope="module")
def told(tools: Tools, sources: Sources, files: dict[str, tuple[str, str]]) -> dict[Fact, Any]:
    """What skopeo says of the first image, for both platforms."""
    reference, _ = files["registry"]
    raw = tools.inspect("--raw", reference)
    top = json.loads(raw)
    platforms = ["linux/amd64", "linux/arm64"]
    manifests = [
        json.loads(tools.inspect("--raw", f"{reference.removesuffix(':1')}@{each['digest']}"))
        for each in top["manifests"][:2]
    ]
    configs = [json.loads(tools.inspect("--config", "--raw", reference, platform=each)) for each in platforms]
    runtime = [each["config"] for each in configs]

    def members(*names: str) -> tuple[dict[str, Any], ...]:
        return tuple({name: each[name] for name in names} for each in runtime)

    return {
        Fact.NAMES: (NAME,),
        Fact.DIGEST: digest(raw),
        Fact.INDEX: "index",
        Fact.INDEX_ANNOTATIONS: top["annotations"],
        Fact.ATTESTATIONS: tuple(
            each["annotations"]["vnd.docker.reference.digest"] for each in top["manifests"] if "annotations" in each
        ),
        Fact.PLATFORM: tuple(platforms),
        Fact.MANIFEST_ANNOTATIONS: tuple(each["annotations"] for each in manifests),
        Fact.LABELS: tuple(each["Labels"] for each in runtime),
        Fact.ENVIRONMENT: tuple(tuple(each["Env"]) for each in runtime),
        Fact.RUNTIME: members("User", "WorkingDir", "ExposedPorts", "Volumes"),
        Fact.START: members("Entrypoint", "Cmd"),
        Fact.HEALTHCHECK: tuple(each["Healthcheck"] for each in runtime),
        Fact.CREATED: tuple(each["created"] for each in configs),
        Fact.HISTORY: tuple(tuple(step["created_by"] for step in each["history"]) for each in configs),
        Fact.LAYERS: tuple(len(each["layers"]) for each in manifests),
        Fact.LAYER_DIGESTS: tuple(tuple(layer["digest"] for layer in each["layers"]) for each in manifests),
        Fact.DIFF_IDS: tuple(tuple(each["rootfs"]["diff_ids"]) for each in configs),
        Fact.LAYER_SIZES: tuple(
            tuple((layer["size"], Basis.COMPRESSED) for layer in each["layers"]) for each in manifests
        ),
    }


def test_what_is_known_is_what_skopeo_says(
    read: dict[str, tuple[Image, Image]], told: dict[Fact, Any], tools: Tools, files: dict[str, tuple[str, str]]
) -> None:
    for form, (full, _) in read.items():
        expected = told | _otherwise(form, files[form][0], tools)
        for fact in Fact:
            if state(full, fact) is State.KNOWN:
                found, wanted = value(full, fact), expected[fact]
                if fact not in OF_IMAGE:
                    wanted = wanted[: len(full.variants)]
                assert (form, fact, found) == (form, fact, wanted)


def _otherwise(form: str, name: str, tools: Tools) -> dict[Fact, Any]:
    """What skopeo says of a form that has a fact of its own."""
    if form == "the same with nested indexes":
        return {Fact.DIGEST: json.loads((Path(name) / "index.json").read_bytes())["manifests"][0]["digest"]}
    if form in ("registry", "buildah inspect"):
        return {Fact.NAMES: (f"{tools.host}/acme/widget:1",)}
    if form == "skopeo inspect":
        return {Fact.NAMES: (f"{tools.host}/acme/widget",)}
    if form == "manifest":
        return {Fact.DIGEST: digest(Path(name).read_bytes())}
    if form.startswith("docker save"):
        layers = json.loads(tools.inspect("--raw", f"docker-archive:{name}"))["layers"]
        return {Fact.LAYER_SIZES: (tuple((each["size"], Basis.UNCOMPRESSED) for each in layers),)}
    return {}


def test_umoci_says_the_same(tools: Tools, sources: Sources, told: dict[Fact, Any]) -> None:
    layout, top = tools.folder / "umoci", json.loads(blob_path(sources.full, sources.top).read_bytes())
    shutil.copytree(sources.full, layout)
    make_layout(layout, named({key: top["manifests"][0][key] for key in ("mediaType", "digest", "size")}, "1"))
    steps = json.loads(tools.run("umoci", "stat", "--json", "--image", f"{layout}:1"))["history"]
    assert tuple(each["created_by"] for each in steps) == told[Fact.HISTORY][0]
    layers = [each["layer"] for each in steps if each["layer"]]
    assert len(layers) == told[Fact.LAYERS][0]
    assert tuple(each["digest"] for each in layers) == told[Fact.LAYER_DIGESTS][0]
    assert tuple((each["size"], Basis.COMPRESSED) for each in layers) == told[Fact.LAYER_SIZES][0]
    assert tuple(each["diff_id"] for each in steps if each["layer"]) == told[Fact.DIFF_IDS][0]


def test_skopeo_reads_both_views_of_an_archive_of_docker(
    tools: Tools, sources: Sources, files: dict[str, tuple[str, str]]
) -> None:
    path, _ = files["docker save ≥ 25"]
    for transport in (f"docker-archive:{path}", f"oci-archive:{path}"):
        config = json.loads(tools.inspect("--config", transport))
        assert config["rootfs"] == sources.docker["rootfs"]
        assert config["config"]["Labels"] == sources.docker["config"]["Labels"]


def test_buildah_says_the_same(told: dict[Fact, Any], files: dict[str, tuple[str, str]]) -> None:
    stored = json.loads(Path(files["buildah inspect"][0]).read_bytes())
    config, runtime = stored["OCIv1"], stored["OCIv1"]["config"]
    assert stored["ImageAnnotations"] == told[Fact.MANIFEST_ANNOTATIONS][0]
    assert runtime["Labels"] == told[Fact.LABELS][0]
    assert tuple(runtime["Env"]) == told[Fact.ENVIRONMENT][0]
    assert {name: runtime[name] for name in told[Fact.RUNTIME][0]} == told[Fact.RUNTIME][0]
    assert {name: runtime[name] for name in told[Fact.START][0]} == told[Fact.START][0]
    assert config["created"] == told[Fact.CREATED][0]
    assert f"{config['os']}/{config['architecture']}" == told[Fact.PLATFORM][0]
    assert tuple(each["created_by"] for each in config["history"]) == told[Fact.HISTORY][0]
    assert tuple(config["rootfs"]["diff_ids"]) == told[Fact.DIFF_IDS][0]


def test_what_is_absent_is_not_there(read: dict[str, tuple[Image, Image]]) -> None:
    for form, (_, bare) in read.items():
        for fact in Fact:
            if state(bare, fact) is State.ABSENT:
                found = value(bare, fact)
                assert not (any(found) if isinstance(found, tuple) else found), (form, fact)


def cell(fact: Fact, full: Image, bare: Image) -> str:
    if fact is Fact.LAYER_SIZES and state(full, fact) is State.KNOWN:
        ((_, basis), *_), *_ = value(full, fact)
        return BASIS[basis]
    return " ".join(SIGNS[state(each, fact)] for each in (full, bare))


def test_the_table_of_the_documentation(read: dict[str, tuple[Image, Image]]) -> None:
    assert {each.key for each in FORMS} == set(COLUMNS.values())
    assert {form: read[form][0].form.key for form in COLUMNS} == COLUMNS
    lines = [f"| | {' | '.join(COLUMNS)} |", f"|---|{'---|' * len(COLUMNS)}"]
    for fact in Fact:
        lines.append(f"| {fact.value} | {' | '.join(cell(fact, *read[form]) for form in COLUMNS)} |")
    table = "\n".join(lines)
    assert table in DOCS.read_text(encoding="utf-8"), f"docs/images.md should have\n{table}"
