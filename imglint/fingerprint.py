"""What stays of a finding when lines are added above it or the spacing changes: the key of reports and baselines."""

from __future__ import annotations

import posixpath
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from hashlib import sha256
from typing import Final

from imglint.finding import Finding

MAX_CHARACTERS: Final = 4096
"""How much of a span goes into its fingerprint: bounded, so that huge spans cost no more than others."""


def fingerprint(finding: Finding, path: str = "") -> str:
    """A name for the rule, the path (that of the source unless given) and the words marked: 32 hexadecimal digits."""
    start, end = finding.span
    words = " ".join(finding.source.text[start : min(end, start + MAX_CHARACTERS)].split())
    key = "\0".join((finding.rule, path or posixpath.normpath(finding.source.path), words))
    return sha256(key.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def fingerprints(findings: Iterable[Finding], path_of: Callable[[str], str] = posixpath.normpath) -> Iterator[str]:
    """A fingerprint for each finding, in order; equal ones are told apart by the number that follows a colon.

    `path_of` turns the path of a source into the one that goes into the fingerprint.
    """
    seen: Counter[str] = Counter()
    for finding in findings:
        found = fingerprint(finding, path_of(finding.source.path))
        seen[found] += 1
        yield f"{found}:{seen[found]}"
