"""OCI image layouts on disk, and the directories that skopeo writes.

https://github.com/opencontainers/image-spec/blob/main/image-layout.md
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from typing import BinaryIO, Final

from imglint.model.image.document import Document
from imglint.model.image.form import DIR, OCI_LAYOUT, Form
from imglint.model.image.image import ABSENT_BLOB, UNREADABLE, At, Flaw, Image, Variant
from imglint.read.file import UnreadableError, failure, is_within, read_bytes
from imglint.read.image.assemble import Root, assemble, fits, wanted_platform
from imglint.read.image.documents import document, platform_at, registered
from imglint.read.image.store import MAX_CHILDREN, MAX_MANIFEST, ImageError, Missing, NotAnImageError, Store, Wanted
from imglint.record import NamedTuple

MAX_DOCUMENTS: Final = 32 << 20
"""Bytes of the documents of a layout or an archive that are read, all of them together."""
REF_NAME: Final = "org.opencontainers.image.ref.name"
FULL_NAME: Final = "io.containerd.image.name"

_NO_DIGEST: Final = "its digest is not one that can be checked"
_TOO_MANY: Final = f"all documents together are larger than {MAX_DOCUMENTS >> 20} MiB, the most that is read"


class FolderStore:
    """Blobs that are files of a folder, named by their digests. No symbolic link leads out of it."""

    def __init__(self, folder: str, nested: bool) -> None:
        self.root = os.path.realpath(folder)
        self.nested = nested
        self.room = MAX_DOCUMENTS

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        """The bytes of each blob."""
        return [self._read(each) for each in wanted]

    def _read(self, wanted: Wanted) -> bytes | Missing:
        path = self._path(wanted.digest)
        if isinstance(path, Missing):
            return path
        try:
            data = read_bytes(path, wanted.limit)
        except UnreadableError as error:
            return Missing(f"its file {error}", error.missing)
        self.room -= len(data)
        return data if self.room >= 0 else Missing(_TOO_MANY)

    def size(self, digest: str) -> int | None:
        """The size of a blob's file."""
        path = self._path(digest)
        try:
            return None if isinstance(path, Missing) else os.stat(path).st_size
        except OSError:
            return None

    def open(self, digest: str) -> BinaryIO | Missing:
        """A layer's file, opened."""
        path = self._path(digest)
        if isinstance(path, Missing):
            return path
        try:
            return open(path, "rb")
        except OSError as error:
            return Missing(f"its file {failure(error)}")

    def _path(self, digest: str) -> str | Missing:
        known = registered(digest)
        if known is None:
            return Missing(_NO_DIGEST)
        algorithm, name = known
        choices = (os.path.join("blobs", algorithm, name),) if self.nested else (name, f"{name}.manifest.json")
        for choice in choices:
            path = os.path.join(self.root, choice)
            if os.path.lexists(path):
                if is_within(os.path.realpath(path), self.root) and os.path.isfile(path):
                    return path
                return Missing("its file leads out of the folder, or is no file")
        return Missing("it is not there", absent=True)


def layout_images(folder: str, name: str, reference: str = "", platform: str | None = None) -> list[Image]:
    """The images of an OCI image layout; only that of a reference, when one is given. Raises `ImageError`."""
    store = FolderStore(folder, nested=True)
    return images_in(_outermost(folder, "index.json"), store, OCI_LAYOUT, name, reference, platform)


def dir_image(folder: str, name: str, platform: str | None = None) -> Image:
    """The image in a directory that skopeo wrote. Raises `ImageError`."""
    store = FolderStore(folder, nested=False)
    return assemble(name, DIR, Root(_outermost(folder, "manifest.json")), store, (), platform)


def _outermost(folder: str, name: str) -> bytes:
    path = os.path.join(folder, name)
    if os.path.islink(path) and not is_within(os.path.realpath(path), os.path.realpath(folder)):
        raise ImageError(f"cannot be read: its {name} is a symbolic link that leads out of the folder")
    try:
        return read_bytes(path, MAX_MANIFEST)
    except UnreadableError as error:
        raise ImageError(f"cannot be read: its {name} {error}") from None


