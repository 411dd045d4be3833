"""The same answer for the same state of a file or directory, and a new one as soon as it may be another."""

from __future__ import annotations

import os
from pathlib import Path
from time import time_ns

import pytest

from imglint.read.remembered import Remembered, unchanged
from imglint.read.tree import read_source
from imglint.source import Source

LONG_AGO = 1


def write(path: Path, text: str, modified: int) -> str:
    path.write_text(text)
    os.utime(path, ns=(modified, modified))
    return str(path)


def text(look: Remembered, path: str) -> Source:
    source = look(path, read_source)
    assert isinstance(source, Source)
    return source


def test_a_file_is_the_same_source_until_its_state_changes(tmp_path: Path) -> None:
    look = Remembered()
    path = write(tmp_path / "a", "one", LONG_AGO)
    first = text(look, path)
    assert text(look, path) is first
    write(tmp_path / "a", "two", LONG_AGO + 1)
    assert text(look, path).text == "two"


def test_what_has_changed_just_now_is_looked_at_again(tmp_path: Path) -> None:
    look = Remembered()
    moment = time_ns() + 50_000_000  # Some time is left until it has settled.
    path = write(tmp_path / "a", "one", moment)
    noted = look.note()
    first = text(look, path)
    assert text(look, path) is first
    assert not unchanged(noted)
    write(tmp_path / "a", "two", moment)
    assert text(look, path).text == "two"


@pytest.mark.parametrize("name", ["a", "link", "gone"])
def test_what_was_looked_at_is_noted(tmp_path: Path, name: str) -> None:
    look = Remembered()
    write(tmp_path / "a", "one", LONG_AGO)
    (tmp_path / "link").symlink_to("nowhere")
    os.utime(tmp_path / "link", ns=(LONG_AGO, LONG_AGO), follow_symlinks=False)
    noted = look.note()
    there = look(str(tmp_path / name), os.path.lexists)
    assert unchanged(noted)
    if there:
        (tmp_path / name).unlink()
    else:
        (tmp_path / name).touch()
    assert not unchanged(noted)
    assert look(str(tmp_path / name), os.path.lexists) is not there


def test_a_directory_is_listed_again_when_something_is_new_in_it(tmp_path: Path) -> None:
    look = Remembered()

    def names(path: str) -> list[str]:
        return sorted(os.listdir(path))

    os.utime(tmp_path, ns=(LONG_AGO, LONG_AGO))
    first = look(str(tmp_path), names)
    assert look(str(tmp_path), names) is first == []
    (tmp_path / "a").touch()
    assert look(str(tmp_path), names) == ["a"]
