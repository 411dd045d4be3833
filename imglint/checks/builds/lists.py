"""Lists of labels, annotations and build arguments whose lines are not read as they look."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from imglint.checks.builds.places import where
from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.build import Annotation, Build, Pair, Route
from imglint.model.workflow.actions import BUILD_PUSH
from imglint.syntax.text import HOLE, Place, Text

if TYPE_CHECKING:
    from imglint.model.built import Built


def malformed_label_list(build: Built, context: Context) -> Iterator[Finding]:
    """A line of a list says something else than it looks like."""
    call = build.build
    for pair in call.labels:
        found = _label(pair, call, context)
        if found is not None:
            yield found
    for annotation in call.annotations:
        found = _annotation(annotation, call, context)
        if found is not None:
            yield found
    for pair in call.arguments:
        found = _quotes(pair, call, context)
        if found is not None:
            yield found


def _annotation(annotation: Annotation, build: Build, context: Context) -> Finding | None:
    """What is wrong with an entry of the annotations."""
    entry = annotation.pair.entry
    if build.tool == BUILD_PUSH and entry.text.startswith("#"):
        message = "this is no comment but an annotation, and the build stops"
        return _finding(entry, message, "remove the line, or put the comment above `annotations:`", context)
    if annotation.problem:
        message = f"{annotation.problem.reason}: the build stops"
        return _finding(
            annotation.problem.text, message, "write it as LEVEL:KEY=VALUE, such as index:KEY=VALUE", context
        )
    return _quotes(annotation.pair, build, context)


def _label(pair: Pair, build: Build, context: Context) -> Finding | None:
    """What is wrong with an entry of the labels."""
    entry = pair.entry
    if entry.text.startswith("=") and build.route is not Route.BAKE:
        return _finding(entry, "this label has no key, and the build stops", "write it as KEY=VALUE", context)
    if build.tool != BUILD_PUSH or pair.default:
        return _quotes(pair, build, context)
    if entry.text.startswith("#"):
        message = f"this is no comment: the image gets a label with the key `{_shortened(pair.key.shown)}`"
        return _finding(entry, message, "remove the line, or put the comment above `labels:`", context)
    if pair.value is None and HOLE not in entry.text and "${{" not in entry.text:
        message = f"there is no `=` in this line: the image gets an empty label `{_shortened(entry.text)}`"
        return _finding(entry, message, "write each label in one line as KEY=VALUE", context)
    return _quotes(pair, build, context)


def _quotes(pair: Pair, build: Build, context: Context) -> Finding | None:
    """Quotes that look like syntax and are a part of the key or the value."""
    value = pair.value
    if value is None or pair.default or not _is_line(pair, build):
        return None
    key, text = pair.key.text, value.text
    place = pair.entry.origin
    if key[:1] == "'" and text[-1:] == "'":
        message = "single quotes around a line stay in it: the first begins the key, the last ends the value"
        start = ""
    elif len(text) > 1 and text[0] in "\"'" and text[0] == text[-1] and text[0] not in text[1:-1]:
        message = f"the quotes after `=` are a part of the value: `{_shortened(key)}` is set to {_shown(value)}"
        place, start = _place_of_value(pair, value), f"{key}="
    else:
        return None
    plain = place.source.slice(place.span)[1:-1]
    return context.finding(place.span, message, help=f"leave them out\n{start}{plain}", source=place.source)


def _place_of_value(pair: Pair, value: Text) -> Place:
    """Where the value is written; a line that another step hands on is known as a whole only."""
    place = value.origin
    written = place.source.slice(place.span)
    if place == pair.entry.origin and written.startswith(f"{pair.key.text}={value.text[0]}"):
        return place._replace(span=place.span._replace(start=place.span.start + len(pair.key.text) + 1))
    return place


def _is_line(pair: Pair, build: Build) -> bool:
    """Whether the pair is a line `key=value` of a list, in which no tool takes quotes away."""
    if build.tool != BUILD_PUSH and build.route is not Route.COMPOSE:
        return False
    place = pair.entry.origin
    return place.source.slice(place.span).lstrip().startswith((pair.key.text[:1], "$")) and _written_out(pair)


def _written_out(pair: Pair) -> bool:
    """Whether the sign between key and value is written there, with the value's first character after it."""
    value = pair.value
    if value is None:
        return False
    source, span = value.place
    if value.origin != value.place:
        source, span = pair.entry.origin
        return f"={value.text[:1]}" in source.slice(span)
    return source.text[max(span.start - 1, 0) : span.start + 1] == f"={value.text[:1]}"


def _finding(text: Text, message: str, help: str, context: Context) -> Finding:
    place = where(text)
    return context.finding(place.span, message, help=help, source=place.source)


def _shown(text: Text) -> str:
    return f"`{_shortened(text.shown)}`"


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"
