"""What BuildKit attests of an image, beside it in the index."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.form import Fact
from imglint.model.image.image import Attestation, Image, Variant

_PROVENANCE: Final = ("https://slsa.dev/provenance/",)
_SBOM: Final = ("https://spdx.dev/", "https://cyclonedx.org/", "https://in-toto.io/attestation/scai")
"""How the types of the statements begin: https://docs.docker.com/build/metadata/attestations/"""
_COMMENT: Final = "buildkit.dockerfile"


def missing_provenance(image: Image, context: Context) -> Iterator[Finding]:
    """An image of an index from BuildKit does not tell how it was built."""
    yield from _missing(
        image, context, _PROVENANCE, "provenance: nobody can check what it was built from",
        "build with `--provenance=mode=max`, or `provenance: mode=max` for docker/build-push-action",
    )  # fmt: skip


def missing_sbom(image: Image, context: Context) -> Iterator[Finding]:
    """An image of an index from BuildKit does not list what is in it."""
    yield from _missing(
        image, context, _SBOM, "bill of materials: what is in it has to be guessed",
        "build with `--sbom=true`, or `sbom: true` for docker/build-push-action",
    )  # fmt: skip


def _missing(image: Image, context: Context, types: tuple[str, ...], what: str, help: str) -> Iterator[Finding]:
    if Fact.ATTESTATIONS in image.form.lacks or not image.indexes:
        return
    if not image.attestations and not any(_is_of_buildkit(variant) for variant in image.variants):
        return
    for variant in image.variants:
        if variant.descriptor is None:
            continue
        digest = (variant.descriptor / "digest").value
        about = [each for each in image.attestations if each.subject == digest]
        if not any(_may_be(each, types) for each in about):
            yield context.at(
                variant.descriptor / "digest",
                f"the image for {variant.platform or 'this platform'} has no {what}",
                help=help,
                group="attestations",
            )


def _is_of_buildkit(variant: Variant) -> bool:
    return any(step.comment.startswith(_COMMENT) for step in variant.history or ())


def _may_be(attestation: Attestation, types: tuple[str, ...]) -> bool:
    """Whether an attestation is of that type: also when its types are not known."""
    predicates = attestation.predicates
    return predicates is None or not predicates or any(each.startswith(types) for each in predicates)
