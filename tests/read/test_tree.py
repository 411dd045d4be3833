"""Finding Dockerfiles and reading them."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from imglint.model.kind import Kind, is_dockerfile, kind_of
from imglint.read.tree import MAX_BYTES, Found, InputError, discover, read_source
from imglint.source import Source

SHARED = Path(__file__).parents[3] / "shared"
needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git, which is not installed")


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working directory that no worktree contains but the one a test makes."""
    folder = tmp_path / "project"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def plant(root: Path, *names: str) -> None:
    """Dockerfiles with these names."""
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_text("FROM scratch\n")


def found(paths: Iterable[str] = (".",), exclude: Iterable[str] = (), exclude_root: str | None = None) -> list[str]:
    """The paths that are found, where nothing goes wrong."""
    results = list(discover(paths, exclude, exclude_root))
    assert all(isinstance(result, Found) for result in results), results
    return [result.path for result in results]


YES = [
    "Dockerfile",
    "dockerfile",
    "Containerfile",
    "containerfile",
    "Dockerfile.dev",
    "Dockerfile.alpine3.20",
    "Containerfile.prod",
    "app.Dockerfile",
    "app.dockerfile",
    "app.Containerfile",
    "app.containerfile",
    "3.12.Dockerfile",
    ".gitpod.Dockerfile",
    ".Dockerfile",
    "Dockerfile.go",
    "Dockerfile.python",
    "Dockerfile.old",
    "Dockerfile.ui.tilt",
    "Dockerfile.template.alpine",
]
NO = [
    "Dockerfile.dockerignore",
    "app.Dockerfile.dockerignore",
    ".dockerignore",
    "Dockerfile~",
    "app.Dockerfile~",
    "Dockerfile.orig",
    "Dockerfile.rej",
    "Dockerfile.bak",
    ".Dockerfile.swp",
    "#Dockerfile#",
    ".#app.Dockerfile",
    "._app.Dockerfile",
    "Dockerfile.md",
    "Dockerfile.README.md",
    "Dockerfile.j2",
    "Dockerfile.template",
    "Dockerfile.tmpl",
    "Dockerfile.erb",
    "Dockerfile.in",
    "dockerfile.py",
    "dockerfile.go",
    "DOCKERFILE_NOTES",
    "Makefile",
    "Dockerfile.",
    "mydockerfile",
    "README.Dockerfile.txt",
]


@pytest.mark.parametrize("name", YES)
def test_names_of_dockerfiles(name: str) -> None:
    assert is_dockerfile(name)


@pytest.mark.parametrize("name", NO)
def test_names_of_other_files(name: str) -> None:
    assert not is_dockerfile(name)


@pytest.mark.shared
@pytest.mark.skipif(not SHARED.is_dir(), reason="needs the measured data beside the repository")
def test_the_dockerfiles_of_real_repositories_are_found() -> None:
    listed = [Path(folder, name) for folder, _, names in os.walk(SHARED / "corpus") for name in names]
    names = [path.name for path in listed if "ockerfile" in path.name or "ontainerfile" in path.name]
    missed = [name for name in names if not is_dockerfile(name)]
    assert len(names) > 3_500
    assert [name for name in missed if name.startswith(("Dockerfile.", "Containerfile."))] == []
    assert len(missed) < 150  # `Dockerfile-base`, `Dockerfile_test_copy` and single oddities


def test_a_search_is_sorted_and_deep(root: Path) -> None:
    plant(root, "b/Dockerfile", "Dockerfile", "a/z/Dockerfile", "a/app.Dockerfile", "c/Containerfile", "a/notes.txt")
    assert found() == ["Dockerfile", "a/app.Dockerfile", "a/z/Dockerfile", "b/Dockerfile", "c/Containerfile"]
    assert found(["b", "a"]) == ["b/Dockerfile", "a/app.Dockerfile", "a/z/Dockerfile"]
    assert found(["./a", str(root / "b")]) == ["./a/app.Dockerfile", "./a/z/Dockerfile", f"{root}/b/Dockerfile"]


def test_what_the_user_names_is_judged_whatever_it_is(root: Path) -> None:
    plant(root, "node_modules/x/Dockerfile", "build.txt", "Dockerfile.md")
    (root / ".gitignore").write_text("*\n")
    assert list(discover(["build.txt", "Dockerfile.md"], ["*"])) == [
        Found("build.txt", True),
        Found("Dockerfile.md", True),
    ]
    assert list(discover(["."])) == []


