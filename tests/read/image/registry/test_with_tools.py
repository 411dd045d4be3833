"""Debian's docker-registry, filled by skopeo: what is fetched from it is what skopeo says is there."""

from __future__ import annotations

import base64
import http.server
import json
import os
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from imglint.model.image.image import UNREADABLE
from imglint.read.image.store import ImageError

from ..making import GIB, MANIFEST, buildkit_layout, dumped, image, make_layout, named
from .serving import NAME, Answer, Asked, DockerRegistry, Served, fetched, serving

pytestmark = pytest.mark.tools

Tool = Callable[[str], str]
USER, PASSWORD = "ann", "s3cret"
HTPASSWD = "ann:$2y$04$L3NQmgYw3nofRDgkvjCKeOF6ENGzeQKFaG0nxyV/p0E7A2DAUYKIu\n"
"""The password above as bcrypt has it."""


@contextmanager
def running(registry: DockerRegistry) -> Iterator[DockerRegistry]:
    try:
        yield registry
    finally:
        registry.close()


@pytest.fixture(scope="module")
def registry(tmp_path_factory: pytest.TempPathFactory, tool: Tool) -> Iterator[DockerRegistry]:
    with running(DockerRegistry(tool("docker-registry"), tmp_path_factory.mktemp("registry"))) as found:
        yield found


