"""Files that are joined: what is wrong with one takes nothing from the others."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import CLEAN, Imglint, plant

WORKFLOW = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v6
        with:
          context: .
          target: {target}
"""
BROKEN = "on: push\njobs:\n  a: [\n"
PUBLISH = ".github/workflows/publish.yml"
DOCKERFILE = CLEAN.replace("FROM alpine:3.20", "FROM alpine:3.20 AS runtime")


def found_in(imglint: Imglint, *arguments: str) -> list[tuple[str, str]]:
    """The paths and rules of what is found."""
    outcome = imglint("check", "--format", "json", "--select", "unreadable-file,unknown-build-stage", *arguments)
    assert outcome.errors == []
    return [(path, rule) for path, _, _, rule in outcome.found]


@pytest.mark.parametrize(
    ("path", "text"),
    [
        (".github/workflows/broken.yml", BROKEN),
        (".github/actions/own/action.yml", BROKEN),
        ("compose.yaml", BROKEN),
        ("docker-bake.hcl", 'target "a" {'),
        ("docker-bake.json", '{"target": '),
    ],
)
def test_a_broken_file_does_not_hide_the_others(imglint: Imglint, root: Path, path: str, text: str) -> None:
    plant(root, {".git/HEAD": "", "Dockerfile": DOCKERFILE, PUBLISH: WORKFLOW.format(target="runtme"), path: text})
    found = [(path, "unreadable-file"), (PUBLISH, "unknown-build-stage")]
    assert sorted(found_in(imglint, ".")) == sorted(found)


def test_nothing_is_found_in_good_files_beside_a_broken_one(imglint: Imglint, root: Path) -> None:
    broken = ".github/workflows/broken.yml"
    plant(root, {".git/HEAD": "", "Dockerfile": DOCKERFILE, PUBLISH: WORKFLOW.format(target="runtime"), broken: BROKEN})
    assert found_in(imglint, ".") == [(broken, "unreadable-file")]


def test_a_file_around_the_one_that_is_named_is_read_and_not_judged(imglint: Imglint, root: Path) -> None:
    broken = ".github/workflows/broken.yml"
    plant(root, {".git/HEAD": "", "Dockerfile": DOCKERFILE, PUBLISH: WORKFLOW.format(target="runtme"), broken: BROKEN})
    assert found_in(imglint, PUBLISH) == [(PUBLISH, "unknown-build-stage")]
    assert found_in(imglint, broken) == [(broken, "unreadable-file")]


def test_one_finding_for_each_file(imglint: Imglint, root: Path) -> None:
    plant(root, {".git/HEAD": "", "compose.yaml": "services:\n" + "  a: *b\n  c: *d\n" * 20})
    outcome = imglint("check", "--format", "json", "--select", "unreadable-file", ".")
    (finding,) = outcome.json["findings"]
    assert finding["line"] == 2
    assert [each["line"] for each in finding["related"]] == [3, 4, 5]


def test_a_file_that_is_too_deep_is_no_mistake(imglint: Imglint, root: Path) -> None:
    plant(root, {".git/HEAD": "", "compose.yaml": "services: " + "[" * 300 + "]" * 300 + "\n"})
    outcome = imglint("check", "--format", "json", "--select", "unreadable-file", ".")
    assert [each["severity"] for each in outcome.json["findings"]] == ["info"]
    assert outcome.code == 0


def test_a_template_is_told_to_be_left_out(imglint: Imglint, root: Path) -> None:
    plant(root, {".git/HEAD": "", "compose.yaml": "services:\n{% for a in b %}\n  x: 1\n{% endfor %}\n"})
    outcome = imglint("check", "--format", "json", "--select", "unreadable-file", ".")
    assert ["exclude" in each["help"] for each in outcome.json["findings"]] == [True]


def test_without_the_root_of_a_project_no_file_is_missing(imglint: Imglint, root: Path) -> None:
    plant(root, {"scripts/Makefile": "image:\n\tdocker build -f docker/Dockerfile .\n"})
    select = ("check", "--format", "json", "--select", "missing-dockerfile")
    assert imglint(*select, "scripts/Makefile").rules == []
    plant(root, {".git/HEAD": "", "Makefile": "image:\n\tdocker build .\n"})
    assert imglint(*select, ".").found == [("Makefile", 2, 15, "missing-dockerfile")]


def test_a_dockerfile_that_cannot_be_read_is_not_missing(imglint: Imglint, root: Path) -> None:
    plant(root, {".git/HEAD": "", "Makefile": "image:\n\tdocker build .\n"})
    (root / "Dockerfile").symlink_to("/somewhere/else/Dockerfile")
    outcome = imglint("check", "--format", "json", "--select", "missing-dockerfile", "Makefile")
    assert outcome.rules == []


LABELLED = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v6
        with:
          context: sub
          push: true
          tags: ghcr.io/octocat/hello:latest
          labels: org.opencontainers.image.source=https://github.com/octocat/hello
"""


def test_what_builds_a_file_in_a_folder_is_read_when_only_the_file_is_named(imglint: Imglint, root: Path) -> None:
    plant(root, {".git/HEAD": "", "sub/Dockerfile": "FROM alpine:3.20\n", PUBLISH: LABELLED})
    arguments = ("check", "--format", "json", "--select", "missing-source")
    assert imglint(*arguments, "sub/Dockerfile").rules == []
    (root / PUBLISH).unlink()
    assert imglint(*arguments, "sub/Dockerfile").rules == ["missing-source"]
