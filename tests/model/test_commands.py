"""Command lines of the tools that build: which flags they take, and what the words after them are."""

from __future__ import annotations

from typing import TypeVar

import pytest

from imglint.model.build import BakeCall, Base, Build, ComposeCall, Deleting, Event, Merge, Pushing, Tagging, Upload
from imglint.model.files import command_scene
from imglint.source import Source
from imglint.syntax.text import Text

E = TypeVar("E", bound=Event)


def only(kind: type[E], command: str) -> E:
    """The one event of a command."""
    (event,) = command_scene("", Source("x", command)).events
    assert isinstance(event, kind)
    return event


def shown(*texts: Text | None) -> list[str | None]:
    return [text.shown if text is not None else None for text in texts]


@pytest.mark.parametrize("tool", ["docker build", "docker buildx build", "docker image build", "nerdctl build"])
@pytest.mark.parametrize(
    "flags",
    ["-t a -f b --label k=v .", "--tag=a --file=b --label=k=v .", "-ta -fb --label k=v .", "-t=a . -f=b --label 'k'=v",
     "-qt a --pull --file b --label k=v -- .", ". -t a -f b --label k=v"],
)  # fmt: skip
def test_build(tool: str, flags: str) -> None:
    build = only(Build, f"{tool} {flags}")
    assert shown(*build.tags) == ["a"]
    assert shown(build.dockerfile, build.context) == ["b", "."]
    assert [(pair.key.text, *shown(pair.value)) for pair in build.labels] == [("k", "v")]
    assert (build.base, build.push, build.open, build.surplus) == (Base.DIRECTORY, False, frozenset(), ())


@pytest.mark.parametrize(
    ("command", "tool"),
    [
        ("docker build .", "docker build"),
        ("docker --context x buildx build .", "docker buildx build"),
        ("docker -H tcp://x --debug build .", "docker build"),
        ("docker buildx --builder b build .", "docker buildx build"),
        ("docker buildx b .", "docker buildx build"),
        ("docker-buildx build .", "docker buildx build"),
        ("/usr/bin/docker build .", "docker build"),
        ("$DOCKER build .", "docker build"),
        ("podman build .", "podman build"),
        ("podman buildx build .", "docker buildx build"),
        ("buildah bud .", "buildah build"),
        ("buildah build .", "buildah build"),
        ("finch build .", "docker build"),
        ("/kaniko/executor -c .", "kaniko"),
    ],
)
def test_tool(command: str, tool: str) -> None:
    build = only(Build, command)
    assert (build.tool, *shown(build.context)) == (tool, ".")


@pytest.mark.parametrize("command", ["docker run x build .", "docker", "docker buildx", "docker ps", "$X build ."])
def test_other_commands(command: str) -> None:
    assert command_scene("", Source("x", command)).events == ()


@pytest.mark.parametrize("tool", ["podman build", "buildah bud"])
def test_podman(tool: str) -> None:
    build = only(Build, f"{tool} --format docker --layers -t a --annotation k=v --label l=w --manifest m -f b .")
    assert shown(*build.tags) == ["a", "m"]
    assert (build.image_format, build.base, build.push) == ("docker", Base.EITHER, False)
    assert [each.is_at("manifest") for each in build.annotations] == [True]
    assert only(Build, f"{tool} .").image_format == "oci"


def test_kaniko() -> None:
    build = only(
        Build, "/kaniko/executor --context=dir:///w --dockerfile=D --destination=a --destination=b --label k=v"
    )
    assert shown(*build.tags, build.dockerfile) == ["a", "b", "D"]
    assert (build.push, only(Build, "/kaniko/executor --no-push").push) == (True, False)


@pytest.mark.parametrize(
    ("flags", "push"),
    [
        ("--push", True),
        ("--push=false", False),
        ("--push=$X", None),
        ("--output type=registry", True),
        ("-o type=image,push=true", True),
        ("-o type=image,name=x", False),
        ("-o type=local,dest=x", False),
        ("-o $X", None),
        ("--load", False),
        ("$ARGS", None),
        ("--strange", None),
    ],
)
def test_push(flags: str, push: bool | None) -> None:
    assert only(Build, f"docker buildx build {flags} -t a .").push is push


