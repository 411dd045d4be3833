"""The GitHub action: what it declares, and its steps, run as a runner would."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from imglint import __version__

yaml = pytest.importorskip("yaml", reason="PyYAML comes with pre-commit, which is not installed")

REPOSITORY = Path(__file__).parents[1]
BASH = shutil.which("bash")
EXPRESSION = re.compile(r"\$\{\{\s*inputs\.([a-z-]+)\s*\}\}")

CLEAN = """\
FROM alpine:3.20
LABEL org.opencontainers.image.source="https://github.com/octocat/hello" \\
      org.opencontainers.image.description="Says hello" \\
      org.opencontainers.image.licenses="MIT"
"""
NOTED = CLEAN.replace('"MIT"', '"MIT" maintainer="me"')
BAD = CLEAN.replace('hello" \\', 'hello.git" \\', 1)

pytestmark = pytest.mark.skipif(BASH is None, reason="bash is not installed")


def action() -> dict[str, Any]:
    document = yaml.safe_load((REPOSITORY / "action.yml").read_text())
    assert isinstance(document, dict)
    return document


def steps() -> list[dict[str, Any]]:
    found = action()["runs"]["steps"]
    assert isinstance(found, list)
    return found


def test_it_can_be_published() -> None:
    facts = action()
    assert facts["name"] and facts["description"] and facts["author"]
    assert set(facts["branding"]) == {"icon", "color"}
    assert facts["runs"]["using"] == "composite"


def test_every_input_is_documented_and_used() -> None:
    inputs = action()["inputs"]
    assert list(inputs) == ["paths", "fail-on", "format", "summary", "sarif-file", "args"]
    assert all(each["description"] and "default" in each for each in inputs.values())
    values = [value for step in steps() for value in step.get("env", {}).values()]
    assert sorted(EXPRESSION.sub(r"\1", value) for value in values) == sorted(inputs)


def test_no_script_holds_an_expression() -> None:
    for step in steps():
        assert step["shell"] == "bash"
        assert "${{" not in step["run"]


class Runner:
    """Runs the steps of the action with the inputs of a workflow."""

    def __init__(self, folder: Path) -> None:
        self.workspace = folder / "work"
        self.workspace.mkdir()
        self.temporary = folder / "temp"
        self.temporary.mkdir()
        self.summary = folder / "summary.md"
        self.summary.touch()
        self.programs = folder / "programs"
        self.programs.mkdir()
        for name in ("python", "python3"):
            (self.programs / name).symlink_to(sys.executable)

    def step(self, number: int, **given: str) -> subprocess.CompletedProcess[str]:
        """Run one step, as https://github.com/actions/runner does with `shell: bash`."""
        facts = action()
        values = {name: each["default"] for name, each in facts["inputs"].items()}
        values |= {name.replace("_", "-"): value for name, value in given.items()}
        step = facts["runs"]["steps"][number]
        inputs = {
            key: EXPRESSION.sub(lambda match: values[match[1]], text) for key, text in step.get("env", {}).items()
        }
        clean = {
            key: value for key, value in os.environ.items() if not key.startswith(("GITHUB_", "IMGLINT_", "PYTHON"))
        }
        runner = {
            "GITHUB_ACTIONS": "true",
            "GITHUB_ACTION_PATH": str(REPOSITORY),
            "GITHUB_REPOSITORY": "octocat/hello",
            "GITHUB_SERVER_URL": "https://github.com",
            "GITHUB_SHA": "0abc",
            "GITHUB_STEP_SUMMARY": str(self.summary),
            "GITHUB_WORKSPACE": str(self.workspace),
            "RUNNER_TEMP": str(self.temporary),
            "PATH": f"{self.programs}{os.pathsep}{os.environ['PATH']}",
        }
        script = self.temporary / "script.sh"
        script.write_text(step["run"])
        return subprocess.run(
            [BASH or "bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            env={**clean, **runner, **inputs},
            capture_output=True,
            text=True,
            check=False,
        )

    def check(self, **given: str) -> subprocess.CompletedProcess[str]:
        return self.step(1, **given)


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    """A runner on which imglint was installed by the first step, with three files in its workspace."""
    runner = Runner(tmp_path_factory.mktemp("runner"))
    for name, text in {"Dockerfile": CLEAN, "bad/Dockerfile": BAD, "with space/Dockerfile": NOTED}.items():
        path = runner.workspace / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    installed = runner.step(0)
    assert installed.returncode == 0, installed.stdout + installed.stderr
    return runner


def constraints() -> dict[str, str]:
    """The versions that the action is to install, by the names that indexes compare."""
    lines = [line for line in (REPOSITORY / "constraints.txt").read_text().splitlines() if not line.startswith("#")]
    pairs = [re.fullmatch(r"([\w.-]+)==([\w.]+)", line) for line in lines]
    assert all(pairs), "a line is a name and an exact version"
    return {canonicalize_name(pair[1]): pair[2] for pair in pairs if pair}


def test_constraints_are_within_the_ranges() -> None:
    facts = tomllib.loads((REPOSITORY / "pyproject.toml").read_text())
    exact = constraints()
    for text in (*facts["project"]["dependencies"], *facts["build-system"]["requires"]):
        wanted = Requirement(text)
        assert wanted.specifier.contains(exact[canonicalize_name(wanted.name)]), text


def test_all_that_is_installed_has_the_exact_version(runner: Runner) -> None:
    python = runner.temporary / "imglint" / "bin" / "python"
    listed = [python, "-m", "pip", "list", "--format", "json", "--exclude", "pip", "--exclude", "setuptools"]
    done = subprocess.run(listed, capture_output=True, text=True, check=True)
    found = {canonicalize_name(each["name"]): each["version"] for each in json.loads(done.stdout)}
    assert found.pop("imglint") == __version__
    assert found.items() <= constraints().items()


def test_findings_fail_the_step(runner: Runner) -> None:
    done = runner.check()
    assert (done.returncode, done.stderr) == (1, "")
    assert " --> bad/Dockerfile:2:72\n" in done.stdout
    assert "\n::error file=bad/Dockerfile,line=2,endLine=2,col=72,endColumn=76,title=imglint%3A " in done.stdout
    assert "\n::notice file=with space/Dockerfile,line=4," in done.stdout


def test_paths(runner: Runner) -> None:
    done = runner.check(paths="Dockerfile\n\nwith space\n")
    assert done.returncode == 0
    assert "Found 1 note in 1 of 2 files.\n" in done.stdout
    assert runner.check(paths="with space/Dockerfile", fail_on="info").returncode == 1
    assert runner.check(paths="").returncode == 1


def test_a_path_is_never_a_flag(runner: Runner) -> None:
    done = runner.check(paths="--help")
    assert done.returncode == 2
    assert "error: --help: does not exist\n" in done.stdout


def test_fail_on(runner: Runner) -> None:
    assert runner.check(paths="with space").returncode == 0
    assert runner.check(paths="with space", fail_on="info").returncode == 1
    assert runner.check(paths="with space", fail_on="never").returncode == 2


def test_format(runner: Runner) -> None:
    done = runner.check(paths="bad", format="concise")
    assert done.returncode == 1
    assert done.stdout.startswith("bad/Dockerfile:2:72: error: ") and done.stdout.count("\n") == 1


def test_the_summary_of_the_run(runner: Runner) -> None:
    runner.summary.write_text("before\n")
    assert runner.check(paths="bad").returncode == 1
    text = runner.summary.read_text()
    assert text.startswith("before\n## ❌ imglint: Found 1 error in 1 file\n")
    assert "(<https://github.com/octocat/hello/blob/0abc/bad/Dockerfile#L2>)" in text
    assert "\n> Says hello\n" in text
    assert runner.check(paths="bad", summary="false").returncode == 1
    assert runner.summary.read_text() == text
    assert runner.check(summary="perhaps").returncode == 2
    assert not list(runner.temporary.glob("*.md"))


def test_a_report_for_code_scanning(runner: Runner) -> None:
    done = runner.check(paths="bad", sarif_file="out file.sarif")
    assert done.returncode == 1
    assert "\n::error file=bad/Dockerfile," in done.stdout
    path = runner.workspace / "out file.sarif"
    (only,) = json.loads(path.read_text())["runs"][0]["results"]
    path.unlink()
    assert only["ruleId"] == "source-not-a-repository"
    assert runner.check(paths="bad", sarif_file="no/such/folder").returncode == 2


def test_it_is_what_github_takes() -> None:
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.github-actions", "action.yml"]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_arguments(runner: Runner) -> None:
    done = runner.check(args="--ignore source-not-a-repository,legacy-label\n  --output\treport.txt ")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert (runner.workspace / "report.txt").read_text() == "No problems in 3 files.\n"


@pytest.mark.parametrize("name", ["paths", "args", "fail_on", "format", "summary"])
@pytest.mark.parametrize("attack", ["$(touch pwned)", "`touch pwned`", '"; touch pwned; "', "*\n; touch pwned"])
def test_inputs_are_never_run(runner: Runner, name: str, attack: str) -> None:
    before = sorted(runner.workspace.rglob("*"))
    assert runner.check(**{name: attack}).returncode == 2
    assert sorted(runner.workspace.rglob("*")) == before


def test_no_python_that_is_new_enough(tmp_path: Path) -> None:
    runner = Runner(tmp_path)
    for name in ("python", "python3", *(f"python3.{minor}" for minor in range(11, 15))):
        program = runner.programs / name
        program.unlink(missing_ok=True)
        program.write_text("#!/bin/sh\nexit 1\n")
        program.chmod(0o755)
    done = runner.step(0)
    assert done.returncode == 1
    assert done.stdout.startswith("::error::imglint needs Python 3.11 or newer")
