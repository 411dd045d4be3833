"""YAML (and JSON, which is YAML) as nodes that know where they are written.

The words of the format are those of https://yaml.org/spec/1.2.2/. Nodes are made from the events of libyaml, PyYAML's
C parser, or of PyYAML's own parser where that was built without it. Values are never constructed: `on` stays a
string, an alias stays an alias, and no text can make the reader follow more than the file holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeAlias, cast

from imglint.record import NamedTuple
from imglint.source import BOM, Source, Span
from imglint.syntax.text import Piece, Text

if TYPE_CHECKING:
    from typing import Protocol

    class _Mark(Protocol):
        """A place as PyYAML has it: the offset in code points."""

        index: int

    class _Event(Protocol):
        """What an event of PyYAML may have; which of it depends on its class."""

        start_mark: _Mark
        end_mark: _Mark
        anchor: str | None
        tag: str | None
        value: str
        style: str | None


MAX_CHARACTERS: Final = 4 << 20
"""The longest text that is read."""
MAX_DEPTH: Final = 200
"""How many sequences and mappings may be open inside one another."""
_NULLS: Final = ("", "~", "null", "Null", "NULL")
TOO_DEEP: Final = f"more than {MAX_DEPTH} lists and mappings are inside one another"
"""Why a text is read no further."""
MAX_NODES: Final = 250_000
"""How many nodes are read from one text."""
MAX_TAG_DIRECTIVES: Final = 100
"""How many `%TAG` lines a text may have: libyaml compares each with all before it."""
MAX_MERGED: Final = 200_000
"""About how many pairs are taken over from other mappings (`<<`) in a whole text; what is beyond is not merged."""


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
        "_tables",
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
        self._tables: dict[Mapping, dict[str, tuple[Scalar, Node]]] = {}
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
        entry = self._table(node).get(key)
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
        start, end = scalar.start, scalar.end
        if not scalar.style and self._text[start:end] == scalar.value:
            return Text((Piece(scalar.value, self.source, Span(start, end), True),))
        runs = [run for run in _runs(self._text, scalar) if run[0] or not scalar.value]
        if not runs or "".join(run[0] for run in runs) != scalar.value:
            runs = [(scalar.value, scalar.start, scalar.end, False)]
        return Text(Piece(text, self.source, Span(start, end), exact) for text, start, end, exact in runs)

    def _table(self, node: Node | None) -> dict[str, tuple[Scalar, Node]]:
        """The effective pairs of a mapping by key; kept, since merging is counted."""
        mapping = node.target if type(node) is Alias else node
        if type(mapping) is not Mapping:
            return {}
        if (known := self._tables.get(mapping)) is not None:
            return known
        table: dict[str, tuple[Scalar, Node]] = {}
        for key, value in mapping.items:
            if type(key) is not Scalar or type(value) is Alias or key.value == "<<":
                table = self._merging(mapping)
                break
            table[key.value] = key, value
        self._tables[mapping] = table
        return table

    def _merging(self, mapping: Mapping) -> dict[str, tuple[Scalar, Node]]:
        """The same where aliases are, or keys that may merge."""
        table: dict[str, tuple[Scalar, Node]] = {}
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

    def _own(self, mapping: Mapping) -> dict[str, tuple[Scalar, Node]]:
        """The pairs of a mapping by key without those that it merges; of duplicates the last."""
        table: dict[str, tuple[Scalar, Node]] = {}
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
    text = source.text
    if text.startswith(BOM):
        text = "\n" + text[1:]  # as long, and the offsets that libyaml tells are right
    if reason := _excess(text):
        return Document(source, text, (), (Problem("limit", Span(0, 0), reason),), (), False)
    nodes, ending = _read(text)
    if ending and ending.code == "character":
        text, found = _allowed(text)
        nodes, ending = _read(text)
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


def _read(text: str) -> tuple[_Nodes, Problem | None]:
    """The nodes of a text, and why they end before it does."""
    from yaml import YAMLError
    from yaml.reader import ReaderError

    nodes = _Nodes(text)
    ending = None
    try:
        ending = nodes.read(_events(_whole_escapes(text) if nodes.halves else text))
    except (ReaderError, UnicodeError):
        ending = Problem("character", Span(0, 0), "a character is not allowed in YAML")
    except YAMLError as error:
        ending = _explained(error, text)
    except (ValueError, OverflowError):  # PyYAML's own parser at an escape beyond Unicode
        ending = Problem("syntax", Span(len(text), len(text)), "an escape stands for no character")
    nodes.close()
    return nodes, ending


def _events(text: str) -> Callable[[], _Event | None]:
    """What hands on the next event, and None at the end."""
    try:
        from yaml._yaml import CParser
    except ImportError:  # PyYAML without libyaml
        from yaml import SafeLoader

        return cast("Callable[[], _Event | None]", SafeLoader(text).get_event)
    return cast("Callable[[], _Event | None]", CParser(text).get_event)


def _whole_escapes(text: str) -> str:
    """JSON with other escapes for halves of a character, which libyaml refuses; of the same length."""
    if not text.lstrip().startswith(("{", "[")):
        return text
    return re.sub(r"(\\u)[dD]([89a-fA-F])|\\.", lambda found: found[1] + "e0" if found[1] else found[0], text)


class _Nodes:
    """Makes nodes of events; no recursion, so that depth costs nothing."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.halves = "\\ud" in text or "\\uD" in text
        self.roots: list[Node] = []
        self.problems: list[Problem] = []
        self.duplicates: list[tuple[Span, Span]] = []
        self.open: list[tuple[_Event, bool, list[Node]]] = []
        self.children = self.roots
        self.anchors: dict[str, Content | None] = {}
        """None for a node that is not closed."""

    def read(self, next_event: Callable[[], _Event | None]) -> Problem | None:
        """Take all events; the problem is the limit that stopped it."""
        from yaml.events import (
            AliasEvent,
            DocumentStartEvent,
            MappingEndEvent,
            MappingStartEvent,
            ScalarEvent,
            SequenceEndEvent,
            SequenceStartEvent,
        )

        left = MAX_NODES
        while (event := next_event()) is not None:
            kind: type[object] = type(event)
            if kind is ScalarEvent:
                if event.style or event.tag or event.anchor or not event.value:
                    self.children.append(self.scalar(event))
                else:
                    self.children.append(Scalar(event.value, event.start_mark.index, event.end_mark.index))
            elif kind is MappingStartEvent or kind is SequenceStartEvent:
                if len(self.open) == MAX_DEPTH:
                    return self.limit(event, TOO_DEEP)
                self.begin(event, kind is MappingStartEvent)
            elif kind is MappingEndEvent or kind is SequenceEndEvent:
                start, end = event.start_mark.index, event.end_mark.index
                self.end(end if end > start else None)
                continue
            elif kind is AliasEvent:
                self.children.append(self.alias(event))
            elif kind is DocumentStartEvent:
                self.anchors.clear()
                continue
            else:
                continue
            left -= 1
            if not left:
                return self.limit(event, f"there are more than {MAX_NODES} values")
        return None

    def limit(self, event: _Event, reason: str) -> Problem:
        """The problem that the text is read no further than this event."""
        start, end = event.start_mark.index, event.end_mark.index
        return Problem("limit", Span(start, end), reason)

    def scalar(self, event: _Event) -> Scalar:
        """A scalar and, if it has one, its anchor."""
        value, style, tag, anchor = event.value, event.style or "", event.tag or "", event.anchor or ""
        start, end = event.start_mark.index, event.end_mark.index
        if tag or anchor:
            start = self.after_properties(start, end)
        if style == "|" or style == ">":
            end = start + len(self.text[start:end].rstrip(" \t\r\n"))
        elif not value and not style:
            start = end = self.after_text(start)
        node = Scalar(value, start, end, style, tag, anchor)
        if self.halves and style == '"':
            node.value = "".join(run[0] for run in _runs(self.text, node))
        if anchor:
            self.anchors[anchor] = node
        return node

    def alias(self, event: _Event) -> Alias:
        """An alias with the node that it stands for."""
        name = event.anchor or ""
        node = Alias(name, event.start_mark.index, event.end_mark.index, self.anchors.get(name))
        if node.target is None:
            reason = f"`*{name}` is inside of `&{name}`" if name in self.anchors else f"there is no `&{name}` before it"
            self.problems.append(Problem("alias", node.span, reason))
        return node

    def begin(self, event: _Event, is_mapping: bool) -> None:
        """Open a sequence or mapping."""
        if event.anchor:
            self.anchors[event.anchor] = None
        self.open.append((event, is_mapping, self.children))
        self.children = []

    def end(self, end: int | None) -> None:
        """Close the innermost sequence or mapping, at its bracket or else at the end of its last child."""
        event, is_mapping, outer = self.open.pop()
        children = self.children
        start, tag, anchor = event.start_mark.index, event.tag or "", event.anchor or ""
        if tag or anchor:
            start = self.after_properties(start, children[0].start if children else event.end_mark.index)
        if end is None:
            end = children[-1].end if children else max(start, event.end_mark.index)
        node: Sequence | Mapping
        if is_mapping:
            node = Mapping(tuple(zip(children[::2], children[1::2], strict=True)), start, end, tag, anchor)
            self.compare(children[::2])
        else:
            node = Sequence(tuple(children), start, end, tag, anchor)
        if anchor and self.anchors.get(anchor) is None:
            self.anchors[anchor] = node
        outer.append(node)
        self.children = outer

    def compare(self, keys: list[Node]) -> None:
        """Look for keys that are there twice."""
        names = [key.value for key in keys if type(key) is Scalar]
        if len(set(names)) == len(names):
            return
        first: dict[str, Span] = {}
        for key in keys:
            if isinstance(key, Scalar) and first.setdefault(key.value, key.span).start != key.start:
                self.duplicates.append((key.span, first[key.value]))

    def close(self) -> None:
        """Close what is open where the text cannot be read any further; a key without a value gets an empty one."""
        while self.open:
            if self.open[-1][1] and len(self.children) % 2:
                end = self.children[-1].end
                self.children.append(Scalar("", end, end))
            self.end(None)

    def after_properties(self, start: int, end: int) -> int:
        """Where a node begins after its tag and anchor."""
        one = r"(?:[&!][^\s,\[\]{}]+|!<[^>\s]*>|!)(?:\s|#[^\n]*)*"
        match = re.compile(f"(?:{one}){{1,2}}").match(self.text, start, end)
        return match.end() if match else start

    def after_text(self, offset: int) -> int:
        """An offset or, if blanks are before it, the one where they begin: an empty value is after its indicator."""
        while offset and self.text[offset - 1] in " \t\r\n":
            offset -= 1
        return offset


