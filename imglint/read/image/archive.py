"""Archives of images: OCI layouts in a tar, and what `docker save` writes.

https://github.com/moby/docker-image-spec/blob/main/spec.md#combined-image-json--filesystem-changeset-format
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence
from functools import partial
from typing import Any, BinaryIO

from imglint.model.image.document import Document
from imglint.model.image.form import DOCKER_ARCHIVE, DOCKER_ARCHIVE_25, OCI_ARCHIVE
from imglint.model.image.image import (
    ABSENT_BLOB,
    DIGEST_MISMATCH,
    INCONSISTENT,
    UNREADABLE,
    At,
    Basis,
    Config,
    Flaw,
    Image,
    Layer,
    Variant,
)
from imglint.read.image.assemble import fits, wanted_platform
from imglint.read.image.documents import config_of, digest_of, document, history_of, platform_at, registered
from imglint.read.image.layout import images_in
from imglint.read.image.store import MAX_CHILDREN, MAX_CONFIG, MAX_MANIFEST, ImageError, Missing
from imglint.read.image.streams import GZIP, ZSTD
from imglint.read.image.tararchive import Archive, ArchiveStore
from imglint.record import NamedTuple
from imglint.syntax.reference import InvalidReferenceError, parse


def archive_images(path: str, name: str, reference: str = "", platform: str | None = None) -> list[Image]:
    """The images in an archive; only that of a reference, when one is given. Raises `ImageError`."""
    archive = Archive(path)
    listing = archive.read("manifest.json", MAX_MANIFEST)
    index = archive.read("index.json", MAX_MANIFEST)
    saved = None
    if isinstance(listing, bytes) and listing.lstrip()[:1] == b"[":
        saved = _Saved(archive, listing, index if isinstance(index, bytes) else None, name)
    if isinstance(index, bytes) and not (saved and saved.is_unpacked):
        return images_in(index, ArchiveStore(archive), OCI_ARCHIVE, name, reference, platform)
    if saved:
        return saved.images(reference, platform)
    for part in (listing, index):
        if isinstance(part, Missing) and not part.absent:
            raise ImageError(f"cannot be read, because of its index.json or manifest.json: {part.reason}")
    raise ImageError("is not an image: the archive holds neither an index.json nor a manifest.json of docker save")


class _Entry(NamedTuple):
    """One image of a `manifest.json`: its number, the members that hold its parts, and its names."""

    number: int
    config: str
    names: tuple[str, ...]
    layers: tuple[str, ...]

    def answers_to(self, reference: str) -> bool:
        """Whether it is what a reference after the archive's path means: a name, its tag, or a number (`@0`)."""
        if reference == f"@{self.number}":
            return True
        wanted = _completed(reference)
        return any(reference == _tag(each) or wanted == _completed(each) for each in self.names)


