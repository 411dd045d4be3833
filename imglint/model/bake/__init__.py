"""Builds of `docker buildx bake`: those of a call, and those of files that nothing calls."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from imglint.model.bake import definition, override
from imglint.model.bake.config import DEFAULT, Config, build
from imglint.model.bake.target import Target, of_metadata
from imglint.model.build import BakeCall, Base, Build, Output, Route, Unseen
from imglint.model.commands import docker
from imglint.model.compose import DEFAULT_FILES as COMPOSE_FILES
from imglint.model.compose.project import Find
from imglint.model.paths import join, parent
from imglint.source import Source, Span
from imglint.syntax import hcl, yaml, yamlnode
from imglint.syntax.text import Place, Text

__all__ = ["DEFAULT_FILES", "problems", "read_call", "read_file"]

DEFAULT_FILES: Final = (
    *COMPOSE_FILES,
    "docker-bake.json",
    "docker-bake.hcl",
    "docker-bake.override.json",
    "docker-bake.override.hcl",
)
"""The files that are read when none is named, all that are there, in this order (buildx, bake/bake.go)."""

TOOL: Final = "docker buildx bake"

MAX_CONTEXTS: Final = 4
"""Targets that are contexts of one another and are followed."""

_REMOTE: Final = r"(?:https?|git|ssh)://|git@|github\.com/|[^/]*\{\{"
_FILLED: Final = frozenset(("tags", "labels", "annotations", "arguments"))


def problems(source: Source) -> tuple[yamlnode.Problem, ...]:
    """Where a file is not HCL or not JSON, and why."""
    if definition.is_json(source):
        return source.read_once("yaml", yaml.parse).problems
    return tuple(
        yamlnode.Problem("limit" if each.code in ("hcl-size", "hcl-depth") else "syntax", each.span, each.reason)
        for each in source.read_once("hcl", hcl.parse).problems
    )


def read_file(path: str, source: Source, find: Find) -> tuple[Build, ...]:
    """The builds of a file that nothing calls: the default ones, else all that are not only inherited from.

    A target of which nothing is said is taken to be filled by another file, as docker/metadata-action's is.
    """
    config = build({path: source}, None, find)
    for target in filter(None, map(config.target, tuple(config.names))):
        if target.is_empty:
            config.add(target._replace(open=_FILLED))
    call = BakeCall(TOOL, Place(source, Span(0, 0)), (parent(path),), (), ())
    if DEFAULT in config.groups or DEFAULT in config.names:
        return _builds(config, config.expand(DEFAULT), call, call.directories, ())
    targets = list(filter(None, map(config.target, config.names)))
    bases = {base.text for target in targets for base in target.inherits}
    names = [target.name for target in targets if target.tags or target.name not in bases]
    return _builds(config, names, call, call.directories, ())


def read_call(call: BakeCall, find: Find) -> tuple[Build | Unseen, ...]:
    """The builds that a call makes, and what is not known of them: its files or targets may not be there."""
    if call.targets and re.match(_REMOTE, call.targets[0].text):
        return ()
    found = _files(call, find)
    if found is None:
        return (
            (Unseen(call.place, f"what {call.tool} builds: its files are not here"),) if call.push is not False else ()
        )
    directory, files = found
    config = build(files, dict(call.variables), find)
    for metadata in call.definitions:
        config.add(of_metadata(metadata, call.place))
    overrides, more = override.read(call.overrides)
    config.override(overrides)
    names = [name.value for name in call.targets] if call.targets else [DEFAULT]
    chosen = dict.fromkeys(target for name in names if name for target in config.expand(name))
    if more:
        call = call._replace(open=frozenset(("*",)))
    directories = dict.fromkeys((directory, *call.directories))
    builds = _builds(config, chosen, call, tuple(directories), (call.place,))
    if all(build.push is False for build in builds) and call.push is False:
        return builds
    return (*builds, *_gaps(config, names, call))


def _gaps(config: Config, names: Iterable[str | None], call: BakeCall) -> Iterator[Unseen]:
    """What a call may build beside what is known."""
    if "targets" in call.open or None in names:
        yield Unseen(call.place, f"targets of {call.tool} whose names are not known here")
    groups = dict.fromkeys(gap for name in names if name for gap in config.gaps(name))
    for group, place in groups:
        yield Unseen(place, f"targets of the group `{group}` that are not known here")


def _files(call: BakeCall, find: Find) -> tuple[str, dict[str, Source]] | None:
    """The first directory of a call in which its files are, and the files.

    Where docker/metadata-action wrote definitions, a name that is unknown is that of its file.
    """
    names = [file.value for file in call.files]
    if call.definitions:
        names = [name for name in names if name is not None]
    for directory in call.directories:
        wanted = names or ([] if call.files and not call.definitions else list(DEFAULT_FILES))
        paths = [join(directory, name.removeprefix("cwd://")) if name else None for name in wanted]
        found = {path: source for path in paths if path and (source := find(path))}
        if found and (not names or len(found) == len(set(paths))):
            return directory, found
    return None


def _builds(
    config: Config, names: Iterable[str], call: BakeCall, directories: tuple[str, ...], calls: tuple[Place, ...]
) -> tuple[Build, ...]:
    def made(target: Target, depth: int = 0) -> Build:
        build = _build(target, call, directories, calls)
        contexts: list[tuple[str, Build | None]] = []
        for pair in target.contexts:
            kind, _, name = (pair.value.text if pair.value else "").partition(":")
            other = config.resolve(name) if kind == "target" and depth < MAX_CONTEXTS else None
            contexts.append((pair.key.text, made(other, depth + 1) if other else None))
        return build._replace(contexts=tuple(contexts))

    targets = [target for name in names if (target := config.resolve(name))]
    return tuple(map(made, targets))


def _build(target: Target, call: BakeCall, directories: tuple[str, ...], calls: tuple[Place, ...]) -> Build:
    context, remote = _local(target.context)
    dockerfile, outside = _local(target.dockerfile)
    outputs = target.outputs or ()
    switch = target.push if call.push is False else call.push
    attestations = target.attestations
    return Build(
        call.tool,
        Route.BAKE,
        target.place,
        directories,
        call.mounts,
        context=context,
        checkout=call.checkout and not remote and (context is None or context.text == "."),
        dockerfile=dockerfile,
        base=Base.DIRECTORY if outside else Base.CONTEXT,
        inline=target.inline,
        target=target.target,
        tags=tuple(dict.fromkeys(target.tags or ())),
        platforms=docker.platforms(tuple(dict.fromkeys(target.platforms or ()))),
        arguments=target.arguments,
        labels=target.labels,
        annotations=tuple(map(docker.annotation, tuple(dict.fromkeys(target.annotations)))),
        outputs=outputs,
        push=_pushes(switch, outputs, "outputs" in target.open),
        load=target.load if call.load is False else call.load,
        provenance=call.provenance or docker.attested("provenance", attestations),
        sbom=call.sbom or docker.attested("sbom", attestations),
        driver=call.driver,
        open=target.open | call.open,
        calls=calls,
    )


def _local(path: Text | None) -> tuple[Text | None, bool]:
    """A path, and whether it is one of the machine that runs bake even when the files are remote (`cwd://`)."""
    if path is None or not path.text.startswith("cwd://"):
        return path, False
    rest = path.cut(len("cwd://"))
    return (rest if rest.text else None), True


def _pushes(switch: bool | None, outputs: tuple[Output, ...], more: bool) -> bool | None:
    """Whether a target is pushed: `--push` pushes only where no output says that the result is no image."""
    kinds = {each.kind for each in outputs}
    if switch and not more and kinds - {"docker"} and not kinds & {"image", "registry", None}:
        return False
    return docker.pushes(switch, outputs, more)
