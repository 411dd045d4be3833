"""The grammar of HCL 2, in which files of `docker buildx bake` are written: text to a tree.

By the HCL native syntax specification (hashicorp/hcl, hclsyntax/spec.md), and by its scanner and parser where the
specification is silent. `for` expressions, splats and `%{…}` directives are read but not kept (`Opaque`).
"""

from __future__ import annotations

import re
from typing import Any, Final, TypeAlias

from imglint.record import NamedTuple
from imglint.source import BOM, Source, Span
from imglint.syntax.lists import GO_SPACE
from imglint.syntax.text import Piece, Text, literal

MAX_CHARACTERS: Final = 4 * 1024 * 1024
"""A longer file is not read."""

MAX_DEPTH: Final = 80
"""How deep expressions and blocks may be nested, and how many operators may follow one another."""

_IDENTIFIER: Final = r"[^\W\d][\w-]*"
_SPACE: Final = r"[ \t]*"
_ANY_SPACE: Final = r"(?:[ \t]|\r?\n|(?:#|//)[^\n]*)*"
_LINE_END: Final = r"\Z|\r?\n|#|//"
_NUMBER: Final = r"[0-9](?:(?:[0-9.]|[eE][+-]?[0-9])*(?:[0-9]|[eE][+-]?[0-9]))?"
_NUMBER_VALUE: Final = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z"
_OPERATOR: Final = r"\|\||&&|==|!=|>=|<=|[<>+*%-]|/(?![/*])"
_LEVEL: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip
_QUOTED: Final = r'[^"\\$%\r\n]+'
_ESCAPE: Final = r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})'
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HEREDOC: Final = r"<<(-?)([^\W\d][\w-]*)\r?\n"
_ITEM: Final = r"^[^\W\d][\w-]*[ \t]*(?:[\"{=]|[^\W\d])"


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


class _BrokenError(Exception):
    """What cannot be read; `final` when nothing after it can be."""

    def __init__(self, code: str, start: int, end: int, reason: str, final: bool = False) -> None:
        self.problem = Problem(code, Span(start, end), reason)
        self.final = final


