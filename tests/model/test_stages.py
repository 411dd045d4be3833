"""Where stages begin, what they are built upon, and how they are found."""

from __future__ import annotations

from typing import Any

import pytest

from imglint.model.evaluate import evaluate
from imglint.model.stages import Assumptions, Stages
from imglint.source import Source
from imglint.syntax.dockerfile import parse


def stages(text: str, **assumptions: Any) -> Stages:
    return evaluate(parse(Source("Dockerfile", text)), Assumptions(**assumptions)).stages


def base(text: str, **assumptions: Any) -> str | None:
    return stages(text, **assumptions).stages[-1].base


def test_names_bases_and_commands() -> None:
    found = stages("ARG x\nFROM alpine:3 AS Build\nRUN a\nFROM build as b\nFROM c\nUSER d").stages
    assert [(each.name, each.base, each.parent) for each in found] == [
        ("build", "alpine:3", None),
        ("b", "build", 0),
        ("", "c", None),
    ]
    assert [[command.instruction.name for command in each.commands] for each in found] == [["RUN"], [], ["USER"]]


def test_a_name_stands_for_the_last_stage_before_that_has_it() -> None:
    found = stages("FROM a AS x\nFROM b AS x\nFROM x\nFROM x AS x\nFROM later\nFROM d AS later").stages
    assert [each.parent for each in found] == [None, None, 1, 1, None, None]


def test_a_name_in_another_case_is_an_image() -> None:
    found = stages("FROM a AS X\nFROM X")
    assert found.stages[1].parent is None
    assert [problem.code for problem in found.problems] == ["invalid-reference"]


def test_find() -> None:
    found = stages("FROM a AS x\nFROM b AS x\nFROM c AS y")

    def number(name: str) -> int | None:
        stage = found.find(name)
        return stage.number if stage else None

    assert [number(name) for name in ("x", "Y", "0", "2", "3", "z", "", "²", "9" * 5_000)] == [
        1, 2, 0, 2, None, None, None, None, None,
    ]  # fmt: skip


def test_chain() -> None:
    found = stages("FROM a AS x\nFROM b AS y\nFROM x AS z\nFROM z")
    assert [found.chain(stage) for stage in found.stages] == [(0,), (1,), (2, 0), (3, 2, 0)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("ARG v=3\nFROM alpine:$v", "alpine:3"),
        ("ARG v=3\nARG w=$v.1\nFROM alpine:${w}", "alpine:3.1"),
        ("ARG v\nFROM alpine:$v", None),
        ("ARG v=\nFROM alpine:$v", None),
        ("ARG v\nFROM alpine:${v:-3}", None),
        ("FROM alpine:${none:-3}", None),
        ("FROM alpine-$TARGETARCH", None),
        ("FROM 'alpine'", "alpine"),
        ("FROM a\nARG v=3\nFROM alpine:$v", None),
        ("FROM --platform=$BUILDPLATFORM alpine", "alpine"),
    ],
)
def test_bases(text: str, wanted: str | None) -> None:
    assert base(text) == wanted


def test_bases_with_arguments_given_and_with_nothing_taken_for_possible() -> None:
    text = "ARG v=3\nFROM alpine:$v"
    assert base(text, build_arguments={"v": "4"}) == "alpine:4"
    assert base("ARG v\nFROM alpine$v", closed=True) == "alpine"
    assert base("FROM alpine-$TARGETARCH", closed=True) == "alpine-amd64"


@pytest.mark.parametrize(
    ("text", "code", "place", "assumed"),
    [
        ("ARG v=UP\nFROM $v", "invalid-reference", "$v", True),
        ("FROM Alpine", "invalid-reference", "Alpine", False),
        ("FROM ''", "blank-base", "''", False),
        ("FROM ${a!b}", "expansion-modifier", "${a!b}", False),
        ("ARG v=${w!}\nFROM a", "expansion-modifier", "${w!}", False),
        ("FROM --platform=a/b/c/d x", "invalid-platform", "a/b/c/d", False),
        ("FROM --platform='' x", None, "", False),
        ("FROM a\nCOPY --from=1 b c\nFROM d", "stage-order", "1", False),
        ("FROM a\nCOPY --from=LATE b c\nFROM d AS late", "stage-order", "LATE", False),
        ("FROM a AS me\nCOPY --from=me b c", "stage-order", "me", False),
    ],
)
def test_problems(text: str, code: str | None, place: str, assumed: bool) -> None:
    found = [(each.code, text[slice(*each.span)], each.assumed) for each in stages(text).problems]
    assert found == ([(code, place, assumed)] if code else [])


def test_a_broken_from_is_still_a_stage() -> None:
    found = stages("FROM\nFROM a b\nFROM c AS 1x").stages
    assert [(each.base, each.name) for each in found] == [(None, ""), ("a", ""), ("c", "1x")]
