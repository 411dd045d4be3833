"""Documents and images for tests, and what single rules find in them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

from imglint import config
from imglint.catalog import Catalog
from imglint.checks.context import Context, Surroundings
from imglint.config import Settings
from imglint.finding import Finding
from imglint.model.image.form import CONFIG_JSON, INDEX_JSON, MANIFEST_JSON
from imglint.model.image.image import Image, Variant
from imglint.read.image.documents import config_of, document, history_of, layers_of, platform_at
from imglint.read.rules import registry_profile, rule_families, rule_page
from imglint.syntax.dockerfile import Dockerfile

Check = Callable[..., Iterator[Finding]]
CATALOG = Catalog(rule_families(), rule_page)

OCI = "application/vnd.oci.image."
GZIP = f"{OCI}layer.v1.tar+gzip"


def digest(character: str) -> str:
    return "sha256:" + character * 64


def descriptor(media_type: str, character: str = "a", size: int = 1024, **more: Any) -> dict[str, Any]:
    return {"mediaType": media_type, "digest": digest(character), "size": size, **more}


def manifest(*layers: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {
        "schemaVersion": 2,
        "mediaType": f"{OCI}manifest.v1+json",
        "config": descriptor(f"{OCI}config.v1+json", "c"),
        "layers": list(layers) or [descriptor(GZIP, "1")],
        **more,
    }


def index(*entries: dict[str, Any], **more: Any) -> dict[str, Any]:
    return {"schemaVersion": 2, "mediaType": f"{OCI}index.v1+json", "manifests": list(entries), **more}


def entry(platform: str, character: str = "a", **more: Any) -> dict[str, Any]:
    words = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
    return descriptor(f"{OCI}manifest.v1+json", character, platform=words, **more)


def configuration(runtime: dict[str, Any] | None = None, *, layers: int = 1, **more: Any) -> dict[str, Any]:
    return {
        "architecture": "amd64",
        "os": "linux",
        "config": runtime or {},
        "rootfs": {"type": "layers", "diff_ids": [digest(f"{number + 1:x}"[-1]) for number in range(layers)]},
        **more,
    }


def image_of(kind: str, value: Any) -> Image:
    """An image of one document, whatever is wrong with it."""
    found = document(json.dumps(value).encode(), "image.json", title=kind)
    if kind == "index":
        return Image("image.json", INDEX_JSON, found, indexes=(found,))
    if kind == "manifest":
        return Image("image.json", MANIFEST_JSON, found, variants=(Variant(None, None, found),))
    return Image("image.json", CONFIG_JSON, found, variants=(Variant(None, config=config_of(found)),))


def variant_of(manifest_value: dict[str, Any], config_value: dict[str, Any], **more: Any) -> Variant:
    """A variant with manifest and configuration."""
    read = document(json.dumps(manifest_value).encode(), "image", path="manifest", title="manifest")
    own = config_of(document(json.dumps(config_value).encode(), "image", path="config", title="configuration"))
    platform = platform_at(own.about("os")._replace(pointer=()))
    return Variant(platform, None, read, own, layers_of(read, own), history_of(own))._replace(**more)


def found(
    check: Check,
    subject: Image | Variant,
    image: Image | None = None,
    settings: Settings | None = None,
    dockerfile: Dockerfile | None = None,
) -> list[Finding]:
    """What a rule finds."""
    profile = registry_profile("ghcr.io")
    assert profile is not None
    whole = subject if isinstance(subject, Image) else image
    source = whole.root.source if whole else subject.manifest.source  # type: ignore[union-attr]
    surroundings = Surroundings(settings or config.defaults(), profile, lambda: None, whole, dockerfile)
    context = Context(check.__name__.replace("_", "-"), CATALOG.rule, source, surroundings)
    return list(check(subject, context))
