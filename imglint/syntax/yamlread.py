"""From the events of a YAML parser to nodes.

The events are those of libyaml, PyYAML's C parser, or of PyYAML's own parser where that was built without it. Values
are never constructed: `on` stays a string, an alias stays an alias, and no text can make the reader follow more than
the file holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, cast

from imglint.source import Span
from imglint.syntax.yamlnode import (
    MAX_DEPTH,
    TOO_DEEP,
    Alias,
    Content,
    Mapping,
    Node,
    Problem,
    Scalar,
    Sequence,
    scalar,
)
from imglint.syntax.yamlplace import runs

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


MAX_NODES: Final = 250_000
"""How many nodes are read from one text."""


def read(text: str) -> tuple[Nodes, Problem | None]:
    """The nodes of a text, and why they end before it does."""
    from yaml import YAMLError
    from yaml.reader import ReaderError

    nodes = Nodes(text)
    ending = None
    try:
        ending = nodes.read(_events(_whole_escapes(text) if nodes.halves else text))
    except (ReaderError, UnicodeError):
        ending = Problem("character", Span(0, 0), "a character is not allowed in YAML")
    except YAMLError as error:
        from imglint.syntax.yamlerror import explained

        ending = explained(error, text)
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


class Nodes:
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
                    self.children.append(scalar(event.value, event.start_mark.index, event.end_mark.index))
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
        node = scalar(value, start, end, style, tag, anchor)
        if self.halves and style == '"':
            node.value = "".join(run[0] for run in runs(self.text, node))
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
                self.children.append(scalar("", end, end))
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
