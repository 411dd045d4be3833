"""One editor: what was agreed on with it, what is open in it, and what it was told."""

from __future__ import annotations

import asyncio
import gc
import logging
import os
from typing import Any, Final

from lsprotocol import types
from pygls.lsp.server import LanguageServer

from imglint import __version__
from imglint.server import convert
from imglint.server.positions import Encoding
from imglint.server.session import Session

DEBOUNCE: Final = 0.15
"""Seconds without a change after which findings are sent to an editor that does not ask for them."""

TIDY: Final = 30.0
"""Seconds after a message until all that is of no more use is freed; the session sees to what each keystroke leaves."""

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
        self._tidying = False

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

    def tidy(self) -> None:
        """Free what refers to itself, some time from now: never while a keystroke is answered, as Python might."""
        if not self._tidying:
            self._tidying = True
            asyncio.get_running_loop().call_later(TIDY, self._tidy)

    def _tidy(self) -> None:
        self._tidying = False
        gc.collect()

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
