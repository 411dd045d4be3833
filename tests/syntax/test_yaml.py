"""YAML nodes: values as PyYAML has them, and the places of everything."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imglint.source import Source, decode
from imglint.syntax.yaml import MAX_CHARACTERS, MAX_MERGED, Document, parse
from imglint.syntax.yamlnode import MAX_DEPTH, Alias, Mapping, Node, Problem, Scalar, Sequence

WORKFLOW: Final = """\
name: "Build \\u00e9 \\"x\\""
on:
  push:
    branches: [main, 'release/**']   # two
  workflow_dispatch:
env: &env
  REGISTRY: ghcr.io
  IMAGE: ${{ github.repository }}
jobs:
  build:
    runs-on: ubuntu-latest
    env:
      <<: *env
      OTHER: a value
        over two lines
    steps:
      - uses: actions/checkout@v4
      - name: it''s 'fine'
        with: { push: true, tags: "a\\
          b" }
      - run: |
          echo one

            echo two
      - run: >-
          docker build
          --push .

          done

"""


def read(text: str) -> Document:
    return parse(Source("a.yml", text))


def nodes(document: Document) -> Iterator[Node]:
    waiting = list(document.documents)
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, Mapping):
            waiting += [each for pair in node.items for each in pair]
        elif isinstance(node, Sequence):
            waiting += node.items


def at(document: Document, *path: str | int) -> Node:
    """The node at the end of a path of keys and numbers."""
    node = document.root
    for step in path:
        node = document.get(node, step) if isinstance(step, str) else document.items(node)[step]
    assert node is not None
    return node


def scalar(text: str, *path: str | int) -> tuple[Document, Scalar]:
    document = read(text)
    node = at(document, *path)
    assert isinstance(node, Scalar)
    return document, node


def written(document: Document, node: Node) -> str:
    return document.source.slice(node.span)


def pieces(text: str, *path: str | int) -> list[tuple[str, str, bool]]:
    """What each piece of a scalar stands for, what is written there, and whether it is exact."""
    document, node = scalar(text, *path)
    found = document.text(node)
    assert found.text == node.value
    return [(piece.text, text[slice(*piece.span)], piece.exact) for piece in found.pieces]


def plain(document: Document, node: Node | None) -> Any:
    """What PyYAML's base loader makes of a node, but a mapping as a list of pairs."""
    target = document.resolve(node)
    if isinstance(target, Mapping):
        return [(plain(document, key), plain(document, value)) for key, value in target.items]
    if isinstance(target, Sequence):
        return [plain(document, item) for item in target.items]
    return target.value if target else None


def test_a_workflow() -> None:
    document = read(WORKFLOW)
    assert (document.problems, document.duplicates, document.complete) == ((), (), True)
    assert plain(document, at(document, "name")) == 'Build é "x"'
    assert [item.value for item in document.items(at(document, "on", "push", "branches"))] == ["main", "release/**"]  # type: ignore[union-attr]
    assert written(document, at(document, "on", "push", "branches")) == "[main, 'release/**']"
    assert written(document, at(document, "on")).endswith("workflow_dispatch:")
    assert document.is_null(at(document, "on", "workflow_dispatch"))
    build = at(document, "jobs", "build")
    assert isinstance(build, Mapping)
    assert [(key.value, value.value) for key, value in document.entries(at(document, "jobs", "build", "env"))] == [  # type: ignore[union-attr]
        ("OTHER", "a value over two lines"),
        ("REGISTRY", "ghcr.io"),
        ("IMAGE", "${{ github.repository }}"),
    ]
    key = document.key(document.get(build, "env"), "REGISTRY")
    assert key is not None and key.start == WORKFLOW.index("REGISTRY")
    assert plain(document, at(document, "jobs", "build", "steps", 2, "run")) == "echo one\n\n  echo two\n"
    assert written(document, at(document, "jobs", "build", "steps", 2, "run")).endswith("echo two")
    assert build.end == len(WORKFLOW.rstrip())
    assert document.boolean(at(document, "jobs", "build", "steps", 1, "with", "push")) is True


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("a: b # c", "b"),
        ("a: 'it''s' # c", "'it''s'"),
        ('a: "x\\n" ', '"x\\n"'),
        ("a: 😀 é\nb: c", "😀 é"),
        ("😀: 1\na: 'é'", "'é'"),
        ("a: &x !!str b", "b"),
        ("a: !t # c\n  b\n", "b"),
        ("a: !<tag:x> &y b", "b"),
        ("a: &x\nb: c", ""),
        ("a: |\n  x\n\n  y\n\n\nb: c", "|\n  x\n\n  y"),
        ("a: |+ # c\n  x\n\n", "|+ # c\n  x"),
        ("a:\n  - x\n  - y\n\n\n# c\nb: 1", "- x\n  - y"),
        ("a: &x\n  b: 1\n\nc: 2", "b: 1"),
        ("a: [x, y ] # c", "[x, y ]"),
        ("a: &x [x: 1 ]", "[x: 1 ]"),
        ("a: {}\n", "{}"),
        ("a:\n- x\n-\n\nb: 1", "- x\n-"),
        ("a: *x", "*x"),
        ("\ufeffa: b", "b"),
        ("\r\na: b\r\nc: d\r\n", "b"),
        ("? a\n: b\n? c\n\n\nd: e", "b"),
        ("a: b\\ \udc80c", "b\\ \udc80c"),
    ],
)
def test_what_the_span_of_a_value_holds(text: str, what: str) -> None:
    document = read(text)
    assert written(document, at(document, "a")) == what


