"""Where the rule pages, registry profiles, scopes of tokens and schemas lie."""

from __future__ import annotations

import os
import re
from typing import TYPE_CHECKING

from imglint.model.registry import RegistryProfile, from_document

if TYPE_CHECKING:
    from imglint.model.scopes import Scopes


def rules_folder() -> str:
    """The absolute path of `rules/`: beside the package in a checkout, `imglint/_rules` when installed."""
    package = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    checkout = os.path.join(os.path.dirname(package), "rules")
    # `schema` is asked for because a folder named `rules` beside site-packages' imglint may be anybody's.
    if os.path.isdir(os.path.join(checkout, "schema")):
        return checkout
    return os.path.join(package, "_rules")


def rule_families() -> dict[str, str]:
    """Every rule that has a page, with the family whose folder the page is in."""
    folder = rules_folder()
    return {
        page.name.removesuffix(".md"): family.name
        for family in os.scandir(folder)
        if family.is_dir()
        for page in os.scandir(family.path)
        if page.name.endswith(".md")
    }


def rule_page(family: str, name: str) -> str:
    """The text of a rule's page."""
    with open(os.path.join(rules_folder(), family, f"{name}.md"), encoding="utf-8") as page:
        return page.read()


def registry_profile(name: str) -> RegistryProfile | None:
    """The profile of a registry by its host name, or None when there is none."""
    import json

    if not re.match(r"[a-z0-9][a-z0-9.-]*\Z", name):
        return None
    path = os.path.join(rules_folder(), "registries", f"{name}.json")
    if not os.path.exists(path):
        return None
    with open(path, "rb") as profile:
        return from_document(json.load(profile))


def token_scopes() -> Scopes:
    """The scopes of GitHub's tokens."""
    import json

    from imglint.model import scopes

    with open(os.path.join(rules_folder(), "scopes.json"), "rb") as document:
        return scopes.from_document(json.load(document))


def registry_names() -> tuple[str, ...]:
    """The registries that have a profile."""
    folder = os.path.join(rules_folder(), "registries")
    return tuple(sorted(name.removesuffix(".json") for name in os.listdir(folder) if name.endswith(".json")))
