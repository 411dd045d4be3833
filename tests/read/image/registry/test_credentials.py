"""Where credentials are looked for, and in which order."""

from __future__ import annotations

import base64
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, ClassVar

import pytest

from imglint.read.image.registry import credentials
from imglint.read.image.registry.credentials import Credentials, find

HOST = "registry.example:5000"
Write = Callable[..., None]


def auth(user: str, password: str = "secret") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{user}:{password}".encode()).decode()}


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment whose folders are all there, and empty."""
    monkeypatch.setattr(credentials, "_RUNTIME_FOLDER", str(tmp_path / "run" / "{user}" / "auth.json"))
    return {"HOME": str(tmp_path / "home"), "PATH": str(tmp_path / "bin")}


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def write(path: str, document: Any = None, **auths: Any) -> None:
        (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / path).write_text(json.dumps({"auths": auths} if document is None else document))

    return write


def helper(folder: Path, name: str, answer: object, code: int = 0) -> Path:
    """A credential helper that answers any question, and writes down what it was asked."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"docker-credential-{name}"
    asked = folder / f"{name}.asked"
    text = answer if isinstance(answer, str) else json.dumps(answer)
    path.write_text(f"#!/bin/sh\n{{ /bin/echo $1; /bin/cat; }} >> '{asked}'\n/bin/echo '{text}'\nexit {code}\n")
    path.chmod(0o755)
    return asked


def user(host: str, environ: dict[str, str], path: str = "acme/widget", helpers: bool = True) -> str | None:
    found = find(host, path, environ, helpers)
    return found.user if found else None


def test_the_order_of_files(environ: dict[str, str], write: Write, tmp_path: Path) -> None:
    places = {
        "given.json": ("REGISTRY_AUTH_FILE", "given.json"),
        "runtime/containers/auth.json": ("XDG_RUNTIME_DIR", "runtime"),
        "settings/containers/auth.json": ("XDG_CONFIG_HOME", "settings"),
        "docker/config.json": ("DOCKER_CONFIG", "docker"),
    }
    for path, (variable, value) in places.items():
        write(path, **{HOST: auth(path)})
        environ[variable] = str(tmp_path / value)
    write("home/.dockercfg", {HOST: auth("home/.dockercfg")})
    for path in (*places, "home/.dockercfg"):
        assert user(HOST, environ) == path
        (tmp_path / path).unlink()
    assert user(HOST, environ) is None


@pytest.mark.parametrize("path", [".config/containers/auth.json", ".docker/config.json"])
def test_places_in_the_home(environ: dict[str, str], write: Write, path: str) -> None:
    write(f"home/{path}", **{HOST: auth("ann")})
    assert user(HOST, environ) == "ann"


@pytest.mark.skipif(not hasattr(os, "getuid"), reason="only where users have numbers")
def test_the_place_of_a_user_without_a_session(environ: dict[str, str], write: Write) -> None:
    """Where `skopeo login` and `podman login` write for root."""
    write(f"run/{os.getuid()}/auth.json", **{HOST: auth("ann")})
    assert user(HOST, environ) == "ann"


def test_a_file_that_says_nothing_of_the_registry_hides_no_other(
    environ: dict[str, str], write: Write, tmp_path: Path
) -> None:
    write("given.json", **{"other.example": auth("bob")})
    write("home/.docker/config.json", **{HOST: auth("ann")})
    environ["REGISTRY_AUTH_FILE"] = str(tmp_path / "given.json")
    assert user(HOST, environ) == "ann"


def test_the_most_specific_name_counts(environ: dict[str, str], write: Write) -> None:
    keys = {f"{HOST}/acme/widget": "package", f"{HOST}/acme": "owner", HOST: "host"}
    write("home/.docker/config.json", **{key: auth(name) for key, name in keys.items()})
    assert user(HOST, environ) == "package"
    assert user(HOST, environ, "acme/widget/x") == "package"
    assert user(HOST, environ, "acme/other") == "owner"
    assert user(HOST, environ, "acmeother/widget") == "host"
    assert user("registry.example", environ) is None


@pytest.mark.parametrize("key", ["https://registry.example:5000", "https://registry.example:5000/v1/"])
def test_old_spellings(environ: dict[str, str], write: Write, key: str) -> None:
    write("home/.docker/config.json", **{key: auth("ann")})
    assert user(HOST, environ) == "ann"


@pytest.mark.parametrize("key", ["https://index.docker.io/v1/", "index.docker.io", "docker.io", "docker.io/acme"])
def test_docker_hub_has_many_names(environ: dict[str, str], write: Write, key: str) -> None:
    write("home/.docker/config.json", **{key: auth("ann")})
    assert user("registry-1.docker.io", environ) == "ann"


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ({"username": "ann", "password": "x"}, ("ann", "x", "")),
        (auth("ann", "a:b"), ("ann", "a:b", "")),
        (auth("ann", "x\0\0"), ("ann", "x", "")),
        ({**auth("ann"), "identitytoken": "t"}, ("<token>", "", "t")),
        ({}, None),
        ({"auth": "%%%"}, None),
        ({"auth": base64.b64encode(b"nobody").decode()}, None),
        ({"auth": base64.b64encode(b"\xff:\xff").decode()}, None),
        ({"auth": 5, "username": ["ann"], "identitytoken": None}, None),
        (None, None),
        ("ann", None),
    ],
)
def test_entries(environ: dict[str, str], write: Write, entry: Any, expected: Any) -> None:
    write("home/.docker/config.json", **{HOST: entry})
    found = find(HOST, "acme/widget", environ, True)
    assert (tuple(found) if found else None) == expected


