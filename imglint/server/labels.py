"""The settings of labels and annotations that are written in one text, with what they come to."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.model.metadata import Label, Setting
from imglint.record import NamedTuple
from imglint.server.session import View


class Written(NamedTuple):
    """A setting that stands in the text, and the label that the image has in the end.

    `label` is None for a setting of a stage that the image is not built upon; `kind` is `label`, or the annotation's.
    """

    setting: Setting
    label: Label | None
    kind: str = "label"


def written(view: View) -> Iterator[Written]:
    """All of them, those of published images first; the same place may come several times."""
    here = view.source
    for publication in view.understanding.publications:
        for kind, labels in (
            ("label", publication.metadata.labels),
            ("annotation of the index", publication.index_annotations.values),
            ("annotation", publication.manifest_annotations.values),
        ):
            for label in labels.values():
                yield from (
                    Written(each, label, kind) for each in (label.setting, *label.overridden) if each.source is here
                )
    evaluation = view.evaluation
    if evaluation is not None:
        for label in evaluation.metadata.labels.values():
            yield from (Written(each, label) for each in (label.setting, *label.overridden))
        yield from (Written(setting, None) for setting in evaluation.metadata.lost)


def written_at(view: View, offset: int) -> list[Written]:
    """Those whose key or value is at an offset, each outcome once."""
    found: dict[tuple[object, ...], Written] = {}
    for each in written(view):
        if each.setting.span.start <= offset <= each.setting.span.end:
            winner = each.label.setting if each.label else None
            outcome = (each.kind, winner and (winner.value, winner.source.path, winner.key_span))
            found.setdefault(outcome, each)
    return list(found.values())
