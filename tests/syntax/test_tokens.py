"""What each stretch of a Dockerfile is. That they cover the whole of it is a property of every text."""

from __future__ import annotations

import pytest

from imglint.source import Source
from imglint.syntax.dockerfile import parse
from imglint.syntax.tokens import Kind, tokens


def cut(text: str) -> list[tuple[str, str]]:
    """Kind and text of every token but white space and line ends."""
    source = Source("Dockerfile", text)
    found = [(token.kind.value, source.slice(token.span)) for token in tokens(parse(source))]
    return [(kind, piece) for kind, piece in found if kind not in (Kind.WHITESPACE, Kind.NEWLINE)]


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("\ufeff# escape=`\n", [("bom", "\ufeff"), ("directive", "# escape=`")]),
        ("\n  # a b \n", [("comment", "# a b ")]),
        (
            "FROM --platform=x a AS b\n",
            [("keyword", "FROM"), ("flag", "--platform=x"), ("argument", "a"), ("argument", "AS"), ("argument", "b")],
        ),
        ("RUN a b && c\n", [("keyword", "RUN"), ("argument", "a b && c")]),
        (
            "RUN a \\ \n # c\n\n  b\n",
            [("keyword", "RUN"), ("argument", "a "), ("continuation", "\\ "), ("comment", "# c"), ("argument", "  b")],
        ),
        (
            'LABEL a="b c" d=\n',
            [
                ("keyword", "LABEL"),
                ("argument", "a"),
                ("punctuation", "="),
                ("argument", '"b c"'),
                ("argument", "d"),
                ("punctuation", "="),
            ],
        ),
        ("ENV a b c", [("keyword", "ENV"), ("argument", "a"), ("argument", "b c")]),
        (
            'CMD ["a", "b"]',
            [
                ("keyword", "CMD"),
                ("punctuation", "["),
                ("argument", '"a"'),
                ("punctuation", ","),
                ("argument", '"b"'),
                ("punctuation", "]"),
            ],
        ),
        (
            "ONBUILD COPY --link a b",
            [("keyword", "ONBUILD"), ("keyword", "COPY"), ("flag", "--link"), ("argument", "a"), ("argument", "b")],
        ),
        (
            "RUN <<A\n# b\nA\nRUN c",
            [
                ("keyword", "RUN"),
                ("argument", "<<A"),
                ("heredoc-body", "# b\n"),
                ("heredoc-terminator", "A\n"),
                ("keyword", "RUN"),
                ("argument", "c"),
            ],
        ),
        ("FOO b c\n", [("keyword", "FOO"), ("argument", "b c")]),
        ("ENV broken\n", [("keyword", "ENV"), ("argument", "broken")]),
        ("RU\\\nN a", [("keyword", "RU"), ("continuation", "\\"), ("keyword", "N"), ("argument", "a")]),
    ],
)
def test_kinds(text: str, wanted: list[tuple[str, str]]) -> None:
    assert cut(text) == wanted
