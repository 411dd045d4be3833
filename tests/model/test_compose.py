"""Builds of compose files: what a call or a file alone builds, and where each part of it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.build import Base, Build, ComposeCall, Pair, Route
from imglint.model.compose import Service, read_call, read_file, services
from imglint.model.compose.interpolate import interpolate
from imglint.model.kind import Kind, kind_of
from imglint.source import Source, Span, decode
from imglint.syntax import yaml
from imglint.syntax.text import HOLE, Place, Text, literal

PROJECT = """\
services:
  web:
    image: ghcr.io/acme/web:${TAG:-latest}
    platform: linux/arm64
    labels:
      org.opencontainers.image.source: https://github.com/acme/web
    build:
      context: ./web
      dockerfile: docker/Dockerfile
      target: final
      tags: ["ghcr.io/acme/web:edge"]
      args:
        NODE: 22
        TOKEN:
      labels:
        - "org.opencontainers.image.title=Web"
        - empty
  db:
    image: postgres
  worker:
    build: worker
"""
CALL = Source("ci.sh", "docker compose build")


def text(value: str) -> Text:
    return literal(value, CALL, Span(0, 6))


def call(*files: str, services: tuple[str, ...] = (), builds: bool = True, push: bool = False) -> ComposeCall:
    return ComposeCall(
        Place(CALL, Span(0, 20)), ("",), tuple(map(text, files)), tuple(map(text, services)), builds, push
    )


def finder(**files: str) -> Callable[[str], Source | None]:
    """Finds files; `__` in a name stands for a slash, `_` for a dot."""
    sources = {
        name.replace("__", "/").replace("_", "."): Source(name.replace("__", "/").replace("_", "."), content)
        for name, content in files.items()
    }
    return sources.get


def shown(pairs: tuple[Pair, ...]) -> dict[str, str | None]:
    return {pair.key.text: pair.value.text if pair.value else None for pair in pairs}


def written(text: Text | None) -> str:
    assert text is not None
    return text.source.slice(text.span)


def web(builds: tuple[Build, ...]) -> Build:
    return builds[0]


def test_a_service_is_a_build() -> None:
    source = Source("app/compose.yaml", PROJECT)
    builds = read_file("app/compose.yaml", source, lambda path: None)
    build = builds[0]
    assert len(builds) == 2
    assert build.tool == "docker compose build"
    assert build.route is Route.COMPOSE
    assert build.directories == ("app",)
    assert build.base is Base.CONTEXT
    assert source.slice(build.place.span) == "build"
    assert build.context and build.context.text == "./web"
    assert build.dockerfile and build.dockerfile.text == "docker/Dockerfile"
    assert build.target and build.target.text == "final"
    assert [tag.text for tag in build.tags] == ["ghcr.io/acme/web:latest", "ghcr.io/acme/web:edge"]
    assert [platform.text for platform in build.platforms] == ["linux/arm64"]
    assert shown(build.arguments) == {"NODE": "22", "TOKEN": None}
    assert shown(build.labels) == {"org.opencontainers.image.title": "Web", "empty": ""}
    assert (build.push, build.calls, build.open) == (False, (), frozenset())
    assert builds[1].context and builds[1].context.text == "worker"
    assert builds[1].tags == ()


def test_every_part_has_its_place() -> None:
    source = Source("compose.yaml", PROJECT)
    build = web(read_file("compose.yaml", source, lambda path: None))
    label = build.labels[0]
    assert written(label.key) == "org.opencontainers.image.title"
    assert written(label.value) == "Web"
    assert written(label.entry) == "org.opencontainers.image.title=Web"
    assert written(build.arguments[0].entry) == "NODE: 22"
    assert build.arguments[0].entry.text == "NODE=22"
    assert build.tags[0].span == Span(PROJECT.index("ghcr.io"), PROJECT.index("latest") + len("latest"))
    assert [piece.text for piece in build.tags[0].pieces] == ["ghcr.io/acme/web:", "latest"]


def test_service_labels_are_told_from_those_of_the_image() -> None:
    found = {service.name.text: service for service in services(yaml.parse(Source("compose.yaml", PROJECT)))}
    service = found["web"]
    assert isinstance(service, Service)
    assert shown(service.labels) == {"org.opencontainers.image.source": "https://github.com/acme/web"}
    assert written(service.labels[0].key) == "org.opencontainers.image.source"
    assert set(shown(service.build_labels)) == {"org.opencontainers.image.title", "empty"}
    assert (service.builds, found["db"].builds) == (True, False)
    assert service.place.source.slice(service.place.span) == "web"
    assert service.image and service.image.text == "ghcr.io/acme/web:latest"


def test_a_call_builds_the_services_it_names() -> None:
    find = finder(compose_yaml=PROJECT)
    assert [build.context and build.context.text for build in read_call(call(services=("worker",)), find)] == ["worker"]
    assert len(read_call(call(), find)) == 2
    assert read_call(call(services=("missing",)), find) == ()
    assert read_call(call(services=(HOLE,)), find) == ()


def test_a_call_tells_its_place_and_pushes() -> None:
    wanted = call(push=True)
    build = web(read_call(wanted, finder(compose_yaml=PROJECT)))
    assert build.push is True
    assert build.calls == (wanted.place,)


def test_push_alone_pushes_services_that_name_an_image() -> None:
    builds = read_call(call(builds=False, push=True), finder(compose_yaml=PROJECT))
    assert [build.tags[0].text for build in builds] == ["ghcr.io/acme/web:latest"]


def test_the_command_line_gives_arguments_and_variables() -> None:
    argument = Pair(text("NODE"), text("24"), text("NODE=24"))
    wanted = call()._replace(arguments=(argument,), variables=(("TAG", text("1.2")),))
    build = web(read_call(wanted, finder(compose_yaml=PROJECT)))
    assert shown(build.arguments) == {"NODE": "24", "TOKEN": None}
    assert build.tags[0].text == "ghcr.io/acme/web:1.2"
    assert build.tags[0].pieces[1].origin == Place(CALL, Span(0, 6))


@pytest.mark.parametrize("files", [(), ("compose.yaml", "compose.override.yml")])
def test_files_are_merged_in_order(files: tuple[str, ...]) -> None:
    override = (
        "services:\n  web:\n    build:\n      target: dev\n      labels: {empty: full, more: 1}\n      tags: [x:y]\n"
    )
    build = web(read_call(call(*files), finder(compose_yaml=PROJECT, compose_override_yml=override)))
    assert build.target and build.target.text == "dev"
    assert shown(build.labels) == {"org.opencontainers.image.title": "Web", "empty": "full", "more": "1"}
    assert [tag.text for tag in build.tags[1:]] == ["ghcr.io/acme/web:edge", "x:y"]
    assert build.context and build.context.text == "./web"


def test_named_files_stand_alone() -> None:
    find = finder(compose_yaml=PROJECT, compose_override_yml="services: {extra: {build: .}}\n")
    assert len(read_call(call("compose.yaml"), find)) == 2
    assert len(read_call(call(), find)) == 3
    assert read_call(call("compose.yaml", "missing.yaml"), find) == ()
    assert read_call(call(HOLE), find) == ()


def test_variables_of_an_env_file() -> None:
    project = "services: {a: {image: 'w:${A}-${B}-${C}-${D}-${E-none}', build: .}}\n"
    env = "# note\nA=1 # one\nexport B = 'two $A'\nC=\"${A}x\"\nD=\nE\n"
    files = {"compose.yaml": Source("compose.yaml", project), ".env": Source(".env", env)}
    assert web(read_call(call(), files.get)).tags[0].text == "w:1-two $A-1x--none"
    wanted = call()._replace(variables=(("A", text("9")),))
    assert web(read_call(wanted, files.get)).tags[0].text == "w:9-two $A-9x--none"
    files["other"] = Source("other", "A=7\nB=8\nD=d\nC=c\n")
    assert web(read_call(call()._replace(env_files=(text("other"),)), files.get)).tags[0].text == "w:7-8-c-d-none"
    alone = read_file("compose.yaml", files["compose.yaml"], files.get)
    assert web(alone).tags[0].text == "w:1-two $A-1x--none"


def test_services_with_a_profile_count_when_it_is_active() -> None:
    find = finder(compose_yaml="services: {a: {build: a}, b: {build: b, profiles: [extra]}}\n")

    def built(wanted: ComposeCall) -> list[str]:
        return [build.context.text for build in read_call(wanted, find) if build.context]

    assert built(call()) == ["a"]
    assert built(call(services=("b",))) == ["b"]
    for profile in ("extra", "*", HOLE):
        assert built(call()._replace(profiles=(text(profile),))) == ["a", "b"]
    assert built(call()._replace(variables=(("COMPOSE_PROFILES", text("x, extra")),))) == ["a", "b"]
    assert built(call()._replace(variables=(("COMPOSE_PROFILES", text("x")),))) == ["a"]


def test_included_files_have_their_own_directory() -> None:
    find = finder(
        compose_yaml="include: [sub/a.yaml, {path: [other.yaml, missing.yaml]}, compose.yaml]\n"
        "services: {x: {build: .}}\n",
        sub__a_yaml="include: [b.yaml]\nservices: {a: {build: ./a}}\n",
        sub__b_yaml="services: {b: {build: ./b}}\n",
        other_yaml="services: {o: {build: ./o}, x: {build: ./not}}\n",
    )
    found = {build.context.text: build.directories for build in read_call(call(), find) if build.context}
    assert found == {"./b": ("sub",), "./a": ("sub",), "./o": ("",), ".": ("",)}


def test_the_first_file_gives_the_directory() -> None:
    find = finder(deploy__a_yaml="services: {web: {build: ./web}}\n", compose_yaml=PROJECT)
    assert web(read_call(call("deploy/a.yaml"), find)).directories == ("deploy",)
    above = call()._replace(directories=("sub/dir",))
    assert web(read_call(above, find)).directories == ("",)


def test_extends_takes_over_and_keeps_what_is_relative() -> None:
    base = "services:\n  base:\n    image: base\n    build: {context: ctx, args: [A=1, B=1]}\n"
    main = """\
