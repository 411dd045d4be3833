"""Start-up is a feature: what a plain call of `imglint check` must not load."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

HEAVY = {
    "asyncio",
    "click",
    "dataclasses",
    "http",
    "importlib.metadata",
    "importlib.resources",
    "jsonschema",
    "license_expression",
    "multiprocessing",
    "yaml",
}
"""Modules that take longer to load than a small Dockerfile takes to be judged."""

ONLY_WITH_FLAGS = {"click"}
"""What reads flags: a call that has some loads it."""

CLEAN = """\
FROM alpine:3.20
LABEL org.opencontainers.image.source="https://github.com/octocat/hello" \\
      org.opencontainers.image.description="Says hello" \\
      org.opencontainers.image.licenses="MIT"
"""
BAD = "FROM alpine:3.20\nLABEL org.opencontainers.image.source=octocat org.opencontainers.image.licenses=MIT\n"
SILENCED = "# imglint: ignore[labels]\n" + BAD
CONFIG = 'repository = "octocat/hello"\nfail-on = "info"\n[severity]\nmissing-source = "error"\n'


def loaded(folder: Path, *arguments: str) -> set[str]:
    """The modules that a call of imglint loads, packages above them included."""
    process = subprocess.run(
        [sys.executable, "-P", "-X", "importtime", "-m", "imglint", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )
    assert process.returncode in (0, 1, 2), process.stderr
    lines = [line for line in process.stderr.splitlines() if line.startswith("import time:")]
    return {line.rpartition("|")[2].strip() for line in lines}


@pytest.mark.parametrize("text", [CLEAN, BAD, SILENCED], ids=["clean", "findings", "silenced"])
@pytest.mark.parametrize("config", [None, CONFIG], ids=["plain", "configured"])
def test_a_plain_call(tmp_path: Path, text: str, config: str | None) -> None:
    (tmp_path / "Dockerfile").write_text(text)
    if config is not None:
        (tmp_path / "imglint.toml").write_text(config)
    modules = loaded(tmp_path, "check", "Dockerfile")
    assert "imglint.engine" in modules
    assert modules & HEAVY == set()


@pytest.mark.parametrize(
    "arguments",
    [
        ["check", "--format", "concise"],
        ["check", "--format", "json"],
        ["check", "--select", "labels"],
        ["labels"],
        ["parse", "Dockerfile"],
        ["--version"],
    ],
    ids=" ".join,
)
def test_other_calls(tmp_path: Path, arguments: list[str]) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    assert loaded(tmp_path, *arguments) & HEAVY <= ONLY_WITH_FLAGS


@pytest.mark.parametrize("name", ["layout", "127.0.0.1:9/acme/widget:1"])
def test_an_image_is_judged_without_what_it_does_not_need(tmp_path: Path, name: str) -> None:
    """No reader of flags, of Dockerfiles or of builds; nothing of the network but for a reference."""
    (tmp_path / "layout").mkdir()
    (tmp_path / "layout" / "index.json").write_text('{"manifests": [{"digest": "sha256:' + "0" * 64 + '"}]}')
    modules = loaded(tmp_path, "image", name)
    assert modules & (HEAVY - {"http"}) == set()
    assert not modules & {"dockerfile_parse", "imglint.checks.builds", "imglint.model.evaluate", "subprocess"}
    assert ("ssl" in modules) == ("http.client" in modules) == (name != "layout")


def test_a_run_loads_no_format_that_it_does_not_write(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    formats = {"imglint.report.json", "imglint.report.sarif", "imglint.report.github", "imglint.report.concise"}
    assert loaded(tmp_path, "check") & formats == set()


def test_a_dockerfile_loads_no_rules_of_images(tmp_path: Path) -> None:
    (tmp_path / "Dockerfile").write_text(BAD)
    modules = loaded(tmp_path, "check", "Dockerfile")
    assert not [name for name in modules if name.startswith(("imglint.checks.images", "imglint.model.image."))]


def test_a_plain_workflow_is_read_without_pyyaml(tmp_path: Path) -> None:
    (tmp_path / ".github" / "workflows").mkdir(parents=True)
    workflow = tmp_path / ".github" / "workflows" / "build.yml"
    workflow.write_text("on: push\njobs:\n  a:\n    steps:\n      - run: |\n          docker build -t a .\n")
    modules = loaded(tmp_path, "check")
    assert "imglint.model.workflow.structure" in modules
    assert "yaml" not in modules
