"""Where a finding is, in words: a line and a column of a file, or the way to a value in an image."""

from __future__ import annotations

from typing import Final

from imglint.finding import Finding, Related
from imglint.source import Source, Span

_MOST: Final = 3
"""Platforms that are named one by one."""


def where(finding: Finding | Related) -> str:
    """The place of a finding, or of what explains it.

    `Dockerfile:3:1`, or `ghcr.io/acme/widget:1: config.User (linux/amd64, linux/arm64)`.
    """
    place = placed(finding.source, finding.span)
    if not finding.pointers:
        return place
    path = finding.pointers[0].path
    platforms = [pointer.platform for pointer in finding.pointers if pointer.platform]
    more = len(platforms) - _MOST
    if more > 1:
        platforms[_MOST:] = [f"{more} more"]
    return (f"{place}: {path}" if path else place) + (f" ({', '.join(platforms)})" if platforms else "")


def placed(source: Source, span: Span) -> str:
    """A place of a source; only its name, where line numbers mean nothing."""
    if not source.numbered:
        return source.path
    line, column = source.position(span.start)
    return f"{source.path}:{line}:{column}"