@pytest.fixture(scope="module")
def layouts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two layouts: `one` with an image, `many` with an index as BuildKit makes it; both tagged 1."""
    folder = tmp_path_factory.mktemp("layouts")
    make_layout(folder / "one", named(image(folder / "one", labels={"a": "b"}), "1"))
    buildkit_layout(folder / "many")
    return folder


@pytest.fixture
def push(tool: Tool, layouts: Path) -> Callable[..., None]:
    """Copies an image from a layout to a registry."""

    def copy(layout: str, host: str, tag: str, *options: str) -> None:
        source = f"oci:{layouts / layout}" + (":1" if layout == "one" else "")
        target = f"docker://{host}/{NAME}:{tag}"
        skopeo(tool, "copy", "-q", "--all", "--dest-tls-verify=false", *options, source, target)

    return copy


def skopeo(tool: Tool, *command: str) -> str:
    return subprocess.run([tool("skopeo"), *command], check=True, stdout=subprocess.PIPE, text=True).stdout


def inspected(tool: Tool, reference: str, *options: str) -> Any:
    return json.loads(skopeo(tool, "inspect", "--tls-verify=false", *options, f"docker://{reference}"))


@pytest.mark.parametrize("layout", ["one", "many"])
def test_what_is_there(registry: DockerRegistry, push: Callable[..., None], tool: Tool, layout: str) -> None:
    push(layout, registry.host, layout)
    reference = f"{registry.host}/{NAME}:{layout}"
    found = fetched(reference)
    assert found.flaws == ()
    assert found.root.value == inspected(tool, reference, "--raw")
    assert found.digest == inspected(tool, reference)["Digest"]
    for variant in found.variants:
        options = ["--override-os", "linux", "--override-arch", str(variant.platform).split("/")[1]]
        assert variant.config is not None
        assert variant.config.document.value == inspected(tool, reference, "--config", "--raw", *options)
    assert len(found.attestations) == (2 if layout == "many" else 0)


def test_dockers_own_form(registry: DockerRegistry, push: Callable[..., None]) -> None:
    push("one", registry.host, "docker", "--format", "v2s2")
    found = fetched(f"{registry.host}/{NAME}:docker")
    assert found.root.media_type == "application/vnd.docker.distribution.manifest.v2+json"
    assert [str(variant.platform) for variant in found.variants] == ["linux/amd64"]
    assert found.flaws == ()


def test_what_is_not_there(registry: DockerRegistry, push: Callable[..., None]) -> None:
    push("one", registry.host, "1")
    for rest in ("acme/widget:none", "acme/nothing:1", f"acme/widget@sha256:{'0' * 64}"):
        with pytest.raises(ImageError, match="no image of this tag or digest"):
            fetched(f"{registry.host}/{rest}")


def test_a_layer_of_11_gib_that_is_declared(registry: DockerRegistry, push: Callable[..., None]) -> None:
    """The registry believes the size that a manifest states, and so do those who pull."""
    push("one", registry.host, "1")
    known = fetched(f"{registry.host}/{NAME}:1").variants[0].manifest
    assert known is not None
    layers = [{**known.value["layers"][0], "size": 11 * GIB}]
    body = dumped({**known.value, "layers": layers})
    request = urllib.request.Request(
        f"http://{registry.host}/v2/{NAME}/manifests/big", body, {"Content-Type": MANIFEST}, method="PUT"
    )
    urllib.request.urlopen(request, timeout=10).close()
    (variant,) = fetched(f"{registry.host}/{NAME}:big").variants
    assert [layer.size for layer in variant.layers or ()] == [11 * GIB]


def docker_config(folder: Path, host: str, user: str = USER, password: str = PASSWORD) -> dict[str, str]:
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    (folder / "config.json").write_text(json.dumps({"auths": {host: {"auth": auth}}}))
    return {"DOCKER_CONFIG": str(folder), "XDG_RUNTIME_DIR": str(folder)}


@pytest.fixture
def with_passwords(tmp_path: Path, tool: Tool) -> Iterator[DockerRegistry]:
    (tmp_path / "htpasswd").write_text(HTPASSWD)
    auth = {"htpasswd": {"realm": "here", "path": str(tmp_path / "htpasswd")}}
    with running(DockerRegistry(tool("docker-registry"), tmp_path / "registry", **auth)) as found:
        yield found


def test_passwords(with_passwords: DockerRegistry, push: Callable[..., None], tmp_path: Path, tool: Tool) -> None:
    host = with_passwords.host
    push("many", host, "1", "--dest-creds", f"{USER}:{PASSWORD}")
    with pytest.raises(ImageError, match="access is denied"):
        fetched(f"{host}/{NAME}:1")
    with pytest.raises(ImageError, match="access is denied"):
        fetched(f"{host}/{NAME}:1", docker_config(tmp_path, host, password="other"))
    assert len(fetched(f"{host}/{NAME}:1", docker_config(tmp_path, host), cache=False).variants) == 2
    # What skopeo keeps is found, where skopeo keeps it.
    kept = tmp_path / "auth.json"
    login = ["login", "--tls-verify=false", "--authfile", str(kept), "-u", USER, "-p", PASSWORD, host]
    skopeo(tool, *login)
    environ = {"REGISTRY_AUTH_FILE": str(kept), "XDG_RUNTIME_DIR": str(tmp_path)}
    assert len(fetched(f"{host}/{NAME}:1", environ, cache=False).variants) == 2


class Realm:
    """Gives out tokens that docker-registry takes: https://distribution.github.io/distribution/spec/auth/jwt/ ."""

    def __init__(self, folder: Path, openssl: str) -> None:
        self.folder = folder
        self.openssl = openssl
        self.served = Served()
        self.served.routes["/token"] = self.answer
        certificate(folder, openssl, "/CN=realm")
        text = (folder / "cert.pem").read_text()
        self.der = "".join(line for line in text.splitlines() if "-----" not in line)

    def answer(self, asked: Asked) -> Answer:
        expected = "Basic " + base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
        actions = ["pull", "push"] if asked.headers.get("authorization") == expected else []
        access = [
            {"type": "repository", "name": scope.split(":")[1], "actions": actions}
            for scope in " ".join(asked.query.get("scope", [])).split()
        ]
        now = int(time.time())
        claims = {
            "iss": "realm", "sub": USER, "aud": "registry", "exp": now + 300, "nbf": now - 60, "iat": now,
            "jti": str(now), "access": access,
        }  # fmt: skip
        head = {"typ": "JWT", "alg": "RS256", "x5c": [self.der]}
        signed = ".".join(_base64url(dumped(part)) for part in (head, claims))
        command = [self.openssl, "dgst", "-sha256", "-sign", str(self.folder / "key.pem")]
        made = subprocess.run(command, input=signed.encode(), stdout=subprocess.PIPE, check=True).stdout
        return Answer(200, dumped({"token": f"{signed}.{_base64url(made)}"}))


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def certificate(folder: Path, openssl: str, subject: str, *names: str) -> None:
    """A key and a certificate that it signs itself: `key.pem` and `cert.pem`."""
    folder.mkdir(parents=True, exist_ok=True)
    extension = ["-addext", f"subjectAltName={','.join(names)}"] if names else []
    subprocess.run(
        [
            openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", subject, *extension,
            "-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem"),
        ],
        check=True, stderr=subprocess.DEVNULL,
    )  # fmt: skip


def test_tokens(tmp_path: Path, push: Callable[..., None], tool: Tool) -> None:
    realm = Realm(tmp_path / "realm", tool("openssl"))
    with serving(realm.served) as served:
        auth = {
            "token": {
                "realm": f"{served.url}/token", "service": "registry", "issuer": "realm",
                "rootcertbundle": str(tmp_path / "realm" / "cert.pem"),
            }
        }  # fmt: skip
        with running(DockerRegistry(tool("docker-registry"), tmp_path / "registry", **auth)) as registry:
            push("many", registry.host, "1", "--dest-creds", f"{USER}:{PASSWORD}")
            reference = f"{registry.host}/{NAME}:1"
            with pytest.raises(ImageError, match="access is denied"):
                fetched(reference)
            served.asked.clear()
            assert len(fetched(reference, docker_config(tmp_path, registry.host), cache=False).variants) == 2
            assert len(served.asked) == 1
            assert served.asked[0].query["scope"] == [f"repository:{NAME}:pull"]


