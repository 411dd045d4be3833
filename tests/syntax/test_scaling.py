"""Time and memory grow with the file and no faster, whatever stands in it."""

from __future__ import annotations

import gc
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import chain
from pathlib import Path
from typing import Final

import pytest

from imglint.model.evaluate import evaluate
from imglint.model.stages import Assumptions
from imglint.model.suppression import suppressions
from imglint.source import Source
from imglint.syntax.dockerfile import parse
from imglint.syntax.tokens import tokens
from imglint.syntax.validate import problems

SECONDS: Final = 5
"""Of the processor: what else the machine does at the time matters nothing."""
ADDRESS_SPACE: Final = 1_500 << 20
"""Bytes; beyond it the child gets no more memory."""
RESIDENT: Final = 500 << 20
"""Bytes that the child may really use."""

Maker = Callable[[int], str]
FROM: Final = "FROM a\n"


def numbered(line: str, count: int, separator: str = "\n") -> str:
    return separator.join(line.replace("#", str(number)) for number in range(count))


def quotes(count: int) -> str:
    return FROM + "ENV a=" + "\"' " * count + "\nRUN <<x " + "\"' " * count


def doubled(times: int, then: str) -> str:
    return f"{FROM}ENV a=x\n" + "ENV a=$a$a\n" * times + then


LARGE: Final[dict[str, tuple[Maker, int]]] = {
    "continuation lines": (lambda n: FROM + "RUN x" + " \\\n  && echo a line of its own" * n, 100_000),
    "one long line": (lambda n: FROM + "RUN " + "x" * n, 10_000_000),
    "one long value": (lambda n: FROM + 'LABEL a="' + "x" * n + '"', 10_000_000),
    "pairs of one instruction": (lambda n: FROM + "ENV " + numbered("k#=v", n, " \\\n"), 100_000),
    "lines of a heredoc": (lambda n: FROM + "RUN <<EOF\n" + "FROM evil \\\n" * n + "EOF\n", 200_000),
    "values that double": (lambda n: doubled(n, "LABEL b=$a"), 28),
    "labels": (lambda n: FROM + numbered('LABEL k#="v"', n), 20_000),
    "settings of one label": (lambda n: FROM + numbered("LABEL k=#", n), 30_000),
    "stages on top of each other": (lambda n: "FROM a AS s0\n" + numbered("FROM s# AS s#x\nLABEL l#=x", n), 1_000),
    "nested substitutions": (lambda n: FROM + "ENV a=" + "${a:-" * n + "}" * n, 20_000),
    "comments": (lambda n: "# a comment\n" * n + FROM, 500_000),
    "deep JSON": (lambda n: FROM + "RUN " + "[" * n, 1_000_000),
    "mounts": (lambda n: FROM + "RUN " + "--mount=type=cache,target=/x " * n + "y", 100_000),
    "flags": (lambda n: FROM + "RUN " + "--foo=bar " * n + "y", 100_000),
    "quotes that do not match": (quotes, 100_000),
}
"""What is checked whole through the command line: how to make it, and how much of it."""