def test_an_empty_value_is_after_its_key_and_not_at_the_next() -> None:
    document = read("? a\n\n\n? b\n")
    assert isinstance(document.root, Mapping)
    assert [value.start for _, value in document.root.items] == [3, 9]


@pytest.mark.parametrize("text", ["", "\n", "# c\n", "---\n", "\ufeff", "---\n...\n"])
def test_nothing_written(text: str) -> None:
    document = read(text)
    assert (document.root, document.problems, document.complete) == (None, (), True)


def test_several_documents_have_anchors_of_their_own() -> None:
    document = read("a: &x 1\n---\nb: *x\n--- c\n")
    assert [plain(document, root) for root in document.documents] == [[("a", "1")], [("b", None)], "c"]
    assert [problem.code for problem in document.problems] == ["alias"]
    assert document.root is document.documents[0]


TEXTS: Final = [
    ("a: b c", [("b c", "b c", True)]),
    ("a: 'b'", [("b", "b", True)]),
    ('a: ""', [("", "", True)]),
    ("a:", [("", "", True)]),
    ("a: 'b''c'", [("b", "b", True), ("'", "''", False), ("c", "c", True)]),
    ('a: "b\\tc\\x41"', [("b", "b", True), ("\t", "\\t", False), ("c", "c", True), ("A", "\\x41", False)]),
    ("a: b\n  c\n\n  d", [
        ("b", "b", True), (" ", "\n  ", False), ("c", "c", True), ("\n", "\n\n  ", False), ("d", "d", True),
    ]),
    ('a: "b \\\n   c"', [("b ", "b ", True), ("c", "c", True)]),
    ("a: 'b \n   c\n '", [("b", "b", True), (" ", " \n   ", False), ("c", "c", True), (" ", "\n ", False)]),
    ("a: |\n  b\n\n   c\n\nd: e", [("b\n", "b\n", True), ("\n", "\n", True), (" c\n", " c\n", True)]),
    ("a: |-\n  b\n  c\n", [("b\n", "b\n", True), ("c", "c", True)]),
    ("a: |+\n  b\n\n", [("b\n", "b\n", True), ("\n", "\n", True)]),
    ("a: |2\n   b\n", [(" b\n", " b\n", True)]),
    ("a: |\n  b", [("b", "b", True)]),
    ("a: |\r\n  b\r\n  c\r\n", [("b", "b", True), ("\n", "\n", True), ("c", "c", True), ("\n", "\n", True)]),
    ("a: >\n  b\n  c\n\n  d\n", [
        ("b", "b", True), (" ", "\n  ", False), ("c", "c", True), ("\n", "\n\n  ", False), ("d", "d", True),
        ("\n", "\n", True),
    ]),
    ("a: >-\n\n  b\n    c\n  d\n", [
        ("\n", "\n\n  ", False), ("b", "b", True), ("\n", "\n  ", False), ("  c", "  c", True), ("\n", "\n  ", False),
        ("d", "d", True),
    ]),
    ("a: |\n\n", [("", "|", False)]),
    ("a: |+\n\n", [("\n", "\n", True)]),
]  # fmt: skip


