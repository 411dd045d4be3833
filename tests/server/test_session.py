"""What is open, judged together with what is around it on the disk."""

from __future__ import annotations

import gc
import os
import weakref

import pytest

from imglint.checks.labels import link
from imglint.project import MAX_KEPT
from imglint.server.positions import Encoding

from .conftest import Desk, plant, settle

DOCKERFILE = "FROM alpine:3.20\n"
WORKFLOW = """\
on: push
jobs:
  publish:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v6
        with:
          context: .
          push: true
          tags: ghcr.io/octocat/hello:latest
          provenance: false
          labels: |
            org.opencontainers.image.source=https://github.com/octocat/hello
            org.opencontainers.image.description=Says hello
            org.opencontainers.image.licenses=MIT
"""
PUBLISH = ".github/workflows/publish.yml"


def test_files_on_the_disk_take_part(desk: Desk) -> None:
    plant(desk.folder, {PUBLISH: WORKFLOW})
    desk.put("Dockerfile", DOCKERFILE)
    assert desk.rules("Dockerfile") == []


def test_what_is_not_saved_takes_part(desk: Desk) -> None:
    plant(desk.folder, {PUBLISH: WORKFLOW})
    desk.put("Dockerfile", DOCKERFILE)
    desk.put(PUBLISH, WORKFLOW.replace(".licenses=MIT", ".title=Hello"), "yaml")
    assert desk.rules("Dockerfile") == ["missing-licenses"]
    desk.put(PUBLISH, WORKFLOW, "yaml")
    assert desk.rules("Dockerfile") == []


def test_a_file_that_was_never_saved_is_found(desk: Desk) -> None:
    desk.put(PUBLISH, WORKFLOW, "yaml")
    assert "missing-dockerfile" in desk.rules(PUBLISH)
    desk.put("Dockerfile", DOCKERFILE)
    assert "missing-dockerfile" not in desk.rules(PUBLISH)


def test_a_text_that_is_closed_is_as_on_the_disk(desk: Desk) -> None:
    plant(desk.folder, {PUBLISH: WORKFLOW})
    desk.put("Dockerfile", DOCKERFILE)
    view = desk.put(PUBLISH, "on: push\njobs: {}\n", "yaml")
    assert "missing-source" in desk.rules("Dockerfile")
    desk.session.documents.close(view.document.uri)
    desk.session.touch()
    assert desk.rules("Dockerfile") == []


def test_a_change_on_the_disk_is_seen_at_the_next_keystroke(desk: Desk) -> None:
    plant(desk.folder, {PUBLISH: WORKFLOW})
    desk.put("Dockerfile", DOCKERFILE)
    plant(desk.folder, {PUBLISH: WORKFLOW.replace(".licenses=MIT", ".title=Hello")})
    desk.put("Dockerfile", DOCKERFILE + "\n")
    assert desk.rules("Dockerfile") == ["missing-licenses"]


def test_the_configuration_is_read_again_when_it_changes(desk: Desk) -> None:
    desk.put("Dockerfile", DOCKERFILE)
    assert "missing-source" in desk.rules("Dockerfile")
    plant(desk.folder, {"imglint.toml": 'ignore = ["labels"]\n'})
    desk.put("Dockerfile", DOCKERFILE)
    assert desk.rules("Dockerfile") == []
    (desk.folder / "imglint.toml").unlink()
    desk.put("Dockerfile", DOCKERFILE)
    assert "missing-source" in desk.rules("Dockerfile")


def test_the_repository_is_read_again_when_it_changes(desk: Desk) -> None:
    text = DOCKERFILE + "LABEL org.opencontainers.image.source=https://github.com/octocat/hello\n"
    remote = '[remote "origin"]\n\turl = https://github.com/octocat/{}\n'
    plant(desk.folder, {".git/config": remote.format("hello")})
    desk.put("Dockerfile", text)
    assert "source-mismatch" not in desk.rules("Dockerfile")
    plant(desk.folder, {".git/config": remote.format("good-bye")})
    desk.put("Dockerfile", text)
    assert "source-mismatch" in desk.rules("Dockerfile")


