"""Builds, the names that their images get, where these are pushed, and how they are merged."""

from __future__ import annotations

import pytest

from imglint.model.build import Merge
from imglint.model.files import command_scene
from imglint.model.scene import Joined, copied, join, with_copies, with_merges
from imglint.source import Source


def joined(script: str) -> Joined:
    return join(command_scene("", Source("x", script)).events)


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("docker build -t a .", [[]]),
        ("docker build -t a .; docker push a", [["a"]]),
        ("docker build -t a .; docker push a:latest", [["a:latest"]]),
        ("docker build -t a:latest .; docker push a", [["a"]]),
        ("docker build -t a:1 .; docker push a", [[]]),
        ("docker build -t a .; docker tag a b; docker push b", [["b"]]),
        ("docker build -t a .; docker tag a b; docker tag b c:1; docker push c:1", [["c:1"]]),
        ("docker build -t a:1 -t a:2 -t b:1 .; docker push --all-tags a", [["a"]]),
        ("docker build -t a .; docker build -t b .; docker push b", [[], ["b"]]),
        ("docker build -t $X .; docker push $X", [["…"]]),
        ("docker build -t w:$X .; docker push w:$Y", [[]]),
        ("docker buildx build -t a -t b --push .", [["a", "b"]]),
        ("docker buildx build -t a --push=$X .", [["a"]]),
        ("docker push a; docker build -t a .", [[]]),
        ("docker build -t a .; docker push b", [[]]),
    ],
)
def test_names(script: str, names: list[list[str]]) -> None:
    found = joined(script).builds
    assert [[name.shown for name in each.names] for each in found] == names
    assert [each.published for each in found] == [bool(each) for each in names]


@pytest.mark.parametrize(
    ("script", "names"),
    [
        ("docker build -t a --push .; crane copy a b", ["a", "b"]),
        ("docker build -t a --push .; crane cp --jobs 4 a b", ["a", "b"]),
        ("docker build -t x.io/a:1 --push .; crane tag x.io/a:1 2", ["x.io/a:1", "x.io/a:2"]),
        ("docker build -t a .; skopeo copy --all docker-daemon:a:latest docker://x.io/b", ["x.io/b"]),
        ("docker build -t a/b --push .; skopeo copy docker://docker.io/a/b docker://x.io/b", ["a/b", "x.io/b"]),
        ("docker build -t a --push .; skopeo copy docker://a oci:b", ["a"]),
        ("docker build -t a --push .; regctl --verbosity info image copy a b", ["a", "b"]),
        ("docker build -t a --push .; oras cp a:latest b", ["a", "b"]),
        ("docker build -t a:1 --push .; crane copy a@$DIGEST b", ["a:1", "b"]),
        ("docker build -t a --push .; crane copy x b", ["a"]),
        ("docker build -t a --push .; crane digest a", ["a"]),
    ],
)
def test_copies(script: str, names: list[str]) -> None:
    (build,) = joined(script).builds
    assert [name.text for name in build.names] == names


def test_copies_of_what_another_job_pushes() -> None:
    build = joined("docker buildx build -t docker.io/a:1 --push .").builds
    copies = joined("crane copy a:1 ghcr.io/a:1; crane copy b c").copies
    assert [[name.text for name in each.names] for each in copied(build, copies)] == [["docker.io/a:1", "ghcr.io/a:1"]]
    merges = with_copies(joined("docker buildx imagetools create -t a:1 a:x a:y").merges, copies)
    assert [[tag.text for tag in merge.tags] for merge in merges] == [["a:1", "ghcr.io/a:1"]]


def test_pushes_of_what_is_built_elsewhere() -> None:
    assert [push.name.text for push in joined("docker build -t a .; docker push b").foreign] == ["b"]
    assert joined("docker build -t a .; docker push a").foreign == ()
    assert joined("docker manifest create m a; docker manifest push m").foreign == ()
    assert [push.name.text for push in joined("skopeo copy oci:a docker://x.io/b; crane push a.tar c").foreign] == [
        "x.io/b",
        "c",
    ]


def merge_of(script: str) -> Merge | None:
    found = joined(script)
    (each,) = with_merges(found.builds, found.merges)
    return each.merge


@pytest.mark.parametrize(
    ("script", "merged"),
    [
        ("docker buildx build -t a:1 --push .; docker buildx imagetools create -t a:2 a:1", True),
        ("docker buildx build -t a:1 --push .; docker buildx imagetools create -t b a:1", True),
        ("docker buildx build -t a:1 --push .; docker buildx imagetools create -t b:2 b:1", False),
        ("docker buildx build -o type=image,name=a,push-by-digest=true,push=true .; "
         "docker buildx imagetools create -t a:1 $DIGESTS", True),
        ("docker buildx build -o type=image,push-by-digest=true,push=true .; "
         "docker buildx imagetools create $TAGS", True),
        ("docker buildx build -o type=image,push-by-digest=true,push=true .; "
         "docker buildx imagetools create -t a $A; docker buildx imagetools create -t b $B", False),
        ("docker buildx build -t a --push .", False),
    ],
)  # fmt: skip
def test_merges(script: str, merged: bool) -> None:
    assert (merge_of(script) is not None) is merged
