"""The language server: the requests and notifications of an editor, answered from a session.

pygls reads and writes the messages. The texts are kept by ourselves, since pygls ends lines at characters at which the
protocol does not.
"""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from collections.abc import Callable, Iterator
from functools import wraps
from typing import Any, Final, TypeVar

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from imglint import __version__
from imglint.finding import Finding
from imglint.read.configfile import NAMES
from imglint.server import convert
from imglint.server.completion import proposals
from imglint.server.documents import Change, path_of
from imglint.server.hover import hover
from imglint.server.ignoring import silencings
from imglint.server.lens import lenses
from imglint.server.links import links
from imglint.server.pagetext import page_text
from imglint.server.positions import Encoding, lines_of
from imglint.server.session import Session, View
from imglint.source import Span

DEBOUNCE: Final = 0.15
"""Seconds without a change after which findings are sent to an editor that does not ask for them."""

PAGE_COMMAND: Final = "imglint.page"
"""The command that shows what `imglint page` prints."""

_WATCHED: Final = (
    *(f"**/{name}" for name in NAMES),
    "**/*[Dd]ockerfile*", "**/*[Cc]ontainerfile*", "**/.github/**/*.{yml,yaml}", "**/*compose*.{yml,yaml}",
    "**/*bake*.{hcl,json}", "**/*.{sh,bash,mk}", "**/*Makefile*", "**/.git/config",
)  # fmt: skip
"""Files whose change on the disk may change what is said of an open text."""

_TRIGGERS: Final = ["-", "=", ".", "[", ",", " "]

T = TypeVar("T")
Handler = Callable[["Server", Any], T]

_log = logging.getLogger(__name__)


class Server(LanguageServer):
    """One editor's server. `session` is there from its first message on."""

    def __init__(self) -> None:
        super().__init__(convert.NAME, __version__, text_document_sync_kind=types.TextDocumentSyncKind.Incremental)
        self.session = Session(Encoding.UTF_16, self.show)
        self.pulls = False
        self._published: dict[str, list[types.Diagnostic]] = {}
        self._pulled: dict[str, tuple[str, list[types.Diagnostic]]] = {}
        self._results = 0
        self._timer: asyncio.TimerHandle | None = None

    def show(self, message: str) -> None:
        """Tell the person at the editor, and leave it in the log."""
        _log.warning("%s", message)
        self.window_show_message(types.ShowMessageParams(types.MessageType.Warning, f"{convert.NAME}: {message}"))

    def report_server_error(self, error: Exception, source: Any) -> None:
        """A message that could not be handled is told once, as any other mistake of ours."""
        self.session.report(error)

    def begin(self, params: types.InitializeParams) -> None:
        """Agree on what this editor can do."""
        encoding = Encoding(getattr(self.workspace.position_encoding, "value", self.workspace.position_encoding))
        folder = self.workspace.root_path or os.curdir
        self.session = Session(encoding, self.show, folder)
        text_document = params.capabilities.text_document
        self.pulls = text_document is not None and text_document.diagnostic is not None

    @property
    def known(self) -> convert.Known:
        """What findings are turned into diagnostics with."""
        return convert.Known(self.session.documents, self.session.workspace.catalog, self.session.documents.encoding)

    def diagnostics(self, uri: str) -> list[types.Diagnostic]:
        """What is wrong in an open text."""
        view = self.session.view(uri)
        return convert.diagnostics(view.document, view.findings, self.known) if view else []

    def pulled(self, uri: str) -> tuple[str, list[types.Diagnostic]]:
        """The same with an id that is new when it is not the same as before."""
        found = self.diagnostics(uri)
        before = self._pulled.get(uri)
        if before is None or before[1] != found:
            self._results += 1
            before = self._pulled[uri] = (str(self._results), found)
        return before

    def schedule(self, delay: float = DEBOUNCE) -> None:
        """Send what has changed once nothing more has changed for a while; not to an editor that asks itself."""
        if self._timer is not None:
            self._timer.cancel()
        if not self.pulls:
            self._timer = asyncio.get_running_loop().call_later(delay, self._publish)

    def _publish(self) -> None:
        self._timer = None
        try:
            for document in self.session.documents:
                found = self.diagnostics(document.uri)
                if found != self._published.get(document.uri, []):
                    self._published[document.uri] = found
                    self.text_document_publish_diagnostics(
                        types.PublishDiagnosticsParams(document.uri, found, document.version)
                    )
        except Exception as error:  # Nobody waits for an answer who could be told.
            self.session.report(error)

    def drop(self, uri: str) -> None:
        """Take back what was said of a text that is closed."""
        self._pulled.pop(uri, None)
        if self._published.pop(uri, None):
            self.text_document_publish_diagnostics(types.PublishDiagnosticsParams(uri, []))

    def refresh(self) -> None:
        """Say everything anew: something around the texts has changed."""
        self.schedule()
        workspace = self.client_capabilities.workspace
        if self.pulls and workspace and workspace.diagnostics and workspace.diagnostics.refresh_support:
            self.workspace_diagnostic_refresh(None)
        if workspace and workspace.code_lens and workspace.code_lens.refresh_support:
            self.workspace_code_lens_refresh(None)