_REASONS: Final = (
    ("cannot start any token", "a value cannot begin with `{character}`: put it in quotes"),
    ("could not find expected ':'", "a `:` is missing after the key"),
    ("sequence entries are not allowed", "a list item cannot begin here: check the indentation"),
    ("mapping keys are not allowed", "a key cannot stand here: check the indentation"),
    (
        "mapping values are not allowed",
        "a `:` cannot stand here: check the indentation, or put the value in quotes if the `:` belongs to it",
    ),
    ("unexpected end of stream", "the quote that begins here has no end"),
    ("unexpected document indicator", "the quote that begins here has no end"),
    ("unknown escape character", "`\\{character}` is no escape in double quotes: write `\\\\` or use single quotes"),
    ("expected hexdecimal number", "the escape needs more hexadecimal digits"),
    ("invalid Unicode character escape", "the escape stands for no character: write the character itself"),
    ("tab character", "a tab cannot indent: use spaces"),
    ("indentation indicator equal to 0", "the indentation of a block cannot be 0"),
    ("expected comment or line break", "only a comment can stand here"),
    ("expected alphabetic or numeric", "a name is missing after the `&` or `*`: put the value in quotes"),
    ("undefined tag handle", "the tag begins with a name that no `%TAG` directive defines"),
    ("incompatible YAML document", "the `%YAML` directive asks for a version other than 1"),
    ("expected <document start>", "the document ends before this: check the indentation"),
    ("expected node content", "a value is missing before this"),
    ("expected '-' indicator", "this is not in line with the list items above it: check the indentation"),
    ("expected key", "this is not in line with the keys above it: check the indentation"),
    ("expected ',' or ']'", "a `,` or the closing `]` is missing before this"),
    ("expected ',' or '}'", "a `,` or the closing `}}` is missing before this"),
)
"""What libyaml says, and what it means."""

