"""Values of HCL expressions, as far as they follow from the file and from what is known of its variables.

What does not follow is `Unknown`, never wrong. Operators and functions by the HCL specification and by the functions
of buildx (bake/hclparser/stdlib.go, which are those of zclconf/go-cty).
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax import hclnode
from imglint.syntax.lists import GO_SPACE
from imglint.syntax.text import Place, Text, joined, literal, unknown

MAX_SIZE: Final = 1024 * 1024
"""How many characters one evaluation may put together; more gives `Unknown`."""

_VALUE_SIZE: Final = 64
"""As how many characters each value and each piece of a text counts."""

MAX_CHOICES: Final = 8
"""How many values one may be, of which it is not known which one it is; of more nothing is known."""

MAX_DEPTH: Final = 100
"""How deep an expression may be nested to be evaluated."""

_MAX_SEARCHED: Final = 500
_PLAIN_PATTERN: Final = r"(?:[A-Za-z0-9_.:/@^$|+?*, \[\]()-]|\\[.dwsDWS+*?/-]){1,100}"
"""Regular expressions that RE2 and Python read alike; two repetitions in each other are too rare to matter."""

_DIGITS: Final = r"-?(?:0|[1-9][0-9]{0,99})\Z"


class Scalar(NamedTuple):
    """A number or a truth value (`kind`: `number` or `bool`), and the text that it becomes in a string."""

    kind: str
    text: Text


class List(NamedTuple):
    """A list, set or tuple."""

    items: tuple[Value, ...]


class Map(NamedTuple):
    """A map or object; no key that is known is there twice."""

    entries: tuple[tuple[Text, Value], ...]

    def get(self, key: str) -> Value | None:
        """The value of a key."""
        return next((value for name, value in self.entries if name.value == key), None)


class Null(NamedTuple):
    """No value."""


class Unknown(NamedTuple):
    """A value that does not follow; `reason` is what would tell it, as it is written."""

    reason: str


class Either(NamedTuple):
    """One of several values, none of them an `Either` itself; `reason` as in `Unknown`."""

    values: tuple[Value, ...]
    reason: str


Value = Text | Scalar | List | Map | Null | Unknown | Either
Lookup = Callable[[str], Value | None]
Result = Value | str | int


def evaluate(node: hclnode.Node, source: Source, lookup: Lookup) -> Value:
    """The value of an expression of a file; `lookup` gives that of a variable, or None when nothing is known of it.

    The texts of a variable come out at the place where it is used, with their definition as origin.
    """
    try:
        return _Evaluation(source, lookup).value(node)
    except _TooLargeError:
        return Unknown(source.slice(node.span))


def text_of(value: Value) -> Text | None:
    """A value as HCL turns it into a string; None for lists, maps and null, and for what is unknown."""
    return value if isinstance(value, Text) else value.text if isinstance(value, Scalar) else None


class _TooLargeError(Exception):
    pass


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
            raise _TooLargeError
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
            raise _TooLargeError

    def _constant(self, node: hclnode.Constant) -> Value:
        if node.kind == "null":
            return Null()
        if node.kind == "number" and not re.match(_DIGITS, node.text):
            whole, _, fraction = node.text.partition(".")
            if not (re.match(_DIGITS, whole) and re.fullmatch("[0-9]{0,50}[1-9]", fraction)):
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
            raise _TooLargeError
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
        condition = _truth(self.value(node.condition))
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
        result = _OPERATIONS[name](*values)
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
        function = _FUNCTIONS.get(node.name)
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
            found = _search(*(self.value(each) for each in argument.arguments))
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


def _known(value: Value) -> str | None:
    """The whole string that a value becomes, when nothing in it is unknown."""
    text = text_of(value)
    return text.value if text else None


def _truth(value: Value) -> bool | None:
    if isinstance(value, Scalar) and value.kind == "number":
        return None
    return {"true": True, "1": True, "false": False, "0": False}.get(_known(value) or "")


def _integer(value: Value) -> int | None:
    known = _known(value)
    return int(known) if known is not None and re.match(_DIGITS, known) else None


def _same(one: Value, other: Value) -> bool:
    return type(one) is type(other) and one == other


def _equal(one: Value, other: Value) -> bool | None:
    """Values of different types are not equal; of lists and maps the exact types are not known here."""
    if isinstance(one, Unknown | Either) or isinstance(other, Unknown | Either):
        return None
    if isinstance(one, Null) or isinstance(other, Null):
        return isinstance(one, Null) and isinstance(other, Null)
    kinds = {getattr(value, "kind", "string") for value in (one, other) if isinstance(value, Text | Scalar)}
    if len(kinds) == 2:
        return False
    if kinds == {"number"}:
        numbers = _integer(one), _integer(other)
        return None if None in numbers else numbers[0] == numbers[1]
    texts = _known(one), _known(other)
    return None if None in texts else texts[0] == texts[1]


def _not(value: bool | None) -> bool | None:
    return None if value is None else not value


def _not_equal(one: Value, other: Value) -> bool | None:
    return _not(_equal(one, other))


def _and(one: Value, other: Value) -> bool | None:
    found = _truth(one), _truth(other)
    return False if False in found else None if None in found else True


def _or(one: Value, other: Value) -> bool | None:
    found = _truth(one), _truth(other)
    return True if True in found else None if None in found else False


def _on_integers(function: Callable[[int, int], int | None]) -> Callable[[Value, Value], int | None]:
    def apply(one: Value, other: Value) -> int | None:
        left, right = _integer(one), _integer(other)
        return None if left is None or right is None else function(left, right)

    return apply


def _negate(value: Value) -> int | None:
    number = _integer(value)
    return None if number is None else -number


def _divide(one: int, other: int) -> int | None:
    return one // other if other and one % other == 0 else None


def _modulo(one: int, other: int) -> int | None:
    return one % other if one >= 0 and other > 0 else None


def _map_text(function: Callable[[str], str]) -> Callable[[Value], Text | str | None]:
    """A function of one known string; a string that it does not change keeps its places."""

    def apply(value: Value) -> Text | str | None:
        known = _known(value)
        result = None if known is None else function(known)
        return text_of(value) if result == known else result

    return apply


def _cut_text(function: Callable[[str, str], tuple[int, int]]) -> Callable[[Value, Value], Text | None]:
    """A function that keeps one range of its first string."""

    def apply(value: Value, other: Value) -> Text | None:
        text, known, argument = text_of(value), _known(value), _known(other)
        return None if text is None or known is None or argument is None else text.cut(*function(known, argument))

    return apply


def _trim_space(value: Value) -> Text | None:
    text = text_of(value)
    return text.strip(GO_SPACE) if text and text.value is not None else None


def _trim_range(text: str, characters: str) -> tuple[int, int]:
    start = len(text) - len(text.lstrip(characters)) if characters else 0
    return start, max(start, len(text.rstrip(characters)) if characters else len(text))


def _replace(value: Value, old: Value, new: Value) -> Text | str | None:
    text, part, other = _known(value), _known(old), _known(new)
    if text is None or other is None or not part:
        return None
    if len(text) + text.count(part) * len(other) > MAX_SIZE:
        raise _TooLargeError
    return text.replace(part, other) if part in text else text_of(value)


def _join(separator: Value, *lists: Value) -> Text | str | None:
    between, items = text_of(separator), _concat(*lists)
    if between is None or items is None or not lists:
        return None
    texts = [text_of(item) for item in items.items]
    parts = [text for text in texts if text is not None]
    if len(parts) < len(texts):
        return None
    if sum(len(text.text) for text in parts) + (len(between.text) + len(between.pieces)) * len(parts) > MAX_SIZE:
        raise _TooLargeError
    if not parts:
        return ""
    row = [text for part in parts for text in (between, part)][1:]
    return joined([text for text in row if text.text] or row[:1])


def _split(separator: Value, value: Value) -> List | None:
    between, text, known = _known(separator), text_of(value), _known(value)
    if not between or text is None or known is None:
        return None
    if known.count(between) * len(text.pieces) > MAX_SIZE:
        raise _TooLargeError
    return List(tuple(text.split(between)))


def _concat(*lists: Value) -> List | None:
    items: list[Value] = []
    for value in lists:
        if isinstance(value, Either) and all(isinstance(each, List) for each in value.values):
            # Each item may be there or not.
            choices = (item for each in value.values if isinstance(each, List) for item in each.items)
            items += (Either((item, Null()), value.reason) for item in choices if not isinstance(item, Either))
        elif isinstance(value, List):
            items += value.items
        else:
            return None
    return List(tuple(items))


def _all_known(value: Value) -> tuple[Value, ...] | None:
    """The items of a list, when each is a known string, number or truth value, or null."""
    if not isinstance(value, List):
        return None
    return value.items if all(isinstance(item, Null) or _known(item) is not None for item in value.items) else None


def _compact(value: Value) -> List | None:
    items = _all_known(value)
    return None if items is None else List(tuple(item for item in items if _known(item)))


def _distinct(value: Value) -> List | None:
    items = _all_known(value)
    if items is None:
        return None
    first: dict[tuple[type, str, str | None], Value] = {}
    for item in items:
        first.setdefault((type(item), getattr(item, "kind", ""), _known(item)), item)
    return List(tuple(first.values()))


def _flatten(value: Value) -> List | None:
    if not isinstance(value, List):
        return None
    items: list[Value] = []
    for item in value.items:
        if isinstance(item, Unknown | Either):
            return None
        inner = _flatten(item) if isinstance(item, List) else List((item,))
        if inner is None:
            return None
        items += inner.items
    return List(tuple(items))


def _coalesce(*values: Value) -> Value | None:
    as_text = any(isinstance(value, Text) for value in values)
    for value in values:
        if isinstance(value, Unknown | Either):
            return None
        if not isinstance(value, Null):
            return value.text if as_text and isinstance(value, Scalar) else value
    return None


def _merge(*values: Value) -> Map | None:
    entries: dict[tuple[str, tuple[str, ...]], tuple[Text, Value]] = {}
    for value in values:
        if isinstance(value, Map):
            entries.update((entry[0].key, entry) for entry in value.entries)
        elif not isinstance(value, Null):
            return None
    return Map(tuple(entries.values()))


def _length(value: Value) -> int | None:
    return len(value.items) if isinstance(value, List) else None


def _contains(value: Value, item: Value) -> bool | None:
    if not isinstance(value, List):
        return None
    found = {_equal(item, other) for other in value.items}
    return True if True in found else None if None in found else False


def _subtract(value: Value, others: Value) -> List | None:
    """The items of one set that are not in another."""
    items, excluded = _all_known(value), _all_known(others)
    if items is None or excluded is None:
        return None
    known = {_known(item) for item in excluded}
    return List(tuple(item for item in items if _known(item) not in known))


def _search(pattern: Value, value: Value) -> list[re.Match[str]] | None:
    """The first match of a regular expression, if any; None when it is not known, or one of RE2's own."""
    expression, text = _known(pattern), _known(value)
    if expression is None or text is None or len(text) > _MAX_SEARCHED or not re.fullmatch(_PLAIN_PATTERN, expression):
        return None
    try:
        match = re.search(expression, text)
    except (re.error, OverflowError):
        return None
    return [match] if match else []