class _Saved:
    """The images that `docker save` put into an archive, as its `manifest.json` lists them.

    Docker 25 and newer add an index of an OCI layout. Where the layers are not compressed, as in a registry they would
    be, that layout is made up for the archive, and its digests are not the image's: the list is what counts then.
    """

    def __init__(self, archive: Archive, listing: bytes, index: bytes | None, name: str) -> None:
        self.archive = archive
        self.name = name
        self.top = document(listing, name, title="manifest.json", exact=False)
        self.entries = [self._entry(number) for number in range(len(self.top.value))]
        self.form = DOCKER_ARCHIVE if index is None else DOCKER_ARCHIVE_25
        self.index = index

    def _entry(self, number: int) -> _Entry:
        top = self.top
        names = tuple(each for each in top.items(number, "RepoTags") if isinstance(each, str))
        layers = tuple(str(each) for each in top.items(number, "Layers"))
        return _Entry(number, top.text(number, "Config"), names, layers)

    @property
    def is_unpacked(self) -> bool:
        """Whether some layers are not compressed; without a layer, nobody knows."""
        layers = [layer for entry in self.entries for layer in entry.layers]
        return not layers or not all(self._is_packed(layer) for layer in layers)

    def _is_packed(self, member: str) -> bool:
        return self.archive.head(member).startswith((GZIP, ZSTD))

    def images(self, reference: str, platform: str | None) -> list[Image]:
        """Each of them, or only the one of a reference. Raises `ImageError`."""
        chosen = [entry for entry in self.entries if not reference or entry.answers_to(reference)]
        if not chosen:
            known = ", ".join([name for entry in self.entries for name in entry.names][:10])
            there = f": there is {known}" if known else ""
            raise ImageError(f"has no image `{reference}`{there}" if reference else "holds no image")
        if len(chosen) > MAX_CHILDREN:
            raise ImageError(f"holds more than {MAX_CHILDREN:,} images, the most that are judged at once")
        wanted = wanted_platform(platform)
        beside = self._layout()
        images = [self._image(entry, beside, len(chosen) > 1) for entry in chosen]
        if wanted is None:
            return images
        platforms = [each.variants[0].platform for each in images]
        fitting = [each for each, own in zip(images, platforms, strict=True) if own is None or fits(own, wanted)]
        if not fitting:
            names = ", ".join(dict.fromkeys(str(own) for own in platforms[:10]))
            raise ImageError(f"has no image for {platform}: there is one for {names}")
        return fitting

    def _layout(self) -> dict[str, Document]:
        """The manifests of the layout in the same archive, by the digests of their configurations."""
        if self.index is None:
            return {}
        try:
            images = images_in(self.index, ArchiveStore(self.archive), self.form, self.name)
        except ImageError:
            return {}
        manifests = [variant.manifest for image in images for variant in image.variants if variant.manifest]
        return {each.text("config", "digest"): each for each in manifests}

    def _image(self, entry: _Entry, beside: dict[str, Document], one_of_several: bool) -> Image:
        name = f"{self.name}:{entry.names[0]}" if one_of_several and entry.names else self.name
        config, flaws = self._config(entry, name)
        diff_ids = config.document.items("rootfs", "diff_ids") if config else []
        layers = tuple(self._layers(entry, diff_ids))
        flaws += self._flaws_of_layers(entry, layers, diff_ids)
        platform = platform_at(At(config.document, ())) if config else None
        manifest = beside.get(_named_digest(entry.config))
        if manifest and not _agree(manifest, entry):
            words = "the layout in the same archive lists other layers, or in another order"
            flaws.append(Flaw(INCONSISTENT, At(self.top, (entry.number, "Layers")), words))
            manifest = None
        if manifest:
            manifest = manifest._replace(exact=False, digest="", size=None, platform=str(platform or ""))
        history = history_of(config) if config else None
        reason = "" if config else flaws[0].message
        variant = Variant(platform, None, manifest, config, layers, history, reason)
        return Image(name, self.form, self.top, entry.names, "", (), (variant,), (), (), tuple(flaws))

    def _config(self, entry: _Entry, name: str) -> tuple[Config | None, list[Flaw]]:
        """The configuration of an image, or why there is none; and what is wrong with it."""
        at = At(self.top, (entry.number, "Config"))
        data = self.archive.read(entry.config, MAX_CONFIG)
        if isinstance(data, Missing):
            kind = ABSENT_BLOB if data.absent else UNREADABLE
            return None, [Flaw(kind, at, f"the configuration cannot be read, because {data.reason}")]
        try:
            found = document(data, name, path="config", title="configuration")
            if not isinstance(found.value, dict):
                raise ImageError("is not an object")
        except ImageError as error:
            return None, [Flaw(UNREADABLE, at, f"the configuration {error}")]
        flaws = []
        stated = registered(_named_digest(entry.config))
        if stated and digest_of(data, stated[0]) != ":".join(stated):
            words = f"the configuration that this digest names has the digest {digest_of(data, stated[0])}"
            flaws.append(Flaw(DIGEST_MISMATCH, at, words))
        if self.archive.is_repeated(entry.config):
            flaws.append(Flaw(INCONSISTENT, at, "the archive holds this configuration twice, so tools disagree"))
        platform = platform_at(At(found, ()))
        return config_of(found._replace(platform=str(platform or ""))), flaws

    def _layers(self, entry: _Entry, diff_ids: Sequence[Any]) -> Iterator[Layer]:
        for number, member in enumerate(entry.layers):
            known = len(diff_ids) == len(entry.layers) and isinstance(diff_ids[number], str)
            yield Layer(
                number,
                At(self.top, (entry.number, "Layers", number)),
                diff_id=diff_ids[number] if known else "",
                size=self.archive.size(member),
                basis=Basis.COMPRESSED if self._is_packed(member) else Basis.UNCOMPRESSED,
                opened=partial(_opened, self.archive, member),
            )

    def _flaws_of_layers(self, entry: _Entry, layers: Sequence[Layer], diff_ids: Sequence[Any]) -> Iterator[Flaw]:
        if diff_ids and len(diff_ids) != len(layers):
            words = f"the archive lists {len(layers)} layers, and the configuration {len(diff_ids)}"
            yield Flaw(INCONSISTENT, At(self.top, (entry.number, "Layers")), words)
        for layer in layers:
            if layer.size is None:
                yield Flaw(ABSENT_BLOB, layer.at, "the layer cannot be read, because it is not in the archive")


def _agree(manifest: Document, entry: _Entry) -> bool:
    """Whether both views of an archive list the same layers in the same order.

    Early releases of Docker 25 wrote others: https://github.com/moby/moby/issues/47065 and 47150.
    """
    theirs = [manifest.text("layers", number, "digest") for number in range(len(manifest.items("layers")))]
    ours = [_named_digest(member) for member in entry.layers]
    return len(theirs) == len(ours) and all(own in ("", other) for own, other in zip(ours, theirs, strict=True))


def _named_digest(member: str) -> str:
    """The digest in the name of a member, when there is one: `blobs/sha256/…`, `….json`, `sha256:…`."""
    name = posixpath.basename(member).removesuffix(".json").removeprefix("sha256:")
    algorithm = posixpath.basename(posixpath.dirname(member)) if member.startswith("blobs/") else "sha256"
    return f"{algorithm}:{name}" if registered(f"{algorithm}:{name}") else ""


def _opened(archive: Archive, member: str) -> BinaryIO | str:
    found = archive.open(member)
    return found.reason if isinstance(found, Missing) else found


def _completed(name: str) -> object:
    """A name as Docker completes it; the name itself when it is no reference."""
    try:
        found = parse(name)
    except InvalidReferenceError:
        return name
    return found._replace(tag=found.tag or "latest")


def _tag(name: str) -> str:
    return name.rpartition("/")[2].partition(":")[2]
