"""What of a shell script has to be run, found once in its text: a matrix runs the same script many times.

Commands that certainly do nothing that is followed are left out. Of the blocks (see `scriptblocks.py`) nothing is lost
with them: what only they open sets nothing, but for two cases, in which they stay. The order of directories depends on
branches that do nothing, and a loop forgets variables that are set in functions which it only defines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from functools import cached_property, lru_cache, partial
from itertools import groupby
from typing import Final

from imglint.model.commands.read import is_followed, is_idle_call
from imglint.model.script import SETS, WRITES
from imglint.record import NamedTuple
from imglint.syntax import shell
from imglint.syntax.text import HOLE

MAX_KEPT: Final = 50_000
"""Characters of the longest script whose plan is kept: it takes up to a hundred times as much memory."""
DECLARING: Final = frozenset(("export", "declare", "local", "readonly", "typeset"))
"""Builtins that take assignments as their words."""
PRINTING: Final = frozenset(("echo", "printf", "cat", "tee"))
MOVING: Final = frozenset(("cd", "pushd", "popd"))
SOURCING: Final = frozenset(("source", ".", "eval"))
SETTING: Final = frozenset(("read", "unset", "mapfile", "readarray", "getopts", "let"))
FILES: Final = {WRITES: "outputs", SETS: "environment"}
"""The variables that name the files by which a step hands something on, and what of the shell is meant."""

_FOLLOWED: Final = MOVING | SOURCING | SETTING | DECLARING | shell.SHELLS
"""Programs and builtins that change what is known, besides those that do something with images."""
_SETTING_WORD: Final = r"\$\{[A-Za-z_][A-Za-z0-9_]*:?="
"""An expansion that sets a variable, in whatever command it stands."""
_NOTHING: Final[frozenset[str]] = frozenset()


class Opened(NamedTuple):
    """A block of the script with `level` others around it, or what is no block: a chain (`block` is None)."""

    kind: str
    level: int
    block: shell.Block | None


class Step(NamedTuple):
    """A command to run.

    `keep` of what the steps before it have opened stays open, then `opened` is entered. `plain` is the command without
    `sudo` and its like, `inner` the script that it gives to a shell. `writes` is what of the shell its redirections
    write to. `hands_on`: what it prints may be a password. `idle`: it does nothing unless it calls a function.
    """

    keep: int
    opened: tuple[Opened, ...]
    command: shell.Command
    plain: shell.Command
    inner: shell.Word | None
    writes: frozenset[str]
    hands_on: bool
    idle: bool


class Function:
    """A function that is defined here. It is planned when it is first called: many may stand in one another."""

    def __init__(
        self, name: str, commands: Sequence[shell.Command], plan: Callable[[], tuple[Step | Function, ...]]
    ) -> None:
        self.name = name
        self._commands = commands
        self._plan = plan

    @cached_property
    def steps(self) -> tuple[Step | Function, ...]:
        """What of it has to be run."""
        return self._plan()

    @cached_property
    def shifts(self) -> bool:
        """Whether it may change its arguments."""
        return any(first_word(each) in ("shift", "set") for each in self._commands)


class Plan(NamedTuple):
    """What of a script has to be run; no steps where nothing is left, and no functions.

    `set_in_loops` are the variables that the commands of each loop set, by the number of its block. `logs_in`: it may
    hand a password to a command. `gathers`: what its groups of commands print may go to one of `FILES`.
    """

    steps: tuple[Step | Function, ...]
    set_in_loops: dict[int, set[str]]
    logs_in: bool
    gathers: bool


_NOTHING_TO_DO: Final = Plan((), {}, False, False)


def plan(text: str) -> Plan:
    """The plan of a script, which the combinations of a matrix mostly have in common."""
    return _kept(text) if len(text) <= MAX_KEPT else _made(text)


def _made(text: str) -> Plan:
    return _Planner(text, shell.scan(text).commands).plan()


_kept: Final = lru_cache(maxsize=64)(_made)


class _Planner:
    def __init__(self, text: str, commands: Sequence[shell.Command]) -> None:
        self.commands = commands
        self.logs_in = "login" in text or "-stdin" in text
        self.hands_over = WRITES in text or SETS in text
        self.gathers = self.hands_over and any(not each.words and _written(each) for each in commands)
        self.sets_in_words = re.search(_SETTING_WORD, text) is not None
        blocks = [block for around in {each.blocks for each in commands} for block in around]
        self.functions = {block.name for block in blocks if block.kind == "function"}
        self.loops = any(block.kind == "loop" for block in blocks)
        self.acts = bool(self.functions)

    def plan(self) -> Plan:
        steps = self.steps(self.commands, 0)
        if not self.acts:
            return _NOTHING_TO_DO
        return Plan(steps, _set_in_loops(self.commands) if self.loops else {}, self.logs_in, self.gathers)

    def steps(self, commands: Sequence[shell.Command], level: int) -> tuple[Step | Function, ...]:
        """The steps of commands that stand in blocks of which the outermost `level` are open already."""
        frames = _Frames(level)
        if not self.functions:
            return tuple([step for command in commands if (step := self.step(command, frames)) is not None])
        found: list[Step | Function] = []
        for function, group in groupby(commands, lambda command: _function(command, level)):
            if function is None:
                found.extend(step for command in group if (step := self.step(command, frames)) is not None)
            else:
                body = list(group)
                inside = body[0].blocks.index(function) + 1
                found.append(Function(function.name, body, partial(self.steps, body, inside)))
        return tuple(found)

    def step(self, command: shell.Command, frames: _Frames) -> Step | None:
        """A command with what is opened for it; None when it can be left out."""
        if command.blocks or command.before or frames.frames:
            frames.enter(command)
        plain = command
        name = command.words[0].literal if command.words else ""
        if name and _role(name) == "runs":
            plain = shell.unwrapped(command)
            name = plain.words[0].literal
        hands_on = self.logs_in and command.operator in ("|", "|&") and bool(command.words)
        writes = _written(command) if self.hands_over and command.redirections else _NOTHING
        idle = not hands_on and self.is_idle(plain, name, writes)
        if not idle:
            self.acts = True
        elif name not in self.functions and not self.is_felt(command.blocks):
            return None
        return Step(
            *frames.taken(), command, plain,
            shell.inner_script(command) if name and name.rpartition("/")[2] in shell.SHELLS else None,
            writes, hands_on, idle,
        )  # fmt: skip

    def is_idle(self, command: shell.Command, name: str | None, writes: frozenset[str]) -> bool:
        """Whether a command with this first word certainly does nothing that is followed, if it calls no function."""
        if not command.words:
            return not command.assignments and not self.gathers and not writes
        if not name or self.sets_in_words:
            return False
        role = _role(name)
        if role == "acts":
            verb = command.words[1].literal if len(command.words) > 1 else None
            reads = self.logs_in and command.before in ("|", "|&")
            return verb is not None and not reads and is_idle_call(name.rpartition("/")[2], verb)
        if role != "prints":
            return role == "idle"
        if self.gathers or writes or (name == "tee" and named(command)):
            return False
        return name != "printf" or (len(command.words) > 1 and command.words[1].literal not in (None, "-v"))

    def is_felt(self, blocks: Sequence[shell.Block]) -> bool:
        """Whether it changes anything to enter these blocks and to leave them, when nothing is done in them."""
        if self.loops and self.functions and any(block.kind == "loop" for block in blocks):
            return True
        return any(block.kind == "branch" for block in blocks) and self.moves

    @cached_property
    def moves(self) -> bool:
        """Whether a command may change the directory."""
        for command in self.commands:
            name = command.words[0].literal if command.words else "-"
            if name and _role(name) == "runs":
                name = shell.unwrapped(command).words[0].literal
            if not name or HOLE in name or name in MOVING:
                return True
        return False


class _Frames:
    """What is open at a command, of what commands of the same list have opened."""

    def __init__(self, level: int) -> None:
        self.level = level
        self.frames: list[Opened] = []
        self.kept = 0

    def enter(self, command: shell.Command) -> None:
        """Leave the blocks that the command is not in, and enter those that it is."""
        frames, blocks = self.frames, command.blocks
        depth, keep = self.level, 0
        for frame in frames:
            if frame.kind == "chain":
                if len(blocks) == frame.level and command.before != "&&":
                    break
            elif frame.level < len(blocks) and blocks[frame.level] == frame.block:
                depth = frame.level + 1
            else:
                break
            keep += 1
        del frames[keep:]
        frames += [Opened(blocks[at].kind, at, blocks[at]) for at in range(depth, len(blocks))]
        chained = bool(frames) and frames[-1].kind == "chain"
        if command.before in ("&&", "||") and not chained:
            frames.append(Opened("chain", len(blocks), None))
        self.kept = min(self.kept, keep)

    def taken(self) -> tuple[int, tuple[Opened, ...]]:
        """How much is open that was when this was asked for before, and what else is."""
        kept, self.kept = self.kept, len(self.frames)
        return kept, tuple(self.frames[kept:])


def _function(command: shell.Command, level: int) -> shell.Block | None:
    """The outermost function in which a command stands, of its blocks from a level on."""
    return next((block for block in command.blocks[level:] if block.kind == "function"), None)


@lru_cache(maxsize=1024)
def _role(name: str) -> str:
    """What a program may do: it runs others, prints, does something that is followed, or is idle."""
    program = name.rpartition("/")[2]
    if program in shell.RUNNERS:
        return "runs"
    if HOLE in name or program in _FOLLOWED or is_followed(program):
        return "acts"
    return "prints" if program in PRINTING else "idle"


def _written(command: shell.Command) -> frozenset[str]:
    """What of the shell the redirections of a command write to."""
    targets = (each.target.parts for each in command.redirections if each.heredoc is None)
    return _files(parts[0] for parts in targets if len(parts) == 1)


def named(command: shell.Command) -> frozenset[str]:
    """What of the shell the words of a command name; `tee` writes to it."""
    return _files(part for word in command.words for part in word.parts)


def _files(parts: Iterable[shell.Part]) -> frozenset[str]:
    return frozenset(FILES[part.name] for part in parts if part.name in FILES)


def _set_in_loops(commands: Sequence[shell.Command]) -> dict[int, set[str]]:
    """The variables that the commands of each loop set, by the number of its block."""
    found: dict[int, set[str]] = {}
    for command in commands:
        loops = [block for block in command.blocks if block.kind == "loop"]
        if loops:
            names = [each.name for each in command.assignments] if not command.words else _declared(command)
            for block in loops:
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
