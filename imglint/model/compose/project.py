"""The services of a project: compose files merged in order, and `extends` followed.

How files are merged: https://docs.docker.com/reference/compose-file/merge/
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Final

from imglint.model.build import Pair
from imglint.model.compose.service import Base, Reader, Section, Service
from imglint.model.paths import join, parent
from imglint.record import NamedTuple
from imglint.source import Source
from imglint.syntax import yaml, yamlnode
from imglint.syntax.text import Text

MAX_FILES: Final = 50
"""How many files of one project are read, those that services extend included."""

MAX_EXTENDS: Final = 20
"""How many services may extend one another."""

MAX_INCLUDES: Final = 5
"""How many files may include one another."""

Find = Callable[[str], Source | None]
"""The file of a path relative to the root of the project."""


def load(files: Sequence[str], find: Find, variables: Mapping[str, Text]) -> dict[str, Service]:
    """The services of files in the order in which they are merged; a file that is not there adds nothing."""
    loader = _Loader(find, variables)
    merged: dict[str, Service] = {}
    for path in files[:MAX_FILES]:
        for name, service in loader.included(path, 0):
            merged.setdefault(name, service)
        for name, service in loader.services(path).items():
            whole = loader.extended(service, path)
            before = merged.get(name)
            merged[name] = loader.merge(before, whole) if before else whole
    return merged


class _Link(NamedTuple):
    """A service and the file that it is in."""

    service: Service
    path: str


class _Loader:
    """The files of a project, each read once."""

    def __init__(self, find: Find, variables: Mapping[str, Text]) -> None:
        self._find = find
        self._reader = Reader(variables)
        self._files: dict[str, dict[str, Service]] = {}

    def services(self, path: str) -> dict[str, Service]:
        """The services of one file."""
        if path not in self._files:
            source = self._find(path) if len(self._files) < MAX_FILES else None
            self._files[path] = self._reader.services(source.read_once("yaml", yaml.parse)) if source else {}
        return self._files[path]

    def included(self, path: str, depth: int) -> Iterator[tuple[str, Service]]:
        """The services of the files that a file includes, each in the directory of its own file.

        https://docs.docker.com/reference/compose-file/include/
        """
        source = self._find(path) if depth < MAX_INCLUDES and "include" in self._text(path) else None
        if source is None:
            return
        document = source.read_once("yaml", yaml.parse)
        for item in document.items(document.get(document.root, "include")):
            content = document.resolve(item)
            given = document.get(content, "path") if isinstance(content, yamlnode.Mapping) else content
            several = document.resolve(given)
            for node in document.items(several) if isinstance(several, yamlnode.Sequence) else (several,):
                scalar = document.resolve(node)
                name = join(parent(path), scalar.value) if isinstance(scalar, yamlnode.Scalar) else None
                if not name or "$" in name:
                    continue
                yield from self.included(name, depth + 1)
                for label, service in self.services(name).items():
                    yield label, _placed(self.extended(service, name), name, path)

    def _text(self, path: str) -> str:
        source = self._find(path)
        return source.text if source else ""

    def extended(self, service: Service, path: str) -> Service:
        """The service with what it takes from those it extends; its own values win."""
        chain = [_Link(service, path)]
        seen = {(path, service.name.text)}
        while (base := chain[-1].service.base) and len(chain) < MAX_EXTENDS:
            link = self._base(base, chain[-1].path)
            if link is None or (link.path, link.service.name.text) in seen:
                break
            seen.add((link.path, link.service.name.text))
            chain.append(link)
        whole = _opened(chain[-1].service) if base else chain[-1].service
        whole = _placed(whole, chain[-1].path, path)
        for link in reversed(chain[:-1]):
            whole = self.merge(whole, _placed(link.service, link.path, path))
        return whole._replace(name=service.name, place=service.place)

    def _base(self, base: Base, path: str) -> _Link | None:
        if base.file is not None:
            found = join(parent(path), base.file.value) if base.file.value else None
            if found is None:
                return None
            path = found
        name = base.service.value
        service = self.services(path).get(name) if name else None
        return _Link(service, path) if service else None

    def merge(self, first: Service, second: Service) -> Service:
        """Two declarations of one service, of which the second counts more."""
        return Service(
            second.name,
            first.place,
            second.image or first.image,
            second.platform or first.platform,
            self._pairs(first.labels, second.labels),
            self._sections(first.section, second.section),
            second.base,
            second.profiles or first.profiles,
        )

    def _sections(self, first: Section | None, second: Section | None) -> Section | None:
        if first is None or second is None:
            return second or first
        return Section(
            second.place,
            second.directory if second.context else first.directory,
            second.context or first.context,
            second.dockerfile or first.dockerfile,
            second.inline or first.inline,
            second.target or first.target,
            second.provenance or first.provenance,
            second.sbom or first.sbom,
            self._lists(first.tags, second.tags),
            self._lists(first.platforms, second.platforms),
            self._pairs(first.arguments, second.arguments),
            self._pairs(first.labels, second.labels),
            self._lists(first.bake_tags, second.bake_tags),
            self._lists(first.bake_platforms, second.bake_platforms),
            self._lists(first.bake_outputs, second.bake_outputs),
            first.open | second.open,
        )

    def _lists(self, first: tuple[Text, ...], second: tuple[Text, ...]) -> tuple[Text, ...]:
        """Lists are joined."""
        if not first or not self._reader.spend(len(first) + len(second)):
            return second
        return tuple({text.key: text for text in (*first, *second)}.values())

    def _pairs(self, first: tuple[Pair, ...], second: tuple[Pair, ...]) -> tuple[Pair, ...]:
        """Of a key the last value counts."""
        if not first or not self._reader.spend(len(first) + len(second)):
            return second
        return tuple({pair.key.key: pair for pair in (*first, *second)}.values())


def _opened(service: Service) -> Service:
    """A service whose base is not known."""
    section = service.section
    return service._replace(section=section._replace(open=frozenset(("*",)))) if section else service


def _placed(service: Service, path: str, project: str) -> Service:
    """A service of another file, whose context is relative to that file."""
    section = service.section
    if path == project or section is None or section.context is None or section.directory is not None:
        return service
    return service._replace(section=section._replace(directory=parent(path)))
