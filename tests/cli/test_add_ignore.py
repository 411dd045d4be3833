"""`--add-ignore`: comments that silence what was found, each where it is read as one."""

from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import CLEAN, Imglint, plant

WORKFLOW = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/build-push-action@v6
        with:
          push: true
          platforms: linux/amd64,linux/arm64
          tags: |
            ghcr.io/octocat/hello:1
            ghcr.io/octocat/Hello:2
      - run: |
          docker buildx build --platform linux/amd64,linux/arm64 --push -t ghcr.io/octocat/hello .
          docker buildx build --platform linux/amd64,linux/arm64 \\
            --push -t ghcr.io/octocat/Hello .
"""


def test_one_comment_for_one_place(root: Path, imglint: Imglint) -> None:
    (root / "Dockerfile").write_text("# syntax=docker/dockerfile:1\nFROM alpine:3.20\nMAINTAINER me\n")
    done = imglint("check", "--add-ignore=never pushed")
    assert (done.code, done.out) == (0, "No problems in 1 file (4 suppressed).\n")
    assert done.err == "Silenced 4 findings in 1 file.\n"
    assert (root / "Dockerfile").read_text() == (
        "# syntax=docker/dockerfile:1\n"
        "# imglint: ignore[missing-description, missing-licenses, missing-source] never pushed\n"
        "FROM alpine:3.20\n"
        "# imglint: ignore[legacy-label] never pushed\n"
        "MAINTAINER me\n"
    )


def test_a_comment_that_is_there_gets_more_names(root: Path, imglint: Imglint) -> None:
    (root / "Dockerfile").write_text("# imglint: ignore[missing-source] because\nFROM alpine:3.20\n")
    assert imglint("check", "--add-ignore").code == 0
    first = (root / "Dockerfile").read_text().splitlines()[0]
    assert first == "# imglint: ignore[missing-source, missing-description, missing-licenses] because"


def test_line_ends_and_indentation(root: Path, imglint: Imglint) -> None:
    (root / "Dockerfile").write_bytes(CLEAN.replace("\n", "\r\n").encode() + b"  MAINTAINER me\r\n")
    assert imglint("check", "--add-ignore", "--fail-on", "info").code == 0
    assert (root / "Dockerfile").read_bytes().endswith(b"\r\n  # imglint: ignore[legacy-label]\r\n  MAINTAINER me\r\n")


def test_in_workflows_only_where_it_is_a_comment(root: Path, imglint: Imglint) -> None:
    plant(root, {"Dockerfile": CLEAN, ".github/workflows/publish.yml": WORKFLOW})
    select = ("--select", "builds")
    done = imglint("check", *select, "--add-ignore=later", "--format", "json")
    text = (root / ".github/workflows/publish.yml").read_text()
    assert "      # imglint: ignore[missing-index-description] later\n      - uses: docker/build-push" in text
    assert "          # imglint: ignore[missing-index-description] later\n          docker buildx build" in text
    tags = text.partition("tags: |\n")[2].partition("      - run")[0]
    assert tags == "            ghcr.io/octocat/hello:1\n            ghcr.io/octocat/Hello:2\n"
    assert "\\\n            --push -t" in text
    assert set(done.rules) == {"uppercase-repository"}


def test_it_can_be_looked_at_first(root: Path, imglint: Imglint) -> None:
    (root / "Dockerfile").write_text("FROM alpine:3.20\n")
    done = imglint("check", "--add-ignore", "--diff")
    assert (done.code, done.out.count("\n+#")) == (1, 1)
    assert (root / "Dockerfile").read_text() == "FROM alpine:3.20\n"


def test_json_has_no_comments(root: Path, imglint: Imglint) -> None:
    bake = '{"target": {"default": {"tags": ["ghcr.io/Octocat/hello"]}}}\n'
    plant(root, {"Dockerfile": CLEAN, "docker-bake.json": bake})
    done = imglint("check", "--add-ignore", "docker-bake.json", "--format", "json")
    assert (done.code, done.rules, (root / "docker-bake.json").read_text()) == (1, ["uppercase-repository"], bake)


@pytest.mark.parametrize("flag", ["--fix", "--write-baseline"])
def test_flags_that_mean_nothing_together(imglint: Imglint, flag: str) -> None:
    assert imglint("check", "--add-ignore", flag, "--baseline", "x").code == 2


def test_a_reason_is_one_line(root: Path, imglint: Imglint) -> None:
    (root / "Dockerfile").write_text("FROM alpine:3.20\n")
    imglint("check", "--add-ignore=one\nRUN two")
    assert (root / "Dockerfile").read_text().splitlines()[0].endswith("] one RUN two")