def images_in(
    index: bytes, store: Store, form: Form, name: str, reference: str = "", platform: str | None = None
) -> list[Image]:
    """The images that the `index.json` of a layout names: each of its entries is an image, or an index of one.

    `reference` is the name of one, its tag, its digest, or its number as in `@0`. Entries for several platforms that
    have no names are one image. Raises `ImageError`.
    """
    top = document(index, name, title="index")
    entries = [_Entry.of(top, number) for number in range(len(top.items("manifests")))]
    found: dict[str, _Entry] = {}
    for entry in entries:
        before = found.get(entry.digest, entry)
        found[entry.digest] = before._replace(names=tuple(dict.fromkeys((*before.names, *entry.names))))
    known = tuple(dict.fromkeys(each for entry in entries for each in entry.names))
    if reference:
        found = {entry.digest: found[entry.digest] for entry in entries if entry.answers_to(reference)}
        if not found:
            raise ImageError(f"has no image `{reference}`" + (f": there is {', '.join(known[:10])}" if known else ""))
    if not found:
        raise ImageError("holds no image: its index names none")
    if len(found) > MAX_CHILDREN:
        raise ImageError(f"holds more than {MAX_CHILDREN:,} images, the most that are judged at once")
    if len(found) > 1 and not known:
        return [assemble(name, form, Root(index), store, (), platform)]
    layout = _Layout(top, store, form, name, platform)
    if len(found) == 1:
        return [layout.image(entry) for entry in found.values()]
    return list(layout.several(list(found.values())))


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
        """Whether it is what a reference after the layout's path means."""
        if reference in (self.digest, f"@{self.number}"):
            return True
        return any(reference in (each, _tag(each)) for each in self.names)


class _Layout(NamedTuple):
    """What the images of a layout are made from."""

    top: Document
    store: Store
    form: Form
    name: str
    platform: str | None

    def several(self, entries: Sequence[_Entry]) -> list[Image]:
        """The image of each entry, or those that are there for the platform. Raises `ImageError` when none is."""
        images: list[Image] = []
        refused: ImageError | None = None
        for entry in entries:
            name = f"{self.name}:{_tag(entry.names[0]) or entry.names[0]}" if entry.names else self.name
            layout = self._replace(name=name)
            try:
                images.append(layout.image(entry))
            except NotAnImageError as error:
                refused = error
            except ImageError as error:
                if self.platform is None:
                    images.append(layout.without(entry, Missing(f"it {error}")))
                refused = error
        if not images and refused:
            raise refused
        return images

    def image(self, entry: _Entry) -> Image:
        """The image of an entry. Raises `ImageError`."""
        if registered(entry.digest) is None:
            return self.without(entry, Missing(_NO_DIGEST))
        data = self.store.fetch([Wanted(entry.digest, entry.media_type, entry.size, is_manifest=True)])[0]
        if isinstance(data, Missing):
            return self.without(entry, data)
        root = Root(data, entry.media_type, entry.digest, f"manifests[{entry.number}]")
        return assemble(self.name, self.form, root, self.store, _full(entry.names), self.platform)

    def without(self, entry: _Entry, missing: Missing) -> Image:
        """An image of which no more than the entry is there. Raises `ImageError` when it is for another platform."""
        at = At(self.top, ("manifests", entry.number))
        platform, wanted = platform_at(at / "platform"), wanted_platform(self.platform)
        if wanted and platform and not fits(platform, wanted):
            raise ImageError(f"has no image for {self.platform}: there is one for {platform}")
        kind = ABSENT_BLOB if missing.absent else UNREADABLE
        flaw = Flaw(kind, at, f"the blob cannot be read, because {missing.reason}")
        variant = Variant(platform, at, reason=missing.reason)
        digest = entry.digest if registered(entry.digest) else ""
        return Image(
            self.name, self.form, self.top, _full(entry.names), digest, variants=(variant,), flaws=(flaw,)
        )  # fmt: skip


def _tag(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[2]


def _full(names: tuple[str, ...]) -> tuple[str, ...]:
    """The names that are references; a mere tag says nothing of where the image will go."""
    return tuple(each for each in names if "/" in each or ":" in each)
