"""Values of `--output` and `outputs:` that buildx refuses, or takes otherwise than they are written."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from imglint.checks.builds.mending import rewrite
from imglint.checks.builds.places import as_written, where
from imglint.checks.context import Context
from imglint.finding import Finding, Fix
from imglint.model.build import Output, Route
from imglint.syntax import lists
from imglint.syntax.lists import ListProblem, output_annotation
from imglint.syntax.text import HOLE, Text, literal

if TYPE_CHECKING:
    from imglint.model.built import Built


def malformed_output(build: Built, context: Context) -> Iterator[Finding]:
    """An output cannot be read, or has an annotation whose key is changed."""
    # Several outputs of compose and bake may be written as objects, which have no problems of this kind.
    for output in build.build.outputs:
        for problem in output.read.problems[:1]:
            place = where(problem.text)
            yield context.finding(
                place.span,
                _reason(problem),
                help=_quoting(output, build.build.route),
                source=place.source,
                fix=_requoted(output.text),
            )
        if not output.read.problems:
            yield from _lowered(output, context)


def _reason(problem: ListProblem) -> str:
    if problem.code == "csv-pair" and not problem.text.text.strip():
        return "there is nothing after this comma, and the build stops: each part is written key=value"
    if problem.code == "csv-pair":
        return f"{problem.reason}: the comma before it ends the value, and the build stops"
    return f"{problem.reason}, and the build stops"


def _quoting(output: Output, route: Route) -> str:
    """The output with each field in quotes that needs them; only general advice when that would not help."""
    written = as_written(output.text)
    fixed = quoted(written)
    text = output.text
    if fixed == written or lists.output(literal(fixed, text.source, text.span, exact=False)).problems:
        return "write it as type=image,key=value, and remove what is no key=value"
    if route is Route.COMMAND and "$" not in fixed and "'" not in fixed:
        fixed = f"--output '{fixed}'"
    return f"write it so, with quotes only around whole fields, key included\n{fixed}"


def _requoted(text: Text) -> Fix | None:
    """The fix for an output that stands in its file as it is read, alone on a line or in single quotes."""
    source, span = text.place
    fixed = quoted(text.text)
    if source.slice(span) != text.text or fixed == text.text:
        return None
    if lists.output(literal(fixed, source, span, exact=False)).problems:
        return None
    around = source.text[max(span.start - 1, 0) : span.start] + source.text[span.end : span.end + 1]
    in_quotes = around == "''" or source.path.endswith((".yml", ".yaml"))
    return rewrite(source, span, fixed, safe=True) if in_quotes else None


def quoted(text: str) -> str:
    """Comma-separated fields with the quotes where buildx wants them: around a whole field that needs some.

    A comma within quotes, or one in an annotation before what is no `key=value`, belongs to the value.
    """
    fields: list[str] = []
    for field in _split(text):
        if fields and "=" not in field and fields[-1].lstrip('"').startswith("annotation"):
            fields[-1] += f",{field}" if field else ""
        elif field:
            fields.append(field)
    bare = (_without_quotes(field) for field in fields)
    return ",".join('"' + field.replace('"', '""') + '"' if re.search('[,"]', field) else field for field in bare)


def _split(text: str) -> list[str]:
    """The parts between commas that are not in quotes; where a quote is left open, between all commas."""
    if text.count('"') % 2:
        return text.split(",")
    parts = text.split('"')
    parts[1::2] = [part.replace(",", "\0") for part in parts[1::2]]
    return [field.replace("\0", ",") for field in '"'.join(parts).split(",")]


def _without_quotes(field: str) -> str:
    """Without the quotes around the field or its value; those in the middle are meant."""
    if field.startswith('"'):
        return field.strip('"').replace('""', '"')
    key, sign, value = field.partition("=")
    return key + sign + (value.strip('"') if value.startswith('"') else value)


def _lowered(output: Output, context: Context) -> Iterator[Finding]:
    for attribute in output.read.attributes:
        annotation = output_annotation(attribute)
        key = attribute.key.text
        if annotation is None or HOLE in key:
            continue
        if annotation.problem:
            place = where(annotation.problem.text)
            message = f"{annotation.problem.reason}: the build stops"
            yield context.finding(
                place.span, message, help="write it as annotation-index.KEY=VALUE", source=place.source
            )
            continue
        own = attribute.key.cut(len(key.rstrip()) - len(annotation.key.text), len(key.rstrip()))
        if own.text == own.text.lower():
            continue
        place = where(own)
        yield context.finding(
            place.span,
            f"the annotation is published as `{annotation.key.text}`: keys of an output are read in lower case",
            help=f"pass it with `--annotation` (`annotations:` of the action), which keeps `{own.text}` as it is",
            source=place.source,
        )
