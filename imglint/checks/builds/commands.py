"""Commands that a tool refuses before it builds anything."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.places import where
from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.build import Build, Route
from imglint.syntax.text import HOLE, Place, Text

if TYPE_CHECKING:
    from imglint.model.built import Built

MAX_COMMAND: Final = 20_000
"""Characters of a command that are looked at."""

_TOOLS: Final = ("docker build", "docker buildx build", "nerdctl build")
"""Those that want exactly one argument; podman and buildah take the working directory."""


def missing_context(build: Built, context: Context) -> Iterator[Finding]:
    """A build command has no context, or more than one."""
    call = build.build
    if call.route is not Route.COMMAND or call.tool not in _TOOLS:
        return
    if call.may_hold_more("context") or call.missing_values or call.stdin or _is_given_more(call.place):
        return
    if call.context is None:
        yield context.finding(
            call.place.span,
            f"`{call.tool}` needs the directory to build from, and fails without it",
            label="no context",
            help="end the command with the directory that holds the files for the image, mostly\n.",
            source=call.place.source,
        )
    elif call.surplus:
        yield _surplus(call, context)


def _is_given_more(place: Place) -> bool:
    """Whether words are added to the command that it does not show: by xargs, or by a variable that is empty here."""
    text, (start, end) = place.source.text, place.span
    line = text[text.rfind("\n", 0, start) + 1 : start]
    if re.search(r"\b(?:xargs|parallel)\b", line):
        return True
    words = re.split(r"(?<!\\)\n", text[end : end + MAX_COMMAND], maxsplit=1)[0].split()
    return any(
        word.startswith("$") and not before.startswith("-") for before, word in zip(["", *words], words, strict=False)
    )


def _surplus(build: Build, context: Context) -> Finding:
    """More than one argument: the last is taken for the context where it looks like a path."""
    assert build.context is not None
    words = (build.context, *build.surplus)
    path = words[-1].text.startswith((".", "/")) or HOLE in words[-1].text
    wrong = words[0] if path else words[1]
    place = where(wrong)
    return context.finding(
        place.span,
        f"`{build.tool}` takes one argument, the context, and is given {len(words)}: it fails",
        label="not a part of the option before it" if path else "",
        help=_quoting(build, wrong),
        source=place.source,
    )


def _quoting(build: Build, word: Text) -> str:
    """What to write when the word is the rest of a value before it, parted from that by a blank."""
    before = [
        ("--label", pair.entry) for pair in build.labels if pair.value is not None
    ] + [("--build-arg", pair.entry) for pair in build.arguments if pair.value is not None]  # fmt: skip
    before += [("--annotation", each.pair.entry) for each in build.annotations]
    for flag, entry in before:
        if entry.source is word.source and entry.span.end < word.span.start:
            between = word.source.text[entry.span.end : word.span.start]
            if not between.strip():
                value = word.source.slice(entry.span).strip("\"'")
                return f'put a value with blanks into quotes\n{flag} "{value} {word.shown}…"'
    return "give one directory, and put values with blanks into quotes"