def test_lists() -> None:
    build = only(Build, "docker buildx build --platform linux/amd64,linux/arm64 --build-arg A=1 --build-arg B .")
    assert shown(*build.platforms) == ["linux/amd64", "linux/arm64"]
    assert [(pair.key.text, *shown(pair.value)) for pair in build.arguments] == [("A", "1"), ("B", None)]


@pytest.mark.parametrize(
    ("flags", "provenance", "sbom"),
    [
        ("", None, None),
        ("--provenance=false", "false", None),
        ("--provenance mode=max --sbom=true", "mode=max", "true"),
        ("--attest type=provenance,mode=max --attest type=sbom", "type=provenance,mode=max", "type=sbom"),
        ("--attest type=provenance,disabled=true", "", None),
    ],
)
def test_attestations(flags: str, provenance: str | None, sbom: str | None) -> None:
    build = only(Build, f"docker buildx build {flags} .")
    assert shown(build.provenance, build.sbom) == [provenance, sbom]


class TestWhatIsNotKnown:
    def test_flags_in_a_variable(self) -> None:
        build = only(Build, "docker build $ARGS -t a .")
        assert build.may_hold_more("labels") and shown(build.context) == ["."] and build.surplus == ()

    def test_quoted_it_is_a_word(self) -> None:
        build = only(Build, 'docker build -t "$TAG" "$CONTEXT"')
        assert not build.open and shown(*build.tags, build.context) == ["…", "…"]

    def test_the_value_of_a_flag_is_one_word(self) -> None:
        assert not only(Build, "docker build -t $TAG .").open

    def test_a_strange_flag(self) -> None:
        assert only(Build, "docker build --new-flag x -t a .").may_hold_more("tags")

    def test_a_flag_without_its_value(self) -> None:
        build = only(Build, "docker build . -t")
        assert [text.text for text in build.missing_values] == ["-t"]

    def test_too_many_words(self) -> None:
        assert shown(*only(Build, "docker build . b c").surplus) == ["b", "c"]

    @pytest.mark.parametrize("flags", ["- < Dockerfile", "-f - ."])
    def test_standard_input(self, flags: str) -> None:
        assert only(Build, f"docker build {flags}").stdin


@pytest.mark.parametrize("command", ["docker tag a b", "docker image tag a b", "podman tag a b", "buildah tag a b"])
def test_tag(command: str) -> None:
    tagging = only(Tagging, command)
    assert shown(tagging.source, tagging.name) == ["a", "b"]


@pytest.mark.parametrize(
    ("command", "name", "every"),
    [
        ("docker push a", "a", False),
        ("docker image push -q a", "a", False),
        ("docker push --all-tags a", "a", True),
        ("docker push -a a", "a", True),
        ("docker manifest push a", "a", False),
        ("podman push --creds x a", "a", False),
    ],
)
def test_pushing(command: str, name: str, every: bool) -> None:
    pushing = only(Pushing, command)
    assert (pushing.name.text, pushing.every_tag) == (name, every)


@pytest.mark.parametrize(
    "flags", ["push", "push -a k=v --artifact-type x/y", "attach --disable-path-validation", "push -v"]
)
def test_artifacts(flags: str) -> None:
    assert shown(only(Upload, f"oras {flags} ghcr.io/a/b:1 file:type").name) == ["ghcr.io/a/b:1"]


@pytest.mark.parametrize(
    ("script", "name"),
    [
        ("helm push a-1.tgz oci://ghcr.io/a/charts", "ghcr.io/a/charts/…"),
        ("helm --debug push a-1.tgz oci://ghcr.io/a/ --plain-http", "ghcr.io/a/…"),
        ("D=$(helm push a-1.tgz oci://ghcr.io/a 2>&1)", "ghcr.io/a/…"),
        ("KO_DOCKER_REPO=ghcr.io/a ko build ./cmd", "ghcr.io/a/…"),
        ("export KO_DOCKER_REPO=ghcr.io/a/b; ko apply -f config -- --context x", "ghcr.io/a/b/…"),
        ("KO_DOCKER_REPO=ghcr.io/a ko publish --bare -t 1 --push=true .", "ghcr.io/a/…"),
    ],
)
def test_charts_and_images_of_ko(script: str, name: str) -> None:
    assert shown(only(Upload, script).name) == [name]


