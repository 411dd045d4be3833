"""`imglint rule` and `imglint rules`."""

from __future__ import annotations

import click

from imglint.catalog import Catalog, Rule, UnknownRuleError
from imglint.cli.completion import complete_rules
from imglint.cli.run import CommandError, write
from imglint.read.rules import rule_families, rule_page
from imglint.report.escape import dump


def _catalog() -> Catalog:
    return Catalog(rule_families(), rule_page)


@click.command()
@click.argument("name", shell_complete=complete_rules)
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rule(name: str, format_name: str) -> None:
    """Print the page of a rule: what it finds, why it matters, how to fix it, and examples.

    NAME is the name of a rule, or what another tool calls the same matter (DL3049, MaintainerDeprecated).
    """
    catalog = _catalog()
    if name in catalog.families.values():
        raise CommandError(f"`{name}` is a family of rules; `imglint rules` lists them")
    names = sorted(catalog.aliased(name)) if name not in catalog.families else [name]
    try:
        pages = [catalog.rule(each) for each in names or [name]]
    except UnknownRuleError as error:
        raise CommandError(str(error)) from None
    for number, page in enumerate(pages):
        if format_name == "json":
            write(iter([dump(_document(page) | {"page": page.page})]))
        else:
            write(iter(["\n" if number else "", page.page.strip("\n") + "\n"]))


@click.command()
@click.option("--format", "format_name", type=click.Choice(["text", "json"]), default="text", show_default=True)
def rules(format_name: str) -> None:
    """List all rules: severity, name, and what each finds."""
    all_rules = _catalog().rules()
    if format_name == "json":
        write(iter([dump({"version": 1, "rules": [_document(each) for each in all_rules]})]))
        return
    family = ""
    width = max(len(each.name) for each in all_rules)
    for each in all_rules:
        if each.family != family:
            write(iter(["\n" if family else "", f"{each.family}\n"]))
            family = each.family
        write(iter([f"  {each.severity.word:<7}  {each.name:<{width}}  {each.summary}\n"]))


def _document(rule: Rule) -> dict[str, object]:
    return {
        "name": rule.name, "family": rule.family, "severity": rule.severity.word, "subject": rule.subject,
        "summary": rule.summary, "why": rule.why, **({"security": rule.security} if rule.security else {}),
        "since": rule.since, "fixable": rule.fixable, "url": rule.url,
        "references": list(rule.references), "aliases": {tool: list(names) for tool, names in rule.aliases.items()},
    }  # fmt: skip
