"""`imglint page`: what a registry's pages will say, in every format."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from read.image.making import Saved, image, index, make_layout, named

from .conftest import CLEAN, Imglint, plant
from .test_bad_input import HOSTILE, harmless

WORKFLOW = """\
on: push
jobs:
  publish:
    steps:
    - uses: actions/checkout@v4
    - uses: docker/setup-buildx-action@v3
    - uses: docker/build-push-action@v6
      with:
        push: true
        tags: ghcr.io/octocat/hello:1,docker.io/octocat/hello
"""
REPOSITORY = Path(__file__).parents[2]
PATH = ".github/workflows/publish.yml"
SCHEMA: Any = json.loads((REPOSITORY / "rules" / "schema" / "page.json").read_text())


@pytest.fixture
def project(root: Path) -> Path:
    plant(root, {"Dockerfile": CLEAN, PATH: WORKFLOW, ".git/config": ""})
    return root


@pytest.mark.usefixtures("project")
def test_text(imglint: Imglint) -> None:
    outcome = imglint("page", GITHUB_REPOSITORY="octocat/hello")
    assert (outcome.code, outcome.err) == (0, "")
    lines = [line.strip("│ ") for line in outcome.out.splitlines()]
    assert lines[0].startswith("╭─ ghcr.io/octocat/hello ─")
    assert lines[2] == "✗ No description provided"
    assert [line.split("  ")[0] for line in lines if line.startswith(("✓", "✗", "?"))] == [
        "✗ No description provided", "✓ repository", "✓ licence", "✓ access", "✓ tags", "✓ pushed as"
    ]  # fmt: skip
    assert f"╰─ built by docker/build-push-action {PATH}:7 ─" in outcome.out
    assert outcome.out.endswith("\nPushed to other registries as well: docker.io/octocat/hello\n")
    assert len({len(line) for line in outcome.out.splitlines() if line.startswith(("│", "╭", "╰"))}) == 1


@pytest.mark.usefixtures("project")
def test_markdown(imglint: Imglint) -> None:
    out = imglint("page", "--format", "markdown", GITHUB_REPOSITORY="octocat/hello").out
    reason = "an index (the action adds provenance unless \\`provenance: false\\` is given)"
    nothing = f"{reason} shows only its own annotation, and it has none"
    assert out.splitlines() == [
        "### `ghcr.io/octocat/hello`",
        "",
        "> *No description provided*",
        "",
        "| | | | |",
        "|---|---|---|---|",
        f"| ❌ | description | {nothing} |  |",
        "| ✅ | repository | octocat/hello | `Dockerfile:2` |",
        "| ✅ | licence | MIT | `Dockerfile:4` |",
        "| ✅ | access | workflows of octocat/hello (the package is linked to this repository) |  |",
        "| ✅ | tags | 1 |  |",
        "| ✅ | pushed as | an index: the action adds provenance unless \\`provenance: false\\` is given |"
        f" `{PATH}:7` |",
        "",
        "Pushed to other registries as well: `docker.io/octocat/hello`",
    ]


@pytest.mark.usefixtures("project")
def test_json(imglint: Imglint) -> None:
    document = imglint("page", "--format", "json", GITHUB_REPOSITORY="octocat/hello").json
    jsonschema.validate(document, SCHEMA)
    (page,) = document["pages"]
    assert (page["name"], page["tags"], page["index"]) == ("ghcr.io/octocat/hello", ["1"], True)
    assert page["description"]["state"] == "bad" and page["description"]["value"] is None
    assert page["licenses"]["place"] == {"file": "Dockerfile", "line": 4, "column": 7}
    assert page["builds"] == [{"tool": "docker/build-push-action", "file": PATH, "line": 7, "column": 13}]
    assert document["elsewhere"] == ["docker.io/octocat/hello"]


@pytest.mark.parametrize("name", ["text", "json", "markdown"])
def test_what_is_built_and_cannot_be_told_is_said(imglint: Imglint, project: Path, name: str) -> None:
    plant(project, {
        "docker-bake.hcl": 'group "default" { targets = pick("app") }\n',
        PATH: "on: push\njobs: {a: {steps: [{uses: docker/bake-action@v6, with: {source: ., push: true}}]}}\n",
    })  # fmt: skip
    outcome = imglint("page", "--format", name)
    reason = "targets of the group `default` that are not known here"
    if name == "json":
        jsonschema.validate(outcome.json, SCHEMA)
        assert outcome.json["unseen"] == [
            {"reason": reason, "place": {"file": "docker-bake.hcl", "line": 1, "column": 29}}
        ]
    elif name == "text":
        assert outcome.out.endswith(f"Not shown: {reason} (docker-bake.hcl:1)\n")
    else:
        assert outcome.out.endswith(f"Not shown: {reason.replace('`', chr(92) + '`')} (`docker-bake.hcl:1`)\n")


def test_labels_of_the_target_that_an_image_is_based_on(imglint: Imglint, project: Path) -> None:
    bake = """\
