"""Labels that are set and do not arrive, or arrive otherwise than they were set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.metadata import Label
from imglint.model.publication import Publication
from imglint.syntax import oci

if TYPE_CHECKING:
    from imglint.model.build import Build
    from imglint.model.stages import Stage

MAX_SHOWN: Final = 10
"""Overridden places that one finding points at: the latest ones."""


def label_lost(publication: Publication, context: Context) -> Iterator[Finding]:
    """A required label is set only in a stage that the published image is not built upon."""
    metadata = publication.metadata
    evaluation, published = publication.evaluation, publication.stage
    if not metadata.complete or evaluation is None or published is None:
        return
    # Another registry's page reads none of them, only the configuration may ask for some.
    elsewhere = not publication.goes_to(context.profile.hosts)
    required = tuple(context.settings.required_labels) if elsewhere else context.required_labels
    said: set[str] = set()
    for setting in metadata.lost:
        if setting.key not in required or setting.key in metadata.labels or setting.key in said:
            continue
        said.add(setting.key)
        stage = evaluation.stages.stages[setting.stage]
        yield context.finding(
            setting.span,
            f"this label stays in {_named(stage)}, and the published image does not have it",
            help=f"move it to {_named(published)}, or name the stage that is published with `target`",
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
        if setting.stage < 0:
            yield from _overridden_by_build(key, label, publication.build, context)
            continue
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


_TAKEN_FROM_REPOSITORY: Final = frozenset(
    oci.PREFIX + name for name in ("description", "licenses", "source", "title", "url")
)
"""Keys that a person has a say in; that the tool gives an image its version and revision is what it is there for."""


def _overridden_by_build(key: str, label: Label, build: Build | None, context: Context) -> Iterator[Finding]:
    """A build gives a label another value, and nobody decided that: by a tool's default, with nothing, or twice."""
    setting = label.setting
    others = [each for each in label.overridden if each.value and not each.default]
    if setting.default:
        if key not in _TAKEN_FROM_REPOSITORY:
            return
        others = [each for each in others if _differs(key, setting.value, each.value or "")]
        what = f"docker/metadata-action replaces the label `{key}` by {setting.reason or _shown(setting.value)}"
        help = f"to keep the value, add to the action\nlabels: |\n  {key}={others[-1].value}" if others else ""
    elif setting.value == "":
        from imglint.checks.builds.around import made_by_action

        if build is not None and made_by_action(setting, build):
            return  # metadata-action-blanks-label speaks of it.
        others = [each for each in others if each.stage >= 0]
        what, help = f"this makes the label `{key}` empty", "give it a value, or remove it"
    else:
        others = [each for each in others if each.stage < 0 and setting.value not in (None, each.value)]
        what, help = f"the label `{key}` is given twice, and this value wins", "keep the one that is meant"
    if others:
        yield context.finding(
            setting.span,
            what,
            help=help,
            related=[Related(each.source, each.span, "overridden") for each in others[-MAX_SHOWN:]],
            source=setting.source,
        )


def _differs(key: str, value: str | None, other: str) -> bool:
    """Whether a default is another value than a person's. One from outside is unknown: only a description differs."""
    if value is None:
        return key == oci.PREFIX + "description"
    if not value:
        return False
    return value.casefold() != other.removesuffix("/").removesuffix(".git").casefold()


def _shown(value: str | None) -> str:
    return f"`{value}`"