def test_a_directory_the_user_names_is_searched_even_where_it_is_left_out(root: Path) -> None:
    plant(root, "build/Dockerfile", "build/old/Dockerfile", "node_modules/Dockerfile")
    (root / ".git").mkdir()
    (root / ".gitignore").write_text("build/\nold/\n")
    assert found() == []
    assert found(["build"]) == ["build/Dockerfile"]
    assert found(["build"], ["build/"], ".") == ["build/Dockerfile"]
    assert found(["node_modules"]) == ["node_modules/Dockerfile"]


def test_other_peoples_directories_are_not_entered(root: Path) -> None:
    plant(root, ".git/Dockerfile", "a/node_modules/x/Dockerfile", ".venv/Dockerfile", ".github/Dockerfile")
    assert found() == [".github/Dockerfile"]


def test_each_file_once(root: Path) -> None:
    plant(root, "Dockerfile", "a/Dockerfile")
    (root / "b").mkdir()
    (root / "b" / "Dockerfile").symlink_to("../a/Dockerfile")
    (root / "z.Dockerfile").symlink_to("a/Dockerfile")
    assert found() == ["Dockerfile", "a/Dockerfile"]
    paths = ["a/Dockerfile", ".", "a", "./a/../Dockerfile", str(root)]
    assert list(discover(paths)) == [Found("a/Dockerfile", True), Found("Dockerfile", False)]


def test_links(root: Path) -> None:
    plant(root, "real/Dockerfile", "../outside/Dockerfile")
    (root / "linked").symlink_to("real", target_is_directory=True)
    (root / "Dockerfile.dir").symlink_to("real", target_is_directory=True)
    (root / "Dockerfile.in-tree").symlink_to("real/other.txt")
    (root / "real" / "other.txt").write_text("FROM scratch\n")
    assert found() == ["Dockerfile.in-tree", "real/Dockerfile"]
    assert found(["linked"]) == ["linked/Dockerfile"]
    (root / "Dockerfile.out").symlink_to("../outside/Dockerfile")
    out = next(result for result in discover(["."]) if isinstance(result, InputError))
    assert out.path == "Dockerfile.out" and "leads out of the searched tree" in out.reason
    assert found(["Dockerfile.out"]) == ["Dockerfile.out"]


def test_links_may_lead_anywhere_in_the_worktree(root: Path) -> None:
    plant(root, "shared/base.Dockerfile")
    (root / ".git").mkdir()
    (root / "app").mkdir()
    (root / "app" / "Dockerfile").symlink_to("../shared/base.Dockerfile")
    assert found(["app"]) == ["app/Dockerfile"]


def test_what_is_missing_does_not_end_the_search(root: Path) -> None:
    plant(root, "Dockerfile")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("gone")
    results = list(discover(["gone", "Dockerfile/x", "loop", "dangling", "a\0b", "."]))
    assert results == [
        InputError("gone", "does not exist"),
        InputError("Dockerfile/x", "does not exist: a part of this path is a file, not a directory"),
        InputError("loop", "is a symbolic link that leads back to itself"),
        InputError("dangling", "is a symbolic link to a file that does not exist"),
        InputError("a\0b", "is not a path: it holds a NUL character"),
        Found("Dockerfile", False),
    ]


@pytest.mark.usefixtures("unprivileged")
def test_a_directory_that_may_not_be_read(root: Path) -> None:
    plant(root, "a/Dockerfile", "b/Dockerfile")
    (root / "a").chmod(0)
    try:
        results = list(discover(["."]))
    finally:
        (root / "a").chmod(0o755)
    assert results == [InputError("a", "cannot be read: permission denied"), Found("b/Dockerfile", False)]


def test_a_directory_that_vanishes_during_the_search(root: Path) -> None:
    plant(root, "a/Dockerfile", "b/Dockerfile", "c/Dockerfile")
    search = discover(["."])
    assert next(search) == Found("a/Dockerfile", False)
    shutil.rmtree(root / "b")
    assert list(search) == [InputError("b", "does not exist"), Found("c/Dockerfile", False)]


def test_a_very_deep_tree(root: Path) -> None:
    depth = sys.getrecursionlimit() + 200
    try:
        for _ in range(depth):  # step by step, since the whole path is near the system's limit
            Path("a").mkdir()
            os.chdir("a")
        plant(Path(), "Dockerfile")
        os.chdir(root)
        assert [path.count("/") for path in found()] == [depth]
    finally:
        subprocess.run(["rm", "-rf", str(root / "a")], check=True)  # which Python's own ways cannot