target "base" {
  dockerfile = "base.Dockerfile"
  labels = { "org.opencontainers.image.source" = "https://github.com/octocat/hello" }
}
target "default" {
  contexts = { base = "target:base" }
  tags = ["ghcr.io/octocat/hello:1"]
  output = ["type=registry"]
}
"""
    plant(project, {
        "docker-bake.hcl": bake, "Dockerfile": "FROM base\n", PATH: "",
        "base.Dockerfile": 'FROM scratch\nLABEL org.opencontainers.image.licenses="MIT"\n',
        "ci.sh": "docker buildx bake\n",
    })  # fmt: skip
    (page,) = imglint("page", "--format", "json", GITHUB_REPOSITORY="octocat/hello").json["pages"]
    assert (page["repository"]["value"], page["licenses"]["value"]) == ("octocat/hello", "MIT")


def test_a_makefile_that_a_workflow_calls(imglint: Imglint, project: Path) -> None:
    plant(project, {
        "Makefile": "TAG ?= dev\npush: build\n\tdocker push ghcr.io/octocat/hello:$(TAG)\n"
                    "build:\n\tdocker build -t ghcr.io/octocat/hello:$(TAG) .\n",
        PATH: "on: push\njobs: {a: {steps: [{uses: actions/checkout@v4}, {run: make push, env: {TAG: v1}}]}}\n",
    })  # fmt: skip
    (page,) = imglint("page", "--format", "json").json["pages"]
    assert page["tags"] == ["v1"]
    assert page["builds"] == [{"tool": "docker build", "file": "Makefile", "line": 5, "column": 2}]


def test_the_schema_is_one() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_an_index_annotation_is_shown(imglint: Imglint, project: Path) -> None:
    annotation = "        annotations: index:org.opencontainers.image.description=Hi\n"
    plant(project, {PATH: WORKFLOW + annotation})
    (page,) = imglint("page", "--format", "json").json["pages"]
    assert (page["description"]["state"], page["description"]["value"]) == ("good", "Hi")


@pytest.mark.parametrize("name", ["text", "json", "markdown"])
def test_nothing_is_published(imglint: Imglint, root: Path, name: str) -> None:
    plant(root, {"README.md": "", ".git/config": ""})
    outcome = imglint("page", "--format", name)
    assert (outcome.code, outcome.err) == (0, "")
    if name == "json":
        jsonschema.validate(outcome.json, SCHEMA)


@pytest.mark.parametrize("name", ["text", "json", "markdown"])
def test_hostile_text(imglint: Imglint, project: Path, name: str) -> None:
    value = json.dumps(f"{HOSTILE} | `x` <b>")
    workflow = WORKFLOW.replace("ghcr.io/octocat/hello:1,docker.io/octocat/hello", value) + f"        labels: {value}\n"
    dockerfile = f'FROM a\nLABEL org.opencontainers.image.description="{HOSTILE}|<script>`"\n'
    plant(project, {PATH: workflow, "Dockerfile": dockerfile, f"{HOSTILE}/Dockerfile": dockerfile})
    code, out, err = imglint("page", "--format", name)
    assert code in (0, 2)
    assert harmless(out) and harmless(err)
    if name == "json":
        jsonschema.validate(json.loads(out), SCHEMA)
    if name == "markdown":
        assert "<script>" not in out.replace("\\<script\\>", "")


IMAGE_CARD = """\
╭─ ghcr.io/octocat/hello ──────────────────────────────────────────────────────────────────────────╮
│                                                                                                  │
│ ✓ Says hello                                 annotations["org.opencontainers.image.description"] │
│                                                                                                  │
│ ✓ repository  octocat/hello                     config.Labels["org.opencontainers.image.source"] │
│ ✗ licence     the page will show no licence                                                      │
│ ✓ access      workflows of octocat/hello                                                         │
│               the package is linked to this repository                                           │
│ ✓ tags        1                                                                                  │
│ ✓ platforms   linux/amd64  linux/arm64                                                           │
│ ✓ pushed as   an index: it was read as one                                                       │
╰──────────────────────────────────────────────────────────────────────────────────────────────────╯
"""


class TestImages:
    @pytest.fixture(autouse=True)
    def layout(self, root: Path) -> None:
        folder = root / "layout"
        labels = {"org.opencontainers.image.source": "https://github.com/octocat/hello"}
        entries = [image(folder, (b"a",), platform, labels) for platform in ("linux/amd64", "linux/arm64")]
        top = index(folder, *entries, annotations={"org.opencontainers.image.description": "Says hello"})
        make_layout(folder, named(top, "1", "ghcr.io/octocat/hello:1"))
        plant(root, {".git/config": '[remote "origin"]\nurl = https://github.com/octocat/hello\n'})

    def test_a_card(self, imglint: Imglint) -> None:
        assert imglint("page", "layout") == (0, IMAGE_CARD, "")

    def test_json(self, imglint: Imglint) -> None:
        outcome = imglint("page", "layout", "--format", "json")
        jsonschema.validate(outcome.json, SCHEMA)
        (found,) = outcome.json["pages"]
        assert (found["name"], found["index"], found["tags"]) == ("ghcr.io/octocat/hello", True, ["1"])
        assert found["description"]["value"] == "Says hello"

    def test_what_an_archive_does_not_tell_is_unknown(self, imglint: Imglint, root: Path) -> None:
        saved = Saved()
        saved.old(["ghcr.io/octocat/hello:1"], config={"Labels": {"org.opencontainers.image.description": "Hi"}})
        (root / "saved.tar").write_bytes(saved.data())
        _, out, _ = imglint("page", "saved.tar")
        assert "? Hi" in out
        assert "? pushed as   " in out

    def test_a_local_name_is_no_registry(self, imglint: Imglint, root: Path) -> None:
        saved = Saved()
        saved.old(["localhost/hello:1"])
        (root / "saved.tar").write_bytes(saved.data())
        _, out, _ = imglint("page", "saved.tar")
        assert out.startswith("╭─ an image that nothing names ─")

    def test_a_broken_one_hides_no_other(self, imglint: Imglint, root: Path) -> None:
        (root / "broken.tar").write_bytes(b"no archive")
        code, out, err = imglint("page", "broken.tar", "layout")
        assert (code, out) == (2, IMAGE_CARD)
        assert err.startswith("error: broken.tar: ")
