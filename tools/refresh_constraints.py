"""Write constraints.txt, the exact versions that the GitHub action installs, from what pip chooses today.

    python tools/refresh_constraints.py

Run it with the oldest Python that imglint supports: some packages are needed only there. A test compares the file with
the ranges in pyproject.toml and with what the action installs.
"""

from __future__ import annotations

import subprocess
import venv
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).parent.parent
FILE = ROOT / "constraints.txt"

BUILD = ("hatchling",)
"""What builds imglint, and is installed before it."""
ON_WINDOWS = ("colorama",)
"""What dependencies ask for there alone."""

HEADING = """\
# Exact versions of all that the GitHub action installs beside imglint, so that a run of it can be repeated.
# Written by tools/refresh_constraints.py.
"""


def versions() -> str:
    """What pip installs now, a line each."""
    with TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        pip = [Path(folder) / "bin" / "python", "-m", "pip", "--disable-pip-version-check"]
        subprocess.run([*pip, "install", "--quiet", *BUILD, *ON_WINDOWS, ROOT], check=True)
        frozen = [*pip, "freeze", "--exclude", "imglint"]
        return subprocess.run(frozen, check=True, capture_output=True, text=True).stdout


if __name__ == "__main__":
    FILE.write_text(HEADING + versions(), encoding="utf-8")
