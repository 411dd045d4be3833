"""The catalogue of rules: one Markdown page each, its facts in JSON at the top, its examples at the end.

A page is read when somebody asks for its rule, so that a run pays only for the rules that found something.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from json import JSONDecoder
from typing import Final

from imglint.finding import Severity
from imglint.record import NamedTuple

DOCUMENTATION: Final = "https://github.com/imglint/imglint/blob/main/rules"
"""Where the pages are on the web."""


class Rule(NamedTuple):
    """The facts of a rule. `subject` is what its check looks at; `why` the reason in one line.

    `aliases` are the names other tools have for the same matter, by tool (`hadolint`, `buildkit`, …).
    `page` is the Markdown below the facts. `security` is how much a finding gives away: `low` to `critical`, or empty.
    """

    name: str
    family: str
    severity: Severity
    subject: str
    summary: str
    why: str
    since: str
    references: tuple[str, ...]
    aliases: Mapping[str, tuple[str, ...]]
    page: str
    security: str = ""

    @property
    def url(self) -> str:
        """Where the page can be read on the web."""
        return f"{DOCUMENTATION}/{self.family}/{self.name}.md"

    @property
    def fixable(self) -> bool:
        """Whether an example shows a fixed form."""
        return re.search(r"^```\S+ fixed\b", self.page, re.MULTILINE) is not None


class UnknownRuleError(KeyError):
    """No rule, family or alias has that name; `suggestion` is the nearest one, or empty."""

    def __init__(self, name: str, suggestion: str) -> None:
        super().__init__(name)
        self.name = name
        self.suggestion = suggestion

    def __str__(self) -> str:
        """The message for people."""
        hint = f"; did you mean `{self.suggestion}`?" if self.suggestion else ""
        return f"there is no rule, family or alias `{self.name}`{hint}"


class Catalog:
    """All rules by name. `families` maps each rule to its family; `read` gives the text of a page."""

    def __init__(self, families: Mapping[str, str], read: Callable[[str, str], str]) -> None:
        self.families = families
        self._read = read
        self._rules: dict[str, Rule] = {}
        self._aliases: dict[str, frozenset[str]] | None = None

    @property
    def names(self) -> tuple[str, ...]:
        """The names of all rules, sorted."""
        return tuple(sorted(self.families))

    def rule(self, name: str) -> Rule:
        """The rule of that name; raises `UnknownRuleError`."""
        rule = self._rules.get(name)
        if rule is None:
            family = self.families.get(name)
            if family is None:
                raise UnknownRuleError(name, self._nearest(name))
            rule = self._rules[name] = parse_page(name, family, self._read(family, name))
        return rule

    def rules(self) -> tuple[Rule, ...]:
        """Every rule, sorted by family and name. Reads all pages."""
        return tuple(self.rule(name) for name in sorted(self.names, key=lambda name: (self.families[name], name)))

    def select(self, words: Iterable[str]) -> frozenset[str]:
        """The rules that names, families and aliases stand for; `all` is every rule. Raises `UnknownRuleError`."""
        chosen: set[str] = set()
        for word in words:
            if word == "all":
                chosen.update(self.families)
            elif word in self.families:
                chosen.add(word)
            elif word in self.families.values():
                chosen.update(name for name, family in self.families.items() if family == word)
            else:
                aliased = self.aliased(word)
                if not aliased:
                    raise UnknownRuleError(word, self._nearest(word))
                chosen.update(aliased)
        return frozenset(chosen)

    def aliased(self, alias: str) -> frozenset[str]:
        """The rules that another tool calls so, in any case; may be none."""
        if self._aliases is None:
            found: dict[str, set[str]] = {}
            for rule in self.rules():
                for names in rule.aliases.values():
                    for name in names:
                        found.setdefault(name.lower(), set()).add(rule.name)
            self._aliases = {name: frozenset(rules) for name, rules in found.items()}
        return self._aliases.get(alias.lower(), frozenset())

    def _nearest(self, name: str) -> str:
        from imglint.syntax.nearest import nearest

        return nearest(name.lower().replace("_", "-"), (*self.names, *set(self.families.values())), cutoff=0.6)


def parse_page(name: str, family: str, text: str) -> Rule:
    """A rule from its page. Raises `ValueError` when the facts at its top cannot be read."""
    try:
        facts, end = JSONDecoder().raw_decode(text)
    except ValueError as error:
        raise ValueError(f"the page of {name} does not begin with its facts: {error}") from error
    return Rule(
        name,
        family,
        Severity.parse(facts["severity"]),
        facts["subject"],
        facts["summary"],
        facts["why"],
        facts["since"],
        tuple(facts.get("references", ())),
        {tool: tuple(names) for tool, names in facts.get("aliases", {}).items()},
        text[end:].lstrip("\n"),
        facts.get("security", ""),
    )
