"""The list dialects of Docker's actions and of buildx, each as its own sources read it."""

from __future__ import annotations

import time

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span
from imglint.syntax.lists import (
    Level,
    annotation,
    attest,
    cache,
    csv_fields,
    metadata_line,
    output,
    output_annotation,
    pair,
    records,
)
from imglint.syntax.text import HOLE, Piece, Text, literal


def text(written: str) -> Text:
    """A text as written, with a hole for each `HOLE`."""
    source = Source("file", written)
    pieces = [
        Piece(part, source, Span(at, at + 1), part != HOLE, "secrets.X" if part == HOLE else "")
        for at, part in enumerate(written)
    ]
    return Text(pieces) if HOLE in written else literal(written, source, Span(0, len(written)))


def shown(written: str, **options: bool) -> list[str]:
    found = records(text(written), **options)
    assert found.problem is None
    return [item.shown for item in found.items]


@pytest.mark.parametrize(
    ("written", "items"),
    [
        ("a=1\n b=2 \n\n", ["a=1", "b=2"]),
        ("a=1,2\nb", ["a=1,2", "b"]),
        ('"a=1, 2"', ["a=1, 2"]),
        ('a="1, 2"', ['a="1, 2"']),
        ('"a=""1"""', ['a="1"']),
        ('"a=1\nb=2"', ["a=1\nb=2"]),
        ('"a" b', ['"a" b']),
        ("# a comment\na=1", ["# a comment", "a=1"]),
        ("a\r\nb\nc\r\nd", ["a", "b\nc", "d"]),
        ("", []),
    ],
)
def test_a_list_of_build_push_action_that_keeps_commas(written: str, items: list[str]) -> None:
    assert shown(written, commas=False) == items


def test_other_ways_to_read_a_list() -> None:
    assert shown("a,b\n c , d") == ["a", "b", "c", "d"]
    assert shown('"a,b"') == ["a", "b"], "a record of one field is cut at its commas, quoted or not"
    assert shown('"a,b",c') == ["a,b", "c"]
    assert shown('"a","b,c"', commas=False) == ["a,b,c"]
    assert shown('"a, b"', commas=False, quotes=False) == ['"a, b"']
    assert shown("#x\na=1 # y\n# z", commas=False, comments=True) == ["a=1 # y"]
    assert shown(" a \nb ", commas=False, trim=False) == [" a ", "b "]


def test_a_quote_that_is_not_closed_stops_the_action() -> None:
    found = records(text('a\n"b\nc'))
    assert [item.text for item in found.items] == ["a"]
    assert found.problem is not None and found.problem.code == "csv-unclosed-quote"
    assert found.problem.text.span == Span(2, 3)
    assert records(text(f'"b {HOLE}')).problem is None


def test_an_unknown_item_may_be_many() -> None:
    items = records(text(f"a=1\n{HOLE}\nb={HOLE}"), commas=False).items
    assert [item.value for item in items] == ["a=1", None, None]
    assert [item.span for item in items] == [Span(0, 3), Span(4, 5), Span(6, 9)]


def test_pairs() -> None:
    key, value = pair(text("a=b=c"))
    assert (key.text, value and value.text, value and value.span) == ("a", "b=c", Span(2, 5))
    assert pair(text("a"))[1] is None


@pytest.mark.parametrize(
    ("written", "fields"),
    [
        ("a=1,b", ["a=1", "b"]),
        ('"a=1, ""2""",b', ['a=1, "2"', "b"]),
        ("a,", ["a", ""]),
        ("a\r\n", ["a"]),
        ("a\nb,c", ["a\nb", "c"]),
        (f'{HOLE}"b",c', [f'{HOLE}"b"', "c"]),
        (f'"a{HOLE}"b,c', [f'"a{HOLE}"b', "c"]),
        (f'"a,{HOLE}', [f'"a,{HOLE}']),
    ],
)
def test_fields_of_a_flag(written: str, fields: list[str]) -> None:
    found = csv_fields(text(written))
    assert found.problem is None
    assert [field.text for field in found.items] == fields


