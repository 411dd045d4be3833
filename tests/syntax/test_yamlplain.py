"""The reader of plain YAML: whatever it takes upon itself, it reads as libyaml does."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Final

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from imglint.source import BOM, Source, decode
from imglint.syntax import yaml, yamlplain, yamlread
from imglint.syntax.yamlnode import Alias, Mapping, Node, Scalar, Sequence

WORKFLOW: Final = """\
# Builds the image.
name: Build

on:
  push:
    branches: [main, 'release/**', "v1"] # two
  workflow_dispatch:
permissions: { contents: read, packages: write }
env:
  'REGISTRY': ghcr.io
  "IMAGE":  ghcr.io/octocat/hello:${{ github.sha }}
jobs:
  build:
    if: github.event_name == 'push' && !cancelled()
    runs-on:   ubuntu-latest
    strategy:
      matrix:
        include:
        - platform: linux/amd64
          runner: ''
        -   platform: linux/arm64
            runner: {}

        # not yet
        -
          platform: 'it''s none'
    steps:
      - uses: actions/checkout@v4 # v4.2
      -
        name: é 😀 # not: a key
        run: |

          # no comment
          echo one:  \\

            echo "two"
          \x20\x20
      # a comment
      - run: >-
          docker build
          --push .

          done

      - --no-cache
      - http://localhost:80/#a
    outputs:
