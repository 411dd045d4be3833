"""The texts that are open in an editor, kept as it changes them."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from typing import Final
from urllib.parse import quote, unquote, urlsplit

from imglint.model.kind import Kind, kind_of
from imglint.read.file import display
from imglint.record import NamedTuple
from imglint.server.positions import Encoding, Lines, Place
from imglint.source import Source

MAX_CHARACTERS: Final = 16 << 20
"""Characters of a text that is judged; as many as bytes of a file."""

_LANGUAGES: Final = {"dockerfile": Kind.DOCKERFILE, "dockerbake": Kind.BAKE, "dockercompose": Kind.COMPOSE}
"""What editors call texts whose names do not tell what they are read as."""

_DRIVE: Final = r"/[A-Za-z]:"
_NUL_IS_IN: Final = 8_000


class Change(NamedTuple):
    """New text for what is between two positions, or, without them, for everything."""

    text: str
    start: Place | None = None
    end: Place | None = None


class Document(NamedTuple):
    """An open text. `path` is where it is on the disk, absolute, or empty when it was never saved.

    `kind` is None for a text that nothing is said about; it still stands in for its file.
    """

    uri: str
    path: str
    kind: Kind | None
    version: int | None
    source: Source

    @property
    def judged(self) -> bool:
        """Whether there is something to say about it: the command line, too, says nothing about an empty file."""
        text = self.source.text
        return self.kind is not None and 0 < len(text) <= MAX_CHARACTERS and "\0" not in text[:_NUL_IS_IN]


class Documents:
    """The open texts by the addresses that the editor gives them."""

    def __init__(self, encoding: Encoding) -> None:
        self.encoding = encoding
        self._by_uri: dict[str, Document] = {}

    def __iter__(self) -> Iterator[Document]:
        return iter(tuple(self._by_uri.values()))

    def get(self, uri: str) -> Document | None:
        """The open text at an address."""
        return self._by_uri.get(uri)

    def at(self, path: str) -> Document | None:
        """The open text of a file."""
        return next((each for each in self._by_uri.values() if each.path == path), None)

    def open(self, uri: str, language: str, version: int | None, text: str) -> Document | None:
        """Take up a text; None for one that is no file and will be none, such as a side of a comparison."""
        scheme = urlsplit(uri).scheme
        if scheme not in ("file", "untitled"):
            return None
        path = path_of(uri) if scheme == "file" else ""
        kind = kind_of(path.replace(os.sep, "/")) or _LANGUAGES.get(language.lower())
        return self.put(Document(uri, path, kind, version, Source(display(path) or uri, text)))

    def put(self, document: Document) -> Document:
        """Let a text be as it is here."""
        before = self._by_uri.get(document.uri)
        if before is not None:
            before.source.let_go()
        self._by_uri[document.uri] = document
        return document

    def change(self, uri: str, version: int | None, changes: Iterable[Change]) -> Document | None:
        """Apply the changes one after the other; None for a text that is not open."""
        document = self._by_uri.get(uri)
        if document is None:
            return None
        text = document.source.text
        for new, start, end in changes:
            text = new if start is None or end is None else Lines(text, self.encoding).replaced(start, end, new)
        return self.put(document._replace(version=version, source=Source(document.source.path, text)))

    def close(self, uri: str) -> None:
        """Let a text go."""
        document = self._by_uri.pop(uri, None)
        if document is not None:
            document.source.let_go()


def path_of(uri: str) -> str:
    """The path of a `file:` address, as the system writes it."""
    parts = urlsplit(uri)
    path = unquote(parts.path, errors="surrogateescape")
    if parts.netloc and parts.netloc != "localhost":
        path = f"//{unquote(parts.netloc)}{path}"
    elif os.sep == "\\" and re.match(_DRIVE, path):
        path = path[1:]
    return os.path.normpath(path.replace("/", os.sep))


def uri_of(path: str) -> str:
    """The `file:` address of an absolute path."""
    written = path.replace(os.sep, "/")
    prefix = "" if written.startswith("//") else "//" if written.startswith("/") else "///"
    return f"file:{prefix}{quote(written.encode('utf-8', 'surrogateescape'), safe='/:')}"
