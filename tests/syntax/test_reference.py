"""Image references, against the distribution project's grammar."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.syntax.reference import MAX_NAME, InvalidReferenceError, Reference, parse

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
