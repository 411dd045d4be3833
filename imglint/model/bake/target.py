"""Targets of bake files, and how they are merged: https://docs.docker.com/build/bake/reference/#target."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from imglint.model.bake.definition import Block, Expression
from imglint.model.bake.scope import Scope
from imglint.model.build import Definition, Output, Pair
from imglint.model.commands import docker
from imglint.model.compose.service import Service, entry
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.hclvalue import Either, List, Map, Null, Unknown, Value, text_of
from imglint.syntax.lists import Attribute, Attributes
from imglint.syntax.text import HOLE, Place, Text, joined, literal, unknown


class Target(NamedTuple):
    """A target as it is declared or merged. None for a list that is not given, so that it replaces none.

    `place` is where its name is written, `inherits` are the targets it begins with. `attestations` are values as of
    `--attest`. `open` are the fields of `Build` that may hold more.
    """

    name: str
    place: Place
    inherits: tuple[Text, ...] = ()
    context: Text | None = None
    dockerfile: Text | None = None
    inline: Text | None = None
    target: Text | None = None
    tags: tuple[Text, ...] | None = None
    platforms: tuple[Text, ...] | None = None
    outputs: tuple[Output, ...] | None = None
    arguments: tuple[Pair, ...] = ()
    labels: tuple[Pair, ...] = ()
    annotations: tuple[Text, ...] = ()
    attestations: tuple[Text, ...] = ()
    push: bool | None = False
    load: bool | None = False
    open: frozenset[str] = frozenset()
    contexts: tuple[Pair, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Whether nothing is said of it: such a target is there for another file to fill."""
        return self == Target(self.name, self.place)

    @property
    def size(self) -> int:
        """About how much merging it costs."""
        return 1 + len(self.arguments) + len(self.labels) + len(self.annotations) + len(self.attestations)


def merge(first: Target, second: Target) -> Target:
    """Two targets, of which the second counts more: mappings are merged, annotations joined, other lists replaced."""
    replaced = {
        *(("tags",) if second.tags is not None else ()),
        *(("platforms",) if second.platforms is not None else ()),
        *(("outputs",) if second.outputs is not None else ()),
    }
    return Target(
        first.name,
        first.place,
        (*first.inherits, *second.inherits),
        second.context or first.context,
        second.dockerfile or first.dockerfile,
        second.inline or first.inline,
        second.target or first.target,
        first.tags if second.tags is None else second.tags,
        first.platforms if second.platforms is None else second.platforms,
        first.outputs if second.outputs is None else second.outputs,
        merged(first.arguments, second.arguments),
        merged(first.labels, second.labels),
        (*first.annotations, *second.annotations),
        (*first.attestations, *second.attestations),
        second.push if second.push is not False else first.push,
        second.load if second.load is not False else first.load,
        (first.open - replaced) | second.open,
        merged(first.contexts, second.contexts),
    )


