"""Image references, against the distribution project's grammar."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.source import Source, Span
from imglint.syntax.partialreference import PartialReference, parse_partial
from imglint.syntax.reference import MAX_NAME, InvalidReferenceError, Reference, digest_problem, is_digest, parse
from imglint.syntax.text import HOLE, Piece, Text

SHA256 = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("alpine", ("docker.io", "library/alpine", "", "")),
        ("alpine:3.20", ("docker.io", "library/alpine", "3.20", "")),
        ("docker.io/alpine", ("docker.io", "library/alpine", "", "")),
        ("index.docker.io/alpine", ("docker.io", "library/alpine", "", "")),
        ("acme/widget", ("docker.io", "acme/widget", "", "")),
        ("ghcr.io/acme/widget:v1_2.3-x", ("ghcr.io", "acme/widget", "v1_2.3-x", "")),
        ("ghcr.io", ("docker.io", "library/ghcr.io", "", "")),
        ("localhost/a", ("localhost", "a", "", "")),
        ("localhost:5000/a/b/c:d", ("localhost:5000", "a/b/c", "d", "")),
        ("Registry/a", ("Registry", "a", "", "")),
        ("[::1]:5000/a", ("[::1]:5000", "a", "", "")),
        ("alpine:3/a", ("alpine:3", "a", "", "")),
        (f"a@{SHA256}", ("docker.io", "library/a", "", SHA256)),
        (f"a:b@{SHA256}", ("docker.io", "library/a", "b", SHA256)),
        ("a__b/c--d/e.f/1", ("docker.io", "a__b/c--d/e.f/1", "", "")),
        ("a:" + "x" * 128, ("docker.io", "library/a", "x" * 128, "")),
        ("a:_x", ("docker.io", "library/a", "_x", "")),
    ],
)
def test_references(text: str, wanted: tuple[str, str, str, str]) -> None:
    assert parse(text) == Reference(*wanted)


@pytest.mark.parametrize(
    "text",
    [
        "",
        ":",
        "a:",
        "a/",
        "/a",
        "a//b",
        "A",
        "ghcr.io/Acme/widget",
        "a___b",
        "a._b",
        "-a",
        "a-",
        "a b",
        "a:-x",
        "a:x:y",
        "a:" + "x" * 129,
        "a@",
        "a@sha256:abc",
        f"a@{SHA256}0",
        f"a@{SHA256.upper()}",
        f"a@{SHA256[:-2]}AB",
        "0123456789abcdef" * 4,
        "-x.io/a",
        "x.io:port/a",
        "https://ghcr.io/a",
        "é",
        "a\n",
    ],
)
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(InvalidReferenceError):
        parse(text)


def test_a_name_has_a_limit() -> None:
    longest = "x" * (MAX_NAME - len("ghcr.io/"))
    assert parse(f"ghcr.io/{longest}").path == longest
    with pytest.raises(InvalidReferenceError, match="longer"):
        parse(f"ghcr.io/{longest}x")


COMPONENTS = st.from_regex(r"[a-z0-9]{1,4}(([._]|__|-{1,3})[a-z0-9]{1,3}){0,2}", fullmatch=True)
DOMAINS = st.sampled_from(("ghcr.io", "localhost", "localhost:5000", "a-b.c:1", "[2001:db8::1]"))
TAGS = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,5}", fullmatch=True)


@settings(deadline=None)
@given(DOMAINS, st.lists(COMPONENTS, min_size=1, max_size=3), st.one_of(st.just(""), TAGS), st.booleans())
def test_what_the_grammar_makes_is_read_back(domain: str, path: list[str], tag: str, with_digest: bool) -> None:
    digest = SHA256 if with_digest else ""
    text = f"{domain}/{'/'.join(path)}" + (f":{tag}" if tag else "") + (f"@{digest}" if digest else "")
    assert parse(text) == Reference(domain, "/".join(path), tag, digest)


@settings(deadline=None)
@given(st.text("ab1._-/:@A[] ", max_size=12))
def test_a_reference_has_one_reading(text: str) -> None:
    try:
        found = parse(text)
    except InvalidReferenceError:
        return
    again = f"{found.domain}/{found.path}" + (f":{found.tag}" if found.tag else "")
    assert parse(again) == found


HEX = "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "code", "part", "words"),
    [
        ("", "empty", "", "empty"),
        (HEX, "id", HEX, "an image's id"),
        ("ghcr.io/Acme/widget", "uppercase", "Acme", "lower case"),
        ("Widget:v1", "uppercase", "Widget", "`Widget`"),
        ("a/b c", "component", " ", "holds a blank"),
        ("a/b$c", "component", "$", "holds `$`"),
        ("a//b", "component", "/", "is empty"),
        ("/a", "component", "/", "is empty"),
        ("a/", "component", "/", "is empty"),
        (":v1", "component", ":", "is empty"),
        ("ghcr.io/a._b", "component", "a._b", "must begin and end"),
        ("https://ghcr.io/a", "domain", "https:", "without `https://`"),
        ("-x.io/a", "domain", "-x.io", "not a registry"),
        ("x.io:port/a", "domain", "x.io:port", "HOST:PORT"),
        ("ghcr.io/a:v1+2", "tag", "+", "the tag `v1+2` holds `+`: letters"),
        ("a:", "tag", ":", "no tag after"),
        ("a:.x", "tag", ".", "must not begin with `.`"),
        ("a:" + "x" * 129, "tag", "x" * 129, "129 characters"),
        ("a/b:c/d", "tag", "/", "holds `/`"),
        ("a@", "digest", "@", "not a digest"),
        ("a@latest", "digest", "latest", "not a digest"),
        ("a@sha1:abc", "digest", "sha1:abc", "not a digest"),
        ("a@sha256:abc", "digest", "abc", "3 hexadecimal digits after `sha256:`, and sha256 has 64"),
        (f"a@sha256:{HEX[:-1]}g", "digest", "g", "holds `g`"),
        (f"a@sha256:{HEX.upper()}", "digest", "A", "lower-case"),
        ("x/" * 200 + "x", "length", "x/" * 200 + "x", "longer than 255"),
    ],
)
def test_what_is_wrong_and_where(text: str, code: str, part: str, words: str) -> None:
    with pytest.raises(InvalidReferenceError) as caught:
        parse(text)
    error = caught.value
    assert (error.code, text[error.start : error.end]) == (code, part)
    assert words in str(error)


def test_digests() -> None:
    assert is_digest(SHA256) and is_digest("sha384:" + "0" * 96) and is_digest("sha512:" + "f" * 128)
    assert not is_digest(HEX) and not is_digest("sha512:" + HEX) and not is_digest("sha256:")
    problem = digest_problem("sha256:" + HEX[:10], start=5)
    assert problem and (problem.start, problem.end) == (12, 22)


def text_of(characters: str) -> Text:
    source = Source("x", characters)
    pieces = [
        Piece(character, source, Span(at, at + 1), character != HOLE, "$X" if character == HOLE else "")
        for at, character in enumerate(characters)
    ]
    return Text(pieces or [Piece("", source, Span(0, 0))])


def known(found: PartialReference) -> tuple[str | None, ...]:
    return tuple(None if part is None else part.shown for part in (found.domain, found.path, found.tag, found.digest))


@pytest.mark.parametrize(
    ("text", "name", "wanted"),
    [
        ("…", "…", (None, None, None, None)),
        ("…:latest", "…", (None, None, "latest", "")),
        ("…/app", "…/app", (None, None, "", "")),
        ("…/app:1", "…/app", (None, None, "1", "")),
        ("…app", "…app", (None, None, None, None)),
        ("app:…", "app", ("docker.io", "library/app", "…", None)),
        ("app:v…-x", "app", ("docker.io", "library/app", "v…-x", None)),
        ("app…", "app…", (None, None, None, None)),
        ("acme/app:…", "acme/app", ("docker.io", "acme/app", "…", None)),
        ("acme/…", "acme/…", ("docker.io", "acme/…", None, None)),
        ("docker.io/…", "docker.io/…", ("docker.io", None, None, None)),
        ("ghcr.io/…:v1", "ghcr.io/…", ("ghcr.io", "…", "v1", "")),
        ("ghcr.io/…/app", "ghcr.io/…/app", ("ghcr.io", "…/app", "", "")),
        ("ghcr.io/app…", "ghcr.io/app…", ("ghcr.io", "app…", None, None)),
        ("….dkr.ecr.….amazonaws.com/app", None, ("….dkr.ecr.….amazonaws.com", "app", "", "")),
        ("…:5000/app", "…:5000/app", ("…:5000", "app", "", "")),
        ("localhost:5000…", "localhost:5000…", (None, None, None, None)),
        ("localhost:5000/…:…", "localhost:5000/…", ("localhost:5000", "…", "…", None)),
        ("app@…", "app", ("docker.io", "library/app", "", "…")),
        ("…@sha256:…", "…", (None, None, None, "sha256:…")),
        (f"…:{HEX}", "…", (None, None, None, None)),
    ],
)
def test_what_is_known_of_a_reference(text: str, name: str | None, wanted: tuple[str | None, ...]) -> None:
    found = parse_partial(text_of(text.replace("…", HOLE)))
    assert known(found) == wanted
    assert name is None or found.name.shown == name
    assert not found.problems


@pytest.mark.parametrize(
    ("text", "code", "part"),
    [
        ("ghcr.io/Acme/…", "uppercase", "Acme"),
        ("…/Acme", "uppercase", "Acme"),
        ("ghcr.io/Ac…", "uppercase", "Ac…"),
        ("ghcr.io/…App:v1", "uppercase", "…App"),
        ("App:…", "uppercase", "App"),
        ("…/app:v1+2", "tag", "+"),
        ("app:.…", "tag", "."),
        ("app:…+x", "tag", "+"),
        ("a b/…", "component", " "),
        ("…{x}", "component", "{"),
        ("…/-x…", "component", "-x"),
        ("…//x", "component", "/"),
        ("https://…/app", "domain", "https:"),
        ("…@sha256:abc", "digest", "abc"),
        ("…@sha256:…xyz…G", "digest", "G"),
        ("…/" + "x" * 300, "length", "…/" + "x" * 300),
    ],
)
def test_problems_that_are_certain(text: str, code: str, part: str) -> None:
    text = text.replace("…", HOLE)
    problem = parse_partial(text_of(text)).problems[0]
    assert (problem.code, text[problem.start : problem.end].replace(HOLE, "…")) == (code, part)


@pytest.mark.parametrize("text", ["…App", "ghcr.io/…App", "ghcr.io/…App@" + SHA256, "…x.y_Z", "App/…", "A…/x"])
def test_problems_that_could_vanish_are_none(text: str) -> None:
    assert not parse_partial(text_of(text.replace("…", HOLE))).problems


@settings(deadline=None)
@given(st.text("ab1._-/:@A[] ", max_size=12))
def test_without_holes_both_agree(text: str) -> None:
    found = parse_partial(text_of(text))
    try:
        wanted = parse(text)
    except InvalidReferenceError as error:
        assert found.problems == (error.problem,)
    else:
        assert not found.problems
        assert known(found) == tuple(wanted)


KNOWN = ("a", "A", "1", ".", "_", "-", "/", ":", "@", "ghcr.io", "localhost", "v1", "+", " ", "[::1]", SHA256, HEX)
FILLINGS = ("", "a", "ghcr.io", "ghcr.io/acme", "localhost:5000/x", "x:v1", "x:", "/x", ":v1", "@" + SHA256, "x@sha256")


@settings(deadline=None, max_examples=1000)
@given(st.lists(st.one_of(st.sampled_from(KNOWN), st.just(HOLE)), min_size=1, max_size=6), st.data())
def test_no_problem_that_a_value_makes_vanish(parts: list[str], data: st.DataObject) -> None:
    text = "".join(parts)
    found = parse_partial(text_of(text))
    filled = ""
    for character in text:
        value = data.draw(st.sampled_from(FILLINGS)) if character == HOLE else character
        # No one keeps the rest of a port and a path in one variable.
        filled += value.replace("/", "") if character == HOLE and filled.endswith(":") else value
    try:
        wanted = parse(filled)
    except InvalidReferenceError:
        return
    assert not found.problems
    for part, whole in ((found.tag, wanted.tag), (found.digest, wanted.digest), (found.domain, wanted.domain)):
        assert part is None or HOLE in part.text or part.text == whole
