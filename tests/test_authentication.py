"""docs/authentication.md: every statement leads to a rule that exists, and to a sentence that its page has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imglint.read.rules import rule_families, rule_page

PAGE = (Path(__file__).parent.parent / "docs" / "authentication.md").read_text(encoding="utf-8")
ROWS = [line.strip("| ").split(" | ") for line in PAGE.splitlines() if line.startswith("| ") and "](" in line]
FAMILIES = rule_families()


def rules(cell: str) -> list[tuple[str, str, str]]:
    """The links of a cell: what they are called, and the family and name they lead to."""
    return re.findall(r"\[([a-z-]+)\]\(\.\./rules/([a-z]+)/([a-z-]+)\.md\)", cell)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row[0])
def test_a_statement_is_a_rule(row: list[str]) -> None:
    named = rules(row[1])
    assert named
    assert all(shown == name and FAMILIES.get(name) == family for shown, family, name in named)


@pytest.mark.parametrize("row", [row for row in ROWS if len(row) > 2 and row[2]], ids=lambda row: row[0])
def test_the_sentence_stands_on_one_of_the_pages(row: list[str]) -> None:
    pages = [rule_page(family, name) for _, family, name in rules(row[1])]
    plain = [re.sub(r"\]\([^)]*\)", "", " ".join(page.split())).replace("[", "") for page in pages]
    assert any(row[2].strip() in page for page in plain)


def test_every_rule_on_workflows_and_tokens_has_a_statement() -> None:
    named = {name for row in ROWS for _, _, name in rules(row[1])}
    assert {name for name, family in FAMILIES.items() if family in ("tokens", "workflows")} - named == set()
    assert len(ROWS) > 30
