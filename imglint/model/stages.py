"""The stages of a Dockerfile: where each begins, what it is based on, and which are built upon which."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from imglint.model.refusal import refusal
from imglint.model.variables import (
    UNKNOWN_VALUE,
    Allowance,
    Value,
    argument_default,
    joined,
    lookup_in,
    platform_arguments,
)
from imglint.record import NamedTuple
from imglint.source import Span, printable
from imglint.syntax import reference
from imglint.syntax.canonical import Reading
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.problem import Problem
from imglint.syntax.tree import Instruction, Word
from imglint.syntax.words import ExpansionError, Options, expand, unset

SCRATCH: Final = "scratch"
_PLATFORM = r"[A-Za-z0-9_.-]+(\([A-Za-z0-9_.+-]*\))?(/[A-Za-z0-9_-]+){0,2}\Z"


class Command(NamedTuple):
    """An instruction of a stage and its position in the file's list of instructions."""

    position: int
    instruction: Instruction


class Assumptions(NamedTuple):
    """What is taken for granted while a Dockerfile is evaluated.

    `build_arguments` are those given to the build, None where the value is unknown;
    `target` is the stage to publish (empty: the last).
    `closed` takes nothing for possible that is not written: arguments without value and base images are empty,
    the platform is linux/amd64, as when BuildKit checks a file by itself.
    """

    build_arguments: Mapping[str, str | None] = {}
    target: str = ""
    closed: bool = False


class Stage(NamedTuple):
    """A stage of a build.

    `base` is the image after variables were replaced (None: unknown), `parent` the index of the stage it is built
    upon, or None for an image from elsewhere. `name` is in lower case, empty if it has none.
    """

    number: int
    name: str
    instruction: Instruction
    image: Word
    base: str | None
    parent: int | None
    commands: tuple[Command, ...]


class Stages(NamedTuple):
    """All stages, the global arguments they see, and what is wrong with their FROMs."""

    stages: tuple[Stage, ...]
    arguments: Mapping[str, Value]
    problems: tuple[Problem, ...]

    def find(self, name: str) -> Stage | None:
        """The last stage of that name (in any case), or of that number."""
        lower = name.lower()
        for stage in reversed(self.stages):
            if stage.name and stage.name == lower:
                return stage
        if name.isascii() and name.isdigit() and int(name[:9]) < len(self.stages):
            return self.stages[int(name[:9])]
        return None

    def chain(self, stage: Stage) -> tuple[int, ...]:
        """The indexes of a stage and of those it is built upon, itself first."""
        indexes = [stage.number]
        while stage.parent is not None:
            stage = self.stages[stage.parent]
            indexes.append(stage.number)
        return tuple(indexes)


def find_stages(dockerfile: Dockerfile, reading: Reading, assumptions: Assumptions) -> Stages:
    """Cut a Dockerfile into stages and resolve what each is based on."""
    return _Finder(dockerfile, reading, assumptions).find()


