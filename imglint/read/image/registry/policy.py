"""Where requests may go: which networks, which redirects, and who may be sent a credential."""

from __future__ import annotations

import ipaddress
import re
import socket
from enum import IntEnum
from typing import Final
from urllib.parse import urljoin, urlsplit

from imglint.read.image.store import NOT_FETCHED, ImageError
from imglint.record import NamedTuple

GHCR: Final = "ghcr.io"
MAX_REDIRECTS: Final = 5
MAX_URL: Final = 8192
"""Characters of an address that a registry sends us to."""

_METADATA: Final = ("100.100.100.200", "168.63.129.16", "fd00:ec2::254", "fd20:ce::254")
"""Where clouds hand a machine its secrets, besides 169.254.0.0/16 and fe80::/10: Alibaba, Azure, Amazon, Google."""
_NAT64: Final = "64:ff9b::/96"
_SECOND_LEVEL: Final = frozenset(("co", "com", "org", "net", "gov", "edu", "ac"))
"""Names below which a country registers domains: `example.co.uk`."""
_FOR_ANYBODY: Final = (
    "amazonaws.com", "appspot.com", "azurecr.io", "azurewebsites.net", "cloudfront.net", "github.io", "gitlab.io",
    "herokuapp.com", "pkg.dev", "run.app", "vercel.app", "workers.dev",
)  # fmt: skip
"""Domains below which anybody can have a name."""
_SAME_OPERATOR: Final = {"registry-1.docker.io": "auth.docker.io", "lscr.io": "ghcr.io"}
"""Registries whose tokens come from a host of another name."""


class Network(IntEnum):
    """What an address belongs to, the most public first. `LINK` is also what no request has any business with."""

    PUBLIC = 0
    PRIVATE = 1
    LOOPBACK = 2
    LINK = 3


class Origin(NamedTuple):
    """Scheme, host (lower-case, an IPv6 address without brackets) and port of an address."""

    scheme: str
    host: str
    port: int

    @classmethod
    def of(cls, url: str) -> Origin:
        """The origin of an address. Raises `ImageError` for what is no http address."""
        try:
            parts = urlsplit(url if re.fullmatch(rf"[!-~]{{1,{MAX_URL}}}", url) else "")
            port = parts.port
        except ValueError:
            parts, port = urlsplit(""), None
        if parts.scheme not in ("http", "https") or not parts.hostname or parts.username is not None or port == 0:
            raise ImageError(NOT_FETCHED + "the registry points to something that is no address of the web")
        return cls(parts.scheme, parts.hostname.lower(), port or (443 if parts.scheme == "https" else 80))

    @property
    def authority(self) -> str:
        """Host and port as the header Host has them: without the port that the scheme implies."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == (443 if self.scheme == "https" else 80) else f"{host}:{self.port}"


def is_this_machine(host: str) -> bool:
    """Whether a name or address can only be this machine's."""
    literal = address_in(host)
    return network(literal) is Network.LOOPBACK if literal else host == "localhost" or host.endswith(".localhost")


def address_in(host: str) -> str:
    """The address that a host is written as, old spellings such as `127.1` included; empty for a name."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        try:
            return socket.inet_ntoa(socket.inet_aton(host))
        except OSError:
            return ""


def addresses(host: str, port: int) -> list[str]:
    """The addresses of a host. Raises `ImageError` when it has none."""
    try:
        # As bytes: names are ASCII, and what else would be loaded to make sure takes longer than all of this.
        found = socket.getaddrinfo(host.encode("ascii"), port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise ImageError(NOT_FETCHED + f"there is no host `{host}`") from None
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def network(address: str) -> Network:
    """The network of an address; of one that carries another address, that of the other."""
    try:
        ip = _carried(ipaddress.ip_address(address.partition("%")[0]))
    except ValueError:
        return Network.LINK
    if ip.is_loopback:
        return Network.LOOPBACK
    if ip.is_link_local or ip.is_multicast or ip.is_unspecified or str(ip) in _METADATA:
        return Network.LINK
    return Network.PUBLIC if ip.is_global else Network.PRIVATE


def _carried(ip: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    if isinstance(ip, ipaddress.IPv4Address):
        return ip
    if ip in ipaddress.IPv6Network(_NAT64):
        return ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def reachable(own: Network) -> frozenset[Network]:
    """The networks that a registry may send us to: never one that is less public than its own.

    A registry on this machine may be the end of a tunnel, so it may point into the private network behind it.
    """
    beside = {Network.PRIVATE} if own is Network.LOOPBACK else set()
    return frozenset({Network.PUBLIC, own} | beside)


def redirected(url: str, location: str) -> str:
    """Where a redirect leads. Raises `ImageError` when it leads from https to http."""
    try:
        target = urljoin(url, location)
    except ValueError:
        target = ""
    if Origin.of(target).scheme != "https" and Origin.of(url).scheme == "https":
        raise ImageError(NOT_FETCHED + "the registry redirects from https to http")
    return target


def may_have_credentials(registry: Origin, realm: Origin) -> bool:
    """Whether the realm that a registry names may be sent the credentials for the registry.

    The realm is chosen by whoever answers: it has to belong to the same operator, and to be as safe.
    """
    if realm.scheme != "https" and not (registry.scheme == "http" and realm.host == registry.host):
        return False
    if realm.host in (registry.host, _SAME_OPERATOR.get(registry.host)):
        return True
    ours, theirs = _domain(registry.host), _domain(realm.host)
    return bool(ours) and ours == theirs


def _domain(host: str) -> str:
    """The part of a name that somebody registered: `example.com` of `auth.example.com`; empty when nobody knows."""
    labels = host.rstrip(".").split(".")
    if len(labels) < 2 or address_in(host) or f".{host}".endswith(tuple(f".{name}" for name in _FOR_ANYBODY)):
        return ""
    keep = 3 if len(labels) > 2 and labels[-2] in _SECOND_LEVEL and len(labels[-1]) == 2 else 2
    return ".".join(labels[-keep:])
