"""Registries that mean no good, or are broken: every one is refused in words, within bounds of time and memory."""

from __future__ import annotations

import itertools
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from imglint.model.image.image import UNFETCHED, UNREADABLE
from imglint.read.image.registry import client, transport
from imglint.read.image.registry.refusal import refusal
from imglint.read.image.registry.transport import Response
from imglint.read.image.store import ImageError

from ..making import INDEX, MANIFEST, digest, dumped
from .serving import Answer, Asked, Served, challenge, fetched, of_index, of_manifest

METADATA = "169.254.169.254"


@contextmanager
def bounded(seconds: float = 10, mebibytes: int = 32) -> Iterator[None]:
    """What is done inside takes no more than so much time and memory."""
    tracemalloc.start()
    start = time.perf_counter()
    try:
        yield
        taken, peak = time.perf_counter() - start, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert taken < seconds
    assert peak < mebibytes << 20


def refused(registry: Served, answer: Any, words: str, **more: Any) -> None:
    """Fetching what is answered so is refused in these words."""
    registry.manifest(answer)
    with bounded(), pytest.raises(ImageError, match=words) as caught:
        fetched(registry.reference(), **more)
    assert registry.host not in str(caught.value)


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is waited for any longer than a test should."""
    monkeypatch.setattr(client, "FIRST_PAUSE", 0.01)
    monkeypatch.setattr(client, "TOTAL_SECONDS", 2.0)
    monkeypatch.setattr(transport, "READ_SECONDS", 1.0)


def wire(*parts: bytes, pause: float = 0, close: bool = True) -> Callable[[Asked], Any]:
    """What writes some bytes to the connection, and nothing else."""

    def write(handler: Any) -> None:
        for part in parts:
            handler.wfile.write(part)
            time.sleep(pause)
        if not close:
            time.sleep(60)

    return lambda asked: write


def endless(start: bytes, part: bytes, pause: float = 0) -> Callable[[Asked], Any]:
    def write(handler: Any) -> None:
        handler.wfile.write(start)
        for _ in itertools.count():
            handler.wfile.write(part)
            if pause:
                time.sleep(pause)

    return lambda asked: write


OK = b"HTTP/1.1 200 OK\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
KIB = b"400\r\n" + b" " * 1024 + b"\r\n"
MEBIBYTE = b" " * (1 << 20)


class TestSizes:
    @pytest.mark.parametrize(
        "answer",
        [endless(OK + b"\r\n", MEBIBYTE), endless(CHUNKED, KIB * 64), Answer(200, b" " * (5 << 20))],
        ids=["without a length", "in chunks", "with a length"],
    )
    def test_no_more_is_read_than_a_manifest_may_have(self, registry: Served, answer: Any) -> None:
        refused(registry, answer, "cannot be fetched: it is larger than 4 MiB, the most that is read")

    def test_a_length_that_is_too_large_is_believed_at_once(self, registry: Served) -> None:
        refused(registry, wire(OK + b"Content-Length: 99999999999\r\n\r\n", close=False), "larger than 4 MiB")

    def test_an_endless_refusal_is_a_refusal(self, registry: Served) -> None:
        refused(registry, endless(b"HTTP/1.1 404 No\r\n\r\n", MEBIBYTE), "the registry has no such image")

    def test_all_documents_together_are_bounded(self, registry: Served) -> None:
        """No single one is too large, and each is another one."""
        entries = [
            {"mediaType": MANIFEST, "digest": digest(bytes([number])), "size": 3 << 20,
             "platform": {"os": "linux", "architecture": f"a{number}"}}
            for number in range(100)
        ]  # fmt: skip
        registry.fallback = lambda asked: Answer(200, b" " * (3 << 20))
        registry.manifest(of_index(dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})))
        with bounded(30, 3 * (transport.MAX_BYTES >> 20)):
            found = fetched(registry.reference())
        assert {flaw.message for flaw in found.flaws if flaw.kind == UNFETCHED} == {
            "the blob cannot be read, because all documents together are larger than 48 MiB, the most that is read"
        }

    def test_a_token_is_bounded(self, registry: Served) -> None:
        registry.routes["/token"] = Answer(200, b'{"token": "' + b"a" * (1 << 17) + b'"}')
        refused(registry, challenge(f"{registry.url}/token"), "larger than 64 KiB")

    def test_a_compressed_answer_is_not_unpacked(self, registry: Served) -> None:
        refused(registry, Answer(200, b"\x1f\x8b", {"Content-Encoding": "gzip"}), "sends it compressed")


class TestTime:
    pytestmark = pytest.mark.usefixtures("quick")

    @pytest.mark.parametrize(
        "answer",
        [
            endless(b"HTTP/1.1 200 OK\r\nX: ", b"a", 0.1),
            endless(OK + b"Content-Length: 100000\r\n\r\n", b" ", 0.1),
            endless(CHUNKED, b"1\r\n \r\n", 0.1),
            endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n", 0.1),
            wire(OK, close=False),
            wire(OK + b"Content-Length: 100\r\n\r\n", close=False),
        ],
        ids=["headers", "body", "chunks", "1xx", "no more headers", "no body"],
    )
    def test_what_trickles_is_not_waited_for(self, registry: Served, answer: Any) -> None:
        refused(registry, answer, "takes too long")

    def test_the_others_of_an_index_are_judged(self, registry: Served) -> None:
        slow, quick = digest(b"slow"), dumped({"schemaVersion": 2, "config": {}, "layers": []})
        entries = [
            {"mediaType": MANIFEST, "digest": each, "size": 1, "platform": {"os": "linux", "architecture": name}}
            for name, each in (("slow", slow), ("quick", digest(quick)))
        ]
        registry.manifest(of_index(dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})))
        registry.manifest(of_manifest(quick), digest(quick))
        registry.manifest(endless(OK + b"Content-Length: 1000\r\n\r\n", b" ", 0.1), slow)
        found = fetched(registry.reference())
        reasons = {str(variant.platform): variant.reason for variant in found.variants}
        assert "takes too long" in reasons["linux/slow"]
        assert "takes too long" not in reasons["linux/quick"]
        assert [flaw.kind for flaw in found.flaws].count(UNFETCHED) == 1

    def test_a_busy_registry_is_asked_so_often(self, registry: Served) -> None:
        refused(registry, Answer(503), "the registry answers 503")
        assert len(registry.asked) == client.ATTEMPTS

    @pytest.mark.parametrize("wait", ["0", "Thu, 01 Jan 1970 00:00:00 GMT"])
    def test_who_says_when_to_come_back_is_asked_once_more(self, registry: Served, wait: str) -> None:
        refused(registry, Answer(429, b"", {"Retry-After": wait}), "asks for fewer requests .429.; try again later")
        assert len(registry.asked) == 2

    @pytest.mark.parametrize("wait", ["21", "99999999999999999999", "Fri, 31 Dec 2199 23:59:59 GMT"])
    def test_nobody_is_waited_for_so_long(self, registry: Served, wait: str) -> None:
        refused(registry, Answer(429, b"", {"Retry-After": wait}), "try again later")
        assert len(registry.asked) == 1

    @pytest.mark.parametrize("wait", ["soon", "-1", "٣", "1e9", ""])
    def test_nonsense_is_no_time(self, registry: Served, wait: str) -> None:
        refused(registry, Answer(429, b"", {"Retry-After": wait.encode().decode("latin-1")}), "try again later")
        assert len(registry.asked) == client.ATTEMPTS

    def test_a_pause_that_helps(self, registry: Served) -> None:
        answers = iter([Answer(429, b"", {"Retry-After": "0"}), Answer(404)])
        refused(registry, lambda asked: next(answers, Answer(404)), "no such image")

    def test_a_storm_of_refusals_below_an_index_ends(self, registry: Served) -> None:
        entries = [{"mediaType": MANIFEST, "digest": digest(bytes([number])), "size": 1} for number in range(100)]
        registry.fallback = lambda asked: Answer(429, b"", {"Retry-After": "1"})
        registry.manifest(of_index(dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})))
        with bounded(20):
            found = fetched(registry.reference())
        assert len([flaw for flaw in found.flaws if flaw.kind == UNFETCHED]) == 100


class TestBrokenConnections:
    pytestmark = pytest.mark.usefixtures("quick")

    @pytest.mark.parametrize(
        ("answer", "words"),
        [
            (wire(OK + b"Content-Length: 100\r\n\r\nabc"), "the connection broke off"),
            (wire(CHUNKED + b"400\r\nabc"), "the connection broke off"),
            (wire(CHUNKED + b"xyz\r\nabc\r\n"), "the connection broke off"),
            (wire(b""), "the connection broke off"),
            (wire(b"SSH-2.0-OpenSSH_9.2\r\n"), "the connection broke off"),
            (wire(b"HTTP/1.1 ok\r\n\r\n"), "the connection broke off"),
            (wire(OK + b"X: y\r\n" * 1000 + b"\r\n"), "the connection broke off"),
            (wire(OK + b"X: " + b"y" * 100_000 + b"\r\n\r\n"), "the connection broke off"),
        ],
    )
    def test_is_tried_again_and_then_told(self, registry: Served, answer: Any, words: str) -> None:
        refused(registry, answer, words)
        assert len(registry.asked) > client.ATTEMPTS

    def test_one_that_holds_the_next_time(self, registry: Served) -> None:
        answers = iter([wire(OK + b"Content-Length: 100\r\n\r\nabc"), wire(b"")])
        refused(registry, lambda asked: next(answers, lambda asked: Answer(404))(asked), "no such image")

    def test_a_connection_that_was_closed_in_the_meantime(self, registry: Served) -> None:
        """The length is stated, and the connection is not kept, whatever was said about it."""

        def once(handler: Any) -> None:
            body = b'{"errors": []}'
            handler.wfile.write(b"HTTP/1.1 401 No\r\nContent-Length: %d\r\n" % len(body))
            handler.wfile.write(b'WWW-Authenticate: Bearer realm="%s/token"\r\n\r\n' % registry.url.encode() + body)

        answers = iter([lambda asked: once])
        registry.routes["/token"] = Answer(200, b'{"token": "t"}')
        refused(registry, lambda asked: next(answers, lambda asked: Answer(404))(asked), "no such image")

    def test_nobody_there(self, registry: Served) -> None:
        registry.server.server_close()
        with pytest.raises(ImageError, match="nothing answers there"):
            fetched(registry.reference())

    def test_no_such_host(self) -> None:
        with pytest.raises(ImageError, match=r"there is no host `nowhere\.invalid`"):
            fetched("nowhere.invalid/acme/widget:1")


class TestRedirects:
    @pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
    def test_to_an_address_with_secrets_are_not_followed(self, registry: Served, status: int) -> None:
        for address in (METADATA, "[fe80::1]", "[::ffff:169.254.169.254]", "100.100.100.200", "0.0.0.0"):
            answer = Answer(status, b"", {"Location": f"http://{address}/latest/meta-data/"})
            refused(registry, answer, "points to an address of a private network")

    @pytest.mark.parametrize(
        "location",
        [
            "file:///etc/passwd", "ftp://example.com/x", "gopher://x", "javascript:x", "http://[::1",
            "http://user:pass@127.0.0.1/", "http://127.0.0.1:99999/", "http://127.0.0.1:0/", "http://a b/",
            "http://127.0.0.1/\x85", "http://127.0.0.1/" + "a" * 9000,
        ],
    )  # fmt: skip
    def test_to_what_is_no_address_of_the_web_are_not_followed(self, registry: Served, location: str) -> None:
        refused(registry, Answer(302, b"", {"Location": location}), "no address of the web")

    def test_in_a_circle_end(self, registry: Served) -> None:
        refused(
            registry, lambda asked: Answer(307, b"", {"Location": asked.path + "?x"}), "redirects more than 5 times"
        )
        assert len(registry.asked) == 6

    def test_to_a_public_address_over_http_are_not_followed(self, registry: Served) -> None:
        refused(registry, Answer(302, b"", {"Location": "http://192.88.99.9/x"}), "speaks http, not https")

    def test_without_a_place_are_no_redirects(self, registry: Served) -> None:
        refused(registry, Answer(302), "the registry answers 302")

    def test_are_followed_without_what_is_meant_for_the_first_host(self, registry: Served, elsewhere: Served) -> None:
        registry.routes["/token"] = Answer(200, b'{"token": "secret"}')
        registry.manifest(
            lambda asked: (
                Answer(307, b"", {"Location": f"{elsewhere.url}/blob?signed=1", "Set-Cookie": "a=b"})
                if "authorization" in asked.headers
                else challenge(f"{registry.url}/token")
            )
        )
        elsewhere.routes["/blob"] = Answer(404)
        with pytest.raises(ImageError, match="no such image"):
            fetched(registry.reference())
        ((_, path, query, headers, _),) = elsewhere.asked
        assert (path, query) == ("/blob", {"signed": ["1"]})
        assert "authorization" not in headers and "cookie" not in headers
        assert headers["host"] == elsewhere.host


SCHEMA1 = {"schemaVersion": 1, "name": "acme/widget", "fsLayers": [], "history": []}
NOT_IMAGES = {
    "schema 1": (dumped(SCHEMA1), "manifest of Docker's schema 1"),
    "a web page": (b"<!doctype html><title>Sign in</title>", "is not valid JSON"),
    "nothing": (b"", "is not valid JSON"),
    "a list": (b"[]", "neither an index nor a manifest"),
    "an empty object": (b"{}", "neither an index nor a manifest"),
    "not UTF-8": (b'{"a": "\xff"}', "not valid JSON: it is not UTF-8"),
    "UTF-16": ('{"schemaVersion": 2}'.encode("utf-16"), "not valid JSON"),
    "deep": (b'{"a":' * 100_000, "nested more than 100 levels deep"),
    "a number of many digits": (b'{"a": ' + b"9" * 100_000 + b"}", "a number that is too long"),
    "NaN": (b'{"schemaVersion": NaN}', "not a value of JSON"),
    "index and manifest at once": (b'{"manifests": [], "layers": []}', "tools disagree about what it is"),
}


class TestWhatIsNoImage:
    @pytest.mark.parametrize("name", NOT_IMAGES)
    def test_is_refused(self, registry: Served, name: str) -> None:
        data, words = NOT_IMAGES[name]
        refused(registry, Answer(200, data), words)

    def test_a_web_site_is_known_by_its_type(self, registry: Served) -> None:
        page = Answer(200, b"<!doctype html>", {"Content-Type": "text/html; charset=utf-8"})
        refused(registry, page, "what answers there is a web site, and no registry")

    @pytest.mark.parametrize("kind", ["v1+json", "v1+prettyjws"])
    def test_schema_1_is_known_by_its_type(self, registry: Served, kind: str) -> None:
        stated = {"Content-Type": f"application/vnd.docker.distribution.manifest.{kind}"}
        refused(registry, Answer(200, b"{}", stated), "manifest of Docker's schema 1")

    def test_indexes_in_one_another_end(self, registry: Served) -> None:
        """Every index that is asked for is there, and names two others."""

        def made(asked: Asked) -> Answer:
            name = asked.path.rpartition("/")[2]
            below = [{"mediaType": INDEX, "digest": digest(f"{name}{n}".encode()), "size": 1} for n in range(2)]
            return of_index(dumped({"schemaVersion": 2, "mediaType": INDEX, "manifests": below}))

        registry.fallback = made
        with bounded():
            found = fetched(registry.reference())
        assert len(registry.asked) == 1 + 2 + 4 + 8 + 16
        assert any("indexes are nested" in flaw.message for flaw in found.flaws if flaw.kind == UNREADABLE)

    def test_an_index_that_names_itself_is_read_twice_at_most(self, registry: Served) -> None:
        named = digest(b"any")
        index = dumped({"schemaVersion": 2, "manifests": [{"mediaType": INDEX, "digest": named, "size": 1}]})
        registry.fallback = lambda asked: of_index(index)
        fetched(registry.reference())
        assert len(registry.asked) == 2

    def test_digests_are_no_paths(self, registry: Served) -> None:
        entries = [{"mediaType": MANIFEST, "digest": each, "size": 1} for each in ("../../x", "sha256:", "", "x:y")]
        registry.manifest(of_index(dumped({"schemaVersion": 2, "manifests": entries})))
        fetched(registry.reference())
        assert len(registry.asked) == 1


@pytest.mark.parametrize("status", [401, 403])
def test_ghcr_says_no_more_and_needs_more(status: int) -> None:
    words = refusal(Response(status, {}, b""), "ghcr.io")
    assert "has to be public" in words and "read:packages" in words and "GITHUB_TOKEN" in words
    assert "GITHUB_TOKEN" not in refusal(Response(status, {}, b""), "ghcr.io.example")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Answer(401), "access is denied, or there is no such image; `docker login` or `skopeo login` makes"),
        (Answer(403, b'{"errors": [{"code": "DENIED"}]}'), "access is denied"),
        (Answer(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}'), "the registry has no such repository"),
        (Answer(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}'), "no image of this tag or digest"),
        (Answer(404, b"<html>"), "the registry has no such image"),
        (Answer(418, b'{"errors": [{"code": "\\u001b[31m"}]}'), "the registry answers 418$"),
        (Answer(418, b'{"errors": [{"code": "TEAPOT"}]}'), r"the registry answers 418 \(TEAPOT\)$"),
        (Answer(418, b'{"errors": {}}'), "the registry answers 418$"),
    ],
)
def test_refusals_are_told_in_words(registry: Served, answer: Answer, words: str) -> None:
    refused(registry, answer, f"^cannot be fetched: .*{words}")
