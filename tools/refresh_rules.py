"""Write docs/rules.md, the list of all rules, from their pages.

    python tools/refresh_rules.py

Run it after a rule was added, renamed or given another summary; a test compares.
"""

from __future__ import annotations

from itertools import groupby
from pathlib import Path

from imglint.catalog import Catalog
from imglint.read.rules import rule_families, rule_page

LIST = Path(__file__).parent.parent / "docs" / "rules.md"

FAMILIES = {
    "builds": "Build commands and what they push, wherever they are written.",
    "images": "Built images in any form: `imglint image`.",
    "labels": "What the page of a package will say: of Dockerfiles, of their builds and of images.",
    "suppressions": "Comments that silence rules.",
    "syntax": "Files that cannot be read.",
    "tokens": "What logs in to a registry, and how much more it may do.",
    "workflows": "Whether a workflow may push, and who else may.",
}


def listing() -> str:
    """All rules as Markdown, a table for each family."""
    lines = ["# Rules", "", "Each has a page with the reason, the way to mend it, and examples that are its tests."]
    rules = Catalog(rule_families(), rule_page).rules()
    for family, members in groupby(rules, key=lambda rule: rule.family):
        lines += ["", f"## {family}", "", FAMILIES[family], "", "| rule | severity | finds |", "|---|---|---|"]
        lines += [
            f"| [{rule.name}](../rules/{family}/{rule.name}.md) | {rule.severity.word} | {rule.summary} |"
            for rule in members
        ]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    LIST.write_text(listing(), encoding="utf-8")
