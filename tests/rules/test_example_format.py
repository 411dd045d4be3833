"""How examples are read from a page."""

from __future__ import annotations

import pytest

from .examples import Example, ExampleError, Mark, examples


def page(*lines: str) -> str:
    return "\n".join(["## Examples", "", *lines, ""])


def test_markers_are_taken_out_and_point_at_the_line_above() -> None:
    (example,) = examples(page("```dockerfile bad", "FROM a", "LABEL x=y", "#     ^^^ too short", "```"))
    assert example == Example("bad", (("Dockerfile", "FROM a\nLABEL x=y\n"),), (Mark(2, 6, 9, "too short"),), "", 3)


def test_a_touching_hash_marks_column_one() -> None:
    (example,) = examples(page("```dockerfile bad", "FROM a", "#^^^^^ here", "```"))
    assert example.marks == (Mark(1, 0, 6, "here"),)


def test_several_markers_below_one_line() -> None:
    (example,) = examples(page("```dockerfile bad", "FROM a:b", "#    ^ one", "#      ^", "```"))
    assert example.marks == (Mark(1, 5, 6, "one"), Mark(1, 7, 8, ""))


def test_markers_inside_an_instruction() -> None:
    lines = ["LABEL a=b \\", "#     ^^^ first", "      c=d", "#     ^^^ second"]
    (example,) = examples(page("```dockerfile bad", *lines, "```"))
    assert example.text == "LABEL a=b \\\n      c=d\n"
    assert [mark.line for mark in example.marks] == [1, 2]


def test_a_comment_with_a_caret_is_no_marker() -> None:
    (example,) = examples(page("```dockerfile good", "FROM a", "# x^2", "# ^^^see", "```"))
    assert example.text == "FROM a\n# x^2\n# ^^^see\n"


def test_files_go_with_the_next_example_and_with_its_fixed_form() -> None:
    lines = ["```toml with imglint.toml", "x = 1", "```", "```ini with .git/config", "```"]
    bad = ["```dockerfile bad", "FROM a", "#^^^^^", "```"]
    fixed = ["```dockerfile fixed", "FROM b", "```"]
    first, second, third = examples(page(*lines, *bad, *fixed, "```dockerfile good", "FROM c", "```"))
    beside = (("imglint.toml", "x = 1\n"), (".git/config", ""))
    assert first.files == (*beside, ("Dockerfile", "FROM a\n"))
    assert second.files == (*beside, ("Dockerfile", "FROM b\n"))
    assert third.files == (("Dockerfile", "FROM c\n"),)


def test_the_caption_is_the_paragraph_above() -> None:
    lines = ["Not this one.", "", "This one,", "of two lines:", "", "```dockerfile good", "FROM a", "```"]
    follow = ["```dockerfile good", "FROM b", "```"]
    first, second = examples(page(*lines, *follow))
    assert (first.caption, second.caption) == ("This one, of two lines:", "")


def test_blocks_without_a_kind_are_no_examples() -> None:
    assert examples(page("```dockerfile", "FROM a", "```", "```", "text", "```")) == ()


def test_a_longer_fence_holds_a_shorter_one() -> None:
    (example,) = examples(page("````dockerfile good", "FROM a", "```", "````"))
    assert example.text == "FROM a\n```\n"


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["```dockerfile wrong", "FROM a", "```"], "`wrong` is not one of"),
        (["```dockerfile bad", "FROM a", "```"], "needs a line of carets"),
        (["```dockerfile good", "FROM a", "#^^^^^", "```"], "has a line of carets"),
        (["```dockerfile fixed", "FROM a", "```"], "follows a bad one"),
        (["```toml with imglint.toml", "```"], "no example follows"),
        (["```toml with ../imglint.toml", "```"], "a path below the example"),
        (["```toml with /etc/passwd", "```"], "a path below the example"),
        (["```toml with", "```"], "a path below the example"),
        (["```dockerfile bad", "#^^ nothing", "FROM a", "```"], "point at nothing"),
        (["```dockerfile bad", "FROM a", "#     ^^", "```"], "point at nothing"),
        (["```dockerfile good", "FROM a"], "never closed"),
    ],
)
def test_mistakes_are_told_with_their_line(lines: list[str], message: str) -> None:
    with pytest.raises(ExampleError, match=message) as raised:
        examples(page(*lines))
    assert str(raised.value).startswith("line ")
