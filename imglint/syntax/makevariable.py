"""The values of make's variables, as far as a Makefile tells them, and texts with their references replaced.

As https://www.gnu.org/software/make/manual/ has it (sections 6 and 8). What most functions give is unknown, as is what
comes from an environment that is not given. Never raises.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax import makefunction
from imglint.syntax.makefile import Makefile, Variable
from imglint.syntax.text import HOLE, Piece, Text, joined, unknown

MAX_DEPTH: Final = 50
"""References within each other, and variables that refer to one another; what is deeper is unknown."""

MAX_EXPANDED: Final = 30_000
"""When an expanded text has this many characters, further references are unknown."""

MAX_EXPANSIONS: Final = 100_000
"""References that are replaced to find the values of one Makefile's variables; further ones are unknown."""

MAX_NAME: Final = 80
"""Characters of a reference that is shown; a longer one is `$(…)`."""

Lookup = Callable[[str], Text | None]

_AUTOMATIC: Final = "@%<?^+|*"
_FUNCTIONS: Final = frozenset(
    (
        "abspath",
        "addprefix",
        "addsuffix",
        "and",
        "basename",
        "call",
        "dir",
        "error",
        "eval",
        "file",
        "filter",
        "filter-out",
        "findstring",
        "firstword",
        "flavor",
        "foreach",
        "guile",
        "if",
        "info",
        "intcmp",
        "join",
        "lastword",
        "let",
        "notdir",
        "or",
        "origin",
        "patsubst",
        "realpath",
        "shell",
        "sort",
        "strip",
        "subst",
        "suffix",
        "value",
        "warning",
        "wildcard",
        "word",
        "wordlist",
        "words",
    )
)


def expand(text: Text, lookup: Lookup) -> Text:
    """A text with `$(NAME)`, `${NAME}` and `$X` replaced, and `$$` as `$`.

    `lookup` gives a variable's value, already expanded, or None. What is not known becomes a hole named as people write
    the reference: `$(NAME)`, `$(shell …)`, `$@`. Automatic variables are asked for by their character (`@`).
    """
    return _expand(text, lookup, 0)


def _expand(text: Text, lookup: Lookup, depth: int) -> Text:
    if "$" not in text.text:
        return text
    pieces: list[Piece] = []
    size = end = 0
    while (at := text.text.find("$", end)) >= 0:
        if at > end:
            pieces += text.cut(end, at).pieces
        end = _reference_end(text.text, at)
        written = text.cut(at, end)
        value = _value(written, lookup, depth) if size <= MAX_EXPANDED else None
        replaced = unknown(_named(written.text), *written.place) if value is None else value
        size += len(replaced.text)
        pieces += replaced.pieces
    pieces += text.cut(end).pieces
    return Text([piece for piece in pieces if piece.text] or pieces[:1])


def _reference_end(text: str, start: int) -> int:
    """The offset after the reference that begins with the `$` at `start`; one without an end takes the rest."""
    opening = text[start + 1 : start + 2]
    if opening not in ("(", "{"):
        return start + 1 + len(opening)
    depth = 0
    for match in re.compile(r"[()]" if opening == "(" else r"[{}]").finditer(text, start + 1):
        depth += 1 if match[0] == opening else -1
        if not depth:
            return match.end()
    return len(text)


def _value(written: Text, lookup: Lookup, depth: int) -> Text | None:
    """What a reference stands for, at its place; None when that is not known."""
    text = written.text
    if text in ("$", "$$"):
        return Text((Piece("$", *written.place, False),))
    name = written.cut(1)
    if text[1] in "({":
        if text[-1] != (")" if text[1] == "(" else "}"):
            return None
        if function := _function(text):
            return _called(function, written, lookup, depth)
        name = written.cut(2, len(text) - 1)
    if "$" in name.text:
        if depth >= MAX_DEPTH:
            return None
        name = _expand(name, lookup, depth + 1)
    value = None if HOLE in name.text or ":" in name.text else lookup(name.text.strip())
    return None if value is None else value.moved(written.place)


def _called(name: str, written: Text, lookup: Lookup, depth: int) -> Text | None:
    """What the call of a function gives; None when that is not known."""
    if name not in makefunction.NAMES or depth >= MAX_DEPTH:
        return None
    body = written.cut(2 + len(name), len(written.text) - 1)
    body = body.cut(len(body.text) - len(body.text.lstrip(" \t")))
    given = [_expand(argument, lookup, depth + 1) for argument in makefunction.arguments(name, body)]
    value = makefunction.call(name, given)
    return None if value is None else value.moved(written.place)


def _function(text: str) -> str:
    """The name of the function that a reference calls, if it does."""
    match = re.match(r"\$[({]([a-z-]+)[ \t]", text)
    return match[1] if match and match[1] in _FUNCTIONS else ""


