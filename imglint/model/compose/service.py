"""Services of one compose file as they are declared, before files are merged and `extends` is followed.

Fields: https://docs.docker.com/reference/compose-file/services/ and
https://docs.docker.com/reference/compose-file/build/
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from imglint.model.build import Pair
from imglint.model.compose.interpolate import interpolate
from imglint.record import NamedTuple
from imglint.syntax import lists, yaml, yamlnode
from imglint.syntax.text import Place, Text, joined, literal

MAX_READ: Final = 4 << 20
"""About how many characters are read from all files of a project: aliases can stand for far more than is written."""

COST_OF_VALUE: Final = 32
"""How many characters a value counts for, however short it is."""


class Section(NamedTuple):
    """`build:` of a service, with the parts of its `x-bake` that tell more about the image.

    `place` is that of the key. `directory` is what the context is relative to when that is not the project's
    directory. `open` are the fields of `Build` that may hold more.
    """

    place: Place
    directory: str | None = None
    context: Text | None = None
    dockerfile: Text | None = None
    inline: Text | None = None
    target: Text | None = None
    provenance: Text | None = None
    sbom: Text | None = None
    tags: tuple[Text, ...] = ()
    platforms: tuple[Text, ...] = ()
    arguments: tuple[Pair, ...] = ()
    labels: tuple[Pair, ...] = ()
    bake_tags: tuple[Text, ...] = ()
    bake_platforms: tuple[Text, ...] = ()
    bake_outputs: tuple[Text, ...] = ()
    open: frozenset[str] = frozenset()


class Base(NamedTuple):
    """The service that `extends` names; `file` is None when it is in the same file."""

    file: Text | None
    service: Text


class Service(NamedTuple):
    """A service. Its own `labels` are those of containers, `build_labels` those of the image; `place` is its key's.

    With `profiles` it counts only when one of them is active, or when it is named.
    """

    name: Text
    place: Place
    image: Text | None = None
    platform: Text | None = None
    labels: tuple[Pair, ...] = ()
    section: Section | None = None
    base: Base | None = None
    profiles: tuple[str, ...] = ()

    @property
    def builds(self) -> bool:
        """Whether it has `build:`."""
        return self.section is not None

    @property
    def build_labels(self) -> tuple[Pair, ...]:
        """The labels of `build:`."""
        return self.section.labels if self.section else ()


class Reader:
    """Reads services of several files; `variables` give the values of `${…}`."""

    def __init__(self, variables: Mapping[str, Text]) -> None:
        self.variables = variables
        self.left = MAX_READ

    def services(self, document: yaml.Document) -> dict[str, Service]:
        """The services of a file by name."""
        found: dict[str, Service] = {}
        for key, node in document.entries(document.get(document.root, "services")):
            if not key.value or not self.spend(len(key.value)):
                break
            found[key.value] = self._service(document, key, node)
        return found

    def spend(self, size: int) -> bool:
        """Whether so much more may still be read."""
        self.left -= size + COST_OF_VALUE
        return self.left >= 0

    def _service(self, document: yaml.Document, key: yamlnode.Scalar, node: yamlnode.Node) -> Service:
        name = document.text(key)
        fields = _Fields(self, document, node)
        extends = document.resolve(document.get(node, "extends"))
        base = None
        if isinstance(extends, yamlnode.Mapping):
            inner = _Fields(self, document, extends)
            service = inner.text("service")
            base = Base(inner.text("file"), service) if service else None
        elif service := fields.text("extends"):
            base = Base(None, service)
        return Service(
            name, name.place, fields.text("image"), fields.text("platform"), fields.pairs("labels", null=""),
            self._section(document, node), base, tuple(text.text for text in fields.texts("profiles")),
        )  # fmt: skip

    def _section(self, document: yaml.Document, service: yamlnode.Node) -> Section | None:
        key = document.key(service, "build")
        node = document.resolve(document.get(service, "build"))
        if key is None or document.is_null(node):
            return None
        place = document.text(key).place
        if not isinstance(node, yamlnode.Mapping):
            context = _Fields(self, document, service).text("build")
            return Section(place, context=context, open=frozenset() if context else frozenset(("*",)))
        fields = _Fields(self, document, node)
        bake = _Fields(self, document, document.get(node, "x-bake"))
        section = Section(
            place,
            context=fields.text("context"),
            dockerfile=fields.text("dockerfile"),
            inline=fields.text("dockerfile_inline"),
            target=fields.text("target"),
            provenance=fields.text("provenance"),
            sbom=fields.text("sbom"),
            tags=fields.texts("tags"),
            platforms=fields.texts("platforms"),
            arguments=fields.pairs("args"),
            labels=fields.pairs("labels", null=""),
            bake_tags=bake.words("tags"),
            bake_platforms=bake.words("platforms"),
            bake_outputs=bake.words("output"),
        )
        return section._replace(open=frozenset(("*",))) if self.left < 0 else section


class _Fields:
    """The fields of one mapping."""

    def __init__(self, reader: Reader, document: yaml.Document, node: yamlnode.Node | None) -> None:
        self._reader = reader
        self._document = document
        self._node = node

    def text(self, name: str) -> Text | None:
        """A string; None when it is empty, null or no string."""
        text = self._scalar(self._document.get(self._node, name))
        return text if text and text.text else None

    def texts(self, name: str) -> tuple[Text, ...]:
        """A list of strings."""
        if self._reader.left < 0:
            return ()
        items = self._document.items(self._document.get(self._node, name))
        return tuple(text for text in map(self._scalar, items) if text and text.text)

    def words(self, name: str) -> tuple[Text, ...]:
        """A list of strings, or one string of words, as `x-bake` allows both."""
        text = self.text(name)
        if text is None:
            return self.texts(name)
        blanks = "".join(sorted({character for character in text.text if character.isspace()} - {" "}))
        words = [text]
        for blank in (" ", *blanks):
            words = [part for word in words for part in word.split(blank) if part.text]
        return tuple(words)

    def pairs(self, name: str, null: str | None = None) -> tuple[Pair, ...]:
        """A list of `K=V` or a mapping; a key without a value has the value `null`."""
        node = self._document.resolve(self._document.get(self._node, name))
        if isinstance(node, yamlnode.Sequence):
            found = [self._pair(text, null) for text in self.texts(name)]
        elif self._reader.left < 0:
            return ()
        else:
            entries = self._document.entries(node)
            found = [pair for key, value in entries if (pair := self._entry(key, value, null))]
        return tuple({pair.key.key: pair for pair in found}.values())

    def _pair(self, text: Text, null: str | None) -> Pair:
        key, value = lists.pair(text)
        if value is None and null is not None:
            value = literal(null, key.source, key.span, exact=False)
        return Pair(key, value, text)

    def _entry(self, key: yamlnode.Scalar, node: yamlnode.Node, null: str | None) -> Pair | None:
        if not self._reader.spend(len(key.value)):
            return None
        name = self._document.text(key)
        value = self._scalar(node)
        if value is None:
            value = None if null is None else literal(null, name.source, node.span, exact=False)
            return Pair(name, value, name)
        return entry(name, value)

    def _scalar(self, node: yamlnode.Node | None) -> Text | None:
        content = self._document.resolve(node)
        if not isinstance(content, yamlnode.Scalar) or self._document.is_null(content):
            return None
        if not self._reader.spend(len(content.value)):
            return None
        text = interpolate(self._document.text(content), self._reader.variables)
        self._reader.left -= len(text.text)
        return text


def entry(key: Text, value: Text) -> Pair:
    """A pair of a mapping, as the `K=V` that it means."""
    sign = literal("=", key.source, key.place.span, exact=False)
    return Pair(key, value, joined((key, sign, value)))
