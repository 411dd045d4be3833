"""Makefiles: what their recipes do, one after the other or as a call of make runs them."""

from __future__ import annotations

import re
from collections.abc import Hashable, Iterator
from itertools import islice
from typing import Final

from imglint.model.build import Build, Event, FileCall, MakeCall
from imglint.model.compose.project import Find
from imglint.model.makerules import Index, Rules
from imglint.model.paths import parent
from imglint.model.resolve import mounted
from imglint.model.scene import Scene
from imglint.model.script import Shell, worth_reading
from imglint.model.scriptrun import run
from imglint.record import NamedTuple
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
    reader = _Reader(source, parent(path), NOTHING, _evaluated(source, NOTHING))
    recipes = (event for rule in reader.read.rules for event in reader.recipe(rule))
    return Scene(source, tuple(islice(recipes, MAX_EVENTS)))


class Calls:
    """Calls of make in one project. What a Makefile says is evaluated once for all calls that give it the same."""

    def __init__(self, find: Find) -> None:
        self._find = find
        self._evaluated: dict[Hashable, _Evaluated] = {}

    def read(self, call: MakeCall) -> tuple[Event, ...]:
        """What the recipes do that a call runs; nothing when its Makefile is unknown or not there."""
        found = _file(call, self._find)
        if found is None or not worth_reading(found[1].text):
            return ()
        directory, source = found
        given = Given(dict(call.given), dict(call.variables))
        reader = _Reader(source, directory, given, self._known(source, given), call.driver)
        events = islice(reader.goals([goal.text for goal in call.goals]), MAX_EVENTS)
        return tuple(_from(event, call) for event in events)

    def _known(self, source: Source, given: Given) -> _Evaluated:
        named = {name: text for name, text in given.environment.items() if name in source.text}
        key = source, *((name, text.pieces) for kind in (given.command, named) for name, text in kind.items())
        if key not in self._evaluated:
            self._evaluated[key] = _evaluated(source, Given(given.command, named))
        return self._evaluated[key]


def _from(event: Event, call: MakeCall) -> Event:
    """The event as it is in a call: where that runs, and called by it."""
    if isinstance(event, Build):
        return event._replace(mounts=call.mounts, calls=(call.place,))
    if isinstance(event, FileCall):
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


class _Evaluated(NamedTuple):
    """One Makefile with the variables that it is given: their values in all rules, and the rules by their targets."""

    read: Makefile
    general: Lookup
    rules: Rules


def _evaluated(source: Source, given: Given) -> _Evaluated:
    read = source.read_once("makefile", makefile.parse)
    index = source.read_once("make-index", lambda source: Index(read))
    general = variables(read, given=given)
    return _Evaluated(read, general, Rules(index, lambda name, rule: tuple(_texts((name,), rule, source, general))))


def _texts(written: tuple[str, ...], rule: Rule, source: Source, lookup: Lookup) -> Iterator[str]:
    """Names as they are written, with their variables replaced; those of unknown value are left out."""
    for name in written:
        if "$" not in name:
            yield name
            continue
        text = expand(literal(name, source, rule.span, exact=False), lookup)
        yield from (text.value or "").split()


class _Reader:
    """A call of make, while it runs the rules of a Makefile in `directory`."""

    def __init__(self, source: Source, directory: str, given: Given, evaluated: _Evaluated, driver: str = "") -> None:
        self.source = source
        self.directory = directory
        self.given = given
        self.driver = driver
        self.read, self.general, self.rules = evaluated
        self.special = {variable.target for variable in self.read.variables if variable.target}
        self.exported = {**given.environment, **given.command}

    # Rules that are called -----------------------------------------------------------------------------------------

    def goals(self, names: list[str]) -> Iterator[Event]:
        """Run the rules of targets, each after those that it needs; without targets, the default goal."""
        self.done: set[str] = set()
        for name in names or self._default():
            yield from self._target(name, 0)

    def _default(self) -> list[str]:
        given = self.general(".DEFAULT_GOAL")
        if given is not None:
            name = (given.value or "").strip()
        else:
            name = self.rules.first(lambda target: re.match(_OWN_TARGETS, target))
        return [name] if name else []

    def _target(self, name: str, depth: int) -> Iterator[Event]:
        if name in self.done or depth > MAX_DEPTH or len(self.done) >= MAX_RULES:
            return
        self.done.add(name)
        rules = [(rule, "") for rule in self.rules.of(name)]
        if not any(rule.recipe for rule, _ in rules):
            matching = self.rules.matching(name)
            rules += [matching] if matching else []
        for rule, stem in rules:
            needed = rule.prerequisites
            for prerequisite in _texts(needed, rule, self.source, self.general):
                yield from self._target(prerequisite.replace("%", stem, 1), depth + 1)
        for rule, stem in rules:
            yield from self.recipe(rule, name, stem)

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