_MEASURED: Final = """
import resource, runpy, sys
resource.setrlimit(resource.RLIMIT_AS, ({limit}, {limit}))
try:
    runpy.run_module("imglint", run_name="__main__", alter_sys=True)
finally:
    with open("/proc/self/status") as status:
        peak = next(line.split()[1] for line in status if line.startswith("VmHWM"))
    used = resource.getrusage(resource.RUSAGE_SELF)
    print(peak, used.ru_utime + used.ru_stime, file=sys.stderr)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="memory is limited and measured as Linux does it")
@pytest.mark.parametrize("name", LARGE)
def test_large_files_through_the_command_line(name: str, tmp_path: Path) -> None:
    maker, count = LARGE[name]
    (tmp_path / "Dockerfile").write_text(maker(count))
    command = [sys.executable, "-c", _MEASURED.format(limit=ADDRESS_SPACE), "check", "Dockerfile"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, timeout=60, check=False)
    *messages, measured = done.stderr.decode().splitlines()
    assert (done.returncode, messages) in ((0, []), (1, []))
    kibibytes, seconds = (float(word) for word in measured.split())
    assert kibibytes * 1024 < RESIDENT
    assert seconds < SECONDS


GROWING: Final[dict[str, Maker]] = {
    **{name: maker for name, (maker, count) in LARGE.items() if count > 1_000},
    "stages with labels": lambda n: "FROM a AS s\n" + numbered("FROM s AS s\nLABEL l#=x\nENV e#=y", n // 3),
    "stages": lambda n: FROM * n,
    "triggers": lambda n: "FROM a AS b\n" + "ONBUILD RUN x\n" * n + "FROM b\n" * n,
    "ONBUILD in ONBUILD": lambda n: FROM + "ONBUILD " * n + "RUN x",
    "arguments made of each other": lambda n: FROM + "ARG a0=x\n" + numbered("ARG b#=$b#\nARG a=$a$b#", n),
    "global arguments": lambda n: "ARG a=x\n" + numbered("ARG b#=$a\nARG a=$b#", n) + "\nFROM $a",
    "names of one ARG": lambda n: FROM + "ARG " + numbered("k#=v", n, " "),
    "variables in one word": lambda n: doubled(20, "ENV b=" + "$a" * n),
    "long values many times": lambda n: doubled(19, "LABEL " + numbered("k#=x$a", n, " ")),
    "long values replaced": lambda n: doubled(13, numbered("LABEL k#=${a//x/y}", n // 100)),
    "a long replacement": lambda n: doubled(19, "LABEL k=${a//x/" + "y" * n + "}"),
    "ports": lambda n: FROM + "EXPOSE 0-65535\n" * n,
    "port ranges": lambda n: FROM + numbered("EXPOSE #-65535", min(n, 60_000)),
    "a long duration": lambda n: FROM + "HEALTHCHECK --interval=" + "1" * n + " CMD x",
    "a long mode": lambda n: FROM + "COPY --chmod==" + "r" * n + "! a b",
    "a long directive": lambda n: "# syntax=a" + " " * n + "b\n" + FROM,
    "a far heredoc name": lambda n: FROM + "RUN <<" + " " * n + "<",
    "heredocs": lambda n: FROM + "RUN " + numbered("<<E#", n, " ") + "\n" + numbered("E#", n),
    "heredocs without end": lambda n: FROM + "RUN " + numbered("<<E#", n, " ") + "\nx\n",
    "instructions after a heredoc without end": lambda n: FROM + "RUN <<E\n" * n,
    "patterns with ?": lambda n: FROM + f"ENV a={'a' * n}\nENV b=${{a/{'a' * (n // 2)}?b/x}}",
    "patterns from behind": lambda n: FROM + f"ENV a={'a' * n}\nENV b=${{a##*b{'a' * (n // 2)}}}",
    "comments in an instruction": lambda n: FROM + "RUN x \\\n" + "# imglint: ignore[x]\n" * n + " y",
    "comments above instructions": lambda n: (FROM + "# imglint: ignore[x]\nUSER a\n") * n,
    "comment with spaces": lambda n: "# hadolint ignore=a" + " " * n + "b\n# check=" + ";" * n + "\n" + FROM,
    "blank lines in an instruction": lambda n: FROM + "RUN x \\\n" + "\n" * n + "y",
    "misspelt instructions": lambda n: FROM + "CPOY a b\n" * (n // 4),
    "flags that are no ASCII": lambda n: FROM + "RUN " + "--foo=bär " * n + "x",
    "COPY --from": lambda n: FROM + "COPY --from=b c d\n" * n,
    "JSON strings": lambda n: FROM + "RUN [" + '"a",' * n + '"a"]',
    "JSON numbers": lambda n: FROM + "RUN [" + "1" * n + "]",
    "a long reference": lambda n: "FROM " + "a." * n + "\nFROM " + "a-" * n + "!\nFROM b:" + "a" * n,
    "a long path": lambda n: FROM + "WORKDIR " + "a/../" * n,
    "paths": lambda n: FROM + "WORKDIR a\n" * n,
    "a mount with quotes": lambda n: FROM + "RUN --mount='\"" + '"' * n + "' x\nRUN --mount='" + '"a",' * n + "' x",
}


def seconds_for(text: str) -> float:
    source = Source("Dockerfile", text)
    gc.disable()  # as imglint runs
    try:
        before = time.process_time()
        dockerfile = parse(source)
        assert sum(1 for _ in chain(problems(dockerfile), tokens(dockerfile)))
        evaluate(dockerfile, Assumptions())
        suppressions(dockerfile)
        return time.process_time() - before
    finally:
        gc.enable()


SIZE: Final = 1_000
FLOOR: Final = 0.1
"""Seconds; below them nothing can be told from noise."""


@pytest.mark.parametrize("name", GROWING)
def test_ten_times_as_much_takes_about_ten_times_as_long(name: str) -> None:
    make = GROWING[name]
    for _ in range(3):
        large = seconds_for(make(10 * SIZE))
        if large < FLOOR or large < 25 * seconds_for(make(SIZE)):
            return
    pytest.fail(f"{large:.2f} s for {10 * SIZE}, {seconds_for(make(SIZE)):.3f} s for {SIZE}")
