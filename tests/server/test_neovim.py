"""Neovim, set up as docs/editors.md says, without a screen."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from .conftest import plant

HERE = Path(__file__).parent
EDITORS = (HERE.parents[1] / "docs" / "editors.md").read_text(encoding="utf-8")
TEXT = "FROM alpine:3.20\nLABEL a='🐳' org.opencontainers.image.license=MIT\n"


def set_up(nvim: str, home: Path) -> None:
    """Do literally what the page says for this version, with a program of that name on the PATH."""
    told = subprocess.run([nvim, "--version"], capture_output=True, text=True, check=True).stdout
    version = re.match(r"NVIM v(\d+)\.(\d+)", told)
    section = EDITORS.partition("\n## Neovim\n")[2].partition("\n## ")[0]
    path = re.search(r"`~/(\S+\.lua)`", section)
    codes = re.findall(r"```lua\n(.*?)```", section, re.DOTALL)
    assert version and path and len(codes) == 2
    code = codes[(int(version[1]), int(version[2])) < (0, 11)]
    plant(home, {path[1]: code, "bin/imglint": f'#!/bin/sh\nexec "{sys.executable}" -P -m imglint "$@"\n'})
    (home / "bin" / "imglint").chmod(0o755)


def run(nvim: str, home: Path, project: Path, script: Path) -> Any:
    """What the script found out in the editor."""
    out = home / "out.json"
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("XDG_", "NVIM"))}
    environment |= {"HOME": str(home), "IMGLINT_OUT": str(out), "PATH": f"{home / 'bin'}:{os.environ['PATH']}"}
    command = [nvim, "--headless", "-i", "NONE", "-c", f"luafile {script}"]
    process = subprocess.run(
        command, cwd=project, env=environment, stdin=subprocess.DEVNULL, capture_output=True, timeout=180, check=False
    )
    assert out.exists(), process.stderr.decode()
    return json.loads(out.read_text())


@pytest.mark.tools
def test_a_dockerfile_is_mended_in_neovim(folder: Path, tmp_path: Path, tool: Callable[[str], str]) -> None:
    nvim, home = tool("nvim"), tmp_path / "home"
    set_up(nvim, home)
    plant(folder, {"imglint.toml": 'select = ["unknown-oci-label"]\n', "Dockerfile": TEXT})
    result = run(nvim, home, folder, HERE / "nvim.lua")
    assert result.get("problem") is None
    # Neovim counts bytes: the whale before the label has four.
    start = len(b"LABEL a='") + 4 + len("' ")
    assert result["findings"] == [
        ["unknown-oci-label", 1, start, 1, start + len("org.opencontainers.image.license"), "imglint"]
    ]
    assert "# unknown-oci-label" in result["hover"]
    assert "Ignore unknown-oci-label here" in result["actions"]
    assert result["after"] in ([], {})
    assert (folder / "Dockerfile").read_text() == TEXT.replace("license=", "licenses=")
