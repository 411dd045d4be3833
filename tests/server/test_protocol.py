"""The server as an editor meets it: started as a process, spoken to in the protocol."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from lsprotocol import types

from imglint.server.documents import uri_of

from .conftest import COMMAND, WAITS, connected, open_text, plant, pull, spans

BAD = "FROM alpine:3.20\nLABEL org.opencontainers.image.license=MIT\n"
FINDS = "unknown-oci-label"
ONLY = f'select = ["{FINDS}", "legacy-label", "unused-suppression", "overridden-label"]\n'


@pytest.fixture
def project(folder: Path) -> Path:
    """A repository in which only a few rules are switched on."""
    plant(folder, {"imglint.toml": ONLY})
    return folder


def identifier(uri: str) -> types.TextDocumentIdentifier:
    return types.TextDocumentIdentifier(uri)


def typed(client: Any, uri: str, version: int, line: int, character: int, text: str) -> None:
    """Insert a text, as an editor says so."""
    place = types.Position(line, character)
    change = types.TextDocumentContentChangePartial(types.Range(place, place), text)
    params = types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), [change])
    client.text_document_did_change(params)


async def published(client: Any, uri: str, count: int) -> list[types.Diagnostic]:
    """Wait until so many findings were sent of a text."""
    for _ in range(600):
        if len(client.diagnostics.get(uri, ())) == count and uri in client.diagnostics:
            return list(client.diagnostics[uri])
        await asyncio.sleep(0.05)
    raise AssertionError(f"{count} findings were not sent, but {client.diagnostics.get(uri)}")


@pytest.mark.parametrize(
    ("encoding", "start"),
    [
        (types.PositionEncodingKind.Utf8, 16),
        (types.PositionEncodingKind.Utf16, 14),
        (types.PositionEncodingKind.Utf32, 13),
    ],
)
@pytest.mark.asyncio
async def test_positions_are_counted_as_agreed(project: Path, encoding: types.PositionEncodingKind, start: int) -> None:
    def only(capabilities: types.ClientCapabilities) -> None:
        assert capabilities.general is not None
        capabilities.general.position_encodings = [encoding]

    async with connected(project, prepare=only) as client:
        uri = open_text(
            client, project / "Dockerfile", "FROM alpine\nLABEL a='🐳'  org.opencontainers.image.license=MIT\n"
        )
        length = len("org.opencontainers.image.license")
        assert spans(await pull(client, uri)) == [(FINDS, 1, start, 1, start + length)]
        # A second whale before the finding, typed where the editor says the first one ends.
        whale = start - 12
        typed(client, uri, 2, 1, 9 + whale, "🐳")
        assert spans(await pull(client, uri)) == [(FINDS, 1, start + whale, 1, start + whale + length)]


@pytest.mark.asyncio
async def test_an_editor_that_waits_is_sent_what_changes(project: Path) -> None:
    async with connected(project, WAITS) as client:
        uri = open_text(client, project / "Dockerfile", BAD)
        assert spans(await published(client, uri, 1)) == [(FINDS, 1, 6, 1, 38)]
        for number, letter in enumerate("MAINTAINER x"):
            typed(client, uri, number + 2, 2, number, letter)
        await published(client, uri, 2)
        client.text_document_did_close(types.DidCloseTextDocumentParams(identifier(uri)))
        assert await published(client, uri, 0) == []


@pytest.mark.asyncio
async def test_an_editor_that_asks_is_not_sent_anything(project: Path) -> None:
    async with connected(project) as client:
        uri = open_text(client, project / "Dockerfile", BAD)
        report = await client.text_document_diagnostic_async(types.DocumentDiagnosticParams(identifier(uri)))
        assert isinstance(report, types.RelatedFullDocumentDiagnosticReport) and len(report.items) == 1
        again = types.DocumentDiagnosticParams(identifier(uri), previous_result_id=report.result_id)
        unchanged = await client.text_document_diagnostic_async(again)
        assert isinstance(unchanged, types.RelatedUnchangedDocumentDiagnosticReport)
        typed(client, uri, 2, 0, 0, "# a\n")
        changed = await client.text_document_diagnostic_async(again)
        assert isinstance(changed, types.RelatedFullDocumentDiagnosticReport)
        assert client.diagnostics == {}


@pytest.mark.asyncio
async def test_what_belongs_to_a_finding(project: Path) -> None:
    plant(project, {"Dockerfile": "FROM a\n"})
    text = (
        "# imglint: ignore[labels]\nFROM a\nMAINTAINER a\nLABEL maintainer=b\n"
        "LABEL org.opencontainers.image.title=a\nLABEL org.opencontainers.image.title=b\n"
    )
    async with connected(project) as client:
        found = {each.code: each for each in await pull(client, open_text(client, project / "Dockerfile", text))}
    unused, legacy, twice = found["unused-suppression"], found["legacy-label"], found["overridden-label"]
    assert unused.tags == (types.DiagnosticTag.Unnecessary,) and legacy.tags == (types.DiagnosticTag.Deprecated,)
    assert legacy.source == "imglint" and legacy.severity is types.DiagnosticSeverity.Information
    assert legacy.code_description and legacy.code_description.href.endswith("/rules/labels/legacy-label.md")
    assert twice.related_information
    for related in twice.related_information:
        assert related.location.uri == uri_of(str(project / "Dockerfile"))
        assert related.location.range.start.line in (4, 5)


@pytest.mark.asyncio
async def test_hover_completion_links_and_lenses(project: Path) -> None:
    text = "FROM alpine:3.20 AS base\n# imglint: ignore[legacy-label] x\nFROM base\nLABEL org\n"
    whole = text.replace("LABEL org\n", "LABEL org.opencontainers.image.description='Says hello'\n")
    async with connected(project) as client:
        uri = open_text(client, project / "Dockerfile", text)
        hover = await client.text_document_hover_async(types.HoverParams(identifier(uri), types.Position(0, 7)))
        assert hover and isinstance(hover.contents, types.MarkupContent)
        assert "`library/alpine`" in hover.contents.value and hover.range and hover.range.start.character == 5
        place = types.Position(3, 9)
        found = await client.text_document_completion_async(types.CompletionParams(identifier(uri), place))
        assert isinstance(found, types.CompletionList)
        first = found.items[0].text_edit
        assert isinstance(first, types.TextEdit) and first.new_text.startswith("org.opencontainers.image.")
        assert (first.range.start.character, first.range.end.character) == (6, 9)
        links = await client.text_document_document_link_async(types.DocumentLinkParams(identifier(uri)))
        assert [each.target for each in links or ()] == [
            "https://github.com/imglint/imglint/blob/main/rules/labels/legacy-label.md"
        ]
        uri = open_text(client, project / "Dockerfile", whole)
        lenses = await client.text_document_code_lens_async(types.CodeLensParams(identifier(uri)))
        assert lenses and lenses[0].range.start.line == 2 and lenses[0].command
        command = lenses[0].command
        assert command.title == "page: linked to no repository, no licence, “Says hello”"
        page = types.ExecuteCommandParams(command.command, command.arguments)
        assert "Says hello" in await client.workspace_execute_command_async(page)
        assert "Says hello" in client.messages[-1].message


@pytest.mark.asyncio
async def test_a_finding_is_ignored_by_an_action(project: Path) -> None:
    async with connected(project) as client:
        uri = open_text(client, project / "Dockerfile", BAD)
        place = types.Position(1, 10)
        context = types.CodeActionContext([], only=[types.CodeActionKind.QuickFix])
        params = types.CodeActionParams(identifier(uri), types.Range(place, place), context)
        actions = await client.text_document_code_action_async(params)
        chosen = next(each for each in actions or () if each.title == f"Ignore {FINDS} here")
        assert isinstance(chosen, types.CodeAction) and chosen.edit and chosen.diagnostics
        (edits,) = (chosen.edit.changes or {}).values() or [
            each.edits for each in chosen.edit.document_changes or () if isinstance(each, types.TextDocumentEdit)
        ]
        (edit,) = edits
        assert isinstance(edit, types.TextEdit)
        typed(client, uri, 2, edit.range.start.line, edit.range.start.character, edit.new_text)
        assert await pull(client, uri) == []
        context = types.CodeActionContext([], only=[types.CodeActionKind.Refactor])
        params = types.CodeActionParams(identifier(uri), types.Range(place, place), context)
        assert not await client.text_document_code_action_async(params)


@pytest.mark.asyncio
async def test_the_configuration_is_read_again_when_the_editor_says_so(project: Path) -> None:
    async with connected(project, WAITS) as client:
        uri = open_text(client, project / "Dockerfile", BAD)
        await published(client, uri, 1)
        plant(project, {"imglint.toml": 'select = ["legacy-label"]\n'})
        event = types.FileEvent(uri_of(str(project / "imglint.toml")), types.FileChangeType.Changed)
        client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        assert await published(client, uri, 0) == []
        plant(project, {"imglint.toml": "selct = []\n"})
        client.workspace_did_change_watched_files(types.DidChangeWatchedFilesParams([event]))
        for _ in range(200):
            if client.messages:
                break
            await asyncio.sleep(0.05)
        assert "selct" in client.messages[0].message


@pytest.mark.asyncio
async def test_nothing_that_is_sent_stops_the_server(project: Path) -> None:
    async with connected(project) as client:
        uri = open_text(client, project / "Dockerfile", BAD)
        other = identifier("file:///nowhere/Dockerfile")
        far = types.Position(10_000, 10_000)
        assert await client.text_document_hover_async(types.HoverParams(other, far)) is None
        await client.text_document_hover_async(types.HoverParams(identifier(uri), far))
        await client.text_document_completion_async(types.CompletionParams(identifier(uri), far))
        client.text_document_did_close(types.DidCloseTextDocumentParams(other))
        typed(client, uri, 2, 10_000, 10_000, "MAINTAINER x\n")
        typed(client, uri, 3, 0, 0, "\x0c\u2028\x85")
        typed(client, uri, 4, 0, 0, "{{{\n")
        assert len(await pull(client, uri)) == 2


def test_without_the_extra_it_says_what_to_install(tmp_path: Path) -> None:
    code = "import sys; sys.modules['lsprotocol'] = None; from imglint.__main__ import main; main()"
    process = subprocess.run(
        [sys.executable, "-P", "-c", code, "server"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        input="",
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == "error: the language server needs pygls: pip install 'imglint[lsp]'\n"


def test_it_ends_with_its_editor(tmp_path: Path) -> None:
    process = subprocess.run(COMMAND, cwd=tmp_path, capture_output=True, input=b"", timeout=60, check=False)
    assert process.stdout == b""


def only_edits(edit: types.WorkspaceEdit | None) -> list[types.TextEdit]:
    """The edits of the one text that an answer changes."""
    assert edit is not None
    rows = list((edit.changes or {}).values()) or [
        each.edits for each in edit.document_changes or () if isinstance(each, types.TextDocumentEdit)
    ]
    (edits,) = rows
    assert all(isinstance(each, types.TextEdit) for each in edits)
    return list(edits)  # type: ignore[arg-type]


def apply(client: Any, uri: str, version: int, edits: list[types.TextEdit]) -> None:
    """What an editor does with an edit: the last place first."""
    changes = [types.TextDocumentContentChangePartial(each.range, each.new_text) for each in edits]
    changes.sort(key=lambda each: (each.range.start.line, each.range.start.character), reverse=True)
    params = types.DidChangeTextDocumentParams(types.VersionedTextDocumentIdentifier(version, uri), changes)
    client.text_document_did_change(params)


@pytest.mark.asyncio
async def test_a_finding_is_mended_by_its_fix(project: Path) -> None:
    async with connected(project) as client:
        uri = open_text(client, project / "Dockerfile", BAD)
        (finding,) = await pull(client, uri)
        context = types.CodeActionContext([finding], only=[types.CodeActionKind.QuickFix])
        params = types.CodeActionParams(identifier(uri), finding.range, context)
        action = (await client.text_document_code_action_async(params) or [])[0]
        assert isinstance(action, types.CodeAction) and not action.title.startswith("Ignore")
        assert [each.code for each in action.diagnostics or ()] == [FINDS]
        apply(client, uri, 2, only_edits(action.edit))
        assert await pull(client, uri) == []


@pytest.mark.asyncio
async def test_everything_that_is_safe_is_mended_at_once(project: Path) -> None:
    plant(project, {"imglint.toml": 'select = ["invalid-license", "unused-suppression"]\n'})
    text = (
        "# imglint: ignore[legacy-label, invalid-license] 🐳\nFROM alpine:3.20\n"
        "LABEL org.opencontainers.image.licenses='Apache 2.0'\n"
    ).replace("ignore[legacy-label, invalid-license]", "ignore[invalid-license]")
    async with connected(project) as client:
        uri = open_text(client, project / "Dockerfile", text)
        found = await pull(client, uri)
        assert {each.code for each in found} == {"unused-suppression", "invalid-license"}
        whole = types.Range(types.Position(0, 0), types.Position(3, 0))
        context = types.CodeActionContext(found, only=[types.CodeActionKind.SourceFixAll])
        params = types.CodeActionParams(identifier(uri), whole, context)
        (action,) = await client.text_document_code_action_async(params) or []
        assert isinstance(action, types.CodeAction) and action.kind == "source.fixAll.imglint"
        apply(client, uri, 2, only_edits(action.edit))
        assert await pull(client, uri) == []
        assert not await client.text_document_code_action_async(params)
