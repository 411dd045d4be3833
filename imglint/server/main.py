"""The language server: the requests and notifications of an editor, answered from a session.

pygls reads and writes the messages. The texts are kept by ourselves, since pygls ends lines at characters at which the
protocol does not.
"""

from __future__ import annotations

import gc
import logging
import os
from collections.abc import Callable
from functools import wraps
from typing import Any, Final, TypeVar

from lsprotocol import types

from imglint.read.configfile import NAMES
from imglint.server import answers, convert
from imglint.server.documents import Change, path_of
from imglint.server.editor import Server

_WATCHED: Final = (
    *(f"**/{name}" for name in NAMES),
    "**/*[Dd]ockerfile*", "**/*[Cc]ontainerfile*", "**/.github/**/*.{yml,yaml}", "**/*compose*.{yml,yaml}",
    "**/*bake*.{hcl,json}", "**/*.{sh,bash,mk}", "**/*Makefile*", "**/.git/config",
)  # fmt: skip
"""Files whose change on the disk may change what is said of an open text."""

_TRIGGERS: Final = ["-", "=", ".", "[", ",", " "]

T = TypeVar("T")
Handler = Callable[[Server, Any], T]

_log = logging.getLogger(__name__)


def _guarded(handler: Handler[T], otherwise: T | None = None) -> Handler[T | None]:
    """The handler, whose mistakes are told once and answered with `otherwise`; what it leaves behind is tidied up."""

    @wraps(handler)
    def guarded(server: Server, params: Any) -> T | None:
        server.tidy()
        try:
            return handler(server, params)
        except Exception as error:
            _log.exception("a request failed")
            server.session.report(error)
            return otherwise

    return guarded


# Life --------------------------------------------------------------------------------------------------------------


def _initialize(server: Server, params: types.InitializeParams) -> None:
    server.begin(params)
    if server.pulls:
        options = types.DiagnosticOptions(
            inter_file_dependencies=True, workspace_diagnostics=False, identifier="imglint"
        )
        server.feature(types.TEXT_DOCUMENT_DIAGNOSTIC, options)(_guarded(answers.diagnostic, answers.NO_FINDINGS))


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


def make_server() -> Server:
    """A server that is connected to nobody yet."""
    server = Server()
    completion = types.CompletionOptions(trigger_characters=_TRIGGERS)
    actions = types.CodeActionOptions([types.CodeActionKind.QuickFix, answers.FIX_ALL])
    for method, handler, options in (
        (types.INITIALIZED, _initialized, None),
        (types.TEXT_DOCUMENT_DID_OPEN, _open, None),
        (types.TEXT_DOCUMENT_DID_CHANGE, _change, None),
        (types.TEXT_DOCUMENT_DID_CLOSE, _close, None),
        (types.TEXT_DOCUMENT_DID_SAVE, _save, None),
        (types.WORKSPACE_DID_CHANGE_WATCHED_FILES, _watched, None),
        (types.WORKSPACE_DID_CHANGE_CONFIGURATION, _configure, None),
        (types.TEXT_DOCUMENT_HOVER, answers.hover, None),
        (types.TEXT_DOCUMENT_COMPLETION, answers.complete, completion),
        (types.TEXT_DOCUMENT_DOCUMENT_LINK, answers.links, None),
        (types.TEXT_DOCUMENT_CODE_LENS, answers.lenses, None),
        (types.TEXT_DOCUMENT_CODE_ACTION, answers.actions, actions),
    ):
        server.feature(method, options)(_guarded(handler))
    server.feature(types.INITIALIZE)(_initialize)
    server.command(answers.PAGE_COMMAND)(answers.page)
    return server


def serve() -> None:
    """Serve the editor at the other end of standard input and output until it leaves."""
    gc.freeze()  # What is loaded by now stays.
    logging.basicConfig(level=logging.WARNING, format="%(name)s: %(message)s")
    make_server().start_io()
