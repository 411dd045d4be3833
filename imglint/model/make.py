"""Makefiles: what their recipes do, one after the other or as a call of make runs them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cached_property
from itertools import islice
from typing import Final, NamedTuple

from imglint.model.build import BakeCall, Build, ComposeCall, Event, MakeCall
from imglint.model.compose.project import Find
from imglint.model.paths import parent
from imglint.model.resolve import mounted
from imglint.model.scene import Scene
from imglint.model.script import Shell, run, worth_reading
from imglint.source import Source
from imglint.syntax import makefile
from imglint.syntax.makefile import Makefile, Rule
from imglint.syntax.makevariable import NOTHING, Given, Lookup, expand, variables
from imglint.syntax.text import Text, literal

MAX_EVENTS: Final = 5_000
"""Builds, tags and pushes of one Makefile that are followed."""
MAX_RULES: Final = 500
"""Rules that one call of make runs."""
MAX_DEPTH: Final = 50
"""How many rules may need one another."""

_NAMES: Final = ("GNUmakefile", "makefile", "Makefile")
_OWN_TARGETS: Final = r"\.(?![./]).*"
"""Targets that are settings: `.PHONY`."""


def scene(path: str, source: Source) -> Scene:
    """What the recipes of a Makefile do, each line in a shell of its own, in the Makefile's directory."""
    if not worth_reading(source.text):
        return Scene(source, ())
    reader = _Reader(source, parent(path), NOTHING)
    recipes = (event for rule in reader.read.rules for event in reader.recipe(rule))
    return Scene(source, tuple(islice(recipes, MAX_EVENTS)))


def read_call(call: MakeCall, find: Find) -> tuple[Event, ...]:
    """What the recipes do that a call runs; nothing when its Makefile is unknown or not there."""
    found = _file(call, find)
    if found is None or not worth_reading(found[1].text):
        return ()
    directory, source = found
    reader = _Reader(source, directory, Given(dict(call.given), dict(call.variables)), call.driver)
    events = islice(reader.goals([goal.text for goal in call.goals]), MAX_EVENTS)
    return tuple(_from(event, call) for event in events)


def _from(event: Event, call: MakeCall) -> Event:
    """The event as it is in a call: where that runs, and called by it."""
    if isinstance(event, Build):
        return event._replace(mounts=call.mounts, calls=(call.place,))
    if isinstance(event, BakeCall | ComposeCall | MakeCall):
        return event._replace(mounts=call.mounts)
    return event


def _file(call: MakeCall, find: Find) -> tuple[str, Source] | None:
    """The first directory of a call in which its Makefile is, and the Makefile."""
    names = _NAMES if call.file is None else (call.file.value,)
    for directory in call.directories:
        for name in names:
            path = mounted(call.mounts, directory, name) if name else None
            source = find(path) if path else None
            if source is not None:
                return directory, source
    return None


class _Index(NamedTuple):
    """The rules of a Makefile: by target, those of patterns, and those whose targets are made of variables."""

    explicit: dict[str, list[Rule]]
    patterns: list[tuple[str, Rule]]
    made: tuple[Rule, ...]

    def add(self, target: str, rule: Rule) -> None:
        """One more rule for a target."""
        if "%" in target:
            self.patterns.append((target, rule))
        else:
            self.explicit.setdefault(target, []).append(rule)


def _read(source: Source) -> Makefile:
    return source.read_once("makefile", makefile.parse)


def _index(source: Source) -> _Index:
    rules = _read(source).rules
    index = _Index({}, [], tuple(rule for rule in rules if any("$" in target for target in rule.targets)))
    for rule in rules:
        for target in rule.targets:
            if "$" not in target:
                index.add(target, rule)
    return index


