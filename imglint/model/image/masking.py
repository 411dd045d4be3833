"""Findings without the secrets of the image: whatever a rule points at or quotes, no report repeats them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from imglint.finding import Finding
from imglint.model.image.image import Image
from imglint.model.image.secrets import Secret, secrets
from imglint.source import Source, Span
from imglint.syntax.jsonstring import within

MAX_SECRETS: Final = 1000
"""Secrets that are hidden one by one; of an image with more, nothing is shown."""
_SHORTEST: Final = 6
"""Characters of a secret that is hidden wherever it stands; a shorter one may be a word of its own elsewhere."""
_SHORTEST_CUT: Final = 4
"""Characters of a beginning that are hidden, where a long text was cut off in the middle of a secret."""
_STARS: Final = "****"


def masked(findings: Sequence[Finding], image: Image) -> tuple[Finding, ...]:
    """The findings with stars for secrets, in their words and in the texts that they point into.

    A text keeps its length, so that all places stay where they are.
    """
    found = tuple(islice(secrets(image), MAX_SECRETS + 1)) if findings else ()
    if not found:
        return tuple(findings)
    masks = _Masks(found)
    return tuple(
        each._replace(
            source=masks.source(each.source),
            message=masks.words(each.message),
            label=masks.words(each.label),
            help=masks.words(each.help),
            related=tuple(
                other._replace(source=masks.source(other.source), message=masks.words(other.message))
                for other in each.related
            ),
        )
        for each in findings
    )


def hider(image: Image) -> Callable[[str], str]:
    """What puts stars for the secrets of an image into a text that was made from it."""
    found = tuple(islice(secrets(image), MAX_SECRETS + 1))
    if len(found) > MAX_SECRETS:
        return lambda text: _STARS if text else ""
    return _Masks(found).words if found else str


class _Masks:
    def __init__(self, found: Sequence[Secret]) -> None:
        self.found = found[:MAX_SECRETS]
        self.is_full = len(found) > MAX_SECRETS
        values = {each.value for each in self.found if len(each.value) >= _SHORTEST}
        values |= {json.dumps(each, ensure_ascii=False)[1:-1] for each in values}
        self.values = sorted(values, key=len, reverse=True)
        self.pairs = {(each.name, each.value) for each in self.found if each.name}
        self._sources: dict[Source, Source] = {}

    def source(self, source: Source) -> Source:
        """The source with its secrets hidden; the same one when it has none."""
        if source not in self._sources:
            text = _hidden(source.text) if self.is_full else self._text(source)
            self._sources[source] = source if text == source.text else Source(source.path, text, source.numbered)
        return self._sources[source]

    def _text(self, source: Source) -> str:
        text, pieces, at = source.text, [], 0
        for span in sorted(span for each in self.found for span in _places(each, source)):
            if span.end > at:
                start = max(span.start, at)
                pieces += [text[at:start], _hidden(text[start : span.end])]
                at = span.end
        text = "".join((*pieces, text[at:]))
        for value in self.values:
            text = text.replace(value, _hidden(value))
        return text

    def words(self, text: str) -> str:
        """A message with its secrets hidden, also when it quotes only the beginning of one."""
        if self.is_full:
            return re.sub("`[^`]*`", f"`{_STARS}`", text)
        for name, value in self.pairs:
            text = text.replace(f"{name}={value}", f"{name}={_STARS}")
        for value in self.values:
            text = text.replace(value, _STARS)
            if "…" in text:
                text = _without_beginning(text, value)
        return text


def _places(secret: Secret, source: Source) -> Iterator[Span]:
    """Where a secret stands in the text of its document: everywhere where the string that holds it does."""
    if secret.at.document.source is not source:
        return
    text, written = source.text, json.dumps(secret.at.value, ensure_ascii=False)
    at = text.find(written)
    if at < 0:
        yield secret.hidden  # The string is written with other escapes.
    while at >= 0:
        yield within(text, Span(at, at + len(written)), secret.start, secret.end)
        at = text.find(written, at + len(written))


def _hidden(text: str) -> str:
    return re.sub(r"[^\r\n]", "*", text)


def _without_beginning(text: str, value: str) -> str:
    parts = text.split("…")
    for number, part in enumerate(parts[:-1]):
        for length in range(min(len(value), len(part)), _SHORTEST_CUT - 1, -1):
            if part.endswith(value[:length]):
                parts[number] = part[:-length] + _STARS
                break
    return "…".join(parts)
