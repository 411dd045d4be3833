"""`imglint completion`: the scripts, in the shells that they are for."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import Imglint

COMPLETE = """\
source <({program} completion bash)
COMP_WORDS=({words}); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_imglint_completion imglint
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def completed(tool: Callable[[str], str], root: Path) -> Callable[[str], list[str]]:
    """What bash offers for the last word of a command line."""
    bash = tool("bash")
    program = Path(sys.executable).with_name("imglint")
    if not program.exists():
        pytest.skip("the tests run without an installed imglint")

    def complete(words: str) -> list[str]:
        script = COMPLETE.format(program=program, words=words)
        environment = {**os.environ, "PATH": f"{program.parent}{os.pathsep}{os.environ['PATH']}"}
        done = subprocess.run([bash, "-c", script], cwd=root, env=environment, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout.split()

    return complete


@pytest.mark.parametrize(
    ("words", "offered"),
    [
        ("imglint lab", ["labels"]),
        ("imglint check --stat", ["--statistics"]),
        ("imglint check --format j", ["json", "junit"]),
        ("imglint image --format check", ["checkstyle"]),
        ("imglint rule missing-li", ["missing-licenses"]),
        ("imglint check --select missing-so", ["missing-source"]),
        ("imglint check --ignore syntax,missing-so", ["syntax,missing-source"]),
        ("imglint check --fail-on w", ["warning"]),
    ],
)
def test_bash(completed: Callable[[str], list[str]], words: str, offered: list[str]) -> None:
    assert completed(words) == offered


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_take_the_script(imglint: Imglint, shell: str, root: Path) -> None:
    from shutil import which

    code, out, err = imglint("completion", shell)
    assert (code, err) == (0, "")
    assert "_IMGLINT_COMPLETE" in out
    program = which(shell)
    if program:
        (root / "script").write_text(out)
        done = subprocess.run([program, "-n", "script"], cwd=root, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (0, "")


def test_another_shell(imglint: Imglint) -> None:
    code, out, err = imglint("completion", "csh")
    assert (code, out) == (2, "")
    assert "csh" in err
