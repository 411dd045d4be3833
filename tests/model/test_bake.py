"""Builds of bake files: what a call or a file alone builds, and where each part of it is written."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.model.bake import problems, read_call, read_file
from imglint.model.build import BakeCall, Base, Build, Definition, Pair, Route, Unseen
from imglint.model.kind import Kind, kind_of
from imglint.source import Source, Span, decode
from imglint.syntax.text import HOLE, Place, Text, literal

HCL = """\
variable "TAG" { default = "dev" }
variable "REGISTRY" { default = "ghcr.io/acme" }
group "default" { targets = ["app", "tools"] }
target "_common" {
  args = { GO = "1.22", DEBUG = null }
  labels = {
    "org.opencontainers.image.title" = "App"
    kept = "base"
  }
  annotations = ["index:org.opencontainers.image.title=App"]
  platforms = ["linux/amd64", "linux/arm64"]
}
target "app" {
  inherits = ["_common"]
  context = "src"
  dockerfile = "app.Dockerfile"
  target = "final"
  tags = ["${REGISTRY}/app:${TAG}", "${REGISTRY}/app:latest"]
  labels = { kept = "own", "org.opencontainers.image.title" = null }
  annotations = ["manifest:a=b"]
  output = ["type=registry"]
  attest = ["type=provenance,mode=max", { type = "sbom", disabled = true }]
}
target "tools" {
  inherits = ["_common"]
  dockerfile-inline = "FROM scratch"
  platforms = []
}
"""
CALL = Source("ci.sh", "docker buildx bake")


def text(value: str) -> Text:
    return literal(value, CALL, Span(0, 6), exact=False)


def texts(*values: str) -> tuple[Text, ...]:
    return tuple(map(text, values))


def call(*files: str, targets: tuple[str, ...] = (), overrides: tuple[str, ...] = ()) -> BakeCall:
    place = Place(CALL, Span(0, 18))
    return BakeCall("docker buildx bake", place, ("",), texts(*files), texts(*targets), texts(*overrides))


def finder(**files: str) -> Callable[[str], Source | None]:
    """Finds files; in names `__` stands for a slash, `_` for a dot and `docker_bake` for `docker-bake`."""
    paths = {name: name.replace("docker_bake", "docker-bake").replace("__", "/").replace("_", ".") for name in files}
    return {paths[name]: Source(paths[name], content) for name, content in files.items()}.get


def hcl(content: str, wanted: BakeCall | None = None) -> tuple[Build, ...]:
    events = read_call(wanted or call(), finder(docker_bake_hcl=content))
    return tuple(event for event in events if isinstance(event, Build))


def unseen(content: str, wanted: BakeCall) -> list[str]:
    """What is said of the builds of a call that cannot be told."""
    events = read_call(wanted, finder(docker_bake_hcl=content))
    return [event.reason for event in events if isinstance(event, Unseen)]


def tags(builds: tuple[Build, ...]) -> list[list[str]]:
    return [[tag.text for tag in build.tags] for build in builds]


def shown(pairs: tuple[Pair, ...]) -> dict[str, str | None]:
    return {pair.key.text: pair.value.text if pair.value else None for pair in pairs}


def written(text: Text | None) -> str:
    assert text is not None
    return text.source.slice(text.span)


def test_a_target_is_a_build() -> None:
    wanted = call()
    app, tools = hcl(HCL, wanted)
    assert (app.tool, app.route, app.base, app.directories) == ("docker buildx bake", Route.BAKE, Base.CONTEXT, ("",))
    assert app.place.source.slice(app.place.span) == "app"
    assert app.calls == (wanted.place,)
    assert [part and part.text for part in (app.context, app.dockerfile, app.target)] == [
        "src", "app.Dockerfile", "final",
    ]  # fmt: skip
    assert [tag.text for tag in app.tags] == ["ghcr.io/acme/app:dev", "ghcr.io/acme/app:latest"]
    assert shown(app.arguments) == {"GO": "1.22"}
    assert shown(app.labels) == {"org.opencontainers.image.title": "App", "kept": "own"}
    assert [each.pair.entry.text for each in app.annotations] == [
        "index:org.opencontainers.image.title=App", "manifest:a=b",
    ]  # fmt: skip
    assert [each.pair.key.text for each in app.annotations] == ["org.opencontainers.image.title", "a"]
    assert [platform.text for platform in app.platforms] == ["linux/amd64", "linux/arm64"]
    assert [output.kind for output in app.outputs] == ["registry"]
    assert app.push is True
    assert app.provenance and app.provenance.text == "type=provenance,mode=max"
    assert app.sbom and app.sbom.text == ""
    assert app.open == frozenset()
    assert tools.inline and tools.inline.text == "FROM scratch"
    assert (tools.context, tools.platforms, tools.push) == (None, (), False)


def test_every_part_has_its_place() -> None:
    app = hcl(HCL)[0]
    label = app.labels[0]
    assert (written(label.key), written(label.value)) == ("org.opencontainers.image.title", "App")
    assert label.entry.text == "org.opencontainers.image.title=App"
    assert written(label.entry) == 'org.opencontainers.image.title" = "App'
    assert written(app.tags[0]) == "${REGISTRY}/app:${TAG}"
    origin = app.tags[0].pieces[-1].origin
    assert origin and origin.source.slice(origin.span) == "dev"
    assert written(app.annotations[1].pair.key) == "a"


def test_variables_come_from_the_environment() -> None:
    builds = hcl(HCL, call()._replace(variables=(("TAG", text("1.0")), ("OTHER", text("x")))))
    assert tags(builds)[0][0] == "ghcr.io/acme/app:1.0"
    assert builds[0].tags[0].pieces[-1].origin == Place(CALL, Span(0, 6))


@pytest.mark.parametrize(
    ("variable", "expression", "given", "expected"),
    [
        ("", '"a:${X}"', None, f"a:{HOLE}"),
        ("default = 1", '"a:${X}"', None, "a:1"),
        ("default = 1", '"a:${X}"', "2", "a:2"),
        ("default = false", 'X ? "a:yes" : "a:no"', "true", "a:yes"),
        ('type = list(string)\n default = ["b"]', '"a:${X[1]}"', "c,d", "a:d"),
        ('default = "${X}"', '"a:${X}"', None, f"a:{HOLE}"),
        ('default = Y', '"a:${X}"', None, "a:top"),
    ],
)  # fmt: skip
def test_types_of_variables(variable: str, expression: str, given: str | None, expected: str) -> None:
    content = f'Y = "top"\nvariable "X" {{\n {variable}\n}}\ntarget "default" {{\n tags = [{expression}]\n}}\n'
    wanted = call()._replace(variables=(("X", text(given)),) if given else ())
    assert tags(hcl(content, wanted)) == [[expected]]


def test_functions_of_the_file_are_called() -> None:
    content = """\
