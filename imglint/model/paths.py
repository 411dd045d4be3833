"""Paths inside a project: relative to its root, with forward slashes, empty for the root itself."""

from __future__ import annotations

import posixpath
from typing import Final

WORKSPACE: Final = "/github/workspace"
"""What stands for the directory into which a workflow checks its repository out."""


def join(directory: str, path: str) -> str | None:
    """The path as seen from a directory of the project; None when it leads out of the project."""
    if path == WORKSPACE or path.startswith(WORKSPACE + "/"):
        directory, path = "", path[len(WORKSPACE) :].lstrip("/")
    if path.startswith(("/", "~")):
        return None
    whole = posixpath.normpath(posixpath.join(directory, path)) if directory or path else "."
    if whole == "." or whole == "":
        return ""
    return None if whole == ".." or whole.startswith("../") else whole


def join_all(directories: tuple[str, ...], path: str | None) -> tuple[str, ...]:
    """The path as seen from each of several directories; none when it is unknown or leads out."""
    if path is None:
        return ()
    found = (join(directory, path) for directory in directories)
    return tuple(dict.fromkeys(each for each in found if each is not None))


def parent(path: str) -> str:
    """The directory that a file is in."""
    return posixpath.dirname(path)
