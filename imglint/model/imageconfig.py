"""The configuration a build gives its image, as far as the Dockerfile decides it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from imglint.record import NamedTuple

DEFAULT_PATH: Final = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
"""The PATH BuildKit sets where the base image has none."""


class ImageConfig(NamedTuple):
    """The runtime part of an image's configuration (OCI image specification, "config").

    Empty values are not set; None stands for a value that is unknown.
    """

    env: Mapping[str, str | None] = {}
    user: str | None = ""
    working_dir: str | None = ""
    entrypoint: tuple[str, ...] = ()
    cmd: tuple[str, ...] = ()
    exposed_ports: frozenset[str] | None = frozenset()
    volumes: frozenset[str] | None = frozenset()
    stop_signal: str | None = ""
