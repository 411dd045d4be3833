"""Images for tests, made without any tool: layouts with right digests, archives, layers that take no room on disk."""

from __future__ import annotations

import gzip
import hashlib
import io
import json
import tarfile
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
REF_NAME = "org.opencontainers.image.ref.name"
FULL_NAME = "io.containerd.image.name"
GIB = 1 << 30

Descriptor = dict[str, Any]


def dumped(value: object) -> bytes:
    """A document as bytes."""
    return json.dumps(value, ensure_ascii=False).encode()


def digest(data: bytes, algorithm: str = "sha256") -> str:
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def blob_path(folder: Path, named: str) -> Path:
    algorithm, _, name = named.partition(":")
    return folder / "blobs" / algorithm / name


def put(folder: Path, data: bytes, media_type: str, algorithm: str = "sha256") -> Descriptor:
    """Write a blob of a layout; the descriptor that names it."""
    named = digest(data, algorithm)
    path = blob_path(folder, named)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return {"mediaType": media_type, "digest": named, "size": len(data)}


def hole(folder: Path, size: int, named: str = "sha256:" + "0b" * 32) -> Descriptor:
    """A layer of any size that takes no room on disk; its digest is made up."""
    path = blob_path(folder, named)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.truncate(size)
    return {"mediaType": f"{LAYER}+gzip", "digest": named, "size": size}


def tar_of(files: Mapping[str, bytes]) -> bytes:
    """A tar archive of files."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as archive:
        for name, data in files.items():
            add(archive, name, data)
    return buffer.getvalue()


def add(archive: tarfile.TarFile, name: str, data: bytes) -> None:
    member = tarfile.TarInfo(name)
    member.size = len(data)
    archive.addfile(member, io.BytesIO(data))


def gzipped(data: bytes) -> bytes:
    """The same bytes whenever it is made."""
    return gzip.compress(data, mtime=0)


def configuration(
    contents: Iterable[bytes], platform: str = "linux/amd64", labels: Mapping[str, str] | None = None, **more: Any
) -> dict[str, Any]:
    """A configuration for layers of these contents (uncompressed), with an entry of the history for each."""
    os, architecture, *variant = platform.split("/")
    diff_ids = [digest(content) for content in contents]
    return {
        "architecture": architecture,
        "os": os,
        **({"variant": variant[0]} if variant else {}),
        "config": {"Labels": dict(labels or {})},
        "rootfs": {"type": "layers", "diff_ids": diff_ids},
        "history": [{"created_by": f"COPY {number} / # buildkit"} for number in range(len(diff_ids))],
        **more,
    }


def image(
    folder: Path,
    contents: Sequence[bytes] = (b"layer",),
    platform: str = "linux/amd64",
    labels: Mapping[str, str] | None = None,
    manifest: Mapping[str, Any] | None = None,
    config: Mapping[str, Any] | None = None,
) -> Descriptor:
    """An image in a layout; the entry of an index for it, without a name.

    Its layers are compressed with gzip, and not written when `manifest` lists others.
    """
    document = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": put(folder, dumped(configuration(contents, platform, labels, **(config or {}))), CONFIG),
        **(manifest or {}),
    }
    if "layers" not in document:
        document["layers"] = [put(folder, gzipped(content), f"{LAYER}+gzip") for content in contents]
    os, architecture, *variant = platform.split("/")
    where = {"architecture": architecture, "os": os, **({"variant": variant[0]} if variant else {})}
    return put(folder, dumped(document), MANIFEST) | {"platform": where}


def attestation(folder: Path, subject: Descriptor, predicates: Sequence[str] = ("https://slsa.dev/provenance/v1",)) -> (
    Descriptor
):  # fmt: skip
    """What BuildKit adds for an image: https://docs.docker.com/build/metadata/attestations/attestation-storage/ ."""
    layers = []
    for predicate in predicates:
        about = {"subject": [{"digest": subject["digest"]}], "predicateType": predicate}
        statement = put(folder, dumped(about), "application/vnd.in-toto+json")
        layers.append(statement | {"annotations": {"in-toto.io/predicate-type": predicate}})
    config = put(folder, dumped({"architecture": "unknown", "os": "unknown", "config": {}}), CONFIG)
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers}
    return put(folder, dumped(document), MANIFEST) | {
        "annotations": {
            "vnd.docker.reference.digest": subject["digest"],
            "vnd.docker.reference.type": "attestation-manifest",
        },
        "platform": {"architecture": "unknown", "os": "unknown"},
    }


