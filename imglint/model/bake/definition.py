"""What is written in one bake file, HCL or JSON: blocks whose attributes can be evaluated.

https://docs.docker.com/build/bake/reference/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Final

from imglint.model.bake.function import Functions
from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax import hcl, hclnode, yaml, yamlnode
from imglint.syntax.hclevaluate import Lookup, evaluate
from imglint.syntax.hclvalue import Either, List, Map, Null, Scalar, Unknown, Value
from imglint.syntax.text import Piece, Place, Text

TYPES: Final = ("variable", "function", "group", "target")
"""The types of blocks. Everything else at the top of a file is an attribute."""

MAX_BLOCKS: Final = 5_000
"""How many blocks of one file are read."""


class Expression(NamedTuple):
    """The value of an attribute, where it is written and how it is evaluated."""

    place: Place
    evaluate: Callable[[Lookup], Value]


class Block(NamedTuple):
    """A block: its label and its attributes."""

    type: str
    label: Text
    attributes: Mapping[str, Expression]


class File(NamedTuple):
    """A bake file: its blocks and the attributes at its top. A part that is broken is left out."""

    blocks: tuple[Block, ...]
    attributes: Mapping[str, Expression]
    functions: Functions | None = None


def is_json(source: Source) -> bool:
    """Whether a file is JSON, by its name or else by how it begins."""
    if source.path.endswith((".json", ".hcl")):
        return source.path.endswith(".json")
    return source.text.lstrip("\ufeff \t\r\n").startswith("{")


def read(source: Source) -> File:
    """Read a file."""
    return _json(source) if is_json(source) else _hcl(source)


def _hcl(source: Source) -> File:
    body = source.read_once("hcl", hcl.parse).body
    functions = Functions(body.blocks, source)
    blocks = [
        Block(block.type, block.labels[0], _attributes(block.body, source, functions))
        for block in body.blocks
        if block.type in TYPES and len(block.labels) == 1
    ]
    return File(tuple(blocks[:MAX_BLOCKS]), _attributes(body, source, functions), functions)


def _attributes(body: hclnode.Body, source: Source, functions: Functions) -> dict[str, Expression]:
    return {
        attribute.name: Expression(
            Place(source, attribute.value.span), _of_node(functions.replaced(attribute.value), source)
        )
        for attribute in body.attributes
    }


def _of_node(node: hclnode.Node, source: Source) -> Callable[[Lookup], Value]:
    return lambda lookup: evaluate(node, source, lookup)


def _json(source: Source) -> File:
    """JSON by https://github.com/hashicorp/hcl/blob/main/json/spec.md: a list of blocks stands for each of them."""
    document = source.read_once("yaml", yaml.parse)
    blocks: list[Block] = []
    attributes: dict[str, Expression] = {}
    for key, node in document.entries(document.root):
        if key.value not in TYPES:
            attributes[key.value] = _expression(document, node)
            continue
        for group in _each(document, node):
            for label, body in document.entries(group):
                for part in _each(document, body):
                    if len(blocks) < MAX_BLOCKS:
                        inner = {name.value: _expression(document, value) for name, value in document.entries(part)}
                        blocks.append(Block(key.value, document.text(label), inner))
    return File(tuple(blocks), attributes)


def _each(document: yaml.Document, node: yamlnode.Node) -> Iterator[yamlnode.Node]:
    content = document.resolve(node)
    if isinstance(content, yamlnode.Sequence):
        yield from document.items(content)
    elif content:
        yield content


def _expression(document: yaml.Document, node: yamlnode.Node) -> Expression:
    return Expression(Place(document.source, node.span), lambda lookup: _json_value(document, node, lookup))


def _json_value(document: yaml.Document, node: yamlnode.Node, lookup: Lookup) -> Value:
    """The value of JSON; as deep as the reader lets lists and mappings be."""
    content = document.resolve(node)
    if isinstance(content, yamlnode.Sequence):
        return List(tuple([_json_value(document, item, lookup) for item in document.items(content)]))
    if isinstance(content, yamlnode.Mapping):
        entries = document.entries(content)
        return Map(tuple([(document.text(key), _json_value(document, value, lookup)) for key, value in entries]))
    if content is None:
        return Unknown("")
    text = document.text(content)
    if content.style:
        return _template(document.source, content, lookup) if _is_template(content.value) else text
    if document.is_null(content):
        return Null()
    return Scalar("number" if document.boolean(content) is None else "bool", text)


def _is_template(text: str) -> bool:
    return "${" in text or "%{" in text


def _template(source: Source, scalar: yamlnode.Scalar, lookup: Lookup) -> Value:
    """A JSON string with variables: read as the HCL string that is written in the same way."""
    written = source.slice(scalar.span)
    prefix = "_="
    aside = Source(source.path, prefix + written)
    file = hcl.parse(aside)
    attribute = file.body.get("_")
    if attribute is None or file.problems:
        return Unknown(written)
    return _moved_back(evaluate(attribute.value, aside, lookup), aside, source, scalar.start - len(prefix))


def _moved_back(value: Value, aside: Source, source: Source, offset: int) -> Value:
    """The value with its texts where they are in the file."""

    def back(place: Place) -> Place:
        if place.source is not aside:
            return place
        return Place(source, Span(place.span.start + offset, place.span.end + offset))

    def text(old: Text) -> Text:
        pieces: list[Piece] = []
        for piece in old.pieces:
            place = back(Place(piece.source, piece.span))
            origin = back(piece.origin) if piece.origin else None
            pieces.append(piece._replace(source=place.source, span=place.span, origin=origin))
        return Text(pieces)

    if isinstance(value, Text):
        return text(value)
    if isinstance(value, Scalar):
        return Scalar(value.kind, text(value.text))
    if isinstance(value, List):
        return List(tuple([_moved_back(item, aside, source, offset) for item in value.items]))
    if isinstance(value, Either):
        return value._replace(values=tuple([_moved_back(each, aside, source, offset) for each in value.values]))
    if isinstance(value, Map):
        return Map(tuple([(text(key), _moved_back(item, aside, source, offset)) for key, item in value.entries]))
    return value
