"""Builds of compose files: `docker compose build` and `push`, and files that nothing calls."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Final

from imglint.model.build import Base, Build, ComposeCall, Pair, Route
from imglint.model.commands.docker import platforms
from imglint.model.compose import dotenv
from imglint.model.compose.project import Find, load
from imglint.model.compose.service import Reader, Section, Service
from imglint.model.paths import join, parent
from imglint.source import Source, Span
from imglint.syntax import yaml
from imglint.syntax.text import HOLE, Place, Text

__all__ = ["DEFAULT_FILES", "OVERRIDE_FILES", "Service", "read_call", "read_file", "services"]

DEFAULT_FILES: Final = ("compose.yaml", "compose.yml", "docker-compose.yml", "docker-compose.yaml")
"""The files that are looked for when none is named, likeliest first (compose-go, cli/options.go)."""

OVERRIDE_FILES: Final = (
    "compose.override.yml", "compose.override.yaml", "docker-compose.override.yml", "docker-compose.override.yaml",
)  # fmt: skip
"""The files of which the first is then merged over it."""

TOOL: Final = "docker compose build"


def services(document: yaml.Document) -> tuple[Service, ...]:
    """The services of a file as they are declared in it; `extends` is not followed."""
    return tuple(Reader({}).services(document).values())


def read_file(path: str, source: Source, find: Find) -> tuple[Build, ...]:
    """The builds of a file that nothing calls, with the override file beside it if it is a default file."""
    files = (path, *_override(path, find))
    found = load(files, lambda other: source if other == path else find(other), dotenv_beside(path, {}, find))
    call = ComposeCall(Place(source, Span(0, 0)), (parent(path),), (), (), True, False)
    return _builds(tuple(found.values()), call, parent(path), ())


def read_call(call: ComposeCall, find: Find) -> tuple[Build, ...]:
    """The builds that a call makes, or whose images it pushes; none when its files are unknown or not there."""
    files = _files(call, find)
    if not files:
        return ()
    found = load(files, find, _variables(call, files[0], find))
    names = [name.value for name in call.services]
    active = {profile.text for profile in call.profiles}
    chosen = [
        service
        for name, service in found.items()
        if (name in names if names else _is_active(service, active, dict(call.variables)))
    ]
    return _builds(chosen, call, parent(files[0]), (call.place,))


def _is_active(service: Service, active: set[str], variables: dict[str, Text]) -> bool:
    """Whether a service counts that is not named: it has no profile, or one that is active or may be."""
    if not service.profiles or "*" in active or any(HOLE in profile for profile in active):
        return True
    given = variables.get("COMPOSE_PROFILES")
    if given is not None:
        active = active | {part.text.strip() for part in given.split(",")}
    return not active.isdisjoint(service.profiles) or (given is not None and given.value is None)


def _variables(call: ComposeCall, path: str, find: Find) -> Mapping[str, Text]:
    """The environment of a call, over the variables of its `.env` files."""
    variables = dict(call.variables)
    if not call.env_files:
        return dotenv_beside(path, variables, find)
    for file in reversed(call.env_files):
        names = [join(directory, file.value) for directory in call.directories] if file.value else []
        source = next((source for name in names if name and (source := find(name))), None)
        variables = dotenv.read(source, variables) if source else variables
    return variables


def dotenv_beside(path: str, variables: dict[str, Text], find: Find) -> Mapping[str, Text]:
    """Variables over those of the `.env` file in the directory of a compose file."""
    source = find(posixpath.join(parent(path), dotenv.NAME))
    return dotenv.read(source, variables) if source else variables


def _files(call: ComposeCall, find: Find) -> tuple[str, ...]:
    """The files that a call reads: in the first of its directories that has them."""
    names = [file.value for file in call.files]
    for directory in call.directories:
        if not names:
            found = _default_files(directory, find)
        else:
            joined = [join(directory, name) if name else None for name in names]
            found = tuple(path for path in joined if path is not None and find(path))
        if found and len(found) >= len(names):
            return found
    return ()


def _default_files(directory: str, find: Find) -> tuple[str, ...]:
    """The default file of a directory or else of those above it, and its override file."""
    while True:
        for name in DEFAULT_FILES:
            path = posixpath.join(directory, name)
            if find(path):
                return (path, *_override(path, find))
        if not directory:
            return ()
        directory = parent(directory)


def _override(path: str, find: Find) -> tuple[str, ...]:
    if posixpath.basename(path) not in DEFAULT_FILES:
        return ()
    candidates = (posixpath.join(parent(path), name) for name in OVERRIDE_FILES)
    return tuple(candidate for candidate in candidates if find(candidate))[:1]


def _builds(found: Sequence[Service], call: ComposeCall, directory: str, calls: tuple[Place, ...]) -> tuple[Build, ...]:
    """The builds of services. `push` alone pushes only services that name an image."""
    return tuple(
        _build(service, service.section, call, directory, calls)
        for service in found
        if service.section and (call.builds or service.image)
    )


def _build(service: Service, section: Section, call: ComposeCall, directory: str, calls: tuple[Place, ...]) -> Build:
    own = section.platforms or ((service.platform,) if service.platform else ())
    return Build(
        TOOL,
        Route.COMPOSE,
        section.place,
        (directory if section.directory is None else section.directory,),
        call.mounts,
        context=section.context,
        dockerfile=section.dockerfile,
        base=Base.CONTEXT,
        inline=section.inline,
        target=section.target,
        tags=(*((service.image,) if service.image else ()), *section.tags),
        platforms=platforms(own),
        arguments=_overridden(section.arguments, call.arguments),
        labels=section.labels,
        push=call.push,
        provenance=section.provenance,
        sbom=section.sbom,
        open=section.open | call.open,
        calls=calls,
    )


def _overridden(pairs: tuple[Pair, ...], others: tuple[Pair, ...]) -> tuple[Pair, ...]:
    """Arguments of the file and of the command line, of which the latter count."""
    return tuple({pair.key.key: pair for pair in (*pairs, *others)}.values()) if others else pairs
