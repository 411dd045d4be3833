"""Which heredocs an instruction opens (Dockerfile reference, "Here-Documents")."""

from __future__ import annotations

import re

from imglint.record import NamedTuple
from imglint.syntax.tree import Instruction
from imglint.syntax.words import ExpansionError, Options, expand_words, unset

_OPENING = r"([0-9]*)<<(-?)[\t\n\f\r ]*+([^<]*)\Z"
_LINE = Options(raw_quotes=True, raw_escapes=True, keep_unset=True)
_NAME = Options(keep_unset=True)
_RAW_NAME = Options(raw_quotes=True, keep_unset=True)


class Opening(NamedTuple):
    """A heredoc announced on the instruction's own line; fields as in `Heredoc`."""

    name: str
    fd: int
    expand: bool
    chomp: bool


def opening(word: str) -> Opening | None:
    """Read a word as the opening of a heredoc; raises `ExpansionError` when its name cannot be read."""
    match = re.match(_OPENING, word)
    if not match or not match[3]:
        return None
    names = expand_words(match[3], unset, _NAME)
    if not names or len(names) != 1:
        return None
    raw = expand_words(match[3], unset, _RAW_NAME) or ("",)
    quotes = names[0].count("'") + names[0].count('"')
    raw_quotes = raw[0].count("'") + raw[0].count('"')
    return Opening(names[0], int(match[1][-9:] or "0"), quotes == raw_quotes, match[2] == "-")


def can_hold_heredoc(instruction: Instruction) -> bool:
    """Only RUN, COPY and ADD in shell form do, also as the trigger of an ONBUILD."""
    inner = instruction.inner or instruction
    return inner.name in ("RUN", "COPY", "ADD") and not inner.exec_form


def openings(instruction: Instruction) -> tuple[Opening, ...]:
    """The heredocs whose bodies follow the instruction, in order. An unbalanced quote means none at all."""
    text = instruction.line.text
    if "<<" not in text or not can_hold_heredoc(instruction):
        return ()
    try:
        words = expand_words(text, unset, _LINE) or ()
        found = [opening(word) for word in words if "<<" in word]
    except ExpansionError:
        return ()
    return tuple(each for each in found if each)