variable "ORG" { default = "acme" }
function "join_name" {
  params = [name]
  result = "${ORG}/${name}"
}
function "names" {
  params = [name, tag]
  result = ["${join_name(name)}:${tag}", "${join_name(name)}:latest"]
}
target "default" {
  tags = names("app", "1")
  context = join_name("x")
}
"""
    (build,) = hcl(content)
    assert tags((build,)) == [["acme/app:1", "acme/app:latest"]]
    assert build.context and build.context.text == "acme/x"


def test_functions_that_call_themselves_are_unknown() -> None:
    content = 'function "f" {\n params = [a]\n result = "${f(a)}${f(a)}"\n}\ntarget "default" {\n context = f("x")\n}\n'
    (build,) = hcl(content)
    assert build.context and build.context.value is None


def test_functions_with_further_arguments() -> None:
    content = """\
function "tags" {
  params = [name]
  variadic_params = more
  result = concat(["w:${name}"], more)
}
target "default" { tags = tags("a", "w:b", "w:c") }
target "one" { tags = tags("a") }
target "none" { tags = tags() }
"""
    assert tags(hcl(content)) == [["w:a", "w:b", "w:c"]]
    assert tags(hcl(content, call(targets=("one",)))) == [["w:a"]]
    assert hcl(content, call(targets=("none",)))[0].may_hold_more("tags")


@pytest.mark.parametrize(
    ("expression", "expected", "more"),
    [
        ('OTHER == "" ? ["w:a"] : ["w:b"]', ["w:a", "w:b"], False),
        ('["w:a", OTHER == "x" ? "w:latest" : "w:${OTHER}"]', ["w:a", "w:latest", "w:\0"], False),
        ('["w:a", OTHER == "x" ? "w:latest" : ""]', ["w:a", "w:latest"], False),
        ('concat(["w:a"], OTHER == "" ? [] : ["w:b"])', ["w:a", "w:b"], False),
        ('OTHER == "" ? ["w:a"] : THAT', ["w:a"], True),
        ('TAG == "dev" ? ["w:a"] : ["w:b"]', ["w:a"], False),
        ('[can(regex("(v[0-9]+)[.]", "v1.2")) ? "w:${regex("(v[0-9]+)[.]", "v1.2")[0]}" : ""]', ["w:v1"], False),
        ('[can(regex("(v[0-9]+)[.]", TAG)) ? "w:v" : ""]', [], False),
    ],
)
def test_either_branch_of_a_conditional_may_give_tags(expression: str, expected: list[str], more: bool) -> None:
    variables = 'variable "OTHER" {}\nvariable "THAT" {}\nvariable "TAG" { default = "dev" }\n'
    (build,) = hcl(f'{variables}target "default" {{ tags = {expression} }}\n')
    assert (tags((build,)), build.may_hold_more("tags")) == ([expected], more)


def test_platforms_are_not_put_together() -> None:
    content = 'target "default" { platforms = OTHER ? ["linux/amd64"] : ["linux/amd64", "linux/arm64"] }\n'
    (build,) = hcl(content)
    assert build.platforms == () and build.may_hold_more("platforms")


def test_targets_that_are_not_known_are_told() -> None:
    content = """\
