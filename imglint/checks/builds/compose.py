"""Compose files whose labels do not arrive where they are meant to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.places import where
from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.build import Pair
from imglint.model.kind import Kind
from imglint.syntax import oci
from imglint.syntax.text import Place

if TYPE_CHECKING:
    from imglint.model.built import Built
    from imglint.model.understanding import File, Understanding

MAX_SHOWN: Final = 10
"""Labels of one service that a finding points at."""


def service_labels_not_image_labels(project: Understanding, context: Context) -> Iterator[Finding]:
    """Labels of an image are set on a service, which hands them to its containers only."""
    builts: dict[Place, list[Built]] = {}
    for built in project.built:
        builts.setdefault(built.build.place, []).append(built)
    for file in project.files:
        if file.kind is Kind.COMPOSE and oci.PREFIX in file.source.text:
            yield from _in_file(file, builts, context)


def _in_file(file: File, builts: dict[Place, list[Built]], context: Context) -> Iterator[Finding]:
    from imglint.model.compose import services
    from imglint.syntax import yaml

    for service in services(file.source.read_once("yaml", yaml.parse)):
        section = service.section
        if section is None or service.base is not None:
            continue
        there = {pair.key.text for pair in service.build_labels}
        if any(built.build.may_hold_more("labels") for built in builts.get(section.place, ())):
            continue
        for built in builts.get(section.place, ()):
            there.update(pair.key.text for pair in built.build.labels)
            there.update(built.evaluation.metadata.labels if built.evaluation else ())
        lost = [pair for pair in service.labels if pair.key.text.startswith(oci.PREFIX) and pair.key.text not in there]
        if not lost:
            continue
        first, *others = lost
        source, span = where(first.key)
        name = service.name.shown
        yield context.finding(
            span,
            f"this label is set on the container of `{name}`, and the image that is built will not have it",
            label="not a label of the image",
            help="write it below `build:`\n" + _instead(lost),
            related=[Related(*where(pair.key), "nor this one") for pair in others[:MAX_SHOWN]],
            source=source,
        )


def _instead(lost: list[Pair]) -> str:
    lines = ["build:", "  labels:"]
    for pair in lost[:MAX_SHOWN]:
        value = pair.value.value if pair.value is not None else ""
        lines.append(f"    {pair.key.shown}: " + ("…" if value is None else f'"{value}"'))
    return "\n".join(lines)
