"""What reading an image met: blobs that are not what their digests say, or that cannot be read."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.problems import MAX_FINDINGS
from imglint.finding import Finding
from imglint.model.image.image import DIGEST_MISMATCH, INCONSISTENT, SIZE_MISMATCH, UNREADABLE, Flaw, Image

_COPIED: Final = "copy or build the image again; do not trust these bytes"


def digest_mismatch(image: Image, context: Context) -> Iterator[Finding]:
    """A blob is not the one that its descriptor names."""
    for flaw in _flaws(image, DIGEST_MISMATCH, SIZE_MISMATCH):
        yield context.at(flaw.at, flaw.message, help=_COPIED)


def inconsistent_archive(image: Image, context: Context) -> Iterator[Finding]:
    """The parts of an archive contradict each other."""
    for flaw in _flaws(image, INCONSISTENT):
        yield context.at(flaw.at, flaw.message, help="save the image again, with another release of the tool")


def unreadable_blob(image: Image, context: Context) -> Iterator[Finding]:
    """A part of the image cannot be read, and is not judged."""
    for flaw in _flaws(image, UNREADABLE):
        size = flaw.at.document.number(*flaw.at.pointer, "size")
        if size is None or size <= context.profile.manifest_bytes:  # Of larger ones manifest-too-large speaks.
            yield context.at(flaw.at, f"{flaw.message}: this part of the image is not judged")


def _flaws(image: Image, *kinds: str) -> Iterator[Flaw]:
    return islice((flaw for flaw in image.flaws if flaw.kind in kinds), MAX_FINDINGS)
