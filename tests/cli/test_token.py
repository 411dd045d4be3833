"""`imglint token` against a server that speaks like GitHub's."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest
from made_tokens import classic, fine_grained, stateless

from .conftest import Imglint, Outcome, plant

CLASSIC = classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k")
BODY = "5Xk2pQ9rT7vW1yZ3aB6cD8eF0gH4iJ5kL2mN9oP7qR1sT3uV6wX8yZ0aB4cD6eF2gH8"
TOKENS = {
    "classic": CLASSIC,
    "oauth": classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k", "gho_"),
    "app": classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k", "ghu_"),
    "installation": stateless("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k"),
    "fine-grained": fine_grained(BODY),
    "old": "0123456789abcdef0123456789abcdef01234567",
}
LOGIN = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v3
        with:
          registry: ghcr.io
          username: octocat
          password: ${{ secrets.CR_PAT }}
"""
PUSH = f"{LOGIN}      - run: docker push ghcr.io/octocat/widget:1\n"
DELETE = f"""{LOGIN}      - uses: actions/delete-package-versions@v5
        with:
          package-name: widget
          token: ${{{{ secrets.CR_PAT }}}}
"""


GH = """\
on: push
env:
  GH_TOKEN: ${{ secrets.CR_PAT }}
jobs:
  tidy:
    runs-on: ubuntu-latest
    steps:
      - run: ./choose.sh > id
      - run: gh api /orgs/octocat/packages/container/widget/versions/$(cat id) -X DELETE
"""


class Asked(NamedTuple):
    """A request as the server got it."""

    path: str
    authorization: str
    agent: str


class GitHub:
    """The server: what it answers, and what it was asked."""

    def __init__(self) -> None:
        self.status = 200
        self.headers: dict[str, str] = {"X-OAuth-Scopes": "write:packages"}
        self.body = b'{"login": "octocat", "id": 1}'
        self.asked: list[Asked] = []
        self.url = ""


