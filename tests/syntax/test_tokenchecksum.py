"""Tokens that prove themselves, and passwords in configurations of docker."""

from __future__ import annotations

import string
import zlib
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from made_tokens import classic, fine_grained, stateless

from imglint.syntax.registryauth import registry_auths
from imglint.syntax.secrets import fingerprint, tokens, without_tokens
from imglint.syntax.tokenchecksum import checksum, is_genuine

LETTERS = string.digits + string.ascii_uppercase + string.ascii_lowercase
BODIES = st.text(alphabet=LETTERS, min_size=70, max_size=70)
PROVEN = st.one_of(
    st.builds(classic, BODIES.map(lambda text: text[:30]), st.sampled_from(["ghp_", "gho_", "ghu_", "ghs_", "npm_"])),
    st.builds(classic, BODIES, st.just("ghr_")),
    st.builds(fine_grained, BODIES),
)


@given(BODIES)
def test_the_checksum_is_crc_32_in_base_62(body: str) -> None:
    number = 0
    for digit in checksum(body):
        number = number * 62 + LETTERS.index(digit)
    assert number == zlib.crc32(body.encode())
    assert len(checksum(body)) == 6


@given(PROVEN, st.data())
def test_one_other_character_and_it_is_no_token(token: str, data: st.DataObject) -> None:
    assert is_genuine(token)
    at = data.draw(st.integers(len(token.split("_")[0]) + 1, len(token) - 1))
    other = data.draw(st.sampled_from(LETTERS).filter(lambda letter: letter != token[at]))
    changed = token[:at] + other + token[at + 1 :]
    if token.startswith("github_pat_") and (at >= len(token) - 8 or "_" not in changed[12:]):
        return  # The last eight prove nothing.
    if changed.startswith(("gh", "npm_")):
        assert not is_genuine(changed)
        assert tokens(changed) == ()


@settings(deadline=None)
@given(
    st.lists(PROVEN | st.builds(stateless, BODIES.map(lambda text: text[:40])), min_size=1, max_size=4),
    st.lists(st.text(alphabet="=:/@\"' %3D_-.,\n", max_size=4), min_size=5, max_size=5),
)
def test_wherever_they_stand(found: list[str], between: list[str]) -> None:
    """Even without anything between them, except behind a JSON Web Token, which takes what follows for its own."""
    between = [part or "\n" for part in between]
    text = between[0] + "".join(
        token + part.replace("_", " ").replace("-", " ") for token, part in zip(found, between[1:], strict=False)
    )
    hidden = without_tokens(text)
    assert [token for token in found if token[4:40] in hidden] == []
    assert hidden.count("****") >= 1


def test_a_token_directly_behind_another() -> None:
    one, other = classic("a1B2" * 7 + "xY"), classic("c3D4" * 7 + "zW")
    assert [each.what for each in tokens(one + other)] == ["a GitHub token", "a GitHub token"]
    assert [each.start for each in tokens(f"ghp_{'x' * 20}{one}")] == [24]


def test_fingerprints() -> None:
    token = classic("a1B2" * 7 + "xY")
    assert fingerprint(token).startswith("ghp_…, sha256 ")
    assert len(fingerprint(token)) == len("ghp_…, sha256 ") + 12
    assert without_tokens(fingerprint(token)) == fingerprint(token)


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("`ghp_Vq7R3nW5Vq7R3…` is no licence", "`ghp_****…` is no licence"),
        ("github_pat_11AAAA…", "gith****…"),
        ('"dckr_pat_abcdef\\u2026"', '"dckr****\\u2026"'),
        ("glpat-abcdef…", "glpa****…"),
        ("ghp_…, ghp_ab…, and so on…", "ghp_…, ghp_ab…, and so on…"),
    ],
)
def test_beginnings_of_tokens(text: str, hidden: str) -> None:
    assert without_tokens(text) == hidden


@pytest.mark.parametrize(
    "text",
    ["glpat-your-token-goes-here-please", "dckr_pat_xxxxxxxxxxxxxxxxxxxxxxxxxxx",
     "dckr_pat_1234567890abcdefghijklmnopq",
     "glpat-EXAMPLEexampleEXAMPLE", "AKIAIOSFODNN7EXAMPLE",
     "ghs_123_eyJub3QiOiJqd3QifQ.eyJhIjoxfQAAAA.AAAAAAAAAAAAAAAAAAAAAAAA",
     "0123456789abcdef0123456789abcdef01234567"],
)  # fmt: skip
def test_what_is_none(text: str) -> None:
    assert tokens(text) == ()


# Configurations of docker ------------------------------------------------------------------------------------------

AUTH = b64encode(b"octocat:h4rd-one-x").decode()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f'{{"auths": {{"ghcr.io": {{"auth": "{AUTH}"}}}}}}', [("ghcr.io", "octocat", "h4rd-one-x")]),
        (f'echo "{{\\"auths\\":{{\\"ghcr.io\\":{{\\"auth\\":\\"{AUTH}\\"}}}}}}"',
         [("ghcr.io", "octocat", "h4rd-one-x")]),
        (f"""{{'auths': {{'https://index.docker.io/v1/': {{'auth': '{AUTH}'}}}}}}""",
         [("https://index.docker.io/v1/", "octocat", "h4rd-one-x")]),
        ('{"auths":{"a":{"username":"u","password":"h4rd-one"},"b":{"email":"x","identitytoken":"t0p-s3cret"}}}',
         [("a", "", "h4rd-one"), ("b", "", "t0p-s3cret")]),
        ('{"auths": {"ghcr.io": {}}, "credsStore": "desktop"}', []),
        ('{"auths": {"ghcr.io": {"auth": "$AUTH"}}}', [("ghcr.io", "", "")]),
        ('{"auths": {"ghcr.io": {"auth": "${{ secrets.AUTH }}"}}}', []),
        ('{"auths": {"ghcr.io": {"auth": "bm90aGluZw=="}}}', [("ghcr.io", "", "")]),
        (f'{{"ghcr.io": {{"auth": "{AUTH}"}}}}', []),
    ],
)  # fmt: skip
def test_configurations(text: str, found: list[tuple[str, str, str]]) -> None:
    assert [(each.host, each.user, each.password) for each in registry_auths(text)] == found


@settings(max_examples=300)
@given(
    st.lists(
        st.sampled_from(['"auths"', "{", "}", ":", '"auth"', '"', "\\", AUTH, '"ghcr.io"', " ", "\n", "é"]), max_size=30
    )
)
def test_any_text(parts: list[str]) -> None:
    text = "".join(parts)
    for each in registry_auths(text):
        assert 0 <= each.span.start < each.span.end <= len(text)
