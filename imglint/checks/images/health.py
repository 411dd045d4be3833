"""Whether an image tells how it is."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.images.start import is_made_to_build_upon, knows
from imglint.finding import Finding
from imglint.model.image.form import Fact
from imglint.model.image.image import Config, Variant
from imglint.model.image.steps import instruction

_NONE: Final = r'HEALTHCHECK (?:NONE|&?\{?\["?NONE\b)'
_BUILDAH: Final = "io.buildah.version"
_DOCKER_CONFIG: Final = "application/vnd.docker.container.image.v1+json"


def missing_healthcheck(variant: Variant, context: Context) -> Iterator[Finding]:
    """Nothing tells whether a container is well."""
    config = variant.config
    if config is None or not knows(config, "Healthcheck", Fact.HEALTHCHECK, context):
        return
    at = config.of("Healthcheck")
    test = config.document.items(*at.pointer, "Test")
    if test[:1] == ["NONE"]:
        yield context.at(
            at / "Test",
            "the health check is disabled",
            label="HEALTHCHECK NONE",
            help="if that is not meant, write a HEALTHCHECK that calls the program",
        )
    elif not test and not _may_be_elsewhere(variant, config):
        yield context.at(
            at if at.value is not None else at._replace(pointer=at.pointer[:-1]),
            "the image has no health check: a container counts as well as long as its process lives",
            key=True,
            label="has no `Healthcheck`" if at.value is None else "",
            help="add to the last stage of the Dockerfile\nHEALTHCHECK CMD … || exit 1",
        )


def _may_be_elsewhere(variant: Variant, config: Config) -> bool:
    """Whether there is one that the format does not carry, or none is called for.

    buildah and podman leave it out of the OCI format, and so does a conversion from Docker's.
    """
    steps = [instruction(step) for step in variant.history or () if "HEALTHCHECK" in step.created_by]
    checks = [made for made in steps if made.startswith("HEALTHCHECK ")]
    if checks and not re.match(_NONE, checks[-1]):
        return True
    if _BUILDAH in config.labels and config.document.media_type != _DOCKER_CONFIG:
        return True
    return is_made_to_build_upon(config) or not (config.words("Entrypoint") or config.words("Cmd"))
