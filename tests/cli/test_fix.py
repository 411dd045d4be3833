"""`imglint check --fix`, `--unsafe-fixes` and `--diff`: what is written, and what is left alone."""

from __future__ import annotations

import os
import stat
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from made_tokens import classic

from .conftest import CLEAN, Imglint

SAFE = CLEAN.replace('licenses="MIT"', 'licenses="The MIT License"')
"""A file with one finding whose fix is safe, and gives `CLEAN`."""
UNSAFE = CLEAN.replace("octocat/hello", "octocat/goodbye")
"""The same, unsafe, where the repository is octocat/hello."""


@pytest.fixture
def repository(root: Path) -> Path:
    (root / "imglint.toml").write_text('repository = "octocat/hello"\n')
    return root


def test_safe_fixes_are_written(imglint: Imglint, repository: Path) -> None:
    (repository / "Dockerfile").write_text(SAFE)
    done = imglint("check", "--fix")
    assert (done.code, done.out, done.err) == (0, "No problems in 1 file.\n", "Fixed 1 finding in 1 file.\n")
    assert (repository / "Dockerfile").read_text() == CLEAN


def test_unsafe_fixes_have_to_be_asked_for(imglint: Imglint, repository: Path) -> None:
    (repository / "Dockerfile").write_text(UNSAFE)
    assert imglint("check", "--fix", "--format", "json").rules == ["source-mismatch"]
    assert (repository / "Dockerfile").read_text() == UNSAFE
    assert imglint("check", "--fix", "--unsafe-fixes").code == 0
    assert (repository / "Dockerfile").read_text() == CLEAN


def test_a_second_time_changes_nothing(imglint: Imglint, repository: Path) -> None:
    (repository / "Dockerfile").write_text(SAFE)
    imglint("check", "--fix")
    before = (repository / "Dockerfile").stat().st_ino
    done = imglint("check", "--fix")
    assert (done.code, done.err) == (0, "")
    assert (repository / "Dockerfile").stat().st_ino == before


def test_the_diff_is_a_patch(imglint: Imglint, repository: Path, tool: Callable[[str], str]) -> None:
    (repository / "sub").mkdir()
    file = repository / "sub" / "Dockerfile"
    file.write_bytes(SAFE.rstrip("\n").encode())
    done = imglint("check", "--diff")
    assert (done.code, file.read_text()) == (1, SAFE.rstrip("\n"))
    assert done.out.startswith("--- a/sub/Dockerfile\n+++ b/sub/Dockerfile\n@@ ")
    assert "\\ No newline at end of file\n" in done.out
    patch = subprocess.run([tool("git"), "apply"], cwd=repository, input=done.out, text=True, check=False)
    assert patch.returncode == 0
    assert file.read_text() == CLEAN.rstrip("\n")
    assert (imglint("check", "--diff").code, imglint("check", "--diff").out) == (0, "")


def test_no_patch_shows_a_token(imglint: Imglint, repository: Path) -> None:
    token = classic("Vq7R3nW5Vq7R3nW5Vq7R3nW5Jd9B4k")
    (repository / "Dockerfile").write_text(SAFE + f"ENV TOKEN={token}\n")
    (repository / "Dockerfile.other").write_text(SAFE)
    done = imglint("check", "--diff")
    assert done.code == 2
    assert token[8:] not in done.out + done.err
    assert "error: Dockerfile: has a token near a change" in done.err
    assert done.out.startswith("--- a/Dockerfile.other\n")


@pytest.mark.parametrize("name", ["Dockerfile.a b", "Dockerfile.ü", 'Dockerfile."q"'])
@pytest.mark.parametrize("line_end", ["\n", "\r\n"])
def test_patches_of_odd_names_and_line_ends(
    imglint: Imglint, repository: Path, tool: Callable[[str], str], name: str, line_end: str
) -> None:
    file = repository / name
    file.write_bytes(SAFE.replace("\n", line_end).encode())
    patch = imglint("check", "--diff", name).out
    assert subprocess.run([tool("git"), "apply"], cwd=repository, input=patch.encode(), check=False).returncode == 0
    assert file.read_bytes() == CLEAN.replace("\n", line_end).encode()


def test_mode_line_ends_byte_order_mark_and_odd_bytes_stay(imglint: Imglint, repository: Path) -> None:
    file = repository / "Dockerfile"
    head = b"\xef\xbb\xbf# caf\xe9 \xff\r\n"
    file.write_bytes(head + SAFE.replace("\n", "\r\n").encode())
    file.chmod(0o751)
    assert imglint("check", "--fix").code == 0
    assert file.read_bytes() == head + CLEAN.replace("\n", "\r\n").encode()
    assert stat.S_IMODE(file.stat().st_mode) == 0o751


