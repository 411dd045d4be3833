"""The few programs of jq with which workflows take tags out of what docker/metadata-action says of itself.

https://docs.docker.com/build/ci/github-actions/multi-platform/ has the best known of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Final

from imglint.syntax.text import HOLE, Text, joined, literal

MAX_ITEMS: Final = 500
"""Items of a list that are followed."""

_FLAGS: Final = r"-[crM]+|--(?:compact-output|raw-output|monochrome-output)"
_BEGIN: Final = r"\.(tags)(?:\[(\d*)\])?"
_SELECT: Final = r'map\(\s*select\(\s*startswith\(\s*"([^"\\]*)"\s*\)\s*\)\s*\)'
_PREFIX: Final = r'map\(\s*"([^"\\]*)"\s*(\+|,)\s*\.\s*\)'
_JOIN: Final = r'join\(\s*"([^"\\]*)"\s*\)'


def document(tags: Iterable[Text], rest: Text) -> Text:
    """The list of tags as a JSON document that `filtered` reads; `rest` stands for all else in it."""
    place = rest.place
    parts = [literal('{"tags":["', *place, exact=False)]
    for number, tag in enumerate(tags):
        parts += [literal('","', *place, exact=False), tag] if number else [tag]
    return joined((*parts, literal('"],', *place, exact=False), rest, literal("}", *place, exact=False)))


def filtered(arguments: Sequence[str], given: Text) -> Text | None:
    """What jq prints for a document; None when that is not known."""
    *flags, program = arguments or ("",)
    if any(not re.fullmatch(_FLAGS, flag) for flag in flags) or not any("r" in flag for flag in flags):
        return None
    begin, *steps = (step.strip() for step in program.split("|"))
    match = re.fullmatch(_BEGIN, begin)
    items = _items(given, match[1]) if match else None
    if match is None or items is None:
        return None
    if match[2] is not None:
        return _picked(items, match[2]) if not steps else None
    for number, step in enumerate(steps):
        if (join := re.fullmatch(_JOIN, step)) and number + 1 == len(steps):
            return _joined(items, join[1]) if items else given.cut(0, 0)
        changed = _mapped(items, step)
        if changed is None:
            return None
        items = changed
    return None


def _items(given: Text, name: str) -> list[Text] | None:
    """The strings of a list; None when they are not written there."""
    match = re.search(rf'"{name}":\["([^\[\]]*)"\]', given.text)
    if match is None:
        return None
    items = list(given.cut(*match.span(1)).split('","'))
    return items if len(items) <= MAX_ITEMS else None


def _picked(items: list[Text], number: str) -> Text | None:
    if not number:
        return _joined(items, "\n")
    return items[int(number)] if int(number[:4]) < len(items) else None


def _mapped(items: list[Text], step: str) -> list[Text] | None:
    """The list after one step; None when that is not known."""
    if select := re.fullmatch(_SELECT, step):
        kept: list[Text] = []
        for item in items:
            begin = item.text.partition(HOLE)[0]
            if begin.startswith(select[1]):
                kept.append(item)
            elif HOLE in item.text and select[1].startswith(begin):
                return None
        return kept
    if prefix := re.fullmatch(_PREFIX, step):
        between = [(literal(prefix[1], *item.place, exact=False), item) for item in items]
        return [joined(pair) for pair in between] if prefix[2] == "+" else [part for pair in between for part in pair]
    return None


def _joined(items: list[Text], separator: str) -> Text:
    parts = [items[0]]
    for item in items[1:]:
        parts += [literal(separator, *item.place, exact=False), item]
    return joined(parts)
