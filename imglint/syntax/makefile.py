"""Makefiles: their variables, rules and recipes, each with its place; nothing is run and nothing is expanded.

As GNU make reads them, https://www.gnu.org/software/make/manual/ (sections 3.1, 3.8, 4, 5, 6 and 7). Of a conditional
both branches are read. Included files and text that is made by functions are not seen. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.text import Piece, Text, literal

MAX_CHARACTERS: Final = 1_000_000
"""What comes after so many characters of a file is not read."""

_NAME: Final = r"(?:[^\s:;#=!?+$]|\$(?:\([^()]*\)|\{[^{}]*\}|[^\s({])|[!?+](?!=))+"
_ASSIGNMENT: Final = rf"((?:(?:export|override|private)[ \t]+)*)({_NAME})[ \t]*(:::=|::=|:=|\?=|\+=|!=|=)"
_DEFINE: Final = r"(?:(?:export|override|private)[ \t]+)*define[ \t]+([^\s=:?+!]+)[ \t]*(?::{0,3}=|[?+!]=)?[ \t]*"
_DIRECTIVES: Final = frozenset(("include", "-include", "sinclude", "vpath", "undefine", "export", "unexport", "load"))
_OPENING: Final = frozenset(("ifeq", "ifneq", "ifdef", "ifndef"))
_PREFIXES: Final = "@+- \t"


class Variable(NamedTuple):
    """An assignment. `name` and `value` are as written: references to variables are not replaced.

    `operator` is `=`, `:=`, `::=`, `:::=`, `?=`, `+=`, `!=` or `define`. `conditional`: it stands between `ifeq` or the
    like and `endif`. `target` is what a target-specific variable holds for, empty for all.
    """

    name: str
    operator: str
    value: Text
    span: Span
    conditional: bool = False
    target: str = ""


class Recipe(NamedTuple):
    """A line for the shell, with those it goes on in: backslash and line feed between them stay, for the shell.

    `prefix` holds those of `@`, `-` and `+` that stood before it. With `.ONESHELL` it is all lines of a recipe.
    """

    text: Text
    prefix: str
    conditional: bool = False


class Rule(NamedTuple):
    """Targets, prerequisites (those for the order only included) as written, and the recipe."""

    targets: tuple[str, ...]
    prerequisites: tuple[str, ...]
    recipe: tuple[Recipe, ...]
    span: Span


class Makefile(NamedTuple):
    """What a file says, each in the order of the file."""

    variables: tuple[Variable, ...]
    rules: tuple[Rule, ...]


class _Line(NamedTuple):
    """Offsets of a physical line: its start, its end, and where the next one starts."""

    start: int
    end: int
    next: int


def parse(source: Source) -> Makefile:
    """Read a Makefile."""
    reader = _Reader(source)
    reader.read()
    rules = reader.rules
    if any(".ONESHELL" in rule.targets for rule in rules):
        rules = [rule._replace(recipe=_one_shell(rule.recipe)) for rule in rules]
    return Makefile(tuple(reader.variables), tuple(rules))


def _lines(text: str) -> Iterator[_Line]:
    """Physical lines; a carriage return before the line feed is no part of one."""
    start = 1 if text.startswith("\ufeff") else 0
    while start < min(len(text), MAX_CHARACTERS):
        feed = text.find("\n", start)
        after = len(text) if feed < 0 else feed + 1
        end = len(text) if feed < 0 else feed
        if end > start and text[end - 1] == "\r":
            end -= 1
        yield _Line(start, end, after)
        start = after


class _Reader:
    def __init__(self, source: Source) -> None:
        self.variables: list[Variable] = []
        self.rules: list[Rule] = []
        self._source = source
        self._text = source.text
        self._lines = list(_lines(source.text))
        self._next = 0
        self._conditions = 0
        self._recipe: list[Recipe] | None = None  # of the rule that lines with a tab belong to
        self._recipe_prefix = "\t"

    def read(self) -> None:
        while self._next < len(self._lines):
            lines = self._logical()
            if self._recipe is not None and self._text.startswith(self._recipe_prefix, lines[0].start):
                self._add_recipe(_recipe_text(self._source, lines, self._recipe_prefix), lines[-1].end)
            else:
                self._statement(self._joined(lines), Span(lines[0].start, lines[-1].end))
        self._close()

    def _logical(self) -> list[_Line]:
        """The next line with those that it goes on in: an odd number of backslashes stands before the line feed."""
        lines: list[_Line] = []
        while self._next < len(self._lines):
            line = self._lines[self._next]
            lines.append(line)
            self._next += 1
            if not _goes_on(self._text, line):
                break
        return lines

    def _joined(self, lines: list[_Line]) -> Text:
        """One line of several: a backslash, the line feed and the blanks around them become one blank."""
        pieces: list[Piece] = []
        start = lines[0].start
        for line, following in pairwise(lines):
            part = self._text[start : line.end - 1].rstrip(" \t")
            after = self._text[following.start : following.end]
            next_start = following.end - len(after.lstrip(" \t"))
            pieces.append(Piece(part, self._source, Span(start, start + len(part))))
            pieces.append(Piece(" ", self._source, Span(start + len(part), max(next_start, start)), False))
            start = next_start
        end = lines[-1].end - (1 if _goes_on(self._text, lines[-1]) else 0)
        end = max(start, end)
        pieces.append(Piece(self._text[start:end], self._source, Span(start, end)))
        return Text(pieces)

    def _statement(self, text: Text, span: Span) -> None:
        """A line that is no recipe."""
        text = text.cut(len(text.text) - len(text.text.lstrip(" \t")))
        if not text.text or text.text[0] == "#":
            return
        word = re.match(r"[^\s(:=]*", text.text)
        keyword = word[0] if word else ""
        if assignment := re.match(_ASSIGNMENT, text.text):
            self._close()
            self._assign(assignment, _uncommented(text), span)
        elif define := re.match(_DEFINE, text.text):
            self._close()
            self._define(define[1], span)
        elif keyword in _OPENING:
            self._conditions += 1
        elif keyword == "endif":
            self._conditions = max(self._conditions - 1, 0)
        elif keyword != "else" and keyword not in _DIRECTIVES:
            self._close()
            self._rule(text, span)

    def _assign(self, found: re.Match[str], text: Text, span: Span, targets: tuple[str, ...] = ("",)) -> None:
        value = text.cut(found.end())
        value = value.cut(len(value.text) - len(value.text.lstrip(" \t")))
        conditional = self._conditions > 0
        self.variables += (Variable(found[2], found[3], value, span, conditional, target) for target in targets)
        if found[2] == ".RECIPEPREFIX":
            self._recipe_prefix = value.text[:1] or "\t"

    def _define(self, name: str, span: Span) -> None:
        """The lines up to the `endef` of a `define`."""
        depth = 1
        start = end = last = self._lines[self._next].start if self._next < len(self._lines) else span.end
        while self._next < len(self._lines):
            line = self._lines[self._next]
            self._next += 1
            last = line.end
            words = self._text[line.start : line.end].split(None, 1)
            if words and words[0] in ("define", "endef"):
                depth += 1 if words[0] == "define" else -1
            if not depth:
                break
            end = line.end
        value = literal(self._text[start:end], self._source, Span(start, end))
        self.variables.append(Variable(name, "define", value, Span(span.start, last), self._conditions > 0))

    def _rule(self, text: Text, span: Span) -> None:
        comment = _find(text.text, "#")
        semicolon = _find(text.text, ";")
        if comment >= 0 and (semicolon < 0 or comment < semicolon):
            text, semicolon = text.cut(0, comment), -1
        head = text if semicolon < 0 else text.cut(0, semicolon)
        colon = _find(head.text, ":")
        if colon < 0:
            return
        targets = tuple(_words(head.text[:colon].removesuffix("&")))
        rest = text.cut(colon + 1)
        rest = rest.cut(len(rest.text) - len(rest.text.lstrip(": \t")))
        if assignment := re.match(_ASSIGNMENT, rest.text):
            self._assign(assignment, _uncommented(rest), span, targets)
            return
        after = head.text[colon + 1 :].lstrip(":")
        second = _find(after, ":")  # of a static pattern rule
        words = _words(after[second + 1 :])
        self.rules.append(Rule(targets, tuple(word for word in words if word != "|"), (), span))
        self._recipe = []
        if semicolon >= 0:
            self._add_recipe(text.cut(semicolon + 1), span.end)

    def _add_recipe(self, text: Text, end: int) -> None:
        command = text.text.lstrip(_PREFIXES)
        if self._recipe is None or not command.strip():
            return
        before = len(text.text) - len(command)
        prefix = "".join(text.text[:before].split())
        self._recipe.append(Recipe(text.cut(before), prefix, self._conditions > 0))
        rule = self.rules[-1]
        self.rules[-1] = rule._replace(span=Span(rule.span.start, end))

    def _close(self) -> None:
        """No further recipe lines for the last rule."""
        if self._recipe:
            self.rules[-1] = self.rules[-1]._replace(recipe=tuple(self._recipe))
        self._recipe = None


def _goes_on(text: str, line: _Line) -> bool:
    count = 0
    while line.end - count > line.start and text[line.end - count - 1] == "\\":
        count += 1
    return count % 2 == 1


def _recipe_text(source: Source, lines: list[_Line], prefix: str) -> Text:
    """The physical lines without the recipe prefix; all but the last with their backslash and a line feed."""
    pieces: list[Piece] = []
    for line in lines:
        start = line.start + (1 if source.text.startswith(prefix, line.start) else 0)
        end = line.end
        pieces.append(Piece(source.text[start:end], source, Span(start, end)))
        if line is not lines[-1]:
            pieces.append(Piece("\n", source, Span(end, line.next), line.next - end == 1))
    return Text(pieces)


def _one_shell(recipe: tuple[Recipe, ...]) -> tuple[Recipe, ...]:
    """All lines of a recipe as one script."""
    pieces: list[Piece] = []
    for part in recipe:
        if pieces:
            end = pieces[-1].span.end
            pieces.append(Piece("\n", part.text.source, Span(end, part.text.span.start), False))
        pieces += part.text.pieces
    return (recipe[0]._replace(text=Text(pieces)),) if recipe else ()


def _find(text: str, wanted: str) -> int:
    """Where a character first stands outside `$(…)` and `${…}` and without a backslash before it; -1 if it does not."""
    depth = 0
    for match in re.finditer(rf"\$[({{]|[(){{}}]|\\*{re.escape(wanted)}", text):
        found = match[0]
        if found[0] == "$":
            depth += 1
        elif found in "({":
            depth += 1 if depth else 0
        elif found in ")}":
            depth -= 1 if depth else 0
        elif not depth and len(found) % 2:
            return match.end() - 1
    return -1


def _uncommented(text: Text) -> Text:
    r"""A line without its comment; `\#` outside references is a plain `#`."""
    comment = _find(text.text, "#")
    kept = text if comment < 0 else text.cut(0, comment)
    if "\\#" not in kept.text:
        return kept
    pieces: list[Piece] = []
    end = 0
    for match in re.finditer(r"\\#", kept.text):
        pieces += kept.cut(end, match.start()).pieces
        pieces.append(Piece("#", kept.source, kept.cut(*match.span()).span, False))
        end = match.end()
    return Text([*pieces, *kept.cut(end).pieces])


def _words(text: str) -> Iterator[str]:
    """The words of a line; blanks within `$(…)` and `${…}` do not part them."""
    depth = start = 0
    for match in re.finditer(r"\$[({]|[(){}]|[ \t]+", text):
        found = match[0]
        if found[0] in " \t":
            if not depth:
                if match.start() > start:
                    yield text[start : match.start()]
                start = match.end()
        elif found in ")}":
            depth -= 1 if depth else 0
        elif depth or found[0] == "$":
            depth += 1
    if start < len(text):
        yield text[start:]
