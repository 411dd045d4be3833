"""The ports of EXPOSE."""

from __future__ import annotations

import pytest

from imglint.model.ports import PortError, Ports, every_port, exposed


@pytest.mark.parametrize(
    ("spec", "wanted"),
    [
        ("80", {"80/tcp"}),
        ("80/tcp", {"80/tcp"}),
        ("80/UDP", {"80/udp"}),
        ("80/", {"80/tcp"}),
        ("0", {"0/tcp"}),
        ("65535/sctp", {"65535/sctp"}),
        ("1-3", {"1/tcp", "2/tcp", "3/tcp"}),
        ("7-7/udp", {"7/udp"}),
        ("8080:80", {"80/tcp"}),
        ("8080-8081:80-81", {"80/tcp", "81/tcp"}),
        ("8080-8090:80", {"80/tcp"}),
        ("127.0.0.1:8080:80", {"80/tcp"}),
        ("127.0.0.1::80", {"80/tcp"}),
        ("[::1]:8080:80", {"80/tcp"}),
    ],
)
def test_what_is_exposed(spec: str, wanted: set[str]) -> None:
    assert every_port([exposed(spec)]) == wanted


@pytest.mark.parametrize(
    "spec",
    ["", "x", "80/icmp", "65536", "-1", "3-1", "1-", "80:", "localhost:1:80", "1-2:3-5", "80/tcp/x", "8 0", "1" * 30],
)
def test_what_is_no_port(spec: str) -> None:
    with pytest.raises(PortError):
        exposed(spec)


def test_ranges_that_overlap() -> None:
    ranges = [Ports("tcp", 1, 3), Ports("tcp", 2, 2), Ports("tcp", 2, 5), Ports("udp", 2, 2), Ports("tcp", 9, 9)]
    assert every_port(ranges) == {"1/tcp", "2/tcp", "3/tcp", "4/tcp", "5/tcp", "9/tcp", "2/udp"}
    assert every_port([]) == frozenset()
