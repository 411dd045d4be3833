"""Where the blobs of an image come from, and what can go wrong with one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final, Protocol

from imglint.record import NamedTuple

MAX_MANIFEST: Final = 4 << 20
"""Bytes of a manifest or index that are read; registries need take no larger ones (distribution specification)."""
MAX_CONFIG: Final = 16 << 20
"""Bytes of a configuration that are read."""
MAX_CHILDREN: Final = 1000
"""Manifests of one image that are looked at, those of nested indexes included."""
MAX_INDEX_DEPTH: Final = 4
"""Indexes in one another that are followed."""
NOT_FETCHED: Final = "cannot be fetched: "
"""How an `ImageError` begins that is about getting at an image, and says nothing of the image."""


class ImageError(Exception):
    """An image that cannot be judged; the text is worded to follow its name: `cannot be read: …`."""


class NotAnImageError(ImageError):
    """Something else that registries and layouts keep beside images."""


class Wanted(NamedTuple):
    """A JSON blob that is asked for: its digest and media type as its descriptor has them, and its size (bytes).

    `is_manifest` tells manifests and indexes, which registries serve at an address of their own, from other blobs.
    """

    digest: str
    media_type: str
    size: int | None
    is_manifest: bool

    @property
    def limit(self) -> int:
        """The most bytes that are read of it."""
        return MAX_MANIFEST if self.is_manifest else MAX_CONFIG


class Missing(NamedTuple):
    """A blob that is not to be had. `absent`: it is simply not there, which a layout may be (image-layout.md).

    `reason` is worded to follow "because". `passing`: it says nothing of the image, and another time it may be there.
    """

    reason: str
    absent: bool = False
    passing: bool = False


def opened(store: Store, digest: str) -> BinaryIO | str:
    """The bytes of a layer, or why they are not to be had."""
    found = store.open(digest)
    return found.reason if isinstance(found, Missing) else found


class Store(Protocol):
    """Blobs by digest. A store never raises for one blob: the others are judged all the same."""

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        """The bytes of each blob, in the order asked for; their digests are for the caller to verify."""
        ...

    def size(self, digest: str) -> int | None:
        """How many bytes a blob has, without reading it; None when it is not there, or cannot be asked."""
        ...

    def open(self, digest: str) -> BinaryIO | Missing:
        """The bytes of a layer, from the first on. The caller closes it."""
        ...
