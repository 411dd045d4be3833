"""What BuildKit asks of the instructions that bring files into an image: COPY, ADD and the mounts of RUN."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Iterator
from typing import Final

from imglint.model.refusal import refusal
from imglint.source import printable
from imglint.syntax import mounts
from imglint.syntax.problem import Problem
from imglint.syntax.tree import Instruction, Word
from imglint.syntax.words import Options

MAX_MODE: Final = 0o7777
"""The largest mode of a file."""

_URL: Final = "https?://"
_SYMBOLIC_MODE: Final = r"[ugoa]*[-+=][-+=,ugoarwxXst]*"
_RAW: Final = Options(quotes=False)

Expand = Callable[[Word, Options | None], str | None]
"""Replaces the variables of a word, noting what is wrong with it; None when the result is unknown."""


def mount_problems(instruction: Instruction, workdir: str | None, expand: Expand) -> Iterator[Problem]:
    """What is wrong with the mounts of a RUN in a working directory (None: unknown)."""
    for flag in instruction.flags:
        name, _, value = flag.text.partition("=")
        if name != "--mount":
            continue

        def expand_part(text: str, flag: Word = flag) -> str | None:
            return expand(Word(text, flag.span), None)

        try:
            mount = mounts.parse(value, expand_part)
        except mounts.MountError as error:
            yield refusal(error.code, instruction, flag.span, str(error), assumed="$" in value)
            return
        if mount and mount.type in ("bind", "cache", "tmpfs") and workdir is not None:
            target = posixpath.normpath(posixpath.join("/", workdir, mount.target))
            if target.strip("/") == "":
                reason = "this mount would cover `/`, because it names no target"
                yield refusal("mount-target", instruction, flag.span, reason, assumed="$" in value)


def copy_problems(instruction: Instruction, expand: Expand) -> Iterator[Problem]:
    """What is wrong with the flags, paths and heredocs of a COPY or ADD."""
    for name in ("chown", "chmod", "checksum"):
        flag = instruction.flag(name)
        value = expand(flag, None) if flag and flag.text else None
        if flag and value and name == "chmod" and not _is_mode(value):
            reason = f"`{printable(value)}` is not a file mode"
            yield refusal("invalid-chmod", instruction, flag.span, reason, assumed="$" in flag.text)
    for word in instruction.arguments:
        if instruction.heredocs and "<<" in word.text:
            continue
        path = expand(word, None)
        if path and instruction.name == "COPY" and word is not instruction.arguments[-1] and re.match(_URL, path):
            reason = "COPY cannot fetch a URL; ADD can"
            yield refusal("copy-url", instruction, word.span, reason, assumed="$" in word.text)
    for heredoc in instruction.heredocs:
        if heredoc.expand:
            expand(Word(heredoc.content, heredoc.body), _RAW)


def _is_mode(text: str) -> bool:
    """An octal number, or a symbolic mode such as `u=rwX,go=rX`."""
    if re.fullmatch("[0-7]{1,10}", text):
        return int(text, 8) <= MAX_MODE
    return re.fullmatch(_SYMBOLIC_MODE, text) is not None
