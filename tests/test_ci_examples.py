"""The examples of docs/ci.md: what the CI systems would take, and what the commands in them do."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
TEXT = (REPOSITORY / "docs" / "ci.md").read_text()
BLOCKS = dict(re.findall(r"```\w+\n(?:#|//) (\S+)\n(.*?)```", TEXT, re.DOTALL))
"""The examples by the name of the file that they are for."""

SCHEMAS = {
    ".github/workflows/imglint.yml": "vendor.github-workflows",
    ".gitlab-ci.yml": "vendor.gitlab-ci",
    ".circleci/config.yml": "vendor.circle-ci",
    "azure-pipelines.yml": "vendor.azure-pipelines",
}
COMMANDS = sorted({line.strip("' ") for line in re.findall(r"imglint (check [^\n']*)", "".join(BLOCKS.values()))})


def test_all_examples_are_seen() -> None:
    assert set(BLOCKS) == {*SCHEMAS, "Jenkinsfile", ".pre-commit-config.yaml"}
    assert len(COMMANDS) == 3


@pytest.mark.parametrize("name", SCHEMAS)
def test_an_example_is_what_its_system_takes(name: str, tmp_path: Path) -> None:
    path = tmp_path / "example.yml"
    path.write_text(BLOCKS[name])
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", SCHEMAS[name], path]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_actions_of_others_are_pinned() -> None:
    used = re.findall(r"uses: (.*)", TEXT + (REPOSITORY / "README.md").read_text())
    others = [each for each in used if each.startswith(("actions/", "github/"))]
    assert len(others) == 3
    assert all(re.fullmatch(r"[\w/-]+@[0-9a-f]{40} # v[\d.]+", each) for each in others)


@pytest.mark.parametrize("words", COMMANDS)
def test_a_command_writes_what_the_next_step_reads(words: str, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text("FROM alpine:3.20\nMAINTAINER octocat\n")
    command = [sys.executable, "-P", "-m", "imglint", *words.split()]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "")
    assert "Found " in done.stdout
    (report,) = re.findall(r"=(\S+)", words)
    assert (tmp_path / report).read_text()
    assert any(block.count(report) > 1 for block in BLOCKS.values() if words in block)


def test_the_hooks_are_there() -> None:
    hooks = set(re.findall(r"- id: (\S+)", BLOCKS[".pre-commit-config.yaml"]))
    assert hooks <= set(re.findall(r"^- id: (\S+)", (REPOSITORY / ".pre-commit-hooks.yaml").read_text(), re.MULTILINE))


def test_every_input_of_the_action_is_listed() -> None:
    inputs = (REPOSITORY / "action.yml").read_text().partition("inputs:\n")[2].partition("\nruns:")[0]
    names = re.findall(r"^  ([a-z-]+):$", inputs, re.MULTILINE)
    assert [name for name in re.findall(r"^\| `([a-z-]+)` \|", TEXT, re.MULTILINE) if name in names] == names
