"""Where in a Dockerfile the instruction stands that made a layer."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from imglint.model.image.image import At, Step
from imglint.model.image.steps import Made, command, instruction
from imglint.record import NamedTuple
from imglint.source import Span

if TYPE_CHECKING:
    from imglint.syntax.dockerfile import Dockerfile
    from imglint.syntax.tree import Instruction

_VARIABLE: Final = r"\$(?:\{[^{}]*(?:\{[^{}]*\}[^{}]*)*\}|[A-Za-z_]\w*)"
_FLAGS: Final = r"\A(?:--[a-z][a-z-]*(?:=\S*)?\s+)+"


class _Written(NamedTuple):
    """An instruction of a Dockerfile, and the directory in which it works; None where that is not known."""

    instruction: Instruction
    directory: str | None


def line_of(made: Made, dockerfile: Dockerfile) -> Span | None:
    """Where the instruction stands that made a layer; None when it is not of this file, as those of base images.

    The last instruction of the file made the last step, so equal ones are told apart by counting from the end.
    """
    if not made.instruction:
        return None
    later = sum(words == made.instruction for words in _after(made.step))
    for candidates in _chains(dockerfile):
        found = [each.instruction for each in reversed(candidates) if _is_like(each, made.instruction)]
        if found:
            return found[later].span if later < len(found) else None
    return None


def _after(step: Step) -> Iterator[str]:
    """The instructions of the later steps in the same history."""
    document, pointer = step.at
    for number in range(step.number + 1, len(document.items(*pointer[:-1]))):
        at = At(document, (*pointer[:-1], number))
        yield instruction(Step(number, at, created_by=document.text(*at.pointer, "created_by")))


def _chains(dockerfile: Dockerfile) -> Iterator[list[_Written]]:
    """The instructions of each stage and of those it is built upon, in order; the last stage first."""
    from imglint.model.stages import Assumptions, find_stages
    from imglint.syntax.canonical import EMPTY

    stages = find_stages(dockerfile, EMPTY, Assumptions())
    seen: set[int] = set()
    for stage in reversed(stages.stages):
        chain = stages.chain(stage)
        if stage.number not in seen:
            seen.update(chain)
            commands = (each.instruction for number in reversed(chain) for each in stages.stages[number].commands)
            yield list(_with_directories(commands))


def _with_directories(instructions: Iterable[Instruction]) -> Iterator[_Written]:
    directory: str | None = None
    for each in instructions:
        yield _Written(each, directory)
        if each.name == "WORKDIR":
            path = re.sub(r"[\"']", "", each.rest.text)
            if "$" in path:
                directory = None
            elif path.startswith("/") or directory is not None:
                directory = posixpath.join(directory or "", path)


def _is_like(written: _Written, made: str) -> bool:
    own, (name, _, rest) = written.instruction, made.partition(" ")
    if own.name != name or own.problem:
        return False
    if name == "RUN":
        return _plain(re.sub(_FLAGS, "", rest)) in map(_plain, _commands(own))
    if name == "HEALTHCHECK":
        return True  # A builder writes down what it understood, in a form of its own.
    if name in ("ADD", "COPY"):
        rest = re.sub(_FLAGS, "", rest)
        if rest.startswith("… "):
            return bool(own.arguments) and _goes_to(rest[2:].strip(), own.arguments[-1].text, written.directory)
    text = " ".join(word.text for word in own.arguments) if own.exec_form else own.rest.text
    return _fits(_bare(text), _bare(rest))


def _commands(written: Instruction) -> Iterator[str]:
    """What a history may hold of a RUN: its command, with its heredocs, or what these hold alone."""
    text = " ".join(word.text for word in written.arguments)
    yield text
    if written.exec_form:
        yield command(text)
    if written.heredocs:
        yield "".join(each.content for each in written.heredocs)
        yield "\n".join([text, *(f"{each.content}{each.name}" for each in written.heredocs)])


def _plain(text: str) -> str:
    return " ".join(text.split())


def _bare(text: str) -> str:
    """Words without quotes, brackets, commas and the protocol that every port has: builders write none, or others."""
    return _plain(re.sub(r"[\[\],]", " ", re.sub(r"[\"'\\]", "", text)).replace("/tcp", ""))


def _goes_to(target: str, written: str, directory: str | None) -> bool:
    """Whether the target of a copy is what somebody wrote; Docker makes it absolute, and buildah leaves it so."""
    if not target.startswith("/"):
        return _fits(posixpath.normpath(written), posixpath.normpath(target))
    if not written.startswith(("/", "$")):
        if directory is None:
            # The base image says where this is, so only the end of the target is known.
            relative = posixpath.normpath(written)
            return relative == "." or _fits(f"/{relative}", target.rstrip("/"), at_end=True)
        written = posixpath.join(directory, written)
    return _fits(posixpath.normpath(written), posixpath.normpath(target))


def _fits(written: str, made: str, at_end: bool = False) -> bool:
    """Whether a text is what another became, whose variables stand for anything; `at_end`: or what it ends in."""
    parts = re.split(_VARIABLE, written)
    if len(parts) == 1:
        return made.endswith(written) if at_end else made == written
    if not (at_end or made.startswith(parts[0])) or not made.endswith(parts[-1]):
        return False
    at = 0
    for part in parts[:-1]:
        at = made.find(part, at)
        if at < 0:
            return False
        at += len(part)
    return at <= len(made) - len(parts[-1])
