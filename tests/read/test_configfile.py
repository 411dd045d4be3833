"""Finding and reading configuration files."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from imglint.config import ConfigError, Origin
from imglint.read import configfile
from imglint.read.configfile import Loader, load, schema_text
from imglint.read.rules import rules_folder


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A worktree, which is the working directory, without our variables in the environment."""
    (tmp_path / ".git").mkdir()
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith("IMGLINT_"):
            monkeypatch.delenv(name)
    return tmp_path


def write(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def refused(path: Path, content: bytes, name: str = "imglint.toml") -> str:
    (path / name).write_bytes(content)
    with pytest.raises(ConfigError) as caught:
        load(str(path))
    return str(caught.value)


def test_nothing_configured(root: Path) -> None:
    settings = load(str(root))
    assert (settings.file, settings.root, settings.fail_on) == (None, str(root), "warning")


def test_the_nearest_file_upwards(root: Path) -> None:
    outer = write(root / "imglint.toml", 'fail-on = "error"')
    inner = write(root / "a/b/.imglint.toml", 'target = "x"')
    (root / "a/b/c").mkdir()
    loader = Loader()
    settings = loader.settings("a/b/c")
    assert (settings.file, settings.root, settings.target) == (str(inner), str(inner.parent), "x")
    assert settings.fail_on == "warning"
    settings = loader.settings("a")
    assert (settings.file, settings.fail_on) == (str(outer), "error")
    assert settings.origins["fail-on"] == Origin("file", "imglint.toml")
    assert settings.origins["target"] == Origin("default")


def test_the_order_in_one_directory(root: Path) -> None:
    for number, name in enumerate(reversed(configfile.NAMES)):
        table = "[tool.imglint]\n" if name == "pyproject.toml" else ""
        write(root / name, f'{table}target = "{number}"')
        settings = load(".")
        assert settings.file == str(root / name)
        assert settings.target == str(number)


def test_a_pyproject_that_says_nothing_does_not_end_the_search(root: Path) -> None:
    write(root / "pyproject.toml", '[tool.imglint]\nfail-on = "info"')
    write(root / "a/pyproject.toml", '[project]\nname = "x"\nkeywords = ["imglint"]')
    write(root / "b/pyproject.toml", "this is [not TOML, and none of our business")
    assert load("a").origins["fail-on"].where == "pyproject.toml [tool.imglint]"
    assert load("b").fail_on == "info"
    write(root / "c/pyproject.toml", "[tool]\nimglint = 3")
    with pytest.raises(ConfigError, match=r"^c/pyproject.toml: `tool.imglint` must be a table$"):
        load("c")


def test_the_search_ends_where_the_worktree_does(root: Path) -> None:
    write(root / "imglint.toml", 'fail-on = "error"')
    write(root / "sub/.git", "gitdir: elsewhere")
    (root / "sub/deep").mkdir()
    assert load("sub/deep").file is None
    write(root / "sub/imglint.toml", "")
    assert load("sub/deep").file == str(root / "sub/imglint.toml")


def test_layers(root: Path) -> None:
    write(root / "imglint.toml", 'select = ["file"]\nignore = ["file"]\nfail-on = "info"\n[build-args]\nA = "1"')
    environment = {"IMGLINT_SELECT": "one, two", "IMGLINT_IGNORE": "three"}
    flags = {
        "select": (("flag",), Origin("flag", "--select")),
        "build-args": ({"B": "2"}, Origin("flag", "--build-arg")),
    }
    settings = Loader(flags, environment=environment).settings(".")
    assert settings.select == ("flag",)
    assert settings.ignore == ("three",)
    assert settings.fail_on == "info"
    assert settings.build_args == {"A": "1", "B": "2"}
    assert [settings.origins[key].kind for key in ("select", "ignore", "fail-on", "target")] == [
        "flag",
        "environment",
        "file",
        "default",
    ]


def test_overrides_hold_without_a_file_too(root: Path) -> None:
    loader = Loader(environment={"IMGLINT_FAIL_ON": "error"})
    assert [loader.settings(folder).root for folder in ("a", "b")] == [str(root / "a"), str(root / "b")]
    assert loader.settings("a").fail_on == "error"


def test_an_explicit_file(root: Path) -> None:
    write(root / "imglint.toml", 'target = "found"')
    named = write(root / "conf/mine.toml", 'target = "named"')
    write(root / "conf/pyproject.toml", "[tool.black]")
    for loader in (Loader(explicit_file="conf/mine.toml"), Loader(environment={"IMGLINT_CONFIG": str(named)})):
        settings = loader.settings("anywhere")
        assert (settings.target, settings.file, settings.root) == ("named", str(named), str(named.parent))
    assert (
        Loader(explicit_file="imglint.toml", environment={"IMGLINT_CONFIG": str(named)}).settings(".").target == "found"
    )
    with pytest.raises(ConfigError, match=r"^none\.toml: does not exist$"):
        Loader(explicit_file="none.toml").settings(".")
    with pytest.raises(ConfigError, match=r"^conf/pyproject\.toml: has no table \[tool\.imglint\]$"):
        Loader(explicit_file="conf/pyproject.toml").settings(".")


def test_each_file_is_read_once_and_its_error_is_the_same(root: Path) -> None:
    file = write(root / "imglint.toml", 'target = "x"')
    write(root / "bad/imglint.toml", "oops = 1")
    loader = Loader()
    assert loader.settings("a").target == "x"
    file.unlink()
    assert loader.settings("b").target == "x"
    errors = []
    for folder in ("bad", "bad/deeper"):
        with pytest.raises(ConfigError) as caught:
            loader.settings(folder)
        errors.append(caught.value)
    assert errors[0] is errors[1]


def test_mistakes_name_the_file(root: Path) -> None:
    assert refused(root, b"fail_on = 'x'").startswith("imglint.toml: `fail_on` is not a setting; did you mean")
    message = refused(root, b"[tool.imglint]\nfail-on = 1", "pyproject.toml")
    assert message.startswith("imglint.toml: ")  # which comes before pyproject.toml
    (root / "imglint.toml").unlink()
    assert refused(root, b"[tool.imglint]\nfail-on = 1", "pyproject.toml") == (
        'pyproject.toml [tool.imglint]: `fail-on` must be one of "error", "warning" and "info", not the number 1'
    )


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"target 1", "line 1, column 8: is not valid TOML: Expected '=' after a key in a key/value pair"),
        (b"# a\r\n\r\ntarget = \r\n", "line 3, column 10: is not valid TOML: Invalid value"),
        (b"target =", "line 1, column 9: is not valid TOML: Invalid value, at the end of the file"),
        (b"# \xc3\xa9\n# \xc3\xa9\xff\n", "line 2, column 4: is not UTF-8 text (byte 0xff)"),
        (b"a = " + b"[" * 100_000, "is nested too deeply to be read"),
        (b"x = 1\n" + b"a." * 100_000 + b"a = 1", "line 2: a key of more than 64 parts"),
        (b"#" * (1 << 20) + b"#", "is larger than 1 MiB, the most that is read"),
    ],
    ids=["syntax", "CRLF", "end", "encoding", "depth", "key", "size"],
)
def test_files_that_cannot_be_read(root: Path, content: bytes, message: str) -> None:
    assert refused(root, content) == f"imglint.toml: {message}"


