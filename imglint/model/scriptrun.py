"""A shell script run in the head: its variables, its directory, and what it does with images.

Functions are run where they are called, and at the end those that nothing calls.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from imglint.model.build import Event, FileCall
from imglint.model.commands.flags import Word
from imglint.model.commands.read import events
from imglint.model.paths import join_all
from imglint.model.script import Shell
from imglint.model.scriptblocks import Blocks
from imglint.model.scriptplan import DECLARING, MOVING, PRINTING, SETTING, SOURCING, Function, Plan, Step, named, plan
from imglint.model.scriptwords import Expansion, shorten
from imglint.syntax import shell
from imglint.syntax.text import HOLE, Text, joined, literal, unknown

MAX_NESTING: Final = 8
"""Scripts within scripts (`sh -c "…"`) that are followed."""
MAX_VALUE: Final = 1 << 16
"""Characters of a variable's value; a longer one is unknown."""
MAX_CALLS: Final = 200
"""Calls of functions that are followed in one script."""
MAX_FRAMES: Final = 200
"""Blocks and calls of functions within one another; a function that is called deeper down is not followed."""
MAX_PRINTED: Final = 50
"""Lines that a group of commands prints, which may go to one of `$GITHUB_OUTPUT` and `$GITHUB_ENV`."""

_OWN_DIRECTORY: Final = r"""dirname\s+(?:--\s+)?"?\$(?:0|\{0\}|\{?BASH_SOURCE)"""
_TOP: Final = r"git\s+rev-parse\s+--show-toplevel"
_LINE: Final = r"([A-Za-z_][A-Za-z0-9_-]*)=(.*)\Z"
_ANY_LINE: Final = r"(?m)^([A-Za-z_][A-Za-z0-9_-]*)(?==|<<)"


def run(script: Text, state: Shell, nesting: int = 0) -> Iterator[Event]:
    """What a script does with images, in order. Changes `state` as the script would."""
    made = plan(script.text) if nesting <= MAX_NESTING else None
    if made is not None and made.steps:
        yield from _Run(script, state, nesting, made).events()


