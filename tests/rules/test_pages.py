"""The rule pages as a whole: their facts, their sections, and the functions that belong to them."""

from __future__ import annotations

import inspect
import json
import pkgutil
import re
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import FunctionType, ModuleType
from typing import Any

import jsonschema
import pytest

from imglint.catalog import Catalog
from imglint.read.rules import rule_families, rule_page, rules_folder

from .examples import examples

FAMILIES = rule_families()
SECTIONS = ["## What it finds", "## Why it matters", "## How to fix it", "## Examples"]
SCHEMA = json.loads(Path(rules_folder(), "schema", "rule.json").read_text(encoding="utf-8"))
every_rule = pytest.mark.parametrize("rule", sorted(FAMILIES))


def facts(rule: str) -> dict[str, Any]:
    found: dict[str, Any] = json.JSONDecoder().raw_decode(rule_page(FAMILIES[rule], rule))[0]
    return found


def body(rule: str) -> str:
    return Catalog(FAMILIES, rule_page).rule(rule).page


def prose(rule: str) -> str:
    """The text of a page without its fenced blocks."""
    return re.sub(r"^```.*?^```$", "", body(rule), flags=re.DOTALL | re.MULTILINE)


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(SCHEMA)


def modules(family: str) -> Iterator[ModuleType]:
    module = import_module(f"imglint.checks.{family}")
    yield module
    for info in pkgutil.iter_modules(getattr(module, "__path__", ())):
        yield import_module(f"{module.__name__}.{info.name}")


def checks(family: str) -> set[str]:
    """The functions that are conditions of rules: public, of a subject and a context, yielding findings."""
    return {
        name
        for module in modules(family)
        for name, function in vars(module).items()
        if isinstance(function, FunctionType)
        and function.__module__ == module.__name__
        and not name.startswith("_")
        and list(inspect.signature(function).parameters)[1:] == ["context"]
        and inspect.signature(function).return_annotation == "Iterator[Finding]"
    }


def test_the_schema_is_a_schema() -> None:
    jsonschema.Draft202012Validator.check_schema(SCHEMA)
    assert all(part.get("description") for part in SCHEMA["properties"].values())


@every_rule
def test_facts_follow_the_schema(rule: str) -> None:
    assert [error.message for error in validator().iter_errors(facts(rule))] == []


@pytest.mark.parametrize(
    "change",
    [
        {"severity": "fatal"},
        {"subject": "picture"},
        {"summary": "Ends with a full stop."},
        {"why": "two\nlines of text"},
        {"since": "0.1.0"},
        {"references": ["http://example.com/"]},
        {"aliases": {"hadolint": ["DL30"]}},
        {"aliases": {"hadolint": "DL3049"}},
        {"aliases": {"shellcheck": ["SC2086"]}},
        {"fixable": True},
        {"security": "none"},
    ],
)
def test_the_schema_refuses(change: dict[str, object]) -> None:
    assert not validator().is_valid(facts("missing-source") | change)


@pytest.mark.parametrize("fact", SCHEMA["required"])
def test_the_schema_insists_on(fact: str) -> None:
    document = facts("missing-source")
    del document[fact]
    assert not validator().is_valid(document)


@every_rule
def test_sections_stand_in_order(rule: str) -> None:
    headings = [line for line in prose(rule).splitlines() if line.startswith("#")]
    assert headings == [f"# {rule}", *SECTIONS]


@every_rule
def test_every_section_says_something(rule: str) -> None:
    parts = re.split(r"^## .*$", body(rule), flags=re.MULTILINE)[1:]
    assert all(part.strip() for part in parts)


@every_rule
def test_claims_have_sources(rule: str) -> None:
    """Each reference is linked from the text, and links go over https."""
    text = prose(rule)
    assert [address for address in facts(rule)["references"] if f"]({address})" not in text] == []
    assert re.findall(r"\]\((?!https://)[^)]*\)", text) == []


@every_rule
def test_name_is_kebab_case(rule: str) -> None:
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*", rule)


@every_rule
def test_examples_are_complete(rule: str) -> None:
    """There is something bad, something good, and something that only looks bad and is told why it is none."""
    found = examples(body(rule))
    assert any(each.kind == "bad" for each in found)
    assert any(each.kind == "good" for each in found)
    assert any(each.kind == "good" and each.caption.endswith(":") for each in found)


@every_rule
def test_every_marker_says_something(rule: str) -> None:
    assert all(mark.text for each in examples(body(rule)) for mark in each.marks)


@pytest.mark.parametrize("family", sorted(set(FAMILIES.values())))
def test_pages_and_functions_match(family: str) -> None:
    pages = {rule.replace("-", "_") for rule, of in FAMILIES.items() if of == family}
    assert checks(family) == pages
    assert all(hasattr(import_module(f"imglint.checks.{family}"), name) for name in pages)


@every_rule
def test_subject_is_the_first_parameter(rule: str) -> None:
    check = getattr(import_module(f"imglint.checks.{FAMILIES[rule]}"), rule.replace("-", "_"))
    assert next(iter(inspect.signature(check).parameters)) == facts(rule)["subject"]


def test_secrets_are_matters_of_security() -> None:
    of_security = {rule for rule in FAMILIES if "security" in facts(rule)}
    assert {
        rule for rule in FAMILIES if re.search("secret(?!-username)|password|credential|token-literal", rule)
    } <= of_security
    assert {FAMILIES[rule] for rule in of_security} == {"builds", "images", "tokens", "workflows"}


def test_names_are_unique_and_are_no_families() -> None:
    pages = [page.stem for page in Path(rules_folder()).glob("*/*.md")]
    assert len(pages) == len(set(pages))
    assert not set(pages) & set(FAMILIES.values())


def test_an_alias_has_one_meaning() -> None:
    """An alias is one tool's, stands for rules of one family, and is no name of ours."""
    tools: dict[str, set[str]] = {}
    families: dict[str, set[str]] = {}
    for rule, family in FAMILIES.items():
        for tool, names in facts(rule).get("aliases", {}).items():
            for name in names:
                tools.setdefault(name.lower(), set()).add(tool)
                families.setdefault(name.lower(), set()).add(family)
    assert [name for name, of in tools.items() if len(of) > 1] == []
    assert [name for name, of in families.items() if len(of) > 1] == []
    assert not set(tools) & {*FAMILIES, *FAMILIES.values(), "all"}


def test_an_alias_selects_its_rules() -> None:
    catalog = Catalog(FAMILIES, rule_page)
    for rule in catalog.rules():
        for names in rule.aliases.values():
            assert all(rule.name in catalog.select([name]) for name in names)
