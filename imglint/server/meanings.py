"""What the keys of the OCI image specification stand for, in a few words (image-spec, annotations.md)."""

from __future__ import annotations

from typing import Final

MEANINGS: Final[dict[str, str]] = {
    "created": "when the image was built, as RFC 3339 writes it",
    "authors": "who is responsible for the image, and how to reach them",
    "url": "where to find out more about the image",
    "documentation": "where the documentation of the image is",
    "source": "the repository with the source code; it links the package",
    "version": "the version of the software in the image",
    "revision": "the commit that the software was built from",
    "vendor": "the organisation or person that distributes the image",
    "licenses": "the licences of the software in the image, as an SPDX expression",
    "ref.name": "the name of the reference, within an image layout",
    "title": "the title of the image, for people",
    "description": "what the software in the image does; the page shows it",
    "base.digest": "the digest of the image that this one is based on",
    "base.name": "the name of the image that this one is based on",
}
"""What follows the prefix -> its meaning; the same keys as `imglint.syntax.oci.KEYS`."""
