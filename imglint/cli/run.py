"""What the commands share: which files, with which settings, and how a run ends."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Final, NamedTuple, NoReturn

from imglint.catalog import Catalog
from imglint.config import ConfigError, Origin, Settings
from imglint.engine import Engine
from imglint.model.kind import Kind
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity, identify
from imglint.read import rules as rules_on_disk
from imglint.read.configfile import Loader
from imglint.read.git import remotes, worktree_root
from imglint.read.tree import EMPTY, Found, InputError, discover, read_source, read_stdin
from imglint.report.escape import visible
from imglint.report.result import InputProblem, Style
from imglint.source import Source

if TYPE_CHECKING:
    from imglint.baseline import Baseline
    from imglint.model.about import About

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


class Input(NamedTuple):
    """A file to look at: what it is read as, the directory it is in (as the system has it), and its settings.

    `path` opens it; `named` tells that the user named it; `top` is the directory that was searched.
    """

    source: Source
    directory: str
    settings: Settings
    kind: Kind = Kind.DOCKERFILE
    path: str = ""
    named: bool = True
    top: str = ""
    stdin: bool = False


class Run:
    """One call of a command: its inputs one after the other, and the failures met on the way.

    `texts` are what inputs are taken to say, by the paths that messages name them by, whatever their files hold.
    `baseline` has the findings that are silent for now.
    """

    def __init__(self, options: Options, kinds: frozenset[Kind] = frozenset((Kind.DOCKERFILE,))) -> None:
        _require_working_directory()
        self.options = options
        self.kinds = kinds
        self.catalog = Catalog(rules_on_disk.rule_families(), rules_on_disk.rule_page)
        self.engine = Engine(self.catalog)
        self.loader = Loader(_overrides(options), options.config)
        self.failures: list[InputProblem] = []
        self.texts: dict[str, str] = {}
        self.baseline: Baseline | None = None
        self._about: dict[str, About] = {}
        self._stdin: Source | InputError | None = None
        self._real: dict[str, str] = {}
        self._profiles: dict[str, RegistryProfile] = {}
        self._roots: dict[str, str | None] = {}
        self._identities: dict[tuple[str | None, str | None, str], Identity | None] = {}

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
            source = self._read_stdin(name) if stdin else read_source(found.path)
            path = name if stdin else found.path
            if not isinstance(source, InputError):
                directory = os.path.dirname(path) or os.curdir
                if source.path in self.texts:
                    source = Source(source.path, self.texts[source.path])
                yield Input(source, directory, settings, found.kind, path, found.named, top, stdin)
            elif found.named or found.kind is Kind.DOCKERFILE or source.reason != EMPTY:
                self.fail(*source)

    def _read_stdin(self, name: str) -> Source | InputError:
        """Standard input, which can be read only once."""
        if self._stdin is None:
            self._stdin = read_stdin(name)
        return self._stdin

    def settings(self, directory: str) -> Settings | None:
        """The settings of the files in a directory; None, and a failure noted, when they cannot be used."""
        try:
            settings = self.loader.settings(directory)
            self.engine.chosen(settings)
            self.profile(settings)
        except ConfigError as error:
            for problem in error.problems:
                self.fail(error.path, problem)
            return None
        return settings

    def profile(self, settings: Settings) -> RegistryProfile:
        """The registry that the settings name. Raises `ConfigError` when there is none of that name."""
        name = settings.registry
        if name not in self._profiles:
            profile = rules_on_disk.registry_profile(name)
            if profile is None:
                known = ", ".join(rules_on_disk.registry_names())
                reason = f"`registry`: there is no profile of `{name}`; there is one of {known}"
                raise ConfigError(settings.origins["registry"].where, [reason])
            self._profiles[name] = profile
        return self._profiles[name]

    def identity_finder(self, item: Input) -> Callable[[], Identity | None]:
        """What finds the repository that a file belongs to, once for each worktree."""

        def find() -> Identity | None:
            configured = item.settings.repository
            origin = item.settings.origins["repository"].words
            key = (self._root(item.directory), configured, origin)
            if key not in self._identities:
                self._identities[key] = identify(configured, os.environ, remotes(item.directory), origin)
            return self._identities[key]

        return find

    def about_finder(self, item: Input) -> Callable[[], About]:
        """What reads what the project around a file says of itself, once for each directory."""

        def find() -> About:
            if item.directory not in self._about:
                from imglint.read.about import about

                self._about[item.directory] = about(item.directory)
            return self._about[item.directory]

        return find

    def _root(self, directory: str) -> str | None:
        """The root of the worktree that a directory is in; what its parent is in, mostly, and that is known."""
        if directory not in self._roots:
            parent, name = os.path.split(directory)
            own = not parent or not name or name == os.pardir or os.path.islink(directory)
            if own or os.path.lexists(os.path.join(directory, ".git")):
                self._roots[directory] = worktree_root(directory)
            else:
                self._roots[directory] = self._root(parent)
        return self._roots[directory]

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
    width = 100
    if terminal:
        try:
            width = min(os.get_terminal_size().columns, 140)
        except OSError:
            width = 100
    return Style(color, width, links=terminal and color)


def write(chunks: Iterator[str]) -> None:
    """Write text to standard output as UTF-8, whatever the locale is.

    Who reads it may stop when they have seen enough; that changes nothing about how the run ends.
    """
    out = sys.stdout.buffer
    try:
        for chunk in chunks:
            out.write(chunk.encode("utf-8"))
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
        sys.stderr.buffer.write(f"error: {visible(message)}\n".encode())
        sys.stderr.flush()
