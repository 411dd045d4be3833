"""How a registry is told who asks, and that nobody else is."""

from __future__ import annotations

import base64
import json
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from imglint.model.image.image import Image
from imglint.read.image.registry import client
from imglint.read.image.store import ImageError

from ..making import image, index
from .serving import NAME, Answer, Asked, Served, challenge, fetched

SECRET = "correct horse: battery"
BASIC = "Basic " + base64.b64encode(f"ann:{SECRET}".encode()).decode()


def docker_config(folder: Path, host: str, **entry: Any) -> dict[str, str]:
    """An environment in which docker knows somebody at a registry."""
    folder.mkdir(parents=True, exist_ok=True)
    entry = entry or {"auth": BASIC.removeprefix("Basic ")}
    (folder / "config.json").write_text(json.dumps({"auths": {host: entry}}))
    return {"DOCKER_CONFIG": str(folder), "XDG_RUNTIME_DIR": str(folder)}


@pytest.fixture
def served(registry: Served, tmp_path: Path) -> Served:
    """A registry with an image for two platforms."""
    children = [image(tmp_path / "x", (name.encode(),), name) for name in ("linux/amd64", "linux/arm64")]
    registry.layout(tmp_path / "x", {"1": index(tmp_path / "x", *children)})
    return registry


def protected(served: Served, header: str, asks: Answer) -> None:
    """Let a registry answer only who sends a header."""
    open_to = served.fallback
    served.fallback = lambda asked: open_to(asked) if asked.headers.get("authorization") == header else asks


def token_for(header: str, field: str = "token") -> Any:
    """Gives a token to whom sends a header, and none to others; without a header, to all."""

    def answer(asked: Asked) -> Answer:
        if header and asked.headers.get("authorization") != header:
            return Answer(401, b'{"errors": [{"code": "UNAUTHORIZED"}]}')
        return Answer(200, json.dumps({field: "t0ken", "expires_in": 60}).encode())

    return answer


def read(served: Served, environ: dict[str, str] | None = None) -> Image:
    return fetched(served.reference(), environ or {"XDG_RUNTIME_DIR": "/nowhere"}, cache=False)


def whole(found: Image) -> bool:
    return len(found.variants) == 2 and not found.flaws


