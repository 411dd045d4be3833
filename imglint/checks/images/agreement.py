"""Whether the parts of an image agree: layers with history, index with configuration."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.finding import Finding, Severity
from imglint.model.image.image import At, Variant
from imglint.model.image.platform import Platform


def history_mismatch(variant: Variant, context: Context) -> Iterator[Finding]:
    """Manifest, configuration and history count different numbers of layers."""
    if variant.config is None:
        return
    document, outer = variant.config.document, variant.config.outer
    diff_ids = At(document, (*outer, "rootfs", "diff_ids"))
    if not isinstance(diff_ids.value, list):
        return
    count = len(diff_ids.value)
    # In archives of docker save the same is a flaw of the archive.
    listed = variant.manifest.get("layers") if variant.manifest else None
    if variant.manifest is not None and isinstance(listed, list) and len(listed) != count:
        message = f"the configuration counts {_layers(count)} and the manifest {len(listed)}, so it cannot be unpacked"
        related = [(At(variant.manifest, ("layers",)), f"{_layers(len(listed))} here")]
        yield context.at(diff_ids, message, related=related, help="build the image again")
    history = variant.history
    if history:
        steps = sum(not step.empty_layer for step in history)
        if steps != count:
            yield context.at(
                At(document, (*outer, "history")),
                f"the history tells of {_layers(steps)}, and the image has {count}: some tools refuse such an image",
                help='mark steps that made no layer with "empty_layer": true, and no others',
                related=[(diff_ids, f"{_layers(count)} here")],
                severity=Severity.WARNING,
            )


def _layers(count: int) -> str:
    return "1 layer" if count == 1 else f"{count} layers"


def platform_mismatch(variant: Variant, context: Context) -> Iterator[Finding]:
    """The index says that an image is for another platform than its configuration does."""
    if variant.descriptor is None or variant.config is None:
        return
    at = variant.descriptor / "platform"
    declared = _platform(at.document.members(*at.pointer))
    own = _platform({name: variant.config.about(name).value for name in ("os", "architecture", "variant")})
    if not (declared.os and declared.architecture and own.os and own.architecture):
        return
    theirs, ours = declared.normal, own.normal
    # A variant that is not written on both sides is not known to differ.
    if theirs[:2] != ours[:2] or (declared.variant and own.variant and theirs != ours):
        yield context.at(
            at,
            f"the index names this image for {declared}, and its configuration says {own}",
            help="build the image for that platform, or correct the entry: programs of another platform do not run",
            related=[(variant.config.about("architecture"), f"the configuration says {own}")],
        )


def _platform(members: object) -> Platform:
    found = members if isinstance(members, dict) else {}
    words = (found.get(name) for name in ("os", "architecture", "variant"))
    return Platform(*(each if isinstance(each, str) else "" for each in words))
