"""Input that nobody should have to see: one clear line each, and everything else is judged all the same."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import BAD, CLEAN, Imglint, plant

FORMATS = ["text", "concise", "json", "sarif", "github"]
UTF_16 = "is UTF-16 text, which Docker cannot read: save it as UTF-8"

Plant = Callable[[Path], object]


def fifo(path: Path) -> None:
    if not hasattr(os, "mkfifo"):
        pytest.skip("this system has no pipes with names")
    os.mkfifo(path)


def loop(path: Path) -> None:
    path.symlink_to("back")
    path.with_name("back").symlink_to(path.name)


def huge(path: Path) -> None:
    with path.open("wb") as file:
        file.truncate(50 << 20)


CASES: dict[str, tuple[Plant, str]] = {
    "binary": (lambda path: path.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(1000)), "is a binary file, not text"),
    "utf-16-le-marked": (lambda path: path.write_bytes(b"\xff\xfe" + CLEAN.encode("utf-16-le")), UTF_16),
    "utf-16-be-marked": (lambda path: path.write_bytes(b"\xfe\xff" + CLEAN.encode("utf-16-be")), UTF_16),
    "utf-16-le": (lambda path: path.write_bytes(CLEAN.encode("utf-16-le")), UTF_16),
    "utf-16-be": (lambda path: path.write_bytes(CLEAN.encode("utf-16-be")), UTF_16),
    "empty": (lambda path: path.write_bytes(b""), "is empty"),
    "huge": (huge, "is larger than 16 MiB, the most that is read"),
    "loop": (loop, "is a symbolic link that leads back to itself"),
    "broken-link": (lambda path: path.symlink_to("nowhere"), "is a symbolic link to a file that does not exist"),
    "link-to-outside": (
        lambda path: path.symlink_to("/etc/passwd"),
        "is a symbolic link that leads out of the searched tree: name the file itself to have it judged",
    ),
    "pipe": (fifo, "is a pipe, not a file"),
}
NAMED = {name: case for name, case in CASES.items() if name != "link-to-outside"}


@pytest.mark.parametrize(("make", "reason"), CASES.values(), ids=CASES)
def test_among_others(imglint: Imglint, root: Path, make: Plant, reason: str) -> None:
    plant(root, {"a/Dockerfile": BAD, "c/Dockerfile": CLEAN, "b/x": ""})
    make(root / "b" / "Dockerfile")
    outcome = imglint("check")
    assert (outcome.code, outcome.err) == (2, "")
    assert outcome.errors == [f"error: b/Dockerfile: {reason}"]
    assert " --> a/Dockerfile:2:72\n" in outcome.out
    assert outcome.out.endswith("Found 1 error in 1 of 2 files; 1 input could not be judged.\n")


@pytest.mark.parametrize(("make", "reason"), NAMED.values(), ids=NAMED)
@pytest.mark.parametrize("command", ["check", "labels", "parse"])
def test_by_name(imglint: Imglint, root: Path, command: str, make: Plant, reason: str) -> None:
    make(root / "Dockerfile")
    outcome = imglint(command, "Dockerfile")
    assert (outcome.code, outcome.errors) == (2, [f"error: Dockerfile: {reason}"])


@pytest.mark.parametrize("name", FORMATS)
def test_in_every_format(imglint: Imglint, root: Path, name: str) -> None:
    plant(root, {"a/Dockerfile": BAD, "b/Dockerfile": ""})
    code, out, err = imglint("check", "--format", name)
    assert (code, err) == (2, "")
    assert out.count("is empty") == 1 and "source-not-a-repository" in out


@pytest.mark.usefixtures("unprivileged")
def test_what_may_not_be_read(imglint: Imglint, root: Path) -> None:
    plant(
        root, {"a/Dockerfile": BAD, "b/Dockerfile": BAD, "c/Dockerfile": BAD, "d/Dockerfile": "", "d/imglint.toml": ""}
    )
    closed = [root / "b", root / "c" / "Dockerfile", root / "d" / "imglint.toml"]
    for path in closed:
        path.chmod(0)
    try:
        outcome = imglint("check")
    finally:
        for path in closed:
            path.chmod(0o755)
    assert (outcome.code, outcome.err) == (2, "")
    denied = "cannot be read: permission denied"
    paths = ["b", "c/Dockerfile", "d/imglint.toml"]
    assert sorted(outcome.errors) == [f"error: {path}: {denied}" for path in paths]
    assert " --> a/Dockerfile:2:72\n" in outcome.out


def test_what_is_not_there(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": BAD})
    outcome = imglint("check", "gone/", "gone/Dockerfile", "Dockerfile/x", "", "Dockerfile")
    assert outcome.code == 2
    assert outcome.errors == [
        "error: gone/: does not exist",
        "error: gone/Dockerfile: does not exist",
        "error: Dockerfile/x: does not exist: a part of this path is a file, not a directory",
        "error: : does not exist",
    ]
    assert " --> Dockerfile:2:72\n" in outcome.out


def test_standard_input(imglint: Imglint) -> None:
    assert imglint("check", "-", stdin=b"").errors == ["error: <stdin>: is empty"]
    assert imglint("check", "-", stdin=CLEAN.encode("utf-16")).errors == [f"error: <stdin>: {UTF_16}"]
    outcome = imglint("check", "-", "--stdin-filename", "x/Dockerfile", stdin=b"#" * (17 << 20))
    assert outcome.errors == ["error: x/Dockerfile: is larger than 16 MiB, the most that is read"]


def test_a_path_that_is_not_utf_8(imglint: Imglint, root: Path) -> None:
    folder = os.fsencode(root) + b"/caf\xe9"
    try:
        os.mkdir(folder)
    except OSError:
        pytest.skip("this file system takes only UTF-8")
    Path(os.fsdecode(folder), "Dockerfile").write_text(BAD)
    for name in FORMATS:
        code, out, err = imglint("check", "--format", name, LC_ALL="C.UTF-8")
        assert (code, err) == (1, ""), name
        assert "source-not-a-repository" in out
    assert imglint("check", "--format=concise", b"caf\xe9/Dockerfile").out.startswith(
        "caf\\xe9/Dockerfile:2:72: error: "
    )
    assert imglint("check", "--show-files") == (0, "caf\\xe9/Dockerfile\n", "")
    assert imglint("check", b"caf\xe8").errors == ["error: caf\\xe8: does not exist"]
    assert imglint("labels").out.startswith("caf\\xe9/Dockerfile, stage 0\n")


HOSTILE = "\x1b[31m\x07\u202e\u2066\u200b\x9b\x7f\r::error::x ##[error]y"
"""Colours, a bell, text from right to left, nothing visible, a control sequence in one character, CI commands."""

DANGEROUS = ["\x1b", "\x07", "\u202e", "\u2066", "\u200b", "\x9b", "\x7f", "\r", "##["]


def harmless(out: str) -> bool:
    """Whether nothing in an output acts on a terminal, nor on a CI system, by what comes from outside."""
    commands = [line for line in out.splitlines() if line.lstrip().startswith("::")]
    ours = all(line.startswith(("::error file=", "::warning file=", "::notice file=")) for line in commands)
    return ours and not any(character in out for character in DANGEROUS)


class TestHostileText:
    TEXT = (
        f"FROM a\n# {HOSTILE}\n"
        f'LABEL org.opencontainers.image.source="{HOSTILE}" "org.opencontainers.image.{HOSTILE}"="{HOSTILE}" \\\n'
        f'  org.opencontainers.image.licenses="{HOSTILE}" \\\n::error::x=1\n'
        f"::error::at the beginning of a line\n{HOSTILE}\n"
        f"# imglint: ignore[{HOSTILE}]\nRUN x\n"
    )

    @pytest.mark.parametrize(
        "arguments", [["check", "--format", name] for name in FORMATS] + [["check", "--statistics"]]
    )
    def test_in_the_file(self, imglint: Imglint, arguments: list[str]) -> None:
        code, out, err = imglint(*arguments, "--fail-on=info", "-", stdin=self.TEXT)
        assert code == 1
        assert harmless(out) and err == ""
        assert "unparsable-dockerfile" in out

    def test_on_github(self, imglint: Imglint) -> None:
        code, out, err = imglint("check", "-", stdin=self.TEXT, GITHUB_ACTIONS="true")
        assert code == 1
        assert harmless(out) and err == ""

    def test_with_colours_no_other_than_ours(self, imglint: Imglint) -> None:
        out = imglint("check", "-", stdin=self.TEXT, FORCE_COLOR="1").out
        assert "\\x1b[31m\\x07\\u202e" in out
        assert "\x07" not in out and "\u202e" not in out and "\x1b[31m\x07" not in out

    @pytest.mark.parametrize("arguments", [["labels"], ["labels", "--format", "json"], ["parse"]])
    def test_in_labels(self, imglint: Imglint, arguments: list[str]) -> None:
        text = f'FROM a AS b\nLABEL k="{HOSTILE}" "{HOSTILE}"=v\n'
        code, out, err = imglint(*arguments, "-", stdin=text)
        assert (code, err) == (0, "")
        assert harmless(out) and "[31m" in out

    @pytest.mark.parametrize("name", FORMATS)
    def test_in_a_path(self, imglint: Imglint, root: Path, name: str) -> None:
        plant(root, {f"::error::{HOSTILE}/Dockerfile": BAD, f"{HOSTILE}/Dockerfile": ""})
        code, out, err = imglint("check", "--format", name)
        assert code == 2
        assert harmless(out) and err == ""

    def test_in_a_path_that_is_listed(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"\x1b[31m\n\u202e/Dockerfile": BAD})
        assert imglint("check", "--show-files") == (0, "\\x1b[31m\\n\\u202e/Dockerfile\n", "")

    @pytest.mark.parametrize(
        "arguments",
        [
            ["check", "--select", HOSTILE],
            ["check", "--target", HOSTILE],
            ["check", "--config", HOSTILE],
            ["labels", "--target", HOSTILE],
            ["check", HOSTILE],
            ["check", "--output", HOSTILE + "/x"],
            ["config", "show", "--config", HOSTILE],
        ],
        ids=["select", "target", "config", "labels", "path", "output", "show"],
    )
    def test_in_an_argument(self, imglint: Imglint, root: Path, arguments: list[str]) -> None:
        plant(root, {"Dockerfile": BAD})
        code, out, err = imglint(*arguments)
        assert code == 2
        assert harmless(out) and harmless(err)

    def test_in_the_configuration(self, imglint: Imglint, root: Path) -> None:
        text = "\\u001b[31m\\u202e::error::x"
        plant(root, {"imglint.toml": f'"{text}" = 1\nselect = ["{text}"]\n', "Dockerfile": BAD})
        outcome = imglint("check")
        assert outcome.code == 2
        assert harmless(outcome.out)
        plant(root, {"imglint.toml": f'target = "{text}"\nregistry = "{text}"\n'})
        assert harmless(imglint("check").out) and harmless(imglint("config", "show").out)


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\nLABEL " + "a=1 " * 50_000,
        "FROM a\n" + "LABEL a=1\n" * 20_000,
        "FROM a\nRUN x" + " \\\n y" * 50_000,
        "FROM a\n" * 20_000,
        "x\n" * 20_000,
    ],
    ids=["one-long-line", "many-labels", "one-long-instruction", "many-stages", "many-mistakes"],
)
def test_much_of_it(imglint: Imglint, text: str) -> None:
    start = time.perf_counter()
    assert imglint("check", "--statistics", "-", stdin=text).code in (0, 1)
    assert time.perf_counter() - start < 10


def snapshot(root: Path) -> dict[str, tuple[int, int, int]]:
    """Everything below a directory: kind, size and time of the last change."""
    paths = [Path(folder, name) for folder, folders, files in os.walk(root) for name in (*folders, *files)]
    found = {path: path.lstat() for path in (root, *paths)}
    return {str(path): (status.st_mode, status.st_size, status.st_mtime_ns) for path, status in found.items()}


def test_nothing_is_written(imglint: Imglint, root: Path) -> None:
    plant(root, {"a/Dockerfile": BAD, "b/Dockerfile": "", "c/imglint.toml": "broken", "c/Dockerfile": BAD})
    plant(root, {".git/config": "", ".gitignore": "x\n", "imglint.toml": 'select = ["labels"]\n'})
    before = snapshot(root)
    assert imglint("check").code == 2
    for arguments in (
        ["labels"],
        ["parse", "."],
        ["config", "show"],
        *(["check", "--format", name] for name in FORMATS),
    ):
        imglint(*arguments)
    assert snapshot(root) == before
