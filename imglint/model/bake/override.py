"""What `--set` changes in targets: https://docs.docker.com/build/bake/overrides/."""

from __future__ import annotations

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from imglint.model.bake.target import Target, merged
from imglint.model.build import Pair
from imglint.model.commands import docker
from imglint.model.commands.flags import boolean
from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Text

MAX_OVERRIDES: Final = 500
"""How many values of `--set` are read."""


class Override(NamedTuple):
    """One `--set TARGET.FIELD=VALUE`. `field` is without its sub-key, which `key` is; `appends` for `+=`."""

    pattern: str
    field: str
    key: Text | None
    appends: bool
    value: Text | None
    whole: Text

    def is_for(self, name: str, names: Iterable[str]) -> bool:
        """Whether it changes the target of a name; a pattern that is itself one of the names is no pattern."""
        if self.pattern == name:
            return True
        return self.pattern not in names and fnmatchcase(name, self.pattern.replace("[^", "[!"))


def read(texts: Iterable[Text]) -> tuple[tuple[Override, ...], bool]:
    """The overrides, and whether there may be more of them: one of unknown target or field may be anything."""
    found: list[Override] = []
    more = False
    for number, text in enumerate(texts):
        name, value = text.partition("=")
        if HOLE in name.text or number == MAX_OVERRIDES:
            more = True
            if number == MAX_OVERRIDES:
                break
            continue
        appends = name.text.endswith("+")
        parts = (name.cut(0, len(name.text) - 1) if appends else name).text.split(".", 2)
        if len(parts) < 2:
            continue
        begin = len(parts[0]) + len(parts[1]) + 2
        key = text.cut(begin, begin + len(parts[2])) if len(parts) > 2 else None
        found.append(Override(parts[0], parts[1], key, appends, value, text))
    return tuple(found), more


def apply(target: Target, overrides: Iterable[Override]) -> Target:
    """The target with the overrides that are for it. Several of one list are put together."""
    lists: dict[str, list[Text]] = {}
    appends: dict[str, bool] = {}
    for override in overrides:
        if override.field in ("tags", "platform", "output", "annotations", "attest"):
            if override.value is not None:
                lists.setdefault(override.field, []).append(override.value)
                appends[override.field] = override.appends
        else:
            target = _single(target, override)
    for field, values in lists.items():
        target = _list(target, field, tuple(value for value in values if value.text), appends[field])
    return target


def _single(target: Target, override: Override) -> Target:
    field, key, value = override.field, override.key, override.value
    if key is not None and field in ("args", "labels"):
        pair = Pair(key, value, override.whole.cut(override.whole.text.index(".", len(override.pattern) + 1) + 1))
        if field == "args":
            return target._replace(arguments=merged(target.arguments, (pair,)))
        return target._replace(labels=merged(target.labels, (pair,)))
    if value is None:
        return target
    if field == "context":
        return target._replace(context=value)
    if field == "dockerfile":
        return target._replace(dockerfile=value)
    if field == "target":
        return target._replace(target=value)
    if field == "push":
        return target._replace(push=boolean(value))
    return target._replace(load=boolean(value)) if field == "load" else target


def _list(target: Target, field: str, values: tuple[Text, ...], appends: bool) -> Target:
    if field == "annotations":
        return target._replace(annotations=(*target.annotations, *values))
    if field == "attest":
        return target._replace(attestations=(*target.attestations, *values))
    name = {"output": "outputs", "tags": "tags", "platform": "platforms"}[field]
    opened = target.open if appends else target.open - {name}
    if field == "output":
        outputs = tuple(map(docker.output, values))
        return target._replace(outputs=(*(target.outputs or ()), *outputs) if appends else outputs, open=opened)
    if field == "tags":
        return target._replace(tags=(*(target.tags or ()), *values) if appends else values, open=opened)
    return target._replace(platforms=(*(target.platforms or ()), *values) if appends else values, open=opened)
