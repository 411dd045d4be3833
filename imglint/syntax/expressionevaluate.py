"""What is known of the value of a GitHub Actions expression, and of a text that holds expressions.

Operators as in https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators; what they
depend on may be unknown. Nothing here raises: the value of what is not an expression is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Final, TypeAlias, cast

from imglint.record import NamedTuple
from imglint.syntax import expressionvalue as values
from imglint.syntax.expression import (
    MAX_DEPTH,
    OPENING,
    Access,
    Binary,
    Call,
    Context,
    Key,
    Literal,
    Node,
    Not,
    Opaque,
    Star,
    find,
    parse,
    written,
)
from imglint.syntax.expressioncall import call
from imglint.syntax.expressionvalue import Scalar, Unknown, Value, truth
from imglint.syntax.text import HOLE, Place, Text, joined, literal

MAX_SUBSTITUTED: Final = 1_000_000
"""When the expressions of one text have become this many characters, further ones count as unknown."""

Lookup: TypeAlias = Callable[[tuple[str, ...]], Value | None]
"""Gives the value of a context's path, such as ("env", "REGISTRY"), or None when it does not know it.

The context's name is in lower case, the rest as it is written; Actions compares all of it without regard to case.
When a path is not known its beginnings are asked for, the longest first, and the rest is looked up in the object.
"""


Reading: TypeAlias = Callable[[Lookup, Place], Value]
"""Gives what is known of an expression's value; strings that are written in it get the place."""


class _Compiled(NamedTuple):
    """An expression that is ready to be read."""

    judge: Reading
    node: Node

    def value(self, lookup: Lookup, place: Place) -> Value:
        """The value; what is unknown has a reason."""
        value = self.judge(lookup, place)
        if type(value) is Unknown and not value.reason:
            return Unknown(written(self.node), value.truth)
        return value


@lru_cache(maxsize=1024)
def _compiled(text: str) -> _Compiled:
    """What stands between `${{` and `}}`, or a condition without these."""
    node = parse(text)
    return _Compiled(_reading(node), node)


def evaluate(node: Node, lookup: Lookup, place: Place) -> Value:
    """What is known of an expression's value; strings that are written in it get its place."""
    return _Compiled(_reading(node), node).value(lookup, place)


def _reading(node: Node) -> Reading:
    """What reads a node: made once, since the combinations of a matrix have their expressions in common.

    Where operators make a value unknown it gives no reason: that of the whole expression says more.
    """
    if isinstance(node, Context):
        return _of_context(node)
    if isinstance(node, Binary):
        return _of_chain(node)
    if isinstance(node, Literal):
        return _of_literal(node.value)
    if isinstance(node, Opaque):
        return _always(Unknown(node.text or "an empty expression"))
    if isinstance(node, Not):
        return _of_negation(node)
    return _of_call(node) if isinstance(node, Call) else _of_access(node)


def _always(value: Value) -> Reading:
    return lambda lookup, place: value


def _of_literal(value: str | float | bool | None) -> Reading:
    if isinstance(value, str):
        return lambda lookup, place: literal(value, *place, exact=False)
    return _always(Scalar(value))


def _of_negation(node: Not) -> Reading:
    operand, unknown = _reading(node.operand), Unknown(written(node))

    def judge(lookup: Lookup, place: Place) -> Value:
        opposite = truth(operand(lookup, place))
        return unknown if opposite is None else Scalar(not opposite)

    return judge


_Keys: TypeAlias = tuple[Star | Reading, ...]


def _keys(path: tuple[Key, ...]) -> _Keys:
    return tuple(
        key if isinstance(key, Star) else _of_literal(key) if isinstance(key, str) else _reading(key) for key in path
    )


def _taken(value: Value | None, keys: _Keys, lookup: Lookup, place: Place) -> Value | None:
    """What is taken from a value by one key after the other; None when that is not known."""
    for key in keys:
        if value is None:
            return None
        value = values.items(value) if isinstance(key, Star) else values.index(value, key(lookup, place))
    return value


def _of_access(node: Access) -> Reading:
    base, keys, unknown = _reading(node.base), _keys(node.path), Unknown(written(node))

    def judge(lookup: Lookup, place: Place) -> Value:
        value = _taken(base(lookup, place), keys, lookup, place)
        return unknown if value is None else value

    return judge


def _of_context(node: Context) -> Reading:
    """The value of the longest path that the lookup knows, and what the keys after it take from that."""
    name, keys, unknown = node.name.lower(), _keys(node.path), Unknown(written(node))
    asked = node.path[:MAX_DEPTH]
    if not all(isinstance(key, str) for key in asked):
        return _of_changing_context(node, name, keys)
    names = (name, *cast("tuple[str, ...]", asked))
    paths = tuple((names[:count], keys[count - 1 :]) for count in range(len(names), 0, -1))

    def judge(lookup: Lookup, place: Place) -> Value:
        for path, rest in paths:
            value = lookup(path)
            if value is not None:
                value = _taken(value, rest, lookup, place) if rest else value
                return unknown if value is None else value
        return unknown

    return judge


