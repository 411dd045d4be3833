"""OCI image layouts on disk, and the directories that skopeo writes.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO, Final, NamedTuple

from imglint.model.image.document import Document
from imglint.model.image.form import DIR, OCI_LAYOUT, Form
from imglint.model.image.image import Image
from imglint.read.file import UnreadableError, is_within, read_bytes
from imglint.read.image.assemble import Root, assemble
from imglint.read.image.documents import document, registered
from imglint.read.image.store import MAX_MANIFEST, ImageError, Missing, Store, Wanted

REF_NAME: Final = "org.opencontainers.image.ref.name"
FULL_NAME: Final = "io.containerd.image.name"


class FolderStore:
    """Blobs that are files of a folder, named by their digests. No symbolic link leads out of it."""

    def __init__(self, folder: str, nested: bool) -> None:
        self.root = os.path.realpath(folder)
        self.nested = nested

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        """The bytes of each blob."""
        return [self._read(each) for each in wanted]

    def _read(self, wanted: Wanted) -> bytes | Missing:
        path = self._path(wanted.digest, wanted.is_manifest)
        if isinstance(path, Missing):
            return path
        try:
            return read_bytes(path, wanted.limit)
        except UnreadableError as error:
            return Missing(f"its file {error}", error.missing)

    def size(self, digest: str) -> int | None:
        """The size of a blob's file."""
        path = self._path(digest, False)
        try:
            return None if isinstance(path, Missing) else os.stat(path).st_size
        except OSError:
            return None

    def open(self, digest: str) -> BinaryIO | Missing:
        """A layer's file, opened."""
        path = self._path(digest, False)
        if isinstance(path, Missing):
            return path
        try:
            return open(path, "rb")
        except OSError as error:
            return Missing(f"its file cannot be opened: {(error.strerror or '').lower()}")

    def _path(self, digest: str, is_manifest: bool) -> str | Missing:
        known = registered(digest)
        if known is None:
            return Missing("its digest is not one that can be checked")
        algorithm, name = known
        choices = (os.path.join("blobs", algorithm, name),) if self.nested else (name, f"{name}.manifest.json")
        for choice in choices:
            path = os.path.join(self.root, choice)
            if os.path.lexists(path):
                if is_within(os.path.realpath(path), self.root) and os.path.isfile(path):
                    return path
                return Missing("its file leads out of the layout, or is no file")
        return Missing("it is not in the layout", absent=True)


def layout_images(folder: str, name: str, reference: str = "", platform: str | None = None) -> list[Image]:
    """The images of an OCI image layout; only that of a reference, when one is given. Raises `ImageError`."""
    return images_in(
        read(os.path.join(folder, "index.json")), FolderStore(folder, True), OCI_LAYOUT, name, reference, platform
    )


def dir_image(folder: str, name: str, platform: str | None = None) -> Image:
    """The image in a directory that skopeo wrote. Raises `ImageError`."""
    return assemble(
        name, DIR, Root(read(os.path.join(folder, "manifest.json"))), FolderStore(folder, False), (), platform
    )


def read(path: str) -> bytes:
    """The bytes of an outermost document. Raises `ImageError`."""
    try:
        return read_bytes(path, MAX_MANIFEST)
    except UnreadableError as error:
        raise ImageError(f"cannot be read: its {os.path.basename(path)} {error}") from None


def images_in(
    index: bytes, store: Store, form: Form, name: str, reference: str = "", platform: str | None = None
) -> list[Image]:
    """The images that the `index.json` of a layout names: each of its entries is an image, or an index of one.

    Entries for several platforms that have no names are one image. Raises `ImageError`.
    """
    top = document(index, name, title="index")
    entries = [_Entry.of(top, number) for number in range(len(top.items("manifests")))]
    found: dict[str, _Entry] = {}
    for entry in entries:
        before = found.get(entry.digest, entry)
        found[entry.digest] = before._replace(names=tuple(dict.fromkeys((*before.names, *entry.names))))
    known = tuple(dict.fromkeys(each for entry in entries for each in entry.names))
    if reference:
        found = {digest: entry for digest, entry in found.items() if entry.answers_to(reference)}
        if not found:
            raise ImageError(f"has no image `{reference}`" + (f": there is {', '.join(known[:10])}" if known else ""))
    elif not found:
        raise ImageError("holds no image: its index names none")
    if len(found) > 1 and not known:
        return [assemble(name, form, Root(index), store, (), platform)]
    return [_image(entry, index, store, form, name, len(found) > 1, platform) for entry in found.values()]


class _Entry(NamedTuple):
    """An entry of `index.json`: its number, what it names, and the names it gives it."""

    number: int
    digest: str
    media_type: str
    size: int | None
    names: tuple[str, ...]

    @classmethod
    def of(cls, top: Document, number: int) -> _Entry:
        """The entry of that number."""
        here = ("manifests", number)
        annotations = dict(top.strings(*here, "annotations"))
        name = annotations.get(FULL_NAME) or annotations.get(REF_NAME) or ""
        digest, media_type = top.text(*here, "digest"), top.text(*here, "mediaType")
        return cls(number, digest, media_type, top.number(*here, "size"), (name,) if name else ())

    def answers_to(self, reference: str) -> bool:
        """Whether it is what a reference after the layout's path means: a name, the tag of one, or a digest."""
        return reference == self.digest or any(reference in (each, _tag(each)) for each in self.names)


def _tag(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[2]


def _image(
    entry: _Entry, index: bytes, store: Store, form: Form, name: str, one_of_several: bool, platform: str | None
) -> Image:
    wanted = Wanted(entry.digest, entry.media_type, entry.size, is_manifest=True)
    data = (
        store.fetch([wanted])[0] if registered(entry.digest) else Missing("its digest is not one that can be checked")
    )
    if isinstance(data, Missing):
        if one_of_several or not data.absent:
            raise ImageError(f"cannot be read: the blob {entry.digest} is not to be had, because {data.reason}")
        # The index is all that is there, and it may still tell of platforms and annotations.
        return assemble(name, form, Root(index), store, entry.names, platform)
    shown = f"{name}:{_tag(entry.names[0]) or entry.names[0]}" if one_of_several and entry.names else name
    root = Root(data, entry.media_type, entry.digest, f"manifests[{entry.number}]")
    return assemble(shown, form, root, store, _full(entry.names), platform)


def _full(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are references; a mere tag says nothing of where the image will go."""
    return tuple(each for each in names if "/" in each or ":" in each)
