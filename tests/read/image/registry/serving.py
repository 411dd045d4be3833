"""Registries on this machine: one that answers as a test wants, and Debian's docker-registry."""

from __future__ import annotations

import http.server
import json
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import parse_qs, urlsplit

from imglint.model.image.image import Image
from imglint.read.image.options import ReadOptions
from imglint.read.image.registry import fetch_image

from ..making import INDEX, MANIFEST, Descriptor, blob_path

NAME = "acme/widget"
ELSEWHERE = "127.0.0.2"
"""Another host, as far as anybody can tell."""


class Asked(NamedTuple):
    """A request that came in; `path` without the query."""

    method: str
    path: str
    query: Mapping[str, list[str]]
    headers: Mapping[str, str]
    body: bytes


class Answer(NamedTuple):
    """What is sent back; the length is stated unless `headers` say otherwise."""

    status: int = 200
    body: bytes = b""
    headers: Mapping[str, str] = {}


Wire = Callable[[Any], None]
"""What writes to the connection by itself; it is given the handler of the request."""
Route = Answer | Wire | Callable[[Asked], "Answer | Wire"]


class Served:
    """A registry that answers each path as it is told to, and remembers what it was asked."""

    def __init__(self, address: str = "127.0.0.1", delay: float = 0) -> None:
        self.routes: dict[str, Answer | Callable[[Asked], Any]] = {}
        self.fallback: Callable[[Asked], Any] = lambda asked: Answer(404, b"{}")
        self.asked: list[Asked] = []
        self.at_once = self.most_at_once = 0
        self.delay = delay
        self.lock = threading.Lock()
        served = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = 30

            def do_GET(self) -> None:
                served.answer(self)

            def do_POST(self) -> None:
                served.answer(self)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = http.server.ThreadingHTTPServer((address, 0), Handler)
        self.server.daemon_threads = True
        self.server.handle_error = lambda request, client_address: None  # type: ignore[method-assign]
        self.address = address
        self.port = int(self.server.server_address[1])

    @property
    def host(self) -> str:
        return f"{self.address}:{self.port}"

    @property
    def url(self) -> str:
        return f"http://{self.host}"

    def reference(self, rest: str = ":1") -> str:
        return f"{self.host}/{NAME}{rest}"

    @property
    def paths(self) -> list[str]:
        return [each.path for each in self.asked]

    def manifest(self, answer: Any, reference: str = "1") -> None:
        """Answer the request for a manifest."""
        self.routes[f"/v2/{NAME}/manifests/{reference}"] = answer

    def blob(self, answer: Any, digest: str) -> None:
        self.routes[f"/v2/{NAME}/blobs/{digest}"] = answer

    def layout(self, folder: Path, tags: Mapping[str, Descriptor]) -> None:
        """Serve the blobs of a layout, and some of them as tags."""

        def found(asked: Asked) -> Answer:
            start, _, name = asked.path.rpartition("/")
            if start not in (f"/v2/{NAME}/manifests", f"/v2/{NAME}/blobs"):
                return Answer(404, b'{"errors": [{"code": "NAME_UNKNOWN"}]}')
            digest = tags[name]["digest"] if name in tags else name
            path = blob_path(folder, digest)
            if ":" not in digest or not path.is_file():
                return Answer(404, b'{"errors": [{"code": "MANIFEST_UNKNOWN"}]}')
            data = path.read_bytes()
            kind = json.loads(data).get("mediaType", MANIFEST) if start.endswith("manifests") else "application/x"
            return Answer(200, data, {"Content-Type": kind, "Docker-Content-Digest": digest})

        self.fallback = found

    def answer(self, handler: Any) -> None:
        parts = urlsplit(handler.path)
        body = handler.rfile.read(int(handler.headers.get("Content-Length") or 0))
        headers = {name.lower(): value for name, value in handler.headers.items()}
        asked = Asked(handler.command, parts.path, parse_qs(parts.query), headers, body)
        with self.lock:
            self.asked.append(asked)
            self.at_once += 1
            self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            time.sleep(self.delay)
            route: Any = self.routes.get(parts.path)
            if not isinstance(route, Answer):
                route = (route or self.fallback)(asked)
            if isinstance(route, Answer):
                send(handler, route)
            else:
                handler.close_connection = True
                route(handler)
        except OSError:
            handler.close_connection = True  # Whoever asked has seen enough.
        finally:
            with self.lock:
                self.at_once -= 1


def send(handler: Any, answer: Answer) -> None:
    handler.send_response(answer.status)
    stated = {name.lower() for name in answer.headers}
    for name, value in answer.headers.items():
        handler.send_header(name, value)
    if not stated & {"content-length", "transfer-encoding"}:
        handler.send_header("Content-Length", str(len(answer.body)))
    handler.end_headers()
    handler.wfile.write(answer.body)


@contextmanager
def serving(served: Served) -> Iterator[Served]:
    thread = threading.Thread(target=served.server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield served
    finally:
        served.server.shutdown()
        served.server.server_close()


def challenge(realm: str, scheme: str = "Bearer") -> Answer:
    """What a registry says to somebody it does not know."""
    return Answer(401, b"{}", {"WWW-Authenticate": f'{scheme} realm="{realm}",service="registry"'})


def of_index(body: bytes) -> Answer:
    return Answer(200, body, {"Content-Type": INDEX})


def of_manifest(body: bytes) -> Answer:
    return Answer(200, body, {"Content-Type": MANIFEST})


def fetched(
    reference: str, environ: Mapping[str, str] | None = None, platform: str | None = None, **more: Any
) -> Image:
    """An image, read with nothing of the user's; without a cache, unless `environ` says where one is."""
    return fetch_image(reference, ReadOptions(_no_stdin, environ or {}, platform, **{"cache": bool(environ), **more}))


def _no_stdin() -> Any:
    raise AssertionError("standard input is not asked for")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class DockerRegistry:
    """Debian's docker-registry in a folder of its own."""

    def __init__(self, program: str, folder: Path, http: str = "", **auth: Mapping[str, str]) -> None:
        self.port = free_port()
        folder.mkdir(parents=True, exist_ok=True)
        lines = ["version: 0.1", "log: {level: error}", f"storage: {{filesystem: {{rootdirectory: {folder}/data}}}}"]
        lines += [f"http: {{addr: '127.0.0.1:{self.port}', secret: x{http}}}"]
        lines += [f"auth: {json.dumps(auth)}"] if auth else []
        (folder / "config.yml").write_text("\n".join(lines) + "\n")
        self.log = (folder / "log").open("wb")
        self.process = subprocess.Popen(
            [program, "serve", str(folder / "config.yml")], stdout=self.log, stderr=subprocess.STDOUT
        )
        self.host = f"127.0.0.1:{self.port}"
        for _ in range(400):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", self.port)) == 0:
                    return
            if self.process.poll() is not None:
                break
            time.sleep(0.05)
        raise RuntimeError((folder / "log").read_text())

    def close(self) -> None:
        self.process.terminate()
        self.process.wait()
        self.log.close()
