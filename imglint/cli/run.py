"""What the commands share: which files, with which settings, and how a run ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NoReturn

from imglint.config import ConfigError, Origin, Settings
from imglint.model.kind import Kind
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity
from imglint.read.tree import (
    EMPTY,
    MAX_BYTES,
    MAX_TEXT_BYTES,
    Found,
    InputError,
    discover,
    read_source,
    read_stdin,
)
from imglint.record import NamedTuple
from imglint.report.escape import visible
from imglint.report.result import InputProblem, Style
from imglint.source import Source
from imglint.syntax.secrets import without_tokens
from imglint.workspace import Input, Workspace

if TYPE_CHECKING:
    from imglint.baseline import Baseline

EXIT_FINDINGS: Final = 1
EXIT_FAILURE: Final = 2

STDIN: Final = "-"
"""The path that means standard input."""

STDIN_NAME: Final = "<stdin>"
"""What messages call standard input when the user gives no name."""


class CommandError(Exception):
    """A command cannot do what it was asked to; the text is one line, and the process ends with 2."""


class Options(NamedTuple):
    """The flags that several commands have, as the user gave them."""

    paths: tuple[str, ...]
    config: str | None = None
    stdin_filename: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    target: str | None = None
    build_arguments: tuple[str, ...] = ()
    fail_on: str | None = None


class Run:
    """One call of a command: its inputs one after the other, and the failures met on the way.

    `texts` are what inputs are taken to say, by the paths that messages name them by, whatever their files hold.
    `baseline` has the findings that are silent for now.
    """

    def __init__(self, options: Options, kinds: frozenset[Kind] = frozenset((Kind.DOCKERFILE,))) -> None:
        _require_working_directory()
        self.options = options
        self.kinds = kinds
        self.workspace = Workspace(_overrides(options), options.config)
        self.catalog = self.workspace.catalog
        self.engine = self.workspace.engine
        self.failures: list[InputProblem] = []
        self.texts: dict[str, str] = {}
        self.baseline: Baseline | None = None
        self._stdin: Source | InputError | None = None
        self._real: dict[str, str] = {}

    def fail(self, path: str, reason: str) -> None:
        """Note an input that cannot be judged; the same failure is told once."""
        problem = InputProblem(path, reason)
        if problem not in self.failures:
            self.failures.append(problem)

    def found(self) -> Iterator[tuple[Found, Settings, str]]:
        """What to read (`-` is standard input), each with its settings and the directory that was searched."""
        seen: set[str] = set()
        for path in dict.fromkeys(self.options.paths or (os.curdir,)):
            if path == STDIN:
                directory = os.path.dirname(self.options.stdin_filename or "") or os.curdir
                settings = self.settings(directory)
                if settings:
                    yield Found(path, named=True), settings, directory
                continue
            # A broken configuration is told, and the directories below that have their own are judged all the same.
            base = self.settings(path) if os.path.isdir(path) else None
            exclude, root = (base.exclude, base.root) if base else ((), None)
            for found in discover((path,), exclude, root, self.kinds):
                if isinstance(found, InputError):
                    self.fail(*found)
                    continue
                settings = self.settings(os.path.dirname(found.path) or os.curdir)
                if settings and not self._is_again(found.path, seen):
                    yield found, settings, path if not found.named else os.path.dirname(path) or os.curdir

    def _is_again(self, path: str, seen: set[str]) -> bool:
        """Whether another of several paths on the command line has led to this file already."""
        if len(self.options.paths) < 2:
            return False
        folder, name = os.path.split(path)
        if folder not in self._real:
            self._real[folder] = os.path.realpath(folder)
        real = os.path.realpath(path) if os.path.islink(path) else os.path.join(self._real[folder], name)
        again = real in seen
        seen.add(real)
        return again

    def inputs(self) -> Iterator[Input]:
        """The files to look at; what cannot be read is noted and left out."""
        for found, settings, top in self.found():
            name = self.options.stdin_filename or STDIN_NAME
            stdin = found.path == STDIN
            limit = MAX_TEXT_BYTES if found.kind is Kind.TEXT and not found.named else MAX_BYTES
            source = self._read_stdin(name) if stdin else read_source(found.path, limit)
            path = name if stdin else found.path
            if not isinstance(source, InputError):
                directory = os.path.dirname(path) or os.curdir
                if source.path in self.texts:
                    source = Source(source.path, self.texts[source.path])
                yield Input(source, directory, settings, found.kind, path, found.named, top, stdin)
            elif (
                found.named or found.kind is Kind.DOCKERFILE or (source.reason != EMPTY and found.kind is not Kind.TEXT)
            ):
                self.fail(*source)

    def _read_stdin(self, name: str) -> Source | InputError:
        """Standard input, which can be read only once."""
        if self._stdin is None:
            self._stdin = read_stdin(name)
        return self._stdin

    def settings(self, directory: str) -> Settings | None:
        """The settings of the files in a directory; None, and a failure noted, when they cannot be used."""
        try:
            return self.workspace.settings(directory)
        except ConfigError as error:
            for problem in error.problems:
                self.fail(error.path, problem)
            return None

    def profile(self, settings: Settings) -> RegistryProfile:
        """The registry that the settings name. Raises `ConfigError` when there is none of that name."""
        return self.workspace.profile(settings)

    def identity_finder(self, item: Input) -> Callable[[], Identity | None]:
        """What finds the repository that a file belongs to."""
        return self.workspace.identity_finder(item)

    def finish(self, findings: bool) -> NoReturn:
        """End the process: a failure outweighs findings, and neither hides the other."""
        sys.exit(EXIT_FAILURE if self.failures else EXIT_FINDINGS if findings else 0)


def _overrides(options: Options) -> Mapping[str, tuple[object, Origin]]:
    overrides: dict[str, tuple[object, Origin]] = {}
    if options.select:
        overrides["select"] = (_split(options.select), Origin("flag", "--select"))
    if options.ignore:
        overrides["ignore"] = (_split(options.ignore), Origin("flag", "--ignore"))
    if options.target:
        overrides["target"] = (options.target, Origin("flag", "--target"))
    if options.fail_on:
        overrides["fail-on"] = (options.fail_on, Origin("flag", "--fail-on"))
    if options.build_arguments:
        arguments: dict[str, str] = {}
        for argument in options.build_arguments:
            name, separator, value = argument.partition("=")
            if not name:
                raise CommandError(f"--build-arg: `{argument}` has no name before the `=`")
            if separator or name in os.environ:
                arguments[name] = value if separator else os.environ[name]
        overrides["build-args"] = (arguments, Origin("flag", "--build-arg"))
    return overrides


def _require_working_directory() -> None:
    try:
        os.getcwd()
    except OSError:
        raise CommandError("the working directory does not exist any more") from None


def _split(words: tuple[str, ...]) -> list[str]:
    return [part.strip() for word in words for part in word.split(",") if part.strip()]


def style_for_terminal() -> Style:
    """Colour as the terminal and the variables NO_COLOR and FORCE_COLOR ask for, and its width."""
    terminal = sys.stdout.isatty()
    color = terminal and os.environ.get("TERM") != "dumb"
    if os.environ.get("FORCE_COLOR"):
        color = os.environ["FORCE_COLOR"] != "0"
    if os.environ.get("NO_COLOR"):
        color = False
    try:
        width = os.get_terminal_size().columns if terminal else 0
    except OSError:
        width = 0
    # One that does not know its size says 0: so do those that `script` and `docker exec -t` make.
    return Style(color, min(width or 100, 140), links=terminal and color)


def write(chunks: Iterator[str]) -> None:
    """Write text to standard output as UTF-8, whatever the locale is, without the tokens that are in it.

    Who reads it may stop when they have seen enough; that changes nothing about how the run ends.
    """
    out = sys.stdout.buffer
    try:
        for chunk in chunks:
            out.write(without_tokens(chunk).encode("utf-8"))
        out.flush()
    except BrokenPipeError:
        discard_output()


def discard_output() -> None:
    """Let standard output lead nowhere, so that what could not be written is not tried again at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def tell_failures(failures: list[InputProblem]) -> None:
    """Print the failures of a command that has no report of its own, on standard error."""
    for path, reason in failures:
        tell(f"{path}: {reason}")


def tell(message: str) -> None:
    """Print an error on standard error."""
    if sys.stderr is not None:  # It is None when it was closed before we began.
        sys.stderr.buffer.write(f"error: {visible(without_tokens(message))}\n".encode())
        sys.stderr.flush()


def say(words: str) -> None:
    """Print what is for a person on standard error."""
    if sys.stderr is not None:
        sys.stderr.buffer.write("".join(f"{visible(line)}\n" for line in words.split("\n")).encode())
        sys.stderr.flush()
