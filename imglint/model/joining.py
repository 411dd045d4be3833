"""The scenes of a whole project joined: what one job builds, another may merge, copy or call again."""

from __future__ import annotations

from collections.abc import Iterable

from imglint.model.build import Copying, Merge, Pushing, Unseen
from imglint.model.built import Merged
from imglint.model.scene import Pushed, Scene, copied, join, with_copies, with_merges
from imglint.record import NamedTuple
from imglint.source import Source
from imglint.syntax.text import Place


class Whole(NamedTuple):
    """The builds of a project and its merges; pushes and copies of what it does not build, and what cannot be told."""

    builds: tuple[Pushed, ...]
    merges: tuple[Merged, ...]
    foreign: tuple[Pushing, ...]
    unseen: tuple[Unseen, ...]


class _File(NamedTuple):
    """What the scenes of one file come to, or those of the workflows that it calls."""

    pushed: list[Pushed]
    merges: list[Merge]
    copies: list[Copying]


def join_project(scenes: Iterable[Scene]) -> Whole:
    """Join the scenes of a project, those of each file first."""
    files: dict[Source, _File] = {}
    foreign: list[Pushing] = []
    unseen: dict[Unseen, None] = {}
    for scene in scenes:
        joined = join(scene.events)
        file = files.setdefault(scene.run or scene.source, _File([], [], []))
        file.pushed.extend(joined.builds)
        file.merges.extend(joined.merges)
        file.copies.extend(joined.copies)
        foreign.extend(joined.foreign)
        foreign.extend(Pushing(copy.name, copy.place) for copy in joined.copies)
        unseen.update(dict.fromkeys(joined.unseen))
    called = _called(files.values())
    builds: list[Pushed] = []
    found: list[Merged] = []
    for file in files.values():
        merges = with_copies(file.merges, file.copies)
        kept: list[Pushed] = []
        for each in dict.fromkeys(with_merges(copied(file.pushed, file.copies), merges)):
            if _is_told_better(each, called):
                foreign.extend(Pushing(name, each.build.place) for name in each.names)
            else:
                kept.append(each)
        found += (
            Merged(merge, tuple(each.build for each in kept if each.merge is merge)) for merge in dict.fromkeys(merges)
        )
        builds += kept
    return Whole(tuple(builds), tuple(found), tuple(foreign), tuple(unseen))


def _called(files: Iterable[_File]) -> dict[Place, bool]:
    """The builds that something calls, by their place, and whether one of the calls publishes."""
    called: dict[Place, bool] = {}
    for each in (each for file in files for each in file.pushed if each.build.calls):
        called[each.build.place] = called.get(each.build.place, False) or each.published
    return called


def _is_told_better(each: Pushed, called: dict[Place, bool]) -> bool:
    """What a Makefile does when it is called tells more than what it does by itself, unless only the latter pushes."""
    publishes = called.get(each.build.place) if not each.build.calls else None
    return publishes is not None and publishes >= each.published
