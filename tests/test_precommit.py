"""The pre-commit hook: which files it takes, and a real run of it."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from imglint.model.kind import Kind, is_dockerfile, kind_of

yaml = pytest.importorskip("yaml", reason="PyYAML comes with pre-commit, which is not installed")

REPOSITORY = Path(__file__).parents[1]
SHIPPED = ("imglint", "rules", ".pre-commit-hooks.yaml", "pyproject.toml", "README.md", "LICENSE")

STEMS = [
    "Dockerfile",
    "dockerfile",
    "Containerfile",
    "containerfile",
    "DOCKERFILE",
    "Dockerfiles",
    "NotADockerfile",
    "a",
]
ENDINGS = [
    *("Dockerfile", "dockerfile", "Containerfile", "containerfile", "DOCKERFILE", "dev", "alpine3.20", "in", "IN"),
    *("dockerignore", "containerignore", "md", "rst", "txt", "html", "json", "yaml", "yml", "toml", "xml", "lock"),
    *("j2", "jinja2", "tmpl", "tpl", "erb", "m4", "bak", "orig", "rej", "swp", "tmp", "diff", "patch", "asc", "py"),
]


def hook(name: str = "imglint") -> dict[str, Any]:
    hooks = yaml.safe_load((REPOSITORY / ".pre-commit-hooks.yaml").read_text())
    (only,) = [each for each in hooks if each["id"] == name]
    assert isinstance(only, dict)
    return only


def test_the_hook() -> None:
    facts = hook()
    assert (facts["id"], facts["language"], facts["entry"]) == ("imglint", "python", "imglint check")
    assert facts["require_serial"] is True


@pytest.mark.parametrize("folder", ["", "a/", "a.b/Dockerfile/"])
def test_it_takes_the_files_that_a_search_takes(folder: str) -> None:
    names = [*STEMS, *(f"{stem}.{ending}" for stem in STEMS for ending in ENDINGS)]
    names += [f"{before}{name}{after}" for name in names for before in ("", "#", "._", "x-") for after in ("", "~")]
    files, exclude = re.compile(hook()["files"]), re.compile(hook()["exclude"])
    taken = [name for name in names if files.search(folder + name) and not exclude.search(folder + name)]
    assert taken == [name for name in names if is_dockerfile(name)]
    assert len(taken) > 20


@pytest.mark.parametrize("name", [
    ".github/workflows/ci.yml", "sub/.github/workflows/ci.yaml", ".github/ci.yml", "action.yml", "a/action.yaml",
    "docker-bake.hcl", "docker-bake.override.json", "bake.hcl", "ci.bake.hcl", "baker.hcl", "compose.yaml",
    "docker-compose.yml", "docker-compose.prod.yml", "my-compose.yml", "Makefile", "GNUmakefile", "a/makefile", "b.mk",
    "run.sh", "a.bash", "run.py", "values.yaml", "Dockerfile", "README.md",
])  # fmt: skip
def test_the_other_hook_takes_what_builds(name: str) -> None:
    is_build = kind_of(f"/{name}") not in (None, Kind.DOCKERFILE, Kind.DOCUMENT, Kind.TEXT)
    assert bool(re.search(hook("imglint-builds")["files"], name)) is is_build


@pytest.mark.parametrize("name", [
    *STEMS, *(f"{stem}.{ending}" for stem in STEMS for ending in ENDINGS), "Dockerfile.a.md", ".github/ci.yml",
    ".github/workflows/ci.yml", "action.yaml", "docker-bake.hcl", "docker-bake.json", "compose.yaml", "Makefile",
    "b.mk", "run.sh", "run.py", "values.yaml", "README.md", "Dockerfile~", "#Dockerfile#",
])  # fmt: skip
def test_the_fixing_hook_takes_what_both_others_take(name: str) -> None:
    facts = hook("imglint-fix")
    taken = bool(re.search(facts["files"], name)) and not re.search(facts["exclude"], name)
    assert taken is (is_dockerfile(name) or bool(re.search(hook("imglint-builds")["files"], name)))
    assert (facts["entry"], facts["require_serial"]) == ("imglint check --fix", True)


def test_a_real_run(tmp_path: Path) -> None:
    if shutil.which("git") is None:
        pytest.skip("git is not installed")
    if subprocess.run([sys.executable, "-m", "pre_commit", "--version"], capture_output=True, check=False).returncode:
        pytest.skip("pre-commit is not installed")
    clean = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "GITHUB_", "IMGLINT_"))}
    identity = {f"GIT_{role}_{part}": "a@example.org" for role in ("AUTHOR", "COMMITTER") for part in ("NAME", "EMAIL")}
    environment = {**clean, **identity, "PRE_COMMIT_HOME": str(tmp_path / "home"), "PRE_COMMIT_COLOR": "never"}

    def run(folder: Path, *command: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)

    def commit(folder: Path) -> None:
        for command in (["init", "--quiet"], ["add", "--all"], ["commit", "--quiet", "--message", "x"]):
            done = run(folder, "git", *command)
            assert done.returncode == 0, done.stderr

    # A copy, since what is new in the checkout may not be committed yet.
    source = tmp_path / "source"
    source.mkdir()
    for name in SHIPPED:
        path = REPOSITORY / name
        if path.is_dir():
            shutil.copytree(path, source / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(path, source / name)
    commit(source)

    user = tmp_path / "user"
    user.mkdir()
    good = 'LABEL org.opencontainers.image.source="https://github.com/octocat/hello"\n'
    (user / "Dockerfile").write_text("FROM alpine\n" + good)
    (user / "app.Dockerfile").write_text("FROM alpine\n" + good.replace('hello"', 'hello.git"'))
    (user / "Dockerfile.dockerignore").write_text("not a Dockerfile\n")
    (user / "imglint.toml").write_text('ignore = ["DL3049"]\n')
    commit(user)

    files = ("Dockerfile", "Dockerfile.dockerignore")
    call = (sys.executable, "-m", "pre_commit", "try-repo", source, "imglint", "--verbose", "--files")
    passed = run(user, *call, *files)
    assert passed.returncode == 0, passed.stdout + passed.stderr
    assert "No problems in 1 file.\n" in passed.stdout
    failed = run(user, *call, *files, "app.Dockerfile")
    assert failed.returncode == 1
    assert " --> app.Dockerfile:2:" in failed.stdout
    assert "[source-not-a-repository]\n" in failed.stdout
    assert "Found 1 error in 1 of 2 files.\n" in failed.stdout

    (user / "run.sh").write_text("docker build -t ghcr.io/Octocat/hello --push .\n")
    builds = run(user, *call[:5], "imglint-builds", *call[6:], "run.sh", "Dockerfile")
    assert builds.returncode == 1, builds.stdout + builds.stderr
    assert " --> run.sh:1:" in builds.stdout
    assert "in 1 file.\n" in builds.stdout

    # The fixing hook changes the file, which makes the commit stop once.
    call = (sys.executable, "-m", "pre_commit", "try-repo", source, "imglint-fix", "--verbose", "--files")
    mended = run(user, *call, *files, "app.Dockerfile")
    assert mended.returncode == 1
    assert "- files were modified by this hook\n" in mended.stdout
    assert "Fixed 1 finding in 1 file.\n" in mended.stdout
    assert (user / "app.Dockerfile").read_text() == "FROM alpine\n" + good
    assert run(user, *call, *files, "app.Dockerfile").returncode == 0


def test_the_manifest_is_what_precommit_takes() -> None:
    command = [sys.executable, "-m", "pre_commit", "validate-manifest", REPOSITORY / ".pre-commit-hooks.yaml"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
