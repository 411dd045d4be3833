"""Passwords in the configuration of docker, wherever it is written: in a file, or by a command.

https://docs.docker.com/reference/cli/docker/login/#default-behavior and
https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.secrets import may_be_secret

MARK: Final = "auths"
"""A text without it holds no such configuration."""

_QUOTE: Final = r"\\{0,3}[\"']"
_ENTRY: Final = (
    rf"{_QUOTE}(?P<host>[\w.:/-]{{1,255}}){_QUOTE}\s{{0,200}}:\s{{0,200}}\{{(?P<members>[^{{}}]{{0,8000}})\}}"
)
_MEMBER: Final = (
    rf"{_QUOTE}(?P<key>auth|password|identitytoken){_QUOTE}\s{{0,200}}:\s{{0,200}}{_QUOTE}(?P<value>[^\s\"'\\]{{4,4000}})"
    rf"{_QUOTE}"
)


class RegistryAuth(NamedTuple):
    """What logs in to a registry: `span` is what must not be seen, `key` the name of the member that holds it.

    `password` is empty when it stands for one, or is kept elsewhere; it is never printed.
    """

    host: str
    key: str
    user: str
    password: str
    span: Span


def registry_auths(text: str) -> Iterator[RegistryAuth]:
    """The registries that a configuration in a text logs in to."""
    begin = text.find(MARK)
    if begin < 0:
        return
    for entry in re.compile(_ENTRY).finditer(text, begin):
        for member in re.compile(_MEMBER).finditer(text, *entry.span("members")):
            yield _read(entry["host"], member)


def _read(host: str, member: re.Match[str]) -> RegistryAuth:
    user, password = "", member["value"]
    if member["key"] == "auth":
        user, password = decoded(member["value"])
    secret = password if may_be_secret(password) else ""
    return RegistryAuth(host, member["key"], user, secret, Span(*member.span("value")))


def decoded(auth: str) -> tuple[str, str]:
    """User and password of an `auth`; both empty for what is none."""
    from base64 import b64decode

    try:
        user, separator, password = b64decode(auth, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return (user, password.rstrip("\0")) if separator and password.isprintable() else ("", "")
