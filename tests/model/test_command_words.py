"""The one word that a build command takes, and what stands beside it."""

from __future__ import annotations

import pytest

from imglint.model.build import Build
from imglint.model.files import script_scene
from imglint.source import Source


def builds(script: str) -> list[Build]:
    scene = script_scene("build.sh", Source("build.sh", script))
    return [event for event in scene.events if isinstance(event, Build)]


@pytest.mark.parametrize(
    ("command", "context", "surplus"),
    [
        ("docker build .", ".", []),
        ("docker build -t a", None, []),
        ("docker build --label a=b c .", "c", ["."]),
        ("docker buildx build --load a b c", "a", ["b", "c"]),
    ],
)
def test_words_beside_the_context_are_surplus(command: str, context: str | None, surplus: list[str]) -> None:
    (build,) = builds(command)
    assert (build.context.text if build.context else None) == context
    assert [word.text for word in build.surplus] == surplus
    assert not build.may_hold_more("tags")


@pytest.mark.parametrize("command", ['docker build "$CACHE" .', 'podman build "$CACHE" .'])
def test_an_unknown_word_beside_the_context_may_be_a_flag(command: str) -> None:
    (build,) = builds(command)
    assert build.context is not None
    assert build.context.text == "."
    assert build.surplus == ()
    assert build.may_hold_more("tags")


@pytest.mark.parametrize("command", ["docker build --help", "docker buildx build -h"])
def test_a_question_builds_nothing(command: str) -> None:
    assert builds(command) == []
