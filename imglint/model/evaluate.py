"""What a Dockerfile builds: its stages run through instruction by instruction, as BuildKit converts them.

The result is the configuration and the labels of one stage, and everything that would stop the build.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable
from typing import Final

from imglint.model.filesystem import Expand, copy_problems, mount_problems
from imglint.model.imageconfig import DEFAULT_PATH, ImageConfig
from imglint.model.metadata import Metadata, Setting
from imglint.model.ports import PortError, exposed
from imglint.model.refusal import refusal
from imglint.model.stages import SCRATCH, Assumptions, Command, Stage, Stages, find_stages
from imglint.model.state import State, Trail
from imglint.model.variables import (
    NOT_IN_ENVIRONMENT,
    UNKNOWN_VALUE,
    Allowance,
    Value,
    argument_default,
    joined,
    lookup_in,
)
from imglint.record import NamedTuple
from imglint.source import Span, printable
from imglint.syntax.canonical import Reading
from imglint.syntax.canonical import read as read_canonical
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.problem import Problem
from imglint.syntax.tree import KEYWORDS, Instruction, Pair, Word
from imglint.syntax.validate import check_instruction
from imglint.syntax.words import ExpansionError, Lookup, Options, expand, expand_words

_SWALLOWS: Final = frozenset(("unterminated-heredoc", "too-many-instructions"))
"""Problems behind which instructions may stand that nobody read."""

_SIGNAL: Final = r"(?i)(?:SIG)?[A-Z0-9]+(?:[+-][0-9]+)?\Z"


MAX_INHERITED: Final = 1 << 20
"""Variables, labels, ports and volumes that stages take over from others, all stages of a file together."""
MAX_TRIGGERS: Final = 10_000
"""Times that an ONBUILD is triggered in one file. Beyond these limits a stage counts as built on an unseen image."""


class Evaluation(NamedTuple):
    """A Dockerfile understood. `stage` is the one that is published, None when there is none."""

    dockerfile: Dockerfile
    stages: Stages
    stage: Stage | None
    config: ImageConfig
    metadata: Metadata
    problems: tuple[Problem, ...]


def evaluate(dockerfile: Dockerfile, assumptions: Assumptions) -> Evaluation:
    """Run through all stages. Never raises; time grows linearly with the file."""
    return _Evaluator(dockerfile, assumptions).evaluate()


class _Evaluator:
    def __init__(self, dockerfile: Dockerfile, assumptions: Assumptions) -> None:
        self.dockerfile = dockerfile
        self.source = dockerfile.source
        self.assumptions = assumptions
        self.options = Options(escape=dockerfile.escape)
        # The same for every set of arguments that builds give to one file.
        self.reading: Reading = dockerfile.source.read_once("canonical", lambda source: read_canonical(dockerfile))
        self.stages = find_stages(dockerfile, self.reading, assumptions)
        self.problems = list(self.stages.problems)
        self.states: list[State] = []
        self.state = State()
        self.allowance = Allowance()
        self.lookup: Lookup = lookup_in({}, True, self.allowance)
        self.stage_number = 0
        self.inherited = self.triggered = 0
        self.own_settings: list[Setting] = []

    def evaluate(self) -> Evaluation:
        settings_of: list[list[Setting]] = []
        for each_stage in self.stages.stages:
            settings_of.append(self._run(each_stage))
        target = self.assumptions.target
        stages = self.stages
        stage = stages.find(target) if target else (stages.stages[-1] if stages.stages else None)
        if stage is None:
            return Evaluation(self.dockerfile, stages, None, ImageConfig(), Metadata({}), tuple(self.problems))
        state = self.states[stage.number]
        chain = stages.chain(stage)
        reached = frozenset(chain)
        lost = tuple(each for number, row in enumerate(settings_of) if number not in reached for each in row)
        labels = {key: trail.label() for key, trail in state.labels.items()}
        root = stages.stages[chain[-1]]
        hidden = root.base is None and any(settings_of[: root.number])
        swallowed = any(problem.code in _SWALLOWS for problem in self.dockerfile.problems)
        complete = state.complete and not hidden and not swallowed
        metadata = Metadata(labels, lost, tuple(state.authors), complete)
        return Evaluation(self.dockerfile, stages, stage, state.config(), metadata, tuple(self.problems))

    def _run(self, stage: Stage) -> list[Setting]:
        """Apply a stage; returns the labels that its own instructions set."""
        triggers: list[Command] = []
        parent = self._parent(stage)
        if parent:
            triggers = parent.triggers
            state = parent.child()
        else:
            state = State()
            state.complete = stage.parent is None
            state.environment_complete = self.assumptions.closed or stage.base == SCRATCH
            # What another image sets is unknown, unless nothing is taken for possible that is not written.
            elsewhere = "" if self.assumptions.closed else None
            state.workdir = "/" if stage.base == SCRATCH else elsewhere
            state.user = state.signal = "" if stage.base == SCRATCH else elsewhere
            if state.environment_complete:
                state.env["PATH"] = DEFAULT_PATH
                state.variables["PATH"] = Value(DEFAULT_PATH)
        self.states.append(state)
        self.state, self.stage_number = state, stage.number
        self.own_settings = []
        for command in triggers:
            problem = check_instruction(command.instruction)
            if problem:
                self._refuse("onbuild-" + problem.code, stage.instruction, stage.instruction.span, problem.reason)
            else:
                self._apply(command)
        for command in stage.commands:
            self._apply(command)
        return self.own_settings

    def _parent(self, stage: Stage) -> State | None:
        """The state of the stage that this one is built upon; None if it comes from elsewhere or is too much."""
        if stage.parent is None:
            return None
        parent = self.states[stage.parent]
        self.inherited += parent.size
        self.triggered += len(parent.triggers)
        return parent if self.inherited <= MAX_INHERITED and self.triggered <= MAX_TRIGGERS else None

    def _apply(self, command: Command) -> None:
        instruction = command.instruction
        apply = _APPLY.get(instruction.name)
        if instruction.name not in KEYWORDS or (instruction.problem and instruction.name == "LABEL"):
            # What cannot be read may have been meant to set any label.
            self.state.complete = False
        if apply and instruction.problem is None:
            self.lookup = lookup_in(self.state.variables, self.state.environment_complete, self.allowance)
            apply(self, command)

    def _refuse(self, code: str, instruction: Instruction, span: Span, reason: str, assumed: bool = False) -> None:
        self.problems.append(refusal(code, instruction, span, reason, assumed=assumed))

    def _expand(self, word: Word, instruction: Instruction, options: Options | None = None) -> Value:
        try:
            text, names = expand(word.text, self.lookup, options or self.options)
        except ExpansionError as error:
            assumed = error.code == "required"
            self._refuse(f"expansion-{error.code}", instruction, word.span, str(error), assumed)
            return UNKNOWN_VALUE
        if not names:
            return Value(text)
        variables = self.state.variables
        return Value(text, joined(variables[name].arguments for name in names if name in variables))

    def _argument(self, instruction: Instruction) -> str | None:
        return self._expand(instruction.arguments[0], instruction).text if instruction.arguments else ""

    def _pair_value(self, command: Command, number: int, pair: Pair) -> Value:
        """The value of a pair: dockerfile-parse's reading where it is sound, else our own."""
        read = self.reading.values.get(command.position)
        if read and read[number] is not None:
            return Value(read[number])
        return self._expand(pair.value or Word("", pair.key.span), command.instruction)

    def _arg(self, command: Command) -> None:
        variables, closed = self.state.variables, self.assumptions.closed
        given = self.assumptions.build_arguments
        for number, pair in enumerate(command.instruction.pairs):
            name = pair.key.text
            if name in given:
                value = Value(given[name])
            elif pair.value is not None:
                value = argument_default(name, self._pair_value(command, number, pair), closed)
            elif name in self.stages.arguments:
                value = self.stages.arguments[name]
            elif closed:
                continue
            else:
                value = UNKNOWN_VALUE
            if name not in NOT_IN_ENVIRONMENT:
                variables[name] = value

    def _env(self, command: Command) -> None:
        values = []
        for number, pair in enumerate(command.instruction.pairs):
            key = self._expand(pair.key, command.instruction).text
            values.append((key, self._pair_value(command, number, pair)))
        for name, value in values:
            if name is not None:
                self.state.variables[name] = value
                self.state.env[name] = value.text

    def _label(self, command: Command) -> None:
        instruction = command.instruction
        known_problems = len(self.problems)
        for number, pair in enumerate(instruction.pairs):
            key = self._expand(pair.key, instruction).text
            value = self._pair_value(command, number, pair)
            # A quote that is never closed swallows the labels behind it.
            if key is None or len(self.problems) > known_problems:
                self.state.complete = False
            if key is None:
                continue
            text = None if value.text is None else printable(value.text)
            value_span = pair.value.span if pair.value else pair.key.span
            setting = Setting(
                printable(key), text, value.arguments, self.source, pair.key.span, value_span, self.stage_number,
                instruction.span,
            )  # fmt: skip
            self.state.labels[setting.key] = Trail(setting, self.state.labels.get(setting.key))
            self.own_settings.append(setting)

    def _maintainer(self, command: Command) -> None:
        instruction = command.instruction
        if instruction.arguments:
            author = (printable(instruction.arguments[0].text), self.source, instruction.span)
            self.state.authors = [author]

    def _command_line(self, instruction: Instruction) -> tuple[str, ...]:
        words = tuple(word.text for word in instruction.arguments)
        return words if instruction.exec_form else (*self.state.shell, " ".join(words))

    def _cmd(self, command: Command) -> None:
        self.state.cmd = self._command_line(command.instruction)
        self.state.cmd_set = True

    def _entrypoint(self, command: Command) -> None:
        self.state.entrypoint = self._command_line(command.instruction)
        if not self.state.cmd_set:
            self.state.cmd = ()

    def _shell(self, command: Command) -> None:
        if command.instruction.exec_form and command.instruction.arguments:
            self.state.shell = tuple(word.text for word in command.instruction.arguments)

    def _user(self, command: Command) -> None:
        self.state.user = self._argument(command.instruction)

    def _workdir(self, command: Command) -> None:
        path = self._argument(command.instruction)
        current = self.state.workdir
        if path is None or (current is None and not path.startswith("/")):
            self.state.workdir = None
        elif not path or path.startswith("/"):
            self.state.workdir = path or current or "/"
        else:
            joined = posixpath.normpath(posixpath.join("/", current or "", path))
            self.state.workdir = "/" + joined.lstrip("/")

    def _expose(self, command: Command) -> None:
        instruction = command.instruction
        for word in sorted(instruction.arguments, key=lambda word: word.text):
            try:
                specs = expand_words(word.text, self.lookup, self.options)
                if specs is None:
                    self.state.ports = None
                    return
                ports = [exposed(spec) for spec in specs]
            except ExpansionError as error:
                self._refuse(f"expansion-{error.code}", instruction, word.span, str(error))
            except PortError as error:
                self._refuse("invalid-port", instruction, word.span, printable(str(error)), assumed="$" in word.text)
            else:
                if self.state.ports is not None:
                    self.state.ports.update(ports)

    def _volume(self, command: Command) -> None:
        for word in command.instruction.arguments:
            path = self._expand(word, command.instruction).text
            if path is None:
                self.state.volumes = None
            elif self.state.volumes is not None:
                self.state.volumes.add(path)

    def _stopsignal(self, command: Command) -> None:
        signal = self._argument(command.instruction)
        if signal is not None and not re.match(_SIGNAL, signal):
            word = command.instruction.rest
            reason = f"`{printable(signal)}` is not a signal"
            self._refuse("invalid-signal", command.instruction, word.span, reason, assumed="$" in word.text)
        self.state.signal = signal

    def _onbuild(self, command: Command) -> None:
        inner = command.instruction.inner
        if inner is not None:
            self.state.triggers.append(Command(-1, inner._replace(heredocs=command.instruction.heredocs)))

    def _run_mounts(self, command: Command) -> None:
        instruction = command.instruction
        if instruction.flags:
            self.problems.extend(mount_problems(instruction, self.state.workdir, self._expand_in(instruction)))

    def _copy(self, command: Command) -> None:
        self.problems.extend(copy_problems(command.instruction, self._expand_in(command.instruction)))

    def _expand_in(self, instruction: Instruction) -> Expand:
        return lambda word, options: self._expand(word, instruction, options).text


_APPLY: Final[dict[str, Callable[[_Evaluator, Command], None]]] = {
    "ADD": _Evaluator._copy,
    "ARG": _Evaluator._arg,
    "CMD": _Evaluator._cmd,
    "COPY": _Evaluator._copy,
    "ENTRYPOINT": _Evaluator._entrypoint,
    "ENV": _Evaluator._env,
    "EXPOSE": _Evaluator._expose,
    "LABEL": _Evaluator._label,
    "MAINTAINER": _Evaluator._maintainer,
    "ONBUILD": _Evaluator._onbuild,
    "RUN": _Evaluator._run_mounts,
    "SHELL": _Evaluator._shell,
    "STOPSIGNAL": _Evaluator._stopsignal,
    "USER": _Evaluator._user,
    "VOLUME": _Evaluator._volume,
    "WORKDIR": _Evaluator._workdir,
}