services:
  web:
    extends: {file: common/base.yaml, service: base}
    image: web
    build:
      args: {B: 2}
  again:
    extends: web
"""
    builds = read_call(call(), finder(compose_yaml=main, common__base_yaml=base))
    assert [shown(build.arguments) for build in builds] == [{"A": "1", "B": "2"}] * 2
    assert [build.directories for build in builds] == [("common",)] * 2
    assert [tag.text for build in builds for tag in build.tags] == ["web", "web"]


@pytest.mark.parametrize(
    "extends", ["extends: web", "extends: {service: other, file: missing.yaml}", "extends: missing"]
)
def test_a_base_that_is_not_known_leaves_the_build_open(extends: str) -> None:
    find = finder(compose_yaml=f"services:\n  web:\n    {extends}\n    build: .\n")
    assert web(read_call(call(), find)).may_hold_more("tags")


def test_anchors_and_merge_keys_are_followed() -> None:
    content = """\
x-build: &build
  context: .
  labels: &labels {a: "1", b: "1"}
services:
  web:
    build:
      <<: *build
      labels: {<<: *labels, b: "2"}
"""
    build = web(read_call(call(), finder(compose_yaml=content)))
    assert build.context and build.context.text == "."
    assert shown(build.labels) == {"a": "1", "b": "2"}


@pytest.mark.parametrize(
    ("template", "expected", "unknown"),
    [
        ("plain", "plain", ()),
        ("$KNOWN/x", "1/x", ()),
        ("${KNOWN}x", "1x", ()),
        ("${MISSING}", HOLE, ("$MISSING",)),
        ("a$MISSING.b", f"a{HOLE}.b", ("$MISSING",)),
        ("${MISSING:-other}", "other", ()),
        ("${MISSING-other}", "other", ()),
        ("${MISSING:-a${KNOWN:-b}}c", "a1c", ()),
        ("${EMPTY:-other}", "other", ()),
        ("${EMPTY-other}", "", ()),
        ("${MISSING:?must be set}", HOLE, ("$MISSING",)),
        ("${KNOWN:?must be set}", "1", ()),
        ("${KNOWN:+other}", "other", ()),
        ("${EMPTY:+other}", "", ()),
        ("${EMPTY+other}", "other", ()),
        ("${MISSING:+other}", HOLE, ("$MISSING",)),
        ("$$KNOWN $${KNOWN}", "$KNOWN ${KNOWN}", ()),
        ("${KNOWN", "${KNOWN", ()),
        ("${1}$", "${1}$", ()),
        ("${KNOWN!}", "${KNOWN!}", ()),
    ],
)
def test_interpolation(template: str, expected: str, unknown: tuple[str, ...]) -> None:
    source = Source("compose.yaml", template)
    variables = {"KNOWN": text("1"), "EMPTY": text("")}
    found = interpolate(literal(template, source, Span(0, len(template))), variables)
    assert (found.text, found.unknowns) == (expected, unknown)


def is_compose_file(path: str) -> bool:
    return kind_of(path) is Kind.COMPOSE


def test_file_names() -> None:
    names = ["compose.yaml", "a/docker-compose.yml", "docker-compose.test.yml", "compose.override.yaml"]
    assert all(map(is_compose_file, names))
    assert not any(map(is_compose_file, ["composer.yaml", "compose.json", "my-compose-notes.md"]))


def test_what_aliases_multiply_is_bounded() -> None:
    labels = ", ".join(f"k{number}: v" for number in range(4000))
    content = f"x: &x {{labels: {{{labels}}}}}\nservices:\n" + "".join(
        f"  s{number}: {{build: *x}}\n" for number in range(4000)
    )
    builds = read_call(call(), finder(compose_yaml=content))
    assert sum(len(build.labels) for build in builds) < 200_000
    assert builds[-1].may_hold_more("labels")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet="${}:-?+A \n'\"*&<x[]", max_size=60), st.text(alphabet="abx:{}[], *&-\n", max_size=60))
def test_nothing_raises(template: str, content: str) -> None:
    source = Source("compose.yaml", template)
    interpolate(literal(template, source, Span(0, len(template))), {"A": text("1")})
    for whole in (f"services:\n  web:\n    build: {content}\n", f"services: {content}\n"):
        builds = read_file("compose.yaml", Source("compose.yaml", whole), lambda path: None)
        assert all(build.route is Route.COMPOSE for build in builds)


@pytest.mark.shared
def test_every_real_file_is_read(shared: Path) -> None:
    rows = [row.split("\t") for row in (shared / "corpus/files.tsv").read_text().splitlines()]
    paths = [shared / "corpus" / row[0].replace("/", "__") / row[1] for row in rows if row[2] == "compose"]
    builds = 0
    for path in filter(Path.is_file, paths):
        source = Source(path.name, decode(path.read_bytes()))
        for build in read_file(path.name, source, lambda path: None):
            builds += 1
            for part in (*build.tags, *(pair.entry for pair in (*build.labels, *build.arguments))):
                assert all(p.source.slice(p.span) == p.text for p in part.pieces if p.exact)
    assert builds > 300
