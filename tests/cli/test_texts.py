"""Texts that are only searched for tokens: which are read, and what becomes of those that cannot be."""

from __future__ import annotations

from pathlib import Path

from made_tokens import classic

from .conftest import CLEAN, Imglint, plant

TOKEN = classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k")


def test_tokens_are_found_wherever_they_are_written(imglint: Imglint, root: Path) -> None:
    names = ("Dockerfile", "docs/a.md", ".env", ".docker/config.json", "b.sh", "Makefile", "compose.yaml", "c.hcl")
    plant(root, dict.fromkeys(names, f"# {TOKEN}\n") | {"Dockerfile": f"{CLEAN}# {TOKEN}\n"})
    found = imglint("check", "--select", "token-literal", "--format", "json").found
    assert [path for path, _, _, _ in found] == sorted(set(names) - {"c.hcl"})


def test_what_is_left_out(imglint: Imglint, root: Path) -> None:
    plant(
        root, {".gitignore": ".env\n", ".env": TOKEN, "notes.txt": TOKEN, "Dockerfile": CLEAN, "e.md": "", ".git/x": ""}
    )
    (root / "large.md").write_text(TOKEN + " " * (1 << 20))
    (root / "wide.md").write_bytes(TOKEN.encode("utf-16"))
    (root / "binary.rst").write_bytes(b"\0" + TOKEN.encode())
    outcome = imglint("check", "--format", "json")
    assert (outcome.code, outcome.found, outcome.json["errors"]) == (0, [], [])


def test_what_is_named_is_judged_or_told(imglint: Imglint, root: Path) -> None:
    (root / "large.md").write_text(f"{TOKEN}\n" + " \n" * (1 << 20))
    (root / "wide.md").write_bytes(TOKEN.encode("utf-16"))
    outcome = imglint("check", "--format", "json", "large.md", "wide.md")
    assert outcome.rules == ["token-literal"]
    assert outcome.code == 2
    assert [error["path"] for error in outcome.json["errors"]] == ["wide.md"]


def test_a_comment_silences_it(imglint: Imglint, root: Path) -> None:
    plant(root, {"b.sh": f"# imglint: ignore[token-literal] made for a test\necho {TOKEN}\n"})
    assert imglint("check", "--select", "tokens", "--format", "json").found == []


def test_other_rules_leave_texts_alone(imglint: Imglint, root: Path) -> None:
    plant(root, {"docs/old.md": "    docker pull docker.pkg.github.com/octocat/widget/widget:1\n", "Dockerfile": CLEAN})
    assert imglint("check", "--format", "json").found == []
