"""The grammar of git's configuration, compared with git itself."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imglint.syntax.gitconfig import Entry, entries


def test_sections_keys_and_values() -> None:
    text = """\ufeff# a comment
[core]
\tbare = false ; another
[Remote "Origin"] url = https://example.com/a b
\tFetch = +refs/heads/*:refs/remotes/origin/*
\tmirror
[url "git@host:\\"x\\\\y"]\r
\tinsteadOf = "; kept # kept "  tail   # dropped
[branch.Main]
 merge = a\\
b\\tc
"""
    assert list(entries(text)) == [
        Entry("core", None, "bare", "false"),
        Entry("remote", "Origin", "url", "https://example.com/a b"),
        Entry("remote", "Origin", "fetch", "+refs/heads/*:refs/remotes/origin/*"),
        Entry("remote", "Origin", "mirror", None),
        Entry("url", 'git@host:"x\\y', "insteadof", "; kept # kept   tail"),
        Entry("branch", "main", "merge", "ab\tc"),
    ]


@pytest.mark.parametrize(
    "broken",
    ["[a", '[a "b]', "[a]b = \\x", '[a]b = "open', "key = before any section", "[a]1 = digit first", "[a]k other"],
)
def test_what_git_refuses_ends_the_reading(broken: str) -> None:
    assert list(entries(f"[good]\nkey = 1\n[x]\n{broken}\n[later]\nkey = 2"))[:1] == [Entry("good", None, "key", "1")]
    assert Entry("later", None, "key", "2") not in list(entries(f"{broken}\n[later]\nkey = 2"))


def test_time_is_linear() -> None:
    for text in ("[a]b=" + "\\\n" * 300_000, "[a]b=" + " " * 600_000, '[a "' + "\\" * 600_000, "[a]b=" + '"' * 600_000):
        assert len(list(entries(text))) <= 1


PIECES = ["[a]", '[A "b c"]', "[a.B]", '[a "q\\"r"]', "\n[b]\nk=v\n", "k", "K2", "v", "x y", "é"]
PIECES += ["=", " ", "\t", '"', "\\", "\\n", "\\t", "\\\n", "\n", "\r\n", "#", ";"]


@pytest.mark.skipif(shutil.which("git") is None, reason="compares with git, which is not installed")
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(
        st.sampled_from(PIECES),
        max_size=14,
    )
)
def test_as_git_reads_it(tmp_path: Path, pieces: list[str]) -> None:
    text = "[s]\n" + "".join(pieces)
    file = tmp_path / "config"
    file.write_bytes(text.encode())
    listed = subprocess.run(
        ["git", "config", "--file", str(file), "--list", "--null"], capture_output=True, check=False
    )
    if listed.returncode:
        return  # git refuses the whole file, where we keep what came before
    ours = []
    for entry in entries(text):
        name = ".".join(part for part in (entry.section, entry.subsection, entry.key) if part is not None)
        ours.append(name if entry.value is None else f"{name}\n{entry.value}")
    theirs = listed.stdout.decode().split("\0")[:-1]
    # Older versions of git turn each space character inside a value into a space.
    assert [item.replace("\t", " ").replace("\r", " ") for item in ours] == [
        item.replace("\t", " ").replace("\r", " ") for item in theirs
    ]
