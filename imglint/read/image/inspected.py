"""What tools print of an image: each has a shape of its own, and leaves other things out."""

from __future__ import annotations

from typing import Any, Final

from imglint.model.image.document import Document
from imglint.model.image.form import (
    BUILDAH_INSPECT,
    DOCKER_INSPECT,
    IMAGETOOLS_JSON,
    METADATA_FILE,
    SKOPEO_INSPECT,
)
from imglint.model.image.image import At, Basis, Config, Image, Layer, Step, Variant
from imglint.model.image.platform import Platform
from imglint.read.image.assemble import fits, wanted_platform
from imglint.read.image.beside import attestation, is_attestation
from imglint.read.image.documents import contents_of, derived, document, history_of, layers_of, platform_at
from imglint.read.image.store import ImageError
from imglint.syntax.strictjson import Key

_DOCKER_NAMES: Final = (
    ("architecture", "Architecture"), ("os", "Os"), ("variant", "Variant"), ("os.version", "OsVersion"),
    ("created", "Created"), ("author", "Author"),
)  # fmt: skip
_SKOPEO_NAMES: Final = (("architecture", "Architecture"), ("os", "Os"), ("created", "Created"))


def inspected_images(data: bytes, name: str, platform: str | None) -> list[Image] | None:
    """The images that a tool's output tells of; None when it is not that of a known tool. Raises `ImageError`."""
    top = document(data, name, exact=False, verbatim=True)
    found = _recognised(top)
    wanted = wanted_platform(platform)
    if found is None or wanted is None:
        return found
    fitting = [
        image._replace(
            variants=tuple(each for each in image.variants if each.platform is None or fits(each.platform, wanted))
        )
        for image in found
    ]
    if not any(image.variants for image in fitting):
        raise ImageError(f"has no image for {platform}")
    return fitting


def _recognised(top: Document) -> list[Image] | None:
    value = top.value
    if isinstance(value, list):
        if not value:
            raise ImageError("is not an image: it is an empty list")
        if _has(value[0], "RootFS") or _has(value[0], "RepoTags") or _has(value[0], "Config", "Id"):
            return [_docker(top, (number,), len(value) > 1) for number in range(len(value))]
        raise ImageError("is not an image: it is a list, and not what docker image inspect prints")
    if not isinstance(value, dict):
        raise ImageError("is not an image: it is no JSON object")
    if str(value.get("Type", "")).startswith("buildah") or _has(value, "OCIv1"):
        return [_buildah(top)]
    if _has(value, "manifest", "image"):
        return [_imagetools(top)]
    if _is_metadata(value):
        return [_metadata_file(top, ())]
    if any(_is_metadata(each) for each in value.values()):  # An entry for each target of bake.
        return [_metadata_file(top, (name,)) for name, each in value.items() if _is_metadata(each)]
    if _has(value, "RootFS", "Config"):
        return [_docker(top, (), False)]
    if _has(value, "Layers", "Architecture", "Os"):
        return [_skopeo(top)]
    if _has(value, "CreatedBy", "CreatedSince") or _has(value, "CreatedBy", "Size"):
        raise ImageError(
            "is what docker history prints, with sizes rounded and no labels: use docker image inspect, or docker save"
        )
    return None


def _has(value: Any, *names: str) -> bool:
    return isinstance(value, dict) and all(name in value for name in names)


def _strings(values: list[Any]) -> tuple[str, ...]:
    return tuple(each for each in values if isinstance(each, str))


def _docker(top: Document, here: tuple[Key, ...], one_of_several: bool) -> Image:
    """What `docker image inspect` and `podman image inspect` print.

    What is not set is left out, null or empty, as the version has it; `ContainerConfig` is that of the last step.
    https://docs.docker.com/reference/api/engine/version/v1.52/#tag/Image/operation/ImageInspect
    """
    references = _strings(top.items(*here, "RepoTags"))
    names = {**dict(_DOCKER_NAMES)}
    at = At(top, here)
    platform = _platform(at, names)
    # Without the image of this machine's platform, the store has no configuration to show.
    known = isinstance(top.get(*here, "Config"), dict)
    config = Config(top, here, (*here, "Config"), _DOCKER_NAMES, known) if known else None
    diff_ids = _strings(top.items(*here, "RootFS", "Layers"))
    layers = tuple(
        Layer(number, At(top, (*here, "RootFS", "Layers", number)), "", diff_id, None, Basis.UNCOMPRESSED)
        for number, diff_id in enumerate(diff_ids)
    )
    history = None
    if isinstance(top.get(*here, "History"), list):  # podman has it, docker has not
        history = history_of(Config(top, here, (*here, "Config"), (("history", "History"),)))
    variant = Variant(
        platform, None, None, config, layers or None, history, "" if known else "it is not on this machine"
    )
    name = f"{top.source.path}:{references[0]}" if one_of_several and references else top.source.path
    pushed = {each.rpartition("@")[2] for each in _strings(top.items(*here, "RepoDigests"))}
    digest = pushed.pop() if len(pushed) == 1 else ""
    return Image(name, DOCKER_INSPECT, top, references, digest, (), (variant,))