class _Run:
    def __init__(self, script: Text, state: Shell, nesting: int, made: Plan) -> None:
        self.script = script
        self.state = state
        self.nesting = nesting
        self.plan = made
        self.blocks = Blocks(state, made.set_in_loops)
        self.functions: dict[str, Function] = {}
        self.called: set[str] = set()
        self.calls = 0
        self.expansion = Expansion(script, state, self.blocks.assign)
        self.pushed: list[tuple[str, ...]] = []
        self.left: tuple[str, ...] = ()
        self.printed: list[tuple[int, Text | None]] = []
        self.piped: dict[int, Text] = {}

    def events(self) -> Iterator[Event]:
        yield from self._execute(self.plan.steps)
        for name, function in list(self.functions.items()):
            if name not in self.called:
                # A library, or a function that is called by what is not read.
                yield from self._call(function, None)

    def _execute(self, steps: Sequence[Step | Function]) -> Iterator[Event]:
        """Run steps of one list, after which nothing is open that they have opened."""
        floor = self.blocks.depth
        for step in steps:
            if isinstance(step, Function):
                self.functions[step.name] = step
            else:
                self.blocks.enter(step, floor)
                yield from self._command(step)
        self.blocks.leave(floor)

    def _call(self, function: Function, arguments: Sequence[Word] | None) -> Iterator[Event]:
        """Run the commands of a function, with arguments that may be unknown."""
        if self.calls >= MAX_CALLS or self.nesting + self.blocks.depth > MAX_FRAMES:
            return
        self.calls += 1
        outer = self.expansion.arguments
        self.expansion.arguments = None if function.shifts else arguments
        self.blocks.open("call", None)
        yield from self._execute(function.steps)
        self.blocks.leave(self.blocks.depth - 1)
        self.expansion.arguments = outer

    def _command(self, step: Step) -> Iterable[Event]:
        """What the command of a step does with images."""
        command, plain = step.command, step.plain
        if not command.words:
            for each in command.assignments:
                self.blocks.assign(each.name, self._assigned(each))
            self._write(step, ())
            return ()
        if step.idle and plain.words[0].literal not in self.functions:
            return ()
        words = self.expansion.words(plain.words)
        if not words:
            return ()
        if step.hands_on:
            self.piped[command.depth] = self._printed(command, words)
        name = words[0].text.value or ""
        if name in self.functions:
            self.called.add(name)
            return self._call(self.functions[name], words[1:])
        if name in MOVING:
            self._move(name, plain.words[1:], words[1:])
        elif name in DECLARING:
            self._declare(name, words[1:])
        elif name in SOURCING:
            self._forget()
        elif name in SETTING:
            for word in words[1:]:
                self.blocks.set(word.text.text.partition("=")[0], None)
        elif name in PRINTING:
            if name == "printf" and len(words) > 2 and words[1].text.text == "-v":
                self.blocks.set(words[2].text.text, None)
            self._write(step, words)
        elif step.inner is not None:
            inner = joined(word.text for word in self.expansion.word(step.inner))
            return run(inner, self._child(), self.nesting + 1)
        else:
            return self._events(step, words)
        return ()

    def _events(self, step: Step, words: Sequence[Word]) -> Iterator[Event]:
        """What a program does with images, which finds what the shell exports and what is written before it."""
        given = [(each.name, value) for each in step.plain.assignments if (value := self._assigned(each))]
        self.state.setting.variable = lambda name: dict(given).get(name) or self.state.variable(name)
        self.state.setting.given = self._given(step.command) if self.plan.logs_in else None
        for event in events(words, self.state.setting):
            if isinstance(event, FileCall):
                variables = {**dict(self.state.environment_of_programs()), **dict(given)}
                yield event._replace(variables=tuple(variables.items()))
            else:
                yield event

    def _printed(self, command: shell.Command, words: Sequence[Word]) -> Text:
        """What a command hands to the next one in its pipe."""
        name = words[0].text.text
        texts = [word.text for word in words[1:] if not re.fullmatch("-[neE]+", word.text.text)]
        if name == "echo" and texts:
            return joined(_with_blanks(texts))
        if name == "printf" and texts and re.fullmatch(r"%s(?:\\n)?", texts[0].text) is None:
            return texts[0] if len(texts) == 1 else unknown("what printf makes", *texts[0].place)
        if name == "printf" and len(texts) == 2:
            return texts[1]
        written = self.script.cut(*command.span)
        return unknown(shorten(written.text), *written.place)

    def _given(self, command: shell.Command) -> Text | None:
        """What a command gets on its standard input, None when nothing is known to come."""
        for redirection in command.redirections:
            if redirection.operator == "<<<":
                return self.expansion.whole(redirection.target)
            if redirection.operator == "<":
                written = self.script.cut(*redirection.target.span)
                return unknown(shorten(f"the file {written.text}"), *written.place)
        return self.piped.pop(command.depth, None) if command.before in ("|", "|&") else None

    def _child(self) -> Shell:
        """The shell of a script within the script: what it sets does not come back."""
        state = self.state
        child = Shell(state.setting.directories, state.own_directory, state.inherited, state.names)
        child.setting.driver = state.setting.driver
        child.variables = dict(state.variables)
        child.outputs, child.environment, child.open = state.outputs, state.environment, state.open
        return child

    def _assigned(self, assignment: shell.Assignment) -> Text | None:
        if assignment.value is None:
            return None
        value: Text | None = self.expansion.whole(assignment.value)
        if assignment.append and value:
            before = self.state.variable(assignment.name)
            value = joined((before, value)) if before else None
        return value if value is not None and len(value.text) <= MAX_VALUE else None

    def _declare(self, keyword: str, words: Sequence[Word]) -> None:
        for word, _ in words:
            name, value = word.partition("=")
            if HOLE in name.text:
                self._forget()
                continue
            if value is not None:
                self.blocks.assign(name.text, value)
                if keyword not in ("export", "readonly"):
                    self.blocks.keep_local(name.text)
            if keyword == "export":
                self.state.exported.add(name.text)

    def _forget(self) -> None:
        """What cannot be read may set any variable."""
        self.state.open = True
        for name in self.state.variables:
            self.blocks.set(name, None)

    def _move(self, name: str, written: Sequence[shell.Word], words: Sequence[Word]) -> None:
        setting = self.state.setting
        before = setting.directories
        while words and words[0].text.text in ("-P", "-L", "--", "-e", "-n", "-q"):
            written, words = written[1:], words[1:]
        raw = self.script.text[written[0].span.start : written[0].span.end] if written else ""
        if name == "popd":
            setting.directories = self.pushed.pop() if self.pushed else ()
        elif words and words[0].text.text == "-":
            setting.directories = self.left
        elif re.search(_TOP, raw):
            setting.directories = ("",)
        elif re.search(_OWN_DIRECTORY, raw):
            rest = raw.rpartition(")")[2].strip('"/ ')
            setting.directories = join_all((self.state.own_directory,), rest)
        else:
            setting.directories = join_all(before, words[0].text.value if words else None)
        if name == "pushd":
            self.pushed.append(before)
        self.left = before

    def _write(self, step: Step, words: Sequence[Word]) -> None:
        """`echo "name=value" >> "$GITHUB_OUTPUT"`; what else is written there leaves the names unknown."""
        command = step.command
        kinds = step.writes | named(command) if words and words[0].text.text == "tee" else step.writes
        if not kinds and not self.plan.gathers:
            return
        texts = [word.text for word in words[1:]]
        is_echo = bool(words) and words[0].text.text == "echo" and bool(texts)
        line = joined(_with_blanks(texts)) if is_echo else None
        level = len(command.blocks)
        lines = [line] if words else [text for deeper, text in self.printed if deeper > level]
        for kind in ("outputs", "environment"):
            if kind not in kinds:
                continue
            found: dict[str, Text] = getattr(self.state, kind)
            for each in lines:
                self._keep(found, each)
            if not is_echo:
                bodies = [each.heredoc.body for each in command.redirections if each.heredoc]
                for text in (*texts, *(self.script.cut(*body) for body in bodies)):
                    for match in re.finditer(_ANY_LINE, text.text):
                        found[match[1]] = unknown(f"{match[1]}, which a script sets", *text.place)
        self.printed = [each for each in self.printed[-MAX_PRINTED:] if each[0] <= level]
        if is_echo and all(each.heredoc is not None for each in command.redirections):
            self.printed.append((level, line))

    def _keep(self, found: dict[str, Text], line: Text | None) -> None:
        match = re.match(_LINE, line.text, re.DOTALL) if line else None
        if line is None or match is None:
            return
        value = line.cut(match.start(2))
        if "\n" in match[2] or (self.blocks.uncertain and found.get(match[1]) != value):
            value = unknown(f"{match[1]}, which a script sets", *value.place)
        found[match[1]] = value


def _with_blanks(texts: Sequence[Text]) -> Iterator[Text]:
    for number, text in enumerate(texts):
        if number:
            yield literal(" ", text.source, text.span, exact=False)
        yield text
