"""Scripts and commands as the scenes that they are."""

from __future__ import annotations

from itertools import islice
from typing import Final

from imglint.model.paths import parent
from imglint.model.scene import Scene
from imglint.model.script import Shell, worth_reading
from imglint.model.scriptrun import run
from imglint.source import Source, Span
from imglint.syntax.text import literal

MAX_EVENTS: Final = 5_000
"""Builds, tags and pushes of one file that are followed."""


def script_scene(path: str, source: Source) -> Scene:
    """What a script does. It may be called from the root of its project or from its own directory."""
    if not worth_reading(source.text):
        return Scene(source, ())
    own = parent(path)
    state = Shell(tuple(dict.fromkeys(("", own))), own)
    text = literal(source.text, source, Span(0, len(source.text)))
    return Scene(source, tuple(islice(run(text, state), MAX_EVENTS)))


def command_scene(directory: str, source: Source) -> Scene:
    """What a command does that is typed in a directory of the project, or a script that is piped in there."""
    state = Shell((directory,), directory)
    return Scene(source, tuple(islice(run(literal(source.text, source, Span(0, len(source.text))), state), MAX_EVENTS)))
