"""What people install: the wheel, built from the source distribution, in an environment of its own."""

from __future__ import annotations

import os
import subprocess
import sys
import tarfile
import venv
import zipfile
from pathlib import Path

import pytest

from imglint import __version__
from imglint.read.rules import rule_families

REPOSITORY = Path(__file__).parents[1]
NAME = f"imglint-{__version__}"


def run(*command: str | Path, cwd: Path) -> str:
    """The output of a command that succeeds, in an environment that knows nothing of this one."""
    clean = {
        name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "IMGLINT_", "GITHUB_"))
    }
    process = subprocess.run(command, cwd=cwd, env=clean, capture_output=True, text=True, check=False)
    assert process.returncode == 0, process.stdout + process.stderr
    return process.stdout


@pytest.fixture(scope="module")
def distributions(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the source distribution, and the wheel that was built from it."""
    pytest.importorskip("build")
    pytest.importorskip("hatchling")
    folder = tmp_path_factory.mktemp("dist")
    run(sys.executable, "-m", "build", "--no-isolation", "--outdir", folder, REPOSITORY, cwd=folder)
    return folder


@pytest.fixture(scope="module")
def wheel(distributions: Path) -> Path:
    return distributions / f"{NAME}-py3-none-any.whl"


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The programs of an environment into which the wheel was installed."""
    folder = tmp_path_factory.mktemp("environment")
    venv.create(folder, with_pip=False)
    programs = folder / ("Scripts" if os.name == "nt" else "bin")
    pip = (sys.executable, "-m", "pip", "--python", programs / "python", "--disable-pip-version-check")
    run(*pip, "install", "--quiet", wheel, cwd=folder)
    return programs


def test_the_wheel_has_all_it_needs(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    data = {str(path.relative_to(REPOSITORY / "rules")) for path in (REPOSITORY / "rules").rglob("*.*")}
    assert len(data) > 20
    assert {f"imglint/_rules/{name}" for name in data} <= names
    package = {str(path.relative_to(REPOSITORY)) for path in (REPOSITORY / "imglint").rglob("*.*")}
    package = {name for name in package if "__pycache__" not in name and not Path(REPOSITORY, name).is_dir()}
    assert "imglint/py.typed" in package and any(name.endswith(".txt") for name in package)
    assert package <= names
    assert {name.split("/")[0] for name in names} == {"imglint", f"{NAME}.dist-info"}
    assert f"{NAME}.dist-info/licenses/LICENSE" in names


def test_the_source_distribution(distributions: Path) -> None:
    with tarfile.open(distributions / f"{NAME}.tar.gz") as archive:
        names = set(archive.getnames())
    expected = ("pyproject.toml", "README.md", "LICENSE", "imglint/py.typed", "rules/schema/config.json")
    assert {f"{NAME}/{name}" for name in expected} <= names
    assert not [name for name in names if "/.venv/" in name or "__pycache__" in name]


def test_it_knows_its_rules(installed: Path, tmp_path: Path) -> None:
    listing = run(installed / "imglint", "rules", cwd=tmp_path)
    assert sorted(line.split()[1] for line in listing.splitlines() if line[:2] == "  ") == sorted(rule_families())
    assert run(installed / "imglint", "--version", cwd=tmp_path) == f"imglint {__version__}\n"


def test_it_judges(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(
        'FROM alpine\nLABEL org.opencontainers.image.source="git@github.com:octocat/hello.git"\n'
    )
    command = (installed / "imglint", "check", "--select", "source-not-a-repository", tmp_path / "Dockerfile")
    process = subprocess.run(command, cwd=tmp_path.parent, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (1, "")
    assert "[source-not-a-repository]\n" in process.stdout
    assert process.stdout.endswith("Found 1 error in 1 file.\n")


def test_it_runs_as_a_module(installed: Path, tmp_path: Path) -> None:
    (tmp_path / "imglint.toml").write_text('fail-on = "error"\n')
    assert '"error"' in run(installed / "python", "-m", "imglint", "config", "show", cwd=tmp_path)
    assert run(installed / "python", "-m", "imglint", "config", "schema", cwd=tmp_path).startswith("{")


@pytest.mark.parametrize(
    ("script", "said"),
    [
        ("exit 1", "imglint needs Python 3.11 or newer"),
        ('[ "$1" = -c ] || { mkdir -p .venv/bin; touch .venv/bin/python; echo no ensurepip; exit 1; }', "no ensurepip"),
    ],
    ids=["too old", "without venv"],
)
def test_a_python_that_will_not_do_leaves_nothing_behind(script: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "Makefile").write_text((REPOSITORY / "Makefile").read_text())
    python = tmp_path / "python"
    python.write_text(f"#!/bin/sh\n{script}\n")
    python.chmod(0o755)
    command = ["make", "demo", f"PYTHON={python}"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode != 0
    assert said in done.stdout
    assert not (tmp_path / ".venv").exists()