def merged(first: tuple[Pair, ...], second: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """Pairs of which the last of a key counts."""
    return tuple({pair.key.key: pair for pair in (*first, *second)}.values()) if second else first


def declared(block: Block, name: str, scope: Scope, own: Mapping[str, Value]) -> Target:
    """The target of a block; `own` are the values of its matrix."""
    fields = _Fields(block.attributes, scope, own)
    contexts = fields.pairs("contexts", "contexts")
    return Target(
        name,
        block.label.place,
        fields.texts("inherits", "*") or (),
        fields.text("context"),
        fields.text("dockerfile"),
        fields.text("dockerfile-inline"),
        fields.text("target"),
        fields.choices("tags", "tags"),
        fields.texts("platforms", "platforms"),
        fields.outputs(),
        fields.pairs("args", "arguments"),
        fields.pairs("labels", "labels"),
        fields.texts("annotations", "annotations") or (),
        fields.attestations(),
        open=frozenset(fields.open),
        contexts=contexts,
    )


def of_service(service: Service) -> Target | None:
    """The target that bake makes of a service (bake/compose.go); None when it builds nothing."""
    section = service.section
    if section is None:
        return None
    image = (service.image,) if service.image and not section.tags else ()
    tags = (*section.tags, *image, *section.bake_tags)
    platforms = (*section.platforms, *section.bake_platforms)
    given = (("provenance", section.provenance), ("sbom", section.sbom))
    return Target(
        service.name.text.replace(".", "_"),
        service.place,
        context=section.context,
        dockerfile=section.dockerfile,
        inline=section.inline,
        target=section.target,
        tags=tags or None,
        platforms=platforms or None,
        outputs=tuple(map(docker.output, section.bake_outputs)) or None,
        arguments=section.arguments,
        labels=section.labels,
        attestations=tuple(canonical(kind, text) for kind, text in given if text),
        open=section.open,
    )


def of_metadata(definition: Definition, place: Place) -> Target:
    """The target that docker/metadata-action wrote; `place` is for one that wrote nothing."""
    tags = _lines(definition.tags)
    written = definition.tags or definition.labels or definition.annotations
    return Target(
        definition.name,
        written.place if written else place,
        tags=None if definition.tags is None else tags,
        labels=docker.pairs(_lines(definition.labels)),
        annotations=_lines(definition.annotations),
        open=frozenset(
            name
            for name, text in definition._asdict().items()
            if isinstance(text, Text) and any(line.text == HOLE for line in _lines(text))
        ),
    )


def _lines(text: Text | None) -> tuple[Text, ...]:
    return tuple(line.strip() for line in text.split("\n") if line.text.strip()) if text else ()


def canonical(kind: str, text: Text) -> Text:
    """What `--provenance` or `--sbom` says, as `--attest` says it."""
    word = {"true": "disabled=false", "1": "disabled=false", "false": "disabled=true", "0": "disabled=true"}
    prefix = literal(f"type={kind},", text.source, Span(text.span.start, text.span.start), exact=False)
    said = word.get(text.text)
    return joined((prefix, text if said is None else literal(said, text.source, text.span, exact=False)))


class _Fields:
    """The attributes of a block as the fields of a target; `open` collects those of `Build` that hold the unknown."""

    def __init__(self, attributes: Mapping[str, Expression], scope: Scope, own: Mapping[str, Value]) -> None:
        self._attributes = attributes
        self._scope = scope
        self._own = own
        self.open: set[str] = set()

    def _get(self, name: str) -> tuple[Value, Place] | None:
        """The value of an attribute; None for one that is missing or null."""
        expression = self._attributes.get(name)
        if expression is None:
            return None
        value = self._scope.value(expression, self._own)
        return None if isinstance(value, Null) else (value, expression.place)

    def text(self, name: str) -> Text | None:
        """A string; an empty one is as good as none."""
        found = self._get(name)
        text = _as_text(*found) if found else None
        return text if text and text.text else None

    def texts(self, name: str, field: str) -> tuple[Text, ...] | None:
        """A list of strings; empty ones are left out."""
        items = self._items(name, field)
        if items is None:
            return None
        return tuple(text for value, place in items if (text := _as_text(value, place)) and text.text)

    def choices(self, name: str, field: str) -> tuple[Text, ...] | None:
        """A list of strings in which all is that may be in it, whichever way it is chosen."""
        found = self._get(name)
        if found is None:
            return None
        value, place = found
        texts: list[Text] = []
        for each in items_of(value):
            if each is None:
                self.open.add(field)
            elif (text := _as_text(each, place)) and text.text:
                texts.append(text)
        return tuple(texts)

    def _items(self, name: str, field: str) -> list[tuple[Value, Place]] | None:
        found = self._get(name)
        if found is None:
            return None
        value, place = found
        if not isinstance(value, List):
            self.open.add(field)
            return []
        return [(item, place) for item in value.items if not isinstance(item, Null)]

    def pairs(self, name: str, field: str) -> tuple[Pair, ...]:
        """A mapping of strings; what is null is left out."""
        found = self._get(name)
        if found is None:
            return ()
        value, place = found
        if not isinstance(value, Map):
            self.open.add(field)
            return ()
        pairs = [(key, _as_text(item, place)) for key, item in value.entries]
        return tuple(entry(key, text) for key, text in pairs if text)

    def outputs(self) -> tuple[Output, ...] | None:
        """`output`, each as a string or as an object."""
        items = self._items("output", "outputs")
        if items is None:
            return None
        found: list[Output] = []
        for value, place in items:
            if isinstance(value, Map):
                found.append(_output(value, place))
            elif (text := _as_text(value, place)) and text.text:
                found.append(docker.output(text))
        return tuple(found)

    def attestations(self) -> tuple[Text, ...]:
        """`attest`, each as a string or as an object."""
        items = self._items("attest", "provenance") or ()
        if "provenance" in self.open:
            self.open.add("sbom")
        texts = [_fields_text(v, place) if isinstance(v, Map) else _as_text(v, place) for v, place in items]
        return tuple(text for text in texts if text)


def items_of(value: Value) -> Iterator[Value | None]:
    """The items that a list may have, whichever way it is chosen; None for a list of which nothing is known."""
    for chosen in value.values if isinstance(value, Either) else (value,):
        if isinstance(chosen, List):
            for item in chosen.items:
                yield from item.values if isinstance(item, Either) else (item,)
        elif not isinstance(chosen, Null):
            yield None


def _as_text(value: Value, place: Place) -> Text | None:
    """A value as a string; the unknown is one of unknown value."""
    text = text_of(value)
    if text is None and not isinstance(value, Null):
        return unknown(value.reason if isinstance(value, Unknown | Either) else "", place.source, place.span)
    return text


def _output(value: Map, place: Place) -> Output:
    pairs = [(key, _as_text(item, place)) for key, item in value.entries]
    known = [Attribute(key.text, key, text) for key, text in pairs if text]
    kind = next((attribute.value for attribute in known if attribute.name == "type"), None)
    rest = tuple(attribute for attribute in known if attribute.name != "type")
    complete = not any(HOLE in attribute.name for attribute in known)
    return Output(_fields_text(value, place), Attributes(kind, rest, complete=complete))


def _fields_text(value: Map, place: Place) -> Text:
    """An object as the comma-separated `key=value` that means the same."""
    parts: list[Text] = []
    for key, item in value.entries:
        text = _as_text(item, place)
        if text is not None:
            comma = literal("," if parts else "", key.source, Span(key.span.start, key.span.start), exact=False)
            parts += [comma, entry(key, text).entry]
    return joined(parts) if parts else literal("", place.source, place.span, exact=False)
