"""For the same text, an editor is told what the command line says: findings, places, severities and words."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from lsprotocol import types
from pytest_lsp import LanguageClient

from imglint.cli.judging import judge
from imglint.cli.projects import ALL_KINDS, projects
from imglint.cli.run import Options, Run
from imglint.finding import Finding, Severity
from imglint.model.kind import kind_of
from imglint.server.positions import Encoding, Lines, Place
from imglint.source import decode
from imglint.syntax.secrets import without_tokens

from .conftest import connected, open_text, pull

REPOSITORY = Path(__file__).parents[2]
FILES_OF_CORPUS = 200

Said = tuple[str, int, int, str, str]


def command_line(path: Path) -> list[Said]:
    """What `imglint check PATH` finds."""
    run = Run(Options((str(path),)), ALL_KINDS)
    result, _ = judge(run, projects(run))
    return [(each.rule, *each.span, each.severity.word, said(each)) for each in result.findings]


def said(finding: Finding) -> str:
    """The words of a finding; no output shows a token."""
    return without_tokens(finding.message + (f"\nfix: {finding.help}" if finding.help else ""))


async def editor(client: LanguageClient, path: Path, text: str) -> list[Said]:
    """What an editor is told that opens the file."""
    uri = open_text(client, path, text, "")
    found = await pull(client, uri)
    client.text_document_did_close(types.DidCloseTextDocumentParams(types.TextDocumentIdentifier(uri)))
    lines = Lines(text, Encoding.UTF_16)
    words = {
        types.DiagnosticSeverity.Error: Severity.ERROR,
        types.DiagnosticSeverity.Warning: Severity.WARNING,
        types.DiagnosticSeverity.Information: Severity.INFO,
    }
    return [
        (
            str(each.code),
            lines.offset(Place(each.range.start.line, each.range.start.character)),
            lines.offset(Place(each.range.end.line, each.range.end.character)),
            words[each.severity or types.DiagnosticSeverity.Hint].word,
            str(each.message),
        )
        for each in found
    ]


async def compare(root: Path, paths: list[Path]) -> int:
    """Compare file by file; how many findings there were."""
    count = 0

    def utf_16(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.general is not None
        capabilities.general.position_encodings = [types.PositionEncodingKind.Utf16]

    async with connected(root, prepare=utf_16) as client:
        for path in paths:
            text = decode(path.read_bytes())
            expected = command_line(path)
            assert await editor(client, path, text) == expected, path
            count += len(expected)
    return count


def read_by_us(folder: Path) -> Iterator[Path]:
    yield from (path for path in sorted(folder.rglob("*")) if path.is_file() and kind_of(path.as_posix()))


@pytest.mark.asyncio
async def test_fixtures() -> None:
    folder = REPOSITORY / "fixtures" / "octocat"
    assert await compare(folder, list(read_by_us(folder))) >= 3


@pytest.mark.shared
@pytest.mark.asyncio
async def test_files_that_people_wrote(shared: Path) -> None:
    corpus = (shared / "corpus").resolve()
    paths = list(read_by_us(corpus))
    assert len(paths) > FILES_OF_CORPUS
    step = len(paths) // FILES_OF_CORPUS
    chosen = paths[:: step or 1][:FILES_OF_CORPUS]
    assert await compare(corpus, chosen) > FILES_OF_CORPUS
