"""The inputs of a run, project by project, with the files around them that tell how they are built."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Final, TypeVar

from imglint.cli.run import CommandError, Run
from imglint.model.kind import Kind
from imglint.model.understanding import File
from imglint.project import Assumed, Project, assumed
from imglint.read.surroundings import project_root
from imglint.source import Source
from imglint.workspace import Group, Input, relative

if TYPE_CHECKING:
    from imglint.cli.headway import Counted

C = TypeVar("C", bound="Counted")

ALL_KINDS: Final = frozenset(Kind)


def projects(run: Run) -> Iterator[Group]:
    """Every project that the inputs belong to, in the order of their first files."""
    return run.workspace.groups(run.inputs())


def each_project(run: Run, judge: Callable[[Group], C], jobs: int | None = None) -> Iterator[C]:
    """What `judge` makes of every project that the inputs belong to, in the order of their first files.

    In as many processes as pay off unless `jobs` says how many; a terminal is told how far it is.
    """
    from imglint.cli.headway import Headway

    headway = Headway()
    groups = list(run.workspace.groups(headway.reading(run.inputs())))
    if len(groups) > 1:
        from imglint.cli.parallel import outcomes

        return headway.judging(outcomes(groups, judge, jobs))
    return headway.judging(map(judge, groups))


def command_group(run: Run, source: Source) -> Group:
    """A command that is typed in the working directory, with the Dockerfiles that it reads."""
    from imglint.model.build import Build
    from imglint.model.files import command_scene
    from imglint.model.resolve import resolve

    root = project_root(os.curdir) or os.curdir
    directory = relative(root, os.curdir)
    scene = command_scene("" if directory == "." else directory, source)
    settings = run.settings(os.curdir)
    if settings is None:
        raise CommandError("the configuration cannot be used")
    inputs = [Input(source, os.curdir, settings, Kind.SCRIPT, source.path)]
    files: list[File] = []
    find = run.workspace.finder(root)
    builds = (event for event in scene.events if isinstance(event, Build))
    for path in dict.fromkeys(resolve(build, lambda path: find(path) is not None).path for build in builds):
        found = find(path) if path else None
        if found is not None:
            files.append(File(path, Kind.DOCKERFILE, found))
            item_directory = os.path.dirname(found.path) or os.curdir
            inputs.append(Input(found, item_directory, run.settings(item_directory) or settings, path=found.path))

    def given(path: str) -> Assumed:
        return assumed(settings, named=False)._replace(published="never")

    project = Project(files, find, run.workspace.identity_finder(inputs[0]), given, (scene,))
    return Group(project, tuple(inputs))
