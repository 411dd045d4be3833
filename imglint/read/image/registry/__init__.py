"""Images in registries, by the OCI distribution specification: manifests and configurations, never a layer.

https://github.com/opencontainers/distribution-spec/blob/main/spec.md
"""

from __future__ import annotations

from imglint.model.image.image import Image
from imglint.read.image.options import ReadOptions


def fetch_image(reference: str, options: ReadOptions) -> Image:
    """The image that a reference names. Raises `ImageError`."""
    from imglint.read.image.registry.fetch import fetch

    return fetch(reference, options)


__all__ = ["fetch_image"]
