"""An image as a publication, so that what judges a build before it is pushed judges the image that came out."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from imglint.model.image.document import Document
from imglint.model.image.form import Fact
from imglint.model.image.image import At, Image, Variant
from imglint.model.metadata import Label, Metadata, Setting
from imglint.model.publication import OUTSIDE, Annotations, Form, Publication
from imglint.model.repository import Identity
from imglint.source import Source, Span
from imglint.syntax.strictjson import Located
from imglint.syntax.text import Piece, Text

_LOCAL: Final = "localhost/"
"""How buildah and podman name images that belong to no registry."""
_NOTHING: Final = Annotations({}, complete=False)


def publications(image: Image) -> Iterator[Publication]:
    """One publication for each variant; of what has neither labels nor an index to describe it, none."""
    form = _form(image)
    names = tuple(_name(image, each) for each in image.references if not each.startswith(_LOCAL))
    index = annotated(At(image.top, ("annotations",))) if image.top else _NOTHING
    for variant in image.variants:
        if variant.config is not None and Fact.LABELS not in image.form.lacks:
            at = variant.config.of("Labels")
            metadata = Metadata(settings(at, variant.config.labels, "LABEL"))
        elif image.top is not None:
            at, metadata = At(image.top, ("manifests",)), Metadata({}, complete=False)
        else:
            continue
        located = at.document.locate(*at.pointer)
        yield Publication(
            at.document.source,
            None,
            None,
            located.key or located.value,
            metadata,
            names=names,
            form=form,
            index_annotations=index,
            manifest_annotations=_of_manifest(image, variant),
            made=True,
            platform=str(variant.platform or ""),
        )


def annotated(at: At) -> Annotations:
    """The annotations at a place, all of them."""
    return Annotations(settings(at, dict(at.document.strings(*at.pointer)), "annotation"))


def settings(at: At, values: Mapping[str, str], by: str) -> Mapping[str, Label]:
    """Labels or annotations with their places."""
    located = at.document.members_located(*at.pointer)
    return {key: Label(_setting(at.document, located[key], key, value, by)) for key, value in values.items()}


def _setting(document: Document, located: Located, key: str, value: str, by: str) -> Setting:
    name = located.key or located.value
    whole = Span(name.start, located.value.end)
    return Setting(key, value, frozenset(), document.source, name, located.value, OUTSIDE, whole, by)


def _of_manifest(image: Image, variant: Variant) -> Annotations:
    if variant.manifest is None or Fact.MANIFEST_ANNOTATIONS in image.form.lacks:
        return _NOTHING
    return annotated(At(variant.manifest, ("annotations",)))


def _form(image: Image) -> Form:
    if image.top is not None:
        return Form(True, "it was read as one")
    if Fact.INDEX in image.form.lacks:
        return Form(None, f"{image.form.name} does not tell")
    return Form(False, "it was read as one")


def _name(image: Image, reference: str) -> Text:
    source = image.root.source
    return Text((Piece(reference, source, Span(0, 0), exact=False),))


def belongs(image: Image, identity: Identity) -> bool:
    """Whether an image may be the repository's: somebody in its checkout may well look at another one's image."""
    owners = {each.owner.lower() for each in identity.candidates}
    paths = [reference.removeprefix("docker.io/").split("/") for reference in image.references]
    return not paths or any(part.lower() in owners for path in paths for part in path[:-1])


def documents(image: Image) -> Iterable[Document]:
    """Every document of an image that findings may point into."""
    found: dict[Source, Document] = {}
    for document in (image.root, *image.indexes):
        found.setdefault(document.source, document)
    for variant in image.variants:
        for each in (variant.manifest, variant.config.document if variant.config else None):
            if each is not None:
                found[each.source] = each  # It knows its platform, which the root does not.
    for flaw in image.flaws:
        found.setdefault(flaw.at.document.source, flaw.at.document)
    return found.values()
