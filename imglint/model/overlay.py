"""What a build lays over the labels of its Dockerfile, and the annotations that it writes."""

from __future__ import annotations

from imglint.model.build import Annotation, Build, Merge, Pair
from imglint.model.metadata import Label, Metadata, Setting
from imglint.model.publication import OUTSIDE, Annotations
from imglint.model.workflow.metadata_action import maker
from imglint.source import Source, Span
from imglint.syntax.lists import output_annotation
from imglint.syntax.text import HOLE


def setting_of(pair: Pair, by: str) -> Setting:
    """A pair of a build as the setting of a label. Points at where a person would edit it."""
    source, key_span, value_span = _spans(pair)
    value = "" if pair.value is None else pair.value.value
    reason = pair.value.unknowns[0] if pair.value is not None and pair.value.unknowns else ""
    default = pair.default or (maker(pair.value) if pair.value is not None else "")
    return Setting(
        pair.key.text, value, frozenset(), source, key_span, value_span, OUTSIDE, pair.entry.origin.span,
        default or by, bool(default), reason,
    )  # fmt: skip


def _spans(pair: Pair) -> tuple[Source, Span, Span]:
    """The file in which a person wrote a pair, and where key and value are."""
    source, key = pair.key.origin
    value = pair.value.origin if pair.value is not None else pair.key.origin
    written = source.slice(key)
    if value == (source, key) and pair.value is not None and (at := written.find(pair.entry.text)) >= 0:
        # What was handed on as a whole has one place, and is written there as it is.
        start = key.start + at
        end = start + len(pair.key.text)
        return source, Span(start, end), Span(end + 1, start + len(pair.entry.text))
    if value.source is not source or "\n" in source.text[key.end : value.span.start]:
        return source, key, key
    return source, key, value.span


def overridden(base: Metadata, build: Build) -> Metadata:
    """The labels of a Dockerfile with those of its build over them."""
    labels = dict(base.labels)
    complete = base.complete and not build.may_hold_more("labels")
    for pair in build.labels:
        if HOLE in pair.key.text:
            complete = False
            continue
        setting = setting_of(pair, build.tool)
        before = labels.get(pair.key.text)
        labels[pair.key.text] = Label(setting, (*before.overridden, before.setting) if before else ())
    return base._replace(labels=labels, complete=complete)


def annotations_of(build: Build | Merge, level: str) -> Annotations:
    """The annotations that are written at one level."""
    values: dict[str, Label] = {}
    complete = not ("annotations" in build.open or "outputs" in build.open or "*" in build.open)
    found = list(build.annotations)
    if isinstance(build, Build):
        for output in build.outputs:
            complete = complete and output.read.complete
            for attribute in output.read.attributes:
                read = output_annotation(attribute)
                if read is not None:
                    pair = Pair(read.key, read.value, attribute.value)
                    found.append(Annotation(read.levels, pair, read.problem))
    for annotation in found:
        there = annotation.is_at(level)
        if there is None or HOLE in annotation.pair.key.text:
            complete = complete and annotation.problem is not None
        elif there:
            setting = setting_of(annotation.pair, build.tool)
            before = values.get(setting.key)
            values[setting.key] = Label(setting, (*before.overridden, before.setting) if before else ())
    return Annotations(values, complete)
