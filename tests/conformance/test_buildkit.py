"""Reading and evaluating the corpus comes to what BuildKit comes to, on every file."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from imglint.model.evaluate import Evaluation, evaluate
from imglint.model.stages import Assumptions
from imglint.source import Source, decode, printable
from imglint.syntax.dockerfile import Dockerfile, parse, words_of
from imglint.syntax.tree import Instruction
from imglint.syntax.validate import problems

from .oracle import answers, assert_none, code_of, line_of

pytestmark = pytest.mark.shared

CONFIG = frozenset(
    ("Env", "User", "WorkingDir", "Cmd", "Entrypoint", "ExposedPorts", "Volumes", "StopSignal", "Labels")
)
"""The fields of an image's configuration that we work out."""


class Case(NamedTuple):
    """A file: what BuildKit says, and what we make of it."""

    answer: dict[str, Any]
    dockerfile: Dockerfile
    evaluation: Evaluation

    @property
    def file(self) -> str:
        return str(self.answer["file"])

    @property
    def stopped(self) -> bool:
        """Whether BuildKit gives up before it evaluates anything."""
        return bool(self.answer["parse_error"] or self.answer["instruction_error"])


@pytest.fixture(scope="module")
def cases(shared: Path) -> list[Case]:
    return [case(shared / "corpus", answer) for answer in answers(shared)]


def case(corpus: Path, answer: dict[str, Any]) -> Case:
    text = decode((corpus / answer["file"]).read_bytes())
    dockerfile = parse(Source(answer["file"], text))
    return Case(answer, dockerfile, evaluate(dockerfile, Assumptions(closed=True)))


def row(instruction: Instruction) -> dict[str, Any]:
    """An instruction in the form of BuildKit's answer, which leaves out what is empty."""
    columns: dict[str, Any] = {
        "keyword": printable(instruction.keyword.text),
        "lines": list(instruction.lines),
        "flags": [printable(flag.text) for flag in instruction.flags],
        "args": [printable(word.text) for word in words_of(instruction)],
        "exec_form": instruction.exec_form,
        "heredocs": [
            {"name": each.name, "fd": each.fd, "expand": each.expand, "chomp": each.chomp}
            | {"content": printable(each.content)}
            for each in instruction.heredocs
        ],
    }
    return {key: value for key, value in columns.items() if value != []}


def config(evaluation: Evaluation) -> dict[str, Any]:
    """The final image's configuration in the form of the OCI specification, without what is empty."""
    image = evaluation.config
    columns: dict[str, Any] = {
        "Env": [printable(f"{name}={value}") for name, value in image.env.items()],
        "User": image.user,
        "WorkingDir": image.working_dir,
        "Cmd": list(image.cmd),
        "Entrypoint": list(image.entrypoint),
        "ExposedPorts": None if image.exposed_ports is None else {port: {} for port in image.exposed_ports},
        "Volumes": None if image.volumes is None else {path: {} for path in image.volumes},
        "StopSignal": image.stop_signal,
        "Labels": {key: label.value for key, label in evaluation.metadata.labels.items()},
    }
    return {key: value for key, value in columns.items() if value}


def test_errors_of_the_scan(cases: list[Case]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for each in cases:
            error = each.answer["parse_error"]
            codes = [problem.code for problem in each.dockerfile.problems]
            if codes[:1] != ([code_of(error)] if error else []):
                yield each.file, error, codes

    assert any(each.answer["parse_error"] for each in cases)
    assert_none(differences())


def test_escape_and_every_instruction(cases: list[Case]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for each in cases:
            if each.answer["parse_error"]:
                continue
            if each.dockerfile.escape != each.answer["escape"]:
                yield each.file, "escape", each.dockerfile.escape
            ours = [row(instruction) for instruction in each.dockerfile.instructions]
            theirs = each.answer["instructions"]
            if len(ours) != len(theirs):
                yield each.file, "number of instructions", len(ours), len(theirs)
            for mine, wanted in zip(ours, theirs, strict=False):
                if mine != wanted:
                    yield each.file, mine, wanted

    assert_none(differences())


def test_errors_of_instructions(cases: list[Case]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for each in cases:
            if each.answer["parse_error"]:
                continue
            error = each.answer["instruction_error"]
            first = next(problems(each.dockerfile), None)
            ours = (first.code, first.line) if first else None
            if ours != ((code_of(error), line_of(error)) if error else None):
                yield each.file, error, first

    assert sum(bool(each.answer["instruction_error"]) for each in cases) > 30
    assert_none(differences())


def test_errors_of_the_evaluation(cases: list[Case]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for each in cases:
            if each.stopped:
                continue
            error = each.answer["convert_error"]
            codes = [problem.code for problem in each.evaluation.problems]
            if codes[:1] != ([code_of(error)] if error else []):
                yield each.file, error, codes

    assert sum(bool(each.answer["convert_error"]) for each in cases if not each.stopped) > 150
    assert_none(differences())


def test_stages(cases: list[Case]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for each in cases:
            if each.stopped:
                continue
            theirs = each.answer["stages"]
            stages = each.evaluation.stages.stages
            # Where BuildKit stops at an error, it may have come to no stage at all.
            if len(stages) != len(theirs) and (theirs or not each.answer["convert_error"]):
                yield each.file, "number of stages", len(stages), len(theirs)
            for ours, wanted in zip(stages, theirs, strict=False):
                mine = {"name": ours.name, "base_raw": ours.image.text, "base": ours.base or ""}
                if any(mine[key] != wanted[key] for key in mine):
                    yield each.file, mine, wanted

    assert_none(differences())


def test_configuration_of_the_final_image(cases: list[Case]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for each in cases:
            if each.stopped or each.answer["convert_error"]:
                continue
            ours = config(each.evaluation)
            theirs = {key: value for key, value in each.answer["image_config"].items() if value}
            for key in CONFIG:
                if ours.get(key) != theirs.get(key):
                    yield each.file, key, ours.get(key), theirs.get(key)

    assert any("Labels" in (each.answer.get("image_config") or {}) for each in cases)
    assert_none(differences())
