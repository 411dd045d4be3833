"""The extension for VS Code: what `make vsix` packs, and that it agrees with the server."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

from imglint import __version__

REPOSITORY = Path(__file__).parents[1]
EXTENSION = REPOSITORY / "editors" / "vscode"
PACKAGE = json.loads((EXTENSION / "package.json").read_text(encoding="utf-8"))

LOADER = """\
const Module = require("node:module");
const anything = new Proxy(class {}, { get: (target, name) => (name === "prototype" ? target.prototype : anything) });
const load = Module._load;
Module._load = (name, ...rest) => (name === "vscode" ? anything : load(name, ...rest));
console.log(Object.keys(require(process.argv[2])).sort().join(" "));
"""


def test_it_has_the_version_of_imglint() -> None:
    assert __version__.startswith(PACKAGE["version"])
    assert (EXTENSION / "LICENSE").read_text() == (REPOSITORY / "LICENSE").read_text()


def test_versions_are_pinned_and_no_lock_file_says_where_from() -> None:
    for package in (PACKAGE, json.loads((REPOSITORY / "tests/server/node/package.json").read_text())):
        for version in (package.get("dependencies", {}) | package.get("devDependencies", {})).values():
            assert re.fullmatch(r"\d+\.\d+\.\d+", version)
    assert not list(REPOSITORY.glob("editors/*/*lock*")) + list(REPOSITORY.glob("tests/server/node/*lock*"))


@pytest.mark.tools
def test_it_is_packed(tmp_path: Path, tool: Callable[[str], str]) -> None:
    node = tool("node")
    tool("npm")
    ignored = shutil.ignore_patterns("node_modules", "dist", "*.vsix")
    shutil.copytree(EXTENSION, tmp_path / "editors" / "vscode", ignore=ignored)
    shutil.copy(REPOSITORY / "Makefile", tmp_path)
    process = subprocess.run(
        [tool("make"), "vsix"], cwd=tmp_path, capture_output=True, text=True, timeout=600, check=False
    )
    if "npm error network" in process.stderr:
        pytest.skip("npm has no registry to install from")
    assert process.returncode == 0, process.stdout + process.stderr
    with zipfile.ZipFile(tmp_path / "editors" / "vscode" / "imglint.vsix") as archive:
        names = {name for name in archive.namelist() if name.startswith("extension/")}
        archive.extractall(tmp_path / "packed")
    assert {name.lower() for name in names} == {
        "extension/package.json", "extension/readme.md", "extension/license.txt", "extension/dist/extension.js"
    }  # fmt: skip
    (tmp_path / "load.cjs").write_text(LOADER)
    bundle = tmp_path / "packed" / "extension" / PACKAGE["main"]
    loaded = subprocess.run([node, tmp_path / "load.cjs", bundle], capture_output=True, text=True, check=False)
    assert loaded.stdout.split() == ["activate", "deactivate"], loaded.stderr
