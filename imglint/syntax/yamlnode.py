"""What YAML (and JSON, which is YAML) is read into: nodes that know where they are written.

The words of the format are those of https://yaml.org/spec/1.2.2/.
"""

from __future__ import annotations

from typing import Final, TypeAlias

from imglint.record import NamedTuple
from imglint.source import Span

MAX_DEPTH: Final = 200
"""How many sequences and mappings may be open inside one another."""
TOO_DEEP: Final = f"more than {MAX_DEPTH} lists and mappings are inside one another"
"""Why a text is read no further."""


class _Written:
    """What has a place: from offset `start` to offset `end` of the text."""

    __slots__ = ("end", "start")
    start: int
    end: int

    @property
    def span(self) -> Span:
        """Where it is written."""
        return Span(self.start, self.end)


class Scalar(_Written):
    """A string, number, boolean or null, as the string it is; never changed.

    Its place includes quotes or the indicator of a block scalar, but neither the tag and anchor before it nor the
    line feeds after a block scalar. `style` is what it begins with: `'`, `"`, `|`, `>`, or nothing when it is plain.
    `tag` and `anchor` are empty when there are none.
    """

    __slots__ = ("anchor", "style", "tag", "value")
    value: str
    style: str
    tag: str
    anchor: str

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"


def scalar(value: str, start: int, end: int, style: str = "", tag: str = "", anchor: str = "") -> Scalar:
    """A scalar. It has no constructor: nothing is made as often, and Python takes twice as long with one."""
    node = Scalar()
    node.value = value
    node.start = start
    node.end = end
    node.style = style
    node.tag = tag
    node.anchor = anchor
    return node


class Sequence(_Written):
    """A list, in block or flow style; never changed. It ends where its last item or its bracket ends."""

    __slots__ = ("anchor", "items", "tag")

    def __init__(self, items: tuple[Node, ...], start: int, end: int, tag: str = "", anchor: str = "") -> None:
        self.items = items
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor


class Mapping(_Written):
    """Pairs of key and value in order, duplicates included; never changed. It ends as a sequence does.

    `table` are the pairs by key, None as long as nobody has looked for those that are merged or there twice. A mapping
    where neither can be is made of its table alone.
    """

    __slots__ = ("_items", "anchor", "table", "tag")

    def __init__(
        self,
        items: tuple[tuple[Node, Node], ...] | None,
        start: int,
        end: int,
        tag: str = "",
        anchor: str = "",
        table: Table | None = None,
    ) -> None:
        self._items = items
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor
        self.table = table

    @property
    def items(self) -> tuple[tuple[Node, Node], ...]:
        """The pairs in order."""
        return tuple((self.table or {}).values()) if self._items is None else self._items


class Alias(_Written):
    """`*name`: stands for `target`, the last node before it with that anchor; None when none is there and closed."""

    __slots__ = ("name", "target")

    def __init__(self, name: str, start: int, end: int, target: Content | None) -> None:
        self.name = name
        self.start = start
        self.end = end
        self.target = target


Content: TypeAlias = Scalar | Sequence | Mapping
Node: TypeAlias = Content | Alias
Table: TypeAlias = dict[str, tuple[Scalar, Node]]
"""The pairs of a mapping by key."""


class Problem(NamedTuple):
    """Why a text is not YAML, or is not read whole.

    `code` names the kind: `syntax`, `character` (one that YAML does not allow, or bytes that are not UTF-8), `alias`
    (it names nothing, or what it stands in) or `limit`. The reason is in words for people.
    """

    code: str
    span: Span
    reason: str
