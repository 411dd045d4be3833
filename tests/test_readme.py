"""The README shows what imglint really prints, and names every rule."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from imglint.read.rules import rule_families
from tools.refresh_rules import LIST, listing

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize(("command", "code"), [("page", 0), ("check", 1)])
def test_what_is_shown_is_what_imglint_prints(command: str, code: int) -> None:
    shown = re.search(rf"```\n\$ imglint {command} fixtures/octocat\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    words = [sys.executable, "-m", "imglint", command, "fixtures/octocat"]
    run = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == code
    assert run.stdout == shown[1]


def test_every_family_is_named() -> None:
    named = re.findall(r"^\| ([a-z]+) \| ", README.partition("## What it finds")[2].partition("\n## ")[0], re.MULTILINE)
    assert sorted(set(named) - {"family"}) == sorted(set(rule_families().values()))


def test_every_rule_is_listed_with_its_summary() -> None:
    assert LIST.read_text(encoding="utf-8") == listing()
