"""What an editor asks for at a place of an open text, and what it is answered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final

from lsprotocol import types

from imglint.finding import Edit, Finding
from imglint.server import convert
from imglint.server import hover as hovers
from imglint.server import lens as lens_lines
from imglint.server import links as web_links
from imglint.server.completion import proposals
from imglint.server.editor import Server
from imglint.server.ignoring import silencings
from imglint.server.pagetext import page_text
from imglint.server.positions import lines_of
from imglint.server.session import View
from imglint.source import Span, printable
from imglint.syntax.secrets import without_tokens

FIX_ALL: Final = "source.fixAll.imglint"
"""The kind of the action that applies all safe fixes; a part of what editors run as `source.fixAll`."""

PAGE_COMMAND: Final = "imglint.page"
"""The command that shows what `imglint page` prints."""


NO_FINDINGS: Final[types.DocumentDiagnosticReport] = types.RelatedFullDocumentDiagnosticReport([])
"""What is answered when nothing can be said."""


def diagnostic(server: Server, params: types.DocumentDiagnosticParams) -> types.DocumentDiagnosticReport:
    """The findings, or word that they are as before."""
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


def hover(server: Server, params: types.HoverParams) -> types.Hover | None:
    """What there is to say about a place."""
    view = _view(server, params)
    if view is None:
        return None
    found = hovers.hover(view, _offset(server, view, params.position), server.session.workspace.catalog)
    if found is None:
        return None
    text_document = server.client_capabilities.text_document
    formats = text_document.hover.content_format if text_document and text_document.hover else None
    plain = formats is not None and types.MarkupKind.Markdown not in formats
    kind = types.MarkupKind.PlainText if plain else types.MarkupKind.Markdown
    return types.Hover(types.MarkupContent(kind, found.text), _range(server, view, found.span))


def complete(server: Server, params: types.CompletionParams) -> types.CompletionList | None:
    """What may be written at a place."""
    view = _view(server, params)
    if view is None:
        return None
    found = proposals(view, _offset(server, view, params.position), server.session.workspace.catalog)
    lines = lines_of(view.source, server.session.documents.encoding)
    return types.CompletionList(is_incomplete=False, items=convert.completion_items(lines, found))


def links(server: Server, params: types.DocumentLinkParams) -> list[types.DocumentLink] | None:
    """The places that lead to the web."""
    view = _view(server, params)
    if view is None:
        return None
    text_document = server.client_capabilities.text_document
    shows = text_document and text_document.document_link and text_document.document_link.tooltip_support
    return [
        types.DocumentLink(_range(server, view, each.span), each.target, each.tooltip if shows else None)
        for each in web_links.links(view, server.session.workspace.catalog)
    ]


def lenses(server: Server, params: types.CodeLensParams) -> list[types.CodeLens] | None:
    """The pages of what is published, above their stage."""
    view = _view(server, params)
    if view is None:
        return None
    uri = params.text_document.uri
    return [
        types.CodeLens(_range(server, view, each.span), types.Command(each.title, PAGE_COMMAND, arguments=[uri]))
        for each in lens_lines.lenses(view)
    ]


def actions(server: Server, params: types.CodeActionParams) -> list[types.CodeAction] | None:
    """Fixes and comments that ignore, for the findings in a range."""
    view = server.session.view(params.text_document.uri, mends=True)
    if view is None:
        return None
    found: list[types.CodeAction] = []
    if params.context.only is not None and _wanted(FIX_ALL, params.context.only):
        found += _fix_all(server, view)
    if _wanted(types.CodeActionKind.QuickFix, params.context.only):
        start, end = _offset(server, view, params.range.start), _offset(server, view, params.range.end)
        touched = [each for each in view.findings if each.span.start <= end and start <= each.span.end]
        found += [action for finding in touched for action in _fixing(server, view, finding)]
        found += [action for finding in touched for action in _silencing(server, view, finding)]
    return found


def _wanted(kind: str, only: Any) -> bool:
    """Whether the editor asks for actions of a kind: of all kinds, of this one, or of one that it is part of."""
    if only is None:
        return True
    words = [getattr(each, "value", each) for each in only]
    value = getattr(kind, "value", kind)
    return any(value == word or value.startswith(f"{word}.") or not word for word in words)


def _edit(server: Server, edits: Iterable[Edit]) -> types.WorkspaceEdit | None:
    workspace = server.client_capabilities.workspace
    versioned = bool(workspace and workspace.workspace_edit and workspace.workspace_edit.document_changes)
    return convert.workspace_edit(edits, server.known, versioned)


def _fixing(server: Server, view: View, finding: Finding) -> Iterator[types.CodeAction]:
    """The fix of a finding; only one that is safe is what the editor's key for fixes takes."""
    edit = _edit(server, finding.fix.edits) if finding.fix else None
    if finding.fix is not None and edit is not None:
        yield types.CodeAction(
            title=printable(without_tokens(finding.fix.title[:1].upper() + finding.fix.title[1:])),
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[convert.diagnostic(view.document, finding, server.known)],
            is_preferred=finding.fix.safe or None,
            edit=edit,
        )


def _silencing(server: Server, view: View, finding: Finding) -> Iterator[types.CodeAction]:
    for each in silencings(view, finding):
        yield types.CodeAction(
            title=each.title,
            kind=types.CodeActionKind.QuickFix,
            diagnostics=[convert.diagnostic(view.document, finding, server.known)],
            edit=_edit(server, each.edits),
        )


def _fix_all(server: Server, view: View) -> Iterator[types.CodeAction]:
    """All safe fixes of a text, round by round, as one edit."""
    text = server.session.mended(view.document.uri)
    if text is not None:
        yield types.CodeAction(
            title="Apply all safe fixes of imglint",
            kind=FIX_ALL,
            edit=_edit(server, [convert.difference(view.source, text)]),
        )


def page(server: Server, uri: str) -> str | None:
    """Show the page of what is built from a text; the page itself is the answer."""
    view = server.session.view(uri)
    if view is None:
        return None
    text = page_text(view)
    server.window_show_message(types.ShowMessageParams(types.MessageType.Info, text))
    return text
