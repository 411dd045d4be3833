"""`imglint parse`."""

from __future__ import annotations

import json
from pathlib import Path

from .conftest import CLEAN, Imglint, plant

TEXT = """\
# syntax=docker/dockerfile:1
FROM alpine AS build
# a word
RUN --mount=type=cache,target=/x <<EOF
echo hello
EOF
CMD ["a", "b"]
"""


def test_the_whole_form(imglint: Imglint) -> None:
    code, out, err = imglint("parse", "-", "--stdin-filename", "x/Dockerfile", stdin=TEXT)
    assert (code, err, out.count("\n")) == (0, "", 1)
    assert json.loads(out) == {
        "file": "x/Dockerfile",
        "escape": "\\",
        "directives": [{"name": "syntax", "value": "docker/dockerfile:1", "line": 1, "span": [0, 28]}],
        "comments": [{"text": "a word", "line": 3, "span": [50, 58]}],
        "instructions": [
            {
                "keyword": "FROM", "lines": [2, 2], "span": [29, 49], "keyword_span": [29, 33],
                "flags": [], "flag_spans": [], "args": ["alpine", "AS", "build"],
                "arg_spans": [[34, 40], [41, 43], [44, 49]], "exec_form": False, "heredocs": [],
            },
            {
                "keyword": "RUN", "lines": [4, 6], "span": [59, 97], "keyword_span": [59, 62],
                "flags": ["--mount=type=cache,target=/x"], "flag_spans": [[63, 91]], "args": ["<<EOF"],
                "arg_spans": [[92, 97]], "exec_form": False,
                "heredocs": [
                    {"name": "EOF", "fd": 0, "expand": True, "chomp": False, "content": "echo hello\n",
                     "span": [98, 113]}
                ],
            },
            {
                "keyword": "CMD", "lines": [7, 7], "span": [113, 127], "keyword_span": [113, 116],
                "flags": [], "flag_spans": [], "args": ["a", "b"], "arg_spans": [[118, 121], [123, 126]],
                "exec_form": True, "heredocs": [],
            },
        ],
        "problems": [],
    }  # fmt: skip


def test_a_line_for_each_file(imglint: Imglint, root: Path) -> None:
    plant(root, {"a/Dockerfile": CLEAN, "b/Dockerfile": "FORM x\n"})
    code, out, err = imglint("parse", ".", "missing")
    assert (code, err) == (2, "error: missing: does not exist\n")
    first, second = map(json.loads, out.splitlines())
    assert (first["file"], first["problems"]) == ("a/Dockerfile", [])
    assert second["file"] == "b/Dockerfile"
    assert [problem["code"] for problem in second["problems"]] == ["unknown-instruction"]


def test_output_is_plain_ascii(imglint: Imglint) -> None:
    code, out, _ = imglint("parse", "-", stdin=b"FROM \xff\x1b[31m\xe2\x80\xae\n")
    assert code == 0
    assert out.isascii() and out.count("\n") == 1 and "\x1b" not in out
    assert json.loads(out)["instructions"][0]["args"] == ["\ufffd\x1b[31m\u202e"]