_SAID_OF_THE_BEGINNING: Final = ("could not find expected ':'", "unexpected end of", "unexpected document indicator")
"""What libyaml notices only after the place where it is wrong."""

_SAID_OF_DEPTH: Final = "maximum nesting depth"
"""libyaml scans ahead of its events, and newer ones stop before the depth of an event can be seen."""


def _explained(error: Exception, text: str) -> Problem:
    """An error of the parser in words for people."""
    words = getattr(error, "problem", None) or "it is not YAML"
    mark = getattr(error, "problem_mark", None)
    if _SAID_OF_DEPTH in words and mark is not None:
        return Problem("limit", Span(mark.index, mark.index + 1), TOO_DEEP)
    context = getattr(error, "context_mark", None)
    if context is not None and any(each in words for each in _SAID_OF_THE_BEGINNING):
        mark = context
    start = min(mark.index, len(text)) if mark is not None else len(text)
    end = min(start + 1, len(text))
    if "unknown escape" in words:
        start -= not text.startswith("\\", start)
        end = min(start + 2, len(text))
    if words == "could not find expected ':'":
        line = re.compile("[^\r\n]*").match(text, start)
        end = max(end, line.end()) if line else end
    character = text[start:end].lstrip("\\")
    reason = next((reason for each, reason in _REASONS if each in words), words)
    if character == "\t" and "start any token" in words:
        reason = "a tab cannot indent: use spaces"
    return Problem("syntax", Span(start, end), reason.format(character=character) if reason != words else words)