def test_numbers_of_too_many_digits(root: Path) -> None:
    assert refused(root, b"a = " + b"1" * 5_000).startswith("imglint.toml: is not valid TOML: ")


@pytest.mark.parametrize("line", ["a" * (1 << 19), '"' * (1 << 19), "a." * 63 + "b=1", "a " * (1 << 18)])
def test_looking_for_long_keys_is_quick(root: Path, line: str) -> None:
    write(root / "imglint.toml", f"x = '''\n{line}\n'''")
    before = time.perf_counter()
    with pytest.raises(ConfigError, match="`x` is not a setting"):
        load(".")
    assert time.perf_counter() - before < 5


def test_things_that_are_no_files(root: Path) -> None:
    (root / "dir/imglint.toml").mkdir(parents=True)
    with pytest.raises(ConfigError, match=r"^dir/imglint\.toml: is a directory, not a file$"):
        load("dir")
    (root / "pipe").mkdir()
    os.mkfifo(root / "pipe/imglint.toml")
    with pytest.raises(ConfigError, match=r"^pipe/imglint\.toml: is a pipe, not a file$"):
        load("pipe")


def test_links_are_followed_within_the_repository_only(root: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    shared = write(root / "shared/imglint.toml", 'target = "shared"')
    (root / "a").mkdir()
    (root / "a/imglint.toml").symlink_to(shared)
    assert load("a").target == "shared"
    outside = write(tmp_path_factory.mktemp("outside") / "secret.toml", 'target = "secret"')
    (root / "b").mkdir()
    (root / "b/imglint.toml").symlink_to(outside)
    with pytest.raises(ConfigError, match="leads out of the repository"):
        load("b")
    assert Loader(explicit_file="b/imglint.toml").settings(".").target == "secret"


def test_where_the_schema_lies() -> None:
    assert schema_text() == (Path(rules_folder()) / "schema" / "config.json").read_text()
