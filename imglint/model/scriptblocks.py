"""The blocks of a shell script while it runs, and what is left of the variables that are set in them.

What is assigned in a branch or a loop is known in there, and after it only when it was the same before.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final

from imglint.model.script import Shell
from imglint.model.scriptplan import Step
from imglint.syntax import shell
from imglint.syntax.text import Text

_MAYBE: Final = frozenset(("branch", "loop", "chain"))


class _Frame:
    """A block that is open, or commands joined by `&&` (`chain`), or a function that is called (`call`).

    `directories` are those of what follows when nothing in here counts, `start` those at its own beginning.
    `before` are the variables as they were outside, for those that were set in here; None where one was not set.
    """

    __slots__ = ("before", "block", "directories", "kind", "local", "start")

    def __init__(self, kind: str, block: shell.Block | None, directories: tuple[str, ...]) -> None:
        self.kind = kind
        self.block = block
        self.directories = directories
        self.start = directories
        self.before: dict[str, tuple[Text | None] | None] = {}
        self.local: set[str] = set()


class Blocks:
    """What is open at a command; `conditional` tells that it runs only when the one before it failed (`||`)."""

    def __init__(self, state: Shell, set_in_loops: Mapping[int, Collection[str]]) -> None:
        self.conditional = False
        self._state = state
        self._frames: list[_Frame] = []
        self._set_in_loop = set_in_loops
        self._siblings: tuple[int, tuple[str, ...]] | None = None

    @property
    def depth(self) -> int:
        """How many are open."""
        return len(self._frames)

    @property
    def uncertain(self) -> bool:
        """Whether a command in here may run or not."""
        return self.conditional or any(frame.kind in _MAYBE for frame in self._frames)

    def enter(self, step: Step, floor: int) -> None:
        """Leave the blocks that the command of a step is not in, and enter those that it is."""
        self.leave(floor + step.keep)
        for kind, _, block in step.opened:
            self.open(kind, block)
        self.conditional = step.command.before == "||"

    def open(self, kind: str, block: shell.Block | None) -> None:
        """Enter a block, or what is no block: a chain or a call."""
        setting = self._state.setting
        self._frames.append(_Frame(kind, block, setting.directories))
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