_Run: TypeAlias = tuple[str, int, int, bool]
"""A part of a value: the characters, from where to where they are written, and whether they are what is there."""


def _runs(text: str, scalar: Scalar) -> Iterator[_Run]:
    """A value in parts with their places, as far as it is written by the rules; the caller compares."""
    if scalar.style == "|":
        return _literal_runs(text, scalar)
    if scalar.style == ">":
        return _folded_runs(text, scalar)
    return _flow_runs(text, scalar)


def _flow_runs(text: str, scalar: Scalar) -> Iterator[_Run]:
    """The parts of a plain or quoted scalar (sections 7.3 and 6.5): lines are joined by a blank."""
    style = scalar.style
    start, end = scalar.start + len(style), scalar.end - len(style)
    if scalar.value == text[start:end]:
        yield scalar.value, start, end, True
        return
    written, breaks, glue = start, 0, " "
    lines = list(_lines(text, start, end))
    for number, (first, last) in enumerate(lines):
        joined = False
        if number:
            first = _skip(text, first, last)
        if number < len(lines) - 1:
            joined = style == '"' and _is_escaped(text, first, last)
            last = last - 1 if joined else first + len(text[first:last].rstrip(" \t"))
        if first < last or joined or number in (0, len(lines) - 1):
            if number:
                yield "\n" * (breaks - 1) or glue, written, first, False
            yield from _line_runs(text, first, last, style)
            written, breaks, glue = last, 0, "" if joined else " "
        breaks += 1


