"""Build arguments that arrive nowhere."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from enum import Enum
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.dockerfile import is_read_whole, runs_here
from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.build import Pair, Route
from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.nearest import nearest
from imglint.syntax.text import HOLE, Place, Text

if TYPE_CHECKING:
    from imglint.model.built import Built
    from imglint.model.evaluate import Evaluation
    from imglint.model.stages import Stage, Stages
    from imglint.model.understanding import Understanding
    from imglint.syntax.tree import Instruction

MAX_SHOWN: Final = 5
"""Places that one finding points at."""
MAX_LIKE: Final = 200
"""Names among which the one that was meant is looked for."""

_PREDEFINED: Final = (
    r"(?i:(?:https?|ftp|no|all)_proxy)|BUILDKIT_.*|SOURCE_DATE_EPOCH|"
    r"TARGET(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT|STAGE)|BUILD(?:PLATFORM|OS|OSVERSION|ARCH|VARIANT)"
)
"""Arguments that need no ARG: https://docs.docker.com/build/building/variables/#pre-defined-build-arguments"""


class _Fate(Enum):
    """What becomes of a build argument in one build."""

    UNKNOWN = "unknown"
    USED = "used"
    UNDECLARED = "undeclared"
    GLOBAL = "declared before the first FROM only"
    ELSEWHERE = "declared in stages that are not built only"


class Declared(NamedTuple):
    """The arguments of a Dockerfile, as one build sees them.

    `spans` are the ARGs of each name, `in_stages` the names that any stage declares, `arriving` those that arrive
    somewhere in this build (None: unknown), `in_image` those of the stages that the image itself is made of (None:
    unknown). `certain` tells that no other argument can be declared.
    """

    spans: Mapping[str, list[Span]]
    in_stages: frozenset[str]
    arriving: frozenset[str] | None
    in_image: frozenset[str] | None
    certain: bool


class _Given(NamedTuple):
    """A build argument as it is written once, with every build that it is given to."""

    pair: Pair
    place: Place
    builts: list[Built]
    fates: list[_Fate]


def undeclared_build_arg(project: Understanding, context: Context) -> Iterator[Finding]:
    """A build argument that no Dockerfile which it is given to declares."""
    reader = Reader(project)
    for given in reader.given():
        if any(fate is not _Fate.UNDECLARED for fate in given.fates):
            continue
        name = given.pair.key.text
        evaluations = {each.resolution.path: each.evaluation for each in given.builts if each.evaluation is not None}
        declared = {each for built in given.builts[:MAX_SHOWN] for each in reader.declared(built).spans}
        near = nearest(name, declared, 0.85) if len(declared) <= MAX_LIKE else ""
        paths = list(evaluations)
        which = (
            f"`{paths[0]}` declares no argument" if len(paths) == 1 else f"none of {len(paths)} Dockerfiles declares"
        )
        source, span = given.place
        yield context.finding(
            span,
            f"{which} `{name}`, so its value arrives nowhere",
            label="not declared",
            help=f"did you mean `{near}`?" if near else f"declare it in the stage that uses it\nARG {name}",
            related=[
                Related(each.dockerfile.source, stage.instruction.span, f"no ARG {name} in this file")
                for each in list(evaluations.values())[:MAX_SHOWN]
                for stage in each.stages.stages[:1]
            ],
            source=source,
        )


def unused_build_arg(project: Understanding, context: Context) -> Iterator[Finding]:
    """A build argument that is declared where no stage which is built can see it."""
    reader = Reader(project)
    for given in reader.given():
        if _Fate.USED in given.fates or _Fate.UNKNOWN in given.fates:
            continue
        name = given.pair.key.text
        for built, fate in zip(given.builts, given.fates, strict=True):
            if fate is _Fate.UNDECLARED or built.evaluation is None:
                continue
            message, help = _told(name, built, fate)
            dockerfile = built.evaluation.dockerfile.source
            source, span = given.place
            yield context.finding(
                span,
                f"{message}, so its value arrives nowhere",
                label="not used",
                help=help,
                related=[
                    Related(dockerfile, each, "declared here")
                    for each in reader.declared(built).spans[name][:MAX_SHOWN]
                ],
                source=source,
            )
            break


def _told(name: str, built: Built, fate: _Fate) -> tuple[str, str]:
    """What is wrong, and what to write instead."""
    path = built.resolution.path
    if fate is _Fate.GLOBAL:
        return (
            f"`{path}` declares `{name}` only before the first FROM, where no stage sees it",
            f"declare it again in the stage that uses it\nARG {name}",
        )
    target = built.build.target.value if built.build.target is not None else None
    stage = f"the stage `{target}`" if target else "the last stage"
    return (
        f"`{path}` declares `{name}` only in stages that {stage} is not made from",
        f"remove it here, or declare it in a stage that is built\nARG {name}",
    )


