"""All targets and groups of a call's files, and what a target is in the end.

Order as in buildx, bake/bake.go: compose files come first, then HCL and JSON together, each in the order given.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from fnmatch import fnmatchcase
from functools import partial
from typing import Final

from imglint.model.bake import definition, override
from imglint.model.bake.definition import Block
from imglint.model.bake.override import Override
from imglint.model.bake.scope import Scope, combinations
from imglint.model.bake.target import Target, declared, items_of, merge, of_service
from imglint.model.compose import dotenv_beside
from imglint.model.compose.project import Find, load
from imglint.source import Source
from imglint.syntax.hclvalue import Null, text_of
from imglint.syntax.text import HOLE, Place, Text

MAX_TARGETS: Final = 1_000
"""How many targets are looked at."""

MAX_MATRIX: Final = 64
"""How many targets one matrix gives."""

MAX_DEPTH: Final = 50
"""How many targets or groups may hang on one another."""

MAX_MERGED: Final = 500_000
"""About how many pairs and items are merged in all; a target that comes after that is open."""

DEFAULT: Final = "default"
"""The group or target that is built when none is named."""


class Config:
    """The targets and groups of files. `vague` are the groups of which not all targets are known, by their places.

    What a target says is evaluated when somebody asks for it: most calls build few of the targets of their files.
    """

    def __init__(self) -> None:
        self._declared: dict[str, list[Callable[[], Target]]] = {}
        self._targets: dict[str, Target] = {}
        self.groups: dict[str, tuple[str, ...]] = {}
        self.vague: dict[str, Place] = {}
        self._overrides: tuple[Override, ...] = ()
        self._resolved: dict[str, Target | None] = {}
        self._left = MAX_MERGED

    def declare(self, name: str, make: Callable[[], Target]) -> None:
        """One more declaration of a target, which counts more than those before."""
        if name in self._declared or len(self._declared) < MAX_TARGETS:
            self._declared.setdefault(name, []).append(make)

    def add(self, target: Target) -> None:
        """The same of a target that is known already."""
        self.declare(target.name, lambda: target)

    @property
    def names(self) -> Collection[str]:
        """The names of all targets, in the order in which they are declared."""
        return self._declared.keys()

    def target(self, name: str) -> Target | None:
        """What the declarations of a target come to, without what it inherits."""
        declarations = self._declared.get(name, [])
        for make in declarations:
            target, before = make(), self._targets.get(name)
            self._left -= target.size + (before.size if before else 0)
            if self._left >= 0:
                self._targets[name] = merge(before, target) if before else target
        declarations.clear()
        return self._targets.get(name)

    def override(self, overrides: Sequence[Override]) -> None:
        """What `--set` changes."""
        self._overrides = tuple(overrides)

    def resolve(self, name: str, depth: int = 0) -> Target | None:
        """The target with what it inherits and with its overrides; None when there is none, or it inherits itself."""
        if name in self._resolved:
            return self._resolved[name]
        own = self.target(name)
        self._resolved[name] = None
        if own is None:
            return None
        whole = Target(name, own.place)
        for base in own.inherits:
            other = self.resolve(base.text, depth + 1) if depth < MAX_DEPTH else None
            self._left -= whole.size + (other.size if other else 0)
            if base.text not in self.names or depth == MAX_DEPTH or self._left < 0:
                whole = whole._replace(open=frozenset(("*",)))
            elif other:
                whole = merge(whole, other._replace(inherits=()))
        whole = merge(whole, own)
        chosen = [each for each in self._overrides if each.is_for(name, self.names)]
        self._resolved[name] = override.apply(whole, chosen)
        return self._resolved[name]

    def expand(self, pattern: str) -> tuple[str, ...]:
        """The names of the targets that a name on the command line stands for: a group, a target or a pattern."""
        return tuple(name for name in self._reached(pattern)[0] if name in self.names)

    def gaps(self, pattern: str) -> Iterator[tuple[str, Place]]:
        """The groups among what a name stands for that may have further targets."""
        yield from ((group, self.vague[group]) for group in self._reached(pattern)[1] if group in self.vague)

    def _reached(self, pattern: str) -> tuple[dict[str, None], dict[str, None]]:
        """The names that are no groups, and the groups, that a name stands for."""
        names = [pattern.replace(".", "_")]
        if any(character in pattern for character in "*?["):
            wanted = pattern.replace("[^", "[!")
            names = [name for name in (*self.groups, *self.names) if fnmatchcase(name, wanted)]
        found: dict[str, None] = {}
        seen: dict[str, None] = {}
        waiting = names[::-1]
        while waiting:
            each = waiting.pop()
            if each not in self.groups:
                found.setdefault(each)
            elif each not in seen:
                seen[each] = None
                members = self.groups[each]
                found.update({each: None} if each in members else {})  # the target of the same name
                waiting += reversed(members)
        return found, seen


def build(files: Mapping[str, Source], variables: Mapping[str, Text] | None, find: Find) -> Config:
    """What files, by their paths, define; `variables` are the environment, None when nothing calls the files."""
    composed: dict[str, Source] = {}
    others: list[definition.File] = []
    for path, source in files.items():
        if is_compose(path, source):
            composed[path] = source
        else:
            others.append(source.read_once("bake", definition.read))
    config = Config()
    if composed:
        _add_services(config, composed, variables or {}, find)
    scope = Scope(others, variables)
    groups: dict[str, tuple[str, ...]] = {}
    for file in others:
        for block in file.blocks:
            if block.type == "target":
                _add_target(config, block, scope, groups)
            elif block.type == "group":
                _add_group(config, block, scope)
    for name, members in groups.items():
        config.groups.setdefault(name, members)
    return config


def is_compose(path: str, source: Source) -> bool:
    """Whether bake takes a file for one of compose: by its name, or by how it begins."""
    path = path.lower()
    if path.endswith((".yml", ".yaml", ".json", ".hcl")):
        return path.endswith((".yml", ".yaml"))
    return "\nservices:" in "\n" + source.text


def _add_services(config: Config, files: Mapping[str, Source], variables: Mapping[str, Text], find: Find) -> None:
    known = dotenv_beside(next(iter(files)), dict(variables), find)
    found = load(tuple(files), lambda path: files.get(path) or find(path), known)
    targets = [target for target in map(of_service, found.values()) if target]
    for target in targets:
        config.add(target)
    if found:
        config.groups[DEFAULT] = tuple(target.name for target in targets)


def _add_target(config: Config, block: Block, scope: Scope, groups: dict[str, tuple[str, ...]]) -> None:
    """The target of a block, or the targets of its matrix and the group of them."""
    matrix = block.attributes.get("matrix")
    if matrix is None:
        config.declare(block.label.text, lambda: declared(block, block.label.text, scope, {}))
        return
    label = block.label.text
    members: list[str] = []
    naming = block.attributes.get("name")
    for number, own in enumerate(combinations(scope.value(matrix, {}), MAX_MATRIX)):
        name = text_of(scope.value(naming, own)) if naming else None
        known = name.value if name else label
        members.append(known or f"{label}{HOLE}{number}")
        config.declare(members[-1], partial(declared, block, members[-1], scope, own))
    if members != [label]:
        groups[label] = (*groups.get(label, ()), *members)


def _add_group(config: Config, block: Block, scope: Scope) -> None:
    """The group of a block: all targets and groups that it may have, whichever way they are chosen."""
    given = block.attributes.get("targets")
    members: list[str] = []
    config.vague.pop(block.label.text, None)
    for item in items_of(scope.value(given, {})) if given else ():
        text = text_of(item) if item is not None else None
        if text is not None and text.value is not None:
            members.append(text.value)
        elif given and not isinstance(item, Null):
            config.vague[block.label.text] = given.place
    config.groups[block.label.text] = tuple(dict.fromkeys(members))
