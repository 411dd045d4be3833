"""`imglint check --jobs`: the same outcome, however many judge."""

from __future__ import annotations

import gc
import os
import pty
import subprocess
import sys
import weakref
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imglint.cli import parallel
from imglint.cli.headway import line
from imglint.cli.outcome import Outcome, judged
from imglint.cli.projects import ALL_KINDS
from imglint.cli.run import Options, Run
from imglint.workspace import Group

from .conftest import BAD, CLEAN, Imglint, plant

WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    steps:
      - run: |
          docker build -t ghcr.io/octocat/hello --build-arg TOKEN=x .
          docker push ghcr.io/octocat/hello
"""


@pytest.fixture
def repositories(root: Path) -> Path:
    for number in range(9):
        folder = f"r{number}"
        texts = {f"{folder}/.git/config": "", f"{folder}/Dockerfile": BAD if number % 3 else CLEAN}
        plant(
            root, texts | {f"{folder}/.github/workflows/ci.yml": WORKFLOW, f"{folder}/docs/Dockerfile": "FROM a\nX\n"}
        )
    (root / "r4" / "broken.Dockerfile").write_bytes(b"\0\1")
    plant(root, {"r5/imglint.toml": "no"})
    return root


@pytest.mark.parametrize("name", ["text", "concise", "json", "sarif", "gitlab", "junit", "markdown", "html"])
def test_the_reports_are_the_same(imglint: Imglint, repositories: Path, name: str) -> None:
    one = imglint("check", "--format", name, "--jobs", "1")
    assert one.code == 2
    assert one.out
    assert imglint("check", "--format", name, "--jobs", "3") == one
    assert imglint("check", "--format", name) == one


@pytest.mark.parametrize("name", ["text", "json", "markdown"])
def test_the_pages_are_the_same(imglint: Imglint, repositories: Path, name: str) -> None:
    one = imglint("page", "--format", name, "--jobs", "1")
    assert one.code == 2, "r5's configuration cannot be read"
    assert "hello" in one.out
    assert imglint("page", "--format", name, "--jobs", "3") == one
    assert imglint("page", "--format", name) == one


def test_a_process_that_dies_takes_nothing_with_it(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repositories)
    here = os.getpid()

    run = Run(Options(()), ALL_KINDS)

    def judge(group: Group) -> Outcome:
        return judged(run, group, with_pages=False)

    def deadly(group: Group) -> Outcome:
        if os.getpid() != here and "r3" in group.inputs[0].source.path:
            os._exit(9)
        return judge(group)

    groups = list(run.workspace.groups(run.inputs()))
    expected = [outcome.findings.keys() for outcome in parallel.outcomes(list(groups), judge, 1)]
    assert [outcome.findings.keys() for outcome in parallel.outcomes(groups, deadly, 2)] == expected


def test_a_project_is_let_go_before_the_next(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repositories)
    monkeypatch.setattr(parallel, "LEFT_BEHIND", 0)
    gc.disable()  # as imglint runs
    try:
        run = Run(Options(()), ALL_KINDS)
        groups = list(run.workspace.groups(run.inputs()))
        projects = [weakref.ref(group.project) for group in groups]
        for number, _ in enumerate(parallel.outcomes(groups, lambda group: judged(run, group, False), 1)):
            assert not any(project() for project in projects[:number])
    finally:
        gc.enable()


def test_processes_only_where_they_pay(repositories: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(repositories)
    run = Run(Options(()), ALL_KINDS)
    groups = list(run.workspace.groups(run.inputs()))
    assert parallel._worthwhile(groups) == 1
    monkeypatch.setattr(parallel, "WORTH_IT", 10)
    assert parallel._worthwhile(groups) == len(os.sched_getaffinity(0))
    assert parallel._worthwhile(groups[:1]) == 1


@pytest.mark.parametrize("jobs", ["0", "-1", "x"])
def test_a_wrong_number(imglint: Imglint, jobs: str) -> None:
    code, out, err = imglint("check", "--jobs", jobs)
    assert (code, out) == (2, "")
    assert "--jobs" in err


@pytest.mark.shared
def test_the_corpus_comes_to_the_same(imglint: Imglint, shared: Path) -> None:
    names = sorted(path.name for path in (shared / "corpus").iterdir())[:40]
    one, two = (imglint("check", "--format", "json", "--jobs", jobs, *names, cwd=shared / "corpus") for jobs in "12")
    assert one.json["summary"]["files"] > 100
    assert two == one


# How far a run is -----------------------------------------------------------------------------------------------------


@given(st.integers(0, 10_000), st.integers(0, 10_000))
def test_a_line_fits_a_terminal(done: int, more: int) -> None:
    drawn = line(done, done + more)
    assert len(drawn) <= 72
    assert drawn.endswith(f"{done:,} of {done + more:,} files")


def test_a_long_run_tells_how_far_it_is_and_leaves_nothing_behind(repositories: Path) -> None:
    master, slave = pty.openpty()
    script = (
        "import imglint.cli.headway as headway; headway.PATIENCE = headway._BETWEEN = 0.0\n"
        "import sys; sys.argv = ['imglint', 'check', '--jobs', '1']\n"
        "from imglint.__main__ import main; main()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-P", "-c", script], cwd=repositories, stdout=subprocess.DEVNULL, stderr=slave
    ):
        os.close(slave)
        shown = b""
        try:
            while piece := os.read(master, 4096):
                shown += piece
        except OSError:  # Linux says so at the end.
            pass
    os.close(master)
    text = shown.decode()
    assert "reading: 1 files" in text
    assert "  24 of 24 files" in text
    assert text.endswith("\r\x1b[K")


def test_nothing_is_told_where_nobody_looks(imglint: Imglint, repositories: Path) -> None:
    assert imglint("check").err == ""
