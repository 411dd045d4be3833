"""The grammar of bake files, and what their expressions come to."""

from __future__ import annotations

import csv
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span, decode
from imglint.syntax import hclnode
from imglint.syntax.hcl import MAX_CHARACTERS, File, parse
from imglint.syntax.hclevaluate import Lookup, evaluate
from imglint.syntax.hclvalue import MAX_SIZE, Either, List, Map, Null, Scalar, Unknown, Value, text_of
from imglint.syntax.text import Text, literal


def read(text: str) -> File:
    return parse(Source("docker-bake.hcl", text))


def codes(text: str) -> list[str]:
    return [problem.code for problem in read(text).problems]


BAKE = """\ufeff# a comment
variable "TAG" { default = "v1" } // another
group default {
  targets = ["app", /* inside */ "web"]
}

target "app" {
  labels = {
    "org.opencontainers.image.title" = "App"
    plain : TAG, (TAG) = 1
  }
  contexts = {
    a = "b" }
  attest = [
    { type = "provenance", mode = "max" },
    # a comment
  ]
}
"""


def test_blocks_labels_and_attributes() -> None:
    file = read(BAKE)
    assert file.complete and not file.problems
    named = [(block.type, [label.text for label in block.labels]) for block in file.body.blocks]
    assert named == [("variable", ["TAG"]), ("group", ["default"]), ("target", ["app"])]
    target = file.body.blocks[2]
    assert [attribute.name for attribute in target.body.attributes] == ["labels", "contexts", "attest"]
    assert file.source.slice(target.labels[0].span) == "app"
    assert file.source.slice(target.span).endswith("]\n}")
    labels = target.body.get("labels")
    assert labels is not None and file.source.slice(labels.name_span) == "labels"
    assert isinstance(labels.value, hclnode.Object)
    assert [type(key).__name__ for key, _ in labels.value.items] == ["String", "String", "Reference"]
    assert target.body.get("tags") is None


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("a = ", "hcl-expression"),
        ("a = [1 2]", "hcl-list"),
        ("a = {b = 1 c = 2}", "hcl-object"),
        ("a = {b.c = 2}", "hcl-object"),
        ("a = {b == 2}", "hcl-object"),
        ("a = f(1 2)", "hcl-call"),
        ("a = (1", "hcl-parenthesis"),
        ("a = b[1", "hcl-index"),
        ("a = b ? c", "hcl-conditional"),
        ("a = 1.2.3", "hcl-number"),
        ("a = b.", "hcl-name"),
        ('a = "b', "hcl-unclosed-string"),
        ('a = "\\d"', "hcl-escape"),
        ('a = "\\ud800"', "hcl-escape"),
        ('a = "${b"', "hcl-interpolation"),
        ('a = "${b c}"', "hcl-interpolation"),
        ('a = "%{b}"', "hcl-directive"),
        ("a = <<X\nb\n", "hcl-unclosed-heredoc"),
        ("a = <<X\nb\nX", "hcl-unclosed-heredoc"),
        ("a = <<1\n", "hcl-heredoc"),
        ("a = [for b in c]", "hcl-for"),
        ("a = 1 /* b", "hcl-unclosed-comment"),
        ("a = 1, b = 2", "hcl-line-end"),
        ("a {} b {}", "hcl-line-end"),
        ("a { b = 1, c = 2 }", "hcl-item"),
        ("a { b {} }", "hcl-item"),
        ("a\n", "hcl-item"),
        ('"a" = 1', "hcl-name"),
        ("}", "hcl-name"),
        ("a {\n", "hcl-unclosed-block"),
        ('a "${b}" {}', "hcl-label"),
        ("a = 1\na = 2", "hcl-duplicate"),
        ("a = " + "[" * 1_000, "hcl-depth"),
        ("a = 1" + "+1" * 1_000, "hcl-depth"),
        ("a {\n" * 1_000, "hcl-depth"),
    ],
)
def test_what_hcl_refuses(text: str, code: str) -> None:
    assert code in codes(text)
    assert read(text).complete == (code == "hcl-duplicate")


def test_reading_goes_on_after_a_broken_place() -> None:
    file = read('target "a" {\n  tags = ["x"]\n  args = [\n}\n\ntarget "b" {\n  x = [\n}\nc = 1\ntarget "d" {}\n')
    assert [block.labels[0].text for block in file.body.blocks] == ["a", "b", "d"]
    assert file.body.get("c") is not None
    assert file.body.blocks[0].body.get("tags") is not None
    assert not file.complete


def known(names: dict[str, Value]) -> Lookup:
    return names.get


def plain(value: Value) -> object:
    """A value as Python has it; unknown parts of a text as `…`."""
    if isinstance(value, Scalar):
        return value.text.text == "true" if value.kind == "bool" else float(value.text.text)
    if isinstance(value, Text):
        return value.shown
    if isinstance(value, List):
        return [plain(item) for item in value.items]
    if isinstance(value, Either):
        return ("either", *map(plain, value.values))
    if isinstance(value, Map):
        return {key.shown: plain(item) for key, item in value.entries}
    return None if isinstance(value, Null) else value


