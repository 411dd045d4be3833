"""Strings of HCL 2: text in quotes and heredocs, with what is put into them."""

from __future__ import annotations

from typing import Final

from imglint.source import Source, Span
from imglint.syntax.hclnode import Interpolation, Node, Opaque, String
from imglint.syntax.hclreader import BrokenError, Reader
from imglint.syntax.lists import GO_SPACE
from imglint.syntax.text import Piece, Text, literal

_QUOTED: Final = r'[^"\\$%\r\n]+'
_ESCAPE: Final = r'\\(?:[nrt"\\]|u[0-9a-fA-F]{4}|U[0-9a-fA-F]{8})'
_ESCAPES: Final = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}
_HEREDOC: Final = r"<<(-?)([^\W\d][\w-]*)\r?\n"


class Strings(Reader):
    """Reads strings, for a reader of the expressions that stand in them."""

    def expression(self) -> Node:
        """The value in `${…}`."""
        raise NotImplementedError

    def for_names(self) -> None:
        """`for key, value in collection` passed over."""
        raise NotImplementedError

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
                raise BrokenError("hcl-unclosed-string", start, start + 1, "this string is not closed on its line")
            else:
                self._sequence(template)
        self.at += 1
        return template.node(Span(start, self.at))

    def _escape(self, template: _Template) -> None:
        start = self.at
        match = self.take(_ESCAPE)
        code = int(match[0][2:], 16) if match and len(match[0]) > 2 else 0
        if match is None or code > 0x10FFFF or 0xD800 <= code < 0xE000:
            raise BrokenError("hcl-escape", start, min(start + 2, len(self.text)), "HCL has no such escape")
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
            self.for_names()
        return Opaque(Span(start, self.at))

    def heredoc(self) -> Node:
        """`<<END` and the lines to the one that is `END` by itself; the line ending after that is left."""
        start = self.at
        opening = self.take(_HEREDOC)
        if opening is None:
            raise BrokenError("hcl-heredoc", start, start + 2, "a name and a new line have to follow `<<`")
        template = _Template(self.source, self.at)
        while True:
            end = self.text.find("\n", self.at)
            if end < 0:
                raise BrokenError(
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
