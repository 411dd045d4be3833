"""One JSON document that the user named: a configuration, a manifest, an index, or what a tool prints of an image."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO

from imglint.model.image.form import CONFIG_JSON, INDEX_JSON, MANIFEST_JSON
from imglint.model.image.image import ABSENT_BLOB, Image
from imglint.read.image.assemble import Root, assemble
from imglint.read.image.store import Missing, Wanted

_FORMS = {"index": INDEX_JSON, "manifest": MANIFEST_JSON, "configuration": CONFIG_JSON}


class NoStore:
    """A document alone: none of the blobs that it names is at hand."""

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        """Nothing."""
        return [Missing("only this document was given", absent=True) for _ in wanted]

    def size(self, digest: str) -> int | None:
        """Nothing."""
        return None

    def open(self, digest: str) -> BinaryIO | Missing:
        """Nothing."""
        return Missing("only this document was given", absent=True)


def single_image(data: bytes, name: str, platform: str | None = None) -> Image:
    """The image that a single document tells of; its own text is what findings show. Raises `ImageError`."""
    image = assemble(name, INDEX_JSON, Root(data, verbatim=True), NoStore(), (), platform)
    flaws = tuple(flaw for flaw in image.flaws if flaw.kind != ABSENT_BLOB)
    return image._replace(form=_FORMS[image.root.title], flaws=flaws)
