"""The keys of the OCI image specification's annotations, which labels share (image-spec, annotations.md)."""

from __future__ import annotations

from typing import Final

PREFIX: Final = "org.opencontainers.image."

KEYS: Final[dict[str, str]] = {
    "created": "rfc3339",
    "authors": "text",
    "url": "url",
    "documentation": "url",
    "source": "text",
    "version": "text",
    "revision": "text",
    "vendor": "text",
    "licenses": "text",
    "ref.name": "text",
    "title": "text",
    "description": "text",
    "base.digest": "digest",
    "base.name": "text",
}
"""What follows the prefix -> the type its value must have; `text` where others judge it or nobody does."""

CONVERSION_KEYS: Final = frozenset(
    (
        "architecture", "author", "exposedPorts", "os", "os.features", "os.version", "stopSignal", "variant",
    )
)  # fmt: skip
"""Keys that a runtime makes from the configuration (image-spec, conversion.md); unusual as labels, but specified."""

MISSPELT_PREFIXES: Final = (
    "org.opencontainer.image.",
    "org.opencontainers.images.",
    "org.opencontainers.label.",
    "org.opencontainer.",
    "org.open-containers.image.",
    "opencontainers.org.image.",
    "opencontainers.org.",
    "opencontainers.image.",
    "org.openshift.image.",
    "org.oci.image.",
    "oci.opencontainers.image.",
    "com.opencontainers.image.",
    "io.opencontainers.image.",
    "org.opencontainers.",
)
"""Beginnings that people write for the prefix."""

OTHER_NAMESPACES: Final = (
    "org.opencontainers.artifact.",
    "org.opencontainers.referrers.",
    "org.opencontainers.runtime.",
)
"""Keys of the specifications that do not speak of images and are left alone."""

LEGACY: Final[dict[str, str]] = {
    "org.label-schema.build-date": "created",
    "org.label-schema.url": "url",
    "org.label-schema.vcs-url": "source",
    "org.label-schema.version": "version",
    "org.label-schema.vcs-ref": "revision",
    "org.label-schema.vendor": "vendor",
    "org.label-schema.name": "title",
    "org.label-schema.description": "description",
    "org.label-schema.usage": "documentation",
    "org.label-schema.license": "licenses",
    "maintainer": "authors",
    "maintainers": "authors",
    "author": "authors",
}
"""Keys from before the specification -> the key that replaces them (annotations.md, "Back-compatibility")."""

_ALSO_MEANT: Final = {
    "license": "licenses", "licence": "licenses", "licences": "licenses", "homepage": "url", "website": "url",
    "sources": "source", "repository": "source", "repo": "source", "vcs-url": "source", "vcs-ref": "revision",
    "commit": "revision", "git-commit": "revision", "sha": "revision", "author": "authors", "maintainer": "authors",
    "maintainers": "authors", "name": "title", "date": "created", "build-date": "created", "docs": "documentation",
    "summary": "description", "descriptions": "description", "usage": "documentation", "ref": "ref.name",
    "organization": "vendor",
}  # fmt: skip


def is_known(key: str) -> bool:
    """Whether the specification has this key."""
    name = key.removeprefix(PREFIX)
    return name != key and (name in KEYS or name in CONVERSION_KEYS)


def misspelt_name(key: str) -> str | None:
    """What follows the prefix in a key that the specification does not have; None for any other key."""
    if is_known(key) or key.startswith(OTHER_NAMESPACES):
        return None
    lower = key.lower()
    for prefix in (PREFIX, *MISSPELT_PREFIXES):
        if lower.startswith(prefix):
            return key[len(prefix) :]
    return None


def meant(name: str) -> str:
    """The full key that a name after the prefix was probably meant to be, or an empty string."""
    from imglint.syntax.nearest import nearest

    lower = name.lower().replace("_", "-").removeprefix("image.")
    found = lower if lower in KEYS else _ALSO_MEANT.get(lower) or nearest(lower, KEYS)
    return PREFIX + found if found else ""


def is_certain(name: str) -> bool:
    """Whether `meant` is a known other word for the key, and no guess by spelling."""
    lower = name.lower().replace("_", "-").removeprefix("image.")
    return lower in KEYS or lower in _ALSO_MEANT
