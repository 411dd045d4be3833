"""Where requests may go, and who may be sent a password."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from imglint.read.image.registry.challenge import MAX_HEADER, challenges
from imglint.read.image.registry.policy import (
    Network,
    Origin,
    address_in,
    is_this_machine,
    may_have_credentials,
    network,
    reachable,
    redirected,
)
from imglint.read.image.registry.proxies import proxy_for
from imglint.read.image.store import ImageError

NETWORKS = {
    Network.PUBLIC: ("8.8.8.8", "140.82.121.34", "2606:50c0:8000::153", "64:ff9b::808:808"),
    Network.PRIVATE: ("10.0.0.1", "172.16.0.1", "192.168.1.1", "100.64.0.1", "fd12::1", "64:ff9b::a00:1"),
    Network.LOOPBACK: ("127.0.0.1", "127.255.0.1", "::1", "::ffff:127.0.0.1"),
    Network.LINK: (
        "169.254.169.254", "::ffff:169.254.169.254", "64:ff9b::a9fe:a9fe", "2002:a9fe:a9fe::1", "fe80::1%eth0",
        "100.100.100.200", "168.63.129.16", "fd00:ec2::254", "0.0.0.0", "::", "224.0.0.1", "ff02::1", "nonsense", "",
    ),
}  # fmt: skip


@pytest.mark.parametrize(("address", "kind"), [(each, kind) for kind, named in NETWORKS.items() for each in named])
def test_the_network_of_an_address(address: str, kind: Network) -> None:
    assert network(address) is kind


@given(st.ip_addresses(v=4))
def test_an_address_inside_another_is_in_its_network(address: ipaddress.IPv4Address) -> None:
    carried = ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
    assert network(str(carried)) is network(str(address))


def test_nobody_leads_us_anywhere_less_public() -> None:
    assert reachable(Network.PUBLIC) == {Network.PUBLIC}
    assert reachable(Network.PRIVATE) == {Network.PUBLIC, Network.PRIVATE}
    assert reachable(Network.LOOPBACK) == {Network.PUBLIC, Network.PRIVATE, Network.LOOPBACK}
    assert reachable(Network.LINK) == {Network.PUBLIC, Network.LINK}


@pytest.mark.parametrize(
    ("host", "address"),
    [("127.1", "127.0.0.1"), ("2130706433", "127.0.0.1"), ("0x7f.1", "127.0.0.1"), ("::1", "::1"), ("ghcr.io", "")],
)
def test_old_spellings_of_an_address(host: str, address: str) -> None:
    assert address_in(host) == address


def test_this_machine() -> None:
    assert all(map(is_this_machine, ("localhost", "a.localhost", "127.0.0.1", "::1", "127.1")))
    assert not any(map(is_this_machine, ("localhost.example", "10.0.0.1", "example.com", "")))


@pytest.mark.parametrize(
    ("url", "authority"),
    [
        ("https://GHCR.io/v2/", "ghcr.io"),
        ("https://ghcr.io:443", "ghcr.io"),
        ("https://ghcr.io:80", "ghcr.io:80"),
        ("http://ghcr.io:443", "ghcr.io:443"),
        ("http://[::1]:5000/x", "[::1]:5000"),
        ("https://[2001:db8::1]/", "[2001:db8::1]"),
    ],
)
def test_hosts_as_they_are_asked_for(url: str, authority: str) -> None:
    assert Origin.of(url).authority == authority


@given(st.text(st.characters(codec="ascii")) | st.text())
def test_any_text_is_an_origin_or_refused(text: str) -> None:
    for url in (text, f"https://{text}", f"https://example.com/{text}"):
        try:
            origin = Origin.of(url)
        except ImageError:
            continue
        assert origin.scheme in ("http", "https") and origin.host and 0 < origin.port < 65536
        assert url.isascii() and url.isprintable() and " " not in url


def test_redirects_do_not_lead_out_of_tls() -> None:
    assert redirected("https://a.example/x/y", "../z?q") == "https://a.example/z?q"
    assert redirected("https://a.example/x", "//b.example/y") == "https://b.example/y"
    assert redirected("http://127.0.0.1/x", "https://b.example/") == "https://b.example/"
    with pytest.raises(ImageError, match="from https to http"):
        redirected("https://a.example/x", "http://a.example/x")


ALLOWED = (
    ("https://ghcr.io", "https://ghcr.io/token"),
    ("https://registry-1.docker.io", "https://auth.docker.io/token"),
    ("https://registry.gitlab.com", "https://gitlab.com/jwt/auth"),
    ("https://quay.io", "https://quay.io/v2/auth"),
    ("https://registry.example.co.uk", "https://auth.example.co.uk/"),
    ("https://acme.azurecr.io", "https://acme.azurecr.io/oauth2/token"),
    ("https://10.0.0.1:5000", "https://10.0.0.1:5001/token"),
    ("http://127.0.0.1:5000", "http://127.0.0.1:5001/token"),
    ("http://localhost:5000", "https://localhost:5001/token"),
)
REFUSED = (
    ("https://ghcr.io", "http://ghcr.io/token"),
    ("https://ghcr.io", "https://ghcr.io.evil.example/token"),
    ("https://ghcr.io", "https://evilghcr.io/token"),
    ("https://registry.example.co.uk", "https://evil.co.uk/"),
    ("https://acme.azurecr.io", "https://evil.azurecr.io/"),
    ("https://1.dkr.ecr.eu-west-1.amazonaws.com", "https://evil.s3.amazonaws.com/"),
    ("https://10.0.0.1", "https://11.0.0.1"),
    ("https://registry", "https://auth"),
    ("http://127.0.0.1:5000", "http://127.0.0.2:5000/token"),
    ("http://127.0.0.1:5000", "http://localhost:5000/token"),
)


@pytest.mark.parametrize(("registry", "realm"), ALLOWED)
def test_who_belongs_to_the_registry_may_have_its_password(registry: str, realm: str) -> None:
    assert may_have_credentials(Origin.of(registry), Origin.of(realm))


@pytest.mark.parametrize(("registry", "realm"), REFUSED)
def test_nobody_else_may(registry: str, realm: str) -> None:
    assert not may_have_credentials(Origin.of(registry), Origin.of(realm))


class TestChallenges:
    @pytest.mark.parametrize(
        ("header", "expected"),
        [
            ("", []),
            ("Basic", [("basic", {})]),
            ('Basic realm="x"', [("basic", {"realm": "x"})]),
            ("BEARER Realm=x , service = y", [("bearer", {"realm": "x", "service": "y"})]),
            (r'Bearer realm="a\"b\\", scope="a:pull,push"', [("bearer", {"realm": 'a"b\\', "scope": "a:pull,push"})]),
            ('Negotiate, Basic realm="a, Bearer b=c"', [("negotiate", {}), ("basic", {"realm": "a, Bearer b=c"})]),
            ('Basic a="x", Bearer b="y",c="z"', [("basic", {"a": "x"}), ("bearer", {"b": "y", "c": "z"})]),
            ('Bearer realm="first",realm="second"', [("bearer", {"realm": "first"})]),
            ('Bearer realm="open', [("bearer", {})]),
            ("=", []),
        ],
    )  # fmt: skip
    def test_are_read(self, header: str, expected: list[tuple[str, dict[str, str]]]) -> None:
        assert [(each.scheme, each.parameters) for each in challenges(header)][: len(expected)] == expected

    @given(st.text(st.sampled_from('aB=",\\ \t;/')))
    def test_any_header_is_read(self, header: str) -> None:
        for each in challenges(header):
            assert each.scheme == each.scheme.lower() != ""

    def test_a_long_header_is_cut(self) -> None:
        assert len(challenges("Basic, " * 100_000)) <= MAX_HEADER
        assert challenges('Basic realm="' + "\\" * 1_000_000 + '"') == [("basic", {})]


class TestProxies:
    GHCR = Origin("https", "ghcr.io", 443)
    INSIDE = Origin("http", "registry.internal", 5000)

    @pytest.mark.parametrize("name", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
    @pytest.mark.parametrize("value", ["http://proxy.example:3128", "proxy.example:3128", "http://proxy.example:3128/"])
    def test_are_named_by_the_environment(self, name: str, value: str) -> None:
        assert proxy_for(self.GHCR, {name: value}) == ("proxy.example", 3128, "")

    def test_can_ask_for_a_password_that_is_not_shown(self) -> None:
        found = proxy_for(self.GHCR, {"https_proxy": "http://ann:s%40crets@proxy.example:3128"})
        assert found is not None and found.authorization == "Basic YW5uOnNAY3JldHM="
        assert "YW5u" not in repr(found)

    def test_for_http_capitals_do_not_count(self) -> None:
        assert proxy_for(self.INSIDE, {"HTTP_PROXY": "http://proxy.example"}) is None
        assert proxy_for(self.INSIDE, {"http_proxy": "http://proxy.example"}) == ("proxy.example", 80, "")

    def test_are_not_for_this_machine(self) -> None:
        for host in ("localhost", "127.0.0.1", "::1"):
            assert proxy_for(Origin("https", host, 5000), {"https_proxy": "http://proxy.example"}) is None

    @pytest.mark.parametrize(
        ("excepted", "origin"),
        [
            ("*", GHCR), ("ghcr.io", GHCR), ("a.example, GHCR.io", GHCR), ("ghcr.io:443", GHCR), ("*.io", GHCR),
            (".internal", INSIDE), ("internal", INSIDE), ("registry.internal:5000", INSIDE),
            ("10.0.0.0/8", Origin("https", "10.1.2.3", 443)), ("10.1.2.3", Origin("https", "10.1.2.3", 443)),
            ("fd00::/8", Origin("https", "fd12::1", 443)), ("[fd12::1]:443", Origin("https", "fd12::1", 443)),
        ],
    )  # fmt: skip
    def test_have_exceptions(self, excepted: str, origin: Origin) -> None:
        assert proxy_for(origin, {"all_proxy": "http://proxy.example", "no_proxy": excepted}) is None

    @pytest.mark.parametrize(
        "excepted", ["", "hcr.io", "ghcr.io.example", "ghcr.io:80", "io.ghcr", "10.0.0.0/8", "a/b", ",", ".", "**"]
    )
    def test_and_these_are_none(self, excepted: str) -> None:
        assert proxy_for(self.GHCR, {"https_proxy": "http://proxy.example", "NO_PROXY": excepted}) is not None

    @pytest.mark.parametrize(
        "value", ["socks5://proxy.example", "https://proxy.example", "http://", "http://a:b:c", "::"]
    )
    def test_of_other_kinds_are_refused(self, value: str) -> None:
        with pytest.raises(ImageError, match="none of the kind http://HOST:PORT"):
            proxy_for(self.GHCR, {"https_proxy": value})
