"""From the outermost document of an image to all others: indexes, manifests, configurations, each level in one go."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from imglint.model.image.document import Document, joined
from imglint.model.image.form import Form
from imglint.model.image.image import (
    ABSENT_BLOB,
    DIGEST_MISMATCH,
    SIZE_MISMATCH,
    UNFETCHED,
    UNREADABLE,
    Artifact,
    At,
    Attestation,
    Flaw,
    Image,
    Layer,
    Variant,
)
from imglint.model.image.platform import Platform
from imglint.read.image.beside import artifact_type, attestation, is_attestation, subject_of
from imglint.read.image.documents import (
    INDEX_TYPES,
    config_of,
    contents_of,
    digest_of,
    document,
    history_of,
    kind_of,
    layers_of,
    platform_at,
    registered,
)
from imglint.read.image.store import (
    MAX_CHILDREN,
    MAX_INDEX_DEPTH,
    ImageError,
    Missing,
    NotAnImageError,
    Store,
    Wanted,
    opened,
)
from imglint.record import NamedTuple


class Root(NamedTuple):
    """The outermost bytes of an image; media type and digest as whoever named it says, empty when nobody does.

    `verbatim`: they are a file that the user named, and its own text is shown.
    """

    data: bytes
    media_type: str = ""
    digest: str = ""
    path: str = ""
    verbatim: bool = False


class _Entry(NamedTuple):
    """An entry of an index whose manifest is to be fetched, and how its path is written."""

    at: At
    path: str
    platform: Platform | None
    is_attestation: bool
    depth: int


def assemble(
    name: str,
    form: Form,
    root: Root,
    store: Store,
    references: tuple[str, ...] = (),
    platform: str | None = None,
) -> Image:
    """The image whose outermost document is at hand; what its blobs lack or break is noted in it.

    Raises `ImageError` when the outermost document is no image, or no image for the platform is there.
    """
    top = document(root.data, name, path=root.path, media_type=root.media_type, verbatim=root.verbatim)
    kind = kind_of(top)
    title = {"index": "index", "manifest": "manifest", "config": "configuration"}.get(kind)
    if title is None:
        raise ImageError("is not an image: it is neither an index nor a manifest nor a configuration")
    top = top._replace(title=title)
    assembling = _Assembling(name, store, wanted_platform(platform))
    if root.digest and not _same(root.data, root.digest):
        assembling.mismatch(At(top, ()), root.digest, root.data)
    if kind == "index":
        assembling.index(top)
    else:
        assembling.single(top)
    image = assembling.image(form, top, references)
    if image.artifacts and not assembling.seen and not image.variants:
        raise NotAnImageError(f"is not an image, but an artifact of the type {image.artifacts[0].type[:80]}")
    if platform and not image.variants:
        raise ImageError(f"has no image for {platform}" + _there(assembling.seen))
    return image


class _Assembling:
    """The parts of one image while they are fetched."""

    def __init__(self, name: str, store: Store, wanted: Platform | None) -> None:
        self.name = name
        self.store = store
        self.wanted = wanted
        self.indexes: list[Document] = []
        self.variants: list[Variant] = []
        self.attestations: list[Attestation] = []
        self.artifacts: list[Artifact] = []
        self.flaws: list[Flaw] = []
        self.seen: list[Platform] = []
        self.visited: set[tuple[str, Platform | None]] = set()

    def image(self, form: Form, top: Document, references: tuple[str, ...]) -> Image:
        """All of it."""
        digest = "" if top.title == "configuration" else top.digest
        return Image(
            self.name, form, top, references, digest, tuple(self.indexes), tuple(self.variants),
            tuple(self.attestations), tuple(self.artifacts), tuple(self.flaws),
        )  # fmt: skip

    def single(self, top: Document) -> None:
        """A manifest or a configuration that stands alone."""
        if top.title == "configuration":
            found, platform = config_of(top), platform_at(At(top, ()))
            if platform is None or self._is_wanted(platform):
                self._add(Variant(platform, config=found, layers=contents_of(found), history=history_of(found)))
            return
        self._manifests([(top, None)])

    def index(self, top: Document) -> None:
        """An index and all that it names."""
        level = self._entries(top, 1)
        self.indexes.append(top)
        while level:
            fetched = self._fetch([(entry.at, True) for entry in level])
            below: list[_Entry] = []
            manifests: list[tuple[Document, _Entry | None]] = []
            for entry, data in zip(level, fetched, strict=True):
                found = self._read(entry, data)
                if found is None:
                    continue
                if found.title == "index":
                    self.indexes.append(found)
                    below += self._entries(found, entry.depth + 1)
                else:
                    manifests.append((found, entry))
            self._manifests(manifests)
            level = below

    def _entries(self, index: Document, depth: int) -> list[_Entry]:
        """The entries of an index that are to be fetched; each manifest once for each platform."""
        entries: list[_Entry] = []
        left_out: set[str] = set()
        for number in range(len(index.items("manifests"))):
            at = At(index, ("manifests", number))
            platform = platform_at(at / "platform")
            attests = is_attestation(at)
            digest = index.text("manifests", number, "digest")
            nested = index.text("manifests", number, "mediaType") in INDEX_TYPES
            if not attests and not nested and platform is not None and not self._is_wanted(platform):
                left_out.add(digest)
                continue
            if (digest, platform) in self.visited:
                continue
            if len(self.visited) >= MAX_CHILDREN:
                self.flaws.append(Flaw(UNREADABLE, at, f"only {MAX_CHILDREN:,} manifests are looked at, and not this"))
                break
            self.visited.add((digest, platform))
            if depth > MAX_INDEX_DEPTH:
                self.flaws.append(Flaw(UNREADABLE, at, f"more than {MAX_INDEX_DEPTH} indexes are nested here"))
                continue
            path = joined(index.path, ("manifests", number))
            entries.append(_Entry(at, path, platform, attests, depth))
        return [each for each in entries if not (each.is_attestation and subject_of(each.at) in left_out)]

    def _is_wanted(self, platform: Platform) -> bool:
        self.seen.append(platform)
        return self.wanted is None or fits(platform, self.wanted)

    def _fetch(self, wanted: Sequence[tuple[At, bool]]) -> list[bytes | Missing]:
        """The blobs that descriptors name, their digests and sizes compared."""
        requests = [
            Wanted(
                at.document.text(*at.pointer, "digest"), at.document.text(*at.pointer, "mediaType"),
                at.document.number(*at.pointer, "size"), is_manifest,
            )
            for at, is_manifest in wanted
        ]  # fmt: skip
        known = [number for number, request in enumerate(requests) if registered(request.digest)]
        fetched = dict(zip(known, self.store.fetch([requests[number] for number in known]), strict=True))
        results: list[bytes | Missing] = []
        for number, ((at, _), request) in enumerate(zip(wanted, requests, strict=True)):
            data = fetched.get(number, Missing("its digest is not one that can be checked"))
            if isinstance(data, bytes):
                if not _same(data, request.digest):
                    self.mismatch(at / "digest", request.digest, data)
                elif request.size is not None and request.size != len(data):
                    words = f"the descriptor says {request.size:,} bytes, and the blob has {len(data):,}"
                    self.flaws.append(Flaw(SIZE_MISMATCH, at / "size", words))
            else:
                kind = ABSENT_BLOB if data.absent else UNFETCHED if data.passing else UNREADABLE
                self.flaws.append(Flaw(kind, at, f"the blob cannot be read, because {data.reason}"))
            results.append(data)
        return results

    def mismatch(self, at: At, digest: str, data: bytes) -> None:
        """Note that bytes are not those that a digest names."""
        algorithm = (registered(digest) or ("sha256", ""))[0]
        words = f"the blob that this digest names has the digest {digest_of(data, algorithm)}"
        self.flaws.append(Flaw(DIGEST_MISMATCH, at, words))

    def _read(self, entry: _Entry, data: bytes | Missing) -> Document | None:
        """The document of an entry. One that is not to be had stands as a variant that says why."""
        found: Document | None = None
        if isinstance(data, bytes):
            try:
                media_type = entry.at.document.text(*entry.at.pointer, "mediaType")
                platform = str(entry.platform or "")
                found = document(
                    data, self.name, path=entry.path, title="manifest", platform=platform, media_type=media_type
                )
                kind = kind_of(found)
                if kind == "index":
                    return found._replace(title="index")
                reason = "" if kind == "manifest" else "it is no image manifest"
            except ImageError as error:
                reason = str(error)
                found = None
            if reason:
                self.flaws.append(Flaw(UNREADABLE, entry.at, f"the manifest {reason}"))
        else:
            reason = data.reason
        if reason:
            if entry.is_attestation:
                self.attestations.append(attestation(entry.at, None))
            elif not (entry.platform and entry.platform.is_unknown):
                self._add(Variant(entry.platform, entry.at, reason=reason))
            return None
        return found

    def _manifests(self, manifests: Sequence[tuple[Document, _Entry | None]]) -> None:
        """Manifests sorted into images and others, and the configurations of the images."""
        images: list[tuple[Document, _Entry | None]] = []
        for manifest, entry in manifests:
            if entry and entry.is_attestation:
                self.attestations.append(attestation(entry.at, manifest))
            elif other := artifact_type(manifest):
                self.artifacts.append(Artifact(entry.at if entry else At(manifest, ()), other))
            else:
                images.append((manifest, entry))
        fetched = self._fetch([(At(manifest, ("config",)), False) for manifest, _ in images])
        for (manifest, entry), data in zip(images, fetched, strict=True):
            self._variant(manifest, entry, data)

    def _variant(self, manifest: Document, entry: _Entry | None, data: bytes | Missing) -> None:
        config, reason = None, ""
        declared = entry.platform if entry else None
        if isinstance(data, Missing):
            reason = data.reason
        else:
            try:
                media_type = manifest.text("config", "mediaType")
                path = joined(manifest.path, ("config",))
                found = document(data, self.name, path=path, title="configuration", media_type=media_type)
                if not isinstance(found.value, dict):
                    raise ImageError("is not an object")
                config = config_of(found._replace(platform=str(declared or platform_at(At(found, ())) or "")))
            except ImageError as error:
                reason = f"the configuration {error}"
                self.flaws.append(Flaw(UNREADABLE, At(manifest, ("config",)), reason))
        platform = declared or (platform_at(At(config.document, ())) if config else None)
        if declared is None and platform is not None and not self._is_wanted(platform):
            return
        manifest = manifest._replace(platform=str(platform or ""))
        layers = tuple(
            layer._replace(opened=partial(opened, self.store, layer.digest)) for layer in layers_of(manifest, config)
        )
        self._compare_sizes(layers)
        history = history_of(config) if config else None
        self._add(Variant(platform, entry.at if entry else None, manifest, config, layers, history, reason))

    def _compare_sizes(self, layers: Sequence[Layer]) -> None:
        """Note where a layer that is at hand has another size than the manifest says."""
        for layer in layers:
            found = self.store.size(layer.digest) if layer.size is not None else None
            if found is not None and found != layer.size:
                words = f"the descriptor says {layer.size:,} bytes, and the layer has {found:,}"
                self.flaws.append(Flaw(SIZE_MISMATCH, layer.at / "size", words))

    def _add(self, variant: Variant) -> None:
        self.variants.append(variant)


def _same(data: bytes, digest: str) -> bool:
    known = registered(digest)
    return known is None or digest_of(data, known[0]) == digest


def wanted_platform(platform: str | None) -> Platform | None:
    """The platform that a user asks for; None when for all. Raises `ImageError`."""
    if not platform:
        return None
    parts = platform.strip().split("/")
    if len(parts) not in (2, 3) or not all(parts):
        raise ImageError(f"cannot be read: `{platform}` is not a platform, such as linux/arm64 or linux/arm/v7")
    return Platform(*parts)


def fits(platform: Platform, wanted: Platform) -> bool:
    """Whether a platform is the one that is asked for; without a variant, any of its variants is."""
    if not wanted.variant:
        return platform.normal[:2] == wanted.normal[:2]
    return platform.normal == wanted.normal


def _there(seen: Sequence[Platform]) -> str:
    names = list(dict.fromkeys(str(each) for each in seen))[:10]
    return f": there is one for {', '.join(names)}" if names else ""
