"""`imglint check --watch`."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest

from .conftest import BAD, CLEAN, Imglint, plant

Watching = Callable[..., "subprocess.Popen[str]"]


@pytest.fixture
def watching(root: Path) -> Iterator[Watching]:
    """Starts `imglint check --watch` in the directory; it is ended after the test."""
    started: list[subprocess.Popen[str]] = []

    def start(*arguments: str) -> subprocess.Popen[str]:
        command = [sys.executable, "-P", "-m", "imglint", "check", "--watch", *arguments]
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("GITHUB_", "IMGLINT_"))}
        process = subprocess.Popen(
            command, cwd=root, env=clean, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        started.append(process)
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def report(process: subprocess.Popen[str]) -> str:
    """What is written until the files are watched again."""
    lines: list[str] = []
    out: IO[str] | None = process.stdout
    assert out is not None
    for line in out:
        if line.startswith("Watching "):
            return "".join(lines)
        lines.append(line)
    raise AssertionError("".join(lines))


def test_a_change_is_judged(root: Path, watching: Watching) -> None:
    plant(root, {"Dockerfile": CLEAN})
    process = watching()
    assert report(process) == "No problems in 1 file.\n"
    plant(root, {"Dockerfile": BAD})
    assert "[source-not-a-repository]" in report(process)
    plant(root, {"sub/app.Dockerfile": CLEAN})
    assert report(process).endswith("Found 1 error in 1 of 2 files.\n")
    plant(root, {"imglint.toml": 'ignore = ["labels"]\n'})
    assert report(process) == "No problems in 2 files.\n"
    plant(root, {"imglint.toml": "ignore = 1\n"})
    assert "error: imglint.toml: " in report(process)
    (root / "imglint.toml").unlink()
    (root / "Dockerfile").unlink()
    assert report(process) == "No problems in 1 file.\n"


def test_a_workflow_around_a_file_that_was_named(root: Path, watching: Watching) -> None:
    workflow = "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - run: docker build -t a{} .\n"
    plant(root, {"Dockerfile": BAD, ".github/workflows/ci.yml": workflow.format("")})
    process = watching("--format", "concise", "Dockerfile")
    before = report(process)
    plant(root, {".github/workflows/ci.yml": workflow.format(" --label org.opencontainers.image.source=")})
    assert before.count("\n") == 1
    assert report(process)


def test_an_interrupt_ends_it(root: Path, watching: Watching) -> None:
    plant(root, {"Dockerfile": BAD})
    process = watching()
    report(process)
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=60) == 130


def test_standard_input_cannot_be_watched(imglint: Imglint) -> None:
    assert imglint("check", "--watch", "-") == (2, "", "error: --watch: standard input cannot be watched\n")
