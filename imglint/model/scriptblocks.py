"""The blocks of a shell script while it runs, and what is left of the variables that are set in them.

What is assigned in a branch or a loop is known in there, and after it only when it was the same before.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from imglint.model.script import Shell
from imglint.syntax import shell
from imglint.syntax.text import Text

DECLARING: Final = frozenset(("export", "declare", "local", "readonly", "typeset"))
"""Builtins that take assignments as their words."""
_MAYBE: Final = frozenset(("branch", "loop", "chain"))


class _Frame:
    """A block that is open, or commands joined by `&&` (`chain`), or a function that is called (`call`).

    `directories` are those of what follows when nothing in here counts, `start` those at its own beginning.
    `before` are the variables as they were outside, for those that were set in here; None where one was not set.
    """

    __slots__ = ("before", "block", "directories", "kind", "level", "local", "start")

    def __init__(self, kind: str, level: int, block: shell.Block | None, directories: tuple[str, ...]) -> None:
        self.kind = kind
        self.level = level
        self.block = block
        self.directories = directories
        self.start = directories
        self.before: dict[str, tuple[Text | None] | None] = {}
        self.local: set[str] = set()


class Blocks:
    """What is open at a command; `conditional` tells that it runs only when the one before it failed (`||`)."""

    def __init__(self, state: Shell, commands: Sequence[shell.Command]) -> None:
        self.conditional = False
        self._state = state
        self._frames: list[_Frame] = []
        self._set_in_loop = _set_in_loops(commands)
        self._siblings: tuple[int, tuple[str, ...]] | None = None

    @property
    def depth(self) -> int:
        """How many are open."""
        return len(self._frames)

    @property
    def uncertain(self) -> bool:
        """Whether a command in here may run or not."""
        return self.conditional or any(frame.kind in _MAYBE for frame in self._frames)

    def enter(self, command: shell.Command, level: int, floor: int) -> None:
        """Leave the blocks that the command is not in, and enter those that it is."""
        depth = level
        keep = floor
        for frame in self._frames[floor:]:
            if frame.kind == "chain":
                if len(command.blocks) == frame.level and command.before != "&&":
                    break
            elif frame.level < len(command.blocks) and command.blocks[frame.level] == frame.block:
                depth = frame.level + 1
            else:
                break
            keep += 1
        self.leave(keep)
        for number in range(depth, len(command.blocks)):
            self.open(command.blocks[number].kind, number, command.blocks[number])
        chained = bool(self._frames[floor:]) and self._frames[-1].kind == "chain"
        if command.before in ("&&", "||") and not chained:
            self.open("chain", len(command.blocks), None)
        self.conditional = command.before == "||"

    def open(self, kind: str, level: int, block: shell.Block | None) -> None:
        """Enter a block with `level` others around it, or what is no block: a chain or a call."""
        setting = self._state.setting
        self._frames.append(_Frame(kind, level, block, setting.directories))
        if kind == "branch" and block is not None and self._siblings and self._siblings[0] == block.of:
            self._frames[-1].start = setting.directories = self._siblings[1]
        if kind == "loop" and block is not None:
            for name in self._set_in_loop.get(block.number, ()):
                self.set(name, None)

    def leave(self, keep: int) -> None:
        """Leave blocks until so many are open: what was set in a subshell is gone, in a branch it is unknown."""
        variables = self._state.variables
        setting = self._state.setting
        while len(self._frames) > keep:
            frame = self._frames.pop()
            for name, before in frame.before.items():
                if frame.kind == "subshell" or name in frame.local:
                    if before is None:
                        variables.pop(name, None)
                    else:
                        variables[name] = before[0]
                    continue
                if self._frames:
                    self._frames[-1].before.setdefault(name, before)
                if frame.kind in _MAYBE and (before is None or before[0] != variables.get(name)):
                    variables[name] = None
            if frame.kind == "subshell":
                setting.directories = frame.directories
                continue
            if frame.kind == "branch" and frame.block is not None:
                self._siblings = frame.block.of, frame.start
            if frame.kind in _MAYBE and frame.directories != setting.directories:
                both = (*setting.directories, *frame.directories)
                known = setting.directories and frame.directories
                setting.directories = tuple(dict.fromkeys(both)) if known else ()

    def set(self, name: str, value: Text | None) -> None:
        """Set a variable, None when the value is unknown."""
        variables = self._state.variables
        if self._frames:
            self._frames[-1].before.setdefault(name, (variables[name],) if name in variables else None)
        variables[name] = value

    def assign(self, name: str, value: Text | None) -> None:
        """Set a variable as a command does that may not run."""
        if self.conditional and self._state.variable(name) != value:
            value = None
        self.set(name, value)

    def keep_local(self, name: str) -> None:
        """Let a variable go with the function that declares it, when no block of the function is around."""
        if self._frames and self._frames[-1].kind == "call":
            self._frames[-1].local.add(name)


def _set_in_loops(commands: Sequence[shell.Command]) -> dict[int, set[str]]:
    """The variables that the commands of each loop set, by the number of its block."""
    found: dict[int, set[str]] = {}
    for command in commands:
        names = [each.name for each in command.assignments] if not command.words else _declared(command)
        for block in command.blocks if names else ():
            if block.kind == "loop":
                found.setdefault(block.number, set()).update(names)
    return found


def _declared(command: shell.Command) -> list[str]:
    if first_word(command) not in (*DECLARING, "read"):
        return []
    starts = (word.parts[0].text for word in command.words[1:] if word.parts)
    return [start.partition("=")[0] for start in starts]


def first_word(command: shell.Command) -> str:
    """How the first word of a command begins, as it is written."""
    return command.words[0].parts[0].text if command.words and command.words[0].parts else ""