variable "OTHER" {}
group "default" { targets = ["all"] }
group "all" { targets = mystery(["a"]) }
group "either" { targets = OTHER == "" ? ["a"] : ["b"] }
group "some" { targets = ["a", OTHER] }
target "a" { output = ["type=registry"] }
target "b" {}
"""
    pushing = call()._replace(push=True)
    assert unseen(content, pushing) == ["targets of the group `all` that are not known here"]
    assert unseen(content, pushing._replace(targets=texts("either"))) == []
    assert len(hcl(content, call(targets=("either",)))) == 2
    assert unseen(content, call(targets=("some",))) == ["targets of the group `some` that are not known here"]
    assert unseen(content, call(targets=("b",))) == []
    assert unseen(content, call()._replace(push=False)) == []
    assert unseen(content, pushing._replace(targets=(text(HOLE),)))
    assert unseen(content, pushing._replace(files=texts("other.hcl"))) == [
        "what docker buildx bake builds: its files are not here"
    ]


def test_contexts_that_are_targets() -> None:
    content = """\
target "base" { contexts = { alpine = "docker-image://alpine:3" } }
target "default" { contexts = { base = "target:base", self = "target:default", other = "./x" } }
"""
    (build,) = hcl(content)
    contexts = dict(build.contexts)
    assert contexts["base"] and contexts["base"].contexts == (("alpine", None),)
    assert contexts["other"] is None


def test_a_matrix_gives_a_target_for_each_combination() -> None:
    content = """\