@pytest.mark.parametrize(
    "data", [b"", b"[]", b"nonsense", b'{"auths": []}', b"[" * 100_000, b"\xff\xfe", b"x" * (2 << 20)]
)
def test_files_that_cannot_be_read_hold_nothing(environ: dict[str, str], tmp_path: Path, data: bytes) -> None:
    (tmp_path / "home" / ".docker").mkdir(parents=True)
    (tmp_path / "home" / ".docker" / "config.json").write_bytes(data)
    assert user(HOST, environ) is None


def test_nothing_waits_for_a_pipe(environ: dict[str, str], tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert user(HOST, {**environ, "REGISTRY_AUTH_FILE": str(tmp_path / "pipe")}) is None


class TestHelpers:
    ANSWER: ClassVar = {"ServerURL": HOST, "Username": "ann", "Secret": "s3cret"}

    def test_are_asked_for_the_registries_they_keep(
        self, environ: dict[str, str], write: Write, tmp_path: Path
    ) -> None:
        asked = helper(tmp_path / "bin", "vault", self.ANSWER)
        write("home/.docker/config.json", {"auths": {HOST: auth("bob")}, "credHelpers": {HOST: "vault"}})
        assert find(HOST, "acme/widget", environ, True) == Credentials("ann", "s3cret")
        assert asked.read_text() == f"get\n{HOST}"
        assert user("other.example", environ) is None

    def test_that_keep_all_come_after_what_the_file_says(
        self, environ: dict[str, str], write: Write, tmp_path: Path
    ) -> None:
        asked = helper(tmp_path / "bin", "vault", self.ANSWER)
        write("home/.docker/config.json", {"auths": {HOST: {}, "b.example": auth("bob")}, "credsStore": "vault"})
        assert user("b.example", environ) == "bob"
        assert not asked.exists()
        assert user(HOST, environ) == "ann"

    def test_can_keep_a_token(self, environ: dict[str, str], write: Write, tmp_path: Path) -> None:
        helper(tmp_path / "bin", "vault", {"Username": "<token>", "Secret": "t"})
        write("home/.docker/config.json", {"credHelpers": {HOST: "vault"}})
        assert find(HOST, "acme/widget", environ, True) == Credentials("<token>", "", "t")

    def test_can_be_switched_off(self, environ: dict[str, str], write: Write, tmp_path: Path) -> None:
        asked = helper(tmp_path / "bin", "vault", self.ANSWER)
        write("home/.docker/config.json", {"credHelpers": {HOST: "vault"}, "credsStore": "vault"})
        assert user(HOST, environ, helpers=False) is None
        assert not asked.exists()

    @pytest.mark.parametrize("answer", ["", "[]", "nonsense", '{"Username": "ann"}', '{"Username": 5, "Secret": "x"}'])
    def test_that_say_nothing(self, environ: dict[str, str], write: Write, tmp_path: Path, answer: str) -> None:
        helper(tmp_path / "bin", "vault", answer)
        write("home/.docker/config.json", {"credHelpers": {HOST: "vault"}})
        assert user(HOST, environ) is None

    def test_that_fail_or_are_not_there(self, environ: dict[str, str], write: Write, tmp_path: Path) -> None:
        helper(tmp_path / "bin", "vault", self.ANSWER, code=1)
        write("home/.docker/config.json", {"credHelpers": {HOST: "vault", "b.example": "gone"}})
        assert user(HOST, environ) is None
        assert user("b.example", environ) is None

    def test_that_hang_are_left(
        self, environ: dict[str, str], write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(credentials, "HELPER_SECONDS", 0.2)
        helper(tmp_path / "bin", "vault", "")
        (tmp_path / "bin" / "docker-credential-vault").write_text("#!/bin/sh\nexec /bin/sleep 30\n")
        write("home/.docker/config.json", {"credHelpers": {HOST: "vault"}})
        assert user(HOST, environ) is None

    @pytest.mark.parametrize("name", ["../bin/evil", "/bin/sh", "a b", "-x", "", "VAULT", "a;b", "a\nb"])
    def test_are_named_by_a_word(
        self, environ: dict[str, str], write: Write, monkeypatch: pytest.MonkeyPatch, name: str
    ) -> None:
        def run(*arguments: object, **more: object) -> None:
            raise AssertionError(f"nothing is run: {arguments}")

        monkeypatch.setattr(credentials.subprocess, "run", run)
        write("home/.docker/config.json", {"credHelpers": {HOST: name}, "credsStore": name})
        assert user(HOST, environ) is None

    @pytest.mark.parametrize("path", ["", ".", "bin", ":/nowhere"])
    def test_are_no_programs_of_the_working_directory(
        self, environ: dict[str, str], write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
    ) -> None:
        for folder in (tmp_path / "project", tmp_path / "project" / "bin"):
            helper(folder, "vault", self.ANSWER)
        write("home/.docker/config.json", {"credHelpers": {HOST: "vault"}})
        monkeypatch.chdir(tmp_path / "project")
        assert user(HOST, {**environ, "PATH": path}) is None


def test_the_token_of_a_workflow(environ: dict[str, str], write: Write) -> None:
    environ["GITHUB_TOKEN"] = "ghs_x"
    assert find("ghcr.io", "acme/widget", environ, True) == Credentials("x-access-token", "ghs_x")
    for host in (HOST, "ghcr.io:443", "ghcr.io.example", "docker.pkg.github.com", "registry-1.docker.io"):
        assert user(host, environ) is None
    write("home/.docker/config.json", **{"ghcr.io": auth("ann")})
    assert user("ghcr.io", environ) == "ann"


def test_nothing_secret_is_shown() -> None:
    assert "s3cret" not in repr(Credentials("ann", "s3cret", "s3cret"))
    assert "s3cret" not in f"{Credentials('ann', 's3cret')}"