class _Finder:
    def __init__(self, dockerfile: Dockerfile, reading: Reading, assumptions: Assumptions) -> None:
        self.reading = reading
        self.assumptions = assumptions
        self.options = Options(escape=dockerfile.escape)
        self.problems: list[Problem] = []
        self.global_arguments: list[Instruction] = []
        self.drafts: list[tuple[int, Instruction, list[Command]]] = []
        for index, instruction in enumerate(dockerfile.instructions):
            if instruction.name == "FROM":
                self.drafts.append((index, instruction, []))
            elif self.drafts:
                self.drafts[-1][2].append(Command(index, instruction))
            elif instruction.name == "ARG":
                self.global_arguments.append(instruction)
        target = assumptions.target or (self._name(*self.drafts[-1][:2]) if self.drafts else "")
        self.arguments = platform_arguments(target, assumptions.closed)
        self.lookup = lookup_in(self.arguments, assumptions.closed, Allowance())

    def find(self) -> Stages:
        for instruction in self.global_arguments:
            self._declare(instruction)
        names: dict[str, int] = {}
        stages: list[Stage] = []
        for number, (index, instruction, commands) in enumerate(self.drafts):
            image = instruction.arguments[0] if instruction.arguments else Word("", instruction.span)
            read = self.reading.images.get(index)
            if read and read[0]:
                image = image._replace(text=read[0])
            base = self._base(instruction, image)
            self._check_platform(instruction)
            name = self._name(index, instruction)
            parent = names.get(base) if base is not None else None
            stages.append(Stage(number, name, instruction, image, base, parent, tuple(commands)))
            if name:
                names[name] = number
        self._check_copies(stages)
        for stage in stages:
            if stage.parent is None:
                self._check_reference(stage)
        return Stages(tuple(stages), self.arguments, tuple(self.problems))

    def _name(self, index: int, instruction: Instruction) -> str:
        read = self.reading.images.get(index)
        if read and read[1]:
            return read[1].lower()
        words = instruction.arguments
        return words[2].text.lower() if len(words) >= 3 and words[1].text.lower() == "as" else ""

    def _refuse(
        self, code: str, instruction: Instruction, span: Span, reason: str, help: str = "", assumed: bool = False
    ) -> None:
        self.problems.append(refusal(code, instruction, span, reason, help, assumed))

    def _expand(self, word: Word, instruction: Instruction) -> Value | None:
        """The value of a word in the global scope; None when it cannot be expanded at all."""
        try:
            text, names = expand(word.text, self.lookup, self.options)
        except ExpansionError as error:
            self._refuse(
                f"expansion-{error.code}", instruction, word.span, str(error), assumed=error.code == "required"
            )
            return None
        used = joined(self.arguments[name].arguments for name in names if name in self.arguments)
        return Value(text, used)

    def _declare(self, instruction: Instruction) -> None:
        given = self.assumptions.build_arguments
        for key, default, _ in instruction.pairs:
            if key.text in given:
                self.arguments[key.text] = Value(given[key.text])
            elif default is not None:
                value = self._expand(default, instruction) or UNKNOWN_VALUE
                self.arguments[key.text] = argument_default(key.text, value, self.assumptions.closed)
            elif not self.assumptions.closed and key.text not in self.arguments:
                self.arguments[key.text] = UNKNOWN_VALUE

    def _base(self, instruction: Instruction, image: Word) -> str | None:
        if not image.text:
            return None
        value = self._expand(image, instruction)
        if value is None or value.text is None:
            return None
        if not value.text:
            reason = f"the name of the base image, `{printable(image.text)}`, comes out empty"
            self._refuse("blank-base", instruction, image.span, reason, assumed="$" in image.text)
            return None
        return value.text

    def _check_platform(self, instruction: Instruction) -> None:
        flag = instruction.flag("platform")
        if flag is None or not flag.text:
            return
        value = self._expand(flag, instruction)
        if value is None or value.text is None:
            return
        assumed = "$" in flag.text
        if not value.text:
            reason = f"the platform `{printable(flag.text)}` comes out empty"
            self._refuse("empty-platform", instruction, flag.span, reason, assumed=assumed)
        elif not re.match(_PLATFORM, value.text):
            reason = f"`{printable(value.text)}` is not a platform"
            help = "write it as `linux/amd64` or `linux/arm/v7`"
            self._refuse("invalid-platform", instruction, flag.span, reason, help, assumed)

    def _check_copies(self, stages: list[Stage]) -> None:
        """`COPY --from` takes no variable, and no stage that comes later."""
        count = len(stages)
        names = {stage.name: stage.number for stage in stages if stage.name}
        for stage in stages:
            for _, instruction in stage.commands:
                flag = instruction.flag("from") if instruction.name == "COPY" and instruction.flags else None
                if flag is None or not flag.text:
                    continue
                try:
                    constant = expand(flag.text, unset, self.options).text == flag.text
                except ExpansionError:
                    constant = False
                if not constant:
                    help = "name a stage with `FROM …` and copy from that"
                    self._refuse("from-variable", instruction, flag.span, "`--from` cannot hold a variable", help)
                elif flag.text.isascii() and flag.text.isdigit():
                    if int(flag.text[:9]) >= count:
                        reason = f"there is no stage number {flag.text}: the file has {count}, counted from 0"
                        self._refuse("no-such-stage", instruction, flag.span, reason)
                    elif int(flag.text) >= stage.number:
                        self._later(instruction, flag, stage.number == int(flag.text))
                elif names.get(flag.text.lower(), -1) >= stage.number:
                    self._later(instruction, flag, names[flag.text.lower()] == stage.number)

    def _later(self, instruction: Instruction, flag: Word, itself: bool) -> None:
        reason = "a stage cannot copy from itself" if itself else f"the stage `{flag.text}` comes later in the file"
        self._refuse("stage-order", instruction, flag.span, reason)

    def _check_reference(self, stage: Stage) -> None:
        if stage.base is None or stage.base == SCRATCH:
            return
        try:
            reference.parse(stage.base)
        except reference.InvalidReferenceError as error:
            reason = f"`{printable(stage.base)}` is not an image reference: {error}"
            assumed = "$" in stage.image.text
            self._refuse("invalid-reference", stage.instruction, stage.image.span, reason, assumed=assumed)
