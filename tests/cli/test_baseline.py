"""`--baseline` and `--write-baseline`: old findings are silent until somebody touches the place."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import CLEAN, Imglint

BAD = CLEAN.replace('licenses="MIT"', 'licenses="Foo"')


@pytest.fixture
def judged(root: Path, imglint: Imglint) -> Imglint:
    """A file with one finding, which is in the baseline."""
    (root / "Dockerfile").write_text(BAD)
    written = imglint("check", "--baseline", "known.json", "--write-baseline")
    assert (written.code, written.out) == (0, "")
    assert written.err == "known.json has 1 finding now: 1 new, 0 gone.\n"
    return imglint


def test_old_findings_are_silent(judged: Imglint) -> None:
    done = judged("check", "--baseline", "known.json")
    assert (done.code, done.out, done.err) == (0, "No problems in 1 file (1 suppressed).\n", "")


def test_lines_above_change_nothing(root: Path, judged: Imglint) -> None:
    (root / "Dockerfile").write_text("# a comment\n\n" + BAD)
    assert judged("check", "--baseline", "known.json").code == 0


def test_a_touched_place_is_reported_and_the_old_entry_is_gone(root: Path, judged: Imglint) -> None:
    (root / "Dockerfile").write_text(BAD.replace("Foo", "Bar"))
    done = judged("check", "--baseline", "known.json", "--format", "json")
    assert (done.code, done.rules) == (1, ["invalid-license"])
    assert done.err == "note: 1 finding is gone (invalid-license): --write-baseline takes it out of known.json\n"
    judged("check", "--baseline", "known.json", "--write-baseline")
    assert len(json.loads((root / "known.json").read_text())["findings"]) == 1
    assert judged("check", "--baseline", "known.json").err == ""


def test_a_second_one_like_it_is_new(root: Path, judged: Imglint) -> None:
    (root / "other.Dockerfile").write_text(BAD)
    assert [path for path, *_ in judged("check", "--baseline", "known.json", "--format", "json").found] == [
        "other.Dockerfile"
    ]


def test_paths_are_those_from_the_file_wherever_imglint_is_called(root: Path, judged: Imglint) -> None:
    (root / "sub").mkdir()
    for path in ("../Dockerfile", str(root / "Dockerfile")):
        assert judged("check", "--baseline", "../known.json", path, cwd=root / "sub").code == 0


def test_what_nobody_looked_at_is_neither_gone_nor_taken_out(root: Path, judged: Imglint) -> None:
    (root / "sub").mkdir()
    (root / "sub" / "Dockerfile").write_text(CLEAN)
    assert judged("check", "--baseline", "known.json", "sub").err == ""
    assert judged("check", "--baseline", "known.json", "--select", "syntax").err == ""
    judged("check", "--baseline", "known.json", "--write-baseline", "sub")
    assert judged("check", "--baseline", "known.json").code == 0


def test_findings_of_a_file_that_is_no_more_are_gone(root: Path, judged: Imglint) -> None:
    (root / "Dockerfile").rename(root / "Containerfile")
    done = judged("check", "--baseline", "known.json")
    assert (done.code, done.err[:17]) == (1, "note: 1 finding i")


def test_fixes_leave_old_findings_alone(root: Path, imglint: Imglint) -> None:
    text = CLEAN.replace('licenses="MIT"', 'licenses="The MIT License"')
    (root / "Dockerfile").write_text(text)
    imglint("check", "--baseline", "known.json", "--write-baseline")
    assert imglint("check", "--baseline", "known.json", "--fix").code == 0
    assert (root / "Dockerfile").read_text() == text


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (None, "does not exist; --write-baseline makes one"),
        ("", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("{}", "is no baseline of version 1"),
        ('{"version": 1, "findings": 3}', "`findings` is a list"),
        ('{"version": 1, "findings": [{"path": "x"}]}', "`findings` is a list"),
        ('{"version": 1, "findings": [{"path": 1, "rule": "r", "fingerprint": "f"}]}', "are strings"),
    ],
)
def test_a_file_that_is_no_baseline(root: Path, imglint: Imglint, text: str | None, reason: str) -> None:
    (root / "Dockerfile").write_text(CLEAN)
    if text is not None:
        (root / "known.json").write_text(text)
    done = imglint("check", "--baseline", "known.json")
    assert (done.code, len(done.errors)) == (2, 1)
    assert reason in done.err


def test_writing_needs_a_name(imglint: Imglint) -> None:
    assert "name the file with --baseline" in imglint("check", "--write-baseline").err
