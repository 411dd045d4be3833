"""What mkdocs calls while it builds the site: pages made from rules/, and links that lead out of docs/."""

from __future__ import annotations

import json
import re
from itertools import groupby
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Final

from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File
from mkdocs.utils import get_relative_url

from imglint.catalog import Catalog
from imglint.read.rules import rule_families, rule_page
from tools.website import colour, reference, rulepages

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files
    from mkdocs.structure.pages import Page

ROOT: Final = Path(__file__).parents[2]
REPOSITORY: Final = "https://github.com/imglint/imglint"
_OUTWARD: Final = re.compile(r"\]\(\.\./([^)#\s]+)(#[^)\s]*)?\)")
_TERMINAL: Final = re.compile(r"^```(?:console)?\n(?=\$ )", re.MULTILINE)


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Lists every rule in the navigation."""
    (rules,) = (section["Rules"] for section in config.nav or () if "Rules" in section)
    members = sorted((family, name) for name, family in rule_families().items())
    for family, pairs in groupby(members, key=lambda pair: pair[0]):
        rules.append({family.capitalize(): [{name: f"rules/{family}/{name}.md"} for _, name in pairs]})
    return config


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Adds the pages of the rules, and the reference of the configuration."""
    for rule in Catalog(rule_families(), rule_page).rules():
        path = f"rules/{rule.family}/{rule.name}.md"
        files.append(File.generated(config, path, content=rulepages.document(rule)))
    schema = json.loads((ROOT / "rules" / "schema" / "config.json").read_bytes())
    files.append(File.generated(config, "configuration-reference.md", content=reference.document(schema)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Leads links out of docs/ to the page of a rule, or to the file in the repository; marks what a terminal shows."""
    if page.file.generated_by is None:
        markdown = _OUTWARD.sub(lambda found: f"]({_target(found[1], page)}{found[2] or ''})", markdown)
    return _TERMINAL.sub("```{ .text .terminal }\n", markdown)


def on_page_content(html: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Colours what imglint prints and marks, links the names of rules, and gives the first page a look of its own."""
    families = rule_families()

    def address(name: str) -> str | None:
        file = files.get_file_from_path(f"rules/{families.get(name)}/{name}.md")
        return get_relative_url(file.url, page.url) if file and file is not page.file else None

    shown = colour.linked(colour.coloured(html, address), address)
    return f'<div class="home">{shown}</div>' if page.is_homepage else shown


def _target(path: str, page: Page) -> str:
    """Where a path that begins at the root of the repository leads to on the site."""
    place = ROOT / path
    if not place.exists():
        raise PluginError(f"{page.file.src_uri}: there is no ../{path}")
    parts = PurePosixPath(path).parts
    if parts[0] == "rules" and place.suffix == ".md":
        return path
    return f"{REPOSITORY}/{'tree' if place.is_dir() else 'blob'}/main/{path}"
