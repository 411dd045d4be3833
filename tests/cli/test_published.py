"""What counts as published: what a build is seen to push, and what the configuration says of the rest."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import Imglint, plant

BARE = "FROM alpine:3.20\n"
MISSING = {"missing-source", "missing-description", "missing-licenses"}
WORKFLOW = """\
on: push
permissions: {contents: read, packages: write}
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
    - uses: actions/checkout@v4
    - id: meta
      uses: docker/metadata-action@v5
      with: {images: ghcr.io/octocat/hello}
    - uses: docker/build-push-action@v6
      with:
        push: true
        tags: ${{ steps.meta.outputs.tags }}
        labels: ${{ steps.meta.outputs.labels }}
"""
PATH = ".github/workflows/publish.yml"


def missing(imglint: Imglint, *arguments: str) -> set[str]:
    return {rule for path, _, _, rule in imglint("check", "--format", "json", *arguments).found if rule in MISSING}


@pytest.mark.parametrize(
    ("mode", "named", "searched"),
    [("auto", True, True), ("always", True, True), ("never", False, False), (None, True, True)],
)
def test_a_dockerfile_that_nobody_builds(
    imglint: Imglint, root: Path, mode: str | None, named: bool, searched: bool
) -> None:
    plant(root, {"Dockerfile": BARE})
    if mode:
        plant(root, {"imglint.toml": f'assume-published = "{mode}"\n'})
    assert bool(missing(imglint, "Dockerfile")) is named
    assert bool(missing(imglint)) is searched


def test_beside_one_that_is_published(imglint: Imglint, root: Path) -> None:
    plant(root, {PATH: WORKFLOW, "Dockerfile": BARE, "test/Dockerfile": BARE, ".git/config": ""})
    assert missing(imglint) == set()
    assert missing(imglint, "test/Dockerfile") == MISSING
    plant(root, {"imglint.toml": 'assume-published = "always"\n'})
    assert missing(imglint) == MISSING


def test_a_file_whose_workflow_labels_it(imglint: Imglint, root: Path) -> None:
    plant(root, {PATH: WORKFLOW, "Dockerfile": BARE, ".git/config": ""})
    assert "missing-source" not in missing(imglint, "Dockerfile")
    plant(root, {PATH: WORKFLOW.replace("labels: ${{ steps.meta.outputs.labels }}", "")})
    assert "missing-source" in missing(imglint, "Dockerfile")


def test_a_wrong_mode(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": BARE, "imglint.toml": 'assume-published = "sometimes"\n'})
    outcome = imglint("check")
    assert outcome.code == 2
    assert "assume-published" in outcome.out + outcome.err
