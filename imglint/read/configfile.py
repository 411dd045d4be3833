"""Finding and reading the configuration file of a directory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping

from imglint.config import ConfigError, Origin, Overrides, Settings, defaults, from_environment, lay_over
from imglint.read.file import MEBIBYTE, UnreadableError, display, is_within, read_bytes
from imglint.read.git import worktree_root
from imglint.read.rules import rules_folder
from imglint.record import NamedTuple

NAMES = ("imglint.toml", ".imglint.toml", "pyproject.toml")
"""The names of configuration files; in one directory the first wins."""

MAX_BYTES = MEBIBYTE
"""Bytes of a configuration file that are read."""

MAX_KEY_PARTS = 64
"""Parts of one dotted key: the time and memory that Python's parser takes grow with their square."""

_LONG_KEY = rf"""(?a)(?<![\w.-])(?:(?:[\w-]+|"[^"\n]*"|'[^'\n]*')[ \t]*\.[ \t]*){{{MAX_KEY_PARTS}}}"""
_PLACE = r" \(at (?:line (\d+), column (\d+)|end of document)\)$"


class _File(NamedTuple):
    """What a configuration file says, and how messages name it."""

    document: Mapping[str, object]
    where: str


class Loader:
    """The settings of directories, each configuration file read once.

    `overrides` are the values of flags. `explicit_file` (or the variable `IMGLINT_CONFIG`) is used in place of
    what would be found. `environment` is `os.environ` unless given.
    """

    def __init__(
        self,
        overrides: Overrides | None = None,
        explicit_file: str | None = None,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        environment = os.environ if environment is None else environment
        self._overrides = {**from_environment(environment), **(overrides or {})}
        self._explicit_file = explicit_file or environment.get("IMGLINT_CONFIG")
        # What the file for each directory passed on the way comes to; `None` where there is no file.
        self._known: dict[str, Settings | ConfigError | None] = {}
        self._without_file: Settings | None = None

    def settings(self, directory: str) -> Settings:
        """What holds for the files of a directory; raises `ConfigError`, the same one for the same file."""
        directory = os.path.abspath(directory)
        found = self._explicit(self._explicit_file) if self._explicit_file else self._nearest(directory)
        if isinstance(found, ConfigError):
            raise found.with_traceback(None)
        if found is None:
            if self._without_file is None:
                self._without_file = self._overridden(defaults())
            found = self._without_file._replace(root=directory)
        return found

    def _explicit(self, path: str) -> Settings | ConfigError | None:
        if path not in self._known:
            self._known[path] = self._attempt(os.path.abspath(path), explicit=True)
        return self._known[path]

    def _nearest(self, directory: str) -> Settings | ConfigError | None:
        """What the nearest file upwards comes to; the search ends where the worktree does."""
        passed: list[str] = []
        found: Settings | ConfigError | None = None
        while directory not in self._known:
            passed.append(directory)
            attempts = (self._attempt(os.path.join(directory, name)) for name in NAMES)
            found = next((attempt for attempt in attempts if attempt), None)
            parent = os.path.dirname(directory)
            if found or parent == directory or os.path.lexists(os.path.join(directory, ".git")):
                break
            directory = parent
        else:
            found = self._known[directory]
        self._known.update(dict.fromkeys(passed, found))
        return found

    def _attempt(self, path: str, explicit: bool = False) -> Settings | ConfigError | None:
        """What one file comes to, `None` when there is none or it does not speak of imglint."""
        try:
            file = _read(path, explicit)
            if file is None:
                return None
            origin = Origin("file", file.where)
            settings = lay_over(defaults(os.path.dirname(path)), file.document, origin, schema_text)
            return self._overridden(settings._replace(file=path))
        except ConfigError as error:
            return error

    def _overridden(self, settings: Settings) -> Settings:
        for key, (value, origin) in self._overrides.items():
            document = {key: list(value) if isinstance(value, tuple) else value}
            settings = lay_over(settings, document, origin, schema_text)
        return settings


def candidates(directory: str, names: tuple[str, ...] = NAMES) -> Iterator[str]:
    """The files of those names that may speak of a directory, whether they are there or not, the nearest first."""
    directory = os.path.abspath(directory)
    while True:
        yield from (os.path.join(directory, name) for name in names)
        parent = os.path.dirname(directory)
        if parent == directory or os.path.lexists(os.path.join(directory, ".git")):
            return
        directory = parent


def load(directory: str, overrides: Overrides | None = None) -> Settings:
    """The settings of one directory; raises `ConfigError`."""
    return Loader(overrides).settings(directory)


def schema_text() -> str:
    """The JSON Schema of configuration files."""
    return read_bytes(os.path.join(rules_folder(), "schema", "config.json"), MAX_BYTES).decode()


def _read(path: str, explicit: bool = False) -> _File | None:
    """The configuration in a file; `None` when it is absent or a pyproject.toml that says nothing of imglint.

    Raises `ConfigError`. An explicit file must exist and say something.
    """
    if not explicit and not os.path.lexists(path):
        return None
    shown = _shown(path)
    try:
        if not explicit:
            _refuse_way_out(path)
        data = read_bytes(path, MAX_BYTES)
    except UnreadableError as error:
        if error.missing and not explicit:
            return None
        raise ConfigError(shown, [error.reason]) from None
    if os.path.basename(path) != "pyproject.toml":
        return _File(_parse(shown, data), shown)
    # Most of these files belong to projects that do not configure imglint, and parsing is slow.
    tool = _parse(shown, data).get("tool") if b"imglint" in data else None
    table = tool.get("imglint") if isinstance(tool, Mapping) else None
    if table is None:
        if explicit:
            raise ConfigError(shown, ["has no table [tool.imglint]"])
        return None
    if not isinstance(table, Mapping):
        raise ConfigError(shown, ["`tool.imglint` must be a table"])
    return _File(table, f"{shown} [tool.imglint]")


def _refuse_way_out(path: str) -> None:
    """Raise `UnreadableError` for a symbolic link that leads out of the worktree (outside one: the directory)."""
    if os.path.islink(path):
        folder = os.path.dirname(path)
        if not is_within(os.path.realpath(path), worktree_root(folder) or os.path.realpath(folder)):
            raise UnreadableError("is a symbolic link that leads out of the repository")


def _parse(shown: str, data: bytes) -> dict[str, object]:
    """The tables of a TOML document; raises `ConfigError` with line, column and reason."""
    import tomllib

    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        place = _place(data[: error.start].decode())
        raise ConfigError(shown, [f"{place}: is not UTF-8 text (byte 0x{data[error.start]:02x})"]) from None
    if long_key := re.search(_LONG_KEY, text):
        line = text.count("\n", 0, long_key.start()) + 1
        raise ConfigError(shown, [f"line {line}: a key of more than {MAX_KEY_PARTS} parts"])
    try:
        return tomllib.loads(text)
    except RecursionError:
        raise ConfigError(shown, ["is nested too deeply to be read"]) from None
    except ValueError as error:  # a TOMLDecodeError, or a number of too many digits
        raise ConfigError(shown, [_syntax_problem(str(error), text)]) from None


def _syntax_problem(message: str, text: str) -> str:
    """What Python's TOML parser says, with the place in front."""
    place = re.search(_PLACE, message)
    reason = f"is not valid TOML: {message[: place.start()] if place else message}"
    if place is None:
        return reason
    if place[1]:
        return f"line {place[1]}, column {place[2]}: {reason}"
    return f"{_place(text.rstrip())}: {reason}, at the end of the file"


def _place(before: str) -> str:
    """Line and column, from 1, of what follows a text."""
    return f"line {before.count(chr(10)) + 1}, column {len(before) - before.rfind(chr(10))}"


def _shown(path: str) -> str:
    """An absolute path as messages show it: relative when it lies below the working directory."""
    here = os.getcwd()
    return display(os.path.relpath(path, here) if is_within(path, here) else path)
