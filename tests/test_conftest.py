"""What `conftest.py` promises to the other tests."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

SKIPPING = """\
import pytest

def test_runs(): pass

@pytest.mark.skip(reason="no such machine")
def test_skipped(): pass

def test_shared(shared): pass
"""


def session(folder: Path, text: str, required: str) -> subprocess.CompletedProcess[str]:
    """A session of pytest under our `conftest.py`, far from the measured data."""
    tests = folder / "project" / "tests"
    tests.mkdir(parents=True)
    shutil.copy(Path(__file__).with_name("conftest.py"), tests)
    (tests / "test_it.py").write_text(text)
    (tests / "test_other.py").write_text("def test_runs(): pass\n")
    return subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-c", "/dev/null", "--rootdir", folder, tests],
        env={"IMGLINT_REQUIRE_ALL": required, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("required", ["", "0"])
def test_skipping_is_allowed(tmp_path: Path, required: str) -> None:
    done = session(tmp_path, SKIPPING, required)
    assert done.returncode == 0
    assert "2 passed, 2 skipped" in done.stdout and "IMGLINT_REQUIRE_ALL" not in done.stdout


def test_skipping_is_a_failure_when_all_are_required(tmp_path: Path) -> None:
    done = session(tmp_path, SKIPPING, "1")
    assert done.returncode == 1
    assert "2 skipped, and IMGLINT_REQUIRE_ALL is set" in done.stdout
    lines = done.stdout.splitlines()
    assert "project/tests/test_it.py::test_skipped: no such machine" in lines
    reason = "the measured data (../shared) is not beside the repository"
    assert f"project/tests/test_it.py::test_shared: {reason}" in lines


def test_a_module_that_is_skipped_counts(tmp_path: Path) -> None:
    text = 'import pytest\npytest.importorskip("no_such_module")\n'
    done = session(tmp_path, text, "1")
    assert done.returncode == 1
    assert "1 skipped, and IMGLINT_REQUIRE_ALL is set" in done.stdout
    assert "project/tests/test_it.py: could not import 'no_such_module': " in done.stdout


def test_nothing_is_skipped(tmp_path: Path) -> None:
    done = session(tmp_path, "def test_runs(): pass\n", "1")
    assert done.returncode == 0
    assert "2 passed" in done.stdout and "IMGLINT_REQUIRE_ALL" not in done.stdout


@pytest.mark.usefixtures("unprivileged")
def test_permissions_hold_even_for_root(tmp_path: Path) -> None:
    path = tmp_path / "closed"
    path.write_text("")
    path.chmod(0)
    with pytest.raises(PermissionError):
        path.read_text()
    script = "import sys; open(sys.argv[1])"
    assert b"PermissionError" in subprocess.run([sys.executable, "-c", script, path], capture_output=True).stderr