def value_of(expression: str, **names: Value) -> Value:
    file = read(f"a = {expression}\n")
    assert file.problems == ()
    return evaluate(file.body.attributes[0].value, file.source, known(names))


def written(text: str) -> Text:
    return literal(text, Source("variables", text), Span(0, len(text)))


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ('"a\\n\\"\\\\\\u00e9\\U0001F600"', 'a\n"\\é😀'),
        ('"$${a} %%{b} $x 5% $"', "${a} %{b} $x 5% $"),
        ('"a-${TAG}-${1 + 2}-${true}"', "a-v1-3-true"),
        ('"${TAG}"', "v1"),
        ('"${true}"', True),
        ('"a ${~ TAG ~} b"', "av1b"),
        ('"${OTHER}/x"', "…/x"),
        ("<<E\n a\n  ${TAG}\n E\n", " a\n  v1\n"),
        ("<<-E\n    a\n\n      b ${TAG}\n    E\n", "a\n\n  b v1\n"),
        ("<<E\nE\n", ""),
        ("1.5", 1.5),
        ("null", None),
        ("[1, [TAG], {}]", [1.0, ["v1"], {}]),
        ('{ a = 1, "b" : 2\n (TAG) = 3 }', {"a": 1.0, "b": 2.0, "v1": 3.0}),
        ('{ a = 1, "a" = 2 }', {"a": 2.0}),
        ("LIST[1]", "y"),
        ("LIST.0", "x"),
        ('{ a = { b = "c" } }.a["b"]', "c"),
        ('split("-", "a-b")[1]', "b"),
        ("1 + 2 * 3 - 4 / 2", 5.0),
        ("-1 + 7 % 4", 2.0),
        ("!(1 >= 2) && 1 < 2", True),
        ('TAG == "v1" ? "yes" : "no"', "yes"),
        ('TAG != "v1" ? 1 : "no"', "no"),
        ('1 == "1"', False),
        ("null == TAG", False),
        ('OTHER == "" ? "same" : "same"', "same"),
        ("OTHER == 1 || true", True),
        ('equal("", TAG) ? [] : ["${TAG}"]', ["v1"]),
        ('notequal("", TAG)', True),
        ('and(true, "false")', False),
        ("or(false, not(false))", True),
        ('concat(LIST, ["z"])', ["x", "y", "z"]),
        ('compact(["a", "", null, "b"])', ["a", "b"]),
        ('distinct(["a", "b", "a"])', ["a", "b"]),
        ('flatten([["a"], "b", [["c"]]])', ["a", "b", "c"]),
        ('merge({ a = "1" }, null, { a = "2", b = OTHER }).a', "2"),
        ('join(",", LIST, ["${OTHER}!"])', "x,y,…!"),
        ('join(",", [])', ""),
        ('lower("AB")', "ab"),
        ('upper("ab")', "AB"),
        ('replace("a/b/c", "/", "--")', "a--b--c"),
        ('trim("--a-", "-")', "a"),
        ('trimspace(" a ")', "a"),
        ('trimprefix("v1", "v")', "1"),
        ('trimsuffix("a.git", ".git")', "a"),
        ('coalesce(null, TAG, "b")', "v1"),
        ("length(LIST)", 2.0),
        ('contains(LIST, "y")', True),
        ('lookup({ a = "b" }, "c", "d")', "d"),
        ("keys({ b = 1, a = 2 })", ["a", "b"]),
        ('values({ b = "1", a = "2" })', ["2", "1"]),
        ("element(LIST, 3)", "y"),
        ('format("%s-%v%%", TAG, 1)', "v1-1%"),
        ('join("-", LIST...)', Unknown('join("-", LIST...)')),
        ("concat([LIST, LIST]...)", ["x", "y", "x", "y"]),
        ("OTHER", Unknown("OTHER")),
        ("target.app.tags[0]", Unknown("target.app.tags[0]")),
        ("timestamp()", Unknown("timestamp()")),
        ("tag(TAG)", Unknown("tag(TAG)")),
        ("lower()", Unknown("lower()")),
        ("LIST[2]", Unknown("LIST[2]")),
        ("OTHER ? 1 : 2", ("either", 1.0, 2.0)),
        ("OTHER ? THIS : THAT", Unknown("OTHER ? THIS : THAT")),
        ('OTHER ? "a" : THAT ? "b" : []', ("either", "a", "b", [])),
        ('can(regex("^v[0-9]+", TAG)) ? "yes" : "no"', "yes"),
        ('can(regex("^([0-9]+)[.]", TAG)) ? "yes" : "no"', "no"),
        ('regex("([a-z])([0-9])", TAG)', ["v", "1"]),
        ('can(regex("^v", OTHER)) ? "yes" : "no"', ("either", "yes", "no")),
        ('setsubtract(LIST, ["x"])', ["y"]),
        ('sethaselement(LIST, "x")', True),
        ('concat(OTHER ? ["a"] : [], LIST)', [("either", "a", None), "x", "y"]),
        ("[for x in LIST : x]", Unknown("[for x in LIST : x]")),
        ("{ for k, v in LIST : k => v... if true }", Unknown("{ for k, v in LIST : k => v... if true }")),
        ("LIST[*].name", Unknown("LIST[*].name")),
        ('"%{ if TAG == "" }a%{ else }b%{ endif }"', Unknown('"%{ if TAG == "" }a%{ else }b%{ endif }"')),
        ("1 / 0", Unknown("1 / 0")),
        ("1.50", Unknown("1.50")),
    ],
)
def test_values(expression: str, expected: object) -> None:
    names = {"TAG": written("v1"), "LIST": List((written("x"), written("y")))}
    assert plain(value_of(expression, **names)) == expected


