"""How long an editor waits for the findings after a keystroke.

    pip install -e '.[lsp]'
    python bench/server.py

A server is started as an editor starts it, with a project of its own: a Dockerfile of 300 lines and a workflow of 500
that tests, and builds and pushes it in three jobs for two versions each. Every keystroke is one character more in the
middle of a file, sent as an incremental change and followed by a request for the findings. Quoted is the time from
sending the change to having the answer, 200 times for each file, and the processor time of the thread that answers,
which says more where other programs run as well. The wait that gathers fast keystrokes for editors that do not ask is
no part.
"""

from __future__ import annotations

import asyncio
import statistics
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

KEYSTROKES = 200
DOCKERFILE_LINES = 300
WORKFLOW_LINES = 500


def dockerfile() -> str:
    """A build in several stages, as long as asked for."""
    lines = ["# syntax=docker/dockerfile:1", "ARG VERSION=3.12", ""]
    stage = 0
    while len(lines) < DOCKERFILE_LINES - 25:
        lines += [
            f"FROM python:${{VERSION}}-slim AS part{stage}",
            f'LABEL org.opencontainers.image.title="part {stage}" \\',
            '      org.opencontainers.image.vendor="ACME"',
            f"ARG PART_{stage}=/opt/part{stage}",
            f"ENV PART=$PART_{stage} \\",
            "    LANG=C.UTF-8",
            "WORKDIR /src",
            "COPY requirements.txt .",
            "RUN --mount=type=cache,target=/root/.cache \\",
            "    apt-get update && \\",
            "    apt-get install --yes --no-install-recommends build-essential git && \\",
            "    pip install --requirement requirements.txt && \\",
            "    rm -rf /var/lib/apt/lists/*",
            f"COPY part{stage} /src/part{stage}",
            f"RUN make -C part{stage} install PREFIX=$PART",
            "",
        ]
        stage += 1
    lines += [
        "FROM python:${VERSION}-slim",
        'LABEL org.opencontainers.image.source="https://github.com/acme/widget" \\',
        '      org.opencontainers.image.description="Widgets for everybody" \\',
        '      org.opencontainers.image.licenses="MIT"',
        *(f"COPY --from=part{number} /opt/part{number} /opt/part{number}" for number in range(stage)),
    ]
    lines += [f"ENV OPTION_{number}={number}" for number in range(DOCKERFILE_LINES - len(lines) - 1)]
    return "\n".join([*lines, 'CMD ["python", "-m", "widget"]']) + "\n"


def workflow() -> str:
    """Jobs that test, and three that build and push for two versions each."""
    lines = ["name: publish", "on: push", "permissions:", "  contents: read", "  packages: write", "jobs:"]
    for number in range(3):
        lines += [
            f"  image{number}:",
            "    runs-on: ubuntu-latest",
            "    strategy:",
            "      matrix:",
            "        python: ['3.11', '3.12']",
            "    env:",
            f"      IMAGE: ghcr.io/acme/widget-{number}",
            "    steps:",
            "      - uses: actions/checkout@v4",
            "      - uses: docker/setup-buildx-action@v3",
            "      - uses: docker/login-action@v3",
            "        with:",
            "          registry: ghcr.io",
            "          username: ${{ github.actor }}",
            "          password: ${{ secrets.GITHUB_TOKEN }}",
            "      - id: meta",
            "        uses: docker/metadata-action@v5",
            "        with:",
            "          images: ${{ env.IMAGE }}",
            "          tags: |",
            "            type=semver,pattern={{version}}",
            "            type=raw,value=${{ matrix.python }}",
            "      - run: |",
            "          make test",
            '          docker build --tag "$IMAGE:test" .',
            "      - uses: docker/build-push-action@v6",
            "        with:",
            "          context: .",
            "          push: true",
            "          build-args: VERSION=${{ matrix.python }}",
            "          tags: ${{ steps.meta.outputs.tags }}",
            "          labels: ${{ steps.meta.outputs.labels }}",
        ]
    number = 0
    while len(lines) < WORKFLOW_LINES - 20:
        lines += [
            f"  test{number}:",
            "    runs-on: ubuntu-latest",
            "    strategy:",
            "      fail-fast: false",
            "      matrix:",
            "        python: ['3.11', '3.12', '3.13']",
            "    steps:",
            "      - uses: actions/checkout@v4",
            "      - uses: actions/setup-python@v5",
            "        with:",
            "          python-version: ${{ matrix.python }}",
            "      - name: Install",
            "        run: |",
            "          python -m pip install --upgrade pip",
            "          pip install --requirement requirements.txt --requirement requirements-test.txt",
            "      - name: Test",
            "        env:",
            f"          PART: part{number}",
            "        run: |",
            "          set -o errexit",
            '          make -C "$PART" test',
        ]
        number += 1
    lines += [f"# end {number}" for number in range(WORKFLOW_LINES - len(lines))]
    return "\n".join(lines) + "\n"


async def measure(folder: Path) -> None:
    """Type into both files, and print what it took."""
    client: LanguageClient = make_test_lsp_client()
    await client.start_io(sys.executable, "-P", "-m", "imglint", "server", "--stdio")
    await client.initialize_session(
        types.InitializeParams(capabilities=client_capabilities("neovim@0.11.0"), root_uri=folder.as_uri())
    )
    for name, language in (("Dockerfile", "dockerfile"), (".github/workflows/publish.yml", "yaml")):
        path = folder / name
        text = path.read_text()
        uri = path.as_uri()
        item = types.TextDocumentItem(uri, language, 0, text)
        client.text_document_did_open(types.DidOpenTextDocumentParams(item))
        started = perf_counter()
        await findings(client, uri)
        first = perf_counter() - started
        lines = text.splitlines()
        line = next(number for number in range(len(lines) // 2, len(lines)) if "make" in lines[number])
        times, busy = [], []
        for number in range(KEYSTROKES):
            position = types.Position(line, len(lines[line]) + number)
            change = types.TextDocumentContentChangePartial(types.Range(position, position), "x")
            version = types.VersionedTextDocumentIdentifier(number + 1, uri)
            started, before = perf_counter(), processor_time(client)
            client.text_document_did_change(types.DidChangeTextDocumentParams(version, [change]))
            await findings(client, uri)
            times.append((perf_counter() - started) * 1000)
            busy.append((processor_time(client) - before) * 1000)
        print(
            f"{name} ({len(lines)} lines): first {first * 1000:.0f} ms; "
            f"a keystroke {statistics.median(times):.1f} ms, 95 % within {p95(times):.1f} ms, "
            f"the longest {max(times):.1f} ms; "
            f"of the processor {statistics.median(busy):.1f} ms, 95 % within {p95(busy):.1f} ms"
        )
    await client.shutdown_session()


def p95(times: list[float]) -> float:
    """What 95 of a hundred take at most."""
    return statistics.quantiles(times, n=20)[-1]


def processor_time(client: LanguageClient) -> float:
    """Seconds that the server's thread has been at work, where the system tells (proc_pid_schedstat(5))."""
    known = Path(f"/proc/{client._server.pid}/schedstat")
    return int(known.read_text().split()[0]) / 1e9 if known.exists() else float("nan")


async def findings(client: LanguageClient, uri: str) -> None:
    """Ask for the findings."""
    await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri)))


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        (folder / ".git").mkdir()
        (folder / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
        (folder / "Dockerfile").write_text(dockerfile())
        (folder / ".github" / "workflows").mkdir(parents=True)
        (folder / ".github" / "workflows" / "publish.yml").write_text(workflow())
        asyncio.run(measure(folder))


if __name__ == "__main__":
    main()