@pytest.mark.parametrize(
    "script",
    ["helm push a-1.tgz charts", "helm package a", "ko build .", "KO_DOCKER_REPO=x.io/a ko build -L .",
     "KO_DOCKER_REPO=x.io/a ko build --push=false .", "KO_DOCKER_REPO=x.io/a ko version"],
)  # fmt: skip
def test_what_helm_and_ko_do_not_push(script: str) -> None:
    assert command_scene("", Source("x", script)).events == ()


@pytest.mark.parametrize(
    ("command", "owner", "package"),
    [
        ("gh api -X DELETE /orgs/acme/packages/container/widget/versions/1", "acme", "widget"),
        ("gh api --method=delete orgs/$ORG/packages/container/a%2Fb -H 'Accept: x'", "…", "a%2Fb"),
        ("gh api -XDELETE https://api.github.com/users/me/packages/container/w/versions/$ID --silent", "me", "w"),
        ("cat ids | xargs -I{} gh api -X DELETE '/user/packages/container/w/versions/{}'", None, "w"),
    ],
)
def test_deleting(command: str, owner: str | None, package: str) -> None:
    deleting = only(Deleting, command)
    assert shown(deleting.owner, deleting.package) == [owner, package]


@pytest.mark.parametrize(
    "arguments",
    ["/user/packages/container/w", "-X POST /user/packages/container/w/restore", "-X DELETE /repos/a/b/issues/1",
     "-X DELETE /user/packages/npm/w", "-X DELETE --hostname x.io /user/packages/container/w"],
)  # fmt: skip
def test_what_gh_does_not_delete(arguments: str) -> None:
    assert command_scene("", Source("x", f"gh api {arguments}")).events == ()


def test_push_to_another_name() -> None:
    tagging, pushing = command_scene("", Source("x", "buildah push a docker://ghcr.io/b")).events
    assert isinstance(tagging, Tagging) and isinstance(pushing, Pushing)
    assert shown(tagging.source, tagging.name, pushing.name) == ["a", "ghcr.io/b", "ghcr.io/b"]


def test_merges() -> None:
    merge = only(Merge, "docker buildx imagetools create --annotation index:k=v -t a -t b c d@sha256:1")
    assert (shown(*merge.tags), shown(*merge.sources)) == (["a", "b"], ["c", "d@sha256:1"])
    assert merge.annotates and [each.is_at("index") for each in merge.annotations] == [True]
    merge = only(Merge, "docker manifest create --amend a b c")
    assert (shown(*merge.tags), shown(*merge.sources), merge.annotates) == (["a"], ["b", "c"], False)
    assert command_scene("", Source("x", "docker buildx imagetools create --dry-run -t a b")).events == ()
    assert command_scene("", Source("x", "docker buildx imagetools inspect a")).events == ()


def test_bake() -> None:
    call = only(BakeCall, "A=1 docker buildx bake -f a.hcl --file b.json --set '*.tags=x' --push web api")
    assert (shown(*call.files), shown(*call.targets)) == (["a.hcl", "b.json"], ["web", "api"])
    assert (shown(*call.overrides), call.push) == (["*.tags=x"], True)
    assert [(name, text.text) for name, text in call.variables] == [("A", "1")]
    assert only(BakeCall, "docker buildx bake --print --push").push is False


@pytest.mark.parametrize("tool", ["docker compose", "docker-compose", "podman-compose"])
def test_compose(tool: str) -> None:
    call = only(ComposeCall, f"{tool} -f a.yml build --build-arg A=1 --push web")
    assert (shown(*call.files), shown(*call.services), call.builds, call.push) == (["a.yml"], ["web"], True, True)
    assert only(ComposeCall, f"{tool} push").builds is False
    assert command_scene("", Source("x", f"{tool} up --build")).events == ()
