"""What all tests share."""

from __future__ import annotations

import ctypes
import gc
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).parents[1]
REQUIRE_ALL = "IMGLINT_REQUIRE_ALL"
"""The variable that makes a skipped test a failure of the session: CI sets it to 1."""


@pytest.fixture(scope="module", autouse=True)
def _young_heap() -> None:
    """What the modules before have left is not searched for garbage again: tests that measure would pay for it."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of measured data beside the repository."""
    folder = REPOSITORY.parent / "shared"
    if not folder.is_dir():
        pytest.skip("the measured data (../shared) is not beside the repository")
    return folder


@pytest.fixture(scope="session")
def tool() -> Callable[[str], str]:
    """What finds a program by its name; without it, the test that asks is skipped."""

    def find(name: str) -> str:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not installed (apt-get install {name})")
        return found

    return find


def _skipped(config: pytest.Config) -> list[str]:
    """A line for each test that did not run, and why."""
    reporter = config.pluginmanager.get_plugin("terminalreporter")
    lines = []
    for report in reporter.stats.get("skipped", ()) if reporter else ():
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr
        lines.append(f"{report.nodeid}: {str(reason).removeprefix('Skipped: ')}")
    return lines


def _all_are_required() -> bool:
    return os.environ.get(REQUIRE_ALL, "") not in ("", "0")


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if _all_are_required() and _skipped(session.config) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    skipped = _skipped(config)
    if _all_are_required() and skipped:
        terminalreporter.section(f"{len(skipped)} skipped, and {REQUIRE_ALL} is set", red=True)
        for line in skipped:
            terminalreporter.line(line)


class _Header(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _Sets(ctypes.Structure):
    _fields_ = (("effective", ctypes.c_uint32), ("permitted", ctypes.c_uint32), ("inheritable", ctypes.c_uint32))


_CAPABILITY_VERSION = 0x20080522
_MAY_READ_ALL = 0b110  # CAP_DAC_OVERRIDE and CAP_DAC_READ_SEARCH
_PR_SET_SECUREBITS, _NO_ROOT = 28, 1


@pytest.fixture
def unprivileged() -> Iterator[None]:
    """While the test runs, file permissions hold for this process and its children, even if it is root's.

    See capabilities(7): two capabilities are put aside, and a program that root starts gets none back.
    """
    if not hasattr(os, "geteuid") or os.geteuid() != 0:
        yield
        return
    if sys.platform != "linux":
        pytest.skip("root is refused nothing, and only on Linux can it do without")
    libc = ctypes.CDLL(None, use_errno=True)
    header, sets = _Header(_CAPABILITY_VERSION, 0), (_Sets * 2)()
    if libc.capget(ctypes.byref(header), sets) or libc.prctl(_PR_SET_SECUREBITS, _NO_ROOT, 0, 0, 0):
        pytest.skip("root is refused nothing, and may not do without")
    before = sets[0].effective
    sets[0].effective &= ~_MAY_READ_ALL
    assert libc.capset(ctypes.byref(header), sets) == 0
    try:
        yield
    finally:
        sets[0].effective = before
        libc.capset(ctypes.byref(header), sets)
        libc.prctl(_PR_SET_SECUREBITS, 0, 0, 0, 0)
