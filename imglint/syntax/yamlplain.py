"""YAML as nearly everybody writes it, read line by line: two thirds of the time of libyaml, and no PyYAML to load.

What is read: mappings and lists in block style, and of scalars those that end on the line on which they begin, blocks
of lines, and lists and mappings of simple words in brackets. A text that holds anything else, or anything that is not
plainly one of these, is left to libyaml as a whole: every node that is made here must be the one that libyaml tells.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import Final, TypeAlias

from imglint.syntax.yamlnode import Mapping, Node, Scalar, Sequence, Table, scalar

MAX_CHARACTERS: Final = 250_000
"""The longest text that is read. Each node takes a character at least: no limit of nodes can be met."""
MAX_COLUMN: Final = 90
"""The deepest indentation. In each column a mapping and its list may be open: no limit of depth can be met."""
MAX_KEY: Final = 1000
"""The longest key: libyaml takes 1024 characters for one."""

_ALLOWED: Final = bytes((10, *range(32, 127)))
_NOT_FIRST: Final = frozenset(" -?:,[]{}#&*!|>'\"%@`")
"""What a plain scalar cannot begin with, or only before some characters (section 7.3.3)."""
_DOCUMENT: Final = re.compile(r"(?: *+(?:#.*)?\n)*+---\n")
_REST: Final = r" *(?:(?<= )#.*)?"
"""What may follow a quote or bracket."""
_QUOTED: Final = re.compile(rf"('(?:[^']|'')*+'|\"[^\"\\]*\"){_REST}")
_WORD: Final = r"[A-Za-z0-9_./$][A-Za-z0-9_./$*+@-]*"
_ITEM: Final = rf"(?:{_WORD}(?: +{_WORD})*|'[^']*'|\"[^\"\\]*\")"
_PAIR: Final = rf"{_ITEM}: +{_ITEM}"
_FLOW: Final = re.compile(rf"(\[ *(?:{_ITEM} *(?:, *{_ITEM} *)*)?\]|{{ *(?:{_PAIR} *(?:, *{_PAIR} *)*)?}}){_REST}")
_BLOCK: Final = re.compile(r"\n*( +)[^ \n]")

_Entry: TypeAlias = tuple[int, int, bool, Scalar | None, Node | None, int]


class _NotPlainError(Exception):
    """Something is written that is left to libyaml."""


def read(text: str) -> Node | None:
    """The root of a text; None when libyaml has to read it."""
    if len(text) > MAX_CHARACTERS or text.endswith(" ") or not _is_printable(text):
        return None
    try:
        return _tree(_entries(text))
    except _NotPlainError:
        return None


def _is_printable(text: str) -> bool:
    """Whether there are but characters that YAML allows, no tabs, and nothing but line feeds that could break lines."""
    if text.isascii():
        return not text.encode().translate(None, _ALLOWED)
    return text.replace("\n", "").isprintable()


def _tree(entries: Iterator[_Entry]) -> Node:
    """The root.

    `items` are those of the innermost list, `table` the pairs of the innermost mapping, and `column` is where each of
    them begins. `missing` is where the value of the last one would be if it was empty, 0 when it has one.
    """
    outer: list[tuple[int, bool, list[Node], Table, Sequence | Mapping]] = []
    roots: list[Node] = []
    items, table, column, is_list = roots, Table(), -1, True
    node: Sequence | Mapping = Sequence((), 0, 0)
    child: Sequence | Mapping
    key, word, missing, last = scalar("", 0, 0), "", -1, 0
    for begin, at, dash, name, value, end in entries:
        if missing or begin != column or dash is not is_list:
            if missing and (begin > column or (begin == column and dash and not is_list)):
                # A list or mapping is the value; one that is in a dash's own line is opened with its first key, below.
                if begin > MAX_COLUMN:
                    raise _NotPlainError
                outer.append((column, is_list, items, table, node))
                inside: Table = {}
                child = Sequence((), at, at) if dash else Mapping(None, at, at, "", "", inside)
                if is_list:
                    items.append(child)
                else:
                    table[word] = key, child
                column, is_list, items, table, node = begin, dash, [], inside, child
            else:
                # The value is empty, and all that is indented more has ended.
                if missing:
                    last = missing
                    if is_list:
                        items.append(scalar("", last, last))
                    else:
                        table[word] = key, scalar("", last, last)
                while begin < column or (begin == column and is_list and not dash):
                    node.end = last
                    if isinstance(node, Sequence):
                        node.items = tuple(items)
                    column, is_list, items, table, node = outer.pop()
                if begin != column or dash is not is_list:
                    raise _NotPlainError
        if name is not None:
            key, word = name, name.value
            if dash:
                outer.append((column, is_list, items, table, node))
                table = {}
                node = Mapping(None, key.start, key.start, "", "", table)
                items.append(node)
                column, is_list = begin + key.start - at, False
            elif word in table:
                raise _NotPlainError
        if value is None:
            missing = end
        else:
            missing, last = 0, end
            if is_list:
                items.append(value)
            else:
                table[word] = key, value
    if len(roots) != 1 or type(roots[0]) is Scalar:
        raise _NotPlainError
    return roots[0]


def _entries(text: str) -> Iterator[_Entry]:
    """What is on the lines: column and offset, whether a dash is there, key, value, and where that ends.

    Where nothing is written as value, it is None, and would begin and end behind the dash or key. The text ends like a
    line with one more item of a list that all documents are in.
    """
    found = _DOCUMENT.match(text)
    position = found.end() if found else 0
    lines = text[position:].split("\n")
    blanks = " \n" in text
    skipped = 0
    value: Node | None
    for line in lines:
        if skipped:
            skipped -= 1
            continue
        body = line.lstrip()
        size = len(body)
        end = position + len(line)
        at = end - size
        column = at - position
        position = end + 1
        if not size or (first := body[0]) == "#":
            continue
        begin = at
        if dash := first == "-":
            body = body[1:].lstrip()
            last = at + 1
            begin = end - len(body)
            if not body:
                yield column, at, True, None, None, last
                continue
            if begin == last:
                raise _NotPlainError
        name, colon, rest = body.partition(": ")
        if not colon and name[-1] == ":":
            name, colon = name[:-1], ":"
        if colon and (known := _key(name)):
            key = Scalar()
            key.value, key.style = known
            key.start = begin
            key.end = last = begin + len(name)
            key.tag = key.anchor = ""
            last += 1
            if not rest:
                yield column, at, dash, key, None, last
                continue
        elif dash:
            key, rest, begin = None, body, at
        else:
            raise _NotPlainError
        if rest[0] in _NOT_FIRST or "#" in rest or ":" in rest or (blanks and rest[-1] == " "):
            value, after = _value(text, rest, end, column + begin - at)
            if after:
                skipped = text.count("\n", position, after) if after < len(text) else len(lines)
                position = after
            yield column, at, dash, key, value, value.end if value else last
        else:
            value = Scalar()
            value.value = rest
            value.start = end - len(rest)
            value.end = end
            value.style = value.tag = value.anchor = ""
            yield column, at, dash, key, value, end
    yield -1, position, True, None, None, 0


@lru_cache(1024)
def _key(name: str) -> tuple[str, str] | None:
    """The value and style of a key by how it is written; None for what is no key on one line, or one that merges."""
    if not name or len(name) > MAX_KEY or name == "<<" or name.startswith("..."):
        return None
    if name[0] not in _NOT_FIRST and name[-1] != " " and "#" not in name:
        return name, ""
    return (name[1:-1], name[0]) if re.fullmatch(r"'[^']*'|\"[^\\\"]*\"", name) else None


def _value(text: str, rest: str, end: int, column: int) -> tuple[Node | None, int]:
    """The value that begins on the rest of a line, and if it goes on, where the line after it begins."""
    value = rest.lstrip()
    at = end - len(value)
    if not value or (first := value[0]) == "#":
        return None, 0
    if first in "|>":
        return _block(text, value.rstrip(), at, column)
    if first in "[{":
        return _flow(value, at), 0
    if first in "'\"":
        if not (found := _QUOTED.fullmatch(value)):
            raise _NotPlainError
        word = found[1][1:-1]
        return scalar(word.replace("''", "'") if first == "'" else word, at, at + len(found[1]), first), 0
    if first in _NOT_FIRST and (first != "-" or value[1:2] in ("", " ")):
        raise _NotPlainError
    value = value.partition(" #")[0].rstrip()
    if ": " in value or value[-1] == ":":
        raise _NotPlainError
    return scalar(value, at, at + len(value)), 0


def _flow(value: str, at: int) -> Node:
    """A list or mapping in brackets."""
    if not (found := _FLOW.fullmatch(value)):
        raise _NotPlainError
    items = []
    for item in re.compile(_ITEM).finditer(value, 1, found.end(1) - 1):
        word = item[0]
        style = word[0] if word[0] in "'\"" else ""
        items.append(scalar(word[1:-1] if style else word, at + item.start(), at + item.end(), style))
    end = at + found.end(1)
    if value[0] == "[":
        return Sequence(tuple(items), at, end)
    keys = {key.value for key in items[::2]}
    if len(keys) < len(items) // 2:
        raise _NotPlainError
    return Mapping(tuple(zip(items[::2], items[1::2], strict=True)), at, end)


def _block(text: str, header: str, at: int, column: int) -> tuple[Scalar, int]:
    """A block scalar, and where the line after it begins."""
    begin = text.find("\n", at) + 1
    found = _BLOCK.match(text, begin)
    indent = len(found[1]) if found else 0
    if header not in ("|", "|-", ">", ">-") or not begin or not column < indent <= MAX_COLUMN:
        raise _NotPlainError
    outside = _outside(indent).search(text, begin - 1)
    after = outside.start() + 1 if outside else len(text)
    value = "\n".join([line[indent:] for line in text[begin:after].split("\n")]).rstrip("\n")
    if header[0] == ">":
        if value.startswith((" ", "\n")) or "\n " in value:
            raise _NotPlainError
        value = re.sub("\n(\n*)", lambda breaks: breaks[1] or " ", value)
    if header[1:] != "-" and text[after - 1] == "\n":
        value += "\n"
    return scalar(value, at, at + len(text[at:after].rstrip()), header[0]), after


@cache
def _outside(indent: int) -> re.Pattern[str]:
    """The line feed before a line that is indented less."""
    return re.compile(rf"\n {{0,{indent - 1}}}[^ \n]")
