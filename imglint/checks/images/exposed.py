"""Ports and volumes that open a container, or break it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from posixpath import normpath
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.image import Variant

_SENSITIVE: Final = {
    "/": "the whole file system of the image",
    "/dev": "the devices",
    "/proc": "the processes of the kernel",
    "/sys": "the settings of the kernel",
    "/boot": "the kernel",
    "/var/run/docker.sock": "the socket of the Docker daemon",
    "/run/docker.sock": "the socket of the Docker daemon",
    "/run/podman/podman.sock": "the socket of podman",
    "/run/containerd/containerd.sock": "the socket of containerd",
}
_SSH_KEYS: Final = r"(?:/root|/home/[^/]+|~)/\.ssh"


def exposed_ssh_port(variant: Variant, context: Context) -> Iterator[Finding]:
    """The port of SSH is exposed."""
    if variant.config is None:
        return
    ports = variant.config.of("ExposedPorts")
    for port in ports.document.members(*ports.pointer):
        if port.lower() in ("22", "22/tcp"):
            yield context.at(
                ports / port,
                "the image offers SSH on port 22: a second way in, with keys or passwords of its own",
                key=True,
                help="remove EXPOSE 22 and the server; `docker exec` opens a shell in a container",
            )


def sensitive_volume(variant: Variant, context: Context) -> Iterator[Finding]:
    """A volume covers a place that is not the image's."""
    if variant.config is None:
        return
    volumes = variant.config.of("Volumes")
    for path in volumes.document.members(*volumes.pointer):
        if not path:
            continue
        place = normpath("/" + path.lstrip("/")) if path.startswith("/") else normpath(path)
        what = _SENSITIVE.get(place) or ("keys of SSH" if re.fullmatch(_SSH_KEYS, place) else "")
        if what:
            yield context.at(
                volumes / path,
                f"the image declares `{path}` as a volume, which holds {what}",
                key=True,
                label="every container gets it as a volume",
                help="remove it from VOLUME; who runs the container mounts what it may see",
            )
