"""The values of HCL expressions, as far as they follow from the file and from what is known of its variables.

What does not follow is `Unknown`, never wrong. By the HCL specification.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from imglint.source import Source, Span
from imglint.syntax import hclnode
from imglint.syntax.hclfunction import FUNCTIONS, search
from imglint.syntax.hcloperator import OPERATIONS
from imglint.syntax.hclvalue import (
    DIGITS,
    MAX_SIZE,
    Either,
    List,
    Map,
    Null,
    Result,
    Scalar,
    TooLargeError,
    Unknown,
    Value,
    text_of,
    truth,
)
from imglint.syntax.text import Place, Text, joined, literal, unknown

_VALUE_SIZE: Final = 64
"""As how many characters each value and each piece of a text counts."""

MAX_CHOICES: Final = 8
"""How many values one may be, of which it is not known which one it is; of more nothing is known."""

MAX_DEPTH: Final = 100
"""How deep an expression may be nested to be evaluated."""

Lookup = Callable[[str], Value | None]


def evaluate(node: hclnode.Node, source: Source, lookup: Lookup) -> Value:
    """The value of an expression of a file; `lookup` gives that of a variable, or None when nothing is known of it.

    The texts of a variable come out at the place where it is used, with their definition as origin.
    """
    try:
        return _Evaluation(source, lookup).value(node)
    except TooLargeError:
        return Unknown(source.slice(node.span))


class _Evaluation:
    """One run; `_spent` counts what was put together, against values that double with every variable."""

    def __init__(self, source: Source, lookup: Lookup) -> None:
        self._source = source
        self._lookup = lookup
        self._spent = 0
        self._depth = 0

    def value(self, node: hclnode.Node) -> Value:
        self._depth += 1
        if self._depth > MAX_DEPTH:
            raise TooLargeError
        value = self._value(node)
        self._depth -= 1
        return value

    def _value(self, node: hclnode.Node) -> Value:
        match node:
            case hclnode.String():
                return self._string(node)
            case hclnode.Constant():
                return self._constant(node)
            case hclnode.Reference():
                return self._reference(node)
            case hclnode.Tuple():
                return List(tuple([self.value(item) for item in node.items]))
            case hclnode.Object():
                return self._object(node)
            case hclnode.Access():
                return self._step(self.value(node.value), node.path, node)
            case hclnode.Call():
                return self._call(node)
            case hclnode.Conditional():
                return self._conditional(node)
            case hclnode.Binary():
                return self._operation(node, node.operator, (node.left, node.right))
            case hclnode.Unary():
                return self._operation(node, f"unary {node.operator}", (node.value,))
        return self._unknown(node)

    def _unknown(self, node: hclnode.Node) -> Unknown:
        self._spend(node.span.end - node.span.start)
        return Unknown(self._source.slice(node.span))

    def _spend(self, size: int) -> None:
        self._spent += size + _VALUE_SIZE
        if self._spent > MAX_SIZE:
            raise TooLargeError

    def _constant(self, node: hclnode.Constant) -> Value:
        if node.kind == "null":
            return Null()
        if node.kind == "number" and not re.match(DIGITS, node.text):
            whole, _, fraction = node.text.partition(".")
            if not (re.match(DIGITS, whole) and re.fullmatch("[0-9]{0,50}[1-9]", fraction)):
                return self._unknown(node)  # HCL writes it in another way than the file
        return Scalar(node.kind, literal(node.text, self._source, node.span))

    def _string(self, node: hclnode.String) -> Value:
        if len(node.parts) == 1 and isinstance(node.parts[0], hclnode.Interpolation):
            return self.value(node.parts[0].value)
        texts: list[Text] = []
        for part in node.parts:
            texts.append(part if isinstance(part, Text) else self._as_text(self.value(part.value), part))
            self._spend(len(texts[-1].text) + _VALUE_SIZE * len(texts[-1].pieces))
        return joined(texts)

    def _as_text(self, value: Value, part: hclnode.Interpolation) -> Text:
        text = text_of(value)
        if text is None:
            reason = value.reason if isinstance(value, Unknown | Either) else self._source.slice(part.value.span)
            return unknown(reason, self._source, part.span)
        return text.moved(Place(self._source, part.span), text.origin)

    def _object(self, node: hclnode.Object) -> Value:
        entries: dict[tuple[str, tuple[str, ...]], tuple[Text, Value]] = {}
        for key, item in node.items:
            name = self.value(key)
            text = text_of(name)
            if text is None:
                text = unknown(self._source.slice(key.span), self._source, key.span)
            entries[text.key] = text, self.value(item)
        return Map(tuple(entries.values()))

    def _reference(self, node: hclnode.Reference) -> Value:
        value = self._lookup(node.root)
        if value is None:
            return self._unknown(node)
        return self._moved(self._step(value, node.path, node), node.span)

    def _step(self, value: Value, path: Iterable[hclnode.Node], node: hclnode.Node) -> Value:
        """What is at a path in a value."""
        for step in path:
            key = text_of(self.value(step))
            name = key.value if key else None
            found: Value | None = None
            if (
                isinstance(value, Map)
                and name is not None
                and all(other.value is not None for other, _ in value.entries)
            ):
                found = value.get(name)
            elif isinstance(value, List) and name is not None and re.match("[0-9]{1,9}\\Z", name):
                found = value.items[int(name)] if int(name) < len(value.items) else None
            if found is None:
                return self._unknown(node)
            value = found
        return value

    def _moved(self, value: Value, span: Span, depth: int = 0) -> Value:
        """The value as it stands where it is used."""
        self._spend(0)
        if depth > MAX_DEPTH:
            raise TooLargeError
        if isinstance(value, Text):
            self._spend(len(value.text) + _VALUE_SIZE * len(value.pieces))
            return value.moved(Place(self._source, span), value.origin)
        if isinstance(value, Scalar):
            return value._replace(text=value.text.moved(Place(self._source, span), value.text.origin))
        if isinstance(value, List):
            return List(tuple([self._moved(item, span, depth + 1) for item in value.items]))
        if isinstance(value, Either):
            return value._replace(values=tuple([self._moved(each, span, depth + 1) for each in value.values]))
        if isinstance(value, Map):
            place = Place(self._source, span)
            return Map(
                tuple(
                    [(key.moved(place, key.origin), self._moved(item, span, depth + 1)) for key, item in value.entries]
                )
            )
        return value

    def _conditional(self, node: hclnode.Conditional) -> Value:
        condition = truth(self.value(node.condition))
        yes, no = self.value(node.yes), self.value(node.no)
        if condition is None:
            return yes if _same(yes, no) else self._either(node, (yes, no))
        chosen, other = (yes, no) if condition else (no, yes)
        if isinstance(chosen, Scalar) and isinstance(other, Text):
            return chosen.text
        return chosen

    def _either(self, node: hclnode.Node, values: tuple[Value, ...]) -> Value:
        """One of the branches of a conditional; unknown when nothing of them is known."""
        reason = self._unknown(node).reason
        choices = tuple(each for value in values for each in (value.values if isinstance(value, Either) else (value,)))
        known = any(not isinstance(each, Unknown) for each in choices)
        return Either(choices, reason) if known and len(choices) <= MAX_CHOICES else Unknown(reason)

    def _operation(self, node: hclnode.Node, name: str, operands: tuple[hclnode.Node, ...]) -> Value:
        values = [self.value(operand) for operand in operands]
        result = OPERATIONS[name](*values)
        return self._unknown(node) if result is None else self._result(result, node.span)

    def _call(self, node: hclnode.Call) -> Value:
        values = [self.value(argument) for argument in node.arguments]
        if node.name == "can" and len(node.arguments) == 1:
            return self._can(node, node.arguments[0], values[0])
        if node.spread and values:
            last = values.pop()
            if not isinstance(last, List):
                return self._unknown(node)
            values += last.items
        function = FUNCTIONS.get(node.name)
        try:
            result = function(*values) if function else None
        except TypeError:  # too few or too many arguments
            result = None
        return self._unknown(node) if result is None else self._result(result, node.span)

    def _can(self, node: hclnode.Call, argument: hclnode.Node, value: Value) -> Value:
        """`can(…)`: whether its argument has a value, as far as that is a matter of a regular expression."""
        if not isinstance(value, Unknown | Either):
            return self._result(True, node.span)
        if isinstance(argument, hclnode.Call) and argument.name == "regex" and len(argument.arguments) == 2:
            found = search(*(self.value(each) for each in argument.arguments))
            if found is not None and not found:
                return self._result(False, node.span)
        return self._unknown(node)

    def _result(self, result: Result, span: Span) -> Value:
        """A plain result gets the place of its expression."""
        if isinstance(result, bool):
            return Scalar("bool", literal(str(result).lower(), self._source, span, exact=False))
        if isinstance(result, int):
            return Scalar("number", literal(str(result), self._source, span, exact=False))
        if isinstance(result, str):
            self._spend(len(result))
            return literal(result, self._source, span, exact=False)
        if isinstance(result, Text):
            self._spend(len(result.text) + _VALUE_SIZE * len(result.pieces))
        elif isinstance(result, List):
            self._spend(_VALUE_SIZE * len(result.items))
        return result


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other