class _Reader:
    """A place in a text, and what is common to all that is read there."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.text = source.text
        self.at = 0
        self.inside = False  # between brackets, where line endings are space

    def take(self, pattern: str) -> re.Match[str] | None:
        """What matches here, passed over."""
        match = re.compile(pattern).match(self.text, self.at)
        self.at = match.end() if match else self.at
        return match

    def blank(self) -> None:
        """Pass over space and comments."""
        while True:
            self.take(_ANY_SPACE if self.inside else _SPACE)
            if not self.sees("/*"):
                return
            end = self.text.find("*/", self.at + 2)
            if end < 0:
                raise _BrokenError(
                    "hcl-unclosed-comment", self.at, self.at + 2, "this comment is not closed", final=True
                )
            self.at = end + 2

    def lines(self) -> None:
        """Pass over space, comments and line endings."""
        inside, self.inside = self.inside, True
        self.blank()
        self.inside = inside

    def sees(self, word: str) -> bool:
        """Whether a word is what comes next."""
        return self.text.startswith(word, self.at)

    def next(self, word: str) -> bool:
        """Whether a word comes next after space; it is passed over."""
        self.blank()
        found = self.sees(word)
        self.at += len(word) if found else 0
        return found

    def expect(self, word: str, code: str, reason: str) -> None:
        """Pass over a word that has to come next."""
        if not self.next(word):
            raise self.wrong(code, reason)

    def identifier(self) -> str:
        """A name that has to come next."""
        self.blank()
        match = self.take(_IDENTIFIER)
        if match is None:
            raise self.wrong("hcl-name", "a name is expected here")
        return match[0]

    def wrong(self, code: str, reason: str) -> _BrokenError:
        """The error that the next character is."""
        return _BrokenError(code, self.at, min(self.at + 1, len(self.text)), reason)


class _Expressions(_Reader):
    """Recursive descent; a method reads what it is named after."""

    depth = 0

    def expression(self) -> Node:
        self._deeper()
        value = self._binary(1)
        if self.next("?"):
            yes = self.expression()
            self.expect(":", "hcl-conditional", "`:` and the other value of the condition are expected here")
            no = self.expression()
            value = Conditional(value, yes, no, Span(value.span.start, no.span.end))
        self.depth -= 1
        return value

    def _deeper(self) -> None:
        self.depth += 1
        if self.depth > MAX_DEPTH:
            raise self.wrong("hcl-depth", f"this is nested more than {MAX_DEPTH} deep")

    def _binary(self, level: int) -> Node:
        self._deeper()
        value = self._operand()
        for count in range(MAX_DEPTH + 1):
            self.blank()
            match = re.compile(_OPERATOR).match(self.text, self.at)
            if match is None or _LEVEL[match[0]] < level:
                break
            if count == MAX_DEPTH:
                raise self.wrong("hcl-depth", f"these are more than {MAX_DEPTH} operators")
            self.at = match.end()
            right = self._binary(_LEVEL[match[0]] + 1)
            value = Binary(match[0], value, right, Span(value.span.start, right.span.end))
        self.depth -= 1
        return value

    def _operand(self) -> Node:
        self.blank()
        start = self.at
        if operator := self.take("[-!]"):
            self._deeper()
            value = self._operand()
            self.depth -= 1
            return Unary(operator[0], value, Span(start, value.span.end))
        return self._with_path(self._term())

    def _with_path(self, value: Node) -> Node:
        start, end = value.span.start, self.at
        path: list[Node] = []
        splat = False
        while True:
            if self.next("["):
                inside, self.inside = self.inside, True
                if self.next("*"):
                    splat = True
                else:
                    path.append(self.expression())
                self.expect("]", "hcl-index", "`]` is expected here")
                self.inside = inside
            elif self.sees(".") and not self.sees("..."):
                self.at += 1
                splat = self._attribute_name(path) or splat
            else:
                break
            end = self.at
        self.at = end
        if splat:
            return Opaque(Span(start, end))
        if path and isinstance(value, Reference):
            return Reference(value.root, (*value.path, *path), Span(start, end))
        return Access(value, tuple(path), Span(start, end)) if path else value

    def _attribute_name(self, path: list[Node]) -> bool:
        """The part after a dot; whether it is a splat."""
        self.blank()
        if self.next("*"):
            return True
        start = self.at
        if number := self.take(r"[0-9]+(?!\.?[0-9])"):
            path.append(Constant("number", number[0], Span(start, self.at)))
        else:
            self.identifier()
            path.append(self._plain(start))
        return False

    def _plain(self, start: int) -> String:
        """A name that stands for itself."""
        span = Span(start, self.at)
        return String((literal(self.text[start : self.at], self.source, span),), span)

    def _term(self) -> Node:
        self.blank()
        start = self.at
        if self.sees('"'):
            return self.quoted()
        if self.sees("<<"):
            return self._heredoc()
        if self.sees("["):
            return self._tuple()
        if self.sees("{"):
            return self._object()
        if self.next("("):
            inside, self.inside = self.inside, True
            value = self.expression()
            self.expect(")", "hcl-parenthesis", "`)` is expected here")
            self.inside = inside
            return value
        if number := self.take(_NUMBER):
            if not re.match(_NUMBER_VALUE, number[0]):
                raise _BrokenError("hcl-number", start, self.at, f"`{number[0]}` is not a number")
            return Constant("number", number[0], Span(start, self.at))
        if name := self.take(rf"{_IDENTIFIER}(?:::{_IDENTIFIER})*"):
            return self._named(name[0], start)
        raise self.wrong("hcl-expression", "a value is expected here")

    def _named(self, name: str, start: int) -> Node:
        end = self.at
        if self.next("("):
            return self._call(name, start)
        self.at = end
        span = Span(start, end)
        if name in ("true", "false", "null"):
            return Constant("null" if name == "null" else "bool", name, span)
        return Reference(name, (), span)

    def _call(self, name: str, start: int) -> Node:
        inside, self.inside = self.inside, True
        arguments: list[Node] = []
        spread = False
        while not self.next(")"):
            arguments.append(self.expression())
            spread = self.next("...")
            if spread or not self.next(","):
                self.expect(")", "hcl-call", "a comma or `)` is expected here")
                break
        self.inside = inside
        return Call(name, tuple(arguments), spread, Span(start, self.at))

    def _tuple(self) -> Node:
        start = self.at
        self.at += 1
        inside, self.inside = self.inside, True
        items: list[Node] = []
        if self._is_for():
            return self._for(start, "]", inside)
        while not self.next("]"):
            items.append(self.expression())
            if not self.next(","):
                self.expect("]", "hcl-list", "a comma or `]` is expected here")
                break
        self.inside = inside
        return Tuple(tuple(items), Span(start, self.at))

    def _object(self) -> Node:
        start = self.at
        self.at += 1
        self.lines()
        inside, self.inside = self.inside, False
        if self._is_for():
            return self._for(start, "}", inside)
        items: list[tuple[Node, Node]] = []
        while True:
            self.lines()
            if self.next("}"):
                break
            items.append(self._object_item())
            if self.next("}"):
                break
            if not self.next(",") and not re.compile(_LINE_END).match(self.text, self.at):
                raise self.wrong("hcl-object", "a new line, a comma or `}` is expected here")
        self.inside = inside
        return Object(tuple(items), Span(start, self.at))

    def _object_item(self) -> tuple[Node, Node]:
        in_parentheses = self.sees("(")
        key = self.expression()
        if isinstance(key, Reference) and not in_parentheses:
            if key.path:
                raise _BrokenError("hcl-object", *key.span, "a key with dots has to be in quotes")
            key = String((literal(key.root, self.source, key.span),), key.span)
        self.blank()
        if self.sees("==") or not (self.next("=") or self.next(":")):
            raise self.wrong("hcl-object", "`=` and a value are expected here")
        return key, self.expression()

    def _is_for(self) -> bool:
        self.blank()
        return bool(re.compile(r"for(?![\w-])").match(self.text, self.at))

    def _for(self, start: int, closing: str, inside: bool) -> Opaque:
        self.inside = True
        self._for_names()
        self.expect(":", "hcl-for", "`:` is expected here")
        self.expression()
        if self.next("=>"):
            self.expression()
        self.next("...")
        if self.next("if"):
            self.expression()
        self.expect(closing, "hcl-for", f"`{closing}` is expected here")
        self.inside = inside
        return Opaque(Span(start, self.at))

    def _for_names(self) -> None:
        """`for key, value in collection`."""
        self.identifier()
        self.identifier()
        if self.next(","):
            self.identifier()
        self.expect("in", "hcl-for", "`in` is expected here")
        self.expression()

    def quoted(self) -> Node:
        """A string in quotes."""
        template = _Template(self.source, self.at)
        start = self.at
        self.at += 1
        while not self.sees('"'):
            if part := self.take(_QUOTED):
                template.add(part[0], Span(part.start(), part.end()))
            elif self.sees("\\"):
                self._escape(template)
            elif self.at == len(self.text) or self.text[self.at] in "\r\n":
                raise _BrokenError("hcl-unclosed-string", start, start + 1, "this string is not closed on its line")
            else:
                self._sequence(template)
        self.at += 1
        return template.node(Span(start, self.at))

    def _escape(self, template: _Template) -> None:
        start = self.at
        match = self.take(_ESCAPE)
        code = int(match[0][2:], 16) if match and len(match[0]) > 2 else 0
        if match is None or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise _BrokenError("hcl-escape", start, min(start + 2, len(self.text)), "HCL has no such escape")
        text = chr(code) if len(match[0]) > 2 else _ESCAPES[match[0][1]]
        template.add(text, Span(start, self.at), exact=False)

    def _sequence(self, template: _Template) -> None:
        """What begins with `$` or `%`."""
        start = self.at
        if escaped := self.take(r"\$\$\{|%%\{"):
            template.add(escaped[0][1:], Span(start, self.at), exact=False)
        elif opening := self.take(r"[$%]\{~?"):
            inside, self.inside = self.inside, True
            value = self.expression() if opening[0][0] == "$" else self._directive()
            self.blank()
            closing = self.take("~?}")
            if closing is None:
                raise self.wrong("hcl-interpolation", f"`}}` is expected here, for the `{opening[0]}` before it")
            self.inside = inside
            interpolation = Interpolation(value, Span(start, self.at))
            template.interpolate(interpolation, opening[0].endswith("~"), closing[0].startswith("~"))
        else:
            self.at += 1
            template.add(self.text[start], Span(start, self.at))

    def _directive(self) -> Opaque:
        self.blank()
        start = self.at
        keyword = self.take(r"(?:if|else|endif|for|endfor)(?![\w-])")
        if keyword is None:
            raise self.wrong("hcl-directive", "`if`, `else`, `endif`, `for` or `endfor` is expected here")
        if keyword[0] == "if":
            self.expression()
        elif keyword[0] == "for":
            self.at = start
            self._for_names()
        return Opaque(Span(start, self.at))

    def _heredoc(self) -> Node:
        """`<<END` and the lines to the one that is `END` by itself; the line ending after that is left."""
        start = self.at
        opening = self.take(_HEREDOC)
        if opening is None:
            raise _BrokenError("hcl-heredoc", start, start + 2, "a name and a new line have to follow `<<`")
        template = _Template(self.source, self.at)
        while True:
            end = self.text.find("\n", self.at)
            if end < 0:
                raise _BrokenError(
                    "hcl-unclosed-heredoc", *opening.span(), f"no line `{opening[2]}` ends this", final=True
                )
            if self.text[self.at : end].strip() == opening[2]:
                break
            self._heredoc_line(template)
        if opening[1]:
            template.flush_left()
        self.at += len(self.text[self.at : end].rstrip())
        return template.node(Span(start, self.at))

    def _heredoc_line(self, template: _Template) -> None:
        while True:
            if part := self.take(r"[^$%\n]*\n|[^$%\n]+"):
                template.add(part[0], Span(part.start(), part.end()))
                if part[0].endswith("\n"):
                    template.end_token()
                    return
            elif self.at == len(self.text):
                return
            else:
                self._sequence(template)


class _Template:
    """The parts of a string while it is read."""

    def __init__(self, source: Source, at: int) -> None:
        self._source = source
        self._at = at
        self._parts: list[Text | Interpolation] = []
        self._pieces: list[Piece] = []
        self._trim_next = False
        self._opaque = False

    def add(self, text: str, span: Span, exact: bool = True) -> None:
        """Literal text; `exact` when it is what is written."""
        self._pieces.append(Piece(text, self._source, span, exact))

    def end_token(self) -> None:
        """The end of a run of literal text; a strip marker reaches no further."""
        if self._pieces:
            text = Text(self._pieces)
            if self._trim_next:
                text = text.cut(len(text.text) - len(text.text.lstrip(GO_SPACE)))
            self._parts.append(text)
            self._pieces = []
        self._trim_next = False

    def interpolate(self, part: Interpolation, trim_before: bool, trim_after: bool) -> None:
        """An interpolation or a directive, and whether it removes the space around it."""
        literal_before = bool(self._pieces)
        self.end_token()
        before = self._parts[-1] if literal_before else None
        if trim_before and isinstance(before, Text):
            self._parts[-1] = before.cut(0, len(before.text.rstrip(GO_SPACE)))
        self._parts.append(part)
        self._trim_next = trim_after
        self._opaque = self._opaque or self._source.text[part.span.start] == "%"

    def flush_left(self) -> None:
        """Remove the common indentation of the lines (`<<-`); blank lines do not count."""
        self.end_token()
        widths: dict[int, int] = {}
        least: int | None = None
        line_start = True
        for index, part in enumerate(self._parts):
            text = part.text if isinstance(part, Text) else ""
            width = len(text) - len(text.lstrip(GO_SPACE))
            if line_start and not (text.endswith("\n") and width == len(text)):
                widths[index] = width
                least = width if least is None else min(least, width)
            line_start = text.endswith("\n")
        for index in widths:
            part = self._parts[index]
            if isinstance(part, Text) and least:
                self._parts[index] = part.cut(least)

    def node(self, span: Span) -> Node:
        """The string."""
        self.end_token()
        if self._opaque:
            return Opaque(span)
        return String(tuple(self._parts) or (literal("", self._source, Span(self._at, self._at)),), span)


class _Parser(_Expressions):
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
            except _BrokenError as error:
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
        elif re.compile(rf'["{{]|{_IDENTIFIER}').match(self.text, self.at):
            self._block(items, name, span)
            self._line_end("a block")
        else:
            raise self.wrong("hcl-item", f"`=` or a block is expected after `{name}`")

    def _line_end(self, what: str) -> None:
        self.blank()
        if not re.compile(_LINE_END).match(self.text, self.at):
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
            self._deeper()
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
        raise _BrokenError("hcl-label", start, self.at, "the label of a block is a plain string")

    def _content(self, items: _Items, opening: Span) -> None:
        """What is between braces: one attribute on the same line, or lines of items."""
        self.blank()
        if not re.compile(rf"}}|{_LINE_END}").match(self.text, self.at):
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
                raise _BrokenError("hcl-unclosed-block", *opening, "this block is not closed", final=True)
            self._item(items)