def test_a_value_knows_where_it_is_used_and_where_it_is_defined() -> None:
    tag = written("v1")
    value = value_of('"app:${TAG}${OTHER}"', TAG=tag)
    assert isinstance(value, Text)
    assert [piece.span for piece in value.pieces] == [Span(5, 9), Span(9, 15), Span(15, 23)]
    assert [piece.exact for piece in value.pieces] == [True, False, False]
    assert value.pieces[1].origin == tag.place
    assert value.unknowns == ("OTHER",)
    alone = value_of("TAG", TAG=tag)
    assert isinstance(alone, Text) and alone.span == Span(4, 7) and alone.origin == tag.place
    part = value_of('split("/", "a/bc")[1]')
    assert isinstance(part, Text) and part.span == Span(18, 20)
    assert text_of(value_of("[1]")) is None


def test_values_do_not_grow_without_bound() -> None:
    value: Value = List((written("x" * 1_000),))
    text: Value = written("x" * 1_000)
    for _ in range(20):
        value = value_of("[A, A]", A=value)
        text = value_of('"${A}${A}"', A=text)
        assert not isinstance(text, Text) or len(text.text) <= MAX_SIZE
    assert "[A, A]" in str(plain(value))
    long = written("a" * 100_000)
    assert value_of("replace(A, B, A)", A=long, B=written("a")) == Unknown("replace(A, B, A)")
    assert value_of('join(A, split("a", A))', A=long) == Unknown('join(A, split("a", A))')


def test_a_file_that_is_too_long_is_not_read() -> None:
    assert codes("#" * (MAX_CHARACTERS + 1)) == ["hcl-size"]


WORDS = [
    "a",
    "b1",
    "for",
    "in",
    "if",
    "true",
    "null",
    '"',
    "${",
    "%{",
    "}",
    "{",
    "~",
    "[",
    "]",
    "(",
    ")",
    "=",
    "==",
    ",",
    "\n",
]
WORDS += [
    ".",
    "...",
    "*",
    "?",
    ":",
    "=>",
    "<<E\n",
    "<<-E\n",
    "E\n",
    "1",
    "1.5e3",
    " ",
    "\\",
    "\\n",
    "#",
    "/*",
    "*/",
    "//",
    "$",
    "\r\n",
]
WORDS += ['a = "b"\n', 'target "a" {\n', "}\n", "a = [\n", "join(", "!", "-", "&&", "é", "\0", "\udc80"]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(WORDS), max_size=40).map("".join))
@example("a = " + "-" * 500 + "1")
@example("a = " + '"${' * 200)
@example("a = " + "a ? b : " * 200 + "c")
@example("a = " + "f(" * 200)
def test_no_text_is_too_broken(text: str) -> None:
    file = read(text)
    assert file.complete or file.problems
    for problem in file.problems:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
    for attribute in file.body.attributes:
        assert text[attribute.name_span.start : attribute.name_span.end] == attribute.name
        value = evaluate(attribute.value, file.source, known({"a": written("x"), "b1": List(())}))
        if isinstance(value, Text):
            for piece in value.pieces:
                assert not piece.exact or text[piece.span.start : piece.span.end] == piece.text


@pytest.mark.parametrize(
    "unit",
    [
        'a = "b"\n',
        "a = [1,\n",
        "a = <<X\n",
        "a {\n",
        "/*",
        "#\n",
        'a = "${\n',
        "a = {\n",
        "}\n",
        '"',
        "a",
        "1",
        "a.",
        " ",
    ],
)
def test_time_grows_with_the_text(unit: str) -> None:
    start = time.process_time()
    read(unit * (60_000 // len(unit)))
    assert time.process_time() - start < 2


@pytest.mark.shared
def test_real_files_are_read_whole(shared: Path) -> None:
    count = 0
    with (shared / "corpus" / "files.tsv").open(encoding="utf-8", newline="") as listing:
        rows = [row for row in csv.reader(listing, delimiter="\t") if row[2] == "bake" and row[1].endswith(".hcl")]
    for repository, path, *_ in rows:
        data = (shared / "corpus" / repository.replace("/", "__") / path).read_bytes()
        file = parse(Source(path, decode(data)))
        assert file.complete and not file.problems, path
        count += len(file.body.blocks)
    assert count > len(rows) > 50
