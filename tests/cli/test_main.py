"""The command `imglint` itself: help, version, and what is said to a wrong call."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from imglint import __version__

from .conftest import BAD, CLEAN, Imglint, plant

COMMANDS = [
    "check", "page", "init", "command", "image", "layers", "labels", "parse", "token", "rule", "rules", "server",
    "completion", "config",
]  # fmt: skip


def test_the_version(imglint: Imglint) -> None:
    assert imglint("--version") == (0, f"imglint {__version__}\n", "")


@pytest.mark.parametrize("flag", ["--help", "-h"])
def test_help_lists_the_commands(imglint: Imglint, flag: str) -> None:
    code, out, err = imglint(flag)
    assert (code, err) == (0, "")
    assert out.startswith("Usage: imglint [OPTIONS] COMMAND [ARGS]...\n")
    listed = [line.split()[0] for line in out.partition("Commands:\n")[2].splitlines() if line[2:3].isalpha()]
    assert listed == COMMANDS


def test_a_call_without_arguments_shows_the_help(imglint: Imglint) -> None:
    code, out, err = imglint()
    assert (code, out) == (2, "")
    assert err == imglint("--help").out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(imglint: Imglint, command: str) -> None:
    code, out, err = imglint(command, "--help")
    assert (code, err) == (0, "")
    assert out.startswith(f"Usage: imglint {command} ")


def test_help_for_check_tells_the_exit_codes(imglint: Imglint) -> None:
    assert "Exit codes: 0 nothing to say, 1 findings, 2 something could not be judged." in imglint("check", "-h").out


def test_a_misspelt_command(imglint: Imglint) -> None:
    code, out, err = imglint("chekc")
    assert (code, out) == (2, "")
    assert err.endswith("Error: There is no command `chekc`. Did you mean `check`?\n")


def test_a_path_in_place_of_a_command(imglint: Imglint) -> None:
    code, out, err = imglint("./Dockerfile")
    assert (code, out) == (2, "")
    assert err.endswith("Error: There is no command `./Dockerfile`. For files and directories: `imglint check PATH`.\n")


@pytest.mark.parametrize("call", [["check", "--selct=x"], ["check", "--fail-on=never"], ["parse"], ["rule"]])
def test_a_wrong_call_ends_with_2_and_shows_the_usage(imglint: Imglint, call: list[str]) -> None:
    code, out, err = imglint(*call)
    assert (code, out) == (2, "")
    assert err.startswith(f"Usage: imglint {call[0]} ")


def test_a_reader_that_goes_away(root: Path) -> None:
    plant(root, {f"{number}.Dockerfile": BAD for number in range(500)})
    command = [sys.executable, "-m", "imglint", "check", "--format=concise"]
    with subprocess.Popen(command, cwd=root, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout and process.stderr
        process.stdout.readline()
        process.stdout.close()
        assert process.stderr.read() == b""
    assert process.returncode != 0


@pytest.mark.parametrize("call", ["check", "check --format=json", "labels", "parse .", "rules", "--version"])
@pytest.mark.parametrize(
    ("redirection", "reason"),
    [
        (">&-", "standard output is closed"),
        (">/dev/full", "standard output cannot be written: no space left on device"),
    ],
)
def test_output_that_goes_nowhere(root: Path, call: str, redirection: str, reason: str) -> None:
    if not Path("/dev/full").exists():
        pytest.skip("needs /dev/full")
    plant(root, {"Dockerfile": BAD})
    command = ["sh", "-c", f'exec "$0" -m imglint {call} {redirection}', sys.executable]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stderr) == (2, f"error: {reason}\n")


def test_closed_standard_error(root: Path) -> None:
    command = ["sh", "-c", 'exec "$0" -m imglint labels missing 2>&-', sys.executable]
    process = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout) == (2, "")


def test_a_working_directory_that_is_gone(root: Path) -> None:
    script = 'rmdir "$PWD"; exec "$0" -m imglint check'
    (root / "gone").mkdir()
    process = subprocess.run(
        ["sh", "-c", script, sys.executable], cwd=root / "gone", capture_output=True, text=True, check=False
    )
    assert (process.returncode, process.stdout) == (2, "")
    assert process.stderr == "error: the working directory does not exist any more\n"


def test_the_installed_command(root: Path) -> None:
    plant(root, {"Dockerfile": CLEAN})
    command = Path(sys.executable).with_name("imglint")
    if not command.exists():
        pytest.skip("the tests run without an installed imglint")
    process = subprocess.run([command, "check"], cwd=root, capture_output=True, text=True, check=False)
    assert (process.returncode, process.stdout, process.stderr) == (0, "No problems in 1 file.\n", "")
