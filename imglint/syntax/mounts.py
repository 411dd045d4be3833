"""The value of `RUN --mount=…`: one line of comma-separated fields (Dockerfile reference, "RUN --mount")."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final

from imglint.record import NamedTuple

_TYPES: Final = ("bind", "cache", "tmpfs", "secret", "ssh")
_KEYS: Final = {
    "type": "type", "from": "from", "source": "source", "src": "source", "target": "target", "dst": "target",
    "destination": "target", "readonly": "readonly", "ro": "readonly", "readwrite": "readwrite", "rw": "readwrite",
    "required": "required", "size": "size", "id": "id", "sharing": "sharing", "mode": "mode", "uid": "uid",
    "gid": "gid", "env": "env",
}  # fmt: skip
_BOOLEANS: Final = ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False")
_SIZE: Final = r"[0-9]+(\.[0-9]+)? ?([kKmMgGtTpP][iI]?)?[bB]?\Z"


class MountError(ValueError):
    """A mount BuildKit refuses; the text says why, `code` names the kind."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code


class Mount(NamedTuple):
    """A mount after its variables were replaced; empty strings where nothing was given."""

    type: str = "bind"
    target: str = ""


def fields(value: str) -> list[str]:
    """Cut at commas outside of double quotes. Raises `MountError`, also for a variable in `from=`."""
    cut = _csv(value)
    for field in cut:
        key, separator, text = field.partition("=")
        dollar = text.find("$")
        if separator and key.lower() == "from" and 0 <= dollar < len(text) - 1:
            raise MountError("mount-from-variable", "`from=` in a mount cannot hold a variable; name a stage instead")
    return cut


def _csv(value: str) -> list[str]:
    cut: list[str] = []
    pos = 0
    while True:
        if value.startswith('"', pos):
            match = re.compile(r'"((?:[^"]|"")*)"(?=,|\Z)').match(value, pos)
            if match is None:
                raise MountError("mount-csv", "the double quotes in this mount do not match")
            cut.append(match[1].replace('""', '"'))
            pos = match.end()
        else:
            end = value.find(",", pos)
            end = len(value) if end < 0 else end
            if '"' in value[pos:end]:
                raise MountError("mount-csv", "a double quote in a mount must enclose the whole field")
            cut.append(value[pos:end])
            pos = end
        if pos >= len(value):
            return cut
        pos += 1


def parse(value: str, expand: Callable[[str], str | None]) -> Mount | None:
    """Read a mount, replacing variables by `expand`; None when one is unknown. Raises `MountError`."""
    given: dict[str, str] = {"type": "bind"}
    for field in fields(value):
        key, separator, raw = field.partition("=")
        key = key.lower()
        if not separator:
            _check_flag_field(key, field, given["type"])
            continue
        text = expand(raw)
        if text is None:
            return None
        name = _KEYS.get(key)
        if name is None:
            raise MountError("mount-key", f"a mount has no field `{key}`")
        if name == "type":
            text = text.lower()
        _check_field(name, key, text, given["type"])
        given[name] = text
    _check_together(given)
    return Mount(given["type"], given.get("target", ""))


def _check_flag_field(key: str, field: str, type: str) -> None:
    name = _KEYS.get(key)
    if name == "required" and type not in ("secret", "ssh"):
        raise MountError("mount-key", f"`required` does not go with a mount of type {type}")
    if key in ("z", "u"):
        raise MountError("mount-field", f"`{field}` is an option of podman's mounts, which BuildKit does not have")
    if name not in ("readonly", "readwrite", "required"):
        raise MountError("mount-field", f"`{field}` in a mount must be a key=value pair")


def _check_field(name: str, key: str, text: str, type: str) -> None:
    wrong = False
    if name == "type" and text not in _TYPES:
        raise MountError("mount-type", f"`{text}` is not a type of mount ({', '.join(_TYPES)})")
    if (name == "required" and type not in ("secret", "ssh")) or (name == "size" and type != "tmpfs"):
        raise MountError("mount-key", f"`{key}` does not go with a mount of type {type}")
    if name in ("readonly", "readwrite", "required"):
        wrong = text not in _BOOLEANS
    elif name == "size":
        wrong = not re.match(_SIZE, text)
    elif name == "sharing":
        wrong = text.lower() not in ("shared", "private", "locked")
    elif name == "mode":
        wrong = not re.match(r"[0-7]{1,11}\Z", text)
    elif name in ("uid", "gid"):
        wrong = not (re.match(r"[0-9]{1,10}\Z", text) and int(text) < 2**32)
    if wrong:
        raise MountError("mount-value", f"`{text}` is not a value for `{key}`")


def _check_together(given: dict[str, str]) -> None:
    type = given["type"]
    for name in ("mode", "uid", "gid"):
        if name in given and type not in ("secret", "ssh", "cache"):
            raise MountError("mount-owner", f"`{name}` does not go with a mount of type {type}")
    if type == "secret":
        if given.get("from"):
            raise MountError("mount-secret", "a secret mount takes no `from`")
        if given.get("sharing"):
            raise MountError("mount-secret", "a secret mount takes no `sharing`")
        if not (given.get("source") or given.get("target") or given.get("id")):
            raise MountError("mount-secret", "a secret mount needs an `id`, a `source` or a `target`")
        if given.get("source") and given.get("id"):
            raise MountError("mount-secret", "a secret mount takes either `source` or `id`, not both")
    if given.get("sharing") and type != "cache":
        raise MountError("mount-sharing", f"`sharing` does not go with a mount of type {type}")
