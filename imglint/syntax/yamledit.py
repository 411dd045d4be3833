"""Changes to a YAML text that keep its indentation and style, and change nothing but what is meant.

Each change is read again before it is handed out: where the text would then mean anything else, there is none.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final, TypeAlias

from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax import yaml, yamlnode

Path: TypeAlias = tuple[str | int, ...]
Leaf: TypeAlias = tuple[Path, str]
Value: TypeAlias = str | Mapping[str, str]
"""What can be written: a string (with a line feed at its end: as lines of a block) or a mapping of strings."""

MAX_CHARACTERS: Final = 1 << 20
"""Characters of a text that is changed: it is read a second time."""

_INDENT: Final = "  "


class Change(NamedTuple):
    """Text to put in the place of a span."""

    span: Span
    text: str


def add(document: yaml.Document, node: yamlnode.Node | None, key: str, value: Value, after: str = "") -> Change | None:
    """A new key for a mapping in block style, behind the entry `after` or, without one, at its end.

    Found once: all combinations of a matrix lack the same.
    """
    mapping = _block(document, node)
    if mapping is None or document.key(mapping, key) is not None:
        return None
    what = repr((mapping.span, key, value, after))
    return document.source.read_once(f"add {what}", lambda _: _add(document, mapping, key, value, after))


def _add(document: yaml.Document, mapping: yamlnode.Mapping, key: str, value: Value, after: str) -> Change | None:
    text = document.source.text
    first, last = mapping.items[0][0], mapping.items[-1]
    for entry in mapping.items:
        if after and isinstance(entry[0], yamlnode.Scalar) and entry[0].value == after:
            last = entry
    indent = " " * (first.start - text.rfind("\n", 0, first.start) - 1)
    end = last[0].end if isinstance(last[1], yamlnode.Scalar) and not last[1].value else max(last[0].end, last[1].end)
    line = text.find("\n", end) + 1
    written = "".join(f"{indent}{line}\n" for line in _rendered(key, value))
    change = Change(Span(line, line), written) if line else Change(Span(len(text), len(text)), "\n" + written.rstrip())
    path = _path(document, mapping)
    if path is None:
        return None
    pairs = [(key, value)] if isinstance(value, str) else [(f"{key}\0{name}", each) for name, each in value.items()]
    added = {((*path, *name.split("\0")), each) for name, each in pairs}
    return change if _adds(document, change, added) else None


def append(document: yaml.Document, node: yamlnode.Node | None, line: str) -> Change | None:
    """One more line at the end of a block scalar in literal style."""
    scalar = document.resolve(node)
    if not isinstance(scalar, yamlnode.Scalar) or scalar.style != "|" or not scalar.value.strip():
        return None
    text = document.source.text
    last = text.rfind("\n", 0, scalar.end) + 1
    indent = text[last : scalar.end][: len(text[last : scalar.end]) - len(text[last : scalar.end].lstrip(" "))]
    change = Change(Span(scalar.end, scalar.end), f"\n{indent}{line}")
    before, after = _differing(document, change)
    return change if before and after and after[1].rstrip("\n") == f"{before[1].rstrip()}\n{line}" else None


def replace(document: yaml.Document, span: Span, text: str) -> Change | None:
    """Other text in a place inside of one scalar; an empty place is one to insert it at."""
    old = document.source.slice(span)
    change = Change(span, text)
    before, after = _differing(document, change)
    if before is None or after is None:
        return None
    starts = [at for at in range(len(before[1]) + 1) if before[1].startswith(old, at)]
    wanted = (before[1][:at] + text + before[1][at + len(old) :] for at in starts)
    return change if after[1] in wanted else None


def edited(source: Source, change: Change) -> str:
    """The text after a change."""
    return source.text[: change.span.start] + change.text + source.text[change.span.end :]


def leaves(document: yaml.Document) -> Iterator[Leaf]:
    """Every scalar with the way to it, in order; an alias counts as its name, an empty collection as nothing in it."""
    waiting: list[tuple[Path, yamlnode.Node]] = [
        ((number,), root) for number, root in reversed(list(enumerate(document.documents)))
    ]
    while waiting:
        path, node = waiting.pop()
        if isinstance(node, yamlnode.Alias):
            yield path, f"*{node.name}"
        elif isinstance(node, yamlnode.Scalar):
            yield path, node.value
        elif isinstance(node, yamlnode.Sequence):
            waiting += reversed([((*path, number), item) for number, item in enumerate(node.items)])
        else:
            waiting += reversed([((*path, _name(key, n)), value) for n, (key, value) in enumerate(node.items)])


def _leaves(document: yaml.Document) -> list[Leaf]:
    """Those of a text that is changed, kept for the next change."""
    return document.source.read_once("leaves", lambda _: list(leaves(document)))


def _name(key: yamlnode.Node, number: int) -> str | int:
    return key.value if isinstance(key, yamlnode.Scalar) else number


def _block(document: yaml.Document, node: yamlnode.Node | None) -> yamlnode.Mapping | None:
    """The mapping that is written at a node itself, in block style; None for any other."""
    if not isinstance(node, yamlnode.Mapping) or not node.items or len(document.source.text) > MAX_CHARACTERS:
        return None
    return None if document.source.text[node.start] == "{" else node


def _rendered(key: str, value: Value) -> Iterator[str]:
    if not isinstance(value, str):
        yield f"{key}:"
        for name, each in value.items():
            yield from (_INDENT + line for line in _rendered(name, each))
    elif value.endswith("\n"):
        yield f"{key}: |"
        yield from (_INDENT + line for line in value.splitlines())
    else:
        plain = f"{key}: {value}"
        doubled = value.replace("'", "''")
        yield plain if list(leaves(yaml.parse(Source("", plain)))) == [((0, key), value)] else f"{key}: '{doubled}'"


def _path(document: yaml.Document, wanted: yamlnode.Mapping) -> Path | None:
    waiting: list[tuple[Path, yamlnode.Node]] = [((number,), root) for number, root in enumerate(document.documents)]
    while waiting:
        path, node = waiting.pop()
        if node is wanted:
            return path
        if isinstance(node, yamlnode.Sequence):
            waiting += [((*path, number), item) for number, item in enumerate(node.items)]
        elif isinstance(node, yamlnode.Mapping):
            waiting += [((*path, _name(key, number)), value) for number, (key, value) in enumerate(node.items)]
    return None


def _reread(document: yaml.Document, change: Change) -> yaml.Document | None:
    if len(document.source.text) > MAX_CHARACTERS or document.problems:
        return None
    after = yaml.parse(Source(document.source.path, edited(document.source, change)))
    return None if after.problems or len(after.duplicates) != len(document.duplicates) else after


def _adds(document: yaml.Document, change: Change, added: set[Leaf]) -> bool:
    """Whether these leaves are there after a change, and all others as before."""
    after = _reread(document, change)
    if after is None:
        return False
    new = list(leaves(after))
    rest = [leaf for leaf in new if leaf not in added]
    return len(new) - len(rest) == len(added) and rest == _leaves(document)


def _differing(document: yaml.Document, change: Change) -> tuple[Leaf | None, Leaf | None]:
    """The one leaf that a change makes another, before and after it; nothing when it changes more than one."""
    after = _reread(document, change)
    if after is None:
        return None, None
    old, new = _leaves(document), list(leaves(after))
    differing = [(one, two) for one, two in zip(old, new, strict=False) if one != two]
    if len(old) != len(new) or len(differing) != 1 or differing[0][0][0] != differing[0][1][0]:
        return None, None
    return differing[0]
