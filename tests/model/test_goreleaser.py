"""GoReleaser: which calls release, and which images its configuration names."""

from __future__ import annotations

import pytest

from imglint.model.build import ReleaseCall
from imglint.model.files import command_scene
from imglint.model.goreleaser import read_call
from imglint.source import Source, Span
from imglint.syntax.text import literal

CONFIG = """\
dockers:
  - image_templates:
      - ghcr.io/acme/a:{{ .Version }}-amd64
      - "{{ .Env.REGISTRY }}/acme/a:1"
    skip_push: auto
  - image_templates: [ghcr.io/acme/b:1]
    skip_push: "{{ .IsNightly }}"
docker_manifests:
  - name_template: ghcr.io/{{ .Env.GITHUB_REPOSITORY_OWNER }}/a:{{ .Version }}
    image_templates: [ghcr.io/acme/c:1]
dockers_v2:
  - images: [ghcr.io/acme/d]
  - images: [ghcr.io/acme/e]
    disable: true
kos:
  - repositories: [ghcr.io/acme/f, quay.io/acme/f]
  - {id: none}
"""
DOCKERS = ["ghcr.io/acme/a:…-amd64", "…/acme/a:1", "ghcr.io/…/a:…", "ghcr.io/acme/d"]
KOS = ["ghcr.io/acme/f", "quay.io/acme/f"]


def released(script: str, path: str = ".goreleaser.yml", variables: tuple[tuple[str, str], ...] = ()) -> list[str]:
    """The names that a script has GoReleaser push."""
    source = Source(path, CONFIG)
    found = []
    for event in command_scene("", Source("x", script)).events:
        assert isinstance(event, ReleaseCall)
        known = tuple((name, literal(value, source, Span(0, 0), exact=False)) for name, value in variables)
        uploads = read_call(event._replace(variables=known), {path: source}.get)
        found += [upload.name.shown for upload in uploads]
    return found


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("goreleaser release --clean", DOCKERS + KOS),
        ("goreleaser --rm-dist", DOCKERS + KOS),
        ("goreleaser release --skip=sign,ko", DOCKERS),
        ("goreleaser release --skip docker --timeout 60m", KOS),
        ("goreleaser release --skip-docker", KOS),
        ("goreleaser release --skip=publish", []),
        ("goreleaser release --skip=$WHAT", []),
        ("goreleaser release --snapshot --clean", []),
        ("goreleaser release $FLAGS", []),
        ("goreleaser release --config other.yml", []),
        ("goreleaser build --clean", []),
        ("goreleaser check", []),
        ("goreleaser --version", []),
    ],
)
def test_calls(script: str, names: list[str]) -> None:
    assert released(script) == names


@pytest.mark.parametrize("path", ["goreleaser.yaml", ".config/goreleaser.yml"])
def test_where_the_configuration_is(path: str) -> None:
    assert released("goreleaser release", path) == DOCKERS + KOS


def test_variables() -> None:
    assert released("goreleaser release", variables=(("REGISTRY", "ghcr.io"),))[1] == "ghcr.io/acme/a:1"