def _line_runs(text: str, start: int, end: int, style: str) -> Iterator[_Run]:
    """The parts of one line of a plain or quoted scalar, between its escapes."""
    escape = {"'": "''", '"': _ESCAPE}.get(style)
    for match in re.compile(escape).finditer(text, start, end) if escape else ():
        yield text[start : match.start()], start, match.start(), True
        yield "'" if style == "'" else _unescaped(match[0]), *match.span(), False
        start = match.end()
    yield text[start:end], start, end, True


_ESCAPE: Final = (
    r"\\(?:u[dD][89abAB][0-9a-fA-F]{2}\\u[dD][c-fC-F][0-9a-fA-F]{2}"
    r"|x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8}|.)"
)
"""An escape in double quotes (section 5.7), or two that are one in JSON."""


def _unescaped(escape: str) -> str:
    """The character that an escape stands for; U+FFFD for half a character."""
    if len(escape) == 2:
        names = {"0": "\0", "a": "\a", "b": "\b", "t": "\t", "n": "\n", "v": "\v", "f": "\f", "r": "\r", "e": "\x1b"}
        others = {"N": "\x85", "_": "\xa0", "L": "\u2028", "P": "\u2029"}
        return names.get(escape[1]) or others.get(escape[1], escape[1])
    if len(escape) == 12:
        high, low = int(escape[2:6], 16), int(escape[8:], 16)
        return chr(0x10000 + (high - 0xD800) * 0x400 + low - 0xDC00)
    code = int(escape[2:], 16)
    return "\ufffd" if 0xD800 <= code < 0xE000 or code > 0x10FFFF else chr(code)


def _literal_runs(text: str, scalar: Scalar) -> Iterator[_Run]:
    """The lines of a literal block scalar (section 8.1.2), each with its line feed: they end as in the text."""
    *lines, rest = scalar.value.split("\n")
    position = text.find("\n", scalar.start) + 1
    for line in lines:
        feed = text.find("\n", position)
        if feed < 0:
            return
        last = feed - text.startswith("\r", feed - 1)
        first = last - len(line)
        if last == feed:
            yield text[first : feed + 1], first, feed + 1, True
        else:
            yield text[first:last], first, last, True
            yield "\n", feed, feed + 1, True
        position = feed + 1
    if rest:
        end = text.find("\n", position)
        last = len(text) if end < 0 else end - text.startswith("\r", end - 1)
        yield text[last - len(rest) : last], last - len(rest), last, True


def _folded_runs(text: str, scalar: Scalar) -> Iterator[_Run]:
    """The lines of a folded block scalar (section 8.1.3), and what stands for the line breaks between them."""
    value, length, breaks, deeper = scalar.value, 0, 0, False
    lines = _lines(text, scalar.start, scalar.end)
    _, written = next(lines)
    indent = -1
    for first, last in lines:
        start = _skip(text, first, last, " ")
        if start == last:
            breaks += 1
            continue
        if indent < 0:
            shown = value.lstrip("\n")
            indent = start - first - (len(shown) - len(shown.lstrip(" ")))
            between = "\n" * breaks
        else:
            kept = deeper or text[first + indent : first + indent + 1] in (" ", "\t")
            between = "\n" * (breaks + kept) or " "
        first += indent
        yield between, written, first, False
        yield text[first:last], first, last, True
        length += len(between) + last - first
        deeper = text[first : first + 1] in (" ", "\t")
        written, breaks = last, 0
    rest = value[length:]
    exact = text.startswith(rest, written)
    yield rest, written, min(written + len(rest), len(text)), exact


def _lines(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    """From where to where lines go, without their line breaks."""
    for match in re.compile("\r\n?|\n").finditer(text, start, end):
        yield start, match.start()
        start = match.end()
    yield start, end


def _skip(text: str, start: int, end: int, blanks: str = " \t") -> int:
    """The first offset that is no blank."""
    while start < end and text[start] in blanks:
        start += 1
    return start


def _is_escaped(text: str, start: int, end: int) -> bool:
    """Whether the line break after a line is escaped: an odd number of backslashes is before it."""
    line = text[start:end]
    return (len(line) - len(line.rstrip("\\"))) % 2 == 1
