"""What stands around a build: the steps of its job, and the registries that its names lead to."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import Place, Text

if TYPE_CHECKING:
    from imglint.model.build import Build
    from imglint.model.metadata import Setting
    from imglint.model.workflow.structure import Step


def goes_for_certain(names: Iterable[Text], hosts: Iterable[str]) -> bool:
    """Whether one of the names is known to lead to a registry on one of the hosts."""
    wanted = frozenset(hosts)
    domains = (parse_partial(name).domain for name in names)
    return any(domain is not None and domain.value in wanted for domain in domains)


def steps_around(place: Place) -> tuple[tuple[Step, ...], int]:
    """The steps of the job, or of the composite action, that a place is in, and the number of its own step.

    No steps and -1 for a place in no workflow.
    """
    from imglint.model.workflow.structure import read

    if not place.source.path.endswith((".yml", ".yaml")):
        return (), -1
    workflow = read(place.source)
    for steps in (workflow.steps, *(job.steps for job in workflow.jobs)):
        for number, step in enumerate(steps):
            node = step.fields.node
            if node is not None and node.start <= place.span.start and place.span.end <= node.end:
                return steps, number
    return (), -1


def written(step: Step) -> str:
    """A step as it stands in its file."""
    node = step.fields.node
    return step.fields.document.source.slice(node.span) if node is not None else ""


def metadata_step(place: Place) -> Step | None:
    """The step with docker/metadata-action that a build uses: the one it names, else the only one before it."""
    from imglint.model.workflow.metadata_action import ACTION
    from imglint.model.workflow.structure import action_of

    steps, number = steps_around(place)
    found = [step for step in steps[: max(number, 0)] if step.uses is not None and action_of(step.uses)[0] == ACTION]
    if len(found) > 1:
        text = written(steps[number])
        found = [step for step in found if step.id and f"steps.{step.id}." in text]
    return found[0] if len(found) == 1 else None


def made_by_action(setting: Setting, build: Build) -> bool:
    """Whether a value is a default of the action, or is written in its step."""
    from imglint.model.workflow.metadata_action import ACTION

    if setting.default:
        return setting.by == ACTION
    step = metadata_step(build.calls[0] if build.calls else build.place)
    node = step.fields.node if step else None
    if step is None or node is None or step.fields.document.source.path != setting.source.path:
        return False
    return node.start <= setting.key_span.start and setting.key_span.end <= node.end


def action_version(version: str) -> tuple[int, ...] | None:
    """The numbers of a version such as `v5.1.0`; None for what tells none: a branch, or a commit."""
    numbers = version.removeprefix("v").split(".")
    if len(numbers) > 3 or not all(each.isascii() and each.isdecimal() and len(each) < 4 for each in numbers):
        return None
    return tuple(map(int, numbers))
