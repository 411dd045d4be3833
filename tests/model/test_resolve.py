"""Which Dockerfile a build reads."""

from __future__ import annotations

import pytest

from imglint.model.build import Build
from imglint.model.files import command_scene, script_scene
from imglint.model.resolve import Resolution, resolve
from imglint.model.workflow.jobrun import Facts
from imglint.model.workflow.run import run
from imglint.model.workflow.structure import read
from imglint.source import Source


def resolution(build: Build, *files: str) -> Resolution:
    return resolve(build, lambda path: path in files)


def command(text: str, *files: str, directory: str = "") -> Resolution:
    (build,) = command_scene(directory, Source("x", text)).events
    assert isinstance(build, Build)
    return resolution(build, *files)


@pytest.mark.parametrize(
    ("text", "files", "expected"),
    [
        ("docker build .", ["Dockerfile", "dockerfile"], "Dockerfile"),
        ("docker build .", ["dockerfile"], "dockerfile"),
        ("docker build .", ["Containerfile"], ""),
        ("docker build web", ["Dockerfile", "web/Dockerfile"], "web/Dockerfile"),
        ("docker build ./web/", ["web/Dockerfile"], "web/Dockerfile"),
        ("docker build -f a/D .", ["a/D"], "a/D"),
        ("docker build -f D web", ["D", "web/D"], "D"),
        ("docker build -f D web", ["web/D"], ""),
        ("podman build .", ["Dockerfile", "Containerfile"], "Containerfile"),
        ("podman build -f D web", ["web/D"], "web/D"),
        ("cd web && docker build -f ../D .", ["D"], "D"),
        ("cd web && docker build ..", ["Dockerfile"], "Dockerfile"),
        ("docker build -f $X .", ["Dockerfile"], ""),
        ("docker build $X", ["Dockerfile"], ""),
        ('docker build -f D "$X"', ["D"], "D"),
        ("docker build - < Dockerfile", ["Dockerfile"], ""),
        ("docker build -f - .", ["Dockerfile"], ""),
        ("docker build https://github.com/a/b.git", ["Dockerfile"], ""),
        ("docker build git@github.com:a/b.git", ["Dockerfile"], ""),
        ("docker build /src", ["Dockerfile", "src/Dockerfile"], ""),
        ("docker build ../..", ["Dockerfile"], ""),
        ("docker build $ARGS .", ["Dockerfile"], ""),
    ],
)
def test_of_a_command(text: str, files: list[str], expected: str) -> None:
    assert command(text, *files).path == expected


def test_in_a_directory() -> None:
    assert command("docker build .", "Dockerfile", "sub/Dockerfile", directory="sub").path == "sub/Dockerfile"


def test_where_a_script_runs_is_not_certain() -> None:
    (build,) = script_scene("ci/x.sh", Source("ci/x.sh", "docker build .")).events
    assert isinstance(build, Build)
    both = resolution(build, "Dockerfile", "ci/Dockerfile")
    assert (both.path, both.certain, both.alone) == ("Dockerfile", False, False)
    assert resolution(build, "ci/Dockerfile") == Resolution(
        "ci/Dockerfile", ("Dockerfile", "dockerfile", "ci/Dockerfile", "ci/dockerfile"), False, True
    )


def test_none_found() -> None:
    assert command("docker build web") == Resolution("", ("web/Dockerfile", "web/dockerfile"), True, False)


def action(inputs: str, *files: str, checkout: str = "{uses: actions/checkout@v4}") -> str:
    text = (
        "on: push\njobs:\n  a:\n    steps:\n"
        f"    - {checkout}\n    - {{uses: docker/build-push-action@v6, with: {{{inputs}}}}}\n"
    )
    ((build,),) = (job.events for job in run(read(Source("w.yml", text)), Facts(), lambda path: None))
    assert isinstance(build, Build)
    return resolution(build, *files).path


@pytest.mark.parametrize(
    ("inputs", "files", "expected"),
    [
        ("", ["Dockerfile"], "Dockerfile"),
        ("context: .", ["Dockerfile"], "Dockerfile"),
        ("context: sub", ["Dockerfile", "sub/Dockerfile"], "sub/Dockerfile"),
        ("context: '{{defaultContext}}:sub'", ["sub/Dockerfile"], "sub/Dockerfile"),
        ("context: '{{defaultContext}}'", ["Dockerfile"], "Dockerfile"),
        ("context: '{{defaultContext}}:sub', file: D", ["D", "sub/D"], "sub/D"),
        ("context: sub, file: D", ["D", "sub/D"], "D"),
        ("context: sub, file: sub/D", ["sub/D"], "sub/D"),
        ("file: sub/D", ["sub/D"], "sub/D"),
        ("context: '${{ github.workspace }}/sub'", ["sub/Dockerfile"], "sub/Dockerfile"),
        ("context: 'https://github.com/a/b.git#main'", ["Dockerfile"], ""),
        ("context: '${{ vars.X }}'", ["Dockerfile"], ""),
    ],
)
def test_of_the_action(inputs: str, files: list[str], expected: str) -> None:
    assert action(inputs, *files) == expected


@pytest.mark.parametrize(
    ("checkout", "inputs", "expected"),
    [
        ("{uses: actions/checkout@v4, with: {path: src}}", "context: src", "Dockerfile"),
        ("{uses: actions/checkout@v4, with: {path: src}}", "context: .", ""),
        ("{uses: actions/checkout@v4, with: {repository: a/b}}", "context: .", ""),
        ("{uses: actions/checkout@v4, with: {repository: a/b}}", "", "Dockerfile"),
        ("{run: git clone https://example.org/x .}", "context: .", ""),
    ],
)
def test_what_is_checked_out(checkout: str, inputs: str, expected: str) -> None:
    assert action(inputs, "Dockerfile", checkout=checkout) == expected
