"""Bytes made into the documents of an image, and these into layers, history and configuration."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from typing import Any, Final

from imglint.model.image.document import Document
from imglint.model.image.image import At, Basis, Config, Layer, Step
from imglint.model.image.platform import Platform
from imglint.read.image.store import ImageError
from imglint.source import Source
from imglint.syntax.strictjson import JsonError, decode, parse, pretty

INDEX_TYPES: Final = frozenset(
    ("application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json")
)
MANIFEST_TYPES: Final = frozenset(
    ("application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json")
)
CONFIG_TYPES: Final = frozenset(
    ("application/vnd.oci.image.config.v1+json", "application/vnd.docker.container.image.v1+json")
)
SCHEMA1_TYPES: Final = frozenset(
    (
        "application/vnd.docker.distribution.manifest.v1+json",
        "application/vnd.docker.distribution.manifest.v1+prettyjws",
    )
)

MAX_LAID_OUT: Final = 1 << 20
"""Characters of a document that is laid out for people; a larger one is shown as it is, since blanks add up."""

_NOT_COMPRESSED: Final = frozenset(
    (
        "application/vnd.oci.image.layer.v1.tar",
        "application/vnd.oci.image.layer.nondistributable.v1.tar",
        "application/vnd.docker.image.rootfs.diff.tar",
        "application/vnd.docker.image.rootfs.foreign.diff.tar",
    )
)
"""Types of layers that tools compress when they push them, as the stores of images on this machine keep them."""

_ALGORITHMS: Final = {"sha256": 64, "sha384": 96, "sha512": 128}
_DIGEST: Final = r"(?P<algorithm>sha256|sha384|sha512):(?P<hex>[0-9a-f]+)"


def registered(digest: str) -> tuple[str, str] | None:
    """Algorithm and hexadecimal digits of a digest that can be checked (OCI image specification, descriptor.md)."""
    found = re.fullmatch(_DIGEST, digest)
    if found is None or len(found["hex"]) != _ALGORITHMS[found["algorithm"]]:
        return None
    return found["algorithm"], found["hex"]


def digest_of(data: bytes, algorithm: str = "sha256") -> str:
    """The digest of some bytes."""
    return f"{algorithm}:{hashlib.new(algorithm, data).hexdigest()}"


def document(
    data: bytes,
    name: str,
    *,
    path: str = "",
    title: str = "document",
    platform: str = "",
    media_type: str = "",
    exact: bool = True,
    verbatim: bool = False,
) -> Document:
    """A document from its bytes; `verbatim`: the user named this very file, and its own text is shown.

    Raises `ImageError`.
    """
    try:
        text = decode(data)
        value, repeated = parse(text)
    except JsonError as error:
        raise ImageError(f"{title + ' ' if path else ''}is not valid JSON: {error}") from None
    if verbatim:
        source = Source(name, text)
    else:
        source = Source(name, pretty(value) if len(text) <= MAX_LAID_OUT else text, numbered=False)
    digest = digest_of(data) if exact else ""
    own = value.get("mediaType") if isinstance(value, dict) else None
    declared = media_type or (own if isinstance(own, str) else "")
    return Document(
        source, value, path, title, platform, exact, digest, len(data) if exact else None, declared, repeated
    )


def derived(value: Any, name: str, *, path: str = "", title: str = "document", platform: str = "") -> Document:
    """A document that a tool printed as a part of another one."""
    return Document(Source(name, pretty(value), numbered=False), value, path, title, platform)


def kind_of(found: Document) -> str:
    """`index`, `manifest`, `config`, or empty: by what is declared, else by what is there.

    Tools leave `mediaType` out (it is optional). Raises `ImageError` for what must not be judged: a document that is
    both index and manifest means different things to different tools (CVE-2021-41190), and schema 1 is obsolete.
    """
    if not isinstance(found.value, dict):
        return ""
    has_manifests, has_layers = isinstance(found.get("manifests"), list), isinstance(found.get("layers"), list)
    if has_manifests and has_layers:
        raise ImageError("cannot be judged: it has `manifests` and `layers`, so tools disagree about what it is")
    if found.media_type in SCHEMA1_TYPES or found.get("schemaVersion") == 1 or found.get("fsLayers") is not None:
        raise ImageError(
            "is an image manifest of Docker's schema 1, which registries no longer take: build and push it again"
        )
    if found.media_type in INDEX_TYPES or has_manifests:
        return "index"
    if found.media_type in MANIFEST_TYPES or (isinstance(found.get("config"), dict) and has_layers):
        return "manifest"
    if found.get("config", "mediaType") is not None and found.get("config", "digest") is not None:
        return "manifest"
    if found.media_type in CONFIG_TYPES or (found.get("rootfs") is not None or found.get("architecture") is not None):
        return "config"
    return ""


def platform_at(at: At) -> Platform | None:
    """The platform that an entry of an index declares, or a configuration in the same words."""
    document, here = at
    os, architecture = document.text(*here, "os"), document.text(*here, "architecture")
    if not os and not architecture:
        return None
    return Platform(os, architecture, document.text(*here, "variant"), document.text(*here, "os.version"))


def config_of(found: Document) -> Config:
    """The configuration that a document of the specification's shape holds."""
    return Config(found)


def layers_of(manifest: Document, config: Config | None) -> tuple[Layer, ...]:
    """The layers that a manifest lists, with the digests of their content where a configuration tells them."""
    diff_ids = config.document.items(*config.outer, "rootfs", "diff_ids") if config else []
    return tuple(_layers(manifest, diff_ids))


def _layers(manifest: Document, diff_ids: list[Any]) -> Iterator[Layer]:
    entries = manifest.items("layers")
    for number in range(len(entries)):
        here = ("layers", number)
        diff_id = diff_ids[number] if len(diff_ids) == len(entries) and isinstance(diff_ids[number], str) else ""
        urls = tuple(url for url in manifest.items(*here, "urls") if isinstance(url, str))
        media_type = manifest.text(*here, "mediaType")
        basis = Basis.UNCOMPRESSED if media_type in _NOT_COMPRESSED else Basis.COMPRESSED
        yield Layer(
            number, At(manifest, here), manifest.text(*here, "digest"), diff_id, manifest.number(*here, "size"),
            basis, media_type, urls,
        )  # fmt: skip


def contents_of(config: Config) -> tuple[Layer, ...] | None:
    """The layers of which a configuration tells no more than the digests of their content; None without any."""
    document, here = config.document, (*config.outer, "rootfs", "diff_ids")
    layers = (
        Layer(number, At(document, (*here, number)), diff_id=diff_id, basis=Basis.UNCOMPRESSED)
        for number, diff_id in enumerate(document.items(*here))
        if isinstance(diff_id, str)
    )
    return tuple(layers) or None


def history_of(config: Config) -> tuple[Step, ...] | None:
    """The history in a configuration; None when there is none."""
    document, here = config.about("history")
    entries = document.get(*here)
    if not isinstance(entries, list) or not entries:
        return None
    return tuple(
        Step(
            number, At(document, (*here, number)), document.text(*here, number, "created"),
            document.text(*here, number, "created_by"), document.text(*here, number, "comment"),
            document.get(*here, number, "empty_layer") is True,
        )
        for number in range(len(entries))
    )  # fmt: skip