@pytest.fixture
def with_tls(tmp_path: Path, tool: Tool) -> Iterator[DockerRegistry]:
    folder = tmp_path / "tls"
    certificate(folder, tool("openssl"), "/CN=localhost", "DNS:localhost")
    tls = f", tls: {{certificate: '{folder}/cert.pem', key: '{folder}/key.pem'}}"
    with running(DockerRegistry(tool("docker-registry"), tmp_path / "registry", tls)) as found:
        yield found


def test_https(with_tls: DockerRegistry, push: Callable[..., None], tmp_path: Path) -> None:
    push("many", with_tls.host, "1")
    reference = f"{with_tls.host}/{NAME}:1"
    with pytest.raises(ImageError, match=r"its certificate is not trusted \(self-signed certificate\)"):
        fetched(reference)
    assert len(fetched(reference, insecure=True).variants) == 2
    trusted = {"SSL_CERT_FILE": str(tmp_path / "tls" / "cert.pem")}
    assert len(fetched(reference.replace("127.0.0.1", "localhost"), trusted, cache=False).variants) == 2
    # The certificate is for the name, and not for the address.
    with pytest.raises(ImageError, match=r"its certificate is not trusted \(IP address mismatch"):
        fetched(reference, trusted, cache=False)


class Tunnel(http.server.BaseHTTPRequestHandler):
    """A proxy that connects to a registry on this machine, whatever it is asked for."""

    port: int
    seen: list[tuple[str, str, Mapping[str, str]]]

    def do_CONNECT(self) -> None:
        self.seen.append((self.command, self.path, dict(self.headers)))
        if "Proxy-Authorization" not in self.headers:
            self.send_error(407)
            return
        with socket.create_connection(("127.0.0.1", self.port)) as there:
            self.send_response(200)
            self.end_headers()
            back = threading.Thread(target=pump, args=(there, self.connection), daemon=True)
            back.start()
            pump(self.connection, there)
            back.join()
        self.close_connection = True

    def log_message(self, format: str, *args: object) -> None:
        pass


def pump(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass


def test_through_a_proxy(tmp_path: Path, push: Callable[..., None], tool: Tool, layouts: Path) -> None:
    """The name is resolved by the proxy, and is proven all the same."""
    certificate(tmp_path / "tls", tool("openssl"), "/CN=registry.example", "DNS:registry.example", "IP:127.0.0.1")
    tls = f", tls: {{certificate: '{tmp_path}/tls/cert.pem', key: '{tmp_path}/tls/key.pem'}}"
    with running(DockerRegistry(tool("docker-registry"), tmp_path / "registry", tls)) as registry:
        push("many", registry.host, "1")
        Tunnel.port, Tunnel.seen = registry.port, []
        proxy = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Tunnel)
        proxy.daemon_threads = True
        threading.Thread(target=proxy.serve_forever, args=(0.02,), daemon=True).start()
        try:
            at = f"127.0.0.1:{proxy.server_address[1]}"
            environ = {"https_proxy": f"http://u:p@{at}", "SSL_CERT_FILE": str(tmp_path / "tls" / "cert.pem")}
            assert len(fetched(f"registry.example/{NAME}:1", environ, cache=False).variants) == 2
            assert {(command, path) for command, path, _ in Tunnel.seen} == {("CONNECT", "registry.example:443")}
            with pytest.raises(ImageError, match="Hostname mismatch"):
                fetched(f"other.example/{NAME}:1", environ, cache=False)
            with pytest.raises(ImageError, match="the proxy refuses"):
                fetched(f"registry.example/{NAME}:1", {**environ, "https_proxy": f"http://{at}"}, cache=False)
            # Whatever the proxy can reach: certificates are not let go for a host that is not private.
            with pytest.raises(ImageError, match="self-signed certificate"):
                fetched(f"registry.example/{NAME}:1", {"https_proxy": f"http://u:p@{at}"}, cache=False, insecure=True)
        finally:
            proxy.shutdown()
            proxy.server_close()


def test_a_blob_that_was_changed_in_the_store(
    registry: DockerRegistry, push: Callable[..., None], tmp_path: Path, tool: Tool
) -> None:
    """The registry does not compare what it hands out."""
    with running(DockerRegistry(tool("docker-registry"), tmp_path / "registry")) as mine:
        push("one", mine.host, "1")
        before = fetched(f"{mine.host}/{NAME}:1")
        manifest = before.variants[0].manifest
        assert manifest is not None
        config = manifest.text("config", "digest").removeprefix("sha256:")
        blob = tmp_path / "registry/data/docker/registry/v2/blobs/sha256" / config[:2] / config / "data"
        data = blob.read_bytes()
        blob.write_bytes(data.replace(b"linux", b"linuz"))
        found = fetched(f"{mine.host}/{NAME}:1")
        assert [flaw.kind for flaw in found.flaws] == ["digest-mismatch"]
        os.unlink(blob)
        found = fetched(f"{mine.host}/{NAME}:1")
        assert [flaw.kind for flaw in found.flaws] == [UNREADABLE]
