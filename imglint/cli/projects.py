"""The inputs of a run, project by project, with the files around them that tell how they are built."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from imglint.cli.run import CommandError, Input, Run
from imglint.model.kind import Kind, kind_of
from imglint.model.understanding import File
from imglint.project import Assumed, Project, assumed
from imglint.read.file import display
from imglint.read.surroundings import find_below, project_root, surrounding
from imglint.source import Source

ALL_KINDS: Final = frozenset(Kind)


class Group(NamedTuple):
    """A project, and those of its files that the user asked for."""

    project: Project
    inputs: tuple[Input, ...]


def projects(run: Run) -> Iterator[Group]:
    """Every project that the inputs belong to, in the order of their first files.

    The root of a project is the nearest directory upwards with `.git` or `.github`, else the directory that was
    searched. What is only around the files that were named is read too, and not judged.
    """
    groups: dict[str, list[Input]] = {}
    roots: dict[str, str | None] = {}
    for item in run.inputs():
        root = _root(item.directory, roots)
        groups.setdefault(item.top if root is None else root, []).append(item)
    while groups:
        # Each project is let go before the next is read.
        root = next(iter(groups))
        yield _group(run, root, groups.pop(root), marked=roots.get(root) is not None)


def _root(directory: str, known: dict[str, str | None]) -> str | None:
    if directory not in known:
        known[directory] = project_root(directory)
    return known[directory]


def _group(run: Run, root: str, inputs: list[Input], marked: bool) -> Group:
    by_path: dict[str, Input] = {}
    files: list[File] = []
    for item in inputs:
        path = _relative(root, item.path)
        by_path[path] = item
        files.append(File(path, item.kind, item.source))
    searched = any(not item.named and _relative(root, item.top) == "." for item in inputs)
    if marked and not searched:
        files.extend(_around(root, by_path))
    find = _finder(root)

    def given(path: str) -> Assumed:
        item = by_path.get(path)
        return assumed(item.settings, item.named) if item else Assumed({}, published="never")

    def holds(path: str) -> bool:
        return os.path.lexists(os.path.join(root, path))

    project = Project(files, find, run.identity_finder(inputs[0]), given, holds=holds, rooted=marked or searched)
    return Group(project, tuple(inputs))


def command_group(run: Run, source: Source) -> Group:
    """A command that is typed in the working directory, with the Dockerfiles that it reads."""
    from imglint.model.build import Build
    from imglint.model.files import command_scene
    from imglint.model.resolve import resolve

    root = project_root(os.curdir) or os.curdir
    directory = _relative(root, os.curdir)
    scene = command_scene("" if directory == "." else directory, source)
    settings = run.settings(os.curdir)
    if settings is None:
        raise CommandError("the configuration cannot be used")
    inputs = [Input(source, os.curdir, settings, Kind.SCRIPT, source.path)]
    files: list[File] = []
    find = _finder(root)
    builds = (event for event in scene.events if isinstance(event, Build))
    for path in dict.fromkeys(resolve(build, lambda path: find(path) is not None).path for build in builds):
        found = find(path) if path else None
        if found is not None:
            files.append(File(path, Kind.DOCKERFILE, found))
            item_directory = os.path.dirname(found.path) or os.curdir
            inputs.append(Input(found, item_directory, run.settings(item_directory) or settings, path=found.path))

    def given(path: str) -> Assumed:
        return assumed(settings, named=False)._replace(published="never")

    project = Project(files, find, run.identity_finder(inputs[0]), given, (scene,))
    return Group(project, tuple(inputs))


def _finder(root: str) -> Callable[[str], Source | None]:
    """What reads a file below a root by its path, once."""
    known: dict[str, Source | None] = {}

    def find(path: str) -> Source | None:
        if path not in known:
            known[path] = find_below(root, path)
        return known[path]

    return find


def _around(root: str, by_path: dict[str, Input]) -> Iterator[File]:
    directories = dict.fromkeys(os.path.dirname(path) for path in by_path)
    for path in surrounding(root, directories):
        kind = kind_of(f"/{path}")
        if path not in by_path and kind is not None:
            source = find_below(root, path)
            if source is not None:
                yield File(path, kind, source)


def _relative(root: str, path: str) -> str:
    """A path from the root, with forward slashes."""
    return display(os.path.relpath(path, root))
