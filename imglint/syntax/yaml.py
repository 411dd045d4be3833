"""YAML (and JSON, which is YAML) as documents: what is written, and what it means by the rules of the format.

The words of the format are those of https://yaml.org/spec/1.2.2/.
"""

from __future__ import annotations

import re
from typing import Final

from imglint.source import BOM, Source, Span
from imglint.syntax.text import Piece, Text, literal
from imglint.syntax.yamlnode import Alias, Content, Mapping, Node, Problem, Scalar, Sequence, Table
from imglint.syntax.yamlplace import runs

MAX_CHARACTERS: Final = 4 << 20
"""The longest text that is read."""
MAX_TAG_DIRECTIVES: Final = 100
"""How many `%TAG` lines a text may have: libyaml compares each with all before it."""
MAX_MERGED: Final = 200_000
"""About how many pairs are taken over from other mappings (`<<`) in a whole text; what is beyond is not merged."""
_NULLS: Final = ("", "~", "null", "Null", "NULL")


class Document:
    """What is read of a text.

    `documents` are the roots of all documents of the text, `root` is the first, None when nothing is written in it.
    `duplicates` are the places of keys that a mapping already has, each with the place of the first. `complete` tells
    that the whole text is read; else the nodes are those before the first problem of syntax, and what was open there
    is closed.
    """

    __slots__ = (
        "_entries",
        "_items",
        "_merged",
        "_text",
        "_texts",
        "complete",
        "documents",
        "duplicates",
        "problems",
        "source",
    )

    def __init__(
        self,
        source: Source,
        text: str,
        documents: tuple[Node, ...],
        problems: tuple[Problem, ...],
        duplicates: tuple[tuple[Span, Span], ...],
        complete: bool,
    ) -> None:
        self.source = source
        self.documents = documents
        self.problems = problems
        self.duplicates = duplicates
        self.complete = complete
        self._text = text
        self._texts: dict[Scalar, Text] = {}
        self._merged = 0
        self._entries: dict[Mapping, tuple[tuple[Scalar, Node], ...]] = {}
        self._items: dict[Sequence, tuple[Node, ...]] = {}

    @property
    def root(self) -> Node | None:
        """The first document."""
        root = self.documents[0] if self.documents else None
        return None if isinstance(root, Scalar) and root.start == root.end else root

    def resolve(self, node: Node | None) -> Content | None:
        """The node itself, or what an alias stands for: None when it names nothing, or what it stands in."""
        return node.target if isinstance(node, Alias) else node

    def get(self, node: Node | None, key: str) -> Node | None:
        """The value of a key; None for a key that is not there and for a node that is no mapping.

        The last of duplicates counts, and after the keys of the mapping itself those that it merges
        (https://yaml.org/type/merge.html). An alias is followed; one that names nothing comes as it is.
        """
        entry = self._table(node).get(key)
        return entry[1] if entry else None

    def text_of(self, node: Node | None, key: str) -> Text | None:
        """The text of the scalar that `get` finds; None when it finds none, or null."""
        table = node.table if type(node) is Mapping else None
        entry = (self._table(node) if table is None else table).get(key)
        if entry is None or type(entry[1]) is not Scalar:
            return None
        scalar = entry[1]
        return None if scalar.value in _NULLS and self.is_null(scalar) else self.text(scalar)

    def key(self, node: Node | None, key: str) -> Scalar | None:
        """The key whose value `get` finds."""
        entry = self._table(node).get(key)
        return entry[0] if entry else None

    def entries(self, node: Node | None) -> tuple[tuple[Scalar, Node], ...]:
        """All keys with the values that `get` finds; keys that are no scalars are left out.

        Those of one mapping are the same tuple each time, by whatever alias it is reached: who walks the nodes can and
        should visit each mapping once, or a short text may be a long way.
        """
        mapping = self.resolve(node)
        if not isinstance(mapping, Mapping):
            return ()
        if mapping not in self._entries:
            self._entries[mapping] = tuple(self._table(mapping).values())
        return self._entries[mapping]

    def items(self, node: Node | None) -> tuple[Node, ...]:
        """The items of a sequence, aliases followed as `get` does; nothing for another node."""
        sequence = self.resolve(node)
        if not isinstance(sequence, Sequence):
            return ()
        if sequence not in self._items:
            self._items[sequence] = tuple(self.resolve(item) or item for item in sequence.items)
        return self._items[sequence]

    def is_null(self, node: Node | None) -> bool:
        """Whether a node is there and is null, as YAML's core schema has it (section 10.3.2)."""
        return _plain(self.resolve(node)) in _NULLS

    def boolean(self, node: Node | None) -> bool | None:
        """The truth value of a node that is one in YAML's core schema (section 10.3.2), else None."""
        word = _plain(self.resolve(node))
        return True if word in ("true", "True", "TRUE") else False if word in ("false", "False", "FALSE") else None

    def text(self, scalar: Scalar) -> Text:
        """The value of a scalar with the places of its characters.

        Exact is what stands in the value as it is written: a plain or quoted scalar of one line, the lines of a block
        scalar with their line feeds (the last one is outside the scalar's span). Escapes and folded line breaks have
        the place of what is written for them. Characters that YAML does not allow are U+FFFD.
        """
        text = self._texts.get(scalar)
        if text is None:
            text = self._texts[scalar] = self._text_of(scalar)
        return text

    def _text_of(self, scalar: Scalar) -> Text:
        quote = len(scalar.style)
        start, end = scalar.start + quote, scalar.end - quote
        if scalar.style not in ("|", ">") and self._text[start:end] == scalar.value:
            return literal(scalar.value, self.source, Span(start, end))
        parts = [part for part in runs(self._text, scalar) if part[0] or not scalar.value]
        if not parts or "".join(part[0] for part in parts) != scalar.value:
            parts = [(scalar.value, scalar.start, scalar.end, False)]
        new = tuple.__new__  # as in text.py
        pieces = [
            new(Piece, (text, self.source, new(Span, (start, end)), exact, "", None))
            for text, start, end, exact in parts
        ]
        return Text(pieces)

    def _table(self, node: Node | None) -> Table:
        """The effective pairs of a mapping by key; kept, since merging is counted."""
        mapping = node.target if type(node) is Alias else node
        if type(mapping) is not Mapping:
            return {}
        if mapping.table is not None:
            return mapping.table
        table: Table = {}
        for key, value in mapping.items:
            if type(key) is not Scalar or type(value) is Alias or key.value == "<<":
                table = self._merging(mapping)
                break
            table[key.value] = key, value
        mapping.table = table
        return table

    def _merging(self, mapping: Mapping) -> Table:
        """The same where aliases are, or keys that may merge."""
        table: Table = {}
        seen: set[Node] = set()
        waiting: list[Node] = [mapping]
        while waiting:
            target = self.resolve(waiting.pop())
            if target is None or isinstance(target, Scalar) or target in seen:
                continue
            seen.add(target)
            if isinstance(target, Mapping):
                for name, pair in self._own(target).items():
                    table.setdefault(name, pair)
                merged = [value for key, value in target.items if _is_merge(key)]
            else:
                merged = [*reversed(target.items)]
            if target is not mapping:
                self._merged += len(target.items) + 1
            if self._merged > MAX_MERGED:
                break
            waiting += merged
        return table

    def _own(self, mapping: Mapping) -> Table:
        """The pairs of a mapping by key without those that it merges; of duplicates the last."""
        table: Table = {}
        for key, value in mapping.items:
            name = self.resolve(key)
            if isinstance(name, Scalar) and not _is_merge(key):
                table[name.value] = (name, self.resolve(value) or value)
        return table


