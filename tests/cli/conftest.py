"""A directory to work in, and the command line to run in it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

CLEAN = """\
FROM alpine:3.20
LABEL org.opencontainers.image.source="https://github.com/octocat/hello" \\
      org.opencontainers.image.description="Says hello" \\
      org.opencontainers.image.licenses="MIT"
"""
"""A Dockerfile about which there is nothing to say."""

BAD = CLEAN.replace('hello" \\', 'hello.git" \\', 1)
"""The same with one error: line 2, column 72, four characters, `source-not-a-repository`."""

_OF_THE_USER = ("GITHUB_", "IMGLINT_", "GIT_", "XDG_", "NO_COLOR", "FORCE_COLOR", "COLUMNS", "PYTHON")


class Outcome(NamedTuple):
    """What a call of imglint came to."""

    code: int
    out: str
    err: str

    @property
    def found(self) -> list[tuple[str, int, int, str]]:
        """The findings of `--format json`: path, line, column, rule."""
        return [(each["path"], each["line"], each["column"], each["rule"]) for each in self.json["findings"]]

    @property
    def rules(self) -> list[str]:
        """The names of the rules that found something, in order."""
        return [rule for _, _, _, rule in self.found]

    @property
    def errors(self) -> list[str]:
        """The lines that say what could not be judged, wherever they are printed; findings end in `[rule]`."""
        lines = (self.out + self.err).splitlines()
        return [line for line in lines if line.startswith("error: ") and not line.endswith("]")]

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)


Imglint = Callable[..., Outcome]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """An empty directory, in which imglint is run."""
    folder = tmp_path / "project"
    folder.mkdir()
    return folder


@pytest.fixture
def imglint(root: Path, tmp_path: Path) -> Imglint:
    """Runs `python -m imglint` in the directory, in an environment that says nothing it is not given."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith(_OF_THE_USER)}

    def run(*arguments: str | bytes | Path, stdin: str | bytes = b"", cwd: Path = root, **variables: str) -> Outcome:
        process = subprocess.run(
            [sys.executable, "-P", "-m", "imglint", *arguments],
            input=stdin.encode() if isinstance(stdin, str) else stdin,
            capture_output=True,
            cwd=cwd,
            env={**inherited, "HOME": str(tmp_path), **variables},
            timeout=60,
            check=False,
        )
        outcome = Outcome(process.returncode, process.stdout.decode(), process.stderr.decode())
        assert "Traceback" not in outcome.err, outcome.err
        return outcome

    return run


@pytest.fixture
def rules(imglint: Imglint) -> Callable[..., list[str]]:
    """Judges a text from standard input: the names of the rules that found something."""

    def judge(text: str, *arguments: str, **variables: str) -> list[str]:
        return imglint("check", "--format", "json", *arguments, "-", stdin=text, **variables).rules

    return judge


def plant(root: Path, texts: Mapping[str, str]) -> None:
    """Write files below a directory."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text)
