"""Comments that silence one finding, here or in the whole file, as edits that an editor offers."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.finding import Edit, Finding
from imglint.record import NamedTuple
from imglint.server.session import View
from imglint.source import BOM, Source, Span
from imglint.suppress import WITHOUT_COMMENTS, silenced
from imglint.syntax.dockerfile import Dockerfile


class Silencing(NamedTuple):
    """Edits of a text, and what they do in words."""

    title: str
    edits: tuple[Edit, ...]


def silencings(view: View, finding: Finding) -> Iterator[Silencing]:
    """The ways to silence a finding: here, where a comment can stand, and in the whole file."""
    source = view.source
    tree = view.evaluation.dockerfile if view.evaluation else None
    here = silenced((finding,), dockerfiles=(source,) if tree else ())[0].fix
    if here is not None:
        yield Silencing(f"Ignore {finding.rule} here", here.edits)
    if tree is not None or not source.path.lower().endswith(WITHOUT_COMMENTS):
        yield Silencing(f"Ignore {finding.rule} in this file", (_whole(source, tree, finding.rule),))


def _whole(source: Source, tree: Dockerfile | None, rule: str) -> Edit:
    """A comment at the top, but below what has to stand there."""
    line = 1
    if tree is not None:
        directives = [source.position(each.span.start).line for each in tree.directives]
        line = max(directives, default=0) + 1
    elif source.text.startswith("#!"):
        line = 2
    starts, end = source.line_starts, source.line_end
    offset = starts[line - 1] if line <= len(starts) else len(source.text)
    offset += source.text.startswith(BOM, offset)
    missing = end if offset == len(source.text) and not source.text.endswith("\n") else ""
    return Edit(source, Span(offset, offset), f"{missing}# imglint: ignore-file[{rule}]{end}")
