"""What HCL 2 is read into: expressions, and the bodies of files and blocks, each with its place."""

from __future__ import annotations

from typing import Any, TypeAlias

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.text import Text


class Constant(NamedTuple):
    """`true`, `false`, `null` or a number; `kind` is `bool`, `null` or `number`, `text` what is written."""

    kind: str
    text: str
    span: Span


class Interpolation(NamedTuple):
    """`${value}` in a string; the span includes the braces."""

    value: Node
    span: Span


class String(NamedTuple):
    """A quoted string or a heredoc: literal parts with their escapes replaced, and interpolations."""

    parts: tuple[Text | Interpolation, ...]
    span: Span


class Tuple(NamedTuple):
    """`[item, …]`."""

    items: tuple[Node, ...]
    span: Span


class Object(NamedTuple):
    """`{ key = value, … }`. A bare key is a `String`."""

    items: tuple[tuple[Node, Node], ...]
    span: Span


class Reference(NamedTuple):
    """A variable, and the attributes and indices after it: `root.path[path]`. A name in the path is a `String`."""

    root: str
    path: tuple[Node, ...]
    span: Span


class Access(NamedTuple):
    """Attributes and indices after any other expression: `split("-", X)[0]`."""

    value: Node
    path: tuple[Node, ...]
    span: Span


class Call(NamedTuple):
    """`name(arguments…)`; with `spread` the last argument is a list of arguments (`...`)."""

    name: str
    arguments: tuple[Node, ...]
    spread: bool
    span: Span


class Conditional(NamedTuple):
    """`condition ? yes : no`."""

    condition: Node
    yes: Node
    no: Node
    span: Span


class Binary(NamedTuple):
    """`left operator right`."""

    operator: str
    left: Node
    right: Node
    span: Span


class Unary(NamedTuple):
    """`-value` or `!value`."""

    operator: str
    value: Node
    span: Span


class Opaque(NamedTuple):
    """An expression whose value is not looked for."""

    span: Span


# One of Constant, String, Tuple, Object, Reference, Access, Call, Conditional, Binary, Unary and Opaque. A union of
# tuples that hold one another takes type checkers minutes to narrow.
Node: TypeAlias = Any


class Attribute(NamedTuple):
    """`name = value` in a body."""

    name: str
    name_span: Span
    value: Node
    span: Span


class Body(NamedTuple):
    """What is in a file or in a block, in order. Of two attributes of one name the first counts."""

    attributes: tuple[Attribute, ...]
    blocks: tuple[Block, ...]

    def get(self, name: str) -> Attribute | None:
        """The attribute of a name."""
        return next((attribute for attribute in self.attributes if attribute.name == name), None)


class Block(NamedTuple):
    """`type label "label" { body }`. When the block is broken, the body is what comes before that place."""

    type: str
    type_span: Span
    labels: tuple[Text, ...]
    body: Body
    span: Span


class Problem(NamedTuple):
    """Why HCL refuses the file: `code` names the kind, `reason` tells it in words."""

    code: str
    span: Span
    reason: str