"""


def told(node: Node) -> object:
    """All that is known of a node and those in it."""
    if isinstance(node, Scalar):
        return node.value, node.start, node.end, node.style, node.tag, node.anchor
    if isinstance(node, Sequence):
        return [told(item) for item in node.items], node.start, node.end, node.tag, node.anchor
    assert not isinstance(node, Alias)
    return [(told(key), told(value)) for key, value in node.items], node.start, node.end, node.tag, node.anchor


def is_read(text: str) -> bool:
    """Whether a text is read, and then as libyaml reads it."""
    root = yamlplain.read(text)
    if root is None:
        return False
    nodes, ending = yamlread.read(text)
    assert (ending, nodes.problems, nodes.duplicates, len(nodes.roots)) == (None, [], [], 1)
    assert told(root) == told(nodes.roots[0])
    return True


def test_a_workflow() -> None:
    assert is_read(WORKFLOW)


@pytest.mark.parametrize(
    "text",
    [
        "a: b",
        "\n\n# c\n---\n# d\n\na: b\n",
        "  a: 1\n  b:\n",
        "- a\n-\n- b: c\n  d:\n  - e\n",
        "a:\n- b\n-  c: d\n   e: f\ng:\n",
        "a:   \n    b: c   \n  # d\n   \n    e:  # f\n",
        "a: |\n b",
        "a: |\n b\n\n\n",
        "a: |-\n   b\n    c\n  \n   d  \n# e\nf: g\n",
        "- |\n a\n- >\n b\n c\n\n d\n- >-  \n  e\n",
        "a::b: c\nd:e: f#g:h\n",
        "a b: c, [d] {e} 'f' \"g\"\n",
        "'a:b': \"c: # d\"   # e\n",
        "- 'a: b'\n- \"c: d\" # e\n- '#'\n- ''\n",
        "a: [ ]\nb: [c] # d\n",
        "a: [b c , 'd, e' ,\"f\"] # g\nh: {i: j k, \"l\":   'm'}\n",
        "a: -b\nc: --d",
        "é: ü\n😀: 1\n",
        "a: ${{ b }}\n$c: /d\n.e: ~\n",
        f"{'a' * 1000}: b\n",
    ],
)
def test_what_is_read(text: str) -> None:
    assert is_read(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "# a\n",
        "a",
        "[a]\n",
        "{a: b}\n",
        "---\n",
        "--- a\n",
        "%YAML 1.2\n---\na: b\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "... a: b\n",
        "a: b\nc\n",
        "a: b\n c\n",
        "a: b\n  c: d\n",
        "a: 'b\n  c'\n",
        "a: [b,\n  c]\n",
        "a:\n  b\n",
        "a: b: c\n",
        "a: b:\n",
        "a: - b\n",
        "a: -\n",
        "- - a\n",
        "-\ta\n",
        "a:\tb\n",
        "a: b\r\nc: d\r\n",
        "a: b\x85",
        "a: \u2028\n",
        "a: \ufeff\n",
        "a: \0\n",
        "a: \udc80\n",
        "a: &b c\n",
        "a: *b\n",
        "*a : b\n",
        "a: !b c\n",
        "? a\n: b\n",
        "a: ?b\n",
        "a: %b\n",
        "a: @b\n",
        "<<: b\n",
        "a: 1\na: 2\n",
        "a: {b: 1, b: 2}\n",
        "a: [b: c]\n",
        "a: [[b]]\n",
        "a: [b, ]\n",
        "a: {b}\n",
        "a: {b:c}\n",
        'a: "\\n"\n',
        "a: 'b'c\n",
        "a: 'b': c\n",
        "a: [b]#c\n",
        "a: |+\n b\n",
        "a: |2\n  b\n",
        "a: | # b\n  c\n",
        "a: |b\n",
        "a: |\n",
        "a: |\n\nb: c\n",
        "a: |\nb: c\n",
        "- a: |\n  b\n",
        "a: |\n   \n b\n",
        "a: >\n b\n  c\n d\n",
        "a: >\n\n b\n",
        "a: |\n b\n ",
        "a:\n  b: c\n d: e\n",
        "a:\n  - b\n - c\n",
        "a:\n  - b\n  c: d\n",
        "- a\nb: c\n",
        "a: b\n- c\n",
        "a : b\n",
        "a #b: c\n",
        f"{'a' * 1001}: b\n",
        f"a:\n{' ' * 91}b: c\n",
        f"a: {'b' * yamlplain.MAX_CHARACTERS}\n",
    ],
)
def test_what_is_left_to_libyaml(text: str) -> None:
    assert not is_read(text)


def test_depth_and_number_of_nodes_stay_within_the_limits_of_libyaml() -> None:
    """At every column a mapping, and in it a list that is not indented."""
    text = "".join(f"{' ' * n}a:\n{' ' * n}-\n" for n in range(yamlplain.MAX_COLUMN))
    assert is_read(text)
    assert is_read("a:\n" + "-\n" * (yamlplain.MAX_CHARACTERS // 2 - 10))
    assert is_read("a:\n" + " - b:\n" * (yamlplain.MAX_CHARACTERS // 6 - 10))


@pytest.mark.parametrize(
    ("begin", "middle", "end"),
    [
        ("a: [", "b ", "#"),
        ("a: [", "b, ", "#"),
        ("a: {", "b: c, ", "#"),
        ("a: '", "''", "x"),
        ("a: 'b'", " ", "c"),
        ("", "# \n", "--- a"),
        ("a: |\n b\n", "  \n", "c"),
    ],
)
def test_what_is_left_late_costs_little(begin: str, middle: str, end: str) -> None:
    room = yamlplain.MAX_CHARACTERS - len(begin) - len(end)
    before = time.process_time()
    assert yamlplain.read(begin + middle * (room // len(middle)) + end) is None
    assert time.process_time() - before < 0.5


def test_the_reader_stands_in_for_libyaml() -> None:
    for text in (WORKFLOW, BOM + WORKFLOW):
        document = yaml.parse(Source("a.yml", text))
        assert document.complete
        assert document.root is not None and document.root.start == text.index("name")
        for key, value in document.entries(document.root):
            assert document.get(document.root, key.value) is value
            assert document.source.slice(key.span).strip("'\"") == key.value
        assert not isinstance(document.root, Mapping) or document.entries(document.root) == document.root.items


SCALARS: Final = ["a", "b c", "x-y", "${{ z }}", "http://h:1/#x", "a#b", "'q # r'", "'it''s: #'", '"d: # e"', "''"]
SCALARS += ["[]", "{}", "[a, 'b', \"c\"]", "{ a: b, 'c': d }", "a, b]", "-x", "--y", "~", "é", "1.0", "a: b", "c:"]
SCALARS += ["|", ">-", "|2", "&a b", "*a", "!t", "? x", "- x", "%", "@", "`", "<<", "---", "...", "\t", "\\", "\u00a0"]
SCALARS += [" # c", "#", " #c", ":", " ", "'", '"', "[", "{", "a :", "😀", "\x85", "[a b , c]", "{a: [b]}", "x: |"]
SCALAR: Final = st.sampled_from(SCALARS)
KEY: Final = st.sampled_from(["a", "b", "c d", "e.f", "'g'", '"h"', "$i", "j#k", "l:m"])
BLANKS: Final = st.sampled_from(["", "", "", " ", "  "])
INDENT: Final = st.sampled_from(["", "", " ", "  ", "  ", "   ", "    ", "    ", "      "])
ENDING: Final = st.sampled_from(["\n", "\n", "", "\n\n", "\n  \n", "\n# z"])


@st.composite
def any_lines(draw: st.DrawFn) -> str:
    """Lines that look like YAML, with whatever indentation."""
    one = st.one_of(
        st.builds("{}: {}{}".format, KEY, SCALAR, BLANKS),
        st.builds("{}:{}".format, KEY, BLANKS),
        st.builds("- {}{}: {}".format, BLANKS, KEY, SCALAR),
        st.builds("-{}{}".format, BLANKS, SCALAR),
        st.builds("{}: {}".format, KEY, st.sampled_from(["|", "|-", ">", ">-"])),
        st.builds("{}{}{}".format, SCALAR, BLANKS, SCALAR),
        st.sampled_from(["", "-", "# c", "- |"]),
    )
    return "\n".join(draw(st.lists(st.builds("{}{}".format, INDENT, one), max_size=12))) + draw(ENDING)


def value(column: int, depth: int) -> st.SearchStrategy[list[str]]:
    """What stands after a colon or dash, and the lines after it."""
    line = st.builds("{}{}{}".format, BLANKS, st.sampled_from(SCALARS[:20]), st.sampled_from(["", "", " ", "  # c: d"]))
    empty = st.sampled_from(["", " ", " # c"])
    simple = st.one_of(line, line, empty).map(lambda text: [text])
    indent = " " * (column + 2)
    body = st.sampled_from(
        [f"{indent}a: #b", f"{indent}- c  ", f"{indent}  d", "", indent, f"{indent}  ", f"{indent}'"]
    )
    block = st.builds(lambda head, lines: [head, *lines], st.sampled_from(["|", "|-", ">", ">-"]), st.lists(body))
    if not depth:
        return simple | block
    inner = st.integers(1, 3).flatmap(lambda more: mapping(max(column, 0) + more, depth - 1))
    items = st.integers(0, 2).flatmap(lambda more: sequence(max(column, 0) + more, depth - 1))
    return simple | block | st.builds(lambda text, lines: [text, *lines], empty, inner | items)


def mapping(column: int, depth: int) -> st.SearchStrategy[list[str]]:
    entry = st.tuples(KEY, value(column, depth)).map(lambda pair: [f"{pair[0]}: {pair[1][0]}", *pair[1][1:]])
    return st.lists(entry, min_size=1, max_size=4, unique_by=lambda lines: lines[0].partition(": ")[0]).map(
        lambda entries: [line for first, *more in entries for line in (" " * column + first, *more)]
    )


def sequence(column: int, depth: int) -> st.SearchStrategy[list[str]]:
    scalars = value(column, depth).map(lambda lines: [f"- {lines[0]}", *lines[1:]])
    mappings = mapping(column + 2, depth).map(lambda lines: [f"- {lines[0][column + 2 :]}", *lines[1:]])
    return st.lists(scalars | mappings, min_size=1, max_size=4).map(
        lambda entries: [line for first, *more in entries for line in (" " * column + first, *more)]
    )


WRITTEN: Final = st.builds("{}{}".format, st.one_of(mapping(0, 2), sequence(0, 2)).map("\n".join), ENDING)
CHANGED: Final = st.builds(
    lambda at, length, text: WORKFLOW[:at] + text + WORKFLOW[at + length :],
    st.integers(0, len(WORKFLOW)),
    st.integers(0, 12),
    st.one_of(SCALAR, INDENT, st.just("\n"), st.text(max_size=3)),
)
SHUFFLED: Final = st.lists(st.sampled_from(WORKFLOW.splitlines()), max_size=12).map("\n".join)
MANY: Final = settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])


@MANY
@given(st.one_of(WRITTEN, CHANGED, any_lines(), SHUFFLED))
@example("a: |\n  b\n    \n\nc: d")
@example("a: >\n  b\n\n\n  c\n\n")
@example("a:\n- b:\n  - c\n- d\ne:")
def test_what_is_read_is_what_libyaml_reads(text: str) -> None:
    is_read(text)


@pytest.mark.shared
def test_most_files_of_the_corpus_are_read(shared: Path) -> None:
    files = [path for path in sorted((shared / "corpus").rglob("*.y*ml")) if path.is_file()]
    texts = [decode(path.read_bytes()) for path in files]
    assert len(texts) > 600
    assert sum(map(is_read, texts)) > 0.9 * len(texts)