def test_the_root_of_a_project_is_found_when_it_is_made(desk: Desk) -> None:
    plant(desk.folder, {"a/image/Dockerfile": DOCKERFILE})
    assert desk.put("a/image/Dockerfile", DOCKERFILE).path == "a/image/Dockerfile"
    plant(desk.folder, {"a/.github/workflows/publish.yml": WORKFLOW.replace("context: .", "context: image")})
    view = desk.put("a/image/Dockerfile", DOCKERFILE + "\n")
    assert view.path == "image/Dockerfile" and view.understanding.built


def test_a_configuration_that_cannot_be_used_is_told_once(desk: Desk) -> None:
    plant(desk.folder, {"imglint.toml": "ignroe = []\n", "sub/Dockerfile": "", "other/imglint.toml": ""})
    for number in range(3):
        desk.session.documents.open((desk.folder / "Dockerfile").as_uri(), "dockerfile", number, DOCKERFILE)
        desk.session.touch()
        assert desk.session.view((desk.folder / "Dockerfile").as_uri()) is None
    assert len(desk.told) == 1 and "did you mean `ignore`" in desk.told[0]
    desk.put("other/Dockerfile", DOCKERFILE)
    assert "missing-source" in desk.rules("other/Dockerfile")


def test_a_mistake_of_ours_is_told_once_and_stops_nothing(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("oh")

    text = DOCKERFILE + "LABEL org.opencontainers.image.source=octocat/hello\n"
    with monkeypatch.context() as patched:
        patched.setattr(link, "judge", broken)
        desk.put("Dockerfile", text)
        desk.put("Dockerfile", text + "\n")
        assert len(desk.told) == 1 and "please report it" in desk.told[0]
    desk.put("Dockerfile", text)
    assert "source-not-a-repository" in desk.rules("Dockerfile")


@pytest.mark.parametrize("text", ["{{{", "FROM", 'LABEL a="\nRUN <<E\n', "\ud800", "\r", "jobs: [" * 300])
@pytest.mark.parametrize("name", ["Dockerfile", PUBLISH, "compose.yaml", "docker-bake.hcl", "build.sh", "Makefile"])
def test_a_broken_text_stops_nothing(desk: Desk, name: str, text: str) -> None:
    desk.put(name, text)
    assert desk.told == []


def test_a_text_outside_of_any_repository(desk: Desk) -> None:
    desk.session.documents.open("untitled:Untitled-1", "dockerfile", 1, DOCKERFILE)
    desk.session.touch()
    view = desk.session.view("untitled:Untitled-1")
    assert view is not None and "missing-source" in [each.rule for each in view.findings]


def test_the_same_text_is_read_once(desk: Desk) -> None:
    plant(desk.folder, {PUBLISH: WORKFLOW})
    first = desk.put("Dockerfile", DOCKERFILE).understanding.built[0].build.place.source
    second = desk.put("Dockerfile", DOCKERFILE + "\n").understanding.built[0].build.place.source
    assert first is second
    os.utime(desk.folder / PUBLISH, ns=(1, 1))
    assert desk.put("Dockerfile", DOCKERFILE).understanding.built[0].build.place.source is not first
    assert desk.session.documents.encoding is Encoding.UTF_16


def test_a_keystroke_leaves_other_projects_as_they_are(desk: Desk) -> None:
    plant(desk.folder, {"one/.github/x": "", "one/Dockerfile": DOCKERFILE, "two/.github/x": "", "two/Dockerfile": ""})
    settle(desk.folder)
    one, two = desk.put("one/Dockerfile", DOCKERFILE), desk.put("two/Dockerfile", DOCKERFILE)
    assert desk.put("two/Dockerfile", DOCKERFILE + "\n") is not two
    assert desk.view("one/Dockerfile") is one


def test_a_keystroke_takes_in_what_changed_in_another_project(desk: Desk) -> None:
    plant(desk.folder, {f"one/{PUBLISH}": WORKFLOW, "two/.github/x": ""})
    settle(desk.folder)
    desk.put("one/Dockerfile", DOCKERFILE)
    desk.put("two/Dockerfile", DOCKERFILE)
    assert desk.rules("one/Dockerfile") == []
    plant(desk.folder, {f"one/{PUBLISH}": WORKFLOW.replace(".licenses=MIT", ".title=Hello")})
    desk.put("two/Dockerfile", DOCKERFILE + "\n")
    assert desk.rules("one/Dockerfile") == ["missing-licenses"]
    plant(desk.folder, {"imglint.toml": 'ignore = ["labels"]\n'})
    desk.put("two/Dockerfile", DOCKERFILE)
    assert desk.rules("one/Dockerfile") == []


def test_a_text_in_a_project_within_another_counts_for_both(desk: Desk) -> None:
    plant(desk.folder, {"inner/.github/x": ""})
    settle(desk.folder)
    workflow = WORKFLOW.replace("context: .", "context: inner")
    desk.put(PUBLISH, workflow, "yaml")
    assert "missing-dockerfile" in desk.rules(PUBLISH)
    desk.put("inner/Dockerfile", DOCKERFILE)
    assert "missing-dockerfile" not in desk.rules(PUBLISH)


@pytest.mark.parametrize("name", [PUBLISH, "build.sh", "Makefile", "compose.yaml"])
def test_a_new_file_beside_an_open_one_is_taken_in(desk: Desk, name: str) -> None:
    texts = {
        PUBLISH: WORKFLOW,
        "build.sh": "docker build --push -t ghcr.io/octocat/hello .\n",
        "Makefile": "push:\n\tdocker build --push -t ghcr.io/octocat/hello .\n",
        "compose.yaml": "services:\n  hello:\n    image: ghcr.io/octocat/hello\n    build: .\n",
    }
    plant(desk.folder, {"other.sh": "", "scripts/x": "", ".github/workflows/test.yml": "on: push\njobs: {}\n"})
    settle(desk.folder)
    assert not desk.put("Dockerfile", DOCKERFILE).understanding.built
    plant(desk.folder, {name: texts[name]})
    assert desk.put("Dockerfile", DOCKERFILE + "\n").understanding.built
    (desk.folder / name).unlink()
    assert not desk.put("Dockerfile", DOCKERFILE).understanding.built


def test_texts_of_a_project_tell_of_each_other(desk: Desk) -> None:
    desk.put(PUBLISH, WORKFLOW, "yaml")
    desk.put("Dockerfile", DOCKERFILE)
    assert desk.rules("Dockerfile") == [] and "unknown-build-stage" not in desk.rules(PUBLISH)
    desk.put(PUBLISH, WORKFLOW.replace(".licenses=MIT", ".title=Hello"), "yaml")
    assert desk.rules("Dockerfile") == ["missing-licenses"]
    desk.put("Dockerfile", DOCKERFILE + "LABEL org.opencontainers.image.licenses=MIT\n")
    assert desk.rules("Dockerfile") == []
    desk.put(PUBLISH, WORKFLOW.replace("push: true", "push: true\n          target: gone"), "yaml")
    assert "unknown-build-stage" in desk.rules(PUBLISH)
    desk.put("Dockerfile", DOCKERFILE.replace("\n", " AS gone\n"))
    assert "unknown-build-stage" not in desk.rules(PUBLISH)


def test_a_dockerfile_is_evaluated_once_for_the_same_arguments(desk: Desk) -> None:
    desk.put("Dockerfile", DOCKERFILE)
    desk.put(PUBLISH, WORKFLOW, "yaml")
    first = desk.view(PUBLISH).understanding.built[0].evaluation
    assert desk.put(PUBLISH, WORKFLOW + "#", "yaml").understanding.built[0].evaluation is first
    for number in range(MAX_KEPT + 1):
        desk.put(PUBLISH, WORKFLOW + f"          build-args: A={number}\n", "yaml")
        assert "undeclared-build-arg" in desk.rules(PUBLISH)


def test_what_a_keystroke_leaves_behind_is_freed_at_the_next(desk: Desk) -> None:
    desk.put(PUBLISH, WORKFLOW, "yaml")
    gc.collect()
    gc.disable()
    try:
        before = weakref.ref(desk.put("Dockerfile", DOCKERFILE).project)
        desk.put("Dockerfile", DOCKERFILE + "\n")
        assert before() is None
    finally:
        gc.enable()
