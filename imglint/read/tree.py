"""Finding what says something about images in a tree of files, and reading them as text."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable, Iterator

from imglint.model.kind import Kind, kind_of
from imglint.read import ignore
from imglint.read.file import MEBIBYTE, UnreadableError, display, failure, is_within, read_bytes, status, too_large
from imglint.read.git import worktree_root
from imglint.record import NamedTuple
from imglint.source import BOM, Source, decode

MAX_BYTES = 16 * MEBIBYTE
"""Bytes of a Dockerfile that are read."""

MAX_TEXT_BYTES = MEBIBYTE
"""Bytes of a text that nobody named and that is only searched for tokens; a larger one is left out."""

EMPTY = "is empty"
"""The reason given for a file without any text."""

NEVER_ENTERED = frozenset({".git", "node_modules", ".venv"})
"""Directories that hold other people's files."""

_BINARY_HEAD = 8_000  # the bytes in which git, too, looks for a NUL
_BYTE_ORDER_MARKS = (
    (b"\xff\xfe\x00\x00", "UTF-32"),  # before UTF-16, whose mark is its beginning
    (b"\x00\x00\xfe\xff", "UTF-32"),
    (b"\xff\xfe", "UTF-16"),
    (b"\xfe\xff", "UTF-16"),
)

_LEADS_OUT = "is a symbolic link that leads out of the searched tree: name the file itself to have it judged"


class Found(NamedTuple):
    """A file to judge, and what it is read as. `path` opens it; `named` tells that the user named it."""

    path: str
    named: bool
    kind: Kind = Kind.DOCKERFILE


class InputError(NamedTuple):
    """Something that could not be searched or read. `path` is printable, `reason` is worded to follow it."""

    path: str
    reason: str


class _Place(NamedTuple):
    """A file or directory on the way: the path that opens it, the real path and what is left out below it.

    `layers` is `None` for a file, `kind` what that is read as.
    """

    path: str
    real: str
    layers: tuple[ignore.Layer, ...] | None
    kind: Kind = Kind.DOCKERFILE


def discover(
    paths: Iterable[str],
    exclude: Iterable[str] = (),
    exclude_root: str | None = None,
    kinds: frozenset[Kind] = frozenset((Kind.DOCKERFILE,)),
) -> Iterator[Found | InputError]:
    """The files to judge among what the user named: files as they are, directories searched for those `kinds`.

    A named file that is of none of the kinds is taken for a Dockerfile.

    A search leaves out what `.gitignore` files, `.git/info/exclude` and `exclude` say. `exclude` has the last
    word; its patterns are relative to `exclude_root`, or, where that is not given or does not contain the
    searched directory, to the latter. Files come in the order of `paths` and sorted within each; one reached
    twice comes once. Symbolic links are followed to files within the worktree (outside one: within the searched
    directory), never to directories.
    """
    exclude = tuple(exclude)
    seen: set[str] = set()
    for path in paths:
        try:
            is_directory = stat.S_ISDIR(status(path).st_mode)
        except UnreadableError as error:
            yield InputError(display(path), error.reason)
            continue
        real = os.path.realpath(path)
        if not is_directory:
            if real not in seen:
                seen.add(real)
                kind = kind_of(os.path.abspath(path).replace(os.sep, "/"))
                yield Found(path, True, kind if kind in kinds else Kind.DOCKERFILE)
            continue
        root = worktree_root(real) or real
        base = os.path.realpath(exclude_root) if exclude_root is not None else real
        excluded = ignore.from_patterns(base if is_within(real, base) else real, exclude)
        start = _Place("" if path == os.curdir else path, real, ignore.above(real, root))
        yield from _search(start, excluded, root, seen, kinds)


def _search(
    start: _Place,
    excluded: tuple[ignore.Layer, ...],
    root: str,
    seen: set[str],
    kinds: frozenset[Kind],
) -> Iterator[Found | InputError]:
    """The files below a directory, depth first, sorted by name; adds their real paths to `seen`."""
    todo: list[_Place | InputError] = [start]
    while todo:
        place = todo.pop()
        if isinstance(place, InputError):
            yield place
        elif place.layers is not None:
            todo.extend(reversed(list(_children(place, place.layers, excluded, root, kinds))))
        elif place.real not in seen:
            seen.add(place.real)
            yield Found(place.path, False, place.kind)


