"""`imglint parse` prints what BuildKit reads, and its spans lead back to the text."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from imglint.source import decode, printable

from .oracle import answers, assert_none

pytestmark = pytest.mark.shared

EVERY = 64
"""One file in so many is looked at."""
COLUMNS = ("keyword", "lines", "flags", "args", "exec_form")


@pytest.fixture(scope="module")
def pairs(shared: Path) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """BuildKit's answer and the command's for a sample of files, all of which one call prints."""
    sample = [answer for answer in answers(shared)[::EVERY] if not answer["parse_error"]]
    command = [sys.executable, "-m", "imglint", "parse", "--format", "json", *(each["file"] for each in sample)]
    done = subprocess.run(command, cwd=shared / "corpus", capture_output=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, b"")
    printed = [json.loads(line) for line in done.stdout.decode("utf-8").splitlines()]
    assert [each["file"] for each in printed] == [each["file"] for each in sample]
    return list(zip(sample, printed, strict=True))


def without_continuations(text: str, escape: str) -> str:
    """A stretch of a file as BuildKit joins it: continuations, and comments and blank lines after them, cut out."""
    skipped = r"(?:[ \t]*#[^\n]*\n|[ \t\r]*\n)*"
    return re.sub(rf"{re.escape(escape)}[ \t]*\r?\n{skipped}", "", text)


def test_rows_are_those_of_buildkit(pairs: list[tuple[dict[str, Any], dict[str, Any]]]) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for answer, document in pairs:
            wanted = [
                {key: each.get(key, []) for key in COLUMNS}
                | {"heredocs": [heredoc["content"] for heredoc in each.get("heredocs", [])]}
                for each in answer["instructions"]
            ]
            printed = [
                {key: each[key] for key in COLUMNS} | {"heredocs": [heredoc["content"] for heredoc in each["heredocs"]]}
                for each in document["instructions"]
            ]
            if (document["escape"], printed) != (answer["escape"], wanted):
                yield answer["file"], printed, wanted

    assert_none(differences())


def test_spans_slice_to_the_text_they_name(pairs: list[tuple[dict[str, Any], dict[str, Any]]], shared: Path) -> None:
    def differences() -> Iterator[tuple[object, ...]]:
        for answer, document in pairs:
            text = decode((shared / "corpus" / answer["file"]).read_bytes())
            for written, named in named_stretches(document):
                stretch = printable(without_continuations(text[slice(*written)], answer["escape"]))
                if named not in (stretch, stretch.strip(), stretch.replace('"', ""), json_string(stretch)):
                    yield answer["file"], stretch, named

    assert sum(len(list(named_stretches(document))) for _, document in pairs) > 1_000
    assert_none(differences())


def named_stretches(document: dict[str, Any]) -> Iterator[tuple[list[int], str]]:
    """Each span of a document with the text that it is said to hold."""
    for each in document["instructions"]:
        yield each["keyword_span"], each["keyword"]
        yield from zip(each["flag_spans"], each["flags"], strict=True)
        yield from zip(each["arg_spans"], each["args"], strict=True)
    for comment in document["comments"]:
        sign, end = comment["span"]
        yield [sign, sign + 1], "#"
        yield [sign + 1, end], comment["text"]


def json_string(text: str) -> str | None:
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return value if isinstance(value, str) else None
