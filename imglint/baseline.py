"""Findings of old that are to be silent until somebody touches the place: a baseline, by fingerprints."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Collection, Iterable
from typing import Any, Final

from imglint.finding import BASELINE, Finding, Silenced
from imglint.fingerprint import fingerprints
from imglint.record import NamedTuple

VERSION: Final = 1
"""Version of the file's format."""

MAX_BYTES: Final = 1 << 26
"""Bytes of a baseline that are read."""


class Entry(NamedTuple):
    """A finding of old: its rule, the path of its file from the baseline's directory, and its fingerprint."""

    path: str
    rule: str
    fingerprint: str


class BaselineError(Exception):
    """A file that is no baseline; the text is worded to follow its path."""


class Baseline:
    """The entries at work. `path_of` turns the path of a source into the one that entries have."""

    def __init__(self, entries: Iterable[Entry], path_of: Callable[[str], str] = posixpath.normpath) -> None:
        self.entries = frozenset(entries)
        self.path_of = path_of
        self.found: set[Entry] = set()
        self._judged: dict[str, Collection[str]] = {}

    def begin(self) -> None:
        """Forget what was found before."""
        self.found, self._judged = set(), {}

    def parted(
        self, path: str, rules: Collection[str], findings: Iterable[Finding]
    ) -> tuple[tuple[Finding, ...], tuple[Silenced, ...]]:
        """The findings of a file that the baseline does not have, and those that it has; `rules` have looked at it."""
        self._judged[self.path_of(path)] = rules
        all_findings = tuple(findings)
        heard: list[Finding] = []
        known: list[Silenced] = []
        for finding, name in zip(all_findings, fingerprints(all_findings, self.path_of), strict=True):
            entry = Entry(self.path_of(finding.source.path), finding.rule, name)
            self.found.add(entry)
            if entry in self.entries:
                known.append(Silenced(finding, BASELINE))
            else:
                heard.append(finding)
        return tuple(heard), tuple(known)

    def gone(self, exists: Callable[[str], bool]) -> tuple[Entry, ...]:
        """The entries that nothing corresponds to any more, as far as files and rules were looked at.

        `exists` tells of the path of an entry whether a file is there.
        """
        judged = self._judged
        return tuple(
            sorted(
                entry
                for entry in self.entries - self.found
                if entry.rule in judged.get(entry.path, ()) or (entry.path not in judged and not exists(entry.path))
            )
        )

    def renewed(self, gone: Iterable[Entry]) -> tuple[Entry, ...]:
        """What the baseline is to hold from now on: all that was found, and what nobody looked at."""
        return tuple(sorted((self.entries | self.found) - frozenset(gone)))


def read(text: str) -> tuple[Entry, ...]:
    """The entries of a file. Raises `BaselineError`."""
    import json

    try:
        document: Any = json.loads(text)
    except (ValueError, RecursionError):
        raise BaselineError("is no baseline: it is not JSON") from None
    if not isinstance(document, dict) or document.get("version") != VERSION:
        raise BaselineError(f"is no baseline of version {VERSION}")
    rows: Any = document.get("findings")
    try:
        entries = tuple(Entry(**row) for row in rows)
    except TypeError:
        raise BaselineError("is no baseline: `findings` is a list of path, rule and fingerprint") from None
    if not all(isinstance(part, str) for entry in entries for part in entry):
        raise BaselineError("is no baseline: path, rule and fingerprint are strings")
    return entries


def written(entries: Iterable[Entry]) -> str:
    """The text of a baseline, an entry a line, so that changes of it can be read."""
    import json

    rows = ",".join(f"\n    {json.dumps(entry._asdict())}" for entry in sorted(entries))
    return f'{{\n  "version": {VERSION},\n  "findings": [{rows}\n  ]\n}}\n'