@pytest.mark.parametrize(("text", "expected"), TEXTS)
def test_the_places_of_the_characters_of_a_value(text: str, expected: list[tuple[str, str, bool]]) -> None:
    assert pieces(text, "a") == expected


@pytest.mark.parametrize(
    "text", ['a: "b\\\n\n  c \\ \n d"', "a: >2\n    \n   b\n", "a: |\n  x\u2028y\x85  z\n", 'a: "\\\n"']
)
def test_a_value_written_in_an_odd_way_keeps_a_place(text: str) -> None:
    assert pieces(text, "a")


def test_merged_keys_count_after_those_of_the_mapping_and_in_their_order() -> None:
    document = read(
        "x: &x {a: 1, b: 1, c: 1}\ny: &y {b: 2, d: 2, <<: *x}\nz: {<<: [*y, *x], d: 3}\nw: {'<<': *x, e: 4, e: 5}\n"
    )
    found = {key.value: plain(document, value) for key, value in document.entries(at(document, "z"))}
    assert found == {"a": "1", "b": "2", "c": "1", "d": "3"}
    assert [key.value for key, _ in document.entries(at(document, "w"))] == ["<<", "e"]
    assert plain(document, at(document, "w", "e")) == "5"
    assert document.get(at(document, "z"), "<<") is None


def test_questions_to_the_wrong_node_have_empty_answers() -> None:
    document, node = scalar("a", *())
    assert document.get(node, "a") is document.key(node, "a") is document.get(None, "a") is None
    assert not document.items(node)
    assert not document.entries(node)
    assert document.boolean(None) is None
    assert not document.is_null(None)


@pytest.mark.parametrize(
    ("word", "null", "boolean"),
    [
        ("", True, None),
        ("~", True, None),
        ("null", True, None),
        ("'null'", False, None),
        ("true", False, True),
        ("FALSE", False, False),
        ("yes", False, None),
        ("on", False, None),
        ("'true'", False, None),
        ("!!str true", False, None),
        ("[]", False, None),
    ],
)
def test_words_of_the_core_schema(word: str, null: bool, boolean: bool | None) -> None:
    document = read(f"a: {word}")
    value = at(document, "a")
    assert (document.is_null(value), document.boolean(value)) == (null, boolean)


def test_an_alias_stands_for_the_last_closed_node_of_its_name() -> None:
    document = read("[&a 1, *a, &a [*a, &a 2, *a], *a, &b [*b], *c]")
    assert plain(document, document.root) == ["1", "1", [None, "2", "2"], "2", [None], None]
    assert [problem.reason for problem in document.problems] == [
        "`*a` is inside of `&a`",
        "`*b` is inside of `&b`",
        "there is no `&c` before it",
    ]
    last = document.items(document.root)[-1]
    assert isinstance(last, Alias)
    assert written(document, last) == "*c"


