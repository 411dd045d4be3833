"""A build whose result is pushed: the stage that is published and what its page will be made of."""

from __future__ import annotations

from typing import NamedTuple

from imglint.model.evaluate import Evaluation
from imglint.model.metadata import Metadata
from imglint.model.stages import Stage
from imglint.source import Source, Span


class Publication(NamedTuple):
    """What one build publishes.

    `anchor` is where a person would add what is missing: the FROM of the published stage. `metadata` holds the
    labels after everything that sets or overrides them.
    """

    source: Source
    evaluation: Evaluation
    stage: Stage
    anchor: Span
    metadata: Metadata


def implied(evaluation: Evaluation) -> Publication | None:
    """What `docker build .` with this Dockerfile would publish; None when it has no stage at all."""
    stage = evaluation.stage
    if stage is None:
        return None
    return Publication(evaluation.dockerfile.source, evaluation, stage, stage.instruction.span, evaluation.metadata)
