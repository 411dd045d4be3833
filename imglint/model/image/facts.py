"""What is known of an image, fact by fact, whatever form it was read from."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from imglint.model.image.form import Fact, State
from imglint.model.image.image import Config, Image, Variant

JUDGED: Final = (
    Fact.INDEX_ANNOTATIONS, Fact.MANIFEST_ANNOTATIONS, Fact.LABELS, Fact.ENVIRONMENT, Fact.RUNTIME, Fact.START,
    Fact.HEALTHCHECK, Fact.HISTORY, Fact.LAYER_SIZES,
)  # fmt: skip
"""The facts whose absence says that rules had nothing to look at."""


def unseen(image: Image) -> tuple[Fact, ...]:
    """What rules would judge, and cannot in this form of the image."""
    return tuple(fact for fact in JUDGED if state(image, fact) is State.NOT_CHECKABLE)


def state(image: Image, fact: Fact) -> State:
    """Whether a fact is known; whether it is absent, or the form or what is at hand of the image cannot tell."""
    found = value(image, fact)
    if any(found) if isinstance(found, tuple) else found:
        return State.KNOWN
    if fact in image.form.lacks or not all(_is_at_hand(variant, fact) for variant in image.variants):
        return State.NOT_CHECKABLE
    return State.ABSENT


def value(image: Image, fact: Fact) -> Any:
    """What is known: one value for the image, or a tuple with one for each variant; empty where there is nothing."""
    if fact in _OF_IMAGE:
        return _OF_IMAGE[fact](image)
    if fact is Fact.MANIFEST_ANNOTATIONS and fact in image.form.lacks:
        return ()  # The manifest is one that was made up for the form.
    return tuple(_OF_VARIANT[fact](variant) for variant in image.variants)


def _is_index(image: Image) -> str:
    if image.top is not None:
        return "index"
    return "" if Fact.INDEX in image.form.lacks else "single image"


_OF_IMAGE: Final[Mapping[Fact, Callable[[Image], Any]]] = {
    Fact.NAMES: lambda image: image.references,
    Fact.DIGEST: lambda image: image.digest,
    Fact.INDEX: _is_index,
    Fact.INDEX_ANNOTATIONS: lambda image: dict(image.top.strings("annotations")) if image.top else {},
    Fact.ATTESTATIONS: lambda image: tuple(each.subject for each in image.attestations),
}


def _of_config(read: Callable[[Config], Any]) -> Callable[[Variant], Any]:
    return lambda variant: read(variant.config) if variant.config is not None else None


def _members(*names: str) -> Callable[[Config], dict[str, Any]]:
    """Members of the runtime configuration that say something."""
    return lambda config: {name: found for name in names if (found := config.of(name).value)}


def _diff_ids(variant: Variant) -> tuple[str, ...]:
    return tuple(layer.diff_id for layer in variant.layers or () if layer.diff_id)


_OF_VARIANT: Final[Mapping[Fact, Callable[[Variant], Any]]] = {
    Fact.MANIFEST_ANNOTATIONS: lambda variant: (
        dict(variant.manifest.strings("annotations")) if variant.manifest else {}
    ),
    Fact.PLATFORM: lambda variant: str(variant.platform or ""),
    Fact.LABELS: _of_config(lambda config: config.labels),
    Fact.ENVIRONMENT: _of_config(lambda config: config.words("Env")),
    Fact.RUNTIME: _of_config(_members("User", "WorkingDir", "ExposedPorts", "Volumes")),
    Fact.START: _of_config(_members("Entrypoint", "Cmd")),
    Fact.HEALTHCHECK: _of_config(lambda config: config.of("Healthcheck").value),
    Fact.CREATED: _of_config(lambda config: config.about("created").value),
    Fact.HISTORY: lambda variant: tuple(step.created_by for step in variant.history or ()),
    Fact.LAYERS: lambda variant: len(variant.layers or ()),
    Fact.LAYER_DIGESTS: lambda variant: tuple(layer.digest for layer in variant.layers or () if layer.digest),
    Fact.DIFF_IDS: _diff_ids,
    Fact.LAYER_SIZES: lambda variant: tuple(
        (layer.size, layer.basis) for layer in variant.layers or () if layer.size is not None
    ),
}
_OF_LAYERS: Final = frozenset((Fact.LAYER_DIGESTS, Fact.DIFF_IDS, Fact.LAYER_SIZES))
_OF_CONFIG: Final = frozenset(_OF_VARIANT) - _OF_LAYERS - {Fact.MANIFEST_ANNOTATIONS, Fact.PLATFORM, Fact.LAYERS}


def _is_at_hand(variant: Variant, fact: Fact) -> bool:
    """Whether the document that tells a fact was read."""
    if fact is Fact.MANIFEST_ANNOTATIONS:
        return variant.manifest is not None
    if fact is Fact.LAYERS:
        return variant.layers is not None
    if fact in _OF_LAYERS:
        return variant.layers == ()  # Every layer has them.
    return variant.config is not None or fact not in _OF_CONFIG
