"""Which files a search leaves out: `.gitignore` files and patterns written like them."""

from __future__ import annotations

import os
import re
import warnings
from collections.abc import Iterable
from itertools import islice

from imglint.read.file import MEBIBYTE, UnreadableError, is_within, read_bytes
from imglint.read.git import git_folder
from imglint.record import NamedTuple
from imglint.source import decode

GITIGNORE = ".gitignore"

MAX_BYTES = MEBIBYTE
"""Bytes of one ignore file that are read; a longer one is treated as absent."""

MAX_PATTERNS = 5_000
"""Patterns of one file that are applied: the first ones."""

MAX_PATTERN = 1_000
"""Characters of a pattern that is applied."""

MAX_STARS = 3
"""Groups of `*` in one pattern. Matching takes time with this power of a path's length, so a pattern with
more, which nobody needs for files like ours, is not applied."""

# Groups of stars; kept as they are: an escaped character and `**` alone between slashes. Others mean one star.
_STARS = re.compile(r"(?P<keep>\\.|(?<![^/])\*\*(?![^/]))|\*+", re.DOTALL)


class Layer(NamedTuple):
    """The patterns of one file, in order: they speak of the paths below `base`, a real path.

    Each is an expression that matches the whole of a path relative to `base` (a directory's ends in a slash),
    and whether it leaves out or brings back.
    """

    base: str
    patterns: tuple[tuple[re.Pattern[str], bool], ...]

    def verdict(self, path: str, is_directory: bool) -> bool | None:
        """Whether a real path is left out (true) or brought back (false); `None` when nothing is said of it.

        Only of the path itself: a search that leaves out a directory does not come to what is in it.
        """
        if path == self.base or not is_within(path, self.base):
            return None
        relative = path[len(self.base) :].lstrip(os.sep) + ("/" if is_directory else "")
        return next((leaves_out for regex, leaves_out in reversed(self.patterns) if regex.fullmatch(relative)), None)


def ignored(layers: tuple[Layer, ...], path: str, is_directory: bool) -> bool:
    """Whether a real path is left out; the last layer that says anything decides."""
    for layer in reversed(layers):
        verdict = layer.verdict(path, is_directory)
        if verdict is not None:
            return verdict
    return False


def from_patterns(base: str, patterns: Iterable[str]) -> tuple[Layer, ...]:
    """One layer of gitignore patterns; none when no pattern can match anything."""
    tamed = islice(filter(None, map(_tame, patterns)), MAX_PATTERNS)
    compiled = tuple(filter(None, map(_compile, tamed)))
    return (Layer(base, compiled),) if compiled else ()


def from_file(base: str, path: str) -> tuple[Layer, ...]:
    """The layer of one ignore file; none when it cannot be read. Symbolic links are not followed, as in git."""
    try:
        text = decode(read_bytes(path, MAX_BYTES, follow=False))
    except UnreadableError:
        return ()
    lines = text.removeprefix("\ufeff").split("\n")
    return from_patterns(base, (line.removesuffix("\r") for line in lines))


def above(directory: str, root: str) -> tuple[Layer, ...]:
    """What a worktree's files above `directory` say of it, from `root` downwards; both real paths."""
    folder = git_folder(root)
    layers = from_file(root, os.path.join(folder, "info", "exclude")) if folder else ()
    parents = []
    while directory != root:
        directory = os.path.dirname(directory)
        parents.append(directory)
    for parent in reversed(parents):
        layers += from_file(parent, os.path.join(parent, GITIGNORE))
    return layers


def _tame(pattern: str) -> str:
    """A pattern in a form that the matcher takes as git does and in bounded time; empty when there is none.

    A lone `*` becomes `?*`, which means the same: the matcher has shortcuts for it that do not tell a file from
    what is below it. A last `**` becomes `**/?*`: it means everything in a directory, not the directory.
    """
    if pattern.startswith("#") or not pattern.strip("!/ ") or len(pattern) > MAX_PATTERN:
        return ""
    sign = "!" if pattern.startswith("!") else ""
    body = pattern.removeprefix("!").rstrip(" ")
    if body.endswith("\\") and not pattern.endswith("\\"):
        body += " "  # the one space that is escaped
    segments = _STARS.sub(lambda stars: stars["keep"] or "*", body).split("/")
    last = next((index for index in range(len(segments) - 1, -1, -1) if segments[index]), 0)
    for index, segment in enumerate(segments):
        if segment == "*":
            segments[index] = "?*"
        elif segment == "**" and index == last:
            segments[index] = "**/?*"
    stars = sum(match[0].startswith("*") for match in _STARS.finditer(body))
    return sign + "/".join(segments) if stars <= MAX_STARS else ""


def _compile(pattern: str) -> tuple[re.Pattern[str], bool] | None:
    """The expression for one pattern; `None` for what means nothing, which git passes over as well."""
    from pathspec import GitIgnoreSpec

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # Python's remarks on bracket expressions that it finds odd
        try:
            compiled = GitIgnoreSpec.from_lines([pattern]).patterns[0]
        except (ValueError, re.error):
            return None
    if compiled.include is None or compiled.regex is None:
        return None
    return compiled.regex, compiled.include
