"""`imglint labels`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from read.image.making import Saved, attestation, image, index, make_layout, named

from .conftest import CLEAN, Imglint, plant

TEXT = """\
ARG VERSION
FROM alpine AS base
LABEL b="1"
FROM base AS app
ARG VERSION
LABEL a="x y" b="2" \\
      version=$VERSION
LABEL b="3" c=""
FROM alpine AS last
"""
TABLE = """\
Dockerfile, stage app
  a        x y                          line 6
  b        3                            line 8, over line 3, 6
  c        (empty)                      line 8
  version  (unknown until it is built)  line 7
"""
DOCUMENT = {
    "file": "Dockerfile",
    "stage": "app",
    "labels": {
        "a": {"value": "x y", "known": True, "line": 6, "column": 7, "overrides": []},
        "b": {
            "value": "3", "known": True, "line": 8, "column": 7,
            "overrides": [{"value": "1", "line": 3, "column": 7}, {"value": "2", "line": 6, "column": 15}],
        },
        "c": {"value": "", "known": True, "line": 8, "column": 13, "overrides": []},
        "version": {"value": None, "known": False, "line": 7, "column": 7, "overrides": []},
    },
}  # fmt: skip


def test_the_table(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": TEXT})
    assert imglint("labels", "--target", "app") == (0, TABLE, "")


def test_json(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": TEXT})
    code, out, err = imglint("labels", "--target", "app", "--format", "json")
    assert (code, err, json.loads(out)) == (0, "", DOCUMENT)


def test_build_arguments(imglint: Imglint) -> None:
    outcome = imglint("labels", "--format=json", "--target=app", "--build-arg=VERSION=1.2", "-", stdin=TEXT)
    assert outcome.json["labels"]["version"] == {
        "value": "1.2", "known": True, "line": 7, "column": 7, "overrides": [],
    }  # fmt: skip


def test_several_files(imglint: Imglint, root: Path) -> None:
    plant(root, {"a/Dockerfile": "FROM x AS Y\n", "b/Dockerfile": 'FROM x\nFROM x\nLABEL k="v"\n'})
    assert imglint("labels") == (
        0,
        "a/Dockerfile, stage y\n  no labels\n\nb/Dockerfile, stage 1\n  k  v  line 3\n",
        "",
    )
    lines = imglint("labels", "--format", "json").out.splitlines()
    assert [json.loads(line)["file"] for line in lines] == ["a/Dockerfile", "b/Dockerfile"]


def test_a_stage_that_is_not_there(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": TEXT, "other/Dockerfile": "FROM x AS app\n"})
    code, out, err = imglint("labels", "--target", "base")
    assert (code, err) == (2, "error: other/Dockerfile: has no stage `base` to publish: it has `app`\n")
    assert out == "Dockerfile, stage base\n  b  1  line 3\n"


def test_a_file_without_stages(imglint: Imglint) -> None:
    assert imglint("labels", "-", stdin="ARG a\n") == (2, "", "error: <stdin>: has no stage to publish\n")


def test_colour(imglint: Imglint) -> None:
    assert imglint("labels", "-", stdin=CLEAN, FORCE_COLOR="1").out.startswith("\x1b[1m<stdin>\x1b[0m")
    assert "\x1b" not in imglint("labels", "-", stdin=CLEAN, FORCE_COLOR="1", NO_COLOR="1").out


def test_a_long_value_is_cut(imglint: Imglint) -> None:
    out = imglint("labels", "-", stdin=f'FROM a\nLABEL k="{"x" * 1000}"\n').out
    assert max(map(len, out.splitlines())) <= 100 and "…" in out


SOURCE = "org.opencontainers.image.source"
DESCRIPTION = "org.opencontainers.image.description"
OF_IMAGES = f"""\
layout, an OCI image layout
  annotations of the index
    {DESCRIPTION}  Says hello
  annotations of the manifest (linux/amd64)
    made.by  hand
  labels (linux/amd64, linux/arm64)
    {SOURCE}  https://github.com/octocat/hello
  labels (linux/arm/v7)
    none

saved.tar, an archive of docker save
  labels (linux/amd64)
    a  (empty)
  not told by this form: index annotations, manifest annotations
"""


class TestImages:
    @pytest.fixture(autouse=True)
    def layout(self, root: Path) -> None:
        folder = root / "layout"
        labels = {SOURCE: "https://github.com/octocat/hello"}
        entries = [
            image(folder, (b"a",), "linux/amd64", labels, {"annotations": {"made.by": "hand"}}),
            image(folder, (b"b",), "linux/arm64", labels),
            image(folder, (b"c",), "linux/arm/v7"),
        ]
        attested = attestation(folder, entries[0])
        top = index(folder, *entries, attested, annotations={DESCRIPTION: "Says hello"})
        make_layout(folder, named(top, "1", "ghcr.io/octocat/hello:1"))
        saved = Saved()
        saved.old(["octocat/hello:1"], config={"Labels": {"a": ""}})
        (root / "saved.tar").write_bytes(saved.data())

    def test_tables(self, imglint: Imglint) -> None:
        assert imglint("labels", "layout", "saved.tar") == (0, OF_IMAGES, "")

    def test_json(self, imglint: Imglint) -> None:
        code, out, err = imglint("labels", "layout", "saved.tar", "--format", "json")
        first, second = [json.loads(line) for line in out.splitlines()]
        assert (code, err) == (0, "")
        assert first == {
            "image": "layout",
            "form": "oci-layout",
            "metadata": [
                {"of": "annotations of the index", "platforms": [], "values": {DESCRIPTION: "Says hello"}},
                {"of": "annotations of the manifest", "platforms": ["linux/amd64"], "values": {"made.by": "hand"}},
                {
                    "of": "labels", "platforms": ["linux/amd64", "linux/arm64"],
                    "values": {SOURCE: "https://github.com/octocat/hello"},
                },
                {"of": "labels", "platforms": ["linux/arm/v7"], "values": {}},
            ],
            "untold": [],
        }  # fmt: skip
        assert second["untold"] == ["index annotations", "manifest annotations"]

    def test_beside_dockerfiles(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": "FROM a\nLABEL b=c\n"})
        _, out, _ = imglint("labels", "Dockerfile", "saved.tar")
        assert out.startswith("saved.tar, an archive of docker save\n")
        assert out.endswith("\nDockerfile, stage 0\n  b  c  line 2\n")

    def test_a_broken_one_hides_no_other(self, imglint: Imglint, root: Path) -> None:
        (root / "broken.tar").write_bytes(b"no archive")
        code, out, err = imglint("labels", "broken.tar", "layout", "saved.tar")
        assert (code, out) == (2, OF_IMAGES)
        assert err.startswith("error: broken.tar: ")
