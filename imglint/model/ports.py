"""The ports of EXPOSE, as BuildKit reads them: `[[ip:]host:]container[/protocol]`, each a number or a range."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from imglint.record import NamedTuple

_NUMBER: Final = r"[+-]?[0-9]{1,19}\Z"
MAX_PORT: Final = 65_535
_PROTOCOLS: Final = ("tcp", "udp", "sctp")


class PortError(ValueError):
    """Not a port that EXPOSE takes; says why."""


class Ports(NamedTuple):
    """A range of ports, its last included; `protocol` is in lower case."""

    protocol: str
    first: int
    last: int


def every_port(ranges: Iterable[Ports]) -> frozenset[str]:
    """The `port/protocol` entries of the image's configuration."""
    entries: set[str] = set()
    done: dict[str, int] = {}
    for protocol, first, last in sorted(ranges):
        # However often ranges overlap, each port is named once.
        entries.update(f"{number}/{protocol}" for number in range(max(first, done.get(protocol, 0)), last + 1))
        done[protocol] = max(last + 1, done.get(protocol, 0))
    return frozenset(entries)


def exposed(spec: str) -> Ports:
    """The ports that one word of EXPOSE adds. Raises `PortError`."""
    host_and_ip, _, container = spec.rpartition(":")
    ip, _, host = host_and_ip.rpartition(":")
    port, _, protocol = container.partition("/")
    if not port:
        raise PortError(f"`{spec}` names no port")
    if protocol.lower() not in ("", *_PROTOCOLS):
        raise PortError(f"`{protocol}` is not a protocol: only tcp, udp and sctp are")
    if ip:
        _check_address(ip)
    first, last = _range(port)
    if host:
        host_first, host_last = _range(host)
        if last - first != host_last - host_first and first != last:
            raise PortError(f"the ranges `{host}` and `{port}` are not equally long")
    return Ports(protocol.lower() or "tcp", first, last)


def _check_address(ip: str) -> None:
    from ipaddress import ip_address

    try:
        ip_address(ip.removeprefix("[").removesuffix("]"))
    except ValueError:
        raise PortError(f"`{ip}` is not an IP address") from None


def _range(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    start = _number(first)
    end = _number(last) if dash and last != first else start
    if end < start:
        raise PortError(f"the range `{text}` runs backwards")
    return start, end


def _number(text: str) -> int:
    plain = len(text) < 6 and text.isascii() and text.isdecimal()
    if not (plain or re.match(_NUMBER, text)) or not 0 <= int(text) <= MAX_PORT:
        raise PortError(f"`{text}` is not a port number from 0 to {MAX_PORT}")
    return int(text)