def test_duplicates_have_the_places_of_both() -> None:
    text = "a: 1\nb: {c: 1, 'c': 2}\na: 3\na: 4\n"
    document = read(text)
    assert [(text[slice(*second)], second.start, first.start) for second, first in document.duplicates] == [
        ("'c'", text.index("'c'"), text.index("c:")),
        ("a", text.index("a: 3"), 0),
        ("a", text.index("a: 4"), 0),
    ]
    assert plain(document, at(document, "a")) == "4"
    assert document.complete


BROKEN: Final = [
    ("a: b\nc: d: e\n", ": e", "a `:` cannot stand here", [("a", "b"), ("c", "d")]),
    ("a: b\nc\nd: e\n", "c\n", "a `:` is missing after the key", [("a", "b")]),
    ("a: 'b\nc: d\n", "'b", "the quote that begins here has no end", [("a", "")]),
    ("a: b\n\tc: d", "\tc", "a tab cannot indent", [("a", "")]),
    ("a: @b", "@b", "a value cannot begin with `@`", [("a", "")]),
    ("a: `b`", "`b", "a value cannot begin with ```", [("a", "")]),
    ("a: [b, c\nd: e", ": e", "a `,` or the closing `]` is missing", [("a", ["b", "c d"])]),
    ("a: {b: c", "", "a `,` or the closing `}` is missing", [("a", [("b", "c")])]),
    ("a:\n  - b\n c: d\n", "c: d", "not in line with the keys", [("a", ["b"])]),
    ("- a\nb: c\n", "b: c", "not in line with the list items", ["a"]),
    ('a: "\\q"', '\\q"', "`\\q` is no escape", [("a", "")]),
    ('a: "\\ud83d\\ude00"', None, "stands for no character", [("a", "")]),
    ("a: *\n", None, "a name is missing", [("a", "")]),
    ("a: !x!y z\n", "!x!y", "no `%TAG` directive", [("a", "")]),
    ("a: b\n}\n", "}", "", [("a", "b")]),
    ("{a: b} c\n", "c\n", "the document ends before this", [("a", "b")]),
    ("a: 1\n- b\n", "- b", "", [("a", "1")]),
]


@pytest.mark.parametrize(("text", "place", "reason", "kept"), BROKEN)
def test_what_is_before_an_error_is_kept(text: str, place: str | None, reason: str, kept: object) -> None:
    document = read(text)
    (problem,) = document.problems
    assert problem.code == "syntax"
    assert reason in problem.reason
    assert not document.complete
    if place is not None:
        assert text[problem.span.start :].startswith(place)
        assert bool(place) == (problem.span.start < problem.span.end)
    assert plain(document, document.root) == kept


@pytest.mark.parametrize(
    ("text", "at_offset", "reason"),
    [
        ("a: b\udc80c\nd: e", 4, "the file is not UTF-8"),
        ("a: b\0c\nd: e", 4, "the character U+0000 is not allowed in YAML"),
        ("a: 'b\x7fc'\nd: e", 5, "the character U+007F is not allowed in YAML"),
    ],
)
def test_characters_that_yaml_does_not_allow(text: str, at_offset: int, reason: str) -> None:
    document = read(text)
    assert document.problems == (Problem("character", (at_offset, at_offset + 1), reason),)  # type: ignore[arg-type]
    assert document.complete
    assert plain(document, document.root) == [("a", "b\ufffdc"), ("d", "e")]


def test_json() -> None:
    strings = '"\\u00e9", "x\\ud83d\\ude00y", "\\\\ud83d", "\\ud83d", "\\ue03d \ue03d"'
    text = f'\ufeff{{\n\t"a\\/b":\t[{strings}, true],\n\t"c": {{}}\n}}'
    document = read(text)
    assert document.problems == ()
    assert plain(document, document.root) == [
        ("a/b", ["é", "x😀y", "\\ud83d", "\ufffd", "\ue03d \ue03d", "true"]),
        ("c", []),
    ]
    assert pieces(text, "a/b", 1) == [("x", "x", True), ("😀", "\\ud83d\\ude00", False), ("y", "y", True)]


