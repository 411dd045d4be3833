"""The README shows what imglint really prints, and names every rule."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

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


def test_every_rule_is_listed_with_its_summary() -> None:
    command = [sys.executable, "-m", "imglint", "rules", "--format", "json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    for rule in json.loads(run.stdout)["rules"]:
        row = f"| [{rule['name']}](rules/{rule['family']}/{rule['name']}.md) | {rule['severity']} | {rule['summary']} |"
        assert row in README
    assert len(re.findall(r"\]\(rules/[a-z]+/", README)) == len(json.loads(run.stdout)["rules"])