@pytest.mark.parametrize(
    ("written", "code", "at"),
    [
        ('a="1"', "csv-bare-quote", 2),
        ('a,b"', "csv-bare-quote", 3),
        ('"a"b', "csv-after-quote", 3),
        ('a,"b', "csv-unclosed-quote", 2),
        (f'name={HOLE},a="{HOLE}"', "csv-bare-quote", 9),
        ("\n", "csv-empty", 0),
    ],
)
def test_fields_that_buildx_refuses(written: str, code: str, at: int) -> None:
    problem = csv_fields(text(written)).problem
    assert problem is not None
    assert (problem.code, problem.text.span.start) == (code, at)


def test_an_output() -> None:
    found = output(text('type=image, Name=a/b,"annotation-Index.Org.X=Hello, world",push=true'))
    assert found.type and found.type.text == "image"
    assert [attribute.name for attribute in found.attributes] == ["name", "annotation-index.org.x", "push"]
    assert found.complete and not found.problems
    assert (value := found.get("name")) is not None and value.text == "a/b"
    note = output_annotation(found.attributes[1])
    assert note is not None and note.levels == (Level("index"),)
    assert (note.key.text, note.value and note.value.text) == ("org.x", "Hello, world")
    assert output_annotation(found.attributes[0]) is None


def test_an_annotation_of_an_output_for_one_platform() -> None:
    (attribute,) = output(text("type=oci,annotation-manifest-descriptor[linux/arm64].a.b=c")).attributes
    note = output_annotation(attribute)
    assert note is not None
    assert note.levels == (Level("manifest-descriptor", "linux/arm64"),)
    assert note.key.span == Span(53, 56)
    (attribute,) = output(text("type=oci,annotation-layer.a=c")).attributes
    wrong = output_annotation(attribute)
    assert wrong is not None and wrong.problem is not None
    assert wrong.problem.text.text == "layer"


@pytest.mark.parametrize(
    ("written", "codes"),
    [
        ("type=image,a=Hello, world", ["csv-pair"]),
        ("name=a,push=true", ["csv-type"]),
        ('type=image,a="b, c"', ["csv-bare-quote"]),
        ("type=,a=b", ["csv-type"]),
        (f"name=a,{HOLE}", []),
        (f"{HOLE}=a,b=c", []),
        (f"type={HOLE}", []),
        (HOLE, []),
    ],
)
def test_outputs_that_buildx_refuses(written: str, codes: list[str]) -> None:
    assert [problem.code for problem in output(text(written)).problems] == codes


def test_an_output_that_is_a_path() -> None:
    for written, kind in [("./out", "local"), ("name=x", "local"), ("-", "tar")]:
        found = output(text(written))
        assert found.type and found.type.text == kind
        assert (dest := found.get("dest")) is not None and dest.text == written
    assert output(text("")).type is None


def test_caches_and_attestations() -> None:
    assert (ref := cache(text("a/b:c")).get("ref")) is not None and ref.text == "a/b:c"
    found = cache(text("TYPE=gha,Mode=max"))
    assert found.type and found.type.text == "gha" and [one.name for one in found.attributes] == ["mode"]
    found = attest(text("type=sbom,Generator=a/b,DISABLED=true"))
    assert [one.name for one in found.attributes] == ["Generator", "disabled"]
    assert [problem.code for problem in attest(text("mode=max")).problems] == ["csv-type"]


@pytest.mark.parametrize(
    ("written", "levels", "key", "value"),
    [
        ("a.b=c=d", (Level("manifest"),), "a.b", "c=d"),
        ("index:a=b:c", (Level("index"),), "a", "b:c"),
        ("index,manifest[linux/amd64]:a=", (Level("index"), Level("manifest", "linux/amd64")), "a", ""),
        (f"index:{HOLE}=v", (Level("index"),), HOLE, "v"),
        (f"{HOLE}:a=v", None, "a", "v"),
        (HOLE, None, HOLE, None),
    ],
)
def test_annotations(written: str, levels: tuple[Level, ...] | None, key: str, value: str | None) -> None:
    found = annotation(text(written))
    assert found.problem is None
    assert (found.levels, found.key.text, found.value.text if found.value else None) == (levels, key, value)


