"""Which instruction made which layer, as far as the history of an image tells.

What builders write into `created_by` differs: https://github.com/opencontainers/image-spec/blob/main/config.md#properties
leaves it to them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from typing import Final

from imglint.model.image.image import Layer, Step, Variant
from imglint.record import NamedTuple

_NOP: Final = "#(nop)"
_BUILDKIT: Final = "# buildkit"
_SHELL: Final = (
    r"(?:(?:/[^\s/]{1,50}){0,5}/)?(?:a|ba|da|k|z)?sh(?: -[a-z]*o [a-z]+| -[a-z]+){0,8}? -[a-z]*c "
    r"|cmd(?:\.exe)? /S /C |(?:powershell|pwsh)(?:\.exe)?(?: -[A-Za-z]+){0,8}? -Command "
)
"""What runs the command of a RUN: the default shell, or what an instruction SHELL says."""
_ARGUMENTS: Final = r"\|(?P<count>[0-9]{1,3}) "
_NEXT_ARGUMENT: Final = rf" (?=[A-Za-z_][A-Za-z0-9_]*=|{_SHELL})"
_BUILDAH_MARKS: Final = r"(?:\|(?:unset|inherit|force-)[A-Za-z-]*=[^|\s]*)+\Z"
_CHECKSUM: Final = r"\b(?:file|dir|multi):[0-9a-f]{64}(?:\.[a-z0-9]+)? in "
_PORTS: Final = r"(?:map)?\[(?P<ports>[^\[\]]*)\]"
_KEYWORDS: Final = frozenset(
    ("ADD", "ARG", "CMD", "COPY", "ENTRYPOINT", "ENV", "EXPOSE", "HEALTHCHECK", "LABEL", "MAINTAINER", "ONBUILD", "RUN",
     "SHELL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR")
)  # fmt: skip
_MAKERS: Final = frozenset(("ADD", "COPY", "RUN"))


class Made(NamedTuple):
    """What made a layer: the `step` of the history, and its instruction as a person would write it.

    `ends_at`: the layer holds what all instructions since the one before made, and this is the last of them, as
    builders do that do not keep layers apart. The instruction is empty when the history does not name it.
    """

    step: Step
    instruction: str
    ends_at: bool


def maker(variant: Variant, layer: Layer) -> Made | None:
    """What made a layer; None when the history does not tell, or does not agree with the number of layers."""
    found = next(islice(_groups(variant), layer.number, None), None)
    return _made(*found) if found else None


def makers(variant: Variant) -> tuple[Made | None, ...]:
    """What made each of the layers, in their order: all of them in the time that one takes by itself."""
    return tuple(_made(*found) for found in _groups(variant)) or (None,) * len(variant.layers or ())


def instruction(step: Step) -> str:
    """The instruction of a step, without what the builder added; values of build arguments are left out."""
    words = step.created_by.strip().removesuffix(_BUILDKIT).rstrip()
    name, _, rest = words.partition(" ")
    if name == "RUN" or re.match(_ARGUMENTS, words):
        return f"RUN {command(rest.lstrip() if name == 'RUN' else words)}"
    shell = re.match(_SHELL, words)
    if shell:
        inner = words[shell.end() :].lstrip()
        if not inner.startswith(_NOP):
            return f"RUN {inner}"
        words = re.sub(_BUILDAH_MARKS, "", inner.removeprefix(_NOP).strip())
        name, _, rest = words.partition(" ")
    if name in ("ADD", "COPY"):
        return re.sub(_CHECKSUM, "… ", words)
    if name == "EXPOSE" and (listed := re.fullmatch(_PORTS, rest)):
        return f"EXPOSE {listed['ports'].replace(':{}', '')}"
    return words


def arguments(step: Step) -> tuple[tuple[str, str], ...]:
    """The build arguments that a step was run with, as classic builders and BuildKit write them: `|1 NAME=value`."""
    words = step.created_by.strip().removesuffix(_BUILDKIT).rstrip().removeprefix("RUN ").lstrip()
    found = re.match(_ARGUMENTS, words)
    if found is None:
        return ()
    pairs = []
    start = found.end()
    following = re.compile(_NEXT_ARGUMENT)
    for _ in range(int(found["count"])):
        # Values are not quoted, so only the next name or the shell tells where one ends.
        ends = following.search(words, start)
        name, separator, value = words[start : ends.start() if ends else len(words)].partition("=")
        if not separator:
            break
        pairs.append((name, value))
        if ends is None:
            break
        start = ends.end()
    return tuple(pairs)


def command(words: str) -> str:
    """The command of a RUN, without build arguments and without the shell it is run in."""
    if re.match(_ARGUMENTS, words):
        shell = re.search(rf"(?<= )(?:{_SHELL})", words)
        # Without a shell nothing tells where the values end, and one of them may be a secret.
        return words[shell.end() :].strip() if shell else "…"
    shell = re.match(_SHELL, words)
    return words[shell.end() if shell else 0 :].strip()


def _groups(variant: Variant) -> Iterator[tuple[Step, list[Step]]]:
    """The steps that have layers, each with those since the one before that have none.

    There are none when their number is not that of the layers: what made which is then a guess.
    """
    layers, history = variant.layers, variant.history
    if layers is None or history is None:
        return
    diff_ids = variant.config.document.items(*variant.config.outer, "rootfs", "diff_ids") if variant.config else []
    count = sum(not step.empty_layer for step in history)
    if count != len(layers) or (diff_ids and len(diff_ids) != count):
        return
    before: list[Step] = []
    for step in history:
        if step.empty_layer:
            before.append(step)
        else:
            yield step, before
            before = []


def _made(step: Step, before: list[Step]) -> Made:
    words = instruction(step)
    if words:
        return Made(step, words, _is_merged(step, before))
    # Squashing puts a step without words behind the others.
    named = next((each for each in reversed(before) if each.created_by.strip()), None)
    return Made(named, instruction(named), True) if named else Made(step, "", False)


def _is_merged(step: Step, before: list[Step]) -> bool:
    """Whether a layer holds more than its step made: that makes no files itself, or those before it left no layer."""
    if _keyword(step) in _KEYWORDS - _MAKERS - {"WORKDIR"}:
        return True
    # BuildKit keeps layers apart, and drops those in which nothing changed.
    is_buildkit = "buildkit" in step.comment or step.created_by.rstrip().endswith(_BUILDKIT)
    return not is_buildkit and any(_keyword(each) in _MAKERS for each in before)


def _keyword(step: Step) -> str:
    return instruction(step).partition(" ")[0]
