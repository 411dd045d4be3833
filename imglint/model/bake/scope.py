"""Variables of bake files: their defaults, and the environment that overrides them.

https://docs.docker.com/build/bake/variables/
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from imglint.model.bake.definition import Block, Expression, File
from imglint.model.bake.function import Called, Functions
from imglint.syntax.hclevaluate import Lookup, evaluate
from imglint.syntax.hclvalue import Either, List, Map, Scalar, Unknown, Value
from imglint.syntax.text import HOLE, Text

MAX_DEPTH: Final = 40
"""How many variables may depend on one another; what lies deeper is unknown."""

MAX_SIZE: Final = 8 << 20
"""How many characters and parts all evaluations together may give; what comes after that is unknown."""


COST_OF_CALL: Final = 1 << 12
"""What a call of a function counts for, so that calls within calls end."""


class Scope:
    """The names that expressions of some files may use.

    `environment` are variables whose value is known; None when nothing calls the files. Then an empty default, which is
    there to be overridden, is of unknown value, as the value of a variable without default always is.
    """

    def __init__(self, files: Sequence[File], environment: Mapping[str, Text] | None) -> None:
        self._environment = environment or {}
        self._is_called = environment is not None
        self._variables: dict[str, Block] = {}
        self._attributes: dict[str, Expression] = {}
        for file in files:
            self._variables.update((block.label.text, block) for block in file.blocks if block.type == "variable")
            self._attributes.update(file.attributes)
        self._calls: dict[str, tuple[Functions, Called]] = {}
        for functions in filter(None, (file.functions for file in files)):
            self._calls.update((name, (functions, called)) for name, called in functions.calls.items())
        self._values: dict[str, Value | None] = {}
        self._depth = 0
        self._left = MAX_SIZE

    def value(self, expression: Expression, own: Mapping[str, Value]) -> Value:
        """The value of an expression, for which also the names in `own` have values."""
        if self._left < 0:
            return Unknown("")
        value = expression.evaluate(self._within(own))
        self._left -= _size(value)
        return value

    def _within(self, own: Mapping[str, Value]) -> Lookup:
        """What finds a name where those in `own` have values."""

        def lookup(name: str) -> Value | None:
            if name in own:
                return own[name]
            return self._result(*self._calls[name], lookup) if name in self._calls else self.lookup(name)

        return lookup

    def _result(self, functions: Functions, called: Called, lookup: Lookup) -> Value | None:
        """What a call of a function gives."""
        if self._depth == MAX_DEPTH or self._left < 0:
            return None
        self._depth += 1
        self._left -= COST_OF_CALL
        function = functions.functions[called.name]
        arguments = [evaluate(argument, called.source, lookup) for argument in called.arguments]
        named = len(function.parameters)
        own: dict[str, Value] = dict(zip(function.parameters, arguments[:named], strict=True))
        if function.variadic:
            own[function.variadic] = List(tuple(arguments[named:]))
        value = evaluate(function.result, called.source, self._within(own))
        self._left -= _size(value)
        self._depth -= 1
        return value

    def lookup(self, name: str) -> Value | None:
        """The value of a variable or of an attribute at the top of a file; None when nothing is known of it."""
        if name not in self._values:
            if self._depth == MAX_DEPTH:
                return None
            self._values[name] = None  # what depends on itself is unknown
            self._depth += 1
            self._values[name] = self._find(name)
            self._depth -= 1
        return self._values[name]

    def _find(self, name: str) -> Value | None:
        block = self._variables.get(name)
        if block is None:
            expression = self._attributes.get(name)
            return self.value(expression, {}) if expression else None
        default = block.attributes.get("default")
        value = self.value(default, {}) if default else None
        if not self._is_called and isinstance(value, Text) and not value.text:
            return None
        given = self._environment.get(name)
        return value if given is None else _typed(given, value, block.attributes.get("type"))


def _typed(given: Text, default: Value | None, type: Expression | None) -> Value | None:
    """A value of the environment as the variable takes it: by its declared type, or by that of its default."""
    declared = type.place.source.slice(type.place.span).strip('"') if type else ""
    if re.match(r"(?:list|set)\(", declared):
        return None if HOLE in given.text else List(tuple(given.split(",")))
    if declared in ("number", "bool"):
        return Scalar(declared, given)
    if declared not in ("", "string", "any") or isinstance(default, List | Map):
        return None
    return Scalar(default.kind, given) if isinstance(default, Scalar) and not declared else given


def _size(value: Value) -> int:
    """About how much a value holds."""
    waiting: list[Value] = [value]
    size = 0
    while waiting:
        each = waiting.pop()
        size += 1
        if isinstance(each, Text):
            size += len(each.text) + len(each.pieces)
        elif isinstance(each, List):
            waiting += each.items
        elif isinstance(each, Either):
            waiting += each.values
        elif isinstance(each, Map):
            for key, item in each.entries:
                size += len(key.text)
                waiting.append(item)
    return size


def combinations(matrix: Value, limit: int) -> list[dict[str, Value]]:
    """What the names of a matrix stand for in each of its targets; one unknown set when that does not follow."""
    if not isinstance(matrix, Map):
        return [{}]
    found: list[dict[str, Value]] = [{}]
    for name, values in matrix.entries:
        if name.value is None or not isinstance(values, List):
            return [{}]
        product = ({**others, name.value: value} for value in values.items for others in found)
        found = list(islice(product, limit))
    return found
