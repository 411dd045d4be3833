"""The root of a project, and the files in it that tell how others are built."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from imglint.read.surroundings import find_below, project_root, surrounding


def plant(root: Path, **texts: str) -> None:
    """Files by their paths; `__` stands for a slash."""
    for name, text in texts.items():
        path = root / name.replace("__", "/")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


@pytest.mark.parametrize("mark", [".git", ".github"])
def test_root(tmp_path: Path, mark: str) -> None:
    (tmp_path / "a" / mark).mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").mkdir(parents=True)
    for folder in ("a", "a/b", "a/b/c"):
        found = project_root(str(tmp_path / folder))
        assert found is not None and os.path.samefile(found, tmp_path / "a")


def test_root_from_below(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()
    (tmp_path / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(tmp_path / "a" / "b")
    assert project_root(".") == os.path.join("..", "..")
    monkeypatch.chdir(tmp_path)
    assert project_root(os.path.join("a", "b")) in (".", "")


def test_surrounding(tmp_path: Path) -> None:
    plant(
        tmp_path,
        **{
            ".github__workflows__a.yml": "run: docker build .",
            ".github__workflows__b.yml": "run: make",
            ".github__actions__x__action.yml": "run: docker build .",
            "Makefile": "a:\n\tdocker build .\n",
            "scripts__x.sh": "podman build .",
            "a__b__x.sh": "docker build .",
            "c__x.sh": "docker build .",
            "Dockerfile": "FROM docker",
            "README.md": "docker build .",
            "compose.yaml": "services: {a: {build: .}}",
            "empty.sh": "",
        },
    )
    assert set(surrounding(str(tmp_path), ["a/b"])) == {
        ".github/workflows/a.yml", ".github/actions/x/action.yml", "Makefile", "scripts/x.sh", "a/b/x.sh",
        "compose.yaml",
    }  # fmt: skip
    assert set(surrounding(str(tmp_path), [])) == set(surrounding(str(tmp_path), ["a/b"])) - {"a/b/x.sh"}


def test_find_below(tmp_path: Path) -> None:
    root = tmp_path / "root"
    plant(root, a__x="text", y="text")
    plant(tmp_path, outside="secret")
    (root / "link").symlink_to(tmp_path / "outside")
    (root / "inside").symlink_to("y")
    found = find_below(str(root), "a/x")
    assert found is not None and found.text == "text"
    assert find_below(str(root), "inside") is not None
    for path in ("link", "../outside", "a/../../outside", "gone", "a", str(tmp_path / "outside")):
        assert find_below(str(root), path) is None, path
