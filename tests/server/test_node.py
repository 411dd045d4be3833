"""A client in Node.js, made of the library that VS Code's own is built upon."""

from __future__ import annotations

import json
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import COMMAND, plant

HERE = Path(__file__).parent / "node"
TEXT = "FROM alpine:3.20\nLABEL a='🐳' org.opencontainers.image.license=MIT\n"


def installed(npm: str, folder: Path) -> Path:
    """The client with what it needs, in a folder of its own."""
    shutil.copytree(HERE, folder)
    command = [npm, "install", "--no-package-lock", "--ignore-scripts", "--no-audit", "--no-fund", "--silent"]
    process = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=300, check=False)
    if process.returncode:
        pytest.skip(f"npm cannot install vscode-jsonrpc: {process.stderr.strip()[-200:]}")
    return folder


@pytest.mark.tools
def test_a_dockerfile_is_mended_from_node(folder: Path, tmp_path: Path, tool: Callable[[str], str]) -> None:
    node = tool("node")
    client = installed(tool("npm"), tmp_path / "client")
    plant(folder, {"imglint.toml": 'select = ["unknown-oci-label"]\n', "Dockerfile": TEXT})
    process = subprocess.run(
        [node, client / "client.js", folder, TEXT, *COMMAND], capture_output=True, text=True, timeout=180, check=False
    )
    assert process.returncode == 0, process.stderr
    result = json.loads(process.stdout)
    start = len("LABEL a='") + 2 + len("' ")  # The whale has two units of UTF-16.
    place = {
        "start": {"line": 1, "character": start},
        "end": {"line": 1, "character": start + len("org.opencontainers.image.license")},
    }
    assert result["encoding"] == "utf-16"
    assert result["first"] == [["unknown-oci-label", place]]
    assert result["second"] == []
    assert "Ignore unknown-oci-label in this file" in result["actions"]
    assert "org.opencontainers.image.licenses" in result["completion"]
    assert result["asked"] == ["workspace/didChangeWatchedFiles"]
    assert result["unknown"] == -32601  # JSON-RPC's "method not found"
    assert result["code"] == 0
