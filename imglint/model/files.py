"""Scripts and Makefiles as the scenes that they are."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from imglint.model.build import Event
from imglint.model.paths import parent
from imglint.model.scene import Scene
from imglint.model.script import Shell, run, worth_reading
from imglint.source import Source, Span
from imglint.syntax import makefile
from imglint.syntax.makevariable import Lookup, expand, variables
from imglint.syntax.text import Text, literal

MAX_EVENTS: Final = 5_000
"""Builds, tags and pushes of one file that are followed."""


def script_scene(path: str, source: Source) -> Scene:
    """What a script does. It may be called from the root of its project or from its own directory."""
    if not worth_reading(source.text):
        return Scene(source, ())
    own = parent(path)
    state = Shell(tuple(dict.fromkeys(("", own))), own)
    text = literal(source.text, source, Span(0, len(source.text)))
    return Scene(source, tuple(islice(run(text, state), MAX_EVENTS)))


def command_scene(directory: str, source: Source) -> Scene:
    """What a command does that is typed in a directory of the project, or a script that is piped in there."""
    state = Shell((directory,), directory)
    return Scene(source, tuple(islice(run(literal(source.text, source, Span(0, len(source.text))), state), MAX_EVENTS)))


def makefile_scene(path: str, source: Source) -> Scene:
    """What the recipes of a Makefile do, each line in a shell of its own, in the Makefile's directory."""
    if not worth_reading(source.text):
        return Scene(source, ())
    return Scene(source, tuple(islice(_recipes(parent(path), source), MAX_EVENTS)))


def _recipes(directory: str, source: Source) -> Iterator[Event]:
    read = makefile.parse(source)
    general = variables(read)
    special = {variable.target for variable in read.variables if variable.target}
    for rule in read.rules:
        own = next((target for target in rule.targets if target in special), "")
        lookup = variables(read, own) if own else general
        for recipe in rule.recipe:
            if not worth_reading(recipe.text.text):
                continue
            yield from run(expand(recipe.text, _with_target(lookup, rule, source)), Shell((directory,), directory))


def _with_target(lookup: Lookup, rule: makefile.Rule, source: Source) -> Lookup:
    """The variables of a recipe: `$@` is the rule's target where it has one."""

    def value(name: str) -> Text | None:
        if name == "@" and len(rule.targets) == 1 and "%" not in rule.targets[0]:
            return literal(rule.targets[0], source, rule.span, exact=False)
        return lookup(name)

    return value
