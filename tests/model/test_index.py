"""Whether a build pushes an index: for several platforms, or with attestations."""

from __future__ import annotations

import pytest

from imglint.model.build import Build
from imglint.model.files import command_scene
from imglint.model.index import form_of
from imglint.model.workflow.jobrun import Facts
from imglint.model.workflow.run import run
from imglint.model.workflow.structure import read
from imglint.source import Source


@pytest.mark.parametrize(
    ("inputs", "setup", "expected"),
    [
        ("push: true", True, True),
        ("push: true", False, None),
        ("push: true, provenance: false", True, False),
        ("push: true, provenance: false, sbom: false", True, False),
        ("push: true, provenance: false, sbom: true", True, True),
        ("push: true, provenance: mode=max", False, True),
        ("push: true, provenance: '${{ vars.X }}'", True, None),
        ("push: true, provenance: false, platforms: 'linux/amd64,linux/arm64'", True, True),
        ("push: true, provenance: false, platforms: linux/amd64", True, False),
        ("push: true, provenance: false, platforms: '${{ vars.X }}'", True, None),
        ("load: true, push: false", True, False),
    ],
)
def test_of_the_action(inputs: str, setup: bool, expected: bool | None) -> None:
    step = "    - {uses: docker/setup-buildx-action@v3}\n" if setup else ""
    text = f"on: push\njobs:\n  a:\n    steps:\n{step}    - {{uses: docker/build-push-action@v6, with: {{{inputs}}}}}\n"
    ((build,),) = (job.events for job in run(read(Source("w.yml", text)), Facts(), lambda path: None))
    assert isinstance(build, Build)
    form = form_of(build)
    assert form.is_index is expected and form.reason


@pytest.mark.parametrize(
    ("command", "expected"),
    [
        ("docker build .", None),
        ("docker buildx build --push .", None),
        ("docker buildx create --use; docker buildx build --push .", True),
        ("docker buildx create --use; docker buildx build --push --provenance=false .", False),
        ("docker buildx build --platform linux/amd64,linux/arm64 .", True),
        ("docker buildx build --platform linux/amd64,linux/amd64 --provenance=false .", False),
        ("docker buildx build --attest type=sbom .", True),
        ("docker buildx build $ARGS --provenance=false .", None),
        ("podman build .", False),
        ("podman build --platform linux/amd64,linux/arm64 .", True),
        ("/kaniko/executor -d a", False),
    ],
)
def test_of_a_command(command: str, expected: bool | None) -> None:
    *_, build = command_scene("", Source("x", command)).events
    assert isinstance(build, Build)
    assert form_of(build).is_index is expected
