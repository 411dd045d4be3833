"""Fixes at work on texts: which of them can be applied together, and what comes of it. No file is touched here."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Collection, Iterable, Mapping
from typing import Final

from imglint.finding import Edit, Finding, Fix
from imglint.record import NamedTuple
from imglint.source import Source

MAX_ROUNDS: Final = 20
"""Times that a run applies fixes and judges what comes of it."""


class Round(NamedTuple):
    """Fixes that do not get in each other's way: the findings they mend, and the texts they make."""

    mended: tuple[Finding, ...]
    texts: Mapping[Source, str]


def mend(findings: Iterable[Finding], unsafe: bool = False, among: Collection[Source] | None = None) -> Round:
    """Apply the fixes of the findings, the first of those that overlap; the others wait for the next round.

    Unsafe fixes only count when asked for, and with `among` only those that change nothing but these files.
    """
    mended: list[Finding] = []
    taken: dict[Source, list[Edit]] = {}
    fixes: set[Fix] = set()
    for finding in findings:
        fix = finding.fix
        if fix is None or not (fix.safe or unsafe):
            continue
        if among is not None and any(edit.source not in among for edit in fix.edits):
            continue
        if fix not in fixes:  # Two findings may be mended by one fix.
            if not _take(fix, taken):
                continue
            fixes.add(fix)
        mended.append(finding)
    return Round(tuple(mended), {source: edited(source.text, edits) for source, edits in taken.items() if edits})


def edited(text: str, edits: Iterable[Edit]) -> str:
    """The text after edits of one file that do not overlap."""
    pieces: list[str] = []
    at = 0
    for edit in sorted(edits, key=lambda edit: edit.span):
        pieces += (text[at : edit.span.start], edit.text)
        at = edit.span.end
    return "".join((*pieces, text[at:]))


def _take(fix: Fix, taken: dict[Source, list[Edit]]) -> bool:
    """Add the edits of a fix to those taken, which are in order; none of them when one gets in another's way."""
    added: list[tuple[list[Edit], Edit]] = []
    for edit in fix.edits:
        row = taken.setdefault(edit.source, [])
        at = bisect_left(row, edit.span, key=lambda each: each.span)
        # Edits that only touch count, too: their order would matter.
        before = at and row[at - 1].span.end >= edit.span.start
        if before or (at < len(row) and edit.span.end >= row[at].span.start):
            for each_row, each in added:
                each_row.remove(each)
            return False
        row.insert(at, edit)
        added.append((row, edit))
    return True
