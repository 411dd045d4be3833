"""Variables, quotes and escapes in the words of instructions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.syntax.words import (
    MAX_DEPTH,
    MAX_VALUE,
    UNKNOWN,
    ExpansionError,
    Options,
    Unknown,
    expand,
    expand_words,
)

VALUES: dict[str, str | Unknown] = {
    "a": "one", "b": "two words", "path": "/usr/lib/x.tar.gz", "empty": "", "u": UNKNOWN, "é": "accent", "1": "digit",
    "star": "a*b",
}  # fmt: skip
DEFAULT = Options()
BACKTICK = Options(escape="`")


def value(word: str, options: Options = DEFAULT) -> str | None:
    return expand(word, VALUES.get, options).text


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("plain", "plain"),
        ("$a", "one"),
        ("${a}", "one"),
        ("$a$a", "oneone"),
        ("x$a.y", "xone.y"),
        ("$ab", ""),
        ("$é", "accent"),
        ("$1x", "digitx"),
        ("$", "$"),
        ("$.", "$."),
        ("a$", "a$"),
        ("$none", ""),
        ("$?", ""),
        ("$$a", "a"),
        ("${a:-d}", "one"),
        ("${a-d}", "one"),
        ("${empty:-d}", "d"),
        ("${empty-d}", ""),
        ("${none:-d}", "d"),
        ("${none-d}", "d"),
        ("${none:-}", ""),
        ("${none:-$a}", "one"),
        ("${none:-${none2:-x}}", "x"),
        ("${none:-'}'}", "}"),
        ('${none:-"$a"}', "one"),
        ("${a:+d}", "d"),
        ("${a+d}", "d"),
        ("${empty:+d}", ""),
        ("${empty+d}", "d"),
        ("${none:+d}", ""),
        ("${none+d}", ""),
        ("${a:?no}", "one"),
        ("${empty?no}", ""),
        ("${path#/}", "usr/lib/x.tar.gz"),
        ("${path#*/}", "usr/lib/x.tar.gz"),
        ("${path##*/}", "x.tar.gz"),
        ("${path%.*}", "/usr/lib/x.tar"),
        ("${path%%.*}", "/usr/lib/x"),
        ("${path%.zip}", "/usr/lib/x.tar.gz"),
        ("${path#?usr}", "/lib/x.tar.gz"),
        ("${star#a\\*}", "b"),
        ("${star#$a}", "a*b"),
        ("${none#x}", ""),
        ("${path/lib/bin}", "/usr/bin/x.tar.gz"),
        ("${path/\\//_}", "_usr/lib/x.tar.gz"),
        ("${path//\\//_}", "_usr_lib_x.tar.gz"),
        ("${path//r/}", "/us/lib/x.ta.gz"),
        ("${path/x*/$a}", "/usr/lib/one"),
        ("${a/o/$}", "$ne"),
        ("'$a'", "$a"),
        ("'\\'", "\\"),
        ('"$a"', "one"),
        ('"\\$a"', "$a"),
        ('"\\a\\"\\\\"', '\\a"\\'),
        ("\\$a", "$a"),
        ("\\a", "a"),
        ("a\\ b", "a b"),
        ("a\\", "a"),
        ('"it\'s"', "it's"),
        ("'say \"x\"'", 'say "x"'),
        ("a'b'\"c\"d", "abcd"),
    ],
)
def test_values(word: str, wanted: str) -> None:
    assert value(word) == wanted


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("`$a", "$a"),
        ("\\$a", "\\one"),
        ('"`$a`""', '$a"'),
        ("C:\\x", "C:\\x"),
        ("a``b", "a`b"),
        ("${none:-`}}", "}"),
    ],
)
def test_values_where_a_backtick_escapes(word: str, wanted: str) -> None:
    assert value(word, BACKTICK) == wanted


@pytest.mark.parametrize(
    ("word", "wanted"),
    [
        ("$u", None),
        ("x${u}y", None),
        ("'$u'", "$u"),
        ("\\$u", "$u"),
        ('"$u"', None),
        ("${u:-d}", None),
        ("${u:+d}", None),
        ("${u?no}", None),
        ("${u#x}", None),
        ("${u/x/y}", None),
        ("${a:-$u}", "one"),
        ("${a:+$u}", None),
        ("${empty:-$u}", None),
        ("${empty-$u}", ""),
        ("${empty:+$u}", ""),
        ("${none:+$u}", ""),
        ("${none:-$u}", None),
        ("${a#$u}", None),
        ("${a/o/$u}", None),
    ],
)
def test_unknown_only_where_an_unknown_variable_decides(word: str, wanted: str | None) -> None:
    assert value(word) == wanted


@pytest.mark.parametrize(
    ("word", "code"),
    [
        ("${}", "substitution"),
        ("${:x}", "substitution"),
        ("${{x}}", "substitution"),
        ("${", "brace"),
        ("${a", "modifier"),
        ("${a:-x", "brace"),
        ("${a/b", "brace"),
        ("${a:x}", "modifier"),
        ("${a:#x}", "modifier"),
        ("${a:%x}", "modifier"),
        ("${a!b}", "modifier"),
        ("${none:?}", "required"),
        ("${empty:?said so}", "required"),
        ("${none?x}", "required"),
        ("'open", "quote"),
        ('"open', "quote"),
        ("${none:-'}", "quote"),
        ("${a#\\x}", "pattern"),
    ],
)
def test_words_that_cannot_be_expanded(word: str, code: str) -> None:
    with pytest.raises(ExpansionError) as caught:
        value(word)
    assert caught.value.code == code


def test_the_message_of_a_required_variable_is_the_authors() -> None:
    with pytest.raises(ExpansionError, match="`none`: give one"):
        value("${none:?give one}")
    with pytest.raises(ExpansionError, match="must not be empty"):
        value("${empty:?}")
    with pytest.raises(ExpansionError, match="must not be unset"):
        value("${none?}")


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("a  b", ("a", "b")),
        ("$b", ("two", "words")),
        ('"$b"', ("two words",)),
        ("x$b.y", ("xtwo", "words.y")),
        ("$empty a", ("a",)),
        ("a\\ b c", ("a b", "c")),
        ("<< EOF x", ("<< EOF", "x")),
        ("a $u", None),
    ],
)
def test_words(text: str, wanted: tuple[str, ...] | None) -> None:
    assert expand_words(text, VALUES.get, DEFAULT) == wanted


def test_the_variables_that_were_looked_at() -> None:
    assert expand("$a${none:-$b}'$c'", VALUES.get, DEFAULT).names == ("a", "b", "none")
    assert expand("plain", VALUES.get, DEFAULT).names == ()


def test_options_keep_what_they_name() -> None:
    assert value("'a' \"b\"", Options(raw_quotes=True)) == "'a' \"b\""
    assert value("\\a", Options(raw_escapes=True)) == "\\a"
    assert value("$none ${none} ${none:-x} $a", Options(keep_unset=True)) == "$none ${none} ${none:-x} one"
    assert value("'$a'", Options(quotes=False)) == "'one'"


def test_nesting_is_bounded() -> None:
    def nested(levels: int) -> str:
        return "${none:-" * levels + "x" + "}" * levels

    assert value(nested(MAX_DEPTH - 1)) == "x"
    with pytest.raises(ExpansionError) as caught:
        value(nested(MAX_DEPTH))
    assert caught.value.code == "nesting"


def test_long_values_become_unknown() -> None:
    half = "x" * (MAX_VALUE // 2)
    assert expand("$v$v", {"v": half}.get, DEFAULT).text == half + half
    assert expand("$v$v$v", {"v": half}.get, DEFAULT).text is None
    assert expand("${v//x/" + "y" * 100 + "}", {"v": half}.get, DEFAULT).text is None
    assert expand("${v/*" + "?" * 200 + "/y}", {"v": half}.get, DEFAULT).text is None
    assert expand(f'"{half}{half}{half}"', VALUES.get, DEFAULT).text == half * 3


# A word together with what it comes to, None for unknown; made of forms whose meaning is plain.
Meant = tuple[str, str | None]
NAMES = st.sampled_from(("a", "empty", "none", "u"))
LITERALS = st.text("xyz./-=", min_size=1, max_size=4).map(lambda text: (text, text))


def both(parts: list[Meant]) -> Meant:
    values = [meaning for _, meaning in parts]
    known = [each for each in values if each is not None]
    return "".join(text for text, _ in parts), "".join(known) if len(known) == len(values) else None


def substituted(name: str, colon: str, operator: str, inner: Meant) -> Meant:
    text, meaning = inner
    variable = VALUES.get(name)
    word = f"${{{name}{colon}{operator}{text}}}"
    if isinstance(variable, Unknown):
        return word, None
    there = variable is not None and (not colon or variable != "")
    if operator == "-":
        return word, variable if there else meaning
    return word, meaning if there else ""


def quoted(inner: Meant) -> Meant:
    return f'"{inner[0]}"', inner[1]


def larger(inner: st.SearchStrategy[Meant]) -> st.SearchStrategy[Meant]:
    modified = st.builds(substituted, NAMES, st.sampled_from(("", ":")), st.sampled_from("-+"), inner)
    return st.one_of(st.lists(modified, min_size=1, max_size=3).map(both), st.lists(inner, max_size=3).map(both))


PLAIN = st.one_of(LITERALS, NAMES.map(lambda name: substituted(name, "", "-", ("", ""))))


@settings(max_examples=200, deadline=None)
@given(st.recursive(PLAIN, larger, max_leaves=12))
def test_what_is_made_of_plain_forms_means_what_they_mean(meant: Meant) -> None:
    word, meaning = meant
    assert value(word) == meaning
    assert value(quoted(meant)[0]) == meaning