def test_names_that_are_not_utf8(root: Path) -> None:
    name = os.fsdecode(b"caf\xe9.Dockerfile")
    try:
        plant(root, name)
    except OSError:
        pytest.skip("this file system takes only UTF-8 names")
    (result,) = discover(["."])
    assert result == Found(name, False)
    source = read_source(result.path)
    assert isinstance(source, Source) and source.path == "caf\\xe9.Dockerfile"
    assert list(discover([os.fsdecode(b"\xff")])) == [InputError("\\xff", "does not exist")]


# --- what a search leaves out


def test_exclude(root: Path) -> None:
    plant(root, "Dockerfile", "fixtures/Dockerfile", "a/fixtures/Dockerfile", "a/old.Dockerfile", "a/new.Dockerfile")
    assert found(exclude=["fixtures/", "*.Dockerfile", "!new.Dockerfile"]) == ["Dockerfile", "a/new.Dockerfile"]
    assert found(exclude=["/fixtures"]) == [
        "Dockerfile",
        "a/fixtures/Dockerfile",
        "a/new.Dockerfile",
        "a/old.Dockerfile",
    ]
    assert found(["a"], ["/a/fixtures"], ".") == ["a/new.Dockerfile", "a/old.Dockerfile"]
    assert found(["a"], ["/fixtures"]) == ["a/new.Dockerfile", "a/old.Dockerfile"]


def test_exclude_has_the_last_word(root: Path) -> None:
    plant(root, "generated/Dockerfile")
    (root / ".gitignore").write_text("generated\n")
    assert found() == []
    assert found(exclude=["!generated/"]) == ["generated/Dockerfile"]


def test_ignore_files_that_git_would_not_read(root: Path) -> None:
    plant(root, "Dockerfile", "a/Dockerfile", "b/Dockerfile")
    (root / "all").write_text("*\n")
    (root / ".gitignore").symlink_to("all")
    os.mkfifo(root / "a/.gitignore")
    (root / "b/.gitignore").mkdir()
    assert found() == ["Dockerfile", "a/Dockerfile", "b/Dockerfile"]


@pytest.mark.parametrize(
    "pattern",
    ["*a" * 12 + "*b", "**/a/" * 12 + "b", "*" * 5_000 + "b", "[a-" * 3_000, " " * 500_000 + "x", "x" * 900_000],
)
def test_hostile_patterns_are_quick(root: Path, pattern: str) -> None:
    plant(root, "a" * 240 + ".Dockerfile", "a/" * 30 + "Dockerfile")
    (root / ".gitignore").write_text(pattern + "\n")
    before = time.perf_counter()
    assert len(found()) == 2
    assert time.perf_counter() - before < 3


IGNORES: dict[str, dict[str, str]] = {
    "a name": {"": "a"},
    "a directory": {"": "a/"},
    "anchored": {"": "/a\n/b/x.Dockerfile"},
    "a path": {"": "a/b"},
    "stars": {"": "*.Dockerfile\n**/b/**\n!y.Dockerfile"},
    "three stars": {"": "***.Dockerfile"},
    "contents": {"": "a/*\n!a/x.Dockerfile"},
    "everything inside": {"": "a/**\n!a/x.Dockerfile"},
    "only some": {"": "*\n!*/\n!x.Dockerfile"},
    "negation first": {"": "!a\na"},
    "no way back into a directory": {"": "a/\n!a/x.Dockerfile"},
    "a nested file": {"": "x.Dockerfile", "a": "!x.Dockerfile\nb/", "c": "/Dockerfile"},
    "a nested file that changes its mind": {"a": "*", "a/b": "!*"},
    "comments, blanks and line endings": {"": "\ufeff# a\r\n\r\n  \na/\r\n\\#b\nb \n\\ c"},
    "brackets": {"": "[ab]/\n[!x]*.Dockerfile\n[z-a]\n["},
    "lines that mean nothing": {"": "!\n/\n!/\n\\\n//"},
    "a question mark": {"": "?.Dockerfile"},
    "double stars in the middle": {"": "a/**/x.Dockerfile\n/**/c"},
    "not UTF-8": {"": "\udcff\na"},
    "the repository's own file": {".git/info/exclude": "a/\n*.y"},
}


