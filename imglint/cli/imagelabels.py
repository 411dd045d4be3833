"""The labels and annotations of images that were read, for `imglint labels`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from imglint.model.image.facts import state
from imglint.model.image.form import Fact, State
from imglint.model.image.image import Image
from imglint.record import NamedTuple
from imglint.report.escape import visible, width
from imglint.report.result import Style

_SHOWN: Final = (Fact.INDEX_ANNOTATIONS, Fact.MANIFEST_ANNOTATIONS, Fact.LABELS)


class Table(NamedTuple):
    """Labels or annotations that are the same for several platforms (none: for the index)."""

    what: str
    platforms: tuple[str, ...]
    values: Mapping[str, str]


def tables(image: Image) -> tuple[Table, ...]:
    """What the index, the manifests and the configurations say; what the form cannot carry is left out."""
    found: dict[tuple[object, ...], Table] = {}

    def add(what: str, platform: str, values: Mapping[str, str]) -> None:
        key = (what, tuple(sorted(values.items())))
        before = found.get(key, Table(what, (), dict(sorted(values.items()))))
        found[key] = before._replace(platforms=(*before.platforms, platform) if platform else before.platforms)

    if image.top is not None and Fact.INDEX_ANNOTATIONS not in image.form.lacks:
        add("annotations of the index", "", dict(image.top.strings("annotations")))
    for variant in image.variants:
        platform = str(variant.platform or "")
        if variant.manifest is not None and Fact.MANIFEST_ANNOTATIONS not in image.form.lacks:
            annotations = dict(variant.manifest.strings("annotations"))
            if annotations:
                add("annotations of the manifest", platform, annotations)
        if variant.config is not None and Fact.LABELS not in image.form.lacks:
            add("labels", platform, variant.config.labels)
    return tuple(found.values())


def document(image: Image) -> dict[str, object]:
    """The same for programs."""
    rows = [{"of": table.what, "platforms": list(table.platforms), "values": table.values} for table in tables(image)]
    untold = [fact.value for fact in _SHOWN if state(image, fact) is State.NOT_CHECKABLE]
    return {"image": image.name, "form": image.form.key, "metadata": rows, "untold": untold}


def lines(image: Image, style: Style) -> Iterator[str]:
    """The same for people."""
    bold, dim, end = ("\x1b[1m", "\x1b[2m", "\x1b[0m") if style.color else ("", "", "")
    yield f"{bold}{visible(image.name)}{end}{dim}, {image.form.name}{end}\n"
    for table in tables(image):
        platforms = f" ({', '.join(map(visible, table.platforms))})" if table.platforms else ""
        yield f"  {table.what}{dim}{platforms}{end}\n"
        keys = max((width(visible(key)) for key in table.values), default=0)
        room = max(20, style.width - keys - 6)
        for key, value in table.values.items():
            shown = visible(value) or "(empty)"
            shown = shown if width(shown) <= room else shown[: room - 1] + "…"
            yield f"    {visible(key)}{' ' * (keys - width(visible(key)))}  {shown}\n"
        if not table.values:
            yield "    none\n"
    untold = [fact.value for fact in _SHOWN if state(image, fact) is State.NOT_CHECKABLE]
    if untold:
        yield f"  {dim}not told by this form: {', '.join(untold)}{end}\n"
