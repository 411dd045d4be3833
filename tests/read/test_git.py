"""What git's own files say, compared with git itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from imglint.read.git import Remote, git_folder, remotes, worktree_root

needs_git = pytest.mark.skipif(shutil.which("git") is None, reason="compares with git, which is not installed")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir()
    return folder


def environment(home: Path, **more: str) -> dict[str, str]:
    return {"HOME": str(home), "PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", **more}


def git(directory: Path, env: dict[str, str], *arguments: str) -> str:
    command = ["git", "-c", "protocol.file.allow=always", "-c", "user.name=n", "-c", "user.email=e@example.com"]
    done = subprocess.run([*command, *arguments], cwd=directory, env=env, capture_output=True, text=True, check=True)
    return done.stdout.strip()


def repository(tmp_path: Path, config: str) -> Path:
    """A checkout as git lays it out, without needing git."""
    root = tmp_path / "repo"
    (root / ".git").mkdir(parents=True)
    (root / ".git" / "config").write_text(config)
    return root


def test_origin_comes_first_and_a_push_address_counts_for_nothing(tmp_path: Path, home: Path) -> None:
    root = repository(
        tmp_path,
        '[remote "fork"]\nurl = https://github.com/me/widget\n'
        '[remote "origin"]\nurl = https://github.com/acme/widget\nurl = https://github.com/second/url\n'
        "pushurl = https://github.com/push/here\n"
        '[remote "none"]\nfetch = x\n',
    )
    (root / "deep" / "er").mkdir(parents=True)
    assert remotes(str(root / "deep" / "er"), environment(home)) == (
        Remote("origin", "https://github.com/acme/widget"),
        Remote("fork", "https://github.com/me/widget"),
    )


def test_outside_a_repository(tmp_path: Path, home: Path) -> None:
    if worktree_root(str(tmp_path)) is not None:
        pytest.skip("the temporary directory lies in a worktree")
    assert remotes(str(tmp_path), environment(home)) == ()


def test_the_repositorys_own_includes_are_not_followed(tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path, "[include]\npath = ../../evil\n")
    (tmp_path / "evil").write_text('[remote "origin"]\nurl = https://github.com/evil/evil\n')
    assert remotes(str(root), environment(home)) == ()


@pytest.mark.parametrize("content", [b"\xff\xfe\0", b"[", b"x" * (1 << 20) + b"y"])
def test_an_unusable_configuration_has_no_remotes(tmp_path: Path, home: Path, content: bytes) -> None:
    root = repository(tmp_path, "")
    (root / ".git" / "config").write_bytes(content)
    assert remotes(str(root), environment(home)) == ()


def test_a_git_file_that_leads_nowhere(tmp_path: Path, home: Path) -> None:
    (tmp_path / ".git").write_text("gitdir: gone\n")
    assert worktree_root(str(tmp_path)) == os.path.realpath(tmp_path)
    assert git_folder(str(tmp_path)) is None
    assert remotes(str(tmp_path), environment(home)) == ()


def test_includes_that_include_themselves_end(tmp_path: Path, home: Path) -> None:
    root = repository(tmp_path, '[remote "origin"]\nurl = gh:acme/widget\n')
    loop = "[include]\npath = .gitconfig\n" * 30
    (home / ".gitconfig").write_text(loop + '[url "https://github.com/"]\ninsteadOf = gh:\n')
    assert remotes(str(root), environment(home)) == (Remote("origin", "https://github.com/acme/widget"),)


REWRITES = {
    "in the user's file": {
        ".gitconfig": '[url "https://github.com/"]\ninsteadOf = gh:\n'
        '[url "https://github.com/acme/"]\ninsteadOf = gh:a/'
    },
    "in the user's other file": {".config/git/config": '[url "git@github.com:"]\n\tinsteadOf = "gh:"\n'},
    "in both": {
        ".gitconfig": '[url "https://one/"]\ninsteadOf = gh:',
        ".config/git/config": '[url "https://two/"]\ninsteadOf = gh:',
    },
    "in an included file": {
        ".gitconfig": "[include]\npath = more/urls\n[include]\npath = ~/tilde",
        "more/urls": '[include]\npath = deeper\n[url "https://three/"]\ninsteadof = b:',
        "more/deeper": '[url "https://github.com/"]\ninsteadOf = gh:',
        "tilde": '[url "https://tilde/"]\ninsteadOf = t:',
    },
    "nowhere": {},
}


@needs_git
@pytest.mark.parametrize("files", REWRITES.values(), ids=REWRITES)
@pytest.mark.parametrize("own", ["", '[url "https://own.example.com/"]\ninsteadOf = gh:b\ninsteadOf = "gh:"\n'])
def test_addresses_are_rewritten_as_git_rewrites_them(
    tmp_path: Path, home: Path, files: dict[str, str], own: str
) -> None:
    for name, text in files.items():
        (home / name).parent.mkdir(parents=True, exist_ok=True)
        (home / name).write_text(text)
    env = environment(home)
    root = tmp_path / "repo"
    git(tmp_path, env, "init", "-q", str(root))
    for name, url in {"up": "gh:bcme/x", "origin": "gh:a/widget.git", "b": "b:x/y", "t": "t:x/y"}.items():
        git(root, env, "remote", "add", name, url)
    with (root / ".git" / "config").open("a") as config:
        config.write(own)
    found = remotes(str(root), env)
    assert found[0].name == "origin"
    assert dict(found) == {name: git(root, env, "remote", "get-url", name) for name in git(root, env, "remote").split()}


@needs_git
def test_git_config_global_takes_the_place_of_the_users_files(tmp_path: Path, home: Path) -> None:
    (home / ".gitconfig").write_text('[url "https://home/"]\ninsteadOf = gh:')
    (tmp_path / "named").write_text('[url "https://named/"]\ninsteadOf = gh:')
    root = repository(tmp_path, '[core]\nrepositoryformatversion = 0\n[remote "origin"]\nurl = gh:a/b\n')
    git(tmp_path, environment(home), "init", "-q", str(root))
    for value in (str(tmp_path / "named"), os.devnull, ""):
        env = environment(home, GIT_CONFIG_GLOBAL=value)
        assert remotes(str(root), env)[0].url == git(root, env, "remote", "get-url", "origin")


@needs_git
def test_linked_worktrees_and_submodules(tmp_path: Path, home: Path) -> None:
    env = environment(home)
    main, library = tmp_path / "main", tmp_path / "library"
    for root in (main, library):
        git(tmp_path, env, "init", "-q", str(root))
        git(root, env, "commit", "-q", "--allow-empty", "-m", "first")
        git(root, env, "remote", "add", "origin", f"https://github.com/acme/{root.name}")
    git(main, env, "worktree", "add", "-q", str(tmp_path / "linked"))
    assert remotes(str(tmp_path / "linked"), env)[0].url == "https://github.com/acme/main"
    assert worktree_root(str(tmp_path / "linked")) == os.path.realpath(tmp_path / "linked")

    git(main, env, "submodule", "--quiet", "add", str(library), "lib")
    inside = main / "lib"
    assert remotes(str(inside), env)[0].url == git(inside, env, "remote", "get-url", "origin") == str(library)