def artifact(folder: Path, media_type: str = "application/vnd.example.chart") -> Descriptor:
    """Something that is no image."""
    config = put(folder, b"{}", "application/vnd.oci.empty.v1+json")
    document = {"schemaVersion": 2, "mediaType": MANIFEST, "artifactType": media_type, "config": config, "layers": []}
    return put(folder, dumped(document), MANIFEST)


def index(folder: Path, *entries: Descriptor, **more: Any) -> Descriptor:
    """An index in a layout; the entry of another index for it."""
    return put(folder, dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries, **more}), INDEX)


def named(entry: Descriptor, tag: str, full: str = "") -> Descriptor:
    """An entry with the name that a layout gives it."""
    names = {REF_NAME: tag, **({FULL_NAME: full} if full else {})}
    return {**entry, "annotations": {**entry.get("annotations", {}), **names}}


def make_layout(folder: Path, *entries: Descriptor) -> Path:
    """Make a folder an OCI image layout, whose blobs are there already."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "oci-layout").write_bytes(dumped({"imageLayoutVersion": "1.0.0"}))
    (folder / "index.json").write_bytes(dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries}))
    return folder


def buildkit_layout(folder: Path, platforms: Sequence[str] = ("linux/amd64", "linux/arm64")) -> Path:
    """An index as BuildKit makes it: an image for each platform, and behind them what attests each."""
    images = [image(folder, (platform.encode(),), platform) for platform in platforms]
    attested = [attestation(folder, each) for each in images]
    top = index(folder, *images, *attested, annotations={"org.opencontainers.image.description": "A widget."})
    return make_layout(folder, named(top, "1", "docker.io/acme/widget:1"))


def archived(folder: Path, path: Path, prefix: str = "", mode: str = "w") -> Path:
    """A folder as an archive (`w`, or `w:gz`)."""
    with tarfile.open(str(path), mode) as archive:  # type: ignore[call-overload]
        for file in sorted(folder.rglob("*")):
            if file.is_file():
                archive.add(file, prefix + file.relative_to(folder).as_posix(), recursive=False)
    return path


class Saved:
    """What `docker save` writes, an image at a time."""

    def __init__(self) -> None:
        self.files: dict[str, bytes] = {}
        self.listing: list[dict[str, Any]] = []
        self.entries: list[Descriptor] = []

    def old(self, tags: Sequence[str] | None, contents: Sequence[bytes] = (b"layer",), **more: Any) -> None:
        """An image as Docker up to 24 wrote it."""
        config = dumped(configuration(contents, **more))
        name = f"{digest(config).removeprefix('sha256:')}.json"
        layers = [f"{digest(content).removeprefix('sha256:')}/layer.tar" for content in contents]
        self.files |= {name: config, **dict(zip(layers, contents, strict=True))}
        self.listing.append({"Config": name, "RepoTags": tags and list(tags), "Layers": layers})

    def both(self, tag: str, contents: Sequence[bytes] = (b"layer",), wrong: Mapping[str, Any] | None = None) -> None:
        """An image as Docker from 25 on writes it; `wrong` goes into the manifest of its layout."""
        config = self._blob(dumped(configuration(contents)), CONFIG)
        layers = [self._blob(content, LAYER) for content in contents]
        manifest = {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": layers, **(wrong or {})}
        self.entries.append(named(self._blob(dumped(manifest), MANIFEST), tag.partition(":")[2], f"docker.io/{tag}"))
        paths = [_member(each["digest"]) for each in layers]
        self.listing.append({"Config": _member(config["digest"]), "RepoTags": [tag], "Layers": paths})

    def _blob(self, data: bytes, media_type: str) -> Descriptor:
        self.files[_member(digest(data))] = data
        return {"mediaType": media_type, "digest": digest(data), "size": len(data)}

    def data(self) -> bytes:
        """The archive."""
        documents = {"manifest.json": dumped(self.listing)}
        if self.entries:
            documents["index.json"] = dumped({"schemaVersion": 2, "manifests": self.entries})
            documents["oci-layout"] = dumped({"imageLayoutVersion": "1.0.0"})
        return tar_of({**self.files, **documents})


def _member(named: str) -> str:
    return f"blobs/{named.replace(':', '/')}"


def tar_with_hole(path: Path, size: int = 11 * GIB) -> Path:
    """An archive of `docker save` with one layer of zeros that takes no room on disk."""
    config = dumped({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}})
    listing = dumped([{"Config": "c.json", "RepoTags": ["widget:1"], "Layers": ["big/layer.tar"]}])
    with path.open("wb") as file:
        member = tarfile.TarInfo("big/layer.tar")
        member.size = size
        file.write(member.tobuf(tarfile.GNU_FORMAT))
        file.seek(size + -size % 512, io.SEEK_CUR)
        file.write(tar_of({"c.json": config, "manifest.json": listing}))
    return path
