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

    def __init__(self, value: str, start: int, end: int, style: str = "", tag: str = "", anchor: str = "") -> None:
        self.value = value
        self.start = start
        self.end = end
        self.style = style
        self.tag = tag
        self.anchor = anchor

    def __repr__(self) -> str:
        return f"Scalar({self.value!r})"


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
    """Pairs of key and value in order, duplicates included; never changed. It ends as a sequence does."""

    __slots__ = ("anchor", "items", "tag")

    def __init__(
        self, items: tuple[tuple[Node, Node], ...], start: int, end: int, tag: str = "", anchor: str = ""
    ) -> None:
        self.items = items
        self.start = start
        self.end = end
        self.tag = tag
        self.anchor = anchor


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


class Problem(NamedTuple):
    """Why a text is not YAML, or is not read whole.

    `code` names the kind: `syntax`, `character` (one that YAML does not allow, or bytes that are not UTF-8), `alias`
    (it names nothing, or what it stands in) or `limit`. The reason is in words for people.
    """

    code: str
    span: Span
    reason: str