def _of_changing_context(node: Context, name: str, keys: _Keys) -> Reading:
    """The same where keys are expressions themselves: the path ends at the first that is not known."""
    unknown = Unknown(written(node))

    def judge(lookup: Lookup, place: Place) -> Value:
        names = [name]
        for key in keys[:MAX_DEPTH]:
            value = None if isinstance(key, Star) else key(lookup, place)
            if not isinstance(value, Text) or HOLE in value.text:
                break
            names.append(value.text)
        for count in range(len(names), 0, -1):
            found = lookup(tuple(names[:count]))
            if found is not None:
                found = _taken(found, keys[count - 1 :], lookup, place)
                return unknown if found is None else found
        return unknown

    return judge


def _of_chain(node: Binary) -> Reading:
    """Operators from left to right: a chain may be longer than the stack."""
    steps: list[tuple[str, Reading]] = []
    left: Node = node
    while isinstance(left, Binary):
        steps.append((left.op, _reading(left.right)))
        left = left.left
    first = _reading(left)
    steps.reverse()

    def judge(lookup: Lookup, place: Place) -> Value:
        value = first(lookup, place)
        for op, operand in steps:
            if op in ("&&", "||"):
                decided = truth(value)
                if decided == (op == "||"):
                    continue
                right = operand(lookup, place)
                value = right if decided is not None else _either(op, right)
            else:
                result = _compare(op, value, operand(lookup, place))
                value = Unknown("") if result is None else Scalar(result)
        return value

    return judge


def _either(op: str, right: Value) -> Unknown:
    """The outcome of `&&` or `||` when the left operand is unknown: only its truth may be certain."""
    decided = truth(right)
    return Unknown("", decided if decided == (op == "||") else None)


def _compare(op: str, left: Value, right: Value) -> bool | None:
    same = values.equal(left, right)
    if op in ("==", "!="):
        return None if same is None else same == (op == "==")
    result = values.less(left, right) if op[0] == "<" else values.less(right, left)
    return True if op[1:] and same else result


def _of_call(node: Call) -> Reading:
    name, unknown = node.name.lower(), Unknown(written(node))
    if name == "always" and not node.args:
        return _always(unknown._replace(truth=True))
    args = [_Compiled(_reading(arg), arg) for arg in node.args]
    if name == "case" and len(args) % 2:
        return _of_case(args, unknown)

    def judge(lookup: Lookup, place: Place) -> Value:
        value = call(name, [arg.value(lookup, place) for arg in args], place)
        return unknown if value is None else value

    return judge


def _of_case(args: list[_Compiled], unknown: Unknown) -> Reading:
    """`case(condition, value, …, default)`: the value after the first condition that is true."""

    def judge(lookup: Lookup, place: Place) -> Value:
        for condition, value in zip(args[:-1:2], args[1::2], strict=True):
            decided = truth(condition.judge(lookup, place))
            if decided is None:
                return unknown
            if decided:
                return value.value(lookup, place)
        return args[-1].value(lookup, place)

    return judge


class _Expression(NamedTuple):
    """One `${{ … }}` of a text: where it stands, what is written between the braces, and what reads that."""

    place: Place
    text: str
    compiled: _Compiled


def _segments(text: Text) -> tuple[Text | _Expression, ...]:
    """A text taken apart into its expressions and what stands between them; nothing where it has none."""
    segments: list[Text | _Expression] = []
    end = 0
    for span in find(text.text):
        if span.start > end:
            segments.append(text.cut(end, span.start))
        within = text.text[span.start + 3 : span.end - 2]
        segments.append(_Expression(text.place_at(*span), within, _compiled(within)))
        end = span.end
    if segments and end < len(text.text):
        segments.append(text.cut(end))
    return tuple(segments)


def substitute(text: Text, lookup: Lookup) -> Text:
    """A text with the value of each `${{ … }}` in its place; what is not known becomes a hole named after it."""
    segments = text.read_once("expressions", _segments) if OPENING in text.text else ()
    if not segments:
        return text
    parts: list[Text] = []
    size = 0
    for segment in segments:
        if not isinstance(segment, _Expression):
            parts.append(segment)
            continue
        place, within, compiled = segment
        value = compiled.value(lookup, place) if size <= MAX_SUBSTITUTED else Unknown(within.strip())
        parts.append(values.to_text(value, place))
        size += len(parts[-1].text)
    return joined(parts)


def whole(text: Text, lookup: Lookup) -> Value:
    """The value of a text: of any type when it is one expression and nothing else, a string otherwise."""
    if OPENING not in text.text:
        return text
    segments = text.read_once("expressions", _segments)
    if len(segments) == 1 and isinstance(segments[0], _Expression):
        return segments[0].compiled.value(lookup, text.place)
    return substitute(text, lookup)


def holds(text: Text, lookup: Lookup) -> bool | None:
    """Whether an `if:` holds, which is an expression even without `${{ }}`; None when that is not known.

    An empty one means `success()`. With text beside `${{ }}` it is a string, which is true, as on GitHub.
    """
    if OPENING in text.text and text.read_once("expressions", _segments):
        return truth(whole(text, lookup))
    return truth(_compiled(text.text if text.text.strip() else "success()").judge(lookup, text.place))
