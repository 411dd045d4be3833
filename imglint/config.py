"""The settings of a run: their names, types and defaults, and layers of them laid over each other.

Nothing here opens a file (`imglint.read.configfile` does). A document is checked by decoding it; only when that
fails is the schema, `rules/schema/config.json`, consulted for what to say. Both accept the same documents.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from types import MappingProxyType
from typing import Any, Literal, cast

from imglint.record import NamedTuple
from imglint.syntax.pattern import pattern_problem

MAX_PATTERN = 1_000
"""Characters of one regular expression or one `exclude` pattern."""

MAX_UPLINK = 1_000_000
"""Megabits a second."""

LABEL_TYPES = ("url", "semver", "rfc3339", "spdx", "email", "hash", "text")
FAIL_ON = ("error", "warning", "info")
SEVERITIES = (*FAIL_ON, "off")
ASSUME_PUBLISHED = ("auto", "always", "never")

# The same expressions stand in the schema. `(?!\n)` because Python's `$` also matches before a last line feed.
REPOSITORY_PATTERN = (
    r"^(?:https://[A-Za-z0-9][A-Za-z0-9.-]*(?::[0-9]{1,5})?/)?"
    r"(?!\.{1,2}/)[A-Za-z0-9_.-]+/(?!\.{1,2}/?$|\.git/?$)[A-Za-z0-9_.-]+/?$(?!\n)"
)
HOST_PATTERN = r"^[A-Za-z0-9][A-Za-z0-9.-]*$(?!\n)"
SCOPE_PATTERN = r"^[a-z][a-z_]*(?::[a-z_]+)?$(?!\n)"
EXCLUDE_PATTERN = r"^(?:[^*]*\*+(?!\*)){0,3}[^*]*$(?!\n)"

ENVIRONMENT = {
    "IMGLINT_REPOSITORY": "repository",
    "IMGLINT_SELECT": "select",
    "IMGLINT_IGNORE": "ignore",
    "IMGLINT_FAIL_ON": "fail-on",
}
"""The variables that set a key; lists are separated by commas."""


class LabelRequirement(NamedTuple):
    """What a required label's value has to be; an empty string asks for nothing."""

    type: str = ""
    pattern: str = ""


class DeclaredToken(NamedTuple):
    """What a secret holds, as far as somebody says so: the scopes of a token."""

    scopes: tuple[str, ...] = ()


class Origin(NamedTuple):
    """Where a value comes from. `where` is a file (with its table), a variable or a flag, as people write it."""

    kind: Literal["default", "file", "environment", "flag"] = "default"
    where: str = ""

    @property
    def words(self) -> str:
        """For use in a sentence: "the configuration (imglint.toml)", "--select"."""
        if self.kind == "default":
            return "the default"
        return f"the configuration ({self.where})" if self.kind == "file" else self.where


Overrides = Mapping[str, tuple[object, Origin]]
"""Values above the configuration file, by key (`fail-on`), each with its origin."""

_NOTHING: Mapping[str, Any] = MappingProxyType({})


class Settings(NamedTuple):
    """What holds for the files of one directory: one field a key, `fail_on` for `fail-on`.

    `uplink` is in megabits a second. `tokens` are by the name of the secret that holds them. `origins` tells for every
    key (`fail-on`) where its value comes from. `file` is the absolute path of the configuration file, `None` without
    one; `root` the absolute directory that relative things in it refer to.
    """

    repository: str | None = None
    github_hosts: tuple[str, ...] = ()
    registry: str = "ghcr.io"
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    fail_on: str = "warning"
    assume_published: str = "auto"
    target: str | None = None
    build_args: Mapping[str, str] = _NOTHING
    exclude: tuple[str, ...] = ()
    uplink: int | None = None
    severity: Mapping[str, str] = _NOTHING
    required_labels: Mapping[str, LabelRequirement] = _NOTHING
    tokens: Mapping[str, DeclaredToken] = _NOTHING
    origins: Mapping[str, Origin] = _NOTHING
    file: str | None = None
    root: str = ""


class ConfigError(Exception):
    """A configuration that cannot be used. Its text is one line for each thing wrong, each naming `path`."""

    def __init__(self, path: str, problems: Iterable[str]) -> None:
        self.path = path
        self.problems = tuple(problems)
        super().__init__("\n".join(f"{path}: {problem}" for problem in self.problems))


class MismatchError(ValueError):
    """A document that is not shaped like a configuration."""


def defaults(root: str = "") -> Settings:
    """What holds when nobody says anything."""
    return Settings(origins=MappingProxyType(dict.fromkeys(DECODERS, Origin())), root=root)


