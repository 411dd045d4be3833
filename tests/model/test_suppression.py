"""Comments that silence rules: what they name, where they hold, and whose they are."""

from __future__ import annotations

import pytest

from imglint.model.suppression import BUILDKIT, HADOLINT, Suppression, suppressions
from imglint.source import Source
from imglint.syntax.dockerfile import parse


def found(text: str) -> tuple[Suppression, ...]:
    return suppressions(parse(Source("Dockerfile", text)))


def only(text: str) -> Suppression:
    (suppression,) = found(text)
    return suppression


def names(suppression: Suppression) -> list[str]:
    return [name.text for name in suppression.names]


@pytest.mark.parametrize(
    ("comment", "wanted", "tool"),
    [
        ("# imglint: ignore[a]", ["a"], ""),
        ("#imglint:ignore[a,b]", ["a", "b"], ""),
        ("#  imglint:  ignore [ a , b-c ]  because", ["a", "b-c"], ""),
        ("# imglint: ignore", [], ""),
        ("# imglint: ignore[]", [], ""),
        ("# hadolint ignore=DL3006", ["DL3006"], HADOLINT),
        ("# hadolint ignore=DL3006, SC1091 x", ["DL3006", "SC1091"], HADOLINT),
        ("# check=skip=UndefinedVar,StageNameCasing // x", ["UndefinedVar", "StageNameCasing"], BUILDKIT),
        ("# check=error=true;skip=UndefinedVar", ["UndefinedVar"], BUILDKIT),
    ],
)
def test_names(comment: str, wanted: list[str], tool: str) -> None:
    text = f"FROM a\n{comment}\nRUN b\n"
    suppression = only(text)
    assert (names(suppression), suppression.tool) == (wanted, tool)
    assert [text[slice(*name.span)] for name in suppression.names] == wanted
    assert text[slice(*suppression.comment)] == comment


@pytest.mark.parametrize(
    "comment",
    [
        "# imglint ignore[a]",
        "# imglint: ignored[a]",
        "# see imglint: ignore[a]",
        "# hadolint DL3006",
        "# hadolint ignore=",
        "# check=error=true",
        "# checkskip=a",
        "RUN echo '# imglint: ignore[a]'",
        "RUN <<EOF\n# imglint: ignore[a]\nEOF",
    ],
)
def test_what_silences_nothing(comment: str) -> None:
    assert found(f"FROM a\n{comment}\nRUN b\n") == ()


def test_above_an_instruction_it_holds_for_that_instruction() -> None:
    text = "FROM a\n# imglint: ignore[x]\n\n# y\nRUN b \\\n  c\nRUN d\n"
    assert text[slice(*only(text).scope)] == "RUN b \\\n  c\n"


def test_between_lines_it_holds_for_the_next_that_is_no_comment() -> None:
    text = "FROM a\nRUN b \\\n  # imglint: ignore[x]\n  # y\n  # imglint: ignore[z]\n  c \\\n  d\n"
    assert [text[slice(*each.scope)] for each in found(text)] == ["  c \\\n"] * 2


@pytest.mark.parametrize(
    "text",
    [
        "# imglint: ignore-file[x]\nFROM a\nRUN b\n",
        "FROM a\n# imglint: ignore-file[x]\nRUN b\n",
        "FROM a\nRUN b\n# imglint: ignore-file[x]\n",
        "FROM a\nRUN b \\\n# imglint: ignore-file[x]\n c\n",
        "# hadolint global ignore=DL3006\nFROM a\n",
        "# check=skip=UndefinedVar\nFROM a\n",
    ],
)
def test_the_whole_file(text: str) -> None:
    scope = only(text).scope
    assert scope.start == 0
    assert scope.end > len(text)


def test_below_everything_it_holds_for_nothing_but_itself() -> None:
    suppression = only("FROM a\n# imglint: ignore[x]\n")
    assert suppression.scope == suppression.comment


def test_a_comment_after_the_last_continuation_counts_once() -> None:
    assert names(only("FROM a\nRUN b \\\n# imglint: ignore[x]\n")) == ["x"]


def test_an_indented_check_is_no_directive() -> None:
    assert found("  # check=skip=UndefinedVar\nFROM a\nRUN b\n") == ()


def test_buildkit_does_not_look_at_an_indented_comment() -> None:
    assert found("FROM a\n  # check=skip=UndefinedVar\nRUN b\n") == ()
    assert names(only("\ufeff# a\n# check=skip=UndefinedVar\nFROM b\n")) == ["UndefinedVar"]
    assert names(only("FROM a\n  # imglint: ignore[a]\nRUN b\n")) == ["a"]
