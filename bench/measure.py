"""How the benchmarks find and time programs."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path


def program(name: str) -> str:
    """A program: what the variable of its name says, the one beside this Python, or the one on the PATH."""
    beside = Path(sys.executable).parent / name
    found = os.environ.get(name.upper()) or (str(beside) if beside.exists() else shutil.which(name))
    if not found:
        sys.exit(f"{name} is not installed")
    return found


def run(command: list[str], directory: Path | None = None, given: bytes | None = None) -> float:
    """The wall time of a whole process in seconds; `given` is its standard input."""
    # Whoever measures with byte code switched off measures the compiler.
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONDONTWRITEBYTECODE"}
    start = time.perf_counter()
    subprocess.run(command, cwd=directory, env=environment, input=given, capture_output=True, check=False)
    return time.perf_counter() - start
