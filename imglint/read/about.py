"""Reading what a project says of itself: from the directory of a file up to the root of its repository."""

from __future__ import annotations

import os
from typing import Final

from imglint.model.about import NAMES, NOTHING, About, read
from imglint.read.file import MEBIBYTE, UnreadableError, display, read_bytes
from imglint.read.git import worktree_root
from imglint.source import decode

MAX_BYTES: Final = MEBIBYTE
"""Bytes of one file that are read."""


def about(directory: str) -> About:
    """What is said nearest to a directory. Outside a repository, only what lies in the directory itself."""
    folder = os.path.realpath(directory)
    root = worktree_root(folder) or folder
    found = NOTHING
    while True:
        shown = os.path.relpath(folder, root)
        found = found.over(_in_folder(folder, "" if shown == os.curdir else f"{display(shown)}/"))
        if folder == root or all(fact.value for fact in found):
            return found
        folder = os.path.dirname(folder)


def _in_folder(folder: str, shown: str) -> About:
    found = NOTHING
    for name in NAMES:
        try:
            data = read_bytes(os.path.join(folder, name), MAX_BYTES, follow=False)
        except UnreadableError:
            continue
        found = found.over(read(name, decode(data)))
    return About(*(fact._replace(where=shown + fact.where) if fact.value else fact for fact in found))