def _guarded(handler: Handler[T]) -> Handler[T | None]:
    """The handler, whose mistakes are told once and answered with nothing."""

    @wraps(handler)
    def guarded(server: Server, params: Any) -> T | None:
        try:
            return handler(server, params)
        except Exception as error:
            _log.exception("a request failed")
            server.session.report(error)
            return None

    return guarded


# Life --------------------------------------------------------------------------------------------------------------


def _initialize(server: Server, params: types.InitializeParams) -> None:
    server.begin(params)
    if server.pulls:
        options = types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier="imglint"
        )
        server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(_guarded(_diagnostic))


def _initialized(server: Server, params: types.InitializedParams) -> None:
    workspace = server.client_capabilities.workspace
    watching = workspace.did_change_watched_files if workspace else None
    if watching and watching.dynamic_registration:
        watchers = [types.FileSystemWatcher(glob) for glob in _WATCHED]
        options = types.DidChangeWatchedFilesRegistrationOptions(watchers)
        registration = types.Registration("imglint-files", types.WORKSPACE_DID_CHANGE_WATCHED_FILES, options)
        server.client_register_capability(types.RegistrationParams([registration]))


# Texts -------------------------------------------------------------------------------------------------------------


def _open(server: Server, params: types.DidOpenTextDocumentParams) -> None:
    item = params.text_document
    if server.session.documents.open(item.uri, str(item.language_id), item.version, item.text):
        server.session.touch()
        server.schedule(0)


def _change(server: Server, params: types.DidChangeTextDocumentParams) -> None:
    changes = [_as_change(each) for each in params.content_changes]
    if server.session.documents.change(params.text_document.uri, params.text_document.version, changes):
        server.session.touch()
        server.schedule()


def _as_change(change: types.TextDocumentContentChangeEvent) -> Change:
    if isinstance(change, types.TextDocumentContentChangePartial):
        return Change(change.text, convert.place(change.range.start), convert.place(change.range.end))
    return Change(change.text)


def _close(server: Server, params: types.DidCloseTextDocumentParams) -> None:
    server.session.documents.close(params.text_document.uri)
    server.session.touch()
    server.drop(params.text_document.uri)
    server.schedule()


def _save(server: Server, params: types.DidSaveTextDocumentParams) -> None:
    server.session.touch()
    server.schedule(0)


def _watched(server: Server, params: types.DidChangeWatchedFilesParams) -> None:
    names = {os.path.basename(path_of(change.uri)) for change in params.changes}
    if names & {*NAMES, "config"}:
        server.session.forget()
    server.session.touch()
    server.refresh()


def _configure(server: Server, params: types.DidChangeConfigurationParams) -> None:
    server.session.forget()
    server.refresh()


# Requests ----------------------------------------------------------------------------------------------------------


