"""What is in the layers: every one is read once, forwards, and nothing is written anywhere.

Whiteouts: https://github.com/opencontainers/image-spec/blob/main/layer.md#whiteouts
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.model.image.contents import Account, Contents, Member
from imglint.model.image.image import DIGEST_MISMATCH, UNVERIFIED, Flaw, Image, Layer, Variant
from imglint.read.file import failure
from imglint.read.image.options import Progress, ReadOptions
from imglint.read.image.store import ImageError
from imglint.read.image.streams import Readable, unpacked, watched
from imglint.read.image.tarindex import Member as Entry
from imglint.read.image.tarindex import Read, members
from imglint.read.image.verify import verified
from imglint.record import NamedTuple
from imglint.syntax.suspects import holds_credentials, unneeded_part

MAX_PATHS: Final = 2_000_000
"""Files of one image that are followed."""
MAX_FOUND: Final = 10_000
"""Files that are remembered by name."""
MAX_ACCOUNTS: Final = 1 << 20
"""Bytes of a file of accounts that are read."""

NOBODY: Final = "this form of the image does not hold it"
_ACCOUNTS: Final = ("/etc/passwd", "/etc/group", "/etc/shadow", "/etc/master.passwd")
_WHITEOUT: Final = ".wh."
_OPAQUE: Final = ".wh..wh..opq"


def with_contents(image: Image, options: ReadOptions) -> Image:
    """The image with what its layers hold, and with the flaws of layers that are not what their digests say."""
    flaws = list(image.flaws)
    if options.verify_layers:
        for layer in _distinct(image):
            missing = _missing(layer)
            problem = "" if missing else verified(layer, options.progress)
            if missing or problem:
                flaws.append(Flaw(UNVERIFIED if missing else DIGEST_MISMATCH, layer.at, missing or problem))
    variants = image.variants
    if options.layers:
        variants = tuple(variant._replace(contents=_contents(variant, options.progress)) for variant in variants)
    return image._replace(variants=variants, flaws=tuple(flaws))


def _missing(layer: Layer) -> str:
    """Why a layer is not at hand; empty when it is."""
    source = layer.opened() if layer.opened else NOBODY
    if isinstance(source, str):
        return _not_at_hand(layer, source)
    source.close()
    return ""


def _not_at_hand(layer: Layer, reason: str) -> str:
    return f"layer {layer.number + 1} is not at hand, because {reason}"


def _distinct(image: Image) -> Iterator[Layer]:
    seen: set[str] = set()
    for variant in image.variants:
        for layer in variant.layers or ():
            key = layer.digest or layer.diff_id or f"{id(variant)}:{layer.number}"
            if key not in seen:
                seen.add(key)
                yield layer


def _contents(variant: Variant, progress: Progress | None) -> Contents | None:
    """What the layers of a variant hold; as far as they can be read."""
    if variant.layers is None:
        return None
    tree = _Tree(len(variant.layers))
    for layer in variant.layers:
        source = layer.opened() if layer.opened else NOBODY
        if isinstance(source, str):
            tree.limited = _not_at_hand(layer, source)
            break
        with source:
            try:
                _read(watched(source, layer, progress), layer, tree)
            except (ImageError, OSError) as error:
                reason = str(error) if isinstance(error, ImageError) else failure(error)
                tree.limited = f"layer {layer.number + 1} {reason}"
                break
    return tree.contents()


def _read(source: Readable, layer: Layer, tree: _Tree) -> None:
    stream, _ = unpacked(source)
    for name, entry, read in members(stream):
        tree.add(layer.number, name, entry, read)


class _File(NamedTuple):
    layer: int
    size: int
    mode: int


class _Tree:
    """The files of an image while its layers are laid over one another.

    A folder is a dict of its entries. What is hidden by whiteouts is taken out with all that is below, so every file
    is added once and removed once.
    """

    def __init__(self, layers: int) -> None:
        self.root: dict[str, object] = {}
        self.sizes = [0] * layers
        self.wasted = [0] * layers
        self.least = self.all = 0
        self.smallest: dict[str, int] = {}
        self.suspects: list[Member] = []
        self.accounts: dict[str, bytes] = {}
        self.paths = 0
        self.limited = ""

    def add(self, layer: int, name: str, entry: Entry, read: Read) -> None:
        """Lay a member over what is there."""
        parts = [part for part in name.split("/") if part not in ("", ".")]
        if not parts or ".." in parts:
            return
        path = "/" + "/".join(parts)
        if parts[-1] == _OPAQUE:
            self._hide_below(layer, parts[:-1])
            return
        if parts[-1].startswith(_WHITEOUT):
            target = [*parts[:-1], parts[-1].removeprefix(_WHITEOUT)]
            self._count("/" + "/".join(target), self._remove(target))
            return
        self.paths += 1
        if self.paths > MAX_PATHS:
            raise ImageError(f"has more than {MAX_PATHS:,} files with those below it")
        size = entry.size
        self.sizes[layer] += size
        self._count(path, size)
        self._remove(parts)
        folder = self.root
        for part in parts[:-1]:
            below = folder.get(part)
            if not isinstance(below, dict):
                below = folder[part] = {}
            folder = below
        folder[parts[-1]] = _File(layer, size, entry.mode)
        self._look(layer, path, entry, read)

    def _look(self, layer: int, path: str, entry: Entry, read: Read) -> None:
        if entry.link:
            return
        if path in _ACCOUNTS and entry.size <= MAX_ACCOUNTS:
            self.accounts[path] = read(entry.size)
        if len(self.suspects) < MAX_FOUND and entry.size and (holds_credentials(path) or unneeded_part(path)):
            self.suspects.append(Member(layer, path, entry.size, entry.mode))

    def _count(self, path: str, size: int) -> None:
        """Dive's measure: of all sizes that a path has in the layers, the smallest would have been enough."""
        self.all += size
        before = self.smallest.get(path)
        if before is None:
            self.smallest[path] = size
            self.least += size
        elif size < before:
            self.smallest[path] = size
            self.least -= before - size

    def _remove(self, parts: list[str]) -> int:
        """Take out what is at a path, and all below; its bytes were for nothing. Gives their number."""
        folder: object = self.root
        for part in parts[:-1]:
            folder = folder.get(part) if isinstance(folder, dict) else None
            if folder is None:
                return 0
        gone = folder.pop(parts[-1], None) if isinstance(folder, dict) else None
        return self._waste(gone)

    def _hide_below(self, layer: int, parts: list[str]) -> None:
        """Take out what lower layers have in a folder, and leave what this layer has put there."""
        folder: object = self.root
        for part in parts:
            folder = folder.get(part) if isinstance(folder, dict) else None
        if isinstance(folder, dict):
            self._keep(folder, layer)

    def _keep(self, folder: dict[str, object], layer: int) -> None:
        waiting = [folder]
        while waiting:
            here = waiting.pop()
            for name in list(here):
                found = here[name]
                if isinstance(found, dict):
                    waiting.append(found)
                elif isinstance(found, _File) and found.layer != layer:
                    del here[name]
                    self.wasted[found.layer] += found.size

    def _waste(self, gone: object) -> int:
        total = 0
        waiting = [gone]
        while waiting:
            found = waiting.pop()
            if isinstance(found, dict):
                waiting.extend(found.values())
            elif isinstance(found, _File):
                self.wasted[found.layer] += found.size
                total += found.size
        return total

    def _at(self, path: str) -> object:
        here: object = self.root
        for part in path.strip("/").split("/"):
            here = here.get(part) if isinstance(here, dict) else None
        return here

    def contents(self) -> Contents:
        """What was found."""
        suspects = tuple(each._replace(hidden=not self._is_there(each)) for each in self.suspects)
        accounts = [
            account for path, data in self.accounts.items() if isinstance(self._at(path), _File)
            for account in _accounts(path, data)
        ]  # fmt: skip
        efficiency = self.least / self.all if self.all else 1.0
        return Contents(
            tuple(self._special()), suspects, tuple(accounts), tuple(self.wasted), tuple(self.sizes), efficiency,
            self.limited,
        )  # fmt: skip

    def _is_there(self, member: Member) -> bool:
        found = self._at(member.path)
        return isinstance(found, _File) and found.layer == member.layer

    def _special(self) -> Iterator[Member]:
        waiting: list[tuple[str, dict[str, object]]] = [("", self.root)]
        while waiting:
            path, folder = waiting.pop()
            for name, found in folder.items():
                if isinstance(found, dict):
                    waiting.append((f"{path}/{name}", found))
                elif isinstance(found, _File) and found.mode & 0o6000:
                    yield Member(found.layer, f"{path}/{name}", found.size, found.mode)


def _accounts(path: str, data: bytes) -> Iterator[Account]:
    """The lines of a file of accounts: passwd(5), group(5), shadow(5)."""
    column = 1 if path.endswith(("shadow", "master.passwd")) else 2
    for number, line in enumerate(data.decode("utf-8", "replace").splitlines(), 1):
        fields = line.split(":")
        if len(fields) > column and fields[0] and not line.startswith("#"):
            yield Account(path, number, fields[0], fields[column])
