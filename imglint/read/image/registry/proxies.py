"""The proxy that the environment names for a host: https://everything.curl.dev/usingcurl/proxies/env.html."""

from __future__ import annotations

import ipaddress
from collections.abc import Mapping
from urllib.parse import unquote, urlsplit

from imglint.read.image.registry.policy import Origin, address_in, is_this_machine
from imglint.read.image.store import NOT_FETCHED, ImageError
from imglint.record import NamedTuple


class Proxy(NamedTuple):
    """A proxy that is spoken to over http, and the header that makes us known to it; empty when nothing does."""

    host: str
    port: int
    authorization: str

    def __repr__(self) -> str:
        """Nothing that is secret."""
        return f"Proxy({self.host}:{self.port})"


def proxy_for(origin: Origin, environ: Mapping[str, str]) -> Proxy | None:
    """The proxy for an origin; none for this machine. Raises `ImageError` for one that cannot be used.

    `HTTP_PROXY` in capitals is not read, as in other programs: a web server may have set it from a request's header.
    """
    value = environ.get(f"{origin.scheme}_proxy") or (environ.get("HTTPS_PROXY") if origin.scheme == "https" else "")
    value = value or environ.get("all_proxy") or environ.get("ALL_PROXY")
    if not value or is_this_machine(origin.host):
        return None
    excepted = environ.get("no_proxy") or environ.get("NO_PROXY") or ""
    if any(_excepts(word.strip().lower(), origin) for word in excepted.split(",")):
        return None
    return _read(value)


def _read(value: str) -> Proxy:
    try:
        parts = urlsplit(value if "://" in value else f"http://{value}")
        host, port = parts.hostname, parts.port or 80
    except ValueError:
        host, port = None, 0
    if not host or parts.scheme != "http":
        raise ImageError(NOT_FETCHED + "the proxy that the environment names is none of the kind http://HOST:PORT")
    import base64

    user = ":".join(unquote(part) for part in (parts.username, parts.password) if part is not None)
    authorization = "Basic " + base64.b64encode(user.encode("utf-8", "replace")).decode("ascii") if user else ""
    return Proxy(host, port, authorization)


def _excepts(word: str, origin: Origin) -> bool:
    """Whether a word of NO_PROXY stands for a host: a domain with all below it, an address, or a network."""
    if word == "*":
        return True
    if "/" in word:
        try:
            return ipaddress.ip_address(address_in(origin.host)) in ipaddress.ip_network(word, strict=False)
        except ValueError:
            return False
    host, colon, port = word.rpartition(":")
    if colon and port.isdigit() and (":" not in host or host.endswith("]")):
        if int(port) != origin.port:
            return False
        word = host
    name = word.strip("[]").lstrip("*").lstrip(".")
    return bool(name) and f".{origin.host}".endswith(f".{name}")
