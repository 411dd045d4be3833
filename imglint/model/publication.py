"""A build whose result is pushed: where it goes, what its page will be made of, and where each value is written."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Final

from imglint.model.metadata import Label, Metadata
from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.text import HOLE, Place, Text

if TYPE_CHECKING:
    from imglint.model.build import Build, Merge
    from imglint.model.evaluate import Evaluation
    from imglint.model.stages import Stage
    from imglint.syntax.partialreference import PartialReference

OUTSIDE: Final = -1
"""The stage of a setting that no Dockerfile makes."""


class Form(NamedTuple):
    """Whether what is pushed is an index (None: that depends), and why, worded to follow "because"."""

    is_index: bool | None
    reason: str


class Annotations(NamedTuple):
    """The annotations of one level. `complete` is False when there may be more than is known."""

    values: Mapping[str, Label]
    complete: bool = True


class Publication(NamedTuple):
    """What one build publishes.

    `source` and `anchor` are where a person would add a label that is missing: the FROM of the published stage, or
    the build itself when its Dockerfile is not in the tree (then `evaluation` and `stage` are None). `metadata` holds
    the labels after everything that sets or overrides them. `build` is None for the `docker build .` that nobody has
    written down. `names` are the references it is pushed as. `form` tells whether it becomes an index; `merge` is the
    command that joins it with others into one. `made` tells that it is no prediction: the image was read, and is for
    `platform`.
    """

    source: Source
    evaluation: Evaluation | None
    stage: Stage | None
    anchor: Span
    metadata: Metadata
    build: Build | None = None
    names: tuple[Text, ...] = ()
    form: Form = Form(None, "nothing is known of how it is built")
    index_annotations: Annotations = Annotations({}, False)
    manifest_annotations: Annotations = Annotations({}, False)
    merge: Merge | None = None
    pushed_by: tuple[Place, ...] = ()
    made: bool = False
    platform: str = ""

    def references(self) -> tuple[PartialReference, ...]:
        """The names taken apart, as far as they are known."""
        from imglint.syntax.partialreference import parse_partial

        return tuple(parse_partial(name) for name in self.names)

    def goes_to(self, hosts: Iterable[str]) -> bool:
        """Whether it may go to a registry on one of the hosts: also when that is not known."""
        if not self.names:
            return True
        wanted = frozenset(hosts)
        return any(
            each.domain is None or HOLE in each.domain.text or each.domain.text in wanted for each in self.references()
        )


def implied(evaluation: Evaluation) -> Publication | None:
    """What `docker build .` with this Dockerfile would publish; None when it has no stage at all."""
    stage = evaluation.stage
    if stage is None:
        return None
    return Publication(evaluation.dockerfile.source, evaluation, stage, stage.instruction.span, evaluation.metadata)
