"""An image fetched: its outermost manifest by name, and everything below it by digest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import BinaryIO, Final

from imglint.model.image.form import REGISTRY
from imglint.model.image.image import Image
from imglint.read.image.assemble import Root, assemble
from imglint.read.image.documents import INDEX_TYPES, MANIFEST_TYPES, SCHEMA1_TYPES, digest_of, registered
from imglint.read.image.options import ReadOptions
from imglint.read.image.registry.cache import Cache
from imglint.read.image.registry.client import THREADS, Client
from imglint.read.image.registry.refusal import refusal
from imglint.read.image.registry.together import together
from imglint.read.image.registry.transport import Response
from imglint.read.image.store import MAX_MANIFEST, NOT_FETCHED, ImageError, Missing, Wanted
from imglint.syntax.reference import InvalidReferenceError, Reference, parse

ACCEPT: Final = ", ".join(sorted(INDEX_TYPES | MANIFEST_TYPES))
"""Every type is named always: without Docker's, old registries answer with schema 1, and without OCI's, others not."""
_DOCKER_HUB: Final = "docker.io"
_DOCKER_HUB_HOST: Final = "registry-1.docker.io"


def fetch(reference: str, options: ReadOptions) -> Image:
    """The image that a reference names, for all platforms or one. Raises `ImageError`."""
    try:
        named = parse(reference)
    except InvalidReferenceError as error:
        raise ImageError(f"is not an image: there is no such file, and as a reference {error}") from None
    host = _DOCKER_HUB_HOST if named.domain == _DOCKER_HUB else named.domain.lower()
    client = Client(host, named.path, options)
    store = RegistryStore(client, Cache.of(options.environ, options.cache))
    try:
        (root,) = together(store.root, [named], 1, client.deadline)
        if isinstance(root, BaseException):
            raise root
        if root is None:
            raise ImageError(NOT_FETCHED + "the registry takes too long to answer")
        image = assemble(reference, REGISTRY, root, store, (_full(named),), options.platform)
    finally:
        client.close()
    store.cache.trim()
    return image


def _full(named: Reference) -> str:
    tag = f":{named.tag or ('' if named.digest else 'latest')}".rstrip(":")
    return f"{named.domain}/{named.path}{tag}" + (f"@{named.digest}" if named.digest else "")


class RegistryStore:
    """The blobs of one repository, several at once, each digest once."""

    def __init__(self, client: Client, cache: Cache) -> None:
        self.client = client
        self.cache = cache

    def root(self, named: Reference) -> Root:
        """The manifest that a reference names. Raises `ImageError`."""
        name = named.digest or named.tag or "latest"
        cached = self.cache.get(named.digest, MAX_MANIFEST) if named.digest else None
        if cached is not None:
            return Root(cached, "", named.digest)
        response = self.client.get(f"manifests/{name}", ACCEPT, MAX_MANIFEST)
        if response.status != 200:
            raise ImageError(NOT_FETCHED + refusal(response, self.client.host))
        if response.headers.get("content-type", "").startswith("text/html"):
            raise ImageError(NOT_FETCHED + "what answers there is a web site, and no registry")
        if registered(named.digest) and digest_of(response.data, named.digest.partition(":")[0]) != named.digest:
            raise ImageError("cannot be judged: what the registry sends has another digest than the one asked for")
        stated = response.headers.get("docker-content-digest", "")
        if registered(stated) and digest_of(response.data, stated.partition(":")[0]) != stated:
            raise ImageError("cannot be judged: what the registry sends has another digest than the one it states")
        if named.digest:
            self.cache.put(named.digest, response.data)
        return Root(response.data, _type(response), named.digest)

    def fetch(self, wanted: Sequence[Wanted]) -> list[bytes | Missing]:
        """The bytes of each blob."""
        once = {each.digest: each for each in wanted}
        found = together(self._one, list(once.values()), THREADS, self.client.deadline)
        by_digest = dict(zip(once, found, strict=True))
        return [self._settled(by_digest[each.digest]) for each in wanted]

    @staticmethod
    def _settled(found: bytes | Missing | BaseException | None) -> bytes | Missing:
        if isinstance(found, BaseException):
            raise found
        return Missing("the registry takes too long to send it", passing=True) if found is None else found

    def _one(self, wanted: Wanted) -> bytes | Missing:
        cached = self.cache.get(wanted.digest, wanted.limit)
        if cached is not None:
            return cached
        kind, accept = ("manifests", ACCEPT) if wanted.is_manifest else ("blobs", "*/*")
        try:
            response = self.client.get(f"{kind}/{wanted.digest}", accept, wanted.limit)
        except ImageError as error:
            return Missing(str(error).removeprefix(NOT_FETCHED), passing=True)
        if response.status == 404:
            return Missing("the registry does not have it")
        if response.status != 200:
            return Missing(refusal(response, self.client.host), passing=True)
        self.cache.put(wanted.digest, response.data)
        return response.data

    def size(self, digest: str) -> int | None:
        """Not asked for: the manifest says."""
        return None

    def open(self, digest: str) -> BinaryIO | Missing:
        """A layer is not kept anywhere: it would have to be pulled."""
        return Missing("layers in a registry are not pulled; save the image first")


def _type(response: Response) -> str:
    """The type of a manifest, where the registry states one that we know."""
    stated = response.headers.get("content-type", "").partition(";")[0].strip().lower()
    return stated if stated in INDEX_TYPES | MANIFEST_TYPES | SCHEMA1_TYPES else ""