def _named(text: str) -> str:
    """A reference of unknown value, for people."""
    if function := _function(text):
        return f"$({function} …)"
    if text[1] not in "({":
        return text if text[1] in _AUTOMATIC else f"$({text[1]})"
    name, colon, _ = text[2:-1].strip().partition(":")
    if len(name) > MAX_NAME or "\n" in name or not name:
        return "$(…)"
    return f"$({name}:…)" if colon and "$" not in name else f"$({name})"


class Given(NamedTuple):
    """Variables that a call of make gives.

    Those of its `command` line nothing in the Makefile changes; those of its `environment` only `?=` leaves alone.
    """

    command: Mapping[str, Text]
    environment: Mapping[str, Text]


NOTHING: Final = Given(MappingProxyType({}), MappingProxyType({}))
"""A call that gives no variables."""


class _Definition:
    """What a variable is defined as at some line: to be expanded when it is used, unless `immediate`.

    `text` is None when the branches of a conditional define it differently, or when it grows too long.
    """

    def __init__(self, text: Text, immediate: bool, conditional: bool) -> None:
        self.immediate = immediate
        self.conditional = conditional
        self._parts: list[Text] | None = [text]
        self._size = len(text.text)

    @property
    def text(self) -> Text | None:
        if self._parts is None:
            return None
        return joined(self._parts)

    @property
    def forgotten(self) -> bool:
        return self._parts is None

    def expanded(self, lookup: Lookup) -> Text | None:
        """The value, part by part: no reference goes from one assignment on to the next."""
        texts: list[Text] = []
        size = 0
        for part in self._parts or ():
            texts.append(expand(part, lookup))
            size += len(texts[-1].text)
            if size > 2 * MAX_EXPANDED:
                return None
        pieces = [piece for text in texts for piece in text.pieces]
        return Text([piece for piece in pieces if piece.text] or pieces[:1])

    def forget(self) -> None:
        self._parts = None

    def append(self, text: Text) -> None:
        self._size += len(text.text)
        if self._size > MAX_EXPANDED:
            self.forget()
        elif self._parts is not None:
            self._parts.append(text)


class _Values:
    """The definitions in force, while the lines of a Makefile go by."""

    def __init__(self, given: Given) -> None:
        self._given = given.command
        self._definitions = {name: _Definition(text, True, False) for name, text in given.environment.items()}
        self._known: dict[str, Text | None] = {}  # as long as no line changes a definition
        self._active: set[str] = set()
        self._left = MAX_EXPANSIONS

    def value(self, name: str) -> Text | None:
        if name in self._given:
            return self._given[name]
        if name in self._known:
            return self._known[name]
        definition = self._definitions.get(name)
        if definition is None or definition.forgotten or definition.immediate:
            return definition.text if definition else None
        if name in self._active or len(self._active) >= MAX_DEPTH or not self._left:
            return None
        self._left -= 1
        self._active.add(name)
        value = definition.expanded(self.value)
        self._active.remove(name)
        self._known[name] = value
        return value

    def define(self, variable: Variable) -> None:
        old = self._definitions.get(variable.name)
        if variable.operator == "+=" and old:
            old.append(self._added(variable, old.immediate))
        else:
            if variable.operator == "?=" and old and not old.conditional:
                return
            new = self._new(variable)
            if old and (variable.conditional or variable.operator == "?=") and old.text != new.text:
                new.forget()
            self._definitions[variable.name] = new
        self._known.clear()

    def _new(self, variable: Variable) -> _Definition:
        text, immediate = variable.value, variable.operator.startswith(":")
        if variable.operator == "!=":
            text, immediate = unknown("$(shell …)", *text.place), True
        elif immediate:
            text = self._expanded(text)
        return _Definition(text, immediate, variable.conditional)

    def _added(self, variable: Variable, immediate: bool) -> Text:
        place = variable.value.place
        if variable.conditional:  # perhaps there is more
            return unknown(f"$({variable.name})", *place)
        value = self._expanded(variable.value) if immediate else variable.value
        return Text([Piece(" ", *place, False), *value.pieces])

    def _expanded(self, text: Text) -> Text:
        if not self._left:
            return unknown("$(…)", *text.place)
        self._left -= 1
        return expand(text, self.value)


def variables(makefile: Makefile, target: str = "", given: Given = NOTHING) -> Lookup:
    """The values of a Makefile's variables at its end, and for one target those that are set for it.

    A default (`?=`) counts as the value unless one is `given`. None: nothing sets it, or not the same in all branches.
    """
    values = _Values(given)
    for variable in _in_force(makefile.variables, target):
        values.define(variable)
    return values.value


def _in_force(variables: Iterable[Variable], target: str) -> list[Variable]:
    """Assignments for all targets, then those for one."""
    given = list(variables)
    own = [variable for variable in given if target and variable.target == target]
    return [variable for variable in given if not variable.target] + own
