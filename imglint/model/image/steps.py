"""Which instruction made which layer, as far as the history of an image tells.

What builders write into `created_by` differs: https://github.com/opencontainers/image-spec/blob/main/config.md#properties
leaves it to them.
"""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from imglint.model.image.image import Layer, Step, Variant

_NOP: Final = "#(nop)"
_SHELLS: Final = ("/bin/sh -c ", "/bin/bash -c ", "/bin/ash -c ", "cmd /S /C ", "powershell -Command ")
_ARGUMENTS: Final = r"\|(?P<count>[0-9]{1,3}) "
_KEYWORDS: Final = frozenset(
    ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN",
     "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)  # fmt: skip
_MAKERS: Final = frozenset(("ADD", "COPY", "RUN"))


class Made(NamedTuple):
    """What made a layer: the `step` of the history, and its instruction as a person would write it.

    `ends_at`: the layer holds what all instructions since the one before made, and this is the last of them, as
    builders do that do not keep layers apart.
    """

    step: Step
    instruction: str
    ends_at: bool


def maker(variant: Variant, layer: Layer) -> Made | None:
    """What made a layer; None when the history does not tell, or does not agree with the number of layers."""
    layers, history = variant.layers, variant.history
    if layers is None or history is None:
        return None
    makers = [step for step in history if not step.empty_layer]
    diff_ids = variant.config.document.items(*variant.config.outer, "rootfs", "diff_ids") if variant.config else []
    if len(makers) != len(layers) or (diff_ids and len(diff_ids) != len(layers)) or layer.number >= len(makers):
        return None
    step = makers[layer.number]
    return Made(step, instruction(step), _is_merged(step, history))


def instruction(step: Step) -> str:
    """The instruction of a step, without what the builder added; values of build arguments are left out."""
    words = step.created_by.strip()
    words = words.removesuffix("# buildkit").rstrip()
    if words.startswith("RUN "):
        return "RUN " + _command(words[4:].lstrip())
    first = words.partition(" ")[0]
    if first in _KEYWORDS:
        return words
    for shell in _SHELLS:
        if words.startswith(shell):
            inner = words[len(shell) :].lstrip()
            return inner.removeprefix(_NOP).strip() if inner.startswith(_NOP) else f"RUN {inner}"
    if re.match(_ARGUMENTS, words):
        return "RUN " + _command(words)
    return words


def arguments(step: Step) -> tuple[tuple[str, str], ...]:
    """The build arguments that a step was run with, as classic builders and BuildKit write them: `|1 NAME=value`."""
    words = step.created_by.strip().removeprefix("RUN ").lstrip()
    found = re.match(_ARGUMENTS, words)
    if found is None:
        return ()
    rest, pairs = words[found.end() :], []
    for _ in range(int(found["count"])):
        end = _end_of_argument(rest)
        name, separator, value = rest[:end].partition("=")
        if not separator:
            break
        pairs.append((name, value))
        rest = rest[end:].lstrip(" ")
    return tuple(pairs)


def _end_of_argument(text: str) -> int:
    """Where one of several arguments ends: values are not quoted, so the next name or the shell tells."""
    found = re.search(r" (?=[A-Za-z_][A-Za-z0-9_]*=|/bin/|[A-Za-z]:\\|cmd |powershell )", text)
    return found.start() if found else len(text)


def _command(words: str) -> str:
    """The command of a RUN, without build arguments and without the shell it is run in."""
    found = re.match(_ARGUMENTS, words)
    if found:
        words = words[found.end() :]
        starts = [at for shell in _SHELLS if (at := words.find(shell)) >= 0]
        words = words[min(starts) :] if starts else words
    for shell in _SHELLS:
        words = words.removeprefix(shell)
    return words.strip()


def _is_merged(step: Step, history: tuple[Step, ...]) -> bool:
    """Whether a layer holds more than its step made: that makes no files itself, or those before it left no layer."""
    if _keyword(step) in _KEYWORDS - _MAKERS - {"WORKDIR"}:
        return True
    for before in reversed(history[: step.number]):
        if not before.empty_layer:
            return False
        if _keyword(before) in _MAKERS:
            return True
    return False


def _keyword(step: Step) -> str:
    return instruction(step).partition(" ")[0]
