"""Labels of an image beside those of its base, and beside the annotations of its manifest and index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.bases import BASES, Base
from imglint.model.image.image import At, Config, Image, Variant
from imglint.model.link import named_repository
from imglint.syntax import oci
from imglint.syntax.reference import InvalidReferenceError, parse

_BASE_NAME: Final = oci.PREFIX + "base.name"
_MAY_DIFFER: Final = frozenset(oci.PREFIX + name for name in ("created", "ref.name", "base.name", "base.digest"))
"""The time at which each of several documents was made, and what is said of another image."""


def base_label_leak(variant: Variant, context: Context) -> Iterator[Finding]:
    """The image passes for its base, whose labels it inherited."""
    config, image = variant.config, context.image
    if config is None or image is None:
        return
    labels = config.labels
    base = next((each for each in BASES if each.marks(labels) and _is_built_upon(each, variant, image)), None)
    if base is not None:
        others = [key for key in base.others if _is_of(base, key, labels)]
        for key in (base.key, *others):
            yield _inherited(config, key, base.name, context)
    elif owner := _owner_of_base(variant, labels, image):
        yield _inherited(config, oci.PREFIX + "source", owner, context)


def _inherited(config: Config, key: str, base: str, context: Context) -> Finding:
    remedy, example = "give the image a label of its own", "…"
    if key == oci.PREFIX + "ref.name":
        remedy, example = "take it back with an empty label", ""
    return context.at(
        config.of("Labels") / key,
        f"the label `{key}` is inherited from {base}, and speaks of that and not of this image",
        label="of the base image",
        help=f'{remedy}\nLABEL {key}="{example}"',
        group="inherited-labels",
    )


def _is_of(base: Base, key: str, labels: dict[str, str]) -> bool:
    """Whether a label that comes with a base is still the base's, as far as its value tells."""
    value = labels.get(key, "")
    if base.name == "ubuntu":
        return len(value) == 5 and value[2] == "." and value.replace(".", "").isdigit()
    return any(word in value.lower() for word in base.words)


def _is_built_upon(base: Base, variant: Variant, image: Image) -> bool:
    """Whether an image with the base's labels is another one, for certain."""
    names = [reference.lower() for reference in image.references]
    if any(word in name for name in names for word in base.words):
        return False
    if base.single:
        made = [step for step in variant.history or () if not step.empty_layer]
        return len(made) > 1 or len(variant.layers or ()) > 1
    return bool(names)


def _owner_of_base(variant: Variant, labels: dict[str, str], image: Image) -> str:
    """The base that is annotated, when the source is a repository of its owner and the image is somebody else's."""
    base = _path(variant.manifest.text("annotations", _BASE_NAME)) if variant.manifest else ()
    source = named_repository(labels.get(oci.PREFIX + "source", ""))
    owners = {path[1] for reference in image.references if (path := _path(reference))}
    if not base or source is None or not owners:
        return ""
    owner = base[1]
    if source.owner.lower() != owner or owner in owners or f"{owner}/{source.name.lower()}" != "/".join(base[1:3]):
        return ""
    return "/".join(base)


def _path(reference: str) -> tuple[str, ...]:
    """The registry and the parts of the name, at least an owner and a name; empty for what is no such reference."""
    try:
        read = parse(reference)
    except InvalidReferenceError:
        return ()
    parts = (read.domain, *read.path.split("/"))
    return parts if len(parts) >= 3 else ()


def label_annotation_conflict(variant: Variant, context: Context) -> Iterator[Finding]:
    """A label of the image and an annotation with the same key contradict each other."""
    if variant.config is None:
        return
    index = context.image.top if context.image else None
    places = [("manifest", At(variant.manifest, ("annotations",)))] if variant.manifest else []
    if index is not None:
        places.append(("index", At(index, ("annotations",))))
    labels = variant.config.of("Labels")
    for key, value in variant.config.labels.items():
        if not key.startswith(oci.PREFIX) or key in _MAY_DIFFER:
            continue
        for what, at in places:
            other = at.document.get(*at.pointer, key)
            if isinstance(other, str) and other != value:
                page = "; the page of an index shows the annotation" if what == "index" else ""
                yield context.at(
                    labels / key,
                    f"the label `{key}` and the annotation of the {what} contradict each other{page}",
                    label="the label",
                    help="write the same value to both",
                    related=[(at / key, f"the annotation of the {what}")],
                    group="conflict",
                )