def _plain(node: Content | None) -> str | None:
    """The value of a plain scalar without a tag."""
    return node.value if isinstance(node, Scalar) and not node.style and not node.tag else None


def _is_merge(key: Node) -> bool:
    return isinstance(key, Scalar) and key.value == "<<" and not key.style and not key.tag


def parse(source: Source) -> Document:
    """Read a text. Never raises: why a text is not YAML is in `problems`.

    What YAML does not allow as a character is read as U+FFFD. In JSON, a text that begins with a brace or bracket,
    a character may also be escaped as JSON does it, in two halves (`\ud83d\ude00`, RFC 8259 section 7).
    """
    from imglint.syntax import yamlplain

    text = source.text
    if text.startswith(BOM):
        text = "\n" + text[1:]  # as long, and the offsets that libyaml tells are right
    if reason := _excess(text):
        return Document(source, text, (), (Problem("limit", Span(0, 0), reason),), (), False)
    if root := yamlplain.read(text):
        return Document(source, text, (root,), (), (), True)
    return _parse(source, text)


def _parse(source: Source, text: str) -> Document:
    """Read a text by all the rules of YAML."""
    from imglint.syntax.yamlread import read

    nodes, ending = read(text)
    if ending and ending.code == "character":
        text, found = _allowed(text)
        nodes, ending = read(text)
        nodes.problems[:0] = found
    if ending:
        nodes.problems.append(ending)
    return Document(source, text, tuple(nodes.roots), tuple(nodes.problems), tuple(nodes.duplicates), ending is None)


def _excess(text: str) -> str:
    """Why a text is not read at all."""
    if len(text) > MAX_CHARACTERS:
        return f"the file is longer than {MAX_CHARACTERS} characters"
    directives = text.count("%TAG") > MAX_TAG_DIRECTIVES and len(re.findall("^%TAG", text, re.MULTILINE))
    return f"there are more than {MAX_TAG_DIRECTIVES} `%TAG` directives" * (directives > MAX_TAG_DIRECTIVES)


def _allowed(text: str) -> tuple[str, list[Problem]]:
    """The text with U+FFFD for each character that YAML does not allow (section 5.1), and what it was."""
    pattern = "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
    found = re.search(pattern, text)
    if not found:
        return text, []
    if "\ud800" <= found[0] <= "\udfff":
        reason = "the file is not UTF-8"
    else:
        reason = f"the character U+{ord(found[0]):04X} is not allowed in YAML"
    return re.sub(pattern, "\ufffd", text), [Problem("character", Span(*found.span()), reason)]