def _diagnostic(server: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    identifier, items = server.pulled(params.text_document.uri)
    if params.previous_result_id == identifier:
        return types.RelatedUnchangedDocumentDiagnosticReport(identifier)
    return types.RelatedFullDocumentDiagnosticReport(items, result_id=identifier)


def _view(server: Server, params: Any) -> View | None:
    return server.session.view(params.text_document.uri)


def _offset(server: Server, view: View, position: types.Position) -> int:
    return lines_of(view.source, server.session.documents.encoding).offset(convert.place(position))


def _range(server: Server, view: View, span: Span) -> types.Range:
    return convert.range_of(lines_of(view.source, server.session.documents.encoding), span)


def _hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    view = _view(server, params)
    if view is None:
        return None
    found = hover(view, _offset(server, view, params.position), server.session.workspace.catalog)
    if found is None:
        return None
    text_document = server.client_capabilities.text_document
    formats = text_document.hover.content_format if text_document and text_document.hover else None
    plain = formats is not None and types.MarkupKind.Markdown not in formats
    kind = types.MarkupKind.PlainText if plain else types.MarkupKind.Markdown
    return types.Hover(types.MarkupContent(kind, found.text), _range(server, view, found.span))


def _complete(server: Server, params: types.CompletionParams) -> types.CompletionList | None:
    view = _view(server, params)
    if view is None:
        return None
    found = proposals(view, _offset(server, view, params.position), server.session.workspace.catalog)
    lines = lines_of(view.source, server.session.documents.encoding)
    return types.CompletionList(is_incomplete=False, items=convert.completion_items(lines, found))


def _links(server: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    view = _view(server, params)
    if view is None:
        return None
    text_document = server.client_capabilities.text_document
    shows = text_document and text_document.document_link and text_document.document_link.tooltip_support
    return [
        types.DocumentLink(_range(server, view, each.span), each.target, each.tooltip if shows else None)
        for each in links(view, server.session.workspace.catalog)
    ]


def _lenses(server: Server, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    view = _view(server, params)
    if view is None:
        return None
    uri = params.text_document.uri
    return [
        types.CodeLens(_range(server, view, each.span), types.Command(each.title, PAGE_COMMAND, arguments=[uri]))
        for each in lenses(view)
    ]


def _actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    view = _view(server, params)
    if view is None or not _wanted(types.CodeActionKind.QuickFix, params.context.only):
        return None
    start, end = _offset(server, view, params.range.start), _offset(server, view, params.range.end)
    touched = [each for each in view.findings if each.span.start <= end and start <= each.span.end]
    return [action for finding in touched for action in _silencing(server, view, finding)]


def _wanted(kind: str, only: Any) -> bool:
    """Whether the editor asks for actions of a kind: of all kinds, of this one, or of one that it is part of."""
    if only is None:
        return True
    words = [getattr(each, "value", each) for each in only]
    value = getattr(kind, "value", kind)
    return any(value == word or value.startswith(f"{word}.") or not word for word in words)


def _silencing(server: Server, view: View, finding: Finding) -> Iterator[types.CodeAction]:
    workspace = server.client_capabilities.workspace
    versioned = bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)
    for each in silencings(view, finding):
        edit = types.TextEdit(_range(server, view, Span(each.offset, each.offset)), each.text)
        yield types.CodeAction(
            title=each.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[convert.diagnostic(view.document, finding, server.known)],
            edit=convert.workspace_edit(view.document, [edit], versioned),
        )


def _page(server: Server, uri: str) -> str | None:
    view = server.session.view(uri)
    if view is None:
        return None
    text = page_text(view)
    server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
    return text


def make_server() -> Server:
    """A server that is connected to nobody yet."""
    server = Server()
    completion = types.CompletionOptions(trigger_characters=_TRIGGERS)
    actions = types.CodeActionOptions([types.CodeActionKind.QuickFix])
    for method, handler, options in (
        (types.INITIALIZED, _initialized, None),
        (types.TEXT_DOCUMENT_DID_OPEN, _open, None),
        (types.TEXT_DOCUMENT_DID_CHANGE, _change, None),
        (types.TEXT_DOCUMENT_DID_CLOSE, _close, None),
        (types.TEXT_DOCUMENT_DID_SAVE, _save, None),
        (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, _watched, None),
        (types.WORKSPACE_DID_CHANGE_CONFIGURATION, _configure, None),
        (types.TEXT_DOCUMENT_HOVER, _hover, None),
        (types.TEXT_DOCUMENT_COMPLETION, _complete, completion),
        (types.TEXT_DOCUMENT_DOCUMENT_LINK, _links, None),
        (types.TEXT_DOCUMENT_CODE_LENS, _lenses, None),
        (types.TEXT_DOCUMENT_CODE_ACTION, _actions, actions),
    ):
        server.feature(method, options)(_guarded(handler))
    server.feature(types.INITIALIZE)(_initialize)
    server.command(PAGE_COMMAND)(_page)
    return server


def serve() -> None:
    """Serve the editor at the other end of standard input and output until it leaves."""
    gc.enable()  # A run of the command line is short and does without; this one is not.
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    make_server().start_io()
