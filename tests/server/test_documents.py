"""Open texts: their addresses, what they are read as, and how they change."""

from __future__ import annotations

import os

import pytest

from imglint.model.kind import Kind
from imglint.server.documents import Change, Documents, path_of, uri_of
from imglint.server.positions import Encoding, Place


@pytest.mark.parametrize(
    "path", ["/a/b", "/with blank/Dockerfile", "/per%cent/x#y?z;w", "/umläut/😀", "/odd\udcff/bytes", "/a:b/c"]
)
def test_a_path_survives_its_address(path: str) -> None:
    assert path_of(uri_of(path)) == path
    assert uri_of(path).startswith("file:///")


def test_addresses_as_editors_write_them() -> None:
    assert path_of("file:///home/a%20b/Dockerfile") == "/home/a b/Dockerfile"
    assert path_of("file://localhost/a") == "/a"
    drive = path_of("file:///c%3A/work/Dockerfile").replace(os.sep, "/")
    assert drive == ("c:/work/Dockerfile" if os.name == "nt" else "/c:/work/Dockerfile")


@pytest.mark.parametrize(
    ("uri", "language", "kind"),
    [
        ("file:///p/Dockerfile", "plaintext", Kind.DOCKERFILE),
        ("file:///p/build/image", "dockerfile", Kind.DOCKERFILE),
        ("untitled:Untitled-1", "dockerfile", Kind.DOCKERFILE),
        ("file:///p/.github/workflows/a.yml", "yaml", Kind.WORKFLOW),
        ("file:///p/values.yml", "yaml", None),
        ("file:///p/requirements.txt", "pip-requirements", None),
    ],
)
def test_what_a_text_is_read_as(uri: str, language: str, kind: Kind | None) -> None:
    document = Documents(Encoding.UTF_16).open(uri, language, 1, "FROM a\n")
    assert document is not None and document.kind is kind
    assert document.judged == (kind is not None)


def test_the_side_of_a_comparison_is_no_file() -> None:
    documents = Documents(Encoding.UTF_16)
    assert documents.open("git:/p/Dockerfile?ref=HEAD", "dockerfile", 1, "FROM a\n") is None
    assert list(documents) == []


def test_changes_are_applied_one_after_the_other() -> None:
    documents = Documents(Encoding.UTF_16)
    uri = "file:///p/Dockerfile"
    documents.open(uri, "dockerfile", 1, "FROM a\n# 😀 x\n")
    changes = [
        Change("b", Place(0, 5), Place(0, 6)),
        Change("y", Place(1, 5), Place(1, 6)),
        Change("!", Place(9, 0), Place(9, 0)),
    ]
    document = documents.change(uri, 2, changes)
    assert document is not None
    assert (document.version, document.source.text) == (2, "FROM b\n# 😀 y\n!")
    whole = documents.change(uri, 3, [Change("FROM c\n")])
    assert whole is not None and whole.source.text == "FROM c\n"
    assert documents.change("file:///p/other", 1, []) is None


@pytest.mark.parametrize("text", ["", "FROM a\0\n"])
def test_what_the_command_line_refuses_is_not_judged(text: str) -> None:
    document = Documents(Encoding.UTF_16).open("file:///p/Dockerfile", "dockerfile", 1, text)
    assert document is not None and not document.judged
