"""What a drawing of an image's layers shows: for each platform its layers, how large they are and what made them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imglint.model.image.image import Basis, Image, Variant
from imglint.model.image.masking import hider
from imglint.model.image.steps import makers
from imglint.record import NamedTuple


class Row(NamedTuple):
    """One layer, the lowest first, `number` from 1.

    `size` in bytes and `share` of the image's size (from 0 to 1) are None when the form does not tell them.
    `instruction` is what made the layer, as a person wrote it; empty when unknown. `ends_at` tells that the layer holds
    what several instructions made, of which this is the last. `unpacked` are the bytes of its files, and `wasted` those
    of them that later layers hide; None when the layer was not read. `elsewhere` tells that its bytes are not in the
    registry.
    """

    number: int
    digest: str
    size: int | None
    share: float | None
    instruction: str
    ends_at: bool
    unpacked: int | None
    wasted: int | None
    elsewhere: bool


class Drawing(NamedTuple):
    """The layers of the image for one platform.

    `total` is in bytes, None when a size is not known; `why` says why there are no layers to draw. `efficiency` is
    None unless all layers were read; `unread` says why not all were, empty when that was not asked for.
    """

    platform: str
    rows: tuple[Row, ...]
    total: int | None
    basis: Basis
    efficiency: float | None
    why: str = ""
    unread: str = ""


def drawings(image: Image) -> Iterator[Drawing]:
    """A drawing for each platform."""
    hide = hider(image)
    if not image.variants:
        yield Drawing("", (), None, Basis.COMPRESSED, None, f"{image.form.name} does not tell")
    for variant in image.variants:
        platform = str(variant.platform or "")
        if variant.layers is None:
            reason = variant.reason or f"{image.form.name} does not tell"
            yield Drawing(platform, (), None, Basis.COMPRESSED, None, reason)
        else:
            yield _drawing(platform, variant, hide)


def _drawing(platform: str, variant: Variant, hide: Callable[[str], str]) -> Drawing:
    layers = variant.layers or ()
    sizes = [layer.size for layer in layers]
    total = None if None in sizes else sum(size for size in sizes if size is not None)
    contents = variant.contents if variant.contents and not variant.contents.limited else None
    wasted, unpacked = (contents.wasted, contents.sizes) if contents else ((), ())
    rows = []
    for layer, made in zip(layers, makers(variant), strict=True):
        share = layer.size / total if layer.size is not None and total else None
        rows.append(
            Row(
                layer.number + 1,
                layer.digest or layer.diff_id,
                layer.size,
                share,
                hide(made.instruction) if made else "",
                made.ends_at if made else False,
                unpacked[layer.number] if layer.number < len(unpacked) else None,
                wasted[layer.number] if layer.number < len(wasted) else None,
                bool(layer.urls),
            )
        )
    basis = layers[0].basis if layers else Basis.COMPRESSED
    unread = variant.contents.limited if variant.contents else ""
    return Drawing(platform, tuple(rows), total, basis, contents.efficiency if contents else None, unread=unread)