def _regex(pattern: Value, value: Value) -> Value | None:
    """`regex`: the match, or the list of its groups."""
    found, text = _search(pattern, value), text_of(value)
    if not found or text is None:
        return None
    match = found[0]
    if match.re.groups == 0:
        return text.cut(*match.span())
    spans = [match.span(number + 1) for number in range(match.re.groups)]
    return List(tuple(text.cut(*span) if span[0] >= 0 else Null() for span in spans))


def _sorted(value: Value) -> tuple[tuple[Text, Value], ...] | None:
    """The entries of a map in the order of the keys, when all keys are known."""
    if not isinstance(value, Map) or any(key.value is None for key, _ in value.entries):
        return None
    return tuple(sorted(value.entries, key=lambda entry: entry[0].text))


def _keys(value: Value) -> List | None:
    entries = _sorted(value)
    return None if entries is None else List(tuple(key for key, _ in entries))


def _values(value: Value) -> List | None:
    entries = _sorted(value)
    return None if entries is None else List(tuple(item for _, item in entries))


def _find(value: Value, key: Value, default: Value) -> Value | None:
    name = _known(key)
    if name is None or not isinstance(value, Map) or _sorted(value) is None:
        return None
    found = value.get(name)
    return default if found is None else found


def _element(value: Value, index: Value) -> Value | None:
    number = _integer(index)
    if number is None or not isinstance(value, List) or not value.items:
        return None
    return value.items[number % len(value.items)]


