"""Why a text is not YAML, in words for people."""

from __future__ import annotations

import re
from typing import Final

from imglint.source import Span
from imglint.syntax.yamlnode import TOO_DEEP, Problem

_REASONS: Final = (
    ("cannot start any token", "a value cannot begin with `{character}`: put it in quotes"),
    ("could not find expected ':'", "a `:` is missing after the key"),
    ("sequence entries are not allowed", "a list item cannot begin here: check the indentation"),
    ("mapping keys are not allowed", "a key cannot stand here: check the indentation"),
    (
        "mapping values are not allowed",
        "a `:` cannot stand here: check the indentation, or put the value in quotes if the `:` belongs to it",
    ),
    ("unexpected end of stream", "the quote that begins here has no end"),
    ("unexpected document indicator", "the quote that begins here has no end"),
    ("unknown escape character", "`\\{character}` is no escape in double quotes: write `\\\\` or use single quotes"),
    ("expected hexdecimal number", "the escape needs more hexadecimal digits"),
    ("invalid Unicode character escape", "the escape stands for no character: write the character itself"),
    ("tab character", "a tab cannot indent: use spaces"),
    ("indentation indicator equal to 0", "the indentation of a block cannot be 0"),
    ("expected comment or line break", "only a comment can stand here"),
    ("expected alphabetic or numeric", "a name is missing after the `&` or `*`: put the value in quotes"),
    ("undefined tag handle", "the tag begins with a name that no `%TAG` directive defines"),
    ("incompatible YAML document", "the `%YAML` directive asks for a version other than 1"),
    ("expected <document start>", "the document ends before this: check the indentation"),
    ("expected node content", "a value is missing before this"),
    ("expected '-' indicator", "this is not in line with the list items above it: check the indentation"),
    ("expected key", "this is not in line with the keys above it: check the indentation"),
    ("expected ',' or ']'", "a `,` or the closing `]` is missing before this"),
    ("expected ',' or '}'", "a `,` or the closing `}}` is missing before this"),
)
"""What libyaml says, and what it means."""

_SAID_OF_THE_BEGINNING: Final = ("could not find expected ':'", "unexpected end of", "unexpected document indicator")
"""What libyaml notices only after the place where it is wrong."""

_SAID_OF_DEPTH: Final = "maximum nesting depth"
"""libyaml scans ahead of its events, and newer ones stop before the depth of an event can be seen."""


def explained(error: Exception, text: str) -> Problem:
    """An error of the parser in words for people."""
    words = getattr(error, "problem", None) or "it is not YAML"
    mark = getattr(error, "problem_mark", None)
    if _SAID_OF_DEPTH in words and mark is not None:
        return Problem("limit", Span(mark.index, mark.index + 1), TOO_DEEP)
    context = getattr(error, "context_mark", None)
    if context is not None and any(each in words for each in _SAID_OF_THE_BEGINNING):
        mark = context
    start = min(mark.index, len(text)) if mark is not None else len(text)
    end = min(start + 1, len(text))
    if "unknown escape" in words:
        start -= not text.startswith("\\", start)
        end = min(start + 2, len(text))
    if words == "could not find expected ':'":
        line = re.compile("[^\r\n]*").match(text, start)
        end = max(end, line.end()) if line else end
    character = text[start:end].lstrip("\\")
    reason = next((reason for each, reason in _REASONS if each in words), words)
    if character == "\t" and "start any token" in words:
        reason = "a tab cannot indent: use spaces"
    return Problem("syntax", Span(start, end), reason.format(character=character) if reason != words else words)
