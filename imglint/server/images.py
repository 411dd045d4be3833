"""The names of images that are written in one text."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.model.stages import SCRATCH, Stage, Stages
from imglint.record import NamedTuple
from imglint.server.session import View
from imglint.source import Span
from imglint.syntax.partialreference import PartialReference, parse_partial
from imglint.syntax.text import Text, literal


class Named(NamedTuple):
    """An image's name and where it is written; `stage` is the stage of the same file that is meant by it, if it is one.

    `reference` is None for a stage, for the empty image, and for a name of which nothing is known.
    """

    span: Span
    reference: PartialReference | None
    stage: Stage | None = None


def named(view: View) -> Iterator[Named]:
    """All of them: bases and sources of copies in a Dockerfile, tags of builds and of indexes everywhere."""
    if view.evaluation is not None:
        yield from _in_dockerfile(view, view.evaluation.stages)
    texts: dict[Span, Text] = {}
    for built in view.understanding.built:
        _note(built.build.tags, view, texts)
    for merged in view.understanding.merges:
        _note((*merged.merge.tags, *merged.merge.sources), view, texts)
    for pushing in view.understanding.foreign:
        _note((pushing.name,), view, texts)
    yield from (Named(span, parse_partial(text)) for span, text in texts.items())


def _note(tags: tuple[Text, ...], view: View, texts: dict[Span, Text]) -> None:
    for text in tags:
        if text.source is view.source and text.text:
            texts.setdefault(text.span, text)


def _in_dockerfile(view: View, stages: Stages) -> Iterator[Named]:
    for stage in stages.stages:
        if stage.parent is not None:
            yield Named(stage.image.span, None, stages.stages[stage.parent])
        elif stage.base is not None and stage.base != SCRATCH:
            yield Named(stage.image.span, parse_partial(literal(stage.base, view.source, stage.image.span)))
        for _, instruction in stage.commands:
            flag = instruction.flag("from") if instruction.name == "COPY" else None
            if flag is None or not flag.text or "$" in flag.text:
                continue
            copied = Stages(stages.stages[: stage.number], {}, ()).find(flag.text)
            reference = None if copied else parse_partial(literal(flag.text, view.source, flag.span))
            yield Named(flag.span, reference, copied)
