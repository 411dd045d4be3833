"""The pages for those who come from another tool say what the rules themselves say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from imglint.catalog import Catalog
from imglint.read.rules import rule_families, rule_page

DOCS = Path(__file__).parents[1] / "docs"
NAMES = {"hadolint": r"[A-Z]{2}\d{4}", "zizmor": r"[a-z]+-[a-z-]+"}


def rows(tool: str) -> dict[str, set[str]]:
    """The rules beside each name of the other tool."""
    text = (DOCS / f"{tool}.md").read_text(encoding="utf-8")
    found = re.findall(rf"^\| ({NAMES[tool]}) \|[^|]*\|([^|]*)\|", text, re.MULTILINE)
    return {name: set(re.findall("`([^`]+)`", rules)) for name, rules in found}


@pytest.mark.parametrize("tool", NAMES)
def test_the_rows_name_the_rules_that_have_the_alias(tool: str) -> None:
    expected: dict[str, set[str]] = {}
    for rule in Catalog(rule_families(), rule_page).rules():
        for name in rule.aliases.get(tool, ()):
            expected.setdefault(name, set()).add(rule.name)
    listed = rows(tool)
    ours = {name for name in listed if name in rule_families()}  # What we call the same needs no alias.
    assert {name: rules for name, rules in listed.items() if name not in ours} == expected
    assert all(listed[name] == {name} for name in ours)


@pytest.mark.parametrize("page", ["hadolint", "zizmor"])
def test_every_rule_that_is_named_is_there(page: str) -> None:
    text = (DOCS / f"{page}.md").read_text(encoding="utf-8")
    other = {name for tool in ("hadolint", "zizmor") for name in rows(tool)} | {"label-schema", "strict-labels"}
    other |= {"failure-threshold", "fail-on", "required-labels"}
    named = {name for name in re.findall(r"`([a-z]+(?:-[a-z]+)+)`", text) if name not in other}
    assert named <= set(rule_families())


def test_the_figures_are_those_of_the_readme() -> None:
    readme = (DOCS.parent / "README.md").read_text(encoding="utf-8")
    table = re.search(r"\| \| imglint \| peer \|.*?\n\n", readme, re.DOTALL)
    assert table is not None
    assert table[0] in (DOCS / "comparison.md").read_text(encoding="utf-8")
    (row,) = re.findall(r"\| ([\d,]+ Dockerfiles), with all that builds them \| ([\d.]+) s \| \| \|", table[0])
    assert f"{row[0]} in {row[1]} seconds" in (DOCS / "index.md").read_text(encoding="utf-8")
