"""How fast imglint judges images, beside skopeo, which only shows them.

    apt-get install skopeo umoci docker-registry
    python bench/images.py

Test images are made in a temporary folder: a small OCI image layout, an archive with a hole of 11 GiB, an archive of a
million members, and images in a registry on this machine. Quoted are wall times of whole processes, medians, in turn
(ours, theirs, …) after one run to warm up, and how long a processor was busy with it. Nothing is kept from one run to
the next: there is no home, so there is no cache. Set IMGLINT to use another program than the one on the PATH.
"""

from __future__ import annotations

import hashlib
import http.server
import io
import json
import os
import resource
import socket
import statistics
import subprocess
import tarfile
import tempfile
import threading
import time
from pathlib import Path

from measure import program, run

RUNS = 15
DELAY = 0.05
IMAGES = 33
HOLE = 11 << 30
MEMBERS = 1_000_000


def blob(folder: Path, data: bytes, media_type: str) -> dict[str, object]:
    digest = hashlib.sha256(data).hexdigest()
    (folder / "blobs" / "sha256").mkdir(parents=True, exist_ok=True)
    (folder / "blobs" / "sha256" / digest).write_bytes(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


def manifest_of(folder: Path, architecture: str) -> dict[str, object]:
    layer = blob(folder, b"\0" * 1024, "application/vnd.oci.image.layer.v1.tar")
    config = {
        "architecture": architecture,
        "os": "linux",
        "config": {"User": "1000", "Entrypoint": ["/widget"], "Labels": {"org.opencontainers.image.licenses": "MIT"}},
        "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
        "history": [{"created_by": "COPY widget / # buildkit"}],
    }
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob(folder, json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json"),
        "layers": [layer],
    }
    return blob(folder, json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")


def layout(folder: Path) -> Path:
    folder.mkdir()
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    entry = manifest_of(folder, "amd64") | {"annotations": {"org.opencontainers.image.ref.name": "1"}}
    (folder / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    return folder


def archive_with_a_hole(path: Path) -> Path:
    config = json.dumps({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": []}}).encode()
    listing = json.dumps([{"Config": "c.json", "RepoTags": ["widget:1"], "Layers": ["big/layer.tar"]}]).encode()
    with path.open("wb") as file:
        header = tarfile.TarInfo("big/layer.tar")
        header.size = HOLE
        file.write(header.tobuf(tarfile.GNU_FORMAT))
        file.seek(HOLE, io.SEEK_CUR)
        for name, data in (("c.json", config), ("manifest.json", listing)):
            header = tarfile.TarInfo(name)
            header.size = len(data)
            file.write(header.tobuf() + data + b"\0" * (-len(data) % 512))
        file.write(b"\0" * 1024)
    return path


def archive_of_many(path: Path) -> Path:
    header = tarfile.TarInfo("x").tobuf()
    with path.open("wb") as file:
        for _ in range(MEMBERS // 1000):
            file.write(header * 1000)
        file.write(b"\0" * 1024)
    return path


class Slow(http.server.BaseHTTPRequestHandler):
    """A registry that serves a layout, each answer after a delay."""

    protocol_version = "HTTP/1.1"
    root: Path
    top: bytes

    def do_GET(self) -> None:
        time.sleep(DELAY)
        name = self.path.rsplit("/", 1)[1]
        if ":" not in name:
            data = self.top
        else:
            data = (self.root / "blobs" / "sha256" / name.removeprefix("sha256:")).read_bytes()
        media = json.loads(data).get("mediaType", "application/octet-stream")
        self.send_response(200)
        self.send_header("Content-Type", media)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, format: str, *args: object) -> None:
        pass


def slow_registry(folder: Path) -> str:
    folder.mkdir()
    entries = [
        manifest_of(folder, f"arch{number}") | {"platform": {"os": "linux", "architecture": f"arch{number}"}}
        for number in range(IMAGES)
    ]
    Slow.root = folder
    Slow.top = json.dumps(
        {"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": entries}
    ).encode()
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Slow)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"127.0.0.1:{server.server_address[1]}/acme/widget:1"


def registry(folder: Path) -> tuple[subprocess.Popen[bytes], str]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder.mkdir()
    (folder / "config.yml").write_text(
        f"version: 0.1\nlog: {{level: error}}\nstorage: {{filesystem: {{rootdirectory: {folder}/data}}}}\n"
        f"http: {{addr: '127.0.0.1:{port}'}}\n"
    )
    process = subprocess.Popen(
        ["docker-registry", "serve", str(folder / "config.yml")],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    for _ in range(100):
        time.sleep(0.05)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
    return process, f"127.0.0.1:{port}/acme/widget:1"


def cost(command: list[str]) -> tuple[float, float]:
    """Wall time and processor time of a whole process in milliseconds."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    wall = run(command)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    busy = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return wall * 1000, busy * 1000


def tell(what: str, command: list[str], runs: int = RUNS) -> None:
    run(command)
    walls, busy = zip(*(cost(command) for _ in range(runs)), strict=True)
    print(f"{what}: {statistics.median(walls):.0f} ms, {statistics.median(busy):.0f} ms busy", flush=True)


def beside(what: str, ours: list[str], theirs: list[str]) -> None:
    run(ours)
    run(theirs)
    pairs = [(cost(ours), cost(theirs)) for _ in range(RUNS)]
    mine, other = ([statistics.median(each[side][kind] for each in pairs) for kind in (0, 1)] for side in (0, 1))
    ratio = statistics.median(one[0] / two[0] for one, two in pairs)
    print(f"{what}: {mine[0]:.0f} ms, {mine[1]:.0f} ms busy; skopeo inspect {other[0]:.0f} ms, {other[1]:.0f} ms busy; "
          f"ratio {ratio:.1f}", flush=True)  # fmt: skip


def main() -> None:
    imglint = [program("imglint"), "image"]
    os.environ.update(HOME="", XDG_CACHE_HOME="")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        here = layout(folder / "layout")
        beside("OCI image layout", [*imglint, str(here)], ["skopeo", "inspect", f"oci:{here}:1"])
        process, reference = registry(folder / "registry")
        try:
            copy = ["skopeo", "copy", "-q", "--dest-tls-verify=false", f"oci:{here}:1", f"docker://{reference}"]
            subprocess.run(copy, check=True)
            theirs = ["skopeo", "inspect", "--tls-verify=false", f"docker://{reference}"]
            beside("registry on this machine", [*imglint, reference], theirs)
        finally:
            process.terminate()
        tell(f"{IMAGES} images, {DELAY * 1000:.0f} ms for each answer", [*imglint, slow_registry(folder / "slow")], 5)
        tell("archive with a hole of 11 GiB", [*imglint, str(archive_with_a_hole(folder / "hole.tar"))], 5)
        tell(f"archive of {MEMBERS:,} members", [*imglint, str(archive_of_many(folder / "many.tar"))], 1)
        memory = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024
        print(f"at most {memory} MB of any process")


if __name__ == "__main__":
    main()
