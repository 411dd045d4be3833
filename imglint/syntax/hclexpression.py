"""Expressions of HCL 2: text to nodes.

`for` expressions, splats and `%{…}` directives are read but not kept (`Opaque`).
"""

from __future__ import annotations

import re
from typing import Final

from imglint.source import Span
from imglint.syntax.hclnode import (
    Access,
    Binary,
    Call,
    Conditional,
    Constant,
    Node,
    Object,
    Opaque,
    Reference,
    String,
    Tuple,
    Unary,
)
from imglint.syntax.hclreader import IDENTIFIER, LINE_END, MAX_DEPTH, BrokenError
from imglint.syntax.hclstring import Strings
from imglint.syntax.text import literal

_NUMBER: Final = r"[0-9](?:(?:[0-9.]|[eE][+-]?[0-9])*(?:[0-9]|[eE][+-]?[0-9]))?"
_NUMBER_VALUE: Final = r"[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?\Z"
_OPERATOR: Final = r"\|\||&&|==|!=|>=|<=|[<>+*%-]|/(?![/*])"
_LEVEL: Final = {
    "||": 1, "&&": 2, "==": 3, "!=": 3, ">": 4, ">=": 4, "<": 4, "<=": 4, "+": 5, "-": 5, "*": 6, "/": 6, "%": 6,
}  # fmt: skip


class Expressions(Strings):
    """Recursive descent; a method reads what it is named after."""

    def expression(self) -> Node:
        """A value, with all operators."""
        self.deeper()
        value = self._binary(1)
        if self.next("?"):
            yes = self.expression()
            self.expect(":", "hcl-conditional", "`:` and the other value of the condition are expected here")
            no = self.expression()
            value = Conditional(value, yes, no, Span(value.span.start, no.span.end))
        self.depth -= 1
        return value

    def _binary(self, level: int) -> Node:
        self.deeper()
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
            self.deeper()
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
            return self.heredoc()
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
                raise BrokenError("hcl-number", start, self.at, f"`{number[0]}` is not a number")
            return Constant("number", number[0], Span(start, self.at))
        if name := self.take(rf"{IDENTIFIER}(?:::{IDENTIFIER})*"):
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
            if not self.next(",") and not re.compile(LINE_END).match(self.text, self.at):
                raise self.wrong("hcl-object", "a new line, a comma or `}` is expected here")
        self.inside = inside
        return Object(tuple(items), Span(start, self.at))

    def _object_item(self) -> tuple[Node, Node]:
        in_parentheses = self.sees("(")
        key = self.expression()
        if isinstance(key, Reference) and not in_parentheses:
            if key.path:
                raise BrokenError("hcl-object", *key.span, "a key with dots has to be in quotes")
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
        self.for_names()
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

    def for_names(self) -> None:
        """`for key, value in collection`."""
        self.identifier()
        self.identifier()
        if self.next(","):
            self.identifier()
        self.expect("in", "hcl-for", "`in` is expected here")
        self.expression()
