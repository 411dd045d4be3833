"""Which Dockerfile a build reads, found as its tool finds it.

https://docs.docker.com/build/concepts/context/ and https://docs.docker.com/reference/cli/docker/buildx/build/#file
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from imglint.model.build import Base, Build, Mounts
from imglint.model.paths import join
from imglint.record import NamedTuple

_REMOTE: Final = r"(?i)(?:https?|git|ssh)://|git@|github\.com/|target:|docker-image://|oci-layout://|[a-z0-9]+://"
_DOCKER: Final = ("Dockerfile", "dockerfile")
_PODMAN: Final = ("Containerfile", "Dockerfile")

Exists = Callable[[str], bool]
"""Whether a path of the project is a file."""


class Resolution(NamedTuple):
    """The Dockerfile of a build: a path of the project, empty when there is none in it.

    `tried` are the paths that the tool would look at; `certain` tells that it would look nowhere else. `alone` tells
    that no other of these paths is a Dockerfile, so that it is this one wherever the tool is run.
    """

    path: str = ""
    tried: tuple[str, ...] = ()
    certain: bool = False
    alone: bool = False


def resolve(build: Build, exists: Exists) -> Resolution:
    """Find the Dockerfile of a build."""
    if build.inline is not None or build.stdin or build.may_hold_more("dockerfile"):
        return Resolution()
    contexts = _contexts(build)
    if build.dockerfile is None:
        names = _PODMAN if build.base is Base.EITHER and build.tool != "kaniko" else _DOCKER
        tried = [path for context in contexts for name in names if (path := join(context, name)) is not None]
    else:
        written = build.dockerfile.value
        if written is None or re.match(_REMOTE, written):
            return Resolution()
        starts = _starts(build, contexts)
        tried = [path for start in starts if (path := mounted(build.mounts, start, written)) is not None]
    tried = list(dict.fromkeys(tried))
    found = [path for path in tried if path and exists(path)]
    certain = len(build.directories) == 1 and bool(tried)
    alone = len({path.lower() for path in found}) == 1
    return Resolution(found[0] if found else "", tuple(tried), certain, alone or (certain and bool(found)))


def _starts(build: Build, contexts: tuple[str, ...]) -> tuple[str, ...]:
    """The directories that a Dockerfile's path is relative to, likeliest first."""
    if build.base is Base.CONTEXT:
        return contexts
    return build.directories if build.base is Base.DIRECTORY else (*build.directories, *contexts)


def _contexts(build: Build) -> tuple[str, ...]:
    """The directories of the project that may be the context; none for one from elsewhere, or unknown."""
    if build.checkout:
        sub = build.context.value if build.context is not None else ""
        path = join("", sub) if sub is not None else None
        return () if path is None else (path,)
    if build.context is None:
        # Kaniko, and tools that take the working directory.
        return _in_project(build.mounts, build.directories, "") if build.base is not Base.DIRECTORY else ()
    written = build.context.value
    if written is None or re.match(_REMOTE, written):
        return ()
    return _in_project(build.mounts, build.directories, written)


def _in_project(mounts: Mounts, directories: tuple[str, ...], path: str) -> tuple[str, ...]:
    found = (mounted(mounts, directory, path) for directory in directories)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def mounted(mounts: Mounts, directory: str, path: str) -> str | None:
    """A path of the workspace as a path of the project; None when something else is there."""
    whole = join(directory, path)
    if whole is None:
        return None
    best: tuple[int, str | None] | None = None
    for prefix, project in mounts:
        inside = not prefix or whole == prefix or whole.startswith(prefix + "/")
        if inside and (best is None or len(prefix) >= best[0]):
            rest = whole[len(prefix) :].lstrip("/")
            best = (len(prefix), None if project is None else join(project, rest))
    return best[1] if best else None
