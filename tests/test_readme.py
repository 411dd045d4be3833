"""README and docs show what really happens: each command with its output is run, every other one is understood.

A block whose first line begins with `$ ` shows commands. Where output follows, the command is run in a copy of
fixtures/, and has to print exactly that.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import tomllib
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import click
import pytest
from jsonschema import Draft202012Validator
from made_tokens import classic

from imglint.cli.main import cli
from imglint.read.rules import rule_families
from tools.refresh_rules import LIST, listing
from tools.website.rulepages import Fence, blocks

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {path.name: path.read_text(encoding="utf-8") for path in (ROOT / "README.md", *(ROOT / "docs").glob("*.md"))}


class Shown(NamedTuple):
    """A command that a page shows, and what it prints there; nothing when only the command is shown."""

    page: str
    command: str
    output: str

    def __str__(self) -> str:
        return f"{self.page}: {self.command}"


def fences(text: str) -> Iterator[Fence]:
    return (block for block in blocks(text) if isinstance(block, Fence))


def shown() -> Iterator[Shown]:
    """The commands behind a `$ ` of all pages."""
    for page, text in PAGES.items():
        for fence in fences(text):
            if not fence.lines or not fence.lines[0].startswith("$ "):
                continue
            for part in re.split(r"^\$ ", "".join(f"{line}\n" for line in fence.lines), flags=re.MULTILINE)[1:]:
                command, _, output = part.partition("\n")
                yield Shown(page, command, output)


COMMANDS = list(shown())
WITH_OUTPUT = [each for each in COMMANDS if each.output]


# Commands with their output -------------------------------------------------------------------------------------------


class Scene(NamedTuple):
    """What has to be there for a command: a change to its words, variables, and what to put for values of one day."""

    command: str
    environment: dict[str, str]
    output: str


def large_image(folder: Path, shown: Shown) -> Scene:
    """An OCI image layout whose layers are large and not at hand, as none of them has to be."""
    blobs = folder / "build" / "oci" / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def put(document: object) -> dict[str, object]:
        data = json.dumps(document).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"digest": f"sha256:{digest}", "size": len(data)}

    history = [
        f"/bin/sh -c #(nop) ADD file:{1:064x} in / ",
        "RUN /bin/sh -c apt-get update; apt-get install -y python3 python3-venv libgomp1 # buildkit",
        "COPY model.bin /srv/ # buildkit",
    ]
    config = {
        "architecture": "amd64",
        "os": "linux",
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{number:064x}" for number in (1, 2, 3)]},
        "history": [{"created_by": line} for line in history],
    }
    layers = [
        {"mediaType": "application/vnd.oci.image.layer.v1.tar+gzip", "digest": f"sha256:{size:064x}", "size": size}
        for size in (30_000_000, 4_000_000_000, 12_000_000_000)
    ]
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": {"mediaType": "application/vnd.oci.image.config.v1+json", **put(config)},
        "layers": layers,
    }
    entry = {"mediaType": "application/vnd.oci.image.manifest.v1+json", **put(manifest)}
    layout = folder / "build" / "oci"
    (layout / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [entry]}))
    (layout / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
    return Scene(shown.command, {}, shown.output)


WORKFLOW = """\
# A token of its own.
name: publish
on:
  push:
    branches:
      - main

jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: docker/login-action@v3
        with:
          registry: ghcr.io
          username: octocat
          password: ${{ secrets.CR_PAT }}
      - run: docker push ghcr.io/octocat/widget:1
"""


class GitHub(BaseHTTPRequestHandler):
    """Answers the one question that `imglint token` has."""

    ends = datetime.now(UTC) + timedelta(days=90)

    def do_GET(self) -> None:
        body = b'{"login": "octocat", "id": 1}'
        self.send_response(200)
        self.send_header("X-OAuth-Scopes", "repo, write:packages")
        self.send_header("GitHub-Authentication-Token-Expiration", f"{self.ends:%Y-%m-%d %H:%M:%S} UTC")
        self.send_header("Content-Type", "application/json; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture
def github() -> Iterator[str]:
    """The address of something that speaks like GitHub."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), GitHub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def asked_token(folder: Path, shown: Shown, github: str) -> Scene:
    """A workflow that uses the token, and GitHub; the token and its end are those of the day of the test."""
    token = classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k")
    (folder / ".github" / "workflows").mkdir(parents=True)
    (folder / ".github" / "workflows" / "publish.yml").write_text(WORKFLOW)
    output = re.sub(r"sha256 [0-9a-f]{12}", f"sha256 {hashlib.sha256(token.encode()).hexdigest()[:12]}", shown.output)
    output = re.sub(r"\d{4}-\d\d-\d\d", f"{GitHub.ends:%Y-%m-%d}", output)
    return Scene(f"{shown.command} --api-url {github}", {"CR_PAT": token}, output)


@pytest.fixture
def scene(tmp_path: Path, github: str) -> Callable[[Shown], Scene]:
    """What sets the scene for a command, in a folder with a copy of fixtures/."""

    def set_up(shown: Shown) -> Scene:
        if shown.command.startswith("imglint layers build/oci"):
            return large_image(tmp_path, shown)
        if shown.command.startswith("imglint token "):
            return asked_token(tmp_path, shown, github)
        shutil.copytree(ROOT / "fixtures", tmp_path / "fixtures")
        return Scene(shown.command, {}, shown.output)

    return set_up


def environment(home: Path) -> dict[str, str]:
    """Variables that say nothing about this machine, and lead to the programs of this environment."""
    kept = {name: value for name, value in os.environ.items() if name in ("LANG", "LC_ALL", "SYSTEMROOT")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "HOME": str(home), "PYTHONUTF8": "1"}


