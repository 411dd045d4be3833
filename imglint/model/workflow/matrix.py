"""The combinations of a job's matrix.

https://docs.github.com/en/actions/how-tos/write-workflows/choose-what-workflows-do/run-job-variations
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice, product
from typing import Final

from imglint.model.workflow.structure import Fields
from imglint.syntax import yaml, yamlnode
from imglint.syntax.expressionevaluate import Lookup, whole
from imglint.syntax.expressionvalue import List, Object, Scalar, Unknown, Value, equal
from imglint.syntax.text import Text

MAX_COMBINATIONS: Final = 64
"""Combinations that are followed; GitHub itself allows 256."""
MAX_DEPTH: Final = 20
"""Lists and objects within one another in a value of a matrix."""

Combination = tuple[tuple[str, Value], ...]


def combinations(strategy: Fields, lookup: Lookup) -> tuple[Combination | None, ...]:
    """The values of `matrix` in each job that is made; None for a matrix that nobody knows, `()` without one.

    A matrix with more than `MAX_COMBINATIONS` gives the first of them.
    """
    document = strategy.document
    node = document.get(strategy.node, "matrix")
    if node is None:
        return ((),)
    if isinstance(node, yamlnode.Scalar):
        value = whole(document.text(node), lookup)
        if not isinstance(value, Object):
            return (None,)
        vectors = [(key, item) for key, item in value.fields if key not in ("include", "exclude")]
        extra = dict(value.fields)
    else:
        entries = document.entries(node)
        vectors = [
            (key.value, value_of(document, item, lookup))
            for key, item in entries
            if key.value not in ("include", "exclude")
        ]
        extra = {
            key.value: value_of(document, item, lookup) for key, item in entries if key.value in ("include", "exclude")
        }
    if isinstance(extra.get("include"), Unknown | Text):
        return (None,)
    rows = _product(vectors)
    excluded = _objects(extra.get("exclude"))
    kept = [row for row in rows if not any(_matches(row, each) for each in excluded)]
    return tuple(_included(kept, _objects(extra.get("include")), frozenset(name for name, _ in vectors)))


def _product(vectors: Sequence[tuple[str, Value]]) -> list[Combination]:
    if not vectors:
        return []
    columns: list[Sequence[Value]] = []
    for _, value in vectors:
        columns.append(value.items if isinstance(value, List) else (Unknown("a value of the matrix"),))
    names = [name for name, _ in vectors]
    return [tuple(zip(names, row, strict=True)) for row in islice(product(*columns), MAX_COMBINATIONS)]


def _objects(value: Value | None) -> tuple[Object, ...]:
    return tuple(item for item in value.items if isinstance(item, Object)) if isinstance(value, List) else ()


def _matches(row: Combination, wanted: Object) -> bool:
    values = dict(row)
    return all(name in values and equal(values[name], value) is True for name, value in wanted.fields)


def _included(
    rows: list[Combination], includes: tuple[Object, ...], original: frozenset[str]
) -> list[Combination | None]:
    """Each `include` is added to the rows that it does not contradict, else it is a row of its own."""
    result = [dict(row) for row in rows]
    own: list[dict[str, Value]] = []
    for include in includes[:MAX_COMBINATIONS]:
        fits = [
            row
            for row in result
            if all(name not in original or equal(row[name], value) is not False for name, value in include.fields)
        ]
        for row in fits:
            sure = all(name not in original or equal(row[name], value) for name, value in include.fields)
            for name, value in include.fields:
                if sure:
                    row[name] = value
                elif name not in original:
                    row[name] = Unknown(f"matrix.{name}")
        if not fits:
            own.append(dict(include.fields))
    found: list[Combination | None] = [tuple(row.items()) for row in (*result, *own)]
    return found[:MAX_COMBINATIONS] or [()]


def value_of(document: yaml.Document, node: yamlnode.Node, lookup: Lookup, depth: int = 0) -> Value:
    """A value of YAML as expressions have them; expressions in it are evaluated."""
    if isinstance(node, yamlnode.Scalar):
        if document.is_null(node):
            return Scalar(None)
        truth = document.boolean(node)
        return whole(document.text(node), lookup) if truth is None else Scalar(truth)
    if isinstance(node, yamlnode.Alias) or depth > MAX_DEPTH:
        return Unknown("a part of the matrix")
    if isinstance(node, yamlnode.Sequence):
        items = document.items(node)[: MAX_COMBINATIONS * 4]
        return List(tuple(value_of(document, item, lookup, depth + 1) for item in items))
    entries = document.entries(node)[: MAX_COMBINATIONS * 4]
    return Object(tuple((key.value, value_of(document, item, lookup, depth + 1)) for key, item in entries))
