"""What there is to say in the types of the protocol."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from itertools import takewhile
from typing import Final

from lsprotocol import types

from imglint.catalog import Catalog
from imglint.finding import Edit, Finding, Related, Severity
from imglint.server.completion import Proposal, Sort
from imglint.server.documents import Document, Documents, uri_of
from imglint.server.positions import Encoding, Lines, Place, lines_of
from imglint.source import Source, Span, printable
from imglint.syntax.secrets import without_tokens

NAME: Final = "imglint"
"""Whom editors name beside a finding."""

_SEVERITIES: Final = {
    Severity.ERROR: types.DiagnosticSeverity.Error,
    Severity.WARNING: types.DiagnosticSeverity.Warning,
    Severity.INFO: types.DiagnosticSeverity.Information,
}
_KINDS: Final = {
    Sort.KEY: types.CompletionItemKind.Property,
    Sort.LICENSE: types.CompletionItemKind.Constant,
    Sort.OPERATOR: types.CompletionItemKind.Operator,
    Sort.STAGE: types.CompletionItemKind.Reference,
    Sort.FLAG: types.CompletionItemKind.Field,
    Sort.VALUE: types.CompletionItemKind.Value,
    Sort.RULE: types.CompletionItemKind.EnumMember,
}


def place(position: types.Position) -> Place:
    """A position that the editor sent."""
    return Place(position.line, position.character)


def range_of(lines: Lines, span: Span) -> types.Range:
    """A span as the editor counts."""
    start, end = lines.range(span)
    return types.Range(types.Position(*start), types.Position(*end))


def diagnostics(document: Document, findings: Iterable[Finding], known: Known) -> list[types.Diagnostic]:
    """The findings in a text."""
    return [diagnostic(document, finding, known) for finding in findings]


class Known:
    """What turns findings into diagnostics: the open texts, and the catalogue that knows the pages."""

    def __init__(self, documents: Documents, catalog: Catalog, encoding: Encoding) -> None:
        self.documents = documents
        self.catalog = catalog
        self.encoding = encoding

    def uri(self, source: Source) -> str | None:
        """The address of a file as the editor has it, else as it is on the disk; None for what is no file."""
        document = next((each for each in self.documents if each.source.path == source.path), None)
        if document is not None:
            return document.uri
        return uri_of(source.path) if source.numbered and os.path.isabs(source.path) else None

    def version(self, uri: str) -> int | None:
        """The version of an open text, None for a file that is not open."""
        document = self.documents.get(uri)
        return document.version if document else None


def diagnostic(document: Document, finding: Finding, known: Known) -> types.Diagnostic:
    """One finding: the message, and below it what to write instead."""
    help = f"\nfix: {finding.help}" if finding.help else ""
    return types.Diagnostic(
        range=range_of(lines_of(document.source, known.encoding), finding.span),
        message=printable(without_tokens(finding.message + help)),
        severity=_SEVERITIES[finding.severity],
        code=finding.rule,
        code_description=types.CodeDescription(known.catalog.rule(finding.rule).url),
        source=NAME,
        tags=list(_tags(finding.rule)) or None,
        related_information=list(_related(finding.related, known)) or None,
    )


def _tags(rule: str) -> Iterator[types.DiagnosticTag]:
    """How editors draw what is found: faded, or struck through."""
    if rule.startswith("unused-"):
        yield types.DiagnosticTag.Unnecessary
    if rule.startswith(("deprecated-", "legacy-")):
        yield types.DiagnosticTag.Deprecated


def _related(places: Iterable[Related], known: Known) -> Iterator[types.DiagnosticRelatedInformation]:
    for each in places:
        uri = known.uri(each.source)
        if uri is not None:
            location = types.Location(uri, range_of(lines_of(each.source, known.encoding), each.span))
            yield types.DiagnosticRelatedInformation(location, printable(without_tokens(each.message)))


def completion_items(lines: Lines, proposals: Iterable[Proposal]) -> list[types.CompletionItem]:
    """Proposals, in their order."""
    return [
        types.CompletionItem(
            label=each.text,
            kind=_KINDS[each.sort],
            detail=each.detail or None,
            sort_text=f"{number:04}",
            filter_text=each.text,
            text_edit=types.TextEdit(range_of(lines, each.span), each.text),
        )
        for number, each in enumerate(proposals)
    ]


def workspace_edit(edits: Iterable[Edit], known: Known, versioned: bool) -> types.WorkspaceEdit | None:
    """Edits of texts, of open ones in exactly this version where the editor knows versions.

    None when one of them is of something that the editor cannot change.
    """
    by_uri: dict[str, list[types.TextEdit]] = {}
    for source, span, text in edits:
        uri = known.uri(source)
        if uri is None:
            return None
        by_uri.setdefault(uri, []).append(types.TextEdit(range_of(lines_of(source, known.encoding), span), text))
    if not versioned:
        return types.WorkspaceEdit(changes=by_uri)
    return types.WorkspaceEdit(
        document_changes=[
            types.TextDocumentEdit(types.OptionalVersionedTextDocumentIdentifier(uri, known.version(uri)), each)
            for uri, each in by_uri.items()
        ]
    )


def difference(source: Source, text: str) -> Edit:
    """What to put where, so that a text becomes another: one range, as short as can be."""
    old = source.text
    start = _shared(old, text)
    end = _shared(reversed(old[start:]), reversed(text[start:]))
    return Edit(source, Span(start, len(old) - end), text[start : len(text) - end])


def _shared(one: Iterable[str], other: Iterable[str]) -> int:
    """How many characters both begin with."""
    return sum(1 for _ in takewhile(lambda pair: pair[0] == pair[1], zip(one, other, strict=False)))
