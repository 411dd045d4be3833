"""Builds and what is then done with their images: the events of one script, job or Makefile, joined."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from imglint.model.build import Build, Copying, Event, Merge, Pushing, Tagging, Unseen
from imglint.model.workflow.metadata_action import Metadata
from imglint.record import NamedTuple
from imglint.source import Source
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text

_DOCKER_HUB: Final = r"\A(?:index\.)?docker\.io/(?:library/)?"


class Scene(NamedTuple):
    """What happens to images in one place, in order. `source` is the file; `workflow` tells that it is one.

    `metadata` are the steps of docker/metadata-action in it. `run` is the workflow that was started, when the job is in
    one that it calls.
    """

    source: Source
    events: tuple[Event, ...]
    workflow: bool = False
    metadata: tuple[Metadata, ...] = ()
    run: Source | None = None


class Pushed(NamedTuple):
    """A build with the names that its image is pushed as (none: it is not), and the commands that push it.

    `merge` is the command that joins it with others into one index under the names of that.
    """

    build: Build
    names: tuple[Text, ...]
    pushed_by: tuple[Place, ...] = ()
    merge: Merge | None = None

    @property
    def published(self) -> bool:
        """Whether the image may go to a registry, for which it needs a name."""
        build = self.build
        if self.names or self.pushed_by or build.push is not None:
            return bool(self.names or self.pushed_by or build.push)
        return build.may_hold_more("tags") or any(output.attribute("name") for output in build.outputs)


class Joined(NamedTuple):
    """The builds of a scene and its merges, pushes and copies of images that it does not build, and what is unseen."""

    builds: tuple[Pushed, ...]
    merges: tuple[Merge, ...]
    foreign: tuple[Pushing, ...]
    copies: tuple[Copying, ...]
    unseen: tuple[Unseen, ...]


def join(events: Iterable[Event]) -> Joined:
    """Follow each image from its build through its names to where it is pushed. Calls of bake are builds by now."""
    builds: list[Build] = []
    names: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    by_repository: dict[tuple[str, tuple[str, ...]], list[int]] = {}
    pushed: list[dict[Text, None]] = []
    pushers: list[list[Place]] = []
    merges: list[Merge] = []
    merged: set[tuple[str, tuple[str, ...]]] = set()
    foreign: list[Pushing] = []
    copies: list[Copying] = []
    unseen: list[Unseen] = []

    def call(number: int, name: Text) -> None:
        names.setdefault(_key(name), []).append(number)
        by_repository.setdefault(repository_of(name).key, []).append(number)

    for event in events:
        if isinstance(event, Build):
            builds.append(event)
            pushed.append(dict.fromkeys(event.tags) if event.push is not False else {})
            pushers.append([])
            for tag in event.tags:
                call(len(builds) - 1, tag)
        elif isinstance(event, Tagging):
            for number in names.get(_key(event.source), ())[-1:]:
                call(number, event.name)
        elif isinstance(event, Pushing):
            where = (
                by_repository.get(repository_of(event.name).key, ())
                if event.every_tag
                else names.get(_key(event.name), ())
            )
            for number in where:
                pushed[number][event.name] = None
                pushers[number].append(event.place)
            if not where and _key(event.name) not in merged:
                foreign.append(event)
        elif isinstance(event, Copying):
            where = _sources(event, names, by_repository)
            for number in where:
                call(number, event.name)
                pushed[number][event.name] = None
                pushers[number].append(event.place)
            if not where:
                copies.append(event)
        elif isinstance(event, Merge):
            merges.append(event)
            merged.update(map(_key, event.tags))
        elif isinstance(event, Unseen):
            unseen.append(event)
    found = (Pushed(build, tuple(pushed[number]), tuple(pushers[number])) for number, build in enumerate(builds))
    return Joined(tuple(found), tuple(merges), tuple(foreign), tuple(copies), tuple(unseen))


_Numbers = Mapping[tuple[str, tuple[str, ...]], list[int]]


def _sources(copy: Copying, names: _Numbers, by_repository: _Numbers) -> list[int]:
    """The build whose image is copied; a digest is taken for that of the last build of its repository."""
    if (digest := parse_partial(copy.source).digest) is not None and digest.text:
        return by_repository.get(repository_of(copy.source).key, [])[-1:]
    return names.get(_key(copy.source), [])[-1:]


def with_copies(merges: Iterable[Merge], copies: Iterable[Copying]) -> tuple[Merge, ...]:
    """The merges of a file, with the names to which their indexes are copied in whichever job."""
    by_name: dict[tuple[str, tuple[str, ...]], list[Text]] = {}
    for copy in copies:
        by_name.setdefault(_key(copy.source), []).append(copy.name)
    if not by_name:
        return tuple(merges)
    return tuple(
        merge._replace(tags=tuple(dict.fromkeys((*merge.tags, *more)))) if more else merge
        for merge in merges
        for more in [[name for tag in merge.tags for name in by_name.get(_key(tag), ())]]
    )


def copied(builds: Iterable[Pushed], copies: Iterable[Copying]) -> Iterator[Pushed]:
    """The builds of a file, with the names to which their images are copied in other jobs."""
    by_name: dict[tuple[str, tuple[str, ...]], list[Copying]] = {}
    for copy in copies:
        by_name.setdefault(_key(copy.source), []).append(copy)
    for each in builds:
        more = [copy for name in each.names for copy in by_name.get(_key(name), ())] if by_name else []
        if more:
            names = tuple(dict.fromkeys((*each.names, *(copy.name for copy in more))))
            each = each._replace(names=names, pushed_by=(*each.pushed_by, *(copy.place for copy in more)))
        yield each


def with_merges(builds: Iterable[Pushed], merges: Iterable[Merge]) -> tuple[Pushed, ...]:
    """The builds of a file with the merges that take their images, in whichever job those are."""
    by_name: dict[tuple[str, tuple[str, ...]], Merge] = {}
    # The combinations of a matrix may join images whose names nobody knows.
    every = list(dict.fromkeys(merges))
    for each_merge in every:
        for name in (*each_merge.tags, *each_merge.sources):
            if name.text != HOLE:
                by_name.setdefault(repository_of(name).key, each_merge)
    found = []
    for each in builds:
        merge: Merge | None = next(
            (by_name[key] for name in each.names if (key := repository_of(name).key) in by_name), None
        )
        if merge is None and every and pushes_by_digest(each.build):
            # Digests are handed on in files, so that nothing in the command names the images.
            merge = _named_by_output(each.build, by_name) or (every[0] if len(every) == 1 else None)
        found.append(each._replace(merge=merge))
    return tuple(found)


def _named_by_output(build: Build, by_name: dict[tuple[str, tuple[str, ...]], Merge]) -> Merge | None:
    for output in build.outputs:
        name = output.attribute("name")
        if name is not None and repository_of(name).key in by_name:
            return by_name[repository_of(name).key]
    return None


def pushes_by_digest(build: Build) -> bool:
    """Whether the image is pushed without any tag, to be joined with others later."""
    return any((given := output.attribute("push-by-digest")) and given.text == "true" for output in build.outputs)


def repository_of(name: Text) -> Text:
    """A reference without its tag and digest."""
    return parse_partial(name).name


def _key(name: Text) -> tuple[str, tuple[str, ...]]:
    """Equal for two spellings of one reference: without a tag, `latest` is meant, and without a domain, Docker Hub."""
    read = parse_partial(name)
    text = re.sub(_DOCKER_HUB, "", name.text)
    if read.tag is not None and not read.tag.text and read.digest is not None and not read.digest.text:
        return f"{text}:latest", name.unknowns
    return text, name.unknowns