class _Reader:
    """One Makefile with the variables that it is given, and its rules while they are run in `directory`."""

    def __init__(self, source: Source, directory: str, given: Given, driver: str = "") -> None:
        self.source = source
        self.directory = directory
        self.given = given
        self.driver = driver
        self.read = _read(source)
        self.special = {variable.target for variable in self.read.variables if variable.target}
        self.exported = {**given.environment, **given.command}
        self.done: set[str] = set()

    @cached_property
    def general(self) -> Lookup:
        """The variables of all rules."""
        return variables(self.read, given=self.given)

    @cached_property
    def index(self) -> _Index:
        """The rules, with the targets that variables make."""
        known = self.source.read_once("rules", _index)
        if not known.made:
            return known
        whole = _Index({name: [*rules] for name, rules in known.explicit.items()}, [*known.patterns], ())
        for rule in known.made:
            for target in self._texts(tuple(target for target in rule.targets if "$" in target), rule):
                whole.add(target, rule)
        return whole

    # Rules that are called -----------------------------------------------------------------------------------------

    def goals(self, names: list[str]) -> Iterator[Event]:
        """Run the rules of targets, each after those that it needs; without targets, the default goal."""
        for name in names or self._default():
            yield from self._target(name, 0)

    def _default(self) -> list[str]:
        given = self.general(".DEFAULT_GOAL")
        names = (name for rule in self.read.rules for name in self._texts(rule.targets, rule))
        first = next((name for name in names if "%" not in name and not re.match(_OWN_TARGETS, name)), "")
        name = (given.value or "").strip() if given is not None else first
        return [name] if name else []

    def _target(self, name: str, depth: int) -> Iterator[Event]:
        if name in self.done or depth > MAX_DEPTH or len(self.done) >= MAX_RULES:
            return
        self.done.add(name)
        known = self.source.read_once("rules", _index)
        # What variables make is mostly the name of a file, and no second rule for a target that is written.
        index = known if name in known.explicit else self.index
        rules = [(rule, "") for rule in index.explicit.get(name, ())]
        if not any(rule.recipe for rule, _ in rules):
            matching = ((rule, _stem(pattern, name)) for pattern, rule in index.patterns)
            rules += [(rule, stem) for rule, stem in matching if stem][:1]
        for rule, stem in rules:
            needed = rule.prerequisites
            for prerequisite in self._texts(needed, rule):
                yield from self._target(prerequisite.replace("%", stem, 1), depth + 1)
        for rule, stem in rules:
            yield from self.recipe(rule, name, stem)

    def _texts(self, written: tuple[str, ...], rule: Rule) -> Iterator[str]:
        """Names as they are written, with their variables replaced; those of unknown value are left out."""
        for name in written:
            if "$" not in name:
                yield name
                continue
            text = expand(literal(name, self.source, rule.span, exact=False), self.general)
            yield from (text.value or "").split()

    # Recipes -------------------------------------------------------------------------------------------------------

    def recipe(self, rule: Rule, target: str = "", stem: str = "") -> Iterator[Event]:
        """What the lines of a rule do; `target` is the one that is made, when a pattern or several could be."""
        own = next((each for each in (target, *rule.targets) if each in self.special), "")
        lookup = variables(self.read, own, self.given) if own else self.general
        lookup = self._automatic(lookup, rule, target, stem)
        for line in rule.recipe:
            if worth_reading(line.text.text):
                shell = Shell((self.directory,), self.directory, self.exported.get, lambda: self.exported)
                shell.setting.driver = self.driver
                yield from run(expand(line.text, lookup), shell)
                self.driver = shell.setting.driver

    def _automatic(self, lookup: Lookup, rule: Rule, target: str, stem: str) -> Lookup:
        """The variables of a recipe: `$@` is the rule's target where it has one, `$*` what `%` stands for."""
        made = target or (rule.targets[0] if len(rule.targets) == 1 and "%" not in rule.targets[0] else "")
        values = {"@": made, "*": stem}

        def value(name: str) -> Text | None:
            if values.get(name):
                return literal(values[name], self.source, rule.span, exact=False)
            return lookup(name)

        return value


def _stem(pattern: str, name: str) -> str:
    """What `%` stands for when a pattern matches a name; empty when it does not."""
    before, _, after = pattern.partition("%")
    matches = len(name) > len(pattern) - 1 and name.startswith(before) and name.endswith(after)
    return name[len(before) : len(name) - len(after)] if matches else ""