def _format(template: Value, *values: Value) -> Text | str | None:
    """Only `%s`, `%v` and `%%`."""
    text, known = text_of(template), _known(template)
    if text is None or known is None:
        return None
    parts: list[Text] = []
    rest = list(values)
    at = 0
    for match in re.finditer("%(.?)", known, re.DOTALL):
        parts.append(text.cut(at, match.start()))
        at = match.end()
        value = text.cut(match.start(), match.start() + 1) if match[1] == "%" else None
        if match[1] in ("s", "v") and rest:
            value = text_of(rest.pop(0))
        if value is None:
            return None
        parts.append(value)
    parts.append(text.cut(at))
    return None if rest else joined(part for part in parts if part.text) if any(part.text for part in parts) else ""


_OPERATIONS: Final[dict[str, Callable[..., Result | None]]] = {
    "==": _equal,
    "!=": _not_equal,
    "&&": _and,
    "||": _or,
    "<": _on_integers(lambda one, other: one < other),
    "<=": _on_integers(lambda one, other: one <= other),
    ">": _on_integers(lambda one, other: one > other),
    ">=": _on_integers(lambda one, other: one >= other),
    "+": _on_integers(lambda one, other: one + other),
    "-": _on_integers(lambda one, other: one - other),
    "*": _on_integers(lambda one, other: one * other),
    "/": _on_integers(_divide),
    "%": _on_integers(_modulo),
    "unary -": _negate,
    "unary !": lambda value: _not(_truth(value)),
}

