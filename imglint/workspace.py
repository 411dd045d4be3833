"""What holds for files by where they lie, and the projects that they make up with what is around them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from typing import TYPE_CHECKING, TypeAlias

from imglint.catalog import Catalog
from imglint.config import ConfigError, Overrides, Settings
from imglint.engine import Engine, Request
from imglint.model.kind import Kind, kind_of
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity, identify
from imglint.model.understanding import File
from imglint.read import rules as rules_on_disk
from imglint.read.configfile import Loader
from imglint.read.file import display
from imglint.read.git import remotes, worktree_root
from imglint.read.surroundings import at_once, find_below, project_root, surrounding
from imglint.record import NamedTuple
from imglint.source import Source

if TYPE_CHECKING:
    from imglint.model.about import About
    from imglint.project import Assumed, Project
    from imglint.read.surroundings import Look

Opened: TypeAlias = Callable[[str], Source | None]
"""What gives the text that somebody is writing, by its absolute path, and None for a file that is as on the disk."""


class Input(NamedTuple):
    """A file to look at: what it is read as, the directory it is in (as the system has it), and its settings.

    `path` opens it; `named` tells that the user named it; `top` is the directory that was searched. `stdin` tells that
    it is standard input under the path that the user gave it.
    """

    source: Source
    directory: str
    settings: Settings
    kind: Kind = Kind.DOCKERFILE
    path: str = ""
    named: bool = True
    top: str = ""
    stdin: bool = False


class Group(NamedTuple):
    """A project, and those of its files that the user asked for."""

    project: Project
    inputs: tuple[Input, ...]


class Workspace:
    """The settings, registries, repositories and projects of files, each read once.

    `overrides` are the values of flags, `config_file` is used in place of the configuration that would be found.
    """

    def __init__(
        self,
        overrides: Overrides | None = None,
        config_file: str | None = None,
        look: Look = at_once,
        opened: Opened = lambda path: None,
    ) -> None:
        self.catalog = Catalog(rules_on_disk.rule_families(), rules_on_disk.rule_page)
        self.engine = Engine(self.catalog)
        self._loader = Loader(overrides, config_file)
        self._look = look
        self._opened = opened
        self._about: dict[str, About] = {}
        self._profiles: dict[str, RegistryProfile] = {}
        self._roots: dict[str, str | None] = {}
        self._marked: set[str] = set()
        self._worktrees: dict[str, str | None] = {}
        self._identities: dict[tuple[str | None, str | None, str], Identity | None] = {}

    def settings(self, directory: str) -> Settings:
        """The settings of the files in a directory. Raises `ConfigError` when they cannot be used."""
        settings = self._loader.settings(directory)
        self.engine.chosen(settings)
        self.profile(settings)
        return settings

    def profile(self, settings: Settings) -> RegistryProfile:
        """The registry that the settings name. Raises `ConfigError` when there is none of that name."""
        name = settings.registry
        if name not in self._profiles:
            profile = rules_on_disk.registry_profile(name)
            if profile is None:
                known = ", ".join(rules_on_disk.registry_names())
                reason = f"`registry`: there is no profile of `{name}`; there is one of {known}"
                raise ConfigError(settings.origins["registry"].where, [reason])
            self._profiles[name] = profile
        return self._profiles[name]

    def request(self, item: Input) -> Request:
        """What holds for a file whose findings are asked for."""
        return Request(
            item.source,
            item.settings,
            self.profile(item.settings),
            self.identity_finder(item),
            self.about_finder(item.directory),
        )

    def identity_finder(self, item: Input) -> Callable[[], Identity | None]:
        """What finds the repository that a file belongs to, once for each worktree."""

        def find() -> Identity | None:
            configured = item.settings.repository
            origin = item.settings.origins["repository"].words
            key = (self._worktree(item.directory), configured, origin)
            if key not in self._identities:
                self._identities[key] = identify(configured, os.environ, remotes(item.directory), origin)
            return self._identities[key]

        return find

    def about_finder(self, directory: str) -> Callable[[], About]:
        """What reads what the project around a directory says of itself, once for each."""

        def find() -> About:
            if directory not in self._about:
                from imglint.read.about import about

                self._about[directory] = about(directory)
            return self._about[directory]

        return find

    def _worktree(self, directory: str) -> str | None:
        """The root of the worktree that a directory is in; what its parent is in, mostly, and that is known."""
        if directory not in self._worktrees:
            parent, name = os.path.split(directory)
            own = not parent or not name or name == os.pardir or os.path.islink(directory)
            if own or os.path.lexists(os.path.join(directory, ".git")):
                self._worktrees[directory] = worktree_root(directory)
            else:
                self._worktrees[directory] = self._worktree(parent)
        return self._worktrees[directory]

    # Projects ------------------------------------------------------------------------------------------------------

    def root(self, directory: str) -> str | None:
        """The root of the project that a directory is in, None when nothing marks one."""
        if directory not in self._roots:
            root = self._roots[directory] = project_root(directory)
            if root is not None:
                self._marked.add(root)
        return self._roots[directory]

    def groups(self, inputs: Iterable[Input]) -> Iterator[Group]:
        """Every project that the inputs belong to, in the order of their first files.

        The root of a project is the nearest directory upwards with `.git` or `.github`, else the directory that was
        searched. What is only around the files that were named is read too, and not judged.
        """
        gathered = self.gathered(inputs)
        while gathered:
            # Each project is let go before the next is read.
            root = next(iter(gathered))
            yield self.group(root, gathered.pop(root))

    def gathered(self, inputs: Iterable[Input]) -> dict[str, list[Input]]:
        """The inputs by the roots of their projects."""
        gathered: dict[str, list[Input]] = {}
        for item in inputs:
            root = self.root(item.directory)
            gathered.setdefault(item.top if root is None else root, []).append(item)
        return gathered

    def group(self, root: str, inputs: list[Input]) -> Group:
        """The project with that root, with those inputs in it."""
        from imglint.project import Assumed, Project, assumed

        by_path: dict[str, Input] = {}
        files: list[File] = []
        for item in inputs:
            path = relative(root, item.path)
            by_path[path] = item
            files.append(File(path, item.kind, item.source))
        marked = root in self._marked
        searched = any(relative(root, top) == "." for top in {item.top for item in inputs if not item.named})
        find = self.finder(root)
        if marked and not searched:
            files.extend(_around(root, by_path, find, self._look))

        def given(path: str) -> Assumed:
            item = by_path.get(path)
            return assumed(item.settings, item.named) if item else Assumed({}, published="never")

        def holds(path: str) -> bool:
            whole = os.path.join(root, path)
            return self._look(whole, os.path.lexists) or self._opened(os.path.abspath(whole)) is not None

        project = Project(files, find, self.identity_finder(inputs[0]), given, holds=holds, rooted=marked or searched)
        return Group(project, tuple(inputs))

    def finder(self, root: str) -> Callable[[str], Source | None]:
        """What reads a file below a root by its path, once."""
        known: dict[str, Source | None] = {}

        def find(path: str) -> Source | None:
            if path not in known:
                opened = self._opened(os.path.abspath(os.path.join(root, path)))
                known[path] = opened or find_below(root, path, self._look)
            return known[path]

        return find


def _around(root: str, by_path: dict[str, Input], find: Callable[[str], Source | None], look: Look) -> Iterator[File]:
    directories = dict.fromkeys(os.path.dirname(path) for path in by_path)
    for path in surrounding(root, directories, look, by_path):
        kind = kind_of(f"/{path}")
        if kind is not None:
            source = find(path)
            if source is not None:
                yield File(path, kind, source)


def relative(root: str, path: str) -> str:
    """A path from the root, with forward slashes."""
    return display(os.path.relpath(path, root))