@pytest.fixture
def github() -> Iterator[GitHub]:
    state = GitHub()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            headers = self.headers
            state.asked.append(Asked(self.path, headers.get("Authorization", ""), headers.get("User-Agent", "")))
            self.send_response(state.status)
            for name, value in state.headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", "application/json; charset=utf-8")
            self.send_header("Content-Length", str(len(state.body)))
            self.end_headers()
            self.wfile.write(state.body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    state.url = f"http://127.0.0.1:{server.server_port}/api/v3"
    yield state
    server.shutdown()
    server.server_close()


Ask = Callable[..., Outcome]


@pytest.fixture
def ask(imglint: Imglint, root: Path, github: GitHub) -> Ask:
    """Runs `imglint token`, and sees to it that no part of the token is printed."""

    def run(*arguments: str, token: str = CLASSIC, workflow: str = PUSH, url: str = "") -> Outcome:
        (root / ".git").mkdir(exist_ok=True)
        plant(root, {".github/workflows/publish.yml": workflow} if workflow else {})
        outcome = imglint("token", "--env", "CR_PAT", "--api-url", url or github.url, *arguments, CR_PAT=token)
        printed = outcome.out + outcome.err
        assert [at for at in range(4, len(token) - 8) if token[at : at + 8] in printed] == []
        return outcome

    return run


def in_days(days: int) -> str:
    return f"{datetime.now(UTC) + timedelta(days=days, hours=1):%Y-%m-%d %H:%M:%S} UTC"


def messages(outcome: Outcome) -> list[tuple[str, str]]:
    return [(each["severity"], each["message"]) for each in outcome.json["problems"]]


def test_a_token_that_has_what_it_needs(ask: Ask, github: GitHub) -> None:
    github.headers["GitHub-Authentication-Token-Expiration"] = in_days(60)
    outcome = ask()
    assert outcome.code == 0, outcome
    assert "CR_PAT holds a personal access token (classic) of octocat (ghp_…, sha256 " in outcome.out
    assert "used to   push, pull" in outcome.out
    assert ".github/workflows/publish.yml:6:15" in outcome.out
    assert outcome.out.endswith("\nIt has what it needs, and nothing else.\n")
    (request,) = github.asked
    assert request.path == "/api/v3/user"
    assert request.authorization == f"Bearer {CLASSIC}"
    assert request.agent.startswith("imglint/")


@pytest.mark.parametrize(
    ("scopes", "workflow", "severities"),
    [
        ("write:packages", PUSH, []),
        ("repo, write:packages", PUSH, ["error"]),
        ("admin:org, gist, write:packages", PUSH, ["error", "info"]),
        ("public_repo, write:packages", PUSH, ["warning"]),
        ("read:packages", PUSH, ["error"]),
        ("repo", PUSH, ["error", "error"]),
        ("", PUSH, ["error"]),
        ("read:packages", LOGIN, []),
        ("write:packages", LOGIN, ["info"]),
        ("delete:packages, read:packages", DELETE, []),
        ("delete:packages", DELETE, ["error"]),
        ("write:packages", DELETE, ["error", "info"]),
        ("delete:packages, read:packages", GH, []),
        ("delete:packages", GH, ["error"]),
        ("new:scope, write:packages", PUSH, []),
    ],
)
def test_scopes_against_what_the_workflows_do(
    ask: Ask, github: GitHub, scopes: str, workflow: str, severities: list[str]
) -> None:
    github.headers = {"X-OAuth-Scopes": scopes, "GitHub-Authentication-Token-Expiration": in_days(60)}
    outcome = ask("--format", "json", workflow=workflow)
    assert [severity for severity, _ in messages(outcome)] == severities
    assert outcome.code == int(any(severity != "info" for severity in severities))


def test_another_use_of_the_secret_may_need_the_scope(ask: Ask, github: GitHub) -> None:
    github.headers = {"X-OAuth-Scopes": "repo, write:packages"}
    checkout = "      - uses: actions/checkout@v4\n        with:\n          token: ${{ secrets.CR_PAT }}\n"
    github.headers["GitHub-Authentication-Token-Expiration"] = in_days(60)
    outcome = ask("--format", "json", workflow=PUSH + checkout)
    assert [severity for severity, _ in messages(outcome)] == ["info"]
    assert outcome.code == 0


@pytest.mark.parametrize(
    ("headers", "words"),
    [
        ({}, "it never ends"),
        ({"GitHub-Authentication-Token-Expiration": in_days(3)}, "it ends in 3 days"),
        ({"X-GitHub-SSO": "partial-results; organizations=1,2"}, "some organisations"),
    ],
)
def test_how_long_it_lives_and_who_takes_it(ask: Ask, github: GitHub, headers: dict[str, str], words: str) -> None:
    github.headers |= headers
    assert words in ask().out


def test_single_sign_on(ask: Ask, github: GitHub) -> None:
    github.status = 403
    github.headers["X-GitHub-SSO"] = "required; url=https://github.com/orgs/octo-org/sso?authorization_request=abc"
    outcome = ask()
    assert "an organisation asks for single sign-on" in outcome.out
    assert "https://github.com/orgs/octo-org/sso?authorization_request=abc" in outcome.out
    assert outcome.code == 1


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        ("oauth", "a token of an OAuth app"),
        ("fine-grained", "fine-grained tokens can have no permission for packages"),
        ("app", "does not reliably take tokens of GitHub Apps"),
        ("installation", "other than GITHUB_TOKEN in its workflow"),
        ("old", "a personal access token (classic) of octocat (0123…, sha256"),
    ],
)
def test_kinds_of_tokens(ask: Ask, github: GitHub, kind: str, words: str) -> None:
    if kind in ("fine-grained", "app", "installation"):
        del github.headers["X-OAuth-Scopes"]
    if kind == "installation":
        github.status = 403
    outcome = ask(token=TOKENS[kind])
    assert words in outcome.out
    assert len(github.asked) == 1


def test_a_token_that_github_does_not_know(ask: Ask, github: GitHub) -> None:
    github.status, github.body = 401, b'{"message": "Bad credentials"}'
    outcome = ask()
    assert outcome.code == 1
    assert "GitHub does not take this token" in outcome.out