@needs_git
@pytest.mark.parametrize("files", IGNORES.values(), ids=IGNORES)
@pytest.mark.parametrize("start", [".", "a"])
def test_what_is_left_out_is_what_git_leaves_out(root: Path, files: dict[str, str], start: str) -> None:
    env = {"PATH": os.environ["PATH"], "HOME": str(root.parent), "GIT_CONFIG_NOSYSTEM": "1"}
    subprocess.run(["git", "init", "-q"], check=True, env=env)
    for folder in ("", "a/", "b/", "a/b/", "a/b/a/", "c/", "c/a/", "#b/", " c/"):
        plant(root, f"{folder}Dockerfile", f"{folder}x.Dockerfile", f"{folder}y.Dockerfile")
    for name, text in files.items():
        file = root / name if name.startswith(".git") else root / name / ".gitignore"
        file.write_bytes(text.encode("utf-8", "surrogateescape"))
    command = ["git", "ls-files", "-z", "--others", "--exclude-standard", start]
    listed = subprocess.run(command, check=True, env=env, capture_output=True, text=True).stdout
    expected = sorted(name for name in listed.split("\0") if name.endswith("ockerfile"))
    if start == "a" and not expected:
        return  # git leaves out the directory itself, which the user who names it wants to be searched
    assert sorted(found([start])) == expected


PLANTED = ("Dockerfile", "x.Dockerfile")
PIECES = ["*", "**", "?", "a", "b", "x", "x.Dockerfile", "*.Dockerfile", "[ab]", "a*", "\\a", "Dockerfile", "**b"]


@needs_git
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_patterns_mean_what_they_mean_to_git(tmp_path: Path, data: st.DataObject) -> None:
    path = st.lists(st.sampled_from(PIECES), min_size=1, max_size=3).map("/".join)
    pattern = st.tuples(st.sampled_from(["", "!"]), st.sampled_from(["", "/"]), path, st.sampled_from(["", "/", " "]))
    lines = st.lists(pattern.map("".join), max_size=4)
    env = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "GIT_CONFIG_NOSYSTEM": "1"}
    root = tmp_path / "project"
    if not root.exists():
        plant(root, *(f"{folder}/{name}" for folder in (".", "a", "b", "a/b", "a/b/a") for name in PLANTED))
        subprocess.run(["git", "init", "-q", str(root)], check=True, env=env)
    for folder in ("", "a"):
        (root / folder / ".gitignore").write_text("\n".join(data.draw(lines)))
    command = ["git", "-C", str(root), "ls-files", "-z", "--others", "--exclude-standard"]
    listed = subprocess.run(command, check=True, env=env, capture_output=True, text=True).stdout
    expected = {name for name in listed.split("\0") if name.endswith("ockerfile")}
    assert {os.path.relpath(path, root) for path in found([str(root)])} == expected


def test_pathspec_is_imported_only_for_patterns(root: Path) -> None:
    plant(root, "a/Dockerfile")
    code = "import sys; from imglint.read.tree import *; list(discover(['.'])); sys.exit('pathspec' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    (root / "a/.gitignore").write_text("x\n")
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 1


# --- reading


def reason(path: Path, data: bytes) -> str:
    path.write_bytes(data)
    result = read_source(str(path))
    assert isinstance(result, InputError) and result.path == str(path)
    return result.reason


def test_a_text(root: Path) -> None:
    data = "\ufeffFROM scratch\r\n# café\n".encode() + b"# caf\xe9\n"
    (root / "Dockerfile").write_bytes(data)
    source = read_source("Dockerfile")
    assert isinstance(source, Source)
    assert source.path == "Dockerfile"
    assert source.text.encode("utf-8", "surrogateescape") == data


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file(root: Path, data: bytes) -> None:
    assert reason(root / "Dockerfile", data) == "is empty"


@pytest.mark.parametrize(
    "data", [b"\x7fELF\2\1\1\0" + b"\0" * 100, b"FROM scratch\n\0", b"\0", b"\0" * 9_000, b"a\0b\1"]
)
def test_a_binary_file(root: Path, data: bytes) -> None:
    assert reason(root / "Dockerfile", data) == "is a binary file, not text"


