"""The page that compares dockle's checks with our rules says what the rules themselves say."""

from __future__ import annotations

import re
from pathlib import Path

from imglint.catalog import Catalog
from imglint.read.rules import rule_families, rule_page

PAGE = Path(__file__).parents[1] / "docs" / "dockle.md"
CHECKS = {
    *(f"CIS-DI-{number:04}" for number in (1, 5, 6, 7, 8, 9, 10)),
    *(f"DKL-DI-{number:04}" for number in range(1, 7)),
    *(f"DKL-LI-{number:04}" for number in range(1, 4)),
}
"""Those that dockle runs: https://github.com/goodwithtech/dockle/blob/master/CHECKPOINT.md"""


def rows() -> dict[str, set[str]]:
    """The rules beside each code."""
    found = re.findall(
        r"^\| ((?:CIS|DKL)-[A-Z]+-\d+) \|[^|]*\|([^|]*)\|", PAGE.read_text(encoding="utf-8"), re.MULTILINE
    )
    return {code: set(re.findall("`([^`]+)`", rules)) for code, rules in found}


def test_each_check_has_a_row() -> None:
    assert len(CHECKS) == 16
    assert set(rows()) == CHECKS


def test_the_rows_name_the_rules_that_have_the_alias() -> None:
    aliased: dict[str, set[str]] = {code: set() for code in CHECKS}
    for rule in Catalog(rule_families(), rule_page).rules():
        for code in rule.aliases.get("dockle", ()):
            aliased[code].add(rule.name)
    assert aliased == rows()
    assert {code for code, rules in aliased.items() if not rules} == {"CIS-DI-0005"}