class TestTokens:
    @pytest.mark.parametrize("field", ["token", "access_token"])
    def test_anybody_may_have_one(self, served: Served, field: str) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token"))
        served.routes["/token"] = token_for("", field)
        assert whole(read(served))
        # One refusal, one token, and all others with it.
        assert served.paths.count("/token") == 1
        assert len(served.asked) == 1 + 1 + 5
        (asked,) = [each for each in served.asked if each.path == "/token"]
        assert asked.query == {"service": ["registry"], "scope": [f"repository:{NAME}:pull"]}
        assert "authorization" not in asked.headers

    def test_is_given_for_a_password(self, served: Served, tmp_path: Path) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token"))
        served.routes["/token"] = token_for(BASIC)
        assert whole(read(served, docker_config(tmp_path, served.host)))
        assert BASIC not in {each.headers.get("authorization") for each in served.asked if each.path != "/token"}

    def test_a_realm_may_have_a_query(self, served: Served) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token?account=x"))
        served.routes["/token"] = token_for("")
        assert whole(read(served))

    def test_a_password_that_has_run_out_hides_nothing_from_anybody(self, served: Served, tmp_path: Path) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token"))
        served.routes["/token"] = lambda asked: (
            Answer(403) if "authorization" in asked.headers else Answer(200, b'{"token": "t0ken"}')
        )
        assert whole(read(served, docker_config(tmp_path, served.host)))

    def test_is_given_for_another_that_is_kept(self, served: Served, tmp_path: Path) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token"))
        served.routes["/token"] = token_for("")
        assert whole(read(served, docker_config(tmp_path, served.host, auth="eDp5", identitytoken="refresh me")))
        (asked,) = [each for each in served.asked if each.path == "/token"]
        assert asked.method == "POST"
        assert asked.headers["content-type"] == "application/x-www-form-urlencoded"
        assert parse_qs(asked.body.decode()) == {
            "grant_type": ["refresh_token"], "refresh_token": ["refresh me"], "client_id": ["imglint"],
            "service": ["registry"], "scope": [f"repository:{NAME}:pull"],
        }  # fmt: skip

    def test_one_that_runs_out_on_the_way_is_asked_for_again(self, served: Served) -> None:
        open_to, given = served.fallback, []

        def answer(asked: Asked) -> Any:
            new = given and asked.headers.get("authorization") == f"Bearer {given[-1]}"
            if new and (len(given) > 1 or "/blobs/" not in asked.path):
                return open_to(asked)
            return challenge(f"{served.url}/token")

        def token(asked: Asked) -> Answer:
            given.append(f"t{len(given)}")
            return Answer(200, json.dumps({"token": given[-1]}).encode())

        served.fallback = answer
        served.routes["/token"] = token
        assert whole(read(served))
        assert given == ["t0", "t1"]

    def test_a_registry_that_is_never_content_is_left(self, served: Served) -> None:
        served.fallback = lambda asked: challenge(f"{served.url}/token")
        served.routes["/token"] = token_for("")
        with pytest.raises(ImageError, match="access is denied"):
            read(served)
        assert len(served.asked) == 3

    @pytest.mark.parametrize(
        "data",
        [
            b"", b"[]", b"null", b"<html>", b'{"token": 5}', b'{"token": ""}', b'{"token": "a\\r\\nX: y"}',
            '{"token": "ü"}'.encode(), b"[" * 60_000, b'{"token": "' + b"9" * 10 + b'', b"\xff",
        ],
    )  # fmt: skip
    def test_what_is_none_is_not_sent(self, served: Served, data: bytes) -> None:
        served.fallback = lambda asked: challenge(f"{served.url}/token")
        served.routes["/token"] = Answer(200, data)
        with pytest.raises(ImageError, match="access is denied"):
            read(served)
        assert all("authorization" not in each.headers for each in served.asked)

    def test_who_gives_them_out_may_be_busy(self, served: Served, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(client, "FIRST_PAUSE", 0.01)
        served.fallback = lambda asked: challenge(f"{served.url}/token")
        served.routes["/token"] = Answer(503)
        with pytest.raises(ImageError, match="who gives out the registry's tokens answers 503"):
            read(served)


class TestPasswords:
    def test_are_sent_to_who_asks_for_them(self, served: Served, tmp_path: Path) -> None:
        protected(served, BASIC, challenge("x", "Basic"))
        assert whole(read(served, docker_config(tmp_path, served.host)))
        assert "authorization" not in served.asked[0].headers

    def test_of_others_are_not_sent(self, served: Served, tmp_path: Path) -> None:
        protected(served, BASIC, challenge("x", "Basic"))
        with pytest.raises(ImageError, match="access is denied"):
            read(served, docker_config(tmp_path, "127.0.0.1"))
        assert all("authorization" not in each.headers for each in served.asked)

    def test_several_ways_may_be_offered(self, served: Served, tmp_path: Path) -> None:
        both = Answer(401, b"", {"WWW-Authenticate": 'Negotiate, Basic realm="a, b=c", Digest realm="x"'})
        protected(served, BASIC, both)
        assert whole(read(served, docker_config(tmp_path, served.host)))

    def test_are_not_sent_unasked(self, served: Served, tmp_path: Path) -> None:
        assert whole(read(served, docker_config(tmp_path, served.host)))
        assert all("authorization" not in each.headers for each in served.asked)

    def test_that_no_header_can_carry_are_sent_all_the_same(self, served: Served, tmp_path: Path) -> None:
        protected(served, "Basic YTo/", challenge("x", "Basic"))
        assert whole(read(served, docker_config(tmp_path, served.host, username="a", password="\ud800")))


class TestOtherHosts:
    """Who gives out tokens is named by whoever answers, and a redirect leads wherever it likes."""

    def test_a_realm_elsewhere_gets_no_password(self, served: Served, elsewhere: Served, tmp_path: Path) -> None:
        protected(served, "Bearer t0ken", challenge(f"{elsewhere.url}/token"))
        elsewhere.routes["/token"] = token_for("")
        assert whole(read(served, docker_config(tmp_path, served.host)))
        assert ["authorization" in each.headers for each in elsewhere.asked] == [False]

    def test_nor_what_is_kept_for_another_token(self, served: Served, elsewhere: Served, tmp_path: Path) -> None:
        protected(served, "Bearer t0ken", challenge(f"{elsewhere.url}/token"))
        elsewhere.routes["/token"] = token_for("")
        assert whole(read(served, docker_config(tmp_path, served.host, identitytoken="refresh me")))
        assert [(each.method, each.body) for each in elsewhere.asked] == [("GET", b"")]

    def test_a_realm_that_redirects_gets_it_and_who_follows_does_not(
        self, served: Served, elsewhere: Served, tmp_path: Path
    ) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token"))
        served.routes["/token"] = Answer(307, b"", {"Location": f"{elsewhere.url}/token"})
        elsewhere.routes["/token"] = token_for("")
        assert whole(read(served, docker_config(tmp_path, served.host)))
        assert all("authorization" not in each.headers for each in elsewhere.asked)

    def test_what_is_posted_is_not_redirected(self, served: Served, elsewhere: Served, tmp_path: Path) -> None:
        protected(served, "Bearer t0ken", challenge(f"{served.url}/token"))
        served.routes["/token"] = Answer(308, b"", {"Location": f"{elsewhere.url}/token"})
        with pytest.raises(ImageError, match="access is denied"):
            read(served, docker_config(tmp_path, served.host, identitytoken="refresh me"))
        assert [each for each in elsewhere.asked if each.method == "POST"] == []

    def test_who_asks_after_a_redirect_gets_none(self, served: Served, elsewhere: Served, tmp_path: Path) -> None:
        """The other host asks for the password of the first."""
        served.fallback = lambda asked: Answer(307, b"", {"Location": f"{elsewhere.url}/x"})
        elsewhere.fallback = lambda asked: challenge("x", "Basic")
        with pytest.raises(ImageError, match="access is denied"):
            read(served, docker_config(tmp_path, served.host))
        assert elsewhere.asked
        assert all("authorization" not in each.headers for each in elsewhere.asked)

    @pytest.mark.parametrize(
        ("realm", "words"),
        [
            ("http://169.254.169.254/token", "private network"),
            ("http://192.88.99.9/token", "http, not https"),
            ("file:///etc/passwd", "no address of the web"),
            ("/token", "no address of the web"),
            ("http://user:pass@127.0.0.1/token", "no address of the web"),
        ],
    )
    def test_a_realm_that_is_none(self, served: Served, tmp_path: Path, realm: str, words: str) -> None:
        protected(served, "Bearer t0ken", challenge(realm))
        with pytest.raises(ImageError, match=words):
            read(served, docker_config(tmp_path, served.host))


def test_the_token_of_a_workflow_is_for_ghcr_alone(served: Served) -> None:
    protected(served, BASIC, challenge("x", "Basic"))
    with pytest.raises(ImageError, match="access is denied"):
        read(served, {"GITHUB_TOKEN": SECRET, "XDG_RUNTIME_DIR": "/nowhere"})
    assert all("authorization" not in each.headers for each in served.asked)