target "app" {
  name = "app-${os}-${item.go}"
  matrix = { os = ["a", "b"], item = [{ go = "1", tag = "x" }, { go = "2", tag = "y" }] }
  tags = ["app:${os}-${item.tag}"]
}
"""
    assert sorted(tags(hcl(content, call(targets=("app",))))) == [["app:a-x"], ["app:a-y"], ["app:b-x"], ["app:b-y"]]
    assert tags(hcl(content, call(targets=("app-b-2",)))) == [["app:b-y"]]


def test_targets_are_chosen_by_group_name_and_pattern() -> None:
    names = {"tools": 1, "default": 2, "missing": 0, "to*": 1, HOLE: 0}
    for name, count in names.items():
        assert len(hcl(HCL, call(targets=(name,)))) == count
    looped = (
        'group "default" { targets = ["a", "default", "b"] }\n'
        'group "a" { targets = ["default", "a"] }\n'
        'target "a" {}\ntarget "b" {}\n'
    )
    assert [each.place.source.slice(each.place.span) for each in hcl(looped)] == ["a", "b"]


def test_what_is_not_known_leaves_fields_open() -> None:
    content = """\
target "default" {
  tags = [for name in ["a"] : name]
  labels = merge({ a = "b" }, OTHER)
  inherits = ["missing"]
}
target "one" { tags = mystery("x") }
"""
    assert hcl(content)[0].may_hold_more("platforms")
    (one,) = hcl(content, call(targets=("one",)))
    assert one.open == frozenset({"tags"})


def test_targets_that_inherit_from_each_other_end() -> None:
    content = 'target "default" {\n inherits = ["b"]\n tags = ["a:1"]\n}\ntarget "b" {\n inherits = ["default"]\n}\n'
    assert tags(hcl(content)) == [["a:1"]]


def test_overrides() -> None:
    overrides = (
        "*.platform=linux/arm64", "app.tags=x:1", "app.tags=x:2", "tools.tags+=y:1", "app.labels.a.b=c=d",
        "*.args.GO=1.23", "app.output=type=docker", "_common.labels.kept=base2", "t*.context=ctx",
        "*.annotations=index:x=y", "app.attest=type=sbom", "app.dockerfile=D",
    )  # fmt: skip
    app, tools = hcl(HCL, call(overrides=overrides))
    assert [[platform.text for platform in each.platforms] for each in (app, tools)] == [["linux/arm64"]] * 2
    assert tags((app, tools)) == [["x:1", "x:2"], ["y:1"]]
    assert shown(app.labels) == {"org.opencontainers.image.title": "App", "kept": "own", "a.b": "c=d"}
    assert app.labels[-1].entry.text == "a.b=c=d"
    assert shown(tools.labels)["kept"] == "base2"
    assert shown(app.arguments) == {"GO": "1.23"}
    assert app.push is False
    assert [part and part.text for part in (app.dockerfile, tools.context, app.sbom)] == ["D", "ctx", "type=sbom"]
    assert [each.pair.entry.text for each in app.annotations].count("index:x=y") == 1
    assert hcl(HCL, call(overrides=(HOLE,)))[0].may_hold_more("tags")


@pytest.mark.parametrize(
    ("output", "push", "expected"),
    [
        ("", True, True),
        ("", None, None),
        ("", False, False),
        ('"type=registry"', False, True),
        ('"type=image,push=true"', False, True),
        ('{ type = "image", push = true }', False, True),
        ('{ type = "image" }', True, True),
        ('"type=docker"', True, True),
        ('"./bin"', True, False),
        ('"type=local,dest=out"', False, False),
    ],
)
def test_pushing(output: str, push: bool | None, expected: bool | None) -> None:
    (build,) = hcl(f'target "default" {{\n output = [{output}]\n}}\n', call()._replace(push=push))
    assert build.push is expected


def test_definitions_of_metadata_action_are_inherited() -> None:
    content = 'target "docker-metadata-action" {}\ntarget "default" {\n inherits = ["docker-metadata-action"]\n}\n'
    written = Definition("docker-metadata-action", text("a:1\na:2"), text("k=v\nl=w"), text("index:k=v"))
    (build,) = hcl(content, call("docker-bake.hcl", HOLE)._replace(definitions=(written,)))
    assert tags((build,)) == [["a:1", "a:2"]]
    assert shown(build.labels) == {"k": "v", "l": "w"}
    assert build.annotations[0].is_at("index")
    source = Source("docker-bake.hcl", content)
    (alone,) = read_file("docker-bake.hcl", source, lambda path: None)
    assert alone.may_hold_more("labels") and alone.may_hold_more("tags")
    assert not hcl(content)[0].may_hold_more("labels")


def test_files_of_a_call() -> None:
    find = finder(
        docker_bake_hcl=HCL,
        docker_bake_override_hcl='target "tools" {\n tags = ["t:1"]\n}\n',
        sub__x_hcl='target "default" {}\n',
    )
    assert tags(read_call(call(), find))[1] == ["t:1"]
    assert tags(read_call(call("docker-bake.hcl"), find))[1] == []
    assert tags(read_call(call("cwd://docker-bake.hcl", "docker-bake.override.hcl"), find))[1] == ["t:1"]
    assert len(read_call(call("x.hcl")._replace(directories=("", "sub")), find)) == 1
    assert read_call(call("x.hcl")._replace(directories=("", "sub")), find)[0].directories == ("sub", "")
    assert read_call(call("missing.hcl"), find) == ()
    assert read_call(call(HOLE), find) == ()
    assert read_call(call("docker-bake.hcl", HOLE), find) == ()
    assert read_call(call(), lambda path: None) == ()
    assert read_call(call(targets=("https://github.com/acme/app.git", "app")), find) == ()


def test_context_of_a_repository_on_the_server() -> None:
    content = 'target "default" {\n}\ntarget "sub" {\n context = "sub"\n}\ntarget "here" {\n context = "cwd://x"\n}\n'
    builds = hcl(content, call(targets=("default", "sub", "here"))._replace(checkout=True))
    assert [build.checkout for build in builds] == [True, False, False]
    assert builds[2].context and builds[2].context.text == "x"


def test_json() -> None:
    content = """\
{
  "variable": {"TAG": {"default": "1"}},
  "group": {"default": {"targets": ["app"]}},
  "target": {
    "base": [{"args": {"N": 1}}],
    "app": {"inherits": ["base"], "tags": ["a/b:${TAG}"], "labels": {"k\\u0041": "v", "n": null}}
  }
}
"""
    find = finder(docker_bake_json=content)
    (build,) = read_call(call(), find)
    assert tags((build,)) == [["a/b:1"]]
    assert written(build.tags[0]) == "a/b:${TAG}"
    origin = build.tags[0].pieces[-1].origin
    assert origin and origin.source.slice(origin.span) == "1"
    assert shown(build.arguments) == {"N": "1"}
    assert shown(build.labels) == {"kA": "v"}
    assert build.place.source.slice(build.place.span) == "app"


def test_compose_services_are_targets() -> None:
    content = """\
