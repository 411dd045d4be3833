"""A JSON document of an image, and the places in it that findings point at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.strictjson import Key, Located, locate, members

Pointer = tuple[Key, ...]
"""The way to a value in a document: `("layers", 3, "size")`."""


class Document(NamedTuple):
    """An index, a manifest, a configuration, or what a tool prints of them.

    `source` holds the text that findings show: the very text of a file that the user named, else the document laid
    out for people. `path` is where the document hangs below what was named, empty for itself: `manifests[0].config`.
    `title` says in words what it is: `configuration`, `index`; `platform` which one it is for, empty for all.
    `exact` tells that these are the bytes that a registry stores, and not what a tool made of them; `digest` (empty
    when unknown) and `size` (bytes, None when unknown) are theirs. `media_type` is what the descriptor that named it,
    or else the document, declares. `repeated` are names that an object of it holds twice.
    """

    source: Source
    value: Any
    path: str = ""
    title: str = "document"
    platform: str = ""
    exact: bool = False
    digest: str = ""
    size: int | None = None
    media_type: str = ""
    repeated: tuple[str, ...] = ()

    def get(self, *pointer: Key) -> Any:
        """The value there; None when the way is cut off, or null stands there, which means the same in these."""
        here = self.value
        for step in pointer:
            if isinstance(step, str):
                here = here.get(step) if isinstance(here, dict) else None
            else:
                here = here[step] if isinstance(here, list) and 0 <= step < len(here) else None
            if here is None:
                return None
        return here

    def text(self, *pointer: Key) -> str:
        """The string there; empty when there is none, or something else."""
        found = self.get(*pointer)
        return found if isinstance(found, str) else ""

    def number(self, *pointer: Key) -> int | None:
        """The whole number there; None when there is none, or something else (true and false are no numbers)."""
        found = self.get(*pointer)
        return found if isinstance(found, int) and not isinstance(found, bool) else None

    def items(self, *pointer: Key) -> list[Any]:
        """The items of the array there; none when there is no array."""
        found = self.get(*pointer)
        return found if isinstance(found, list) else []

    def members(self, *pointer: Key) -> Mapping[str, Any]:
        """The members of the object there; none when there is no object."""
        found = self.get(*pointer)
        return found if isinstance(found, dict) else {}

    def strings(self, *pointer: Key) -> Iterator[tuple[str, str]]:
        """The members of the object there whose values are strings: labels, annotations."""
        return ((key, value) for key, value in self.members(*pointer).items() if isinstance(value, str))

    def locate(self, *pointer: Key) -> Located:
        """Where the value there and its name stand in the source; the nearest that is there."""
        return locate(self.source.text, pointer)

    def members_located(self, *pointer: Key) -> Mapping[str, Located]:
        """Where the members of the object there stand, all in one reading; none when there is no object."""
        return members(self.source.text, self.span(*pointer).start) if self.members(*pointer) else {}

    def span(self, *pointer: Key) -> Span:
        """Where the value stands; the nearest above it when it is not there."""
        return self.locate(*pointer).value

    def pointed(self, *pointer: Key) -> str:
        """The whole way to a value from what the user named: `manifests[0].config.config.User`."""
        return joined(self.path, pointer)


def joined(path: str, pointer: Pointer) -> str:
    """A path in words, with the steps of a pointer behind it."""
    for step in pointer:
        if isinstance(step, int):
            path += f"[{step}]"
        elif step.replace("_", "").replace("-", "").isalnum():
            path += f".{step}" if path else step
        else:
            path += f'["{step}"]'
    return path
