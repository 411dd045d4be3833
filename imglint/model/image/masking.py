"""Findings and drawings without the secrets of the image that they are about."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from itertools import islice
from typing import Final

from imglint.finding import Finding
from imglint.model.image.image import Image
from imglint.model.image.secrets import Secret, secrets
from imglint.model.masking import STARS, Masks, longest_first
from imglint.source import Source, Span
from imglint.syntax.jsonstring import within

MAX_SECRETS: Final = 1000
"""Secrets that are hidden one by one; of an image with more, nothing is shown."""


def masked(findings: Sequence[Finding], image: Image) -> tuple[Finding, ...]:
    """The findings with stars for secrets, in their words and in the documents of the image."""
    found = tuple(islice(secrets(image), MAX_SECRETS + 1)) if findings else ()
    return _masks(found).findings(findings) if found else tuple(findings)


def hider(image: Image) -> Callable[[str], str]:
    """What puts stars for the secrets of an image into a text that was made from it."""
    found = tuple(islice(secrets(image), MAX_SECRETS + 1))
    if len(found) > MAX_SECRETS:
        return lambda text: STARS if text else ""
    return _masks(found).words if found else str


def _masks(found: Sequence[Secret]) -> Masks:
    values = [each.value for each in found[:MAX_SECRETS]]
    everywhere = longest_first(values)

    def spans(source: Source) -> Iterator[Span]:
        for each in found[:MAX_SECRETS]:
            yield from _places(each, source)
        for value in everywhere:
            yield from (Span(*match.span()) for match in re.finditer(re.escape(value), source.text))

    pairs = {(each.name, each.value) for each in found[:MAX_SECRETS] if each.name}
    return Masks(values, spans, pairs, everything=len(found) > MAX_SECRETS)


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
