"""Files of HCL 2, in which `docker buildx bake` is told what to build: text to a tree.

By the HCL native syntax specification (hashicorp/hcl, hclsyntax/spec.md), and by its scanner and parser where the
specification is silent.
"""

from __future__ import annotations

import re
from typing import Final

from imglint.record import NamedTuple
from imglint.source import BOM, Source, Span
from imglint.syntax.hclexpression import Expressions
from imglint.syntax.hclnode import Attribute, Block, Body, Problem, String
from imglint.syntax.hclreader import IDENTIFIER, LINE_END, BrokenError
from imglint.syntax.text import Text, literal

MAX_CHARACTERS: Final = 4 * 1024 * 1024
"""A longer file is not read."""

_ITEM: Final = r"^[^\W\d][\w-]*[ \t]*(?:[\"{=]|[^\W\d])"


class File(NamedTuple):
    """A file as far as it can be read; `complete` is false when a part was passed over."""

    source: Source
    body: Body
    problems: tuple[Problem, ...]
    complete: bool


def parse(source: Source) -> File:
    """Read a file. After a broken place it goes on with the next line that begins a block or an attribute."""
    if len(source.text) > MAX_CHARACTERS:
        problem = Problem("hcl-size", Span(0, 0), f"the file has more than {MAX_CHARACTERS} characters")
        return File(source, Body((), ()), (problem,), False)
    parser = _Parser(source)
    body = parser.file()
    return File(source, body, tuple(sorted(parser.problems, key=lambda problem: problem.span)), not parser.broken)


class _Items:
    """A body while it is read."""

    def __init__(self) -> None:
        self.attributes: dict[str, Attribute] = {}
        self.blocks: list[Block] = []

    def body(self) -> Body:
        return Body(tuple(self.attributes.values()), tuple(self.blocks))


class _Parser(Expressions):
    """Bodies, and where to go on after what cannot be read."""

    def __init__(self, source: Source) -> None:
        super().__init__(source)
        self.problems: list[Problem] = []
        self.broken = False

    def file(self) -> Body:
        """The whole text."""
        items = _Items()
        self.at = len(BOM) if self.text.startswith(BOM) else 0
        start = self.at
        while True:
            try:
                self.lines()
                start = self.at
                if start == len(self.text):
                    return items.body()
                self._item(items)
            except BrokenError as error:
                self.problems.append(error.problem)
                self.broken = True
                self.depth, self.inside = 0, False
                self.at = len(self.text) if error.final else self._next_item(start)

    def _next_item(self, start: int) -> int:
        """The next line that can begin an item: this one, if the broken item began before it, or a later one."""
        line = self.text.rfind("\n", 0, self.at) + 1
        if line <= start:
            line = self.text.find("\n", self.at) + 1 or len(self.text)
        match = re.compile(_ITEM, re.MULTILINE).search(self.text, line)
        return match.start() if match else len(self.text)

    def _item(self, items: _Items) -> None:
        start = self.at
        name = self.identifier()
        span = Span(start, self.at)
        self.blank()
        if self.sees("=") and not self.sees("=="):
            self._attribute(items, name, span)
            self._line_end("an attribute")
        elif re.compile(rf'["{{]|{IDENTIFIER}').match(self.text, self.at):
            self._block(items, name, span)
            self._line_end("a block")
        else:
            raise self.wrong("hcl-item", f"`=` or a block is expected after `{name}`")

    def _line_end(self, what: str) -> None:
        self.blank()
        if not re.compile(LINE_END).match(self.text, self.at):
            raise self.wrong("hcl-line-end", f"{what} has to end with its line")

    def _attribute(self, items: _Items, name: str, span: Span) -> None:
        self.at += 1
        value = self.expression()
        if name in items.attributes:
            self.problems.append(Problem("hcl-duplicate", span, f"`{name}` is set a second time"))
            return
        items.attributes[name] = Attribute(name, span, value, Span(span.start, value.span.end))

    def _block(self, items: _Items, type: str, span: Span) -> None:
        labels: list[Text] = []
        while not self.next("{"):
            labels.append(self._label())
        inner = _Items()
        try:
            self.deeper()
            self._content(inner, span)
            self.depth -= 1
        finally:
            items.blocks.append(Block(type, span, tuple(labels), inner.body(), Span(span.start, self.at)))

    def _label(self) -> Text:
        start = self.at
        if not self.sees('"'):
            self.identifier()
            return literal(self.text[start : self.at], self.source, Span(start, self.at))
        node = self.quoted()
        if isinstance(node, String) and len(node.parts) == 1 and isinstance(node.parts[0], Text):
            return node.parts[0]
        raise BrokenError("hcl-label", start, self.at, "the label of a block is a plain string")

    def _content(self, items: _Items, opening: Span) -> None:
        """What is between braces: one attribute on the same line, or lines of items."""
        self.blank()
        if not re.compile(rf"}}|{LINE_END}").match(self.text, self.at):
            start = self.at
            name = self.identifier()
            span = Span(start, self.at)
            if not self.next("="):
                raise self.wrong("hcl-item", f"`=` is expected after `{name}`: a block on one line holds one attribute")
            self.at -= 1
            self._attribute(items, name, span)
            self.expect("}", "hcl-item", "`}` is expected here: a block on one line holds one attribute")
            return
        while True:
            self.lines()
            if self.next("}"):
                return
            if self.at == len(self.text):
                raise BrokenError("hcl-unclosed-block", *opening, "this block is not closed", final=True)
            self._item(items)
