"""Whoever reads the report may stop early; the exit code says the same as ever."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def test_the_exit_code_stays(tmp_path: Path) -> None:
    for number in range(300):
        (tmp_path / f"{number}.Dockerfile").write_text("FROM alpine\n", encoding="utf-8")
    command = [sys.executable, "-m", "imglint", "check", "."]
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as run:
        assert run.stdout is not None and run.stderr is not None
        assert run.stdout.readline()
        run.stdout.close()
        assert run.stderr.read() == b""
    assert run.returncode == 1