def doubling(form: str) -> str:
    return "a0: &a0 {k: v}\n" + "".join(form.replace("+", str(n + 1)).replace("#", str(n)) for n in range(100))


HOSTILE: Final[dict[str, tuple[Callable[[], str], set[str]]]] = {
    "nested lists": (lambda: "- " * 25_000, {"limit"}),
    "nested brackets": (lambda: "[" * 50_000, {"limit"}),
    "nested braces": (lambda: "{" * 50_000, {"limit"}),
    "nested keys": (lambda: "? " * 25_000, {"limit"}),
    "nested mappings": (lambda: "".join(" " * n + "a:\n" for n in range(1_000)), {"limit"}),
    "nested pairs": (lambda: "{a: " * 50_000, {"limit"}),
    "an anchor in itself": (lambda: "&a [*a, {b: *a}]\n", {"alias"}),
    "a merge of itself": (lambda: "a: &a {<<: *a, b: c}\n", {"alias"}),
    "laughs": (lambda: doubling("a+: &a+ [*a#, *a#]\n"), set()),
    "merged laughs": (lambda: doubling("a+: &a+ {<<: [*a#, *a#, *a#]}\n"), set()),
    "a chain of merges": (
        lambda: "- &a0 {a: b}\n" + "".join(f"- &a{n + 1} {{<<: *a{n}, k{n}: y}}\n" for n in range(10_000)),
        set(),
    ),
    "merges that are no mappings": (lambda: "- &a [" + "b, " * 10_000 + "]\n" + "- {<<: *a}\n" * 10_000, set()),
    "a large mapping merged often": (
        lambda: "- &a {" + "".join(f"k{n}: v, " for n in range(10_000)) + "}\n" + "- {<<: *a}\n" * 10_000,
        set(),
    ),
    "merges of a list": (lambda: "- &a [" + "{a: b}, " * 10_000 + "]\n" + "- {<<: [*a, *a, *a]}\n" * 10_000, set()),
    "a large file": (lambda: "- a\n" * (MAX_CHARACTERS // 4), {"limit"}),
    "a large script": (lambda: "a: |\n" + "  x\n" * 100_000, set()),
    "a too large file": (lambda: "# a\n" * (MAX_CHARACTERS // 4 + 1), {"limit"}),
    "documents": (lambda: "--- a\n" * 20_000, set()),
    "duplicate keys": (lambda: "a: b\n" * 100_000, set()),
    "directives": (lambda: "".join(f"%TAG !a{n}! x\n" for n in range(50_000)) + "--- a", {"limit"}),
    "surrogates": (lambda: "a: " + "\udc80" * 500_000, {"character"}),
    "halves of characters": (lambda: '["' + "\\ud83d" * 50_000 + '"]', set()),
    "escapes": (lambda: '"' + "\\x41" * 20_000 + '"', set()),
    "quotes": (lambda: "'" + "''" * 100_000 + "'", set()),
    "folded lines": (lambda: "a: " + "b\n  " * 50_000, set()),
    "backslashes at line ends": (lambda: 'a: "' + "\\\n  " * 20_000 + '"', set()),
    "folded block": (lambda: "a: >\n" + "  b\n" * 50_000, set()),
    "blank lines": (lambda: "a: |+\n" + "\n" * 50_000, set()),
    "blanks": (lambda: "? a\n" + " \n" * 500_000 + "b: " + " " * 500_000, set()),
    "empty keys": (lambda: "? \n" * 20_000, set()),
    "tags": (lambda: "a: " + "!" + "x" * 500_000 + " " * 500_000 + "&" + "y" * 500_000 + " b", set()),
    "byte-order marks": (lambda: "\ufeff" * 100_000, set()),
    "NUL": (lambda: "\0" * 100_000, {"character"}),
    "tabs": (lambda: "\t" * 100_000 + "a: b", {"syntax"}),
    "other line breaks": (lambda: "a: 'b" + "\x85\u2028\u2029" * 100_000 + "'", set()),
    "carriage returns": (lambda: "a: |\r" + "  b\r" * 100_000, set()),
}
SECONDS: Final = 2.0
"""Of the processor, for the reading; and as much for the questions."""


def ask(document: Document) -> None:
    """Each question once for each of the first nodes."""
    for node in islice(nodes(document), 20_000):
        document.entries(node)
        document.get(node, "a")
        document.items(node)
        if isinstance(node, Scalar):
            assert document.text(node).text == node.value


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_texts_cost_little_and_are_told(name: str) -> None:
    make, codes = HOSTILE[name]
    text = make()
    before = time.process_time()
    document = read(text)
    between = time.process_time()
    assert between - before < SECONDS
    assert {problem.code for problem in document.problems} == codes
    ask(document)
    assert time.process_time() - between < 2 * SECONDS
    assert document.complete == (not codes & {"limit", "syntax"})


def test_depth_up_to_the_limit_is_read() -> None:
    document = read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    assert document.complete
    deeper = read("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))
    assert [problem.code for problem in deeper.problems] == ["limit"]
    assert deeper.problems[0].span == (MAX_DEPTH, MAX_DEPTH + 1)


def test_what_is_merged_is_limited_for_the_whole_text() -> None:
    count = 1_000
    document = read("- &a {" + "".join(f"k{n}: v, " for n in range(count)) + "}\n" + "- {<<: *a}\n" * count)
    sizes = [len(document.entries(item)) for item in document.items(document.root)]
    assert sizes[:2] == [count, count]
    assert sizes[-1] == 0
    assert sum(sizes) <= MAX_MERGED + count


TOGETHER = settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LINES: Final = WORKFLOW.splitlines(keepends=True)
TOKENS = [*"abk é😀:-?,[]{}#&*!|>'\"%@`\\\n\r\t\0\x85\u2028\ufeff\udc80"]
TOKENS += ["\n", "\n  ", "\r\n", ": ", "- ", "? ", " #", "a: ", "- a", "&x ", "*x", "<<: ", "''", "|\n", ">-\n ", "  "]
TOKENS += ["\\n", "\\u00e9", "\\ud83d\\ude00", "---\n", "...\n", "!!str ", "|2-\n", "\n\n"]
YAMLISH = st.lists(st.sampled_from(TOKENS), max_size=40).map("".join)
MUTATED = st.tuples(st.integers(0, len(WORKFLOW)), st.integers(0, 30), YAMLISH).map(
    lambda each: WORKFLOW[: each[0]] + each[2] + WORKFLOW[each[0] + each[1] :]
)
SHUFFLED = st.lists(st.sampled_from(LINES), max_size=20).map("".join)
ANY = YAMLISH | MUTATED | SHUFFLED | st.text(max_size=30)


@TOGETHER
@given(ANY)
@example("a: |+\n\n \n")
@example("\ufeff- \ufeffa\n- b")
def test_any_text_is_read_and_all_places_are_in_it(text: str) -> None:
    document = read(text)
    for problem in document.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert problem.reason
    assert document.complete or document.problems
    for node in nodes(document):
        assert 0 <= node.start <= node.end <= len(text)
        document.entries(node)
        for child in node.items if isinstance(node, Sequence) else ():
            assert node.start <= child.start <= child.end <= node.end
        if not isinstance(node, Scalar):
            continue
        found = document.text(node)
        assert found.text == node.value
        end = node.start
        for piece in found.pieces:
            assert end <= piece.span.start <= piece.span.end <= len(text)
            end = piece.span.end
            if piece.exact:
                here = text[slice(*piece.span)]
                assert len(here) == len(piece.text)
                assert all(a in (b, "\ufffd") for a, b in zip(piece.text, here, strict=True))


def oracle(text: str) -> Any:
    """What PyYAML's base loader makes of a text, mappings as lists of pairs; None if it raises."""
    import yaml

    class Loader(yaml.CBaseLoader):
        pass

    def pairs(loader: Any, node: Any) -> list[Any]:
        return [(loader.construct_object(a, True), loader.construct_object(b, True)) for a, b in node.value]

    Loader.add_constructor("tag:yaml.org,2002:map", pairs)
    Loader.add_constructor(None, lambda loader, node: _unknown(loader, node, pairs))
    try:
        return list(yaml.load_all(text, Loader=Loader))
    except (yaml.YAMLError, UnicodeError):
        return None


def _unknown(loader: Any, node: Any, pairs: Callable[[Any, Any], Any]) -> Any:
    import yaml

    if isinstance(node, yaml.MappingNode):
        return pairs(loader, node)
    if isinstance(node, yaml.SequenceNode):
        return [loader.construct_object(each, True) for each in node.value]
    return node.value


@TOGETHER
@given(ANY)
@example("\ufeff\ufeff\ufeff")
@example("\ufeffa: b")
def test_values_are_those_of_pyyaml(text: str) -> None:
    document = read(text)
    expected = oracle(text)
    if document.problems:
        assert expected is None or {problem.code for problem in document.problems} == {"alias"}
    elif expected is not None:
        assert [plain(document, root) for root in document.documents] == expected


@pytest.mark.shared
def test_all_files_of_the_corpus(shared: Path) -> None:
    corpus = shared / "corpus"
    rows = [line.split("\t") for line in (corpus / "files.tsv").read_text().splitlines()[1:]]
    files = [corpus / row[0].replace("/", "__") / row[1] for row in rows if row[2] in ("workflow", "compose", "bake")]
    count = 0
    for path in files:
        if path.suffix not in (".yml", ".yaml", ".json") or not path.is_file():
            continue
        text = decode(path.read_bytes())
        document = read(text)
        assert document.problems == ()
        assert [plain(document, root) for root in document.documents] == oracle(text), path
        for node in nodes(document):
            if isinstance(node, Scalar):
                here = text[node.start : node.end]
                assert document.text(node).text == node.value
                assert node.style or "\n" in here or here == node.value
        count += 1
    assert count > 500


WITHOUT_LIBYAML: Final = """
import sys
sys.modules["yaml._yaml"] = None
from imglint.source import Source
from imglint.syntax.yaml import parse
for text in sys.stdin.buffer.read().decode("utf-8", "surrogatepass").split("\\x1c"):
    found = parse(Source("a", text))
    print(len(found.documents), found.complete, [problem.code for problem in found.problems],
        found.root.span if found.root else None, getattr(found.get(found.root, "a"), "value", None),
        len(found.duplicates))
"""


def test_pyyaml_without_libyaml_will_do() -> None:
    texts = ["\ufeffa: b", WORKFLOW, "a: [b", "a: 'b", "a: \0", "a: \udc80", "[" * 300, '{"a": "\\ud83d\\ude00"}']
    process = subprocess.run(
        [sys.executable, "-c", WITHOUT_LIBYAML],
        input="\x1c".join(texts).encode("utf-8", "surrogatepass"),
        capture_output=True,
        check=True,
        env={"PYTHONIOENCODING": "utf-8", "PYTHONPATH": str(Path(__file__).parents[2])},
    )
    lines = process.stdout.decode().splitlines()
    for text, line in zip(texts, lines, strict=True):
        found = read(text)
        assert line == " ".join(
            str(each)
            for each in (
                len(found.documents),
                found.complete,
                [problem.code for problem in found.problems],
                found.root.span if found.root else None,
                getattr(found.get(found.root, "a"), "value", None),
                len(found.duplicates),
            )
        )
