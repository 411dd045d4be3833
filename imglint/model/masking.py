"""Findings without secrets: whatever a rule points at or quotes, no report repeats them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

from imglint.finding import Finding, Fix
from imglint.source import Source, Span
from imglint.syntax.commandpassword import passwords
from imglint.syntax.registryauth import registry_auths
from imglint.syntax.secrets import known_secrets, without_tokens

STARS: Final = "****"
_SHORTEST: Final = 6
"""Characters of a secret that is hidden wherever it stands; a shorter one may be a word of its own elsewhere."""
_SHORTEST_CUT: Final = 4
"""Characters of a beginning that are hidden, where a long text was cut off in the middle of a secret."""
_MAX_VALUES: Final = 1000
"""Different secrets of files that are looked for in messages; tokens are found there without."""


class Masks:
    """What is hidden: `spans` gives the places in a text that a finding points into, `values` are the secrets.

    `pairs` are names and values that are hidden where they stand together, however short. With `everything`, no text
    is shown at all.
    """

    def __init__(
        self,
        values: Iterable[str],
        spans: Callable[[Source], Iterable[Span]],
        pairs: Iterable[tuple[str, str]] = (),
        everything: bool = False,
    ) -> None:
        self.values = longest_first(values)
        self.spans = spans
        self.pairs = frozenset(pairs)
        self.everything = everything
        self._sources: dict[Source, Source] = {}

    def findings(self, findings: Iterable[Finding]) -> tuple[Finding, ...]:
        """The findings with stars for secrets, in their words and in the texts that they point into.

        A text keeps its length, so that all places stay where they are.
        """
        return tuple(
            each._replace(
                source=self.source(each.source),
                message=self.words(each.message),
                label=self.words(each.label),
                help=self.words(each.help),
                related=tuple(
                    other._replace(source=self.source(other.source), message=self.words(other.message))
                    for other in each.related
                ),
                fix=self.fix(each.fix) if each.fix else None,
            )
            for each in findings
        )

    def fix(self, fix: Fix) -> Fix | None:
        """The fix for a report; none when what it writes holds a secret: with stars in it, it would do harm."""
        if any(self.words(text) != text for text in (fix.title, *(edit.text for edit in fix.edits))):
            return None
        return fix._replace(edits=tuple(edit._replace(source=self.source(edit.source)) for edit in fix.edits))

    def source(self, source: Source) -> Source:
        """The source with its secrets hidden; the same one when it has none."""
        if source not in self._sources:
            text = _hidden(source.text) if self.everything else _without(source.text, self.spans(source))
            self._sources[source] = source if text == source.text else Source(source.path, text, source.numbered)
        return self._sources[source]

    def words(self, text: str) -> str:
        """A message with its secrets hidden, also when it quotes only the beginning of one."""
        if self.everything:
            return re.sub("`[^`]*`", f"`{STARS}`", text)
        for name, value in self.pairs:
            text = text.replace(f"{name}={value}", f"{name}={STARS}")
        for value in self.values:
            text = text.replace(value, STARS)
            if "…" in text:
                text = _without_beginning(text, value)
        return without_tokens(text)


def longest_first(values: Iterable[str]) -> list[str]:
    """The values that are hidden wherever they stand: as they are, in lower case as in a name, as JSON writes them."""
    long = {form for each in values if len(each) >= _SHORTEST for form in (each, each.lower())}
    return sorted(long | {json.dumps(each, ensure_ascii=False)[1:-1] for each in long}, key=len, reverse=True)


def masked(findings: Sequence[Finding]) -> tuple[Finding, ...]:
    """Findings about files with stars for what is known for a secret in these files."""
    sources = dict.fromkeys(finding.source for finding in findings)
    sources |= dict.fromkeys(related.source for finding in findings for related in finding.related)
    values = dict.fromkeys(source.slice(span) for source in sources for span in _in_file(source))
    return Masks(list(values)[:_MAX_VALUES], _in_file).findings(findings)


def _in_file(source: Source) -> tuple[Span, ...]:
    return source.read_once("secrets", _spans)


def _spans(source: Source) -> tuple[Span, ...]:
    found = [Span(each.start, each.end) for each in known_secrets(source.text)]
    found += [each.span for each in registry_auths(source.text) if each.password]
    return (*found, *passwords(source.text))


def _without(text: str, spans: Iterable[Span]) -> str:
    pieces, at = [], 0
    for span in sorted(spans):
        if span.end > at:
            start = max(span.start, at)
            pieces += [text[at:start], _hidden(text[start : span.end])]
            at = span.end
    return "".join((*pieces, text[at:])) if pieces else text


def _hidden(text: str) -> str:
    return re.sub(r"[^\r\n]", "*", text)


def _without_beginning(text: str, value: str) -> str:
    parts = text.split("…")
    for number, part in enumerate(parts[:-1]):
        for length in range(min(len(value), len(part)), _SHORTEST_CUT - 1, -1):
            if part.endswith(value[:length]):
                parts[number] = part[:-length] + STARS
                break
    return "…".join(parts)
