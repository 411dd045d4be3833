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
        "✗ No description provided", "✓ repository", "✓ licence", "✓ access", "? push", "✓ tags", "✓ pushed as"
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
        "| ❔ | push | depends: no login is seen before it, and a step may log in unseen |  |",
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
    assert page["push"] == {
        "state": "unknown",
        "value": "depends: no login is seen before it, and a step may log in unseen",
        "reason": None,
        "place": None,
    }
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


PUSHING = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    permissions: {packages: write}
    steps:
    - uses: docker/login-action@v3
      with: {registry: ghcr.io, username: me, password: "${{ secrets.GITHUB_TOKEN }}"}
    - uses: docker/build-push-action@v6
      with: {push: true, tags: "ghcr.io/octocat/hello:1"}
"""
TOKEN = "${{ secrets.GITHUB_TOKEN }}"
LOGIN = PUSHING[PUSHING.index("    - uses: docker/login") : PUSHING.index("    - uses: docker/build-push")]
ALLOWED = ("good", "will succeed: GITHUB_TOKEN has `packages: write`", None)


class TestPush:
    """How the pushes of workflows will end, and where what decides it is written."""

    @pytest.mark.parametrize(
        ("workflow", "expected"),
        [
            (PUSHING, ALLOWED),
            (PUSHING.replace("{packages: write}", "{contents: read}"),
             ("bad", "will be denied: GITHUB_TOKEN has `packages: none`", (PATH, 5))),
            (PUSHING.replace("octocat/hello:1", "octo-org/hello:1"),
             ("bad", "will be denied: GITHUB_TOKEN may not push to packages of octo-org", (PATH, 10))),
            (PUSHING.replace("octocat/hello:1", "octocat/${{ github.event.number }}/Hello"),
             ("bad", "will fail: the name of an image must be in lower case, and `Hello` is not", (PATH, 10))),
            (PUSHING.replace(LOGIN, ""), ("bad", "will be denied: nothing logs in to ghcr.io before it", (PATH, 7))),
            (PUSHING.replace(LOGIN, "") + LOGIN,
             ("bad", "will be denied: nothing logs in to ghcr.io before it", (PATH, 9))),
            (PUSHING.replace("username: me, ", ""),
             ("bad", "will be denied: the login names no user, and fails", (PATH, 7))),
            (PUSHING.replace("    permissions: {packages: write}\n", ""),
             ("unknown", "depends: no `permissions` are given, and the settings of the repository decide", None)),
            (PUSHING.replace(TOKEN, "${{ secrets.CR_PAT }}"),
             ("unknown", "depends: the secret `CR_PAT` has to be a personal access token (classic) with "
                         "`write:packages`", (PATH, 7))),
            (PUSHING.replace("on: push", "on: workflow_call"),
             ("unknown", "depends: whoever calls the workflow has to give it `packages: write`", None)),
        ],
    )  # fmt: skip
    def test_what_decides(self, imglint: Imglint, project: Path, workflow: str, expected: tuple[Any, ...]) -> None:
        plant(project, {PATH: workflow})
        assert self.push(imglint) == expected

    @pytest.mark.parametrize(
        ("labels", "expected"),
        [
            ("LABEL org.opencontainers.image.source=https://github.com/Octocat/Hello", ALLOWED),
            ("LABEL org.opencontainers.image.source=https://github.com/octo-org/base",
             ("unknown", "depends: the source label names octo-org/base, so the package has to let this repository "
                         "write", ("Dockerfile", 2))),
            ("LABEL org.opencontainers.image.source=https://github.com/octocat/hello.git",
             ("unknown", "depends: no label links the package to this repository, which may write if it pushed it "
                         "first or was given access", ("Dockerfile", 2))),
            ("", ("unknown", "depends: no label links the package to this repository, which may write if it pushed it "
                             "first or was given access", None)),
            ("ARG SOURCE\nLABEL org.opencontainers.image.source=$SOURCE",
             ("unknown", "depends: whether the package is linked to this repository is not known", ("Dockerfile", 3))),
        ],
        ids=["this repository", "another", "no address", "none", "unknown"],
    )  # fmt: skip
    def test_the_link(self, imglint: Imglint, project: Path, labels: str, expected: tuple[Any, ...]) -> None:
        plant(project, {PATH: PUSHING, "Dockerfile": f"FROM scratch\n{labels}\n"})
        assert self.push(imglint) == expected

    def push(self, imglint: Imglint) -> tuple[Any, ...]:
        document = imglint("page", "--format", "json", GITHUB_REPOSITORY="octocat/hello").json
        jsonschema.validate(document, SCHEMA)
        (page,) = document["pages"]
        place = page["push"]["place"]
        return page["push"]["state"], page["push"]["value"], (place["file"], place["line"]) if place else None

    def test_the_worst_of_several_is_told_with_a_word_on_another(self, imglint: Imglint, project: Path) -> None:
        other = PUSHING.replace("hello:1", "hello:2").replace("{packages: write}", "{}")
        plant(project, {PATH: PUSHING, ".github/workflows/release.yml": other})
        (page,) = imglint("page", "--format", "json", GITHUB_REPOSITORY="octocat/hello").json["pages"]
        assert page["push"]["value"] == "will be denied: GITHUB_TOKEN has `packages: none`"
        assert page["push"]["reason"] == "another push will succeed: GITHUB_TOKEN has `packages: write`"
        assert page["push"]["place"]["file"] == ".github/workflows/release.yml"

    @pytest.mark.parametrize(
        ("guard", "reason"),
        [("", "denied in pull requests from forks"), ("    if: github.event_name != 'pull_request'\n", None)],
    )
    def test_pull_requests_from_forks(self, imglint: Imglint, project: Path, guard: str, reason: str | None) -> None:
        workflow = PUSHING.replace("on: push", "on: [push, pull_request]").replace("    steps:", f"{guard}    steps:")
        plant(project, {PATH: workflow})
        (page,) = imglint("page", "--format", "json", GITHUB_REPOSITORY="octocat/hello").json["pages"]
        assert (page["push"]["state"], page["push"]["reason"]) == ("good", reason)

    def test_each_package_has_its_own(self, imglint: Imglint, project: Path) -> None:
        tags = '"ghcr.io/octocat/hello:1,ghcr.io/octo-org/hello:1,quay.io/octocat/hello"'
        plant(project, {PATH: PUSHING.replace('"ghcr.io/octocat/hello:1"', tags)})
        pages = imglint("page", "--format", "json", GITHUB_REPOSITORY="octocat/hello").json["pages"]
        found = {page["name"]: page["push"]["state"] for page in pages}
        assert found == {"ghcr.io/octocat/hello": "good", "ghcr.io/octo-org/hello": "bad"}

    @pytest.mark.parametrize("step", [
        "docker tag built ghcr.io/octocat/hello:1 && docker push ghcr.io/octocat/hello:1",
        "make publish",
    ])  # fmt: skip
    def test_what_a_command_pushes(self, imglint: Imglint, project: Path, step: str) -> None:
        plant(project, {
            PATH: PUSHING[: PUSHING.index("    - uses: docker/build")]
            + f"    - uses: actions/checkout@v4\n    - run: docker build -t built .\n    - run: {step}\n",
            "Makefile": "publish:\n\tdocker build -t ghcr.io/octocat/hello .\n\tdocker push ghcr.io/octocat/hello\n",
        })  # fmt: skip
        assert self.push(imglint) == ALLOWED

    def test_what_no_workflow_pushes_has_none(self, imglint: Imglint, project: Path) -> None:
        script = "docker build -t ghcr.io/octocat/hello:1 --push .\n"
        plant(project, {PATH: "on: push\njobs: {a: {steps: [{run: make test}]}}\n", "publish.sh": script})
        outcome = imglint("page", "--format", "json")
        jsonschema.validate(outcome.json, SCHEMA)
        assert [page["push"] for page in outcome.json["pages"]] == [None]
        assert " push " not in imglint("page").out

    def test_reports_with_pages_have_it(self, imglint: Imglint, project: Path) -> None:
        plant(project, {PATH: PUSHING})
        out = imglint("check", "--format", "html", GITHUB_REPOSITORY="octocat/hello").out
        words = "will succeed: GITHUB_TOKEN has <code>packages: write</code>"
        assert f'<dt class="good">push</dt><dd>{words}</dd>' in out
        out = imglint("check", "--format", "markdown", GITHUB_REPOSITORY="octocat/hello").out
        assert "| ✅ | push | will succeed: GITHUB\\_TOKEN has \\`packages: write\\` |  |\n" in out

    def test_long_words_stand_above_their_place(self, imglint: Imglint, project: Path) -> None:
        plant(project, {PATH: PUSHING.replace(TOKEN, "${{ secrets.CR_PAT }}")})
        lines = imglint("page", GITHUB_REPOSITORY="octocat/hello").out.splitlines()
        start = next(number for number, line in enumerate(lines) if "? push " in line)
        assert lines[start : start + 2] == [
            "│ ? push        depends: the secret `CR_PAT` has to be a personal access token (classic) with      │",
            "│               `write:packages`                                   .github/workflows/publish.yml:7 │",
        ]


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
