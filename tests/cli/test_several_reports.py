"""Several reports of one run, and what only the command line puts into them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from read.image.making import buildkit_layout
from report.test_html import Reader

from .conftest import BAD, CLEAN, Imglint, plant


@pytest.fixture(autouse=True)
def bad(root: Path) -> None:
    plant(root, {"Dockerfile": BAD})


def test_each_goes_to_its_file(imglint: Imglint, root: Path) -> None:
    plain = imglint("check", "--format", "concise")
    several = imglint("check", "--format", "concise", "--format", "json=a.json", "--format", "sarif=b=c.sarif")
    assert several == plain
    assert len(json.loads((root / "a.json").read_text())["findings"]) == 1
    assert len(json.loads((root / "b=c.sarif").read_text())["runs"][0]["results"]) == 1


def test_only_files(imglint: Imglint, root: Path) -> None:
    assert imglint("check", "--format", "json=a.json") == (1, "", "")
    assert imglint("check", "--format", "json=b.json", "--output", "c.txt") == (1, "", "")
    assert (root / "a.json").read_text() == (root / "b.json").read_text()
    assert (root / "c.txt").read_text() == imglint("check").out


def test_a_file_that_is_standard_output(imglint: Imglint) -> None:
    assert imglint("check", "--format", "json=-") == imglint("check", "--format", "json")


def test_auto_is_what_comes_without_a_format(imglint: Imglint) -> None:
    for variables in ({}, {"GITHUB_ACTIONS": "true"}):
        assert imglint("check", "--format", "auto", **variables) == imglint("check", **variables)


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        ("--format text --format json", "`text` and `json` would be mixed in one place"),
        ("--format text=a --format json=./a", "a: is to be written twice"),
        ("--format json=a --format text --output a", "a: is to be written twice"),
        ("--format jsn", "there is no format `jsn`; did you mean `json`?"),
        ("--format =a", "there is no format ``"),
        ("--format json=", "`json=` names no file"),
        ("--statistics --format text --format sarif=a", "--statistics: is written as text or json only"),
        ("--format json=no/such/folder", "no/such/folder: cannot be written: "),
    ],
)
def test_wrong_use(imglint: Imglint, root: Path, flags: str, reason: str) -> None:
    code, out, err = imglint("check", *flags.split())
    assert (code, out) == (2, "")
    assert reason in err
    assert [path.name for path in root.iterdir()] == ["Dockerfile"]


def test_statistics_in_two_forms(imglint: Imglint, root: Path) -> None:
    outcome = imglint("check", "--statistics", "--format", "text", "--format", "json=a.json")
    assert outcome == imglint("check", "--statistics")
    assert json.loads((root / "a.json").read_text())["statistics"][0]["count"] == 1


def test_images_and_commands_have_the_same_formats(imglint: Imglint, root: Path, tmp_path: Path) -> None:
    buildkit_layout(tmp_path / "layout")
    image = imglint("image", "--format", "junit", "--format", "gitlab=a.json", tmp_path / "layout")
    command = imglint("command", "--format", "checkstyle", "--output", "b.xml", "--", "docker", "build", ".")
    assert (image.code, command.code) == (1, 1)
    assert image.out.startswith("<?xml")
    assert json.loads((root / "a.json").read_text())
    assert "source-not-a-repository" in (root / "b.xml").read_text()


@pytest.mark.parametrize(
    "variables",
    [
        {"GITHUB_ACTIONS": "true", "GITHUB_WORKSPACE": "{root}"},
        {"GITLAB_CI": "true", "CI_PROJECT_DIR": "{root}/"},
    ],
    ids=["github", "gitlab"],
)
def test_files_are_named_as_the_repository_does(imglint: Imglint, root: Path, variables: dict[str, str]) -> None:
    plant(root, {"sub/Dockerfile": BAD})
    given = {name: value.format(root=root) for name, value in variables.items()}
    for path in ("Dockerfile", ".", root / "sub"):
        issues = imglint("check", "--format", "gitlab", path, cwd=root / "sub", **given).json
        assert [issue["location"]["path"] for issue in issues] == ["sub/Dockerfile"]
        assert (
            "file=sub/Dockerfile,line=2" in imglint("check", "--format", "github", path, cwd=root / "sub", **given).out
        )


def test_packages_and_layers(imglint: Imglint, root: Path, tmp_path: Path) -> None:
    """What a page shows beside findings."""
    buildkit_layout(tmp_path / "layout")
    image, files = Reader(), Reader()
    image.feed(imglint("image", "--format", "html", tmp_path / "layout").out)
    plant(root, {"Dockerfile": CLEAN, "build.sh": "docker build -t ghcr.io/octocat/hello --push .\n"})
    files.feed(imglint("check", "--format", "html").out)
    assert image.open == files.open == []
    assert image.texts["layers"][0].count("linux/arm64") == 1
    assert "table" in image.tags
    (card,) = files.texts["package"]
    assert card.startswith("ghcr.io/octocat/hello\nSays hello")
    assert "build.sh:1" in card
    assert "layers" not in files.texts
