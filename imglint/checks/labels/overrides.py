"""Labels that are set and do not arrive, or arrive otherwise than they were set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.publication import Publication
from imglint.model.stages import Stage
from imglint.syntax import oci

MAX_SHOWN: Final = 10
"""Overridden places that one finding points at: the latest ones."""


def label_lost(publication: Publication, context: Context) -> Iterator[Finding]:
    """A required label is set only in a stage that the published image is not built upon."""
    metadata = publication.metadata
    if not metadata.complete:
        return
    required = context.required_labels
    said: set[str] = set()
    for setting in metadata.lost:
        if setting.key not in required or setting.key in metadata.labels or setting.key in said:
            continue
        said.add(setting.key)
        stage = publication.evaluation.stages.stages[setting.stage]
        yield context.finding(
            setting.span,
            f"this label stays in {_named(stage)}, and the published image does not have it",
            help=f"move it to {_named(publication.stage)}, or name the stage that is published with `target`",
            related=[Related(publication.source, publication.anchor, "this stage is published")],
            source=setting.source,
        )


def _named(stage: Stage) -> str:
    return f"stage `{stage.name}`" if stage.name else f"the stage that begins on line {stage.instruction.lines[0]}"


def overridden_label(publication: Publication, context: Context) -> Iterator[Finding]:
    """A label is set twice on the way to the published image, with different values.

    Keys of one's own often mark the single stages; only those that a page or a tool reads are followed across them.
    """
    required = context.required_labels
    for key, label in publication.metadata.labels.items():
        setting = label.setting
        followed = key in required or oci.is_known(key)
        others = [
            each
            for each in label.overridden
            if each.value is not None and each.value != label.value and (followed or each.stage == setting.stage)
        ]
        if others and label.value is not None:
            times = "twice" if len(others) == 1 else f"{len(others) + 1} times"
            yield context.finding(
                setting.span,
                f"the label `{key}` is set {times}, and this value wins",
                help="keep the one that is meant",
                related=[Related(each.source, each.span, "overridden") for each in others[-MAX_SHOWN:]],
                source=setting.source,
            )
