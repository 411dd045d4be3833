"""`imglint command`: a build command as it would be run here."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import BAD, CLEAN, Imglint, plant

BUILD = ["docker", "build", "-t", "ghcr.io/octocat/hello", "."]


def test_the_dockerfile_that_it_reads(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": BAD, "other/Dockerfile": CLEAN})
    outcome = imglint("command", "--format", "json", "--", *BUILD)
    assert (outcome.code, [(path, rule) for path, _, _, rule in outcome.found]) == (
        1, [("Dockerfile", "source-not-a-repository")]
    )  # fmt: skip
    assert imglint("command", "--", *BUILD[:-1], "other").code == 0


def test_a_label_of_the_command_wins(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": CLEAN})
    label = "--label=org.opencontainers.image.licenses=no such thing"
    outcome = imglint("command", "--format", "json", "--", *BUILD[:2], label, *BUILD[2:])
    assert (outcome.code, outcome.rules) == (1, ["invalid-license"])


def test_standard_input(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": BAD})
    assert imglint("command", "-", stdin="# a script\n" + " ".join(BUILD) + "\n").code == 1


def test_from_a_directory_below(imglint: Imglint, root: Path) -> None:
    plant(root, {".git/config": "", "Dockerfile": CLEAN, "sub/Dockerfile": BAD})
    assert imglint("command", "--", *BUILD, cwd=root / "sub").code == 1
    assert imglint("command", "--", *BUILD[:-1], "..", cwd=root / "sub").code == 0


@pytest.mark.parametrize("words", [["ls", "-l"], ["docker", "run", "x"], ["docker build ."]])
def test_nothing_to_judge(imglint: Imglint, words: list[str]) -> None:
    code, out, err = imglint("command", "--", *words)
    assert (code, out) == (2, "")
    assert "nothing here builds, tags or pushes an image" in err


@pytest.mark.parametrize("arguments", [["command"], ["command", "--format", "x", "--", "docker"], ["command", "-"]])
def test_wrong_use(imglint: Imglint, arguments: list[str]) -> None:
    assert imglint(*arguments).code == 2


def test_a_hostile_command(imglint: Imglint) -> None:
    code, out, err = imglint("command", "--", "\x1b[31m::error::x")
    assert code == 2
    assert "\x1b" not in out + err
