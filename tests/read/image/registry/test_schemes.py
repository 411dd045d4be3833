"""http or https: which is spoken with whom. That an address is of another network is all that is made up here."""

from __future__ import annotations

import socket
from pathlib import Path
from typing import Any

import pytest

from imglint.read.image.registry import client, transport
from imglint.read.image.registry.policy import Network
from imglint.read.image.registry.policy import network as real
from imglint.read.image.store import ImageError

from ..making import image
from .serving import NAME, Answer, Served, fetched


@pytest.fixture
def served(registry: Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Served:
    monkeypatch.setattr(client, "FIRST_PAUSE", 0.01)
    registry.layout(tmp_path, {"1": image(tmp_path)})
    return registry


@pytest.fixture
def private(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "network", lambda address: _seen(address, Network.PRIVATE))


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "network", lambda address: _seen(address, Network.PUBLIC))


def _seen(address: str, instead: Network) -> Network:
    return instead if real(address) is Network.LOOPBACK else real(address)


def test_this_machine_is_asked_over_http(served: Served) -> None:
    assert fetched(served.reference()).flaws == ()
    assert fetched(f"localhost:{served.port}/{NAME}:1").flaws == ()
    assert len(served.asked) == 4


def test_a_server_of_https_here_answers_400_to_http(served: Served) -> None:
    """And to https this one answers with nonsense: the first answer is what is told."""
    served.manifest(Answer(400, b"Client sent an HTTP request to an HTTPS server.\n"))
    with pytest.raises(ImageError, match=r"the registry answers 400$"):
        fetched(served.reference())


@pytest.mark.usefixtures("private")
def test_a_private_network_is_asked_over_http_if_the_user_says_so(served: Served) -> None:
    with pytest.raises(ImageError, match="it does not speak https"):
        fetched(served.reference())
    assert served.asked == []
    assert fetched(served.reference(), insecure=True).flaws == ()


@pytest.mark.usefixtures("public")
def test_a_public_one_never_is(served: Served) -> None:
    for insecure in (False, True):
        with pytest.raises(ImageError, match="it does not speak https"):
            fetched(served.reference(), insecure=insecure)
    assert served.asked == []


@pytest.mark.usefixtures("private")
def test_a_registry_of_a_private_network_does_not_lead_to_this_machine(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "network", lambda a: Network.PRIVATE if a == "127.0.0.1" else real(a))
    served.manifest(Answer(307, b"", {"Location": f"http://127.0.0.2:{served.port}/"}))
    with pytest.raises(ImageError, match="an address of a private network"):
        fetched(served.reference(), insecure=True)


def test_names_are_resolved_once(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    """A name that leads elsewhere the second time leads nowhere."""
    asked: list[Any] = []

    def resolve(host: str, port: int) -> list[str]:
        asked.append(host)
        return ["127.0.0.1"] if len(asked) == 1 else ["169.254.169.254"]

    monkeypatch.setattr(transport, "addresses", resolve)
    served.delay = 0.01
    assert fetched(f"registry.localhost:{served.port}/{NAME}:1").flaws == ()
    assert asked == ["registry.localhost"]


def test_of_several_addresses_the_first_that_answers_is_taken(served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "addresses", lambda host, port: ["127.0.0.3", "127.0.0.1"])
    assert fetched(f"registry.localhost:{served.port}/{NAME}:1").flaws == ()
    assert served.asked[0].headers["host"] == f"registry.localhost:{served.port}"


@pytest.mark.usefixtures("public")
def test_of_several_addresses_only_those_that_may_be_are_reached(
    served: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "addresses", lambda host, port: ["169.254.169.254", "10.0.0.1", "127.0.0.1"])
    tried: list[str] = []
    connect = socket.create_connection

    def watched(place: Any, *more: Any, **named: Any) -> socket.socket:
        tried.append(place[0])
        return connect(place, *more, **named)

    monkeypatch.setattr(socket, "create_connection", watched)
    with pytest.raises(ImageError, match="it does not speak https"):
        fetched(f"registry.example:{served.port}/{NAME}:1")
    assert set(tried) == {"127.0.0.1"}
