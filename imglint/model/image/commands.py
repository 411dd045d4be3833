"""The commands that were run to make the layers of an image, as its history tells them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.model.image.image import At, Step, Variant
from imglint.model.image.steps import instruction
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.jsonstring import within

MAX_STEPS: Final = 1000
"""Entries of a history that are read; Docker makes no more than 127 layers."""
MAX_INNER: Final = 3
"""Scripts in one another, as in `sh -c "sh -c …"`, that are read."""

_FLAGS: Final = r"(?:--[a-z][a-z-]*(?:=\S*)?\s+)+"
_CACHE: Final = r"--mount=\S*\btype=cache\b"
_TOOLS: Final = r"\b(?:apt|apt-get|aptitude|apk|yum|dnf|microdnf|tdnf|zypper|sudo)\b"
"""Layers in whose commands none of these stands concern no rule, and are not taken apart."""


class Ran(NamedTuple):
    """A simple command of a RUN, behind `env`, `exec` and the like.

    `words` are its words, "" for those that only a run can tell. `start` and `end` are its place in what the history
    says of the step. `cached` tells that a cache is mounted, which keeps files out of the layer; None when the builder
    does not write that down.
    """

    step: Step
    words: tuple[str, ...]
    start: int
    end: int
    sudo: bool
    cached: bool | None

    @property
    def program(self) -> str:
        """The last part of its name."""
        return _program(self.words[0])

    @property
    def at(self) -> At:
        """What the history says of the step."""
        return self.step.at / "created_by"

    @property
    def span(self) -> Span:
        """Where the command stands in the document's source."""
        return within(self.at.document.source.text, self.at.span, self.start, self.end)


def layers_run(variant: Variant) -> tuple[tuple[Ran, ...], ...]:
    """For each layer the commands that were run in it, in their order; only layers that matter to rules.

    A builder that does not keep layers apart writes down several steps before the one that has the layer.
    """
    steps = variant.history
    if not steps:
        return ()
    source = steps[0].at.document.source
    return source.read_once("commands of an image", lambda _: tuple(_layers(steps[:MAX_STEPS])))


def _layers(steps: tuple[Step, ...]) -> Iterator[tuple[Ran, ...]]:
    together: list[Step] = []
    for step in steps:
        together.append(step)
        if not step.empty_layer or step is steps[-1]:
            if any(re.search(_TOOLS, each.created_by) for each in together):
                yield tuple(ran for each in together for ran in _of_step(each))
            together = []


def is_buildkit(step: Step) -> bool:
    """Whether BuildKit wrote the step down, which leaves the flags of RUN out."""
    return "buildkit" in step.comment or step.created_by.rstrip().endswith("# buildkit")


def _of_step(step: Step) -> Iterator[Ran]:
    text = step.created_by
    made = instruction(step)
    if not made.startswith("RUN "):
        return
    script = made.removeprefix("RUN ")
    flags = re.match(_FLAGS, script)
    shift = text.rfind(script) + (flags.end() if flags else 0)
    if shift < 0 or script == "…":
        return
    cached = None if is_buildkit(step) else bool(flags and re.search(_CACHE, flags[0]))
    script = script[flags.end() :] if flags else script
    for found in _commands(script, 0):
        yield Ran(step, found.words, shift + found.start, shift + found.end, found.sudo, cached)


class _Found(NamedTuple):
    words: tuple[str, ...]
    start: int
    end: int
    sudo: bool


def _commands(script: str, depth: int) -> Iterator[_Found]:
    """The commands of a script; those of a script in a word stand where that word is."""
    from imglint.syntax.shell import inner_script, scan, unwrapped

    for each in scan(script).commands:
        if not each.words:
            continue
        plain = unwrapped(each)
        before = each.words[: len(each.words) - len(plain.words)]
        sudo = any(_program(word.literal) == "sudo" for word in (*before, plain.words[0]))
        inner = inner_script(each)
        if inner is not None and inner.literal is not None and depth < MAX_INNER:
            for found in _commands(inner.literal, depth + 1):
                yield found._replace(start=inner.span.start, end=inner.span.end, sudo=found.sudo or sudo)
        else:
            words = tuple(word.literal or "" for word in plain.words)
            yield _Found(words, each.words[0].span.start, each.words[-1].span.end, sudo)


def _program(name: str | None) -> str:
    return (name or "").rpartition("/")[2]