def lay_over(
    settings: Settings, document: Mapping[str, object], origin: Origin, schema_text: Callable[[], str]
) -> Settings:
    """The settings with a document's values over them; tables are joined, everything else is replaced.

    Raises `ConfigError` when the document is no configuration; `schema_text` is called only then.
    """
    try:
        values = decode(document)
    except MismatchError:
        from imglint.configcheck import problems

        raise ConfigError(origin.where, problems(document, schema_text())) from None
    changed: dict[str, Any] = {}
    for key, value in values.items():
        field = key.replace("-", "_")
        if isinstance(value, dict):
            value = MappingProxyType({**getattr(settings, field), **value})
        changed[field] = value
    origins = MappingProxyType({**settings.origins, **dict.fromkeys(values, origin)})
    return settings._replace(origins=origins, **changed)


def from_environment(environment: Mapping[str, str]) -> Overrides:
    """The overrides that environment variables ask for; an empty variable asks for nothing."""
    found: dict[str, tuple[object, Origin]] = {}
    for variable, key in ENVIRONMENT.items():
        text = environment.get(variable, "").strip()
        if text:
            words = [word.strip() for word in text.split(",") if word.strip()]
            value = words if key in ("select", "ignore") else text
            found[key] = (value, Origin("environment", variable))
    return found


def decode(document: Mapping[str, object]) -> dict[str, object]:
    """A document's values as `Settings` has them, by key; raises `MismatchError` without saying what is wrong."""
    values: dict[str, object] = {}
    for key, value in document.items():
        decoder = DECODERS.get(key)
        if decoder is None:
            raise MismatchError
        values[key] = decoder(value)
    return values


_Decoder = Callable[[object], object]


def _string(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise MismatchError
    return value


def _any_string(value: object) -> str:
    if not isinstance(value, str):
        raise MismatchError
    return value


def _matching(pattern: str, decoder: Callable[[str], str] = str) -> _Decoder:
    def decode_text(value: object) -> str:
        text = _string(value)
        if len(text) > MAX_PATTERN or not re.search(pattern, text):
            raise MismatchError
        return decoder(text)

    return decode_text


def _one_of(words: tuple[str, ...]) -> _Decoder:
    def decode_word(value: object) -> object:
        if value not in words:
            raise MismatchError
        return value

    return decode_word


def _uplink(value: object) -> int:
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= MAX_UPLINK:
        raise MismatchError
    return value


def _list_of(decoder: _Decoder) -> _Decoder:
    def decode_list(value: object) -> tuple[object, ...]:
        if not isinstance(value, list):
            raise MismatchError
        return tuple(decoder(item) for item in value)

    return decode_list


def _table_of(decoder: _Decoder) -> _Decoder:
    def decode_table(value: object) -> dict[str, object]:
        if not isinstance(value, dict):
            raise MismatchError
        return {_string(key): decoder(item) for key, item in value.items()}

    return decode_table


def _label_requirement(value: object) -> LabelRequirement:
    if not isinstance(value, dict) or not value.keys() <= {"type", "pattern"}:
        raise MismatchError
    if "type" in value and value["type"] not in LABEL_TYPES:
        raise MismatchError
    pattern = _any_string(value.get("pattern", ""))
    if len(pattern) > MAX_PATTERN or pattern_problem(pattern):
        raise MismatchError
    return LabelRequirement(**value)


def _declared_token(value: object) -> DeclaredToken:
    if not isinstance(value, dict) or value.keys() != {"scopes"}:
        raise MismatchError
    scopes = _list_of(_matching(SCOPE_PATTERN))(value["scopes"])
    return DeclaredToken(cast(tuple[str, ...], scopes))


DECODERS: Mapping[str, _Decoder] = MappingProxyType(
    {
        "repository": _matching(REPOSITORY_PATTERN),
        "github-hosts": _list_of(_matching(HOST_PATTERN, str.lower)),
        "registry": _string,
        "select": _list_of(_string),
        "ignore": _list_of(_string),
        "fail-on": _one_of(FAIL_ON),
        "assume-published": _one_of(ASSUME_PUBLISHED),
        "target": _string,
        "build-args": _table_of(_any_string),
        "exclude": _list_of(_matching(EXCLUDE_PATTERN)),
        "uplink": _uplink,
        "severity": _table_of(_one_of(SEVERITIES)),
        "required-labels": _table_of(_label_requirement),
        "tokens": _table_of(_declared_token),
    }
)
"""The keys of a configuration, each with what turns its TOML value into the one in `Settings`."""
