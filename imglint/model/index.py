"""Whether what a build pushes is an index of images or a single one: it decides what the registry's page reads.

BuildKit writes an index for several platforms, and for one platform with attestations:
https://docs.docker.com/build/metadata/attestations/slsa-provenance/
"""

from __future__ import annotations

import re
from typing import Final

from imglint.model.build import Build
from imglint.model.publication import Form
from imglint.model.workflow.actions import BUILD_PUSH
from imglint.syntax.text import HOLE, Text

_OFF: Final = frozenset(("false", "0", "f", "False", "FALSE", ""))
_MULTI_DRIVERS: Final = frozenset(("docker-container", "kubernetes", "remote", "cloud"))


def form_of(build: Build) -> Form:
    """What a build pushes."""
    if build.tool in ("podman build", "buildah build", "kaniko") or build.tool.startswith("redhat-actions/"):
        several = len(build.platforms) > 1
        return Form(several, "it is built for several platforms" if several else f"{build.tool} pushes single images")
    platforms = _platforms(build)
    if platforms is not None and platforms > 1:
        return Form(True, f"it is built for {platforms} platforms")
    provenance, sbom = _asked(build.provenance), _asked(build.sbom)
    if sbom or provenance:
        kind = "an SBOM" if sbom else "provenance"
        return Form(True, f"it is built with {kind}")
    if build.load and not build.push:
        return Form(False, "it is loaded into the Docker Engine first")
    if (build.sbom is not None and sbom is None) or build.may_hold_more("provenance"):
        return Form(None, "its attestations are not known here")
    if provenance is False:
        known = platforms is not None
        return Form(False if known else None, "it has one platform and no provenance" if known else _UNKNOWN_PLATFORMS)
    if build.provenance is not None:
        return Form(None, f"its provenance is {build.provenance.shown}")
    if build.tool == BUILD_PUSH and re.match(_BEFORE_PROVENANCE, build.version):
        return Form(None, "whether provenance is added to it depends on the version of the action")
    if build.driver in _MULTI_DRIVERS:
        return Form(True, _DEFAULT_OF_ACTION if build.tool == BUILD_PUSH else _DEFAULT_OF_BUILDX)
    if platforms is None:
        return Form(None, _UNKNOWN_PLATFORMS)
    return Form(None, "whether provenance is added to it depends on the builder")


_BEFORE_PROVENANCE: Final = r"v[1-3](?:\.|\Z)"
"""Versions of the action that leave it to buildx, or add none: https://github.com/docker/build-push-action/pull/781."""
_UNKNOWN_PLATFORMS: Final = "its platforms are not known here"
_DEFAULT_OF_ACTION: Final = "the action adds provenance unless `provenance: false` is given"
_DEFAULT_OF_BUILDX: Final = "buildx adds provenance unless `--provenance=false` is given"


def _platforms(build: Build) -> int | None:
    """How many platforms it is built for; None when that is unknown."""
    count = len({text.text for text in build.platforms})
    if count > 1 and all(HOLE not in text.text for text in build.platforms):
        return count
    if any(HOLE in text.text for text in build.platforms) or build.may_hold_more("platforms"):
        return count if count > 1 else None
    return count


def _asked(text: Text | None) -> bool | None:
    """Whether an attestation is asked for; None when it is not said, or unknown."""
    if text is None or (HOLE in text.text and not re.search(r"mode=|type=", text.text)):
        return None
    return text.text not in _OFF and not re.search(r"\bdisabled=(?:true|1)\b", text.text)