def test_commands_with_output_are_seen() -> None:
    pages = [each.page for each in WITH_OUTPUT]
    assert pages.count("README.md") == 2
    assert {"index.md", "install.md", "images.md", "output.md", "tokens.md"} <= set(pages)


@pytest.mark.parametrize("shown", WITH_OUTPUT, ids=str)
def test_what_is_shown_is_what_is_printed(shown: Shown, scene: Callable[[Shown], Scene], tmp_path: Path) -> None:
    command, variables, output = scene(shown)
    run = subprocess.run(
        ["bash", "-c", command], cwd=tmp_path, env=environment(tmp_path) | variables, stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, encoding="utf-8", check=False,
    )  # fmt: skip
    assert run.returncode in (0, 1), run.stdout
    assert run.stdout == output


# Commands without -----------------------------------------------------------------------------------------------------

_CALL = re.compile(r"""(?<!-C)(?:^|[\s'"(|;&])(?:imglint|python -m imglint) ((?:-|[a-z]+\b)[^\n]*)""")
_PLACEHOLDERS = {"N": "2", "FORMAT": "json", "FORMAT=FILE": "json=report.json"}


class Call(NamedTuple):
    """The arguments of a call of imglint. Within a sentence they may be left out."""

    page: str
    arguments: str
    in_sentence: bool

    def __str__(self) -> str:
        return f"{self.page}: {self.arguments}"


def calls() -> Iterator[Call]:
    """Every call in a block or within backticks."""
    for page, text in PAGES.items():
        for fence in fences(text):
            if fence.info in ("", "console", "sh", "bash", "yaml", "groovy"):
                for line in fence.lines:
                    yield from (Call(page, found, False) for found in _CALL.findall(line.split(" # ")[0]))
        prose = " ".join(block for block in blocks(text) if isinstance(block, str))
        for code in re.findall(r"`([^`]+)`", prose):
            yield from (Call(page, found, True) for found in _CALL.findall(code))


def words(call: str) -> list[str]:
    """The arguments as a shell passes them, up to what ends a command."""
    call = re.split(r"\s(?:>>?|\|\|?|&&)\s|[|)]|\\\|", call.rstrip("'"))[0]
    return [_PLACEHOLDERS.get(word, word) for word in shlex.split(call)]


CALLS = sorted(set(calls()))


def understood(command: click.Command, arguments: list[str], parent: click.Context | None = None) -> None:
    """Parses arguments without running anything; raises `click.UsageError` for what the command does not take."""
    with command.make_context(command.name, list(arguments), parent=parent) as context:
        if isinstance(command, click.Group):
            rest = [*context._protected_args, *context.args]
            _, inner, arguments = command.resolve_command(context, rest)
            assert inner is not None
            understood(inner, arguments, context)


def test_calls_are_seen() -> None:
    assert len(CALLS) > 40
    expected = {"README.md", "ci.md", "fixes.md", "images.md", "editors.md", "configuration.md"}
    assert expected <= {call.page for call in CALLS}


@pytest.mark.parametrize("call", CALLS, ids=str)
def test_imglint_takes_what_is_shown(call: Call) -> None:
    try:
        understood(cli, words(call.arguments))
    except (click.MissingParameter, click.BadOptionUsage):  # The second says that a value is missing.
        assert call.in_sentence


def test_a_flag_that_is_not_there_is_noticed() -> None:
    for wrong in ("check --nowhere", "nowhere", "layers --format nowhere x", "check --jobs many", "config nowhere"):
        with pytest.raises(click.UsageError):
            understood(cli, words(wrong))


def test_other_commands_name_what_is_there() -> None:
    """Extras that pip installs, targets of make, and scripts."""
    text = "\n".join(line for page in PAGES.values() for fence in fences(page) for line in fence.lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    extras = set(re.findall(r"pip install [^\n]*imglint\[(\w+)\]", text + " ".join(PAGES.values())))
    assert {"lsp", "zstd"} <= extras <= set(project["optional-dependencies"])
    targets = set(re.findall(r"^(?:\$ )?make (?:-C \S+ )?(\w+)", text, re.MULTILINE))
    assert {"demo", "test", "vsix"} <= targets
    assert targets <= set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    for script in re.findall(r"python ((?:tools|bench)/\S+\.py)", text):
        assert (ROOT / script).is_file()
    versions = set(re.findall(r"imglint==([\d.]+)", text)) | set(re.findall(r"imglint@v([\d.]+)", text))
    assert versions == {"0.1.0"}


def test_reports_that_are_shown_fit_their_schema() -> None:
    report = json.loads((ROOT / "rules" / "schema" / "report.json").read_bytes())
    documents = [json.loads("\n".join(fence.lines)) for fence in fences(PAGES["output.md"]) if fence.info == "json"]
    reports = [document for document in documents if "findings" in document]
    assert len(reports) == 1
    assert [error.message for error in Draft202012Validator(report).iter_errors(reports[0])] == []


# The lists ------------------------------------------------------------------------------------------------------------


def test_every_family_is_named() -> None:
    named = re.findall(r"^\| ([a-z]+) \| ", README.partition("## What it finds")[2].partition("\n## ")[0], re.MULTILINE)
    assert sorted(set(named) - {"family"}) == sorted(set(rule_families().values()))


def test_every_rule_is_listed_with_its_summary() -> None:
    assert LIST.read_text(encoding="utf-8") == listing()


def test_every_page_of_docs_can_be_reached() -> None:
    """From the README, or from the first page of the site, by links between pages."""
    reached, ahead = set(), ["README.md", "index.md"]
    while ahead:
        page = ahead.pop()
        if page in PAGES and page not in reached:
            reached.add(page)
            ahead += re.findall(r"\]\((?:docs/)?([\w-]+\.md)(?:#[\w-]+)?\)", PAGES[page])
    assert reached == set(PAGES)
