"""dockerfile-parse's reading of what sets an image's metadata, taken only where it is known to be right.

That library cannot read heredocs, blank lines in continuations or other escapes, so it never sees the file: it
gets the canonical text that our own scanner made, one line for each FROM, ENV, LABEL and name of an ARG, and its
answer counts only while it lists exactly these lines. Where a value holds a variable, a backslash or a flag,
its reading is not BuildKit's, and ours stands.
"""

from __future__ import annotations

from functools import lru_cache
from io import BytesIO
from typing import Final

from dockerfile_parse import DockerfileParser
from dockerfile_parse.parser import image_from
from dockerfile_parse.util import extract_key_values

from imglint.record import NamedTuple
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.tree import Instruction

MAX_LINE: Final = 1 << 16
"""Characters of a logical line; the library's word splitter is slow on longer ones."""
MAX_LINES: Final = 5_000
"""Canonical lines; beyond this the file is read by our lexer alone."""

MAX_KNOWN: Final = 512
"""Lines whose values are kept for who reads a file again after each change."""

_NEEDS_OUR_LEXER: Final = frozenset("\\$`\n\r\v\f\x85\u2028\u2029")


class Reading(NamedTuple):
    """What the library read: by the position of an instruction in the file.

    `images` holds image and stage name of a FROM (either may be None), `values` the unquoted values of the pairs
    of an ENV, LABEL or ARG, one for each pair, None where our lexer must read it.
    """

    images: dict[int, tuple[str | None, str | None]]
    values: dict[int, tuple[str | None, ...]]


EMPTY: Final = Reading({}, {})


class _Line(NamedTuple):
    keyword: str
    text: str
    instruction: int
    pair: int


def read(dockerfile: Dockerfile) -> Reading:
    """Hand the canonical text over and take the answer; `EMPTY` when the library disagrees on its lines."""
    lines = [line for index, one in enumerate(dockerfile.instructions) for line in _lines(index, one)]
    if not lines or len(lines) > MAX_LINES:
        return EMPTY
    text = "".join(f"{line.keyword} {line.text}\n" for line in lines)
    parser = DockerfileParser(fileobj=BytesIO(text.encode("utf-8", "replace")), env_replace=False)
    try:
        entries = [(entry["instruction"], entry["value"], entry["startline"]) for entry in parser.structure]
    except (ValueError, IndexError):
        return EMPTY
    if entries != [(line.keyword, line.text, number) for number, line in enumerate(lines)]:
        return EMPTY
    images: dict[int, tuple[str | None, str | None]] = {}
    values: dict[int, list[str | None]] = {}
    for line in lines:
        if line.keyword == "FROM":
            images[line.instruction] = image_from(line.text)
            continue
        count = len(dockerfile.instructions[line.instruction].pairs)
        row = values.get(line.instruction) or values.setdefault(line.instruction, [None] * count)
        for offset, value in enumerate(_values(line, count)):
            row[line.pair + offset] = value
    return Reading(images, {index: tuple(row) for index, row in values.items()})


def _lines(index: int, instruction: Instruction) -> list[_Line]:
    """The lines of one instruction; of pairs only those with quotes, since the others read as they stand."""
    name, rest = instruction.name, instruction.rest.text
    if instruction.problem or not rest or len(rest) > MAX_LINE:
        return []
    if name == "FROM":
        return [] if set(rest) & _NEEDS_OUR_LEXER - {"$"} else [_Line(name, rest, index, 0)]
    if instruction.flags or name not in ("ENV", "LABEL", "ARG"):
        return []
    if name == "ARG":
        words = enumerate(zip(instruction.arguments, instruction.pairs, strict=True))
        return [
            _Line(name, word.text, index, number)
            for number, (word, pair) in words
            if pair.value is not None and _library_reads(word.text)
        ]
    return [_Line(name, rest, index, 0)] if _library_reads(rest) else []


def _library_reads(text: str) -> bool:
    double, single = text.count('"'), text.count("'")
    # It forgives a quote that is never closed, where BuildKit stops.
    closed = double % 2 == 0 and single % 2 == 0 and not (double and single)
    return closed and bool(double or single) and not set(text) & _NEEDS_OUR_LEXER


def _values(line: _Line, count: int) -> tuple[str, ...]:
    """The values of a line's pairs; none when the library counts the pairs otherwise than we do."""
    values = _library_values(line.text)
    expected = 1 if line.keyword == "ARG" else count
    return values if len(values) == expected else ()


@lru_cache(MAX_KNOWN)
def _library_values(text: str) -> tuple[str, ...]:
    """The values of pairs, none when the library cannot read them. It takes its time, and most lines stay the same."""
    try:
        pairs = extract_key_values(env_replace=False, args={}, envs={}, instruction_value=text)
        return tuple(value for _, value in pairs)
    except (ValueError, IndexError):
        return ()