def _platform(at: At, names: dict[str, str]) -> Platform | None:
    def text(name: str) -> str:
        return at.document.text(*at.pointer, names.get(name, name))

    if not text("os") and not text("architecture"):
        return None
    return Platform(text("os"), text("architecture"), text("variant"), text("os.version"))


def _skopeo(top: Document) -> Image:
    """What `skopeo inspect` prints: labels, the environment and, in newer versions, sizes; no annotations."""
    config = Config(top, (), (), _SKOPEO_NAMES, complete=False)
    platform = _platform(At(top, ()), dict(_SKOPEO_NAMES))
    layers = []
    for number, digest in enumerate(_strings(top.items("Layers"))):
        size = top.number("LayersData", number, "Size")
        media_type = top.text("LayersData", number, "MIMEType")
        layers.append(Layer(number, At(top, ("Layers", number)), digest, "", size, Basis.COMPRESSED, media_type))
    name = top.text("Name")
    references = (name,) if name else ()
    variant = Variant(platform, None, None, config, tuple(layers))
    return Image(top.source.path, SKOPEO_INSPECT, top, references, top.text("Digest"), (), (variant,))


def _buildah(top: Document) -> Image:
    """What `buildah inspect` prints: manifest and configuration are JSON in strings."""
    name = top.source.path
    config = manifest = None
    config_text, manifest_text = top.text("Config"), top.text("Manifest")
    if config_text:
        found = document(config_text.encode(), name, path="Config", title="configuration")
        config = Config(found)
    elif isinstance(top.get("OCIv1"), dict):
        config = Config(top, ("OCIv1",), ("OCIv1", "config"))
    platform = platform_at(At(config.document, config.outer)) if config else None
    if manifest_text:
        manifest = document(
            manifest_text.encode(), name, path="Manifest", title="manifest", platform=str(platform or "")
        )
    layers = layers_of(manifest, config) if manifest else None
    history = history_of(config) if config else None
    if config:
        config = config._replace(document=config.document._replace(platform=str(platform or "")))
    references = _strings([top.get("FromImage")])
    variant = Variant(platform, None, manifest, config, layers, history)
    # Its digest is that of what lies in the storage, for one platform and often not compressed.
    return Image(name, BUILDAH_INSPECT, top, references, "", (), (variant,))


def _imagetools(top: Document) -> Image:
    """What `docker buildx imagetools inspect --format '{{json .}}'` prints: one configuration, or one a platform."""
    references = _strings([top.get("name")])
    index = None
    if top.items("manifest", "manifests"):
        index = derived(top.get("manifest"), top.source.path, path="manifest", title="index")
    entries = [At(index, ("manifests", number)) for number in range(len(index.items("manifests")))] if index else []
    attestations = tuple(attestation(each, None) for each in entries if is_attestation(each))
    configs: list[tuple[Key, ...]] = [("image",)]
    if not _has(top.get("image"), "os") and not _has(top.get("image"), "rootfs"):
        configs = [("image", key) for key in top.members("image")]
    variants = []
    for here in configs:
        config = Config(top, here, (*here, "config"))
        platform = platform_at(At(top, here)) or (_spelt(str(here[-1])) if len(here) > 1 else None)
        history: tuple[Step, ...] | None = history_of(config)
        named = [each for each in entries if not is_attestation(each) and platform_at(each / "platform") == platform]
        descriptor = named[0] if platform and named else None
        variants.append(Variant(platform, descriptor, None, config, contents_of(config), history))
    digest = top.text("manifest", "digest")
    indexes = (index,) if index else ()
    return Image(
        top.source.path, IMAGETOOLS_JSON, top, references, digest, indexes, tuple(variants), attestations
    )  # fmt: skip


def _spelt(text: str) -> Platform | None:
    parts = text.split("/")
    return Platform(*parts) if len(parts) in (2, 3) else None


def _is_metadata(value: Any) -> bool:
    return _has(value, "containerimage.digest") or _has(value, "containerimage.config.digest")


def _metadata_file(top: Document, here: tuple[Key, ...]) -> Image:
    """What `docker buildx build --metadata-file` writes: names and digests."""
    references = tuple(each.strip() for each in top.text(*here, "image.name").split(",") if each.strip())
    name = ":".join((top.source.path, *map(str, here)))
    return Image(name, METADATA_FILE, top, references, top.text(*here, "containerimage.digest"))
