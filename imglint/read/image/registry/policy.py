"""Where requests may go: which addresses, which redirects, and who may be sent a credential."""

from __future__ import annotations

import ipaddress
import socket
from typing import Final, NamedTuple
from urllib.parse import urljoin, urlsplit

from imglint.read.image.store import ImageError

MAX_REDIRECTS: Final = 5
_SECOND_LEVEL: Final = frozenset(("co", "com", "org", "net", "gov", "edu", "ac"))
"""Names below which a country registers domains: `example.co.uk`."""
_SAME_OPERATOR: Final = {
    "registry-1.docker.io": ("auth.docker.io",),
    "quay.io": ("quay.io",),
    "registry.gitlab.com": ("gitlab.com",),
}
"""Registries whose tokens come from a host of another name."""


class Origin(NamedTuple):
    """Scheme, host (lower-case) and port of an address."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an address. Raises `ImageError` for what is no http address."""
        try:
            parts = urlsplit(url)
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None:
            raise ImageError("cannot be fetched: the registry points to something that is no address of the web")
        return cls(parts.scheme, parts.hostname.lower(), port or (443 if parts.scheme == "https" else 80))


def is_loopback(host: str) -> bool:
    """Whether a host is this machine: docker speaks http to such registries without being told to."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises `ImageError` when it has none."""
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ImageError(f"cannot be fetched: there is no host `{host}`") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_private(address: str) -> bool:
    """Whether an address is not of the public network: private, loopback, link-local, or reserved."""
    try:
        ip = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return True
    mapped = getattr(ip, "ipv4_mapped", None)
    return not (mapped or ip).is_global


def redirected(url: str, location: str) -> str:
    """Where a redirect leads. Raises `ImageError` when it leads from https to http."""
    target = urljoin(url, location)
    if Origin.of(url).scheme == "https" and Origin.of(target).scheme != "https":
        raise ImageError("cannot be fetched: the registry redirects from https to http")
    return target


def may_have_credentials(registry: Origin, realm: Origin) -> bool:
    """Whether the realm that a registry names may be sent the credentials for the registry.

    The realm is chosen by whoever answers: it has to belong to the same operator, and to be as safe.
    """
    if realm.scheme != "https" and not (registry.scheme == "http" and realm.host == registry.host):
        return False
    if realm.host == registry.host or realm.host in _SAME_OPERATOR.get(registry.host, ()):
        return True
    ours, theirs = _domain(registry.host), _domain(realm.host)
    return bool(ours) and ours == theirs


def _domain(host: str) -> str:
    """The part of a name that somebody registered: `example.com` of `auth.example.com`; empty for an address."""
    labels = host.rstrip(".").split(".")
    if len(labels) < 2 or labels[-1].isdigit() or ":" in host:
        return ""
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])
