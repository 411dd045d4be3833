"""GitHub Actions expressions, as the documentation's tables have them, and what partial knowledge decides."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span
from imglint.syntax.expression import (
    MAX_DEPTH,
    MAX_LENGTH,
    Access,
    Binary,
    Call,
    Context,
    Literal,
    Not,
    Opaque,
    Star,
    find,
    parse,
    written,
)
from imglint.syntax.expressioncall import MAX_VALUE
from imglint.syntax.expressionevaluate import evaluate, holds, substitute, whole
from imglint.syntax.expressionvalue import List, Object, Scalar, Unknown, Value, truth
from imglint.syntax.text import HOLE, Piece, Place, Text, joined, literal, unknown

WORKFLOW = Source("ci.yml", "env: {REGISTRY: ghcr.io}" + " " * 200)
PLACE = Place(WORKFLOW, Span(30, 40))
DEFINED = Span(16, 23)


def known(text: str) -> Text:
    return literal(text, WORKFLOW, DEFINED)


def partly(before: str, reason: str, after: str = "") -> Text:
    return joined([known(before), unknown(reason, *PLACE), known(after)])


VALUES: dict[tuple[str, ...], Value] = {
    ("env", "REGISTRY"): known("ghcr.io"),
    ("env", "EMPTY"): known(""),
    ("env", "IMAGE"): partly("ghcr.io/", "github.repository", "/app"),
    ("matrix", "image"): Object((("tag", known("v1")), ("Push", Scalar(True)))),
    ("matrix", "items"): List(
        (Object((("name", known("a")),)), Object((("name", known("b")),)), Object((("other", Scalar(1)),)))
    ),
    ("inputs", "push"): Scalar(False),
    ("github", "event"): Unknown("github.event", True),
}


def value_of(expression: str) -> Value:
    return evaluate(parse(expression), VALUES.get, PLACE)


def shown(expression: str) -> str:
    """The value, in a few characters; `?` before what an unknown one is called."""
    value = value_of(expression)
    if isinstance(value, Unknown):
        return f"?{value.reason}"
    return value.text if isinstance(value, Text) else repr(value)


def scalar(expression: str) -> object:
    value = value_of(expression)
    assert isinstance(value, Scalar), value
    return value.value


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a ${{ x }} b", ["${{ x }}"]),
        ("${{x}}${{y}}", ["${{x}}", "${{y}}"]),
        ("${{ '}}' }}", ["${{ '}}' }}"]),
        ("${{ 'it''s }}' }} }}", ["${{ 'it''s }}' }}"]),
        ("${{ a }", []),
        ("${{ 'a }}", []),
        ("$ {{ a }} $${{ b }}", ["${{ b }}"]),
        ("${{ a }}}", ["${{ a }}"]),
    ],
)
def test_where_expressions_are(text: str, wanted: list[str]) -> None:
    assert [text[span.start : span.end] for span in find(text)] == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("null", Literal(None)),
        ("711", Literal(711.0)),
        ("-9.2", Literal(-9.2)),
        ("0xff", Literal(255.0)),
        ("-2.99e-2", Literal(-0.0299)),
        ("'It''s open source!'", Literal("It's open source!")),
        ("github.ref_name", Context("github", ("ref_name",))),
        ("github['ref_name']", Context("github", ("ref_name",))),
        ("a.b-c[0].*.d[*]", Context("a", ("b-c", Literal(0.0), Star(), "d", Star()))),
        ("matrix[env.KEY]", Context("matrix", (Context("env", ("KEY",)),))),
        ("fromJSON(x).y", Access(Call("fromJSON", (Context("x"),)), ("y",))),
        ("!a", Not(Context("a"))),
        ("a || b && c", Binary("||", Context("a"), Binary("&&", Context("b"), Context("c")))),
        ("(a || b) && c", Binary("&&", Binary("||", Context("a"), Context("b")), Context("c"))),
        ("a && b == c", Binary("&&", Context("a"), Binary("==", Context("b"), Context("c")))),
        ("a == b < c", Binary("==", Context("a"), Binary("<", Context("b"), Context("c")))),
        ("!a == b", Binary("==", Not(Context("a")), Context("b"))),
        ("always()", Call("always", ())),
    ],
)
def test_grammar(text: str, wanted: object) -> None:
    assert parse(text) == wanted


BROKEN = [
    "",
    " ",
    "a b",
    '"a"',
    "a.",
    "a[",
    "(a",
    "a)",
    "f(a,)",
    "f(a",
    "a ||",
    "1x",
    "'a",
    "a = b",
    "'a'.b",
    "$x",
    HOLE,
]


@pytest.mark.parametrize("text", BROKEN)
def test_what_is_no_expression_is_opaque(text: str) -> None:
    assert parse(text) == Opaque(text.strip())
    assert truth(value_of(text)) is None


def test_limits() -> None:
    nested = MAX_DEPTH - 1
    assert parse("(" * nested + "a" + ")" * nested) == Context("a")
    assert isinstance(parse("(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH), Opaque)
    assert isinstance(parse("!" * MAX_DEPTH + "a"), Opaque)
    assert isinstance(parse("'" + "x" * MAX_LENGTH + "'"), Opaque)
    assert shown("''||" * 5000 + "'x'") == "x"


@pytest.mark.parametrize("text", ["false", "0", "-0", "''", "null", "env.EMPTY", "matrix.image.none", "NaN"])
def test_what_counts_as_false(text: str) -> None:
    assert truth(value_of(text)) is False
    assert scalar(f"!({text})") is True
    assert shown(f"{text} || 'x'") == "x"


@pytest.mark.parametrize("text", ["true", "1", "'0'", "'false'", "env.REGISTRY", "env.IMAGE", "matrix.image"])
def test_what_counts_as_true(text: str) -> None:
    assert truth(value_of(text)) is True
    assert shown(f"{text} && 'x'") == "x"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("'A' == 'a'", True),
        ("'a' != 'b'", True),
        ("1 == '1'", True),
        ("'' == 0", True),
        ("null == 0", True),
        ("null == ''", True),
        ("true == 1", True),
        ("true == 'true'", False),  # 'true' is no number
        ("'x' == 0", False),
        ("'0x1f' == 31", True),
        ("NaN == NaN", False),
        ("matrix.image == 'x'", False),
        ("fromJSON('[1]') == fromJSON('[1]')", False),
        ("1 < 2", True),
        ("2 <= 2", True),
        ("'a' < 'B'", True),
        ("'x' > 0", False),
        ("2 > 10", False),
        ("'10' >= 10", True),
        ("null >= 0", True),
        ("matrix.image < 1", False),
    ],
)
def test_comparison(text: str, wanted: bool) -> None:
    assert scalar(text) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("env.REGISTRY", "ghcr.io"),
        ("ENV.REGISTRY", "ghcr.io"),
        ("matrix.image.tag", "v1"),
        ("matrix.image.TAG", "v1"),
        ("matrix['image'][format('{0}', 'tag')]", "v1"),
        ("matrix.items[1].name", "b"),
        ("join(matrix.items.*.name, '-')", "a-b"),
        ("join(matrix.items.*.name)", "a,b"),
        ("join(matrix.image.*)", "v1,true"),
        ("join('x', '-')", "x"),
        ("format('{0}/{1}:{{{0}}}', 'a', 2)", "a/2:{a}"),
        ("format('{0}', null)", ""),
        ("format('{0} {1}', matrix.items, matrix.image)", "Array Object"),
        ("format('{0}', 1.50)", "1.5"),
        ("toJSON('a\"b')", '"a\\"b"'),
        ("toJSON(matrix.image)", '{\n  "tag": "v1",\n  "Push": true\n}'),
        ("toJSON(fromJSON('[[], null]'))", "[\n  [],\n  null\n]"),
        ('fromJSON(\'{"a": [{"b": "c"}]}\').a[0].b', "c"),
        ('FROMJSON(\'["x", "y"]\')[1]', "y"),
        ("case(false, 'a', env.REGISTRY == 'ghcr.io', 'b', 'c')", "b"),
        ("case(false, 'a', 'c')", "c"),
        ("inputs.push && 'yes' || 'no'", "no"),
    ],
)
def test_values(text: str, wanted: str) -> None:
    assert shown(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("contains('Hello world', 'LLO')", True),
        ("contains(fromJSON('[\"push\", \"tag\"]'), 'Push')", True),
        ("contains(fromJSON('[1, 2]'), 3)", False),
        ("contains(matrix.items.*.name, 'b')", True),
        ("contains(matrix.image, 'b')", False),
        ("startsWith('Hello world', 'he')", True),
        ("startsWith('v1', 'v1.2')", False),
        ("endsWith('Hello world', 'LD')", True),
        ("endsWith(10, 0)", True),
        ("startsWith(matrix.image, '')", False),
    ],
)
def test_functions_that_decide(text: str, wanted: bool) -> None:
    assert scalar(text) is wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("github.ref_name", "?github.ref_name"),
        ("Secrets.CR_PAT", "?Secrets.CR_PAT"),
        ("steps.meta.outputs['the labels']", "?steps.meta.outputs['the labels']"),
        ("github.event.number", "?github.event.number"),
        ("github.ref == 'x'  &&  (true)", "true"),
        ("a.b == 'x' && 'y'", "?a.b == 'x' && 'y'"),
        ("( a.b||c.d )&&e", "?(a.b || c.d) && e"),
        ("false && a.b", "false"),
        ("a.b && false", "?a.b && false"),
        ("'' || a.b", "?a.b"),
        ("env.REGISTRY || a.b", "ghcr.io"),
        ("!a.b", "?!a.b"),
        ("hashFiles('**/x')", "?hashFiles('**/x')"),
        ("format('ghcr.io/{0}', github.repository_owner)", f"ghcr.io/{HOLE}"),
        ("format('{1}', 'a')", "?format('{1}', 'a')"),
        ("format('{', 'a')", "?format('{', 'a')"),
        ("join(a.b)", "?join(a.b)"),
        ("toJSON(github)", "?toJSON(github)"),
        ("fromJSON(a.b).c", "?fromJSON(a.b).c"),
        ("fromJSON('[')", "?fromJSON('[')"),
        ("fromJSON('NaN')", "?fromJSON('NaN')"),
        ("case(a.b, 'x', 'y')", "?case(a.b, 'x', 'y')"),
        ("nonsense('a')", "?nonsense('a')"),
        ("contains('a')", "?contains('a')"),
        ("matrix[a.b]", "?matrix[a.b]"),
    ],
)
def test_what_is_not_known(text: str, wanted: str) -> None:
    if wanted in ("true", "false"):
        assert truth(value_of(text)) is (None if wanted == "true" else False)
    else:
        assert shown(text) == wanted


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("env.IMAGE == 'docker.io/x'", False),
        ("env.IMAGE == 'ghcr.io/acme/x'", False),
        ("env.IMAGE == 'ghcr.io/acme/app'", None),
        ("env.IMAGE == 'ghcr.io'", False),
        ("startsWith(env.IMAGE, 'GHCR.io')", True),
        ("startsWith(env.IMAGE, 'quay')", False),
        ("startsWith(env.IMAGE, 'ghcr.io/acme')", None),
        ("endsWith(env.IMAGE, 'p')", True),
        ("endsWith(env.IMAGE, 'x/app')", None),
        ("contains(env.IMAGE, 'app')", True),
        ("contains(env.IMAGE, 'acme')", None),
        ("contains('x', a.b)", None),
        ("env.IMAGE < 'x'", None),
        ("github.event", True),
        ("always()", True),
        ("success()", None),
        ("a.b && false", False),
        ("a.b || 'x'", True),
        ("!(a.b && '')", True),
        ("(a.b || true) && inputs.push", False),
    ],
)
def test_what_a_part_decides(text: str, wanted: bool | None) -> None:
    assert truth(value_of(text)) is wanted


def written_at(text: str) -> Text:
    source = Source("ci.yml", f"tags: {text}\n")
    return literal(text, source, Span(6, 6 + len(text)))


def test_substituted_values_keep_their_places() -> None:
    text = written_at("x/${{ env.REGISTRY }}:${{ github.sha }}!")
    found = substitute(text, VALUES.get)
    assert found.text == f"x/ghcr.io:{HOLE}!"
    assert found.unknowns == ("github.sha",)
    assert found.cut(2, 9).span == Span(8, 27)
    assert found.cut(2, 9).origin == Place(WORKFLOW, DEFINED)
    assert found.cut(9, 10).span == Span(27, 28)
    assert found.cut(11).span == Span(45, 46)
    assert substitute(written_at("plain"), VALUES.get).text == "plain"


def test_a_whole_expression_keeps_its_type() -> None:
    assert whole(written_at("${{ inputs.push }}"), VALUES.get) == Scalar(False)
    assert isinstance(whole(written_at("${{ matrix.items }}"), VALUES.get), List)
    beside = whole(written_at("${{ inputs.push }} "), VALUES.get)
    assert isinstance(beside, Text) and beside.text == "false "


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("inputs.push", False),
        ("${{ inputs.push }}", False),
        ("${{ inputs.push }} && x", True),  # text beside the braces makes it a string
        ("", None),
        ("github.ref == 'refs/heads/main'", None),
        ("always() && inputs.push == false", True),
        ("${{ broken", None),
    ],
)
def test_conditions(text: str, wanted: bool | None) -> None:
    assert holds(written_at(text), VALUES.get) is wanted


def test_values_do_not_grow_without_end() -> None:
    expression = "'xxxxxxxxxx'"
    for _ in range(40):
        expression = f"format('{{0}}{{0}}', {expression})"
    assert len(shown(expression)) <= MAX_VALUE
    empty = "''"
    for _ in range(40):
        empty = f"format('{{0}}{{0}}', {empty})"
    assert shown(empty) == ""
    deep = "[" * 1000 + "]" * 1000
    assert isinstance(value_of(f"fromJSON('{deep}')"), Unknown)
    big = {("env", "BIG"): known("x" * MAX_VALUE)}
    text = substitute(written_at("${{ env.BIG }}" * 100), big.get)
    assert len(text.text) < 12 * MAX_VALUE


PIECES = st.sampled_from(
    (
        "${{",
        "}}",
        "'",
        "''",
        "(",
        ")",
        "[",
        "]",
        ".",
        "*",
        ",",
        "!",
        "&&",
        "||",
        "==",
        "<",
        " ",
        "a",
        "env",
        "REGISTRY",
        "IMAGE",
        "true",
        "0",
        "-1",
        "fromJSON",
        "format",
        "join",
        "contains",
        "toJSON",
        "'{0}'",
        "'[1]'",
        "\n",
        HOLE,
        "é",
    )
)


@settings(deadline=None, max_examples=150)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_nothing_raises(text: str) -> None:
    assert isinstance(parse(text), tuple)
    assert holds(written_at(text), VALUES.get) in (True, False, None)
    value = evaluate(parse(text), VALUES.get, written_at(text).place)
    assert not isinstance(value, Unknown) or value.reason
    found = substitute(written_at(text), VALUES.get)
    assert found.span.end <= 6 + len(text)


NAMES = st.sampled_from(("env.REGISTRY", "env.EMPTY", "env.IMAGE", "inputs.push", "a.b", "null", "1", "'x'"))
EXPRESSIONS = st.recursive(
    NAMES,
    lambda inner: st.one_of(
        st.builds("({} {} {})".format, inner, st.sampled_from(("&&", "||", "==", "!=", "<", ">=")), inner),
        st.builds("!{}".format, inner),
        st.builds("format('{{0}}-{{1}}', {}, {})".format, inner, inner),
        st.builds("contains({}, {})".format, inner, inner),
        st.builds("startsWith({}, {})".format, inner, inner),
    ),
    max_leaves=8,
)


@settings(deadline=None, max_examples=150)
@given(EXPRESSIONS)
def test_what_is_written_is_read_back(text: str) -> None:
    node = parse(text)
    assert not isinstance(node, Opaque)
    assert parse(written(node)) == node


@settings(deadline=None, max_examples=150)
@given(EXPRESSIONS, st.sampled_from((Scalar(None), Scalar(True), Scalar(0.0), known("x"), known("ghcr.io/x/app"))))
def test_what_is_decided_stays_so_when_more_is_known(text: str, told: Value) -> None:
    before = truth(value_of(text))
    more = {
        **VALUES,
        ("a", "b"): told,
        ("env", "IMAGE"): Text([*known("ghcr.io/").pieces, Piece("x", *PLACE), *known("/app").pieces]),
    }
    after = truth(evaluate(parse(text), more.get, PLACE))
    assert before is None or before is after


@pytest.mark.parametrize("unit", ["${{ 'a", "${{ a }}", "'}}", "${{ '}}' || ", "}}'"])
def test_time_grows_with_the_input(unit: str) -> None:
    def seconds(count: int) -> float:
        started = time.process_time()
        substitute(written_at("${{ " + unit * count), VALUES.get)
        return time.process_time() - started

    assert seconds(10_000) < 20 * max(seconds(1_000), 0.005)