_FUNCTIONS: Final[dict[str, Callable[..., Result | None]]] = {
    "add": _OPERATIONS["+"],
    "and": _and,
    "coalesce": _coalesce,
    "compact": _compact,
    "concat": _concat,
    "contains": _contains,
    "distinct": _distinct,
    "element": _element,
    "equal": _equal,
    "flatten": _flatten,
    "format": _format,
    "greaterthan": _OPERATIONS[">"],
    "join": _join,
    "keys": _keys,
    "length": _length,
    "lessthan": _OPERATIONS["<"],
    "lookup": _find,
    "lower": _map_text(str.lower),
    "merge": _merge,
    "not": _OPERATIONS["unary !"],
    "notequal": _not_equal,
    "or": _or,
    "regex": _regex,
    "replace": _replace,
    "sethaselement": _contains,
    "setsubtract": _subtract,
    "split": _split,
    "subtract": _OPERATIONS["-"],
    "trim": _cut_text(_trim_range),
    "trimprefix": _cut_text(lambda text, part: (len(part) if text.startswith(part) else 0, len(text))),
    "trimspace": _trim_space,
    "trimsuffix": _cut_text(lambda text, part: (0, len(text) - len(part) if text.endswith(part) else len(text))),
    "upper": _map_text(str.upper),
    "values": _values,
}
