"""`imglint init`: what it sees, what it writes, and what it only shows."""

from __future__ import annotations

from pathlib import Path

from .conftest import CLEAN, Imglint, plant


def repository(root: Path) -> None:
    plant(root, {
        ".git/config": '[remote "origin"]\n\turl = git@github.com:octocat/hello.git\n',
        "Cargo.toml": '[package]\nname = "hello"\ndescription = "Says hello"\nlicense = "MIT/Apache-2.0"\n',
        "Dockerfile": 'FROM rust:1 AS build\nFROM alpine:3.20\nCMD ["hello"]\n',
        "publish.sh": "docker build --tag ghcr.io/octocat/hello:1 .\ndocker push ghcr.io/octocat/hello:1\n",
    })  # fmt: skip


def test_what_it_sees_writes_and_shows(root: Path, imglint: Imglint) -> None:
    repository(root)
    done = imglint("init")
    assert done.code == 0
    assert done.out.startswith(
        "repository   octocat/hello (the git remote `origin`)\n"
        "licence      MIT OR Apache-2.0 (Cargo.toml)\n"
        "description  Says hello (Cargo.toml)\n"
        "Dockerfiles  Dockerfile\n"
        "published    ghcr.io/octocat/hello (publish.sh)\n"
        "\n"
        "Wrote imglint.toml.\n"
    )
    assert '\n+      org.opencontainers.image.licenses="MIT OR Apache-2.0" \\\n' in done.out
    assert (root / "Dockerfile").read_text().count("LABEL") == 0
    text = (root / "imglint.toml").read_text()
    assert '\nrepository = "octocat/hello"\n' in text
    assert '\n# target = "build"\n' in text
    assert all(line.startswith("#") or " = " in line for line in text.splitlines() if line)
    shown = imglint("config", "show").out
    assert 'repository        "octocat/hello"  # the configuration (imglint.toml)\n' in shown


def test_an_old_configuration_is_kept_unless_somebody_says_so(root: Path, imglint: Imglint) -> None:
    repository(root)
    (root / "imglint.toml").write_text("# mine\n")
    done = imglint("init")
    assert (done.code, done.errors) == (2, ["error: imglint.toml is there already: --yes replaces it"])
    assert (root / "imglint.toml").read_text() == "# mine\n"
    assert imglint("init", "--yes").code == 0
    assert "octocat" in (root / "imglint.toml").read_text()


def test_a_place_of_which_nothing_is_known(root: Path, imglint: Imglint) -> None:
    plant(root, {"sub/Dockerfile": CLEAN})
    done = imglint("init", "sub")
    assert done.code == 0
    assert "repository   not known" in done.out
    assert (root / "sub" / "imglint.toml").read_text().count("\n# repository = ") == 1
    assert "missing" not in done.out
    assert imglint("check", "sub").code == 0


def test_names_from_outside_do_no_harm(root: Path, imglint: Imglint) -> None:
    plant(root, {
        ".git/config": '[remote "a\x1b]0;x\x07\\"\\n"]\n\turl = https://github.com/octocat/hello\n',
        "Dockerfile": 'FROM alpine AS x"\nFROM scratch\n',
    })  # fmt: skip
    done = imglint("init")
    assert "\x1b" not in done.out + done.err
    assert imglint("config", "show").code == 0


def test_no_directory(imglint: Imglint) -> None:
    assert imglint("init", "nowhere").errors == ["error: nowhere is no directory"]
