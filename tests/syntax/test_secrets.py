"""What gives a secret away, and what only sounds like one."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from imglint.syntax.secrets import is_secret_name, known_secrets, may_be_secret
from imglint.syntax.tokenchecksum import checksum


@pytest.mark.parametrize(
    "name",
    ["NPM_TOKEN", "TOKEN", "DB_PASSWORD", "DB_PASS", "MYSQL_PWD", "AWS_SECRET_ACCESS_KEY", "SECRET_KEY_BASE",
     "apiKey", "API_KEY", "db.password", "com.example.deploy-token", "GITHUB_PAT", "SSH_PRIVATE_KEY", "dbPassword",
     "CREDENTIALS"],
)  # fmt: skip
def test_names_of_secrets(name: str) -> None:
    assert is_secret_name(name)


@pytest.mark.parametrize(
    "name",
    ["MONKEY_PATH", "BYPASS", "COMPASS", "KEYBOARD", "GPG_KEY", "GPG_KEYS", "RABBITMQ_PGP_KEY_ID", "PUBLIC_KEY", "KEY",
     "TOKEN_URL", "PASSWORD_FILE", "PASSWORDLESS", "TOKENIZER", "PWD", "OLDPWD", "SSH_KEY_PATH", "PASS", "PATH", "SPAT",
     "NEXT_PUBLIC_API_KEY", "VITE_AUTH_TOKEN", "SECRET_KEY_BASE_DUMMY", "STRIPE_PUBLISHABLE_API_KEY", "SECRETARY", ""],
)  # fmt: skip
def test_names_of_other_things(name: str) -> None:
    assert not is_secret_name(name)


@pytest.mark.parametrize(
    "value", ["hunter2", "postgres", "s3cr3t-Pa55", "correct horse battery", "12345678", "a/b+c=="]
)
def test_values_that_may_be_secrets(value: str) -> None:
    assert may_be_secret(value)


@pytest.mark.parametrize(
    "value",
    ["", "  ", "abc", "yes", "False", "4096", "/run/secrets/x", "./key.pem", "~/.ssh/id_rsa", "C:\\keys\\x",
     "$TOKEN", "${TOKEN:-}", "$(cat /run/secrets/x)", "`cat x`", "https://example.com/", "vault:kv/db", "changeme",
     "CHANGE-ME",
     "<token>", "your-token", "{{ token }}", "***", "password", "my-secret", "dummy-value", "xxxxxxxx",
     "'placeholder'"],
)  # fmt: skip
def test_values_that_are_none(value: str) -> None:
    assert not may_be_secret(value)


GITHUB = "ghp_" + (BODY := "Vq7R3nW5" * 3 + "Jd9B4k") + checksum(BODY)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (f"x {GITHUB} y", [(GITHUB, "a GitHub token")]),
        (f"https://me:{GITHUB}@github.com/x", [(GITHUB, "a GitHub token")]),
        ("key=AKIAQYLPMN5HKWQNPLX2", [("AKIAQYLPMN5HKWQNPLX2", "an AWS access key")]),
        ("glpat-Vq7R3nW5Vq7R3nW5Vq7R", [("glpat-Vq7R3nW5Vq7R3nW5Vq7R", "a GitLab token")]),
        ("dckr_pat_Vq7R3nW5Vq7R3nW5Vq7R3nW5", [("dckr_pat_Vq7R3nW5Vq7R3nW5Vq7R3nW5", "a Docker token")]),
        ("postgres://app:h4rd-one@db.internal/x", [("h4rd-one", "a password")]),
        ("pg://b:hunter22@c pg://e:hunter33@f", [("hunter22", "a password"), ("hunter33", "a password")]),
        ("postgres://postgres:postgres@db/x", []),
        ("postgres://app:secret@db/x", []),
        ("redis://:h4rd-one@localhost:6379", []),
        ("https://user:${TOKEN}@github.com/x", []),
        ("https://host.example:8080/a@b", []),
        ("AKIAIOSFODNN7EXAMPLE", []),
        ("ghp_" + "x" * 36, []),
        ("grep -- '-----BEGIN PRIVATE KEY-----'", []),
        ("XAKIAQYLPMN5HQRSTUVX2", []),
        ("glory glpat-short ghp_short", []),
    ],
)
def test_shapes(text: str, found: list[tuple[str, str]]) -> None:
    assert [(text[each.start : each.end], each.what) for each in known_secrets(text)] == found


def test_a_private_key_is_found_with_all_its_lines() -> None:
    body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7\n" * 3
    text = f"before\n-----BEGIN RSA PRIVATE KEY-----\n{body}-----END RSA PRIVATE KEY-----\n"
    (found,) = known_secrets(text)
    assert found.what == "a private key"
    assert body.rstrip() in text[found.start : found.end]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab:/@ghp_-$ {}EGIN", max_size=60))
def test_whatever_is_found_lies_in_the_text_and_apart(text: str) -> None:
    found = known_secrets(text)
    assert all(0 <= each.start < each.end <= len(text) for each in found)
    assert all(one.end <= other.start or one.end < other.end for one, other in pairwise(found))


@pytest.mark.parametrize(
    "unit", ["pg://b:", "pg://b:cdefg@h ", "ghp_", "xoxb-1-", "glpat-", "-----BEGIN ", "change", "a.", "A_", "aB"]
)
def test_time_grows_with_the_text(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    start = time.perf_counter()
    known_secrets(text)
    may_be_secret(text)
    is_secret_name(text)
    assert time.perf_counter() - start < 3