@pytest.mark.parametrize(
    "value",
    [
        "hunter2", CLASSIC[:-1] + "0", CLASSIC[:-2], "ghp_", "ghp_" + "x" * 36, f"{CLASSIC}\n{CLASSIC}", "dckr_pat_x",
        "ghp_\N{HEAVY CHECK MARK}", "ghs_1_eyJ.x.y", "github_pat_" + "a" * 82, "A" * 5000,
    ],
)  # fmt: skip
def test_what_is_no_token_is_sent_nowhere(imglint: Imglint, github: GitHub, value: str) -> None:
    outcome = imglint("token", "--env", "X", "--api-url", github.url, X=value)
    assert outcome.code == 2
    assert "X: holds no token of GitHub" in outcome.err
    assert value not in outcome.out + outcome.err
    assert github.asked == []


@pytest.mark.parametrize(
    "url",
    ["http://github.example.com/api/v3", "ftp://github.example.com", "github.example.com", "https://u:p@github.com",
     "https://[", "https://github.example.com/?x=1", ""],
)  # fmt: skip
def test_where_a_token_is_not_sent(ask: Ask, github: GitHub, url: str) -> None:
    outcome = ask(url=url or "http://198.51.100.1")
    assert outcome.code == 2
    assert "cannot be looked up" in outcome.err
    assert github.asked == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_a_token_follows_no_redirect(ask: Ask, github: GitHub, status: int) -> None:
    github.status = status
    github.headers["Location"] = f"{github.url}/elsewhere"
    outcome = ask()
    assert outcome.code == 2
    assert "a token is not taken there" in outcome.err
    assert [request.path for request in github.asked] == ["/api/v3/user"]


@pytest.mark.parametrize("status", [403, 404, 429, 500, 503])
def test_a_server_that_says_nothing(ask: Ask, github: GitHub, status: int) -> None:
    github.status = status
    outcome = ask()
    assert outcome.code == 2
    assert f"127.0.0.1 answers with {status}" in outcome.err
    assert len(github.asked) == 1


def test_a_server_that_says_it_all_back(ask: Ask, github: GitHub) -> None:
    github.body = json.dumps({"login": CLASSIC}).encode()
    github.headers = {
        "X-OAuth-Scopes": f"{CLASSIC}, repo, {CLASSIC.lower()}",
        "X-GitHub-SSO": f"required; url=https://github.com/{CLASSIC}",
        "GitHub-Authentication-Token-Expiration": CLASSIC,
    }
    assert ask("--format", "json").json["scopes"] == ["repo"]
    ask()


@pytest.mark.parametrize("body", [b"", b"[]", b"{" * 100_000, b'{"login": 1}', b"\xff", b"x" * 1_000_000])
def test_bodies_that_say_nothing(ask: Ask, github: GitHub, body: bytes) -> None:
    github.body = body
    assert ask("--format", "json").json["user"] is None


def test_nobody_answers(ask: Ask) -> None:
    outcome = ask(url="http://127.0.0.1:9")
    assert outcome.code == 2
    assert "nothing answers there" in outcome.err


def test_a_token_instead_of_a_name(imglint: Imglint) -> None:
    outcome = imglint("token", "--env", CLASSIC)
    assert outcome.code == 2
    assert "--env takes the name of the variable" in outcome.err
    assert CLASSIC[4:] not in outcome.err + outcome.out


def test_no_such_variable(imglint: Imglint) -> None:
    outcome = imglint("token", "--env", "NOTHING")
    assert (outcome.code, outcome.err) == (2, "error: NOTHING: there is no such variable, or it is empty\n")


def test_what_it_is_for_can_be_said(ask: Ask, github: GitHub) -> None:
    github.headers["X-OAuth-Scopes"] = "read:packages"
    assert ask("--for", "pull", "--format", "json").json["jobs"] == ["pull"]
    assert ask("--for", "push", "--format", "json").json["problems"][0]["message"].startswith("it lacks the scope")


def test_a_secret_of_another_name(ask: Ask) -> None:
    renamed = PUSH.replace("CR_PAT", "GHCR_TOKEN")
    assert "no workflow here is seen to use `CR_PAT`" in ask(workflow=renamed).out
    assert "no workflow" not in ask("--secret", "ghcr_token", workflow=renamed).out
    assert "judged as a token that pushes" in ask(workflow="on: push\njobs: {}\n").out


def test_a_path_that_does_not_exist(ask: Ask, github: GitHub) -> None:
    outcome = ask("nowhere")
    assert (outcome.code, outcome.err) == (2, "error: nowhere: does not exist\n")
    assert github.asked == []