class Reader:
    """Reads what the Dockerfiles of a project declare, each once."""

    def __init__(self, project: Understanding) -> None:
        self._project = project
        self._declared: dict[tuple[int, str | None], Declared] = {}
        self._inherited: set[str] | None = None
        self._everywhere: set[str] = set()

    def given(self) -> Iterator[_Given]:
        """The arguments of all builds, each once for every place where one is written.

        The turns of a matrix, the targets that inherit from one, and services that share an anchor are given the same.
        """
        found: dict[tuple[Source, Span, str], _Given] = {}
        homes = {file.source: file for file in self._project.files}
        certain: dict[Source, bool] = {}
        for built in self._project.built:
            source = built.build.place.source
            if source not in certain:
                certain[source] = source in homes and runs_here(homes[source], self._project)
            for pair in built.build.arguments:
                name = pair.key.text
                if HOLE in name or not re.fullmatch(r"\w+", name) or re.fullmatch(_PREDEFINED, name):
                    continue
                place = pair.key.origin
                given = found.setdefault((*place, name), _Given(pair, place, [], []))
                given.builts.append(built)
                given.fates.append(self._fate(name, built) if certain[source] else _Fate.UNKNOWN)
        yield from found.values()

    def _fate(self, name: str, built: Built) -> _Fate:
        if built.evaluation is None or not built.resolution.alone:
            return _Fate.UNKNOWN
        declared = self.declared(built)
        if not declared.certain or name in self._of_bases():
            return _Fate.UNKNOWN
        if name not in declared.spans:
            # A target may be built for another, by `contexts`, which is not followed.
            elsewhere = built.build.route is Route.BAKE and name in self._everywhere
            return _Fate.UNKNOWN if elsewhere else _Fate.UNDECLARED
        if declared.arriving is None:
            return _Fate.UNKNOWN
        if name in declared.arriving:
            return _Fate.USED
        return _Fate.ELSEWHERE if name in declared.in_stages else _Fate.GLOBAL

    def _of_bases(self) -> set[str]:
        """The arguments that a Dockerfile of the project leaves to images built upon it, by ONBUILD."""
        if self._inherited is None:
            self._inherited = set()
            for evaluation in self._project.evaluations.values():
                for instruction in evaluation.dockerfile.instructions:
                    inner = instruction.inner or instruction
                    if inner.name == "ARG":
                        names = {pair.key.text for pair in inner.pairs}
                        self._everywhere |= names
                        self._inherited |= names if instruction.inner else set()
        return self._inherited

    def declared(self, built: Built) -> Declared:
        """The arguments of the Dockerfile of a build."""
        target = built.build.target
        key = (id(built.evaluation), target.text if target is not None else None)
        if key not in self._declared and built.evaluation is not None:
            self._declared[key] = _read(built.evaluation, target)
        return self._declared.get(key, Declared({}, frozenset(), None, None, False))


def _read(evaluation: Evaluation, target: Text | None) -> Declared:
    spans: dict[str, list[Span]] = {}
    used: set[str] = set()
    source = evaluation.dockerfile.source
    is_global = True
    for instruction in evaluation.dockerfile.instructions:
        is_global = is_global and instruction.name != "FROM"
        if is_global or instruction.name == "FROM":
            used.update(re.findall(r"\$\{?(\w+)", source.slice(instruction.span)))
        inner = instruction.inner or instruction
        if inner.name == "ARG":
            for pair in inner.pairs:
                spans.setdefault(pair.key.text, []).append(instruction.span)
    stages = evaluation.stages
    # A base image that leaves work to those built upon it may declare arguments.
    certain = is_read_whole(evaluation) and not any(
        "onbuild" in (stage.base or stage.image.text).lower() for stage in stages.stages
    )
    stage = stages.find(target.value) if target is not None and target.value else evaluation.stage
    unknown = stage is None or (target is not None and target.value is None)
    needed = None if stage is None or unknown else needed_stages(stages, stage)
    of_stages = [_arguments_of(each) for each in stages.stages]
    arriving = in_image = None
    if needed is not None:
        arriving = frozenset(used.union(*(of_stages[number] for number in needed)))
    if stage is not None and not unknown:
        in_image = frozenset[str]().union(*(of_stages[number] for number in stages.chain(stage)))
    return Declared(spans, frozenset[str]().union(*of_stages), arriving, in_image, certain)


def _arguments_of(stage: Stage) -> set[str]:
    """The arguments that a stage declares."""
    found: set[str] = set()
    for _, instruction in stage.commands:
        inner = instruction.inner or instruction
        if inner.name == "ARG":
            found.update(pair.key.text for pair in inner.pairs)
    return found


def needed_stages(stages: Stages, stage: Stage) -> frozenset[int] | None:
    """The stages that are built for one: those it begins with, copies from or mounts. None when that is unknown."""
    from imglint.model.stages import SCRATCH

    names = {each.name: each.number for each in stages.stages if each.name}
    found: set[int] = set()
    waiting = [stage.number]
    while waiting:
        number = waiting.pop()
        if number in found:
            continue
        found.add(number)
        current = stages.stages[number]
        if current.base is None:
            return None
        if current.parent is not None:
            waiting.append(current.parent)
        elif current.base != SCRATCH and current.base.lower() in names:
            waiting.append(names[current.base.lower()])
        for _, instruction in current.commands:
            for source in _sources(instruction.inner or instruction):
                if source.isdigit() and int(source[:9]) < len(stages.stages):
                    waiting.append(int(source[:9]))
                elif source.lower() in names:
                    waiting.append(names[source.lower()])
                elif "$" in source:
                    return None
    return frozenset(found)


def _sources(instruction: Instruction) -> Iterator[str]:
    """What an instruction takes files from."""
    if instruction.name in ("COPY", "ADD", "RUN"):
        for flag in instruction.flags:
            yield from (match[1].strip("\"'") for match in re.finditer(r"(?:^|,|=)from=([^,\s]+)", f",{flag.text}"))
        given = instruction.flag("from")
        if given is not None:
            yield given.text
