"""What people see in a terminal, however wide it is, and when it does not know that itself."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from imglint.report.escape import width

from .conftest import BAD, plant

WORKFLOW = """\
on: push
jobs:
  build:
    runs-on: ubuntu-latest
    permissions: {packages: write}
    steps:
      - uses: docker/build-push-action@v6
        with:
          push: true
          tags: ghcr.io/octocat/a-name-that-is-rather-long-for-a-narrow-window/日本語のとても長い名前:latest
          platforms: linux/amd64,linux/arm64
"""


@pytest.fixture
def project(root: Path) -> Path:
    plant(root, {".git/config": "", "Dockerfile": BAD, ".github/workflows/ci.yml": WORKFLOW})
    return root


def seen(project: Path, columns: int, *arguments: str) -> list[str]:
    """The lines of a terminal of so many columns, without colours."""
    master, slave = pty.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    command = [sys.executable, "-P", "-m", "imglint", *arguments]
    with subprocess.Popen(command, cwd=project, stdin=slave, stdout=slave, stderr=slave) as process:
        os.close(slave)
        shown = b""
        try:
            while piece := os.read(master, 4096):
                shown += piece
                assert len(shown) < 100_000
        except OSError:  # Linux says so at the end.
            pass
        except AssertionError:
            process.kill()
            raise
        assert process.wait(20) in (0, 1)
    os.close(master)
    text = re.sub(r"\x1b(?:\[[0-9;]*m|\]8;[^\x1b]*\x1b\\)", "", shown.decode())
    return text.replace("\r\n", "\n").splitlines()


@pytest.mark.parametrize("arguments", [("check",), ("page",), ("labels",)])
def test_a_terminal_that_does_not_know_its_size_is_one_of_100_columns(project: Path, arguments: tuple[str]) -> None:
    assert seen(project, 0, *arguments) == seen(project, 100, *arguments)


@pytest.mark.parametrize("columns", [1, 2, 3, 16, 39, 40, 41, 60, 99])
def test_cards_are_as_narrow_as_the_terminal_down_to_40_columns(project: Path, columns: int) -> None:
    lines = seen(project, columns, "page")
    assert lines[0].startswith("╭─")
    framed = [line for line in lines if line[:1] in ("╭", "│", "╰")]
    assert {width(line) for line in framed} == {max(columns, 40)}


@pytest.mark.parametrize("columns", [1, 5, 20, 39])
@pytest.mark.parametrize("arguments", [("check",), ("labels",)])
def test_nothing_is_lost_in_a_narrow_terminal(project: Path, columns: int, arguments: tuple[str]) -> None:
    assert len(seen(project, columns, *arguments)) >= len(seen(project, 100, *arguments))