def test_a_nul_far_down_is_the_parsers_matter(root: Path) -> None:
    (root / "Dockerfile").write_bytes(b"#" * 8_000 + b"\0")
    assert isinstance(read_source("Dockerfile"), Source)


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_wide_encodings(root: Path, encoding: str, mark: str) -> None:
    data = (mark + "FROM scratch\n# größer\n").encode(encoding)
    name = encoding.upper()[:6]
    assert reason(root / "Dockerfile", data) == f"is {name} text, which Docker cannot read: save it as UTF-8"


def test_the_largest_file(root: Path) -> None:
    (root / "Dockerfile").write_bytes(b"#" * MAX_BYTES)
    assert isinstance(read_source("Dockerfile"), Source)
    assert reason(root / "Dockerfile", b"#" * (MAX_BYTES + 1)) == "is larger than 16 MiB, the most that is read"


def test_a_sparse_file_of_any_size_is_not_read(root: Path) -> None:
    with (root / "Dockerfile").open("wb") as file:
        file.truncate(1 << 40)
    before = time.perf_counter()
    assert read_source("Dockerfile") == InputError("Dockerfile", "is larger than 16 MiB, the most that is read")
    assert time.perf_counter() - before < 1


def test_things_that_are_no_files(root: Path) -> None:
    os.mkfifo("pipe")
    (root / "loop").symlink_to("loop")
    (root / "dangling").symlink_to("gone")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("socket")
        reasons = {path: read_source(path) for path in ("pipe", "socket", "/dev/null", ".", "loop", "dangling", "gone")}
    assert reasons == {
        path: InputError(path, reason)
        for path, reason in {
            "pipe": "is a pipe, not a file",
            "socket": "is a socket, not a file",
            "/dev/null": "is a device, not a file",
            ".": "is a directory, not a file",
            "loop": "is a symbolic link that leads back to itself",
            "dangling": "is a symbolic link to a file that does not exist",
            "gone": "does not exist",
        }.items()
    }


@pytest.mark.usefixtures("unprivileged")
def test_a_file_that_may_not_be_read(root: Path) -> None:
    plant(root, "Dockerfile")
    (root / "Dockerfile").chmod(0)
    assert read_source("Dockerfile") == InputError("Dockerfile", "cannot be read: permission denied")


@pytest.mark.skipif(not Path("/proc/version").exists(), reason="needs a file whose size the system gives as 0")
def test_a_file_that_hides_its_size() -> None:
    assert isinstance(read_source("/proc/version"), Source)


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"FROM scratch\n", "Source stdin 'FROM scratch\\n'"),
        (b"", "InputError - is empty"),
        (b"\x7fELF\0", "InputError - is a binary file, not text"),
        (b"#" * (MAX_BYTES + 1), "InputError - is larger than 16 MiB, the most that is read"),
        (None, "InputError - cannot be read: standard input is closed"),
    ],
    ids=["text", "empty", "binary", "large", "closed"],
)
def test_standard_input(data: bytes | None, expected: str) -> None:
    code = (
        "from imglint.read.tree import *\n"
        "got = read_stdin('-')\n"
        "print('InputError', *got) if isinstance(got, InputError) else print('Source stdin', repr(got.text))"
    )
    command = [sys.executable, "-c", code]
    if data is None:
        command = ["sh", "-c", '"$0" "$@" <&-', *command]
    done = subprocess.run(command, input=data, capture_output=True, check=True)
    assert done.stdout.decode().strip() == expected


def test_names_are_printable() -> None:
    shown = read_source("no\udcff\x1b[0m/é")
    assert shown == InputError("no\\xff\x1b[0m/é", "does not exist")


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("README.md", Kind.DOCUMENT), ("docs/setup.md", Kind.TEXT), ("CHANGELOG.rst", Kind.TEXT),
        ("docs/a/b.txt", Kind.TEXT),
        ("requirements.txt", None), (".env", Kind.TEXT), (".env.example", Kind.TEXT), ("prod.env", Kind.TEXT),
        ("Justfile", Kind.TEXT), (".docker/config.json", Kind.TEXT), ("a/.docker/config.json", Kind.TEXT),
        ("config.json", None), ("docker-bake.json", Kind.BAKE), ("Dockerfile.md", Kind.TEXT), ("a.md~", None),
        ("Dockerfile.env", Kind.DOCKERFILE), ("env", None), ("notes.txt", None),
    ],
)  # fmt: skip
def test_texts_that_are_searched_for_tokens(path: str, kind: Kind | None) -> None:
    assert kind_of(f"/{path}") is kind