def test_added_lines_end_as_the_others(imglint: Imglint, repository: Path) -> None:
    (repository / "Dockerfile").write_bytes(b"FROM alpine:3.20\r\nUSER 1\r\n")
    assert imglint("check", "--fix", "--unsafe-fixes", "--select", "missing-source").code == 0
    label = b'LABEL org.opencontainers.image.source="https://github.com/octocat/hello"'
    assert (repository / "Dockerfile").read_bytes() == b"FROM alpine:3.20\r\n" + label + b"\r\nUSER 1\r\n"


def test_a_link_stays_and_what_it_leads_to_is_changed(imglint: Imglint, repository: Path) -> None:
    (repository / "real").write_text(SAFE)
    (repository / "Dockerfile").symlink_to("real")
    assert imglint("check", "--fix").code == 0
    assert (repository / "Dockerfile").is_symlink()
    assert (repository / "real").read_text() == CLEAN


def test_read_only_files_are_left_alone(imglint: Imglint, repository: Path) -> None:
    file = repository / "Dockerfile"
    file.write_text(SAFE)
    file.chmod(0o444)
    done = imglint("check", "--fix", "--format", "json")
    assert (done.code, done.rules) == (1, ["invalid-license"])
    assert done.err == "note: Dockerfile is left as it is: it is read-only\n"
    assert file.read_text() == SAFE


def test_files_of_several_names_are_left_alone(imglint: Imglint, repository: Path) -> None:
    (repository / "Dockerfile").write_text(SAFE)
    os.link(repository / "Dockerfile", repository / "other")
    done = imglint("check", "--fix")
    assert (done.code, done.err[:45]) == (1, "note: Dockerfile is left as it is: it has oth")
    assert (repository / "other").read_text() == SAFE


def test_standard_input_is_printed_as_it_would_be(imglint: Imglint, repository: Path) -> None:
    done = imglint("check", "--fix", "-", stdin=SAFE)
    assert (done.code, done.out) == (0, CLEAN)
    assert done.err == "Fixed 1 finding in 1 file.\nNo problems in 1 file.\n"
    clean = imglint("check", "--fix", "-", stdin=CLEAN)
    assert (clean.code, clean.out) == (0, CLEAN)
    left = imglint("check", "--fix", "-", stdin=UNSAFE)
    assert (left.code, left.out) == (1, UNSAFE)
    assert "[source-mismatch]" in left.err


def test_only_files_that_were_asked_for_change(imglint: Imglint, repository: Path) -> None:
    (repository / "Dockerfile").write_text(SAFE)
    (repository / "other.Dockerfile").write_text(SAFE)
    imglint("check", "--fix", "Dockerfile")
    assert (repository / "other.Dockerfile").read_text() == SAFE


def test_a_fix_that_brings_up_something_else_is_left_to_people(imglint: Imglint, repository: Path) -> None:
    text = CLEAN + "ARG TAG=docker.pkg.github.com\n"
    (repository / "Dockerfile").write_text(text)
    (repository / "publish.sh").write_text(
        "docker buildx build --platform linux/amd64,linux/arm64 --push -t docker.pkg.github.com/octocat/hello/app .\n"
    )
    done = imglint(
        "check", "--fix", "--unsafe-fixes", "--select", "deprecated-docker-registry,merge-without-annotation"
    )
    assert done.code == 0
    assert "ghcr.io/octocat/app" in (repository / "publish.sh").read_text()
    (repository / "publish.sh").write_text(
        "docker buildx build --platform linux/amd64,linux/arm64 --push -t docker.pkg.github.com/octocat/hello/app .\n"
    )
    done = imglint("check", "--fix", "--unsafe-fixes", "--ignore", "unused-suppression")
    note = "a fix of deprecated-docker-registry is left to you, since it would bring up something else"
    assert done.err == f"note: publish.sh: {note}\n"


def test_both_kinds_of_findings_in_one_label(imglint: Imglint, repository: Path) -> None:
    """Labels that are missing become one LABEL, whatever the number of rounds."""
    (repository / "pyproject.toml").write_text('[project]\nname = "h"\ndescription = "Says hello"\nlicense = "MIT"\n')
    (repository / "Dockerfile").write_text('FROM alpine:3.20\nCMD ["hello"]\n')
    done = imglint("check", "--fix", "--unsafe-fixes")
    assert (done.code, done.err) == (0, "Fixed 3 findings in 1 file.\n")
    assert (repository / "Dockerfile").read_text() == (
        "FROM alpine:3.20\n"
        'LABEL org.opencontainers.image.description="Says hello" \\\n'
        '      org.opencontainers.image.licenses="MIT" \\\n'
        '      org.opencontainers.image.source="https://github.com/octocat/hello"\n'
        'CMD ["hello"]\n'
    )


@pytest.mark.parametrize(
    ("flags", "reason"), [(["--fix", "--diff"], "give one of them"), (["--unsafe-fixes"], "goes with --fix")]
)
def test_flags_that_mean_nothing_together(imglint: Imglint, flags: list[str], reason: str) -> None:
    done = imglint("check", *flags)
    assert (done.code, len(done.errors)) == (2, 1)
    assert reason in done.err
