"""What is known of the value of a GitHub Actions expression, and of a text that holds expressions.

Operators as in https://docs.github.com/en/actions/reference/workflows-and-actions/expressions#operators; what they
depend on may be unknown. Nothing here raises: the value of what is not an expression is unknown.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final, TypeAlias

from imglint.record import NamedTuple
from imglint.syntax import expressionvalue as values
from imglint.syntax.expression import (
    MAX_DEPTH,
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


def evaluate(node: Node, lookup: Lookup, place: Place) -> Value:
    """What is known of an expression's value; strings that are written in it get its place."""
    value = _judge(node, lookup, place)
    return value._replace(reason=written(node)) if isinstance(value, Unknown) and not value.reason else value


def _judge(node: Node, lookup: Lookup, place: Place) -> Value:
    """The value; where operators make it unknown it gives no reason: to write them out costs more than to judge."""
    if isinstance(node, Binary):
        return _chain(node, lookup, place)
    if isinstance(node, Literal):
        return literal(node.value, *place, exact=False) if isinstance(node.value, str) else Scalar(node.value)
    if isinstance(node, Opaque):
        return Unknown(node.text or "an empty expression")
    if isinstance(node, Not):
        opposite = truth(_judge(node.operand, lookup, place))
        return Unknown(written(node)) if opposite is None else Scalar(not opposite)
    if isinstance(node, Call):
        return _call(node, lookup, place)
    if isinstance(node, Context):
        value, keys = _look_up(node, lookup, place)
    else:
        value, keys = _judge(node.base, lookup, place), node.path
    for key in keys:
        if value is None:
            break
        value = values.items(value) if isinstance(key, Star) else values.index(value, _key(key, lookup, place))
    return Unknown(written(node)) if value is None else value


def _key(key: str | Node, lookup: Lookup, place: Place) -> Value:
    return literal(key, *place, exact=False) if isinstance(key, str) else _judge(key, lookup, place)


def _look_up(node: Context, lookup: Lookup, place: Place) -> tuple[Value | None, tuple[Key, ...]]:
    """The value of the longest path that the lookup knows, and the keys after it."""
    names: list[str] = [node.name.lower()]
    for key in node.path[:MAX_DEPTH]:
        if not isinstance(key, str):
            value = None if isinstance(key, Star) else _judge(key, lookup, place)
            if not isinstance(value, Text) or HOLE in value.text:
                break
            key = value.text
        names.append(key)
    for count in range(len(names), 0, -1):
        found = lookup(tuple(names[:count]))
        if found is not None:
            return found, node.path[count - 1 :]
    return None, ()


def _chain(node: Binary, lookup: Lookup, place: Place) -> Value:
    """Operators from left to right: a chain may be longer than the stack."""
    steps: list[Binary] = []
    left: Node = node
    while isinstance(left, Binary):
        steps.append(left)
        left = left.left
    value = _judge(left, lookup, place)
    for step in reversed(steps):
        decided = truth(value)
        if step.op in ("&&", "||"):
            if decided == (step.op == "||"):
                continue
            right = _judge(step.right, lookup, place)
            value = right if decided is not None else _either(step.op, right)
        else:
            result = _compare(step.op, value, _judge(step.right, lookup, place))
            value = Unknown("") if result is None else Scalar(result)
    return value


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


def _call(node: Call, lookup: Lookup, place: Place) -> Value:
    name = node.name.lower()
    if name == "always" and not node.args:
        return Unknown(written(node), True)
    if name == "case" and len(node.args) % 2:
        return _case(node, lookup, place)
    value = call(name, [evaluate(arg, lookup, place) for arg in node.args], place)
    return Unknown(written(node)) if value is None else value


def _case(node: Call, lookup: Lookup, place: Place) -> Value:
    """`case(condition, value, …, default)`: the value after the first condition that is true."""
    for condition, value in zip(node.args[:-1:2], node.args[1::2], strict=True):
        decided = truth(_judge(condition, lookup, place))
        if decided is None:
            return Unknown(written(node))
        if decided:
            return evaluate(value, lookup, place)
    return evaluate(node.args[-1], lookup, place)


class _Expression(NamedTuple):
    """One `${{ … }}` of a text: where it stands, what is written between the braces, and that taken apart."""

    place: Place
    text: str
    node: Node


def _segments(text: Text) -> tuple[Text | _Expression, ...]:
    """A text taken apart into its expressions and what stands between them."""
    segments: list[Text | _Expression] = []
    end = 0
    for span in find(text.text):
        if span.start > end:
            segments.append(text.cut(end, span.start))
        within = text.text[span.start + 3 : span.end - 2]
        segments.append(_Expression(text.place_at(*span), within, parse(within)))
        end = span.end
    if segments and end < len(text.text):
        segments.append(text.cut(end))
    return tuple(segments)


def substitute(text: Text, lookup: Lookup) -> Text:
    """A text with the value of each `${{ … }}` in its place; what is not known becomes a hole named after it."""
    segments = text.read_once("expressions", _segments)
    if not segments:
        return text
    parts: list[Text] = []
    size = 0
    for segment in segments:
        if not isinstance(segment, _Expression):
            parts.append(segment)
            continue
        place, within, node = segment
        value = evaluate(node, lookup, place) if size <= MAX_SUBSTITUTED else Unknown(within.strip())
        parts.append(values.to_text(value, place))
        size += len(parts[-1].text)
    return joined(parts)


def whole(text: Text, lookup: Lookup) -> Value:
    """The value of a text: of any type when it is one expression and nothing else, a string otherwise."""
    segments = text.read_once("expressions", _segments)
    if len(segments) == 1 and isinstance(segments[0], _Expression):
        return evaluate(segments[0].node, lookup, text.place)
    return substitute(text, lookup)


def holds(text: Text, lookup: Lookup) -> bool | None:
    """Whether an `if:` holds, which is an expression even without `${{ }}`; None when that is not known.

    An empty one means `success()`. With text beside `${{ }}` it is a string, which is true, as on GitHub.
    """
    if next(find(text.text), None):
        return truth(whole(text, lookup))
    return truth(_judge(parse(text.text if text.text.strip() else "success()"), lookup, text.place))