services:
  web.api:
    image: a/web:1
    build:
      context: web
      labels: {k: v}
      x-bake:
        tags: a/web:2 a/web:3
        platforms: [linux/arm64]
        output: ["type=registry"]
  db: {image: postgres}
"""
    (build,) = read_call(call(), finder(compose_yaml=content))
    assert tags((build,)) == [["a/web:1", "a/web:2", "a/web:3"]]
    assert (build.push, shown(build.labels)) == (True, {"k": "v"})
    find = finder(compose_yaml=content, docker_bake_hcl='target "web_api" {\n target = "t"\n}\n')
    (build,) = read_call(call(targets=("web.api",)), find)
    assert build.target and build.target.text == "t"
    assert build.context and build.context.text == "web"
    assert build.place.source.slice(build.place.span) == "web.api"


def test_a_file_alone() -> None:
    source = Source("ci/docker-bake.hcl", HCL)
    builds = read_file("ci/docker-bake.hcl", source, lambda path: None)
    assert [each.place.source.slice(each.place.span) for each in builds] == ["app", "tools"]
    assert (builds[0].directories, builds[0].calls) == (("ci",), ())
    no_default = HCL.replace('group "default"', 'group "all"')
    builds = read_file("x.hcl", Source("x.hcl", no_default), lambda path: None)
    assert [each.place.source.slice(each.place.span) for each in builds] == ["app", "tools"]


def test_an_empty_default_waits_for_the_environment() -> None:
    content = 'variable "TAG" { default = "" }\ntarget "default" { tags = ["a/b:v${TAG}"] }\n'
    assert tags(read_file("x.hcl", Source("x.hcl", content), lambda path: None)) == [[f"a/b:v{HOLE}"]]
    assert tags(hcl(content)) == [["a/b:v"]]


def test_problems() -> None:
    assert problems(Source("docker-bake.hcl", HCL)) == ()
    assert [problem.span.start for problem in problems(Source("docker-bake.hcl", 'target "a" {\n tags = [\n'))]
    assert [problem.reason for problem in problems(Source("docker-bake.json", '{"target": '))]
    assert problems(Source("docker-bake.json", "{}")) == ()


def is_bake_file(path: str) -> bool:
    return kind_of(path) is Kind.BAKE


def test_file_names() -> None:
    assert all(map(is_bake_file, ["docker-bake.hcl", "a/docker-bake.override.json", "bake.hcl", "ci.bake.hcl"]))
    assert not any(map(is_bake_file, ["bakery.hcl", "main.tf", "docker-bake.md", "config.hcl"]))


def test_what_doubles_is_bounded() -> None:
    lines = ['variable "V0" { default = "0123456789" }']
    lines += [f'variable "V{n}" {{ default = "${{V{n - 1}}}${{V{n - 1}}}" }}' for n in range(1, 60)]
    lines += [f'target "t{n}" {{\n tags = [V15, V16, V17]\n}}' for n in range(300)]
    builds = read_file("x.hcl", Source("x.hcl", "\n".join(lines)), lambda path: None)
    assert sum(len(tag.text) for build in builds for tag in build.tags) < 30_000_000
    chain = "\n".join(f'target "t{n}" {{\n inherits = ["t{n + 1}"]\n labels = {{ k{n} = "v" }}\n}}' for n in range(900))
    builds = read_file("x.hcl", Source("x.hcl", 'group "default" { targets = ["t0"] }\n' + chain), lambda path: None)
    assert builds[0].may_hold_more("labels")


@settings(max_examples=150, deadline=None)
@given(st.text(alphabet='"${}[]=,. \nabf()*?:', max_size=60), st.text(alphabet="ab.*[]=+^\0", max_size=12))
def test_nothing_raises(content: str, word: str) -> None:
    whole = f'variable "a" {{ default = {content} }}\ntarget "default" {{\n tags = {content}\n}}\n'
    wanted = call(targets=("default", word), overrides=(word, "default.tags=" + word, f"{word}.labels.a=b"))
    for build in (*hcl(whole, wanted), *read_call(wanted, finder(docker_bake_json=f'{{"target": {content}}}'))):
        assert build.route is Route.BAKE


@pytest.mark.shared
def test_every_real_file_is_read(shared: Path) -> None:
    rows = [row.split("\t") for row in (shared / "corpus/files.tsv").read_text().splitlines()]
    paths = [shared / "corpus" / row[0].replace("/", "__") / row[1] for row in rows if row[2] == "bake"]
    builds = 0
    for path in filter(Path.is_file, paths):
        source = Source(path.name, decode(path.read_bytes()))
        for build in read_file(path.name, source, lambda path: None):
            builds += 1
            for part in (*build.tags, *(pair.entry for pair in (*build.labels, *build.arguments))):
                assert all(p.source.slice(p.span) == p.text for p in part.pieces if p.exact)
    assert builds > 200
