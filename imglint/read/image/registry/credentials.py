"""Who the user is for a registry: what docker, podman and their credential helpers know.

Places and their order: https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md and
https://docs.docker.com/reference/cli/docker/login/#credential-stores. Nothing of the linted repository is asked.
What cannot be read holds nothing.
"""

from __future__ import annotations

import base64
import binascii
import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from typing import Any, Final

from imglint.read.file import UnreadableError, read_bytes
from imglint.read.image.registry.policy import GHCR
from imglint.record import NamedTuple

HELPER_SECONDS: Final = 10
MAX_FILE: Final = 1 << 20
"""Bytes of a file of credentials that are read."""
GITHUB_TOKEN: Final = "GITHUB_TOKEN"
"""The variable in which a workflow hands on its token."""

_DOCKER_HUB: Final = ("https://index.docker.io/v1/", "index.docker.io", "docker.io", "registry-1.docker.io")
_DOCKER_HUB_NAME: Final = "docker.io"
_RUNTIME_FOLDER: Final = "/run/containers/{user}/auth.json"
"""Where podman, buildah and skopeo keep what lasts until the machine stops, without XDG_RUNTIME_DIR."""
_TOKEN_USER: Final = "<token>"


class Credentials(NamedTuple):
    """A user and a password, or a token that is exchanged for another. They are in no message of ours."""

    user: str
    password: str
    refresh_token: str = ""

    def __repr__(self) -> str:
        """Nothing that is secret."""
        return "Credentials(…)"

    @property
    def basic(self) -> str:
        """The header that hands them over."""
        return "Basic " + base64.b64encode(f"{self.user}:{self.password}".encode("utf-8", "replace")).decode("ascii")


def find(host: str, path: str, environ: Mapping[str, str], helpers: bool) -> Credentials | None:
    """The credentials for a repository of a registry; None when there are none.

    `host` is with its port, as the user wrote it; `path` the name of the repository; `helpers` allows to run the
    programs that the user's own configuration names.
    """
    for file in _files(environ):
        document = _read(file)
        found = _in_document(document, host, path, helpers, environ)
        if found is not None:
            return found
    if host == GHCR and environ.get(GITHUB_TOKEN):
        return Credentials("x-access-token", environ[GITHUB_TOKEN])
    return None


def _files(environ: Mapping[str, str]) -> Iterator[str]:
    home = environ.get("HOME", "")
    if environ.get("REGISTRY_AUTH_FILE"):
        yield environ["REGISTRY_AUTH_FILE"]
    if environ.get("XDG_RUNTIME_DIR"):
        yield os.path.join(environ["XDG_RUNTIME_DIR"], "containers", "auth.json")
    elif hasattr(os, "getuid"):
        yield _RUNTIME_FOLDER.format(user=os.getuid())
    settings = environ.get("XDG_CONFIG_HOME") or (os.path.join(home, ".config") if home else "")
    if settings:
        yield os.path.join(settings, "containers", "auth.json")
    docker = environ.get("DOCKER_CONFIG") or (os.path.join(home, ".docker") if home else "")
    if docker:
        yield os.path.join(docker, "config.json")
    if home:
        yield os.path.join(home, ".dockercfg")


def _read(path: str) -> dict[str, Any]:
    try:
        found = json.loads(read_bytes(path, MAX_FILE))
    except (UnreadableError, ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {"auths": found} if path.endswith(".dockercfg") else found


def _in_document(
    document: dict[str, Any], host: str, path: str, helpers: bool, environ: Mapping[str, str]
) -> Credentials | None:
    names = (
        _DOCKER_HUB if host in _DOCKER_HUB else (host, f"https://{host}", f"https://{host}/v1/", f"https://{host}/v2/")
    )
    programs = _object(document, "credHelpers")
    for name in names:
        if helpers and isinstance(programs.get(name), str):
            return _ask(programs[name], name, environ)
    stored = _object(document, "auths")
    for name in (*_namespaces(_DOCKER_HUB_NAME if host in _DOCKER_HUB else host, path), *names):
        found = _entry(stored.get(name))
        if found is not None:
            return found
    program = document.get("credsStore")
    if helpers and isinstance(program, str):
        for name in names[:2]:
            found = _ask(program, name, environ)
            if found is not None:
                return found
    return None


def _namespaces(host: str, path: str) -> Iterator[str]:
    """The keys of a repository, the most specific first: `host/a/b`, `host/a`."""
    parts = path.split("/")
    for count in range(len(parts), 0, -1):
        yield "/".join((host, *parts[:count]))


def _object(document: dict[str, Any], key: str) -> dict[str, Any]:
    found = document.get(key)
    return found if isinstance(found, dict) else {}


def _entry(entry: Any) -> Credentials | None:
    if not isinstance(entry, dict):
        return None
    token = entry.get("identitytoken")
    if isinstance(token, str) and token:
        return Credentials(_TOKEN_USER, "", token)
    user, password = entry.get("username"), entry.get("password")
    if isinstance(user, str) and isinstance(password, str) and user:
        return Credentials(user, password)
    auth = entry.get("auth")
    if isinstance(auth, str) and auth:
        try:
            user, separator, password = base64.b64decode(auth, validate=False).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            return None
        return Credentials(user, password.rstrip("\0")) if separator else None
    return None


def _ask(program: str, name: str, environ: Mapping[str, str]) -> Credentials | None:
    """What a credential helper says: https://github.com/docker/docker-credential-helpers#usage."""
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]*", program):
        return None
    path = shutil.which(f"docker-credential-{program}", path=environ.get("PATH", os.defpath))
    if path is None or not os.path.isabs(path):  # One of the directory that we are in is not the user's.
        return None
    try:
        answer = subprocess.run(
            [path, "get"], input=name.encode(), capture_output=True, check=True, timeout=HELPER_SECONDS,
            env=dict(environ),
        ).stdout[:MAX_FILE]  # fmt: skip
        found = json.loads(answer)
    except (OSError, subprocess.SubprocessError, ValueError, RecursionError):
        return None
    if not isinstance(found, dict):
        return None
    user, secret = found.get("Username"), found.get("Secret")
    if not isinstance(user, str) or not isinstance(secret, str) or not secret:
        return None
    return Credentials(user, "", secret) if user == _TOKEN_USER else Credentials(user, secret)
