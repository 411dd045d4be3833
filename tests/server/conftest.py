"""A server as an editor starts it, and a client that speaks to it."""

from __future__ import annotations

import os
import sys
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from imglint.server.documents import uri_of
from imglint.server.positions import Encoding
from imglint.server.session import Session, View

pytest.importorskip("pygls")
pytest.importorskip("pytest_lsp")

from lsprotocol import types
from pytest_lsp import LanguageClient, client_capabilities, make_test_lsp_client

PULLS = "neovim@0.11.0"
"""An editor that asks for findings."""

WAITS = "neovim@0.7.0"
"""One that waits until they are sent."""

COMMAND = (sys.executable, "-P", "-m", "imglint", "server", "--stdio")


@asynccontextmanager
async def connected(
    folder: Path, editor: str = PULLS, prepare: Callable[[types.ClientCapabilities], None] = lambda each: None
) -> AsyncIterator[LanguageClient]:
    """A client that is connected to a server of its own."""
    client: LanguageClient = make_test_lsp_client()
    await client.start_io(*COMMAND)
    capabilities = client_capabilities(editor)
    prepare(capabilities)
    try:
        await client.initialize_session(types.InitializeParams(capabilities=capabilities, root_uri=uri_of(str(folder))))
        yield client
    finally:
        # Also after a test that failed: the client waits for its server to end.
        await client.shutdown_session()
        await client.stop()


def open_text(client: LanguageClient, path: Path, text: str, language: str = "dockerfile") -> str:
    """Open a text in the editor; its address."""
    uri = uri_of(str(path))
    client.text_document_did_open(types.DidOpenTextDocumentParams(types.TextDocumentItem(uri, language, 1, text)))
    return uri


async def pull(client: LanguageClient, uri: str) -> list[types.Diagnostic]:
    """Ask for the findings of a text."""
    report = await client.text_document_diagnostic_async(
        types.DocumentDiagnosticParams(types.TextDocumentIdentifier(uri))
    )
    assert isinstance(report, types.RelatedFullDocumentDiagnosticReport)
    return list(report.items)


class Desk:
    """A session without an editor: texts are put on it, and it says what is known of them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.told: list[str] = []
        self.session = Session(Encoding.UTF_16, self.told.append, str(folder))
        self._versions = 0

    def put(self, name: str, text: str, language: str = "dockerfile") -> View:
        """Open a text, or write it anew; what is known of it."""
        self._versions += 1
        self.session.documents.open(uri_of(str(self.folder / name)), language, self._versions, text)
        self.session.touch()
        return self.view(name)

    def view(self, name: str) -> View:
        """What is known of a text that is open."""
        view = self.session.view(uri_of(str(self.folder / name)))
        assert view is not None
        return view

    def rules(self, name: str) -> list[str]:
        """The names of the rules that find something in it."""
        return [finding.rule for finding in self.view(name).findings]

    def at(self, marked: str, name: str = "Dockerfile", language: str = "dockerfile") -> tuple[View, int]:
        """A text with `‸` at a place: what is known of it, and the offset of the place."""
        text = marked.replace("‸", "")
        return self.put(name, text, language), marked.index("‸")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The root of a repository without anything in it."""
    root = tmp_path / "project"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "HEAD").write_text("ref: refs/heads/main\n")
    return root


@pytest.fixture
def desk(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Desk:
    """A desk in that repository, where nothing else says which repository it is."""
    for name in ("GITHUB_REPOSITORY", "GITHUB_SERVER_URL", "IMGLINT_CONFIG"):
        monkeypatch.delenv(name, raising=False)
    return Desk(folder)


def plant(root: Path, texts: Mapping[str, str]) -> None:
    """Write files below a directory."""
    for name, text in texts.items():
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text(text, encoding="utf-8")


def settle(root: Path) -> None:
    """Let everything below a directory have changed long ago: what has changed just now is not relied on."""
    for path in (root, *root.rglob("*")):
        os.utime(path, ns=(1, 1))


def spans(items: Any) -> list[tuple[str, int, int, int, int]]:
    """Findings as rule and range."""
    return [
        (each.code, each.range.start.line, each.range.start.character, each.range.end.line, each.range.end.character)
        for each in items
    ]
