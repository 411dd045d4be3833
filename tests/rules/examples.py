"""The examples of a rule page: fenced blocks of Markdown that say by themselves what a rule must find in them.

The format is described in docs/rule-pages.md. Nothing here opens a file or runs a rule.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

KINDS: Final = ("bad", "fixed", "mended", "good")
MENDED: Final = ("fixed", "mended")
"""What follows a bad example: what its fix makes of it, or, where there is none, what a person does."""
MAIN_FILE: Final = "Dockerfile"
"""The name that the main block of an example gets as a file, unless it says another."""

_FENCE: Final = re.compile(r"(`{3,})[ \t]*([^`\n]*?)[ \t]*\Z")
_MARKER: Final = re.compile(r"[ \t]*(?P<hash>#)(?P<gap>[ \t]*)(?P<carets>\^+)(?:[ \t]+(?P<text>.*))?\Z")
_SAFE_PATH: Final = re.compile(r"(?!.*(?:^|/)\.{1,2}(?:/|$))[A-Za-z0-9._-]+(?:/[A-Za-z0-9._-]+)*\Z")


class ExampleError(ValueError):
    """A page whose examples break the format; the text names the line of the page."""


class Mark(NamedTuple):
    """A finding as an example expects it: the line from 1, columns from 0, the end not included.

    `text` is a part of the message or of the label, and may be empty. The columns are those of the first line
    where a finding spans several.
    """

    line: int
    start: int
    end: int
    text: str = ""


class Example(NamedTuple):
    """One tree of files and what a rule finds in it.

    `files` are pairs of a path and a text, the main one last; markers have been taken out of all of them.
    `marks` are the findings in the main file, none unless `kind` is `bad`. `caption` is the paragraph above
    the example, and `line` (from 1) where its main block begins in the page.
    """

    kind: str
    files: tuple[tuple[str, str], ...]
    marks: tuple[Mark, ...]
    caption: str
    line: int

    @property
    def name(self) -> str:
        """The path of the main file."""
        return self.files[-1][0]

    @property
    def text(self) -> str:
        """The text of the main file."""
        return self.files[-1][1]


class _Block(NamedTuple):
    info: tuple[str, ...]
    lines: list[str]
    caption: str
    line: int


def examples(page: str) -> tuple[Example, ...]:
    """The examples of a page in order. Raises `ExampleError`."""
    found: list[Example] = []
    files: list[tuple[str, str]] = []
    caption, line = "", 0
    for block in _blocks(page):
        kind = block.info[1] if len(block.info) > 1 else ""
        if kind and not files:
            caption, line = block.caption, block.line
        if kind == "with":
            files.append((_path(block), _joined(block.lines)))
        elif kind in KINDS:
            before = found[-1] if found else None
            if kind in MENDED:
                if before is None or before.kind != "bad":
                    raise ExampleError(f"line {block.line}: a {kind} example follows a bad one")
                files = files or list(before.files[:-1])
            name = before.name if kind in MENDED and before else MAIN_FILE
            found.append(_example(kind, block, files, caption, _path(block) if len(block.info) > 2 else name))
            files = []
        elif kind:
            raise ExampleError(f"line {block.line}: `{kind}` is not one of {', '.join(KINDS)} and with")
    if files:
        raise ExampleError(f"line {line}: no example follows this file")
    return tuple(found)


def _example(kind: str, block: _Block, files: list[tuple[str, str]], caption: str, name: str) -> Example:
    lines, marks = _without_markers(block)
    if bool(marks) != (kind == "bad"):
        reason = "needs a line of carets" if kind == "bad" else "has a line of carets"
        raise ExampleError(f"line {block.line}: this {kind} example {reason}")
    return Example(kind, (*files, (name, _joined(lines))), marks, caption, block.line)


def _path(block: _Block) -> str:
    if len(block.info) != 3 or not _SAFE_PATH.match(block.info[2]):
        raise ExampleError(f"line {block.line}: write the file as `LANGUAGE KIND PATH`, a path below the example")
    return block.info[2]


def _joined(lines: list[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _without_markers(block: _Block) -> tuple[list[str], tuple[Mark, ...]]:
    """The lines that are the file, and the marks that stood between them."""
    lines: list[str] = []
    marks: list[Mark] = []
    for offset, line in enumerate(block.lines, block.line + 1):
        match = _MARKER.match(line)
        if match is None:
            lines.append(line)
            continue
        # A `#` that touches the carets stands for the first of them: it is in the way of column 1.
        start = match.start("carets") if match["gap"] else match.start("hash")
        end = match.end("carets")
        if not lines or end > len(lines[-1]):
            raise ExampleError(f"line {offset}: these carets point at nothing in the line above")
        marks.append(Mark(len(lines), start, end, (match["text"] or "").strip()))
    return lines, tuple(marks)


def _blocks(page: str) -> Iterator[_Block]:
    """The fenced blocks, each with the paragraph directly above it."""
    paragraph: list[str] = []
    ended = True
    block: _Block | None = None
    fence = ""
    for number, line in enumerate(page.split("\n"), 1):
        if block is not None:
            if line.startswith(fence) and not line.strip("` \t"):
                yield block
                block, paragraph = None, []
            else:
                block.lines.append(line)
        elif match := _FENCE.match(line):
            fence = match[1]
            block = _Block(tuple(match[2].split()), [], " ".join(paragraph), number)
        elif not line.strip():
            ended = True
        elif line.startswith("#"):
            paragraph = []
        else:
            paragraph = [line.strip()] if ended else [*paragraph, line.strip()]
            ended = False
    if block is not None:
        raise ExampleError(f"line {block.line}: this block is never closed")
