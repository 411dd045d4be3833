"""Files are replaced as a whole or not at all."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from imglint.write import create, replace


def test_what_has_changed_since_it_was_read_is_left_alone(tmp_path: Path) -> None:
    file = tmp_path / "file"
    for now in (b"new", b"old and more", b"ol"):
        file.write_bytes(now)
        assert replace(str(file), b"old", b"mended") == "is left as it is: it has changed since it was read"
        assert file.read_bytes() == now
    file.unlink()
    assert replace(str(file), b"old", b"mended") == "cannot be written: no such file or directory"
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_left_behind(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    assert replace(str(file), b"old", b"mended") == ""
    assert (file.read_bytes(), [path.name for path in tmp_path.iterdir()]) == (b"mended", ["file"])


@pytest.mark.usefixtures("unprivileged")
def test_a_directory_without_permission(tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"old")
    tmp_path.chmod(0o555)
    try:
        # Who may write there is asked of the system first, which takes root for somebody that may.
        assert replace(str(file), b"old", b"mended") in (
            "is left as it is: nothing can be written in its directory",
            "cannot be written: permission denied",
        )
    finally:
        tmp_path.chmod(0o755)
    assert file.read_bytes() == b"old"


def test_new_files_have_the_mode_that_the_user_wants(tmp_path: Path) -> None:
    mask = os.umask(0o027)
    try:
        assert create(str(tmp_path / "file"), b"new") == ""
    finally:
        os.umask(mask)
    assert stat.S_IMODE((tmp_path / "file").stat().st_mode) == 0o640
    assert "no such file" in create(str(tmp_path / "nowhere" / "file"), b"new")
