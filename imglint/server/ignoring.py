"""Comments that silence one finding: where they go, so that they silence it and change nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from imglint.finding import Finding
from imglint.model.kind import Kind
from imglint.model.suppression import comments_in, suppressions
from imglint.server.session import View
from imglint.source import BOM, Source
from imglint.syntax import yaml
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.tree import Instruction
from imglint.syntax.yaml import Document, Mapping, Node, Scalar, Sequence

_WITHOUT_COMMENTS: Final = (Kind.DOCUMENT,)
_WITH_HEREDOCS: Final = (Kind.SCRIPT, Kind.BAKE)


class Silencing(NamedTuple):
    """Text to put at a place, and what that does, in words."""

    title: str
    offset: int
    text: str


def silencings(view: View, finding: Finding) -> Iterator[Silencing]:
    """The ways to silence a finding: here, where a comment can stand, and in the whole file."""
    source = view.source
    if view.document.kind in _WITHOUT_COMMENTS or source.path.endswith(".json"):
        return
    tree = view.evaluation.dockerfile if view.evaluation else None
    line = _line(source, tree, finding.span.start) if tree else _line_elsewhere(view, finding.span.start)
    if line:
        yield _here(source, tree, line, finding.rule)
    yield _whole(source, tree, finding.rule)


def _here(source: Source, tree: Dockerfile | None, line: int, rule: str) -> Silencing:
    title = f"Ignore {rule} here"
    for comment in suppressions(tree) if tree else comments_in(source):
        above = source.position(comment.comment.start).line == line - 1
        alone = source.line(line - 1).lstrip().startswith("#") if above else False
        if alone and comment.names and not comment.tool and comment.scope.end <= len(source.text):
            return Silencing(title, comment.names[-1].span.end, f", {rule}")
    start = source.line_starts[line - 1]
    text = source.line(line)
    indent = text[: len(text) - len(text.lstrip(" \t"))]
    start += source.text.startswith(BOM, start)
    return Silencing(title, start, f"{indent}# imglint: ignore[{rule}]{_line_end(source)}")


def _whole(source: Source, tree: Dockerfile | None, rule: str) -> Silencing:
    """At the top, but below what has to stand there."""
    line = 1
    if tree is not None:
        directives = [source.position(each.span.start).line for each in tree.directives]
        line = max(directives, default=0) + 1
    elif source.text.startswith("#!"):
        line = 2
    starts = source.line_starts
    end = _line_end(source)
    offset = starts[line - 1] if line <= len(starts) else len(source.text)
    offset += source.text.startswith(BOM, offset)
    missing = end if offset == len(source.text) and not source.text.endswith("\n") else ""
    return Silencing(f"Ignore {rule} in this file", offset, f"{missing}# imglint: ignore-file[{rule}]{end}")


def _line_end(source: Source) -> str:
    return "\r\n" if "\r\n" in source.text else "\n"


# Where a line of its own can stand ---------------------------------------------------------------------------------


def _line(source: Source, tree: Dockerfile, offset: int) -> int:
    """The line above which a comment speaks of a place in a Dockerfile: between continued lines, or above them all."""
    instruction = _around(tree, offset)
    if instruction is None:
        return 0
    line = source.position(offset).line
    return instruction.lines[0] if instruction.heredocs else max(line, instruction.lines[0])


def _around(tree: Dockerfile, offset: int) -> Instruction | None:
    for instruction in tree.instructions:
        if instruction.span.start <= offset <= instruction.span.end:
            return instruction
    return None


def _line_elsewhere(view: View, offset: int) -> int:
    """The same for other files, 0 where a line more would be part of a text or cut a command in two."""
    source = view.source
    line = source.position(offset).line
    before = source.line(line - 1).rstrip() if line > 1 else ""
    if before.endswith("\\"):
        return 0
    if source.path.endswith((".yml", ".yaml")) and _in_yaml_text(source, offset):
        return 0
    return 0 if view.document.kind in _WITH_HEREDOCS and "<<" in source.text[:offset] else line


def _in_yaml_text(source: Source, offset: int) -> bool:
    """Whether the line above a place belongs to a text over several lines that takes a comment for a part of it."""
    for scalar, key in _scalars(source.read_once("yaml", yaml.parse)):
        if scalar.start <= offset <= scalar.end:
            text = source.slice(scalar.span)
            is_script = key == "run" and scalar.style == "|" and "<<" not in text
            return source.text.count("\n", scalar.start, offset) > 0 and not is_script
    return False


def _scalars(document: Document) -> Iterator[tuple[Scalar, str]]:
    """All scalars with the key that each is the value of, or of a list of."""
    waiting: list[tuple[Node, str]] = [(root, "") for root in document.documents]
    while waiting:
        node, key = waiting.pop()
        if isinstance(node, Scalar):
            yield node, key
        elif isinstance(node, Sequence):
            waiting += ((item, key) for item in node.items)
        elif isinstance(node, Mapping):
            waiting += ((value, name.value if isinstance(name, Scalar) else "") for name, value in node.items)