def _children(
    directory: _Place,
    layers: tuple[ignore.Layer, ...],
    excluded: tuple[ignore.Layer, ...],
    root: str,
    kinds: frozenset[Kind],
) -> Iterator[_Place | InputError]:
    """What one directory adds to the search, sorted by name."""
    try:
        with os.scandir(directory.path or os.curdir) as listing:
            entries = sorted(listing, key=lambda entry: entry.name)
    except OSError as error:
        yield InputError(display(directory.path or os.curdir), failure(error))
        return
    if any(entry.name == ignore.GITIGNORE for entry in entries):
        layers += ignore.from_file(directory.real, os.path.join(directory.real, ignore.GITIGNORE))
    for entry in entries:
        path, real = os.path.join(directory.path, entry.name), os.path.join(directory.real, entry.name)
        if _is_directory(entry):
            if entry.name not in NEVER_ENTERED and not ignore.ignored(layers + excluded, real, True):
                yield _Place(path, real, layers)
            continue
        kind = kind_of(f"{directory.real}/{entry.name}".replace(os.sep, "/"))
        if kind in kinds and not ignore.ignored(layers + excluded, real, False):
            if entry.is_symlink():
                if os.path.isdir(path):
                    continue
                real = os.path.realpath(path)
            if is_within(real, root):
                yield _Place(path, real, None, kind)
            elif kind is Kind.DOCKERFILE:
                yield InputError(display(path), _LEADS_OUT)


def _is_directory(entry: os.DirEntry[str]) -> bool:
    """Whether an entry is itself a directory; what cannot be told is tried as a file, and said of that."""
    try:
        return entry.is_dir(follow_symlinks=False)
    except OSError:
        return False


def read_source(path: str, limit: int = MAX_BYTES) -> Source | InputError:
    """The text of a file of at most `limit` bytes, or the one reason why there is none."""
    shown = display(path)
    try:
        data = read_bytes(path, limit)
    except UnreadableError as error:
        return InputError(shown, error.reason)
    return _source(shown, data)


def read_stdin(display_path: str) -> Source | InputError:
    """The text of standard input under the path that messages shall name it by."""
    import sys

    shown = display(display_path)
    if sys.stdin is None:
        return InputError(shown, "cannot be read: standard input is closed")
    try:
        data = sys.stdin.buffer.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = failure(error) if isinstance(error, OSError) else "cannot be read: standard input is closed"
        return InputError(shown, reason)
    if len(data) > MAX_BYTES:
        return InputError(shown, too_large(MAX_BYTES))
    return _source(shown, data)


def _source(path: str, data: bytes) -> Source | InputError:
    reason = _not_text(data)
    return InputError(path, reason) if reason else Source(path, decode(data))


def _not_text(data: bytes) -> str:
    """Why bytes cannot be judged as a Dockerfile; empty when they can."""
    if not data or data == BOM.encode():
        return EMPTY
    head = data[:_BINARY_HEAD]
    marked = next((name for mark, name in _BYTE_ORDER_MARKS if data.startswith(mark)), "")
    encoding = marked or (_wide_encoding(head) if b"\0" in head else "")
    if encoding:
        return f"is {encoding} text, which Docker cannot read: save it as UTF-8"
    return "is a binary file, not text" if b"\0" in head else ""


def _wide_encoding(head: bytes) -> str:
    """The encoding of unmarked text whose characters, mostly Latin, take two or four bytes; empty for none."""
    for name, width in (("UTF-32", 4), ("UTF-16", 2)):
        lanes = [head[start::width] for start in range(width)]
        empty = [lane.count(0) >= 0.9 * len(lane) for lane in lanes if lane]
        full = [b"\0" not in lane for lane in lanes if lane]
        if sum(empty) == width - 1 and (full[0] or full[-1]):
            return name
    return ""
