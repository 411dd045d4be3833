"""What BuildKit attests of an image, beside it in the index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.form import Fact
from imglint.model.image.image import At, Attestation, Image, Variant

_PROVENANCE: Final = ("https://slsa.dev/provenance/",)
_SBOM: Final = ("https://spdx.dev/", "https://cyclonedx.org/", "https://in-toto.io/attestation/scai")
"""How the types of the statements begin: https://docs.docker.com/build/metadata/attestations/"""
_COMMENT: Final = "buildkit.dockerfile"


def missing_provenance(image: Image, context: Context) -> Iterator[Finding]:
    """An image of an index from BuildKit does not tell how it was built."""
    yield from _missing(
        image,
        context,
        _PROVENANCE,
        (
            "provenance: nobody can check what it was built from",
            "provenance: nobody can check what they were built from",
        ),
        "build with `--provenance=mode=max`, or `provenance: mode=max` for docker/build-push-action",
    )


def missing_sbom(image: Image, context: Context) -> Iterator[Finding]:
    """An image of an index from BuildKit does not list what is in it."""
    yield from _missing(
        image,
        context,
        _SBOM,
        ("bill of materials: what is in it has to be guessed", "bill of materials: what is in them has to be guessed"),
        "build with `--sbom=true`, or `sbom: true` for docker/build-push-action",
    )


def _missing(
    image: Image, context: Context, types: tuple[str, ...], what: tuple[str, str], help: str
) -> Iterator[Finding]:
    """The images without attestations of a type; when that are all of them, it is one mistake."""
    if Fact.ATTESTATIONS in image.form.lacks or not image.indexes:
        return
    if not image.attestations and not any(_is_of_buildkit(variant) for variant in image.variants):
        return
    entries = [(str(each.platform or "this platform"), each.descriptor) for each in image.variants if each.descriptor]
    lacking = [(platform, entry) for platform, entry in entries if not _has(image, entry, types)]
    one, several = what
    if lacking == entries and len({entry.document.source for _, entry in lacking}) == 1 < len(lacking):
        platforms = ", ".join(platform for platform, _ in lacking)
        message = f"the images for {platforms} have no {several}"
        at = At(lacking[0][1].document, lacking[0][1].pointer[:-1])
        yield context.at(at, message, key=True, help=help, group="attestations")
        return
    for platform, entry in lacking:
        yield context.at(
            entry / "digest", f"the image for {platform} has no {one}", help=help, group="attestations"
        )  # fmt: skip


def _has(image: Image, entry: At, types: tuple[str, ...]) -> bool:
    """Whether an entry of an index has an attestation that is, or may be, of such a type."""
    digest = (entry / "digest").value
    return any(_may_be(each, types) for each in image.attestations if each.subject == digest)


def _is_of_buildkit(variant: Variant) -> bool:
    return any(step.comment.startswith(_COMMENT) for step in variant.history or ())


def _may_be(attestation: Attestation, types: tuple[str, ...]) -> bool:
    """Whether an attestation is of that type: also when its types are not known."""
    predicates = attestation.predicates
    return predicates is None or not predicates or any(each.startswith(types) for each in predicates)