@pytest.mark.parametrize(
    ("written", "code", "wrong"),
    [
        ("a", "annotation-pair", "a"),
        ("indx:a=b", "annotation-level", "indx"),
        ("index,:a=b", "annotation-level", ""),
        ("https://a=b", "annotation-level", "https"),
        ("index[]:a=b", "annotation-level", "index[]"),
    ],
)
def test_annotations_that_buildx_refuses(written: str, code: str, wrong: str) -> None:
    problem = annotation(text(written)).problem
    assert problem is not None
    assert (problem.code, problem.text.text) == (code, wrong)


def test_a_line_of_metadata_action() -> None:
    found = metadata_line(text("type=match,Pattern=v(.*)=x , group=1"))
    assert found.type and found.type.text == "match"
    assert [(one.name, one.value.text) for one in found.attributes] == [("pattern", "v(.*)=x"), ("group", "1")]
    assert (value := metadata_line(text("name=a=b"), first_only=True).get("name")) is not None and value.text == "a"
    assert [part.text for part in metadata_line(text("a/b, c")).plain] == ["a/b", "c"]
    assert metadata_line(text('"type=raw,value=x"')).type is not None
    assert [problem.code for problem in metadata_line(text('value="x"')).problems] == ["csv-bare-quote"]


WRITTEN = st.text(alphabet=st.sampled_from('ab=,:"[]#-. \t\r\né' + HOLE), max_size=40)


def is_cut(part: Text) -> bool:
    return "".join(piece.source.slice(piece.span) for piece in part.pieces) == part.text


@settings(max_examples=300, deadline=None)
@given(WRITTEN, st.booleans(), st.booleans(), st.booleans(), st.booleans())
@example('""#,', False, True, True, True)
def test_every_item_is_written_where_it_says(
    written: str, commas: bool, quotes: bool, comments: bool, trim: bool
) -> None:
    found = records(text(written), commas=commas, quotes=quotes, comments=comments, trim=trim)
    assert all(item.text or trim for item in found.items)
    assert all(is_cut(item) for item in found.items)
    if found.problem:
        assert quotes and '"' in written and is_cut(found.problem.text)


@settings(max_examples=300, deadline=None)
@given(WRITTEN)
def test_every_part_of_a_flag_is_written_where_it_says(written: str) -> None:
    whole = text(written)
    assert all(is_cut(field) for field in csv_fields(whole).items)
    for found in (output(whole), cache(whole), attest(whole), metadata_line(whole)):
        assert all(is_cut(one.key) and is_cut(one.value) for one in found.attributes)
        assert all(is_cut(problem.text) and problem.text.span.end <= len(written) for problem in found.problems)
    note = annotation(whole)
    assert is_cut(note.key)
    assert HOLE not in written or note.problem is None or HOLE not in note.problem.text.text


@given(st.lists(st.text(alphabet="ab=: #", min_size=1).filter(lambda item: item == item.strip()), min_size=1))
def test_without_quotes_cutting_and_joining_gives_the_list_again(items: list[str]) -> None:
    assert shown("\n".join(items), commas=False) == items
    assert [field.text for field in csv_fields(text(",".join(items))).items] == items
    assert shown("\n".join(items)) == shown(",".join(items))


@pytest.mark.parametrize("unit", ["a=b\n", '"a",', '"', "a,", f"{HOLE}\n", f'a{HOLE},"b"\n', "#\n", '""#\r\n'])
def test_time_grows_with_the_text(unit: str) -> None:
    whole = text(unit * (20_000 // len(unit)))
    start = time.process_time()
    records(whole, commas=False, comments=True)
    output(whole)
    metadata_line(whole)
    assert time.process_time() - start < 2
