"""Changes to YAML: the result is read as it is meant, and nothing else of it changes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span
from imglint.syntax import yaml, yamlnode
from imglint.syntax.yamledit import Change, add, append, edited, leaves, replace

WORKFLOW = """\
on: push  # always
jobs:
  build:
    steps:
      - uses: a/b@v1 # pinned
        with:
            list: |
              one
              two

            quoted: "x: y"

      # Not this one.
      - {uses: flow, with: {a: b}}
      - uses: *alias
      - run: echo hello
      - name: end
"""


def document(text: str) -> yaml.Document:
    return yaml.parse(Source("w.yml", text))


def at(found: yaml.Document, *path: str | int) -> yamlnode.Node | None:
    node = found.root
    for part in path:
        node = found.get(node, part) if isinstance(part, str) else found.items(node)[part]
    return node


def after(found: yaml.Document, change: Change | None) -> str:
    assert change is not None
    return edited(found.source, change)


STEPS = ("jobs", "build", "steps")
PLAIN = WORKFLOW.replace("      - uses: *alias\n", "")


def test_a_key_at_the_end() -> None:
    found = document(PLAIN)
    text = after(found, add(found, at(found, *STEPS, 0, "with"), "more", "${{ steps.x.outputs.y }}"))
    assert '            quoted: "x: y"\n            more: ${{ steps.x.outputs.y }}\n\n      # Not' in text
    assert len(text) == len(PLAIN) + len("            more: ${{ steps.x.outputs.y }}\n")


def test_a_key_behind_another() -> None:
    found = document(PLAIN)
    text = after(found, add(found, at(found, *STEPS, 0), "env", {"LEVELS": "manifest,index"}, after="uses"))
    assert "      - uses: a/b@v1 # pinned\n        env:\n          LEVELS: manifest,index\n        with:\n" in text


def test_lines_and_quotes_where_they_are_needed() -> None:
    found = document(PLAIN)
    node = at(found, *STEPS, 2)
    assert after(found, add(found, node, "a", "x: y's")).count("        a: 'x: y''s'\n") == 1
    assert after(found, add(found, node, "a", "k=v\n")).count("        a: |\n          k=v\n") == 1


def test_at_the_end_of_a_file_without_line_feed() -> None:
    found = document(PLAIN.rstrip("\n"))
    assert after(found, add(found, at(found, *STEPS, 3), "run", "x")).endswith("      - name: end\n        run: x")


def test_nothing_where_it_would_not_be_simple() -> None:
    found = document(PLAIN)
    assert add(found, at(found, *STEPS, 1), "a", "b") is None  # flow style
    assert add(found, at(found, *STEPS, 0), "uses", "b") is None  # there already
    assert add(found, at(found, *STEPS, 2, "run"), "a", "b") is None
    assert append(found, at(found, *STEPS, 2, "run"), "a") is None
    broken = document(WORKFLOW)
    assert broken.problems
    assert add(broken, at(broken, "jobs", "build"), "a", "b") is None
    kept = document("a:\n  b: |+\n    x\n\n\nc: d\n")
    assert add(kept, at(kept, "a"), "e", "f") is None  # the blank lines belong to the text


def test_a_line_of_a_block() -> None:
    found = document(PLAIN)
    text = after(found, append(found, at(found, *STEPS, 0, "with", "list"), "three"))
    assert "              two\n              three\n\n            quoted" in text


def test_text_inside_of_a_scalar() -> None:
    found = document(PLAIN)
    end = PLAIN.index("hello")
    assert "run: echo -n hello\n" in after(found, replace(found, Span(end, end), "-n "))
    assert replace(found, Span(end, end), "-n: ") is None
    assert replace(found, Span(end, end), "#") is None
    assert replace(found, Span(end + 1, end + 1), "#") is not None
    # A key is no value.
    assert replace(found, Span(PLAIN.index("jobs"), PLAIN.index("jobs") + 4), "works") is None


KEYS = st.sampled_from(["a", "b", "key", "with", "env", "x-y"])
SCALARS = st.text(st.sampled_from("ab :#-'\"{}[]|>&*!%@,?$\t"), max_size=8)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, min_size=1, max_size=3) | st.dictionaries(KEYS, inner, min_size=1),
    max_leaves=8,
)


def written(value: object, indent: str = "") -> Iterator[str]:
    """A value in block style, its strings in the ways that people write them."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _entry(f"{indent}{key}:", each, indent)
    elif isinstance(value, list):
        for each in value:
            yield from _entry(f"{indent}-", each, indent)


def _entry(head: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, str):
        plain = f"{head} {value}"
        doubled = value.replace("'", "''")
        fits = [each for _, each in leaves(document(f"k: {value}"))] == [value] and value
        yield plain if fits else f"{head} '{doubled}' # {len(value)}"
    else:
        yield head
        yield from written(value, indent + "   ")


def mappings(found: yaml.Document) -> Iterator[yamlnode.Mapping]:
    waiting: list[yamlnode.Node] = list(found.documents)
    while waiting:
        node = waiting.pop()
        if isinstance(node, yamlnode.Mapping):
            yield node
            waiting += [value for _, value in node.items]
        elif isinstance(node, yamlnode.Sequence):
            waiting += node.items


def plain(node: yamlnode.Node) -> object:
    if isinstance(node, yamlnode.Mapping):
        return {key.value: plain(value) for key, value in node.items if isinstance(key, yamlnode.Scalar)}
    return [plain(each) for each in node.items] if isinstance(node, yamlnode.Sequence) else getattr(node, "value", None)


@settings(deadline=None)
@given(st.dictionaries(KEYS, VALUES, min_size=1), SCALARS | st.dictionaries(KEYS, SCALARS, min_size=1), st.booleans())
def test_a_new_key_is_read_and_everything_else_stays(tree: object, value: str | Mapping[str, str], end: bool) -> None:
    text = "\n".join(written(tree)) + "\n" * end
    found = document(text)
    if found.problems:
        return
    for number, mapping in enumerate(mappings(found)):
        change = add(found, mapping, "new", value)
        assert change is not None or "\t" in str(value) or _is_odd(value)
        if change is not None:
            again = document(edited(found.source, change))
            assert again.problems == ()
            others = list(mappings(again))
            same = [each for each in others if "new" in plain(each)]  # type: ignore[operator]
            assert len(same) == 1
            there = plain(same[0])
            assert isinstance(there, dict)
            assert there.pop("new") == value
            assert there == plain(mapping), number


def _is_odd(value: str | Mapping[str, str]) -> bool:
    """Whether a value cannot be written on one line in single quotes."""
    return any(each != each.strip() for each in ([value] if isinstance(value, str) else value.values()))


@pytest.mark.parametrize("text", ["a: b", "a: b\n", "a:\n  - b: c\n", "---\na: b\n---\nc: d\n", "a:\n"])
def test_small_texts(text: str) -> None:
    found = document(text)
    change = add(found, found.root, "new", "x")
    assert change is not None
    assert [leaf for leaf in leaves(document(edited(found.source, change))) if leaf[0] != (0, "new")] == list(
        leaves(found)
    )
