"""How findings about layers name what made the layer."""

from __future__ import annotations

from collections.abc import Iterable

from imglint.checks.context import Context
from imglint.finding import Finding, Related, Severity
from imglint.model.image.image import At, Layer, Variant
from imglint.model.image.size import binary, decimal
from imglint.model.image.steps import Made, arguments, maker
from imglint.record import NamedTuple

MAX_INSTRUCTION = 60
"""Characters of an instruction in a message."""


class Origin(NamedTuple):
    """What made a layer: in words for beside its place (may be empty), and the places that tell it."""

    label: str
    related: tuple[tuple[At, str], ...]
    written: tuple[Related, ...]


def origin(variant: Variant, layer: Layer, context: Context) -> Origin:
    """What made a layer, as far as the history and the Dockerfile, if one is named, tell."""
    made = maker(variant, layer)
    if made is None or not made.instruction:
        return Origin("", (), ())
    short = shortened(made.instruction)
    words = f"`{short}`"
    label = f"layer {layer.number + 1}, which ends at {words}" if made.ends_at else f"made by {words}"
    words = "all up to this made the layer" if made.ends_at else "this made the layer"
    # The line with build arguments may show a secret that no name gives away.
    related = () if arguments(made.step) or not short.endswith("…") else ((made.step.at / "created_by", words),)
    return Origin(label, related, _written(made, context))


def _written(made: Made, context: Context) -> tuple[Related, ...]:
    if context.dockerfile is None:
        return ()
    from imglint.model.image.lines import line_of

    span = line_of(made, context.dockerfile)
    words = "the layer ends here" if made.ends_at else "here it is written"
    return (Related(context.dockerfile.source, span, words),) if span else ()


def about_layer(
    variant: Variant, layer: Layer, context: Context, message: str, help: str, severity: Severity | None = None
) -> Finding:
    """A finding about the size of a layer, which names what made it."""
    found = origin(variant, layer, context)
    finding = context.at(
        layer.at / "size", message, label=found.label, help=help, related=found.related, severity=severity
    )
    return finding._replace(related=(*finding.related, *found.written))


def in_layer(
    variant: Variant, number: int, context: Context, message: str, label: str, help: str,
    severity: Severity | None = None, group: str = "", related: Iterable[tuple[At, str]] = (),
) -> Finding:  # fmt: skip
    """A finding about what lies in a layer, which names what made it."""
    layer = (variant.layers or ())[number]
    found = origin(variant, layer, context)
    finding = context.at(
        digest_at(layer), message, label=f"{label}{_joint(found)}{found.label}", help=help,
        related=(*related, *found.related), severity=severity, group=group,
    )  # fmt: skip
    return finding._replace(related=(*finding.related, *found.written))


def _joint(found: Origin) -> str:
    if not found.label:
        return ""
    return " in " if found.label.startswith("layer ") else ", "


def digest_at(layer: Layer) -> At:
    """What names a layer: the digest in its descriptor, or the name of its file."""
    return layer.at / "digest" if isinstance(layer.at.value, dict) else layer.at


def shortened(text: str) -> str:
    """An instruction in one line, cut off where it gets long."""
    line = " ".join(text.split())
    return line if len(line) <= MAX_INSTRUCTION else f"{line[: MAX_INSTRUCTION - 1]}…"


def both(size: int) -> str:
    """`11.8 GB (11.0 GiB)`."""
    return f"{decimal(size)} ({binary(size)})"
