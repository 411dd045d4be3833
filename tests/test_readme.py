"""The README shows what imglint really prints, and names every rule."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_what_is_shown_is_what_imglint_prints() -> None:
    shown = re.search(r"```\n\$ imglint check fixtures/octocat\n(.*?)```", README, re.DOTALL)
    assert shown is not None
    command = [sys.executable, "-m", "imglint", "check", "fixtures/octocat"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=False)
    assert run.returncode == 1
    assert run.stdout == shown[1]


def test_every_rule_is_listed_with_its_summary() -> None:
    command = [sys.executable, "-m", "imglint", "rules", "--format", "json"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", check=True)
    import json

    for rule in json.loads(run.stdout)["rules"]:
        row = f"| [{rule['name']}](rules/{rule['family']}/{rule['name']}.md) | {rule['severity']} | {rule['summary']} |"
        assert row in README
    assert README.count("](rules/labels/") + README.count("](rules/syntax/") + README.count(
        "](rules/suppressions/"
    ) == len(json.loads(run.stdout)["rules"])
