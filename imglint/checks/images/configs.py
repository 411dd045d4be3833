"""The configuration of an image: https://github.com/opencontainers/image-spec/blob/main/config.md ."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.descriptors import digest_help
from imglint.checks.images.problems import (
    Problem,
    array_of,
    filled,
    has_type,
    map_of,
    quoted,
    repeated_names,
    reported,
    shown,
    typed,
)
from imglint.checks.images.walk import configurations
from imglint.finding import Finding, Severity
from imglint.model.image.image import At, Image
from imglint.syntax.values import is_digest, is_rfc3339

MILLISECOND: Final = 1_000_000
"""Nanoseconds: Docker takes no shorter times in a health check, except none."""

_PORT: Final = r"(?P<number>[0-9]{1,5})(?:/(?:tcp|udp|sctp))?\Z"
_USER: Final = r"[^\s:]+(?::[^\s:]+)?\Z"
_SIGNAL: Final = r"(?:SIG)?(?:[A-Z][A-Z0-9]*)(?:[+-][0-9]{1,2})?\Z|[0-9]{1,2}\Z"
_SIGNALS: Final = frozenset((
    "ABRT", "ALRM", "BUS", "CHLD", "CLD", "CONT", "FPE", "HUP", "ILL", "INT", "IO", "IOT", "KILL", "PIPE", "POLL",
    "PROF", "PWR", "QUIT", "SEGV", "STKFLT", "STOP", "SYS", "TERM", "TRAP", "TSTP", "TTIN", "TTOU", "UNUSED", "URG",
    "USR1", "USR2", "VTALRM", "WINCH", "XCPU", "XFSZ", "RTMIN", "RTMAX",
))  # fmt: skip
_MAX_SIGNAL: Final = 64
_TIMES: Final = ("Interval", "Timeout", "StartPeriod", "StartInterval")


def invalid_config(image: Image, context: Context) -> Iterator[Finding]:
    """A configuration that is not as the specification wants it."""
    for document in configurations(image):
        yield from reported(context, _configuration(At(document, ())))


def _configuration(at: At) -> Iterator[Problem]:
    yield from repeated_names(at.document)
    yield from filled(at, "architecture")
    yield from filled(at, "os")
    for name in ("author", "os.version", "variant"):
        yield from typed(at, name, "a string")
    yield from array_of(at, "os.features", "a string")
    yield from _time(at)
    yield from _rootfs(at)
    yield from _history(at)
    yield from typed(at, "config", "an object")
    if isinstance((at / "config").value, dict):
        yield from _runtime(at / "config", (at / "os").value != "windows")


def _time(at: At) -> Iterator[Problem]:
    yield from typed(at, "created", "a string")
    value = (at / "created").value
    if isinstance(value, str) and not is_rfc3339(value):
        message = f"{quoted(value)} is not a date and time of RFC 3339"
        yield Problem(at / "created", message, "write it as 2026-01-31T12:00:00Z")


def _rootfs(at: At) -> Iterator[Problem]:
    yield from typed(at, "rootfs", "an object", required=True)
    here = at / "rootfs"
    if not isinstance(here.value, dict):
        return
    if (here / "type").value != "layers":
        found = (here / "type").value
        message = "`type` is missing" if found is None else f"`type` must be layers, not {shown(found)}"
        yield Problem(here if found is None else here / "type", message, 'write "type": "layers"')
    yield from array_of(here, "diff_ids", "a string", required=True)
    for number, value in enumerate(here.document.items(*here.pointer, "diff_ids")):
        if isinstance(value, str) and not is_digest(value):
            yield Problem(here / "diff_ids" / number, f"{quoted(value)} is not a digest", digest_help(value))


def _history(at: At) -> Iterator[Problem]:
    yield from array_of(at, "history", "an object")
    for number, entry in enumerate(at.document.items("history")):
        here = at / "history" / number
        if isinstance(entry, dict):
            yield from _time(here)
            for name in ("author", "created_by", "comment"):
                yield from typed(here, name, "a string")
            yield from typed(here, "empty_layer", "true or false")


def _runtime(at: At, is_unix: bool) -> Iterator[Problem]:
    for name in ("User", "WorkingDir", "StopSignal"):
        yield from typed(at, name, "a string")
    for name in ("Env", "Entrypoint", "Cmd", "OnBuild", "Shell"):
        yield from array_of(at, name, "a string")
    for name in ("Memory", "MemorySwap", "CpuShares"):
        yield from typed(at, name, "a whole number")
    yield from typed(at, "ArgsEscaped", "true or false")
    yield from map_of(at, "ExposedPorts", "an object")
    yield from map_of(at, "Volumes", "an object")
    yield from map_of(at, "Labels", "a string")
    yield from _environment(at)
    yield from _ports(at)
    yield from _stop_signal(at)
    yield from _health_check(at)
    if is_unix:
        yield from _of_unix(at)


def _environment(at: At) -> Iterator[Problem]:
    seen: set[str] = set()
    for number, value in enumerate(at.document.items(*at.pointer, "Env")):
        if not isinstance(value, str):
            continue
        here = at / "Env" / number
        name, separator, _ = value.partition("=")
        if not separator:
            yield Problem(here, f"{quoted(value)} is not of the form NAME=VALUE", "write NAME= for an empty value")
        elif not name:
            yield Problem(here, f"{quoted(value)} has no name before the =")
        elif name in seen:
            message = f"{quoted(name)} is set twice, and tools disagree about which of the values counts"
            yield Problem(here, message, "remove one of the two", Severity.WARNING)
        seen.add(name)


def _ports(at: At) -> Iterator[Problem]:
    for key in at.document.members(*at.pointer, "ExposedPorts"):
        found = re.match(_PORT, key)
        if found is None or not 1 <= int(found["number"]) <= 65_535:
            message = f"{quoted(key)} is not a port: it must be a number up to 65535, and tcp, udp or sctp"
            yield Problem(at / "ExposedPorts" / key, message, "write 8080/tcp, one entry for each port", is_name=True)


def _stop_signal(at: At) -> Iterator[Problem]:
    value = (at / "StopSignal").value
    if not isinstance(value, str) or not value:
        return
    name = re.split(r"[+-]", value.upper().removeprefix("SIG"))[0]
    number = int(value) if value.isascii() and value.isdigit() and len(value) <= 2 else None
    known = 1 <= number <= _MAX_SIGNAL if number is not None else name in _SIGNALS
    if not re.match(_SIGNAL, value.upper()) or not known:
        message = f"{quoted(value)} is not a signal, so the container cannot be stopped with it"
        yield Problem(at / "StopSignal", message, "write a name such as SIGTERM")


def _health_check(at: At) -> Iterator[Problem]:
    """https://github.com/moby/docker-image-spec/blob/main/spec.md ."""
    yield from typed(at, "Healthcheck", "an object")
    here = at / "Healthcheck"
    if not isinstance(here.value, dict):
        return
    yield from array_of(here, "Test", "a string")
    test = here.document.items(*here.pointer, "Test")
    if test and isinstance(test[0], str) and test[0] not in ("", "NONE", "CMD", "CMD-SHELL"):
        message = f"a test begins with NONE, CMD or CMD-SHELL, not with {quoted(test[0])}"
        yield Problem(here / "Test" / 0, message)
    for name in (*_TIMES, "Retries"):
        yield from typed(here, name, "a whole number")
        value = (here / name).value
        if not has_type(value, "a whole number"):
            continue
        if value < 0:
            yield Problem(here / name, f"`{name}` must not be negative, and is {value}")
        elif name != "Retries" and 0 < value < MILLISECOND:
            message = f"`{name}` counts nanoseconds, and {value:,} are less than a millisecond"
            yield Problem(here / name, message, f"{value} seconds are {value * 1000 * MILLISECOND}")


def _of_unix(at: At) -> Iterator[Problem]:
    """What only systems with Unix paths and users want."""
    user, directory = (at / "User").value, (at / "WorkingDir").value
    if isinstance(user, str) and user and not re.match(_USER, user):
        message = f"{quoted(user)} is neither a user nor a user and a group, which is all that engines must understand"
        yield Problem(at / "User", message, "write user, or user:group", Severity.WARNING)
    if isinstance(directory, str) and directory and not directory.startswith("/"):
        yield Problem(at / "WorkingDir", f"{quoted(directory)} is not an absolute path", f"write /{directory}")
    for key in at.document.members(*at.pointer, "Volumes"):
        if not key.startswith("/"):
            message = f"the volume {quoted(key)} is not an absolute path"
            yield Problem(at / "Volumes" / key, message, f"write /{key}", is_name=True)
