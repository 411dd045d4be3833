"""What configuration files, flags and the environment change in what `imglint check` finds."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from .conftest import BAD, CLEAN, Imglint, plant

Judge = Callable[..., list[str]]


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", *arguments], cwd=folder, check=True, capture_output=True)


class TestFiles:
    def test_the_nearest_file_upwards_holds(self, imglint: Imglint, root: Path) -> None:
        plant(
            root,
            {
                "Dockerfile": BAD,
                "a/b/c/Dockerfile": BAD,
                "a/imglint.toml": 'ignore = ["labels"]\n',
                "a/d/imglint.toml": "",
                "a/d/Dockerfile": BAD,
                "e/pyproject.toml": '[tool.imglint]\nignore = ["labels"]\n',
                "e/Dockerfile": BAD,
                "f/pyproject.toml": '[project]\nname = "imglint"\n',
                "f/Dockerfile": BAD,
            },
        )
        outcome = imglint("check", "--format", "json")
        assert [path for path, *_ in outcome.found] == ["Dockerfile", "a/d/Dockerfile", "f/Dockerfile"]
        assert imglint("check", "Dockerfile", cwd=root / "a/b/c").code == 0

    def test_a_file_that_is_named(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": BAD, "ci/strict.toml": 'ignore = ["labels"]\n', "imglint.toml": "broken"})
        assert imglint("check", "--config", "ci/strict.toml").code == 0
        assert imglint("check", IMGLINT_CONFIG="ci/strict.toml").code == 0
        code, out, err = imglint("check", "--config", "missing.toml")
        assert (code, err) == (2, "")
        assert out.splitlines()[0] == "error: missing.toml: does not exist"

    @pytest.mark.parametrize(
        ("text", "reason"),
        [
            ("selct = []\n", "`selct` is not a setting; did you mean `select`?"),
            ("select = [\n", "line 1, column 11: is not valid TOML: Invalid value, at the end of the file"),
            ('select = ["lables"]\n', "`select`: there is no rule, family or alias `lables`; did you mean `labels`?"),
            (
                'severity = { missing-sorce = "off" }\n',
                "`severity`: there is no rule, family or alias `missing-sorce`; did you mean `missing-source`?",
            ),
            ('registry = "ghcr.oi"\n', "`registry`: there is no profile of `ghcr.oi`; there is one of ghcr.io"),
        ],
    )
    def test_a_broken_file(self, imglint: Imglint, root: Path, text: str, reason: str) -> None:
        plant(root, {"a/imglint.toml": text, "a/Dockerfile": BAD, "b/Dockerfile": BAD, "a/b/Dockerfile": BAD})
        outcome = imglint("check")
        assert (outcome.code, outcome.errors) == (2, [f"error: a/imglint.toml: {reason}"])
        assert " --> b/Dockerfile:2:72\n" in outcome.out
        assert outcome.out.endswith("Found 1 error in 1 file; 1 input could not be judged.\n")

    def test_a_broken_file_above_does_not_hide_what_has_its_own(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"imglint.toml": "broken", "Dockerfile": BAD, "a/imglint.toml": "", "a/Dockerfile": BAD})
        outcome = imglint("check", "--format", "json")
        assert outcome.code == 2
        assert [path for path, *_ in outcome.found] == ["a/Dockerfile"]
        assert [error["path"] for error in outcome.json["errors"]] == ["imglint.toml"]

    def test_severity(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"imglint.toml": '[severity]\nmissing-source = "info"\nmissing-licenses = "off"\n'})
        outcome = imglint("check", "--format", "json", "-", stdin="FROM a\n")
        severities = {each["rule"]: each["severity"] for each in outcome.json["findings"]}
        assert severities == {"missing-description": "warning", "missing-source": "info"}

    def test_severity_by_alias_and_family(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"imglint.toml": '[severity]\nDL3049 = "off"\n'})
        assert imglint("check", "-", stdin="FROM a\n").code == 0
        plant(root, {"imglint.toml": '[severity]\nlabels = "off"\n'})
        assert imglint("check", "-", stdin="FROM a\n").code == 0
        plant(root, {"imglint.toml": '[severity]\nlabels = "info"\nmissing-source = "warning"\n'})
        outcome = imglint("check", "--format", "json", "-", stdin="FROM a\n")
        severities = {each["rule"]: each["severity"] for each in outcome.json["findings"]}
        assert severities == {"missing-description": "info", "missing-licenses": "info", "missing-source": "warning"}

    def test_required_labels(self, imglint: Imglint, root: Path) -> None:
        config = """\
            [required-labels]
            "org.example.team" = {}
            "org.example.version" = { type = "semver" }
            "org.example.ticket" = { pattern = "^[A-Z]+-[0-9]+$" }
        """
        plant(root, {"imglint.toml": config})
        labels = 'LABEL org.example.version="latest" org.example.ticket="none"\n'
        outcome = imglint("check", "--format=concise", "--select=labels", "-", stdin=CLEAN + labels)
        assert outcome.code == 1
        lines = outcome.out.splitlines()
        assert len(lines) == 3
        assert "<stdin>:1:1: error: " in lines[0] and lines[0].endswith("[missing-label]")
        assert "org.example.team" in lines[0]
        assert "<stdin>:5:27: " in lines[1] and lines[1].endswith("[invalid-label-value]")
        assert "<stdin>:5:55: " in lines[2] and lines[2].endswith("[invalid-label-value]")
        assert "^[A-Z]+-[0-9]+$" in lines[2]
        good = 'LABEL org.example.version="1.2.3" org.example.ticket="AB-12" org.example.team="\U0001f436"\n'
        assert imglint("check", "-", stdin=CLEAN + good).code == 0


class TestTarget:
    STAGES = CLEAN.replace("3.20", "3.20 AS app") + "FROM app AS debug\nFROM alpine AS Test\n"

    def test_the_last_stage_is_published(self, rules: Judge) -> None:
        assert rules(self.STAGES) == ["label-lost"] * 3

    @pytest.mark.parametrize("target", ["app", "APP", "debug", "0"])
    def test_a_stage_that_is_there(self, rules: Judge, target: str) -> None:
        assert rules(self.STAGES, "--target", target) == []

    def test_a_stage_that_is_not_there(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": self.STAGES, "x/Dockerfile": CLEAN, "y/Dockerfile": BAD + "FROM a AS nope\n"})
        outcome = imglint("check", "--target", "nope")
        assert outcome.code == 2
        assert outcome.errors == [
            "error: Dockerfile: has no stage `nope` to publish: it has `app`, `debug`, `test`",
            "error: x/Dockerfile: has no stage `nope` to publish: its stages have no names",
        ]
        assert " --> y/Dockerfile:2:" in outcome.out

    def test_a_configured_stage_holds_where_it_is(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"imglint.toml": 'target = "app"\n', "a/Dockerfile": self.STAGES, "b/Dockerfile": BAD})
        assert imglint("check", "--format", "json").found == [("b/Dockerfile", 2, 72, "source-not-a-repository")]
        assert imglint("check", "--target", "test", "a").code == 1


class TestBuildArguments:
    TEXT = CLEAN.replace('"MIT"', '"$LICENSE"').replace("FROM alpine:3.20\n", "FROM alpine:3.20\nARG LICENSE\n")

    def test_unknown_is_never_wrong(self, rules: Judge) -> None:
        assert rules(self.TEXT) == []

    def test_given(self, rules: Judge) -> None:
        assert rules(self.TEXT, "--build-arg", "LICENSE=MIT") == []
        assert rules(self.TEXT, "--build-arg", "LICENSE=MTI") == ["invalid-license"]
        assert rules(self.TEXT, "--build-arg", "LICENSE=MIT", "--build-arg", "LICENSE=a=b") == ["invalid-license"]

    def test_from_the_environment(self, rules: Judge) -> None:
        assert rules(self.TEXT, "--build-arg", "LICENSE", LICENSE="MTI") == ["invalid-license"]
        assert rules(self.TEXT, "--build-arg", "LICENSE") == []
        assert rules(self.TEXT, LICENSE="MTI") == []

    def test_from_the_configuration(self, rules: Judge, root: Path) -> None:
        plant(root, {"imglint.toml": '[build-args]\nLICENSE = "MTI"\n'})
        assert rules(self.TEXT) == ["invalid-license"]
        assert rules(self.TEXT, "--build-arg", "LICENSE=MIT") == []

    def test_without_a_name(self, imglint: Imglint) -> None:
        outcome = imglint("check", "--build-arg", "=x", "-", stdin=CLEAN)
        assert (outcome.code, outcome.out) == (2, "")
        assert "--build-arg" in outcome.err and "`=x` has no name before the `=`" in outcome.err


class TestRepository:
    """The label of CLEAN says octocat/hello; these tests say that the repository is another, or the same."""

    def test_nothing_is_known(self, rules: Judge) -> None:
        assert rules(CLEAN) == []

    @pytest.mark.parametrize("same", ["octocat/hello", "Octocat/Hello", "https://github.com/octocat/hello"])
    def test_the_configuration(self, rules: Judge, root: Path, same: str) -> None:
        plant(root, {"imglint.toml": f'repository = "{same}"\n'})
        assert rules(CLEAN) == []
        plant(root, {"imglint.toml": 'repository = "octocat/goodbye"\n'})
        assert rules(CLEAN) == ["source-mismatch"]

    def test_the_environment(self, rules: Judge, root: Path) -> None:
        assert rules(CLEAN, GITHUB_REPOSITORY="octocat/hello") == []
        assert rules(CLEAN, GITHUB_REPOSITORY="octocat/goodbye") == ["source-mismatch"]
        assert rules(CLEAN, IMGLINT_REPOSITORY="octocat/goodbye") == ["source-mismatch"]
        plant(root, {"imglint.toml": 'repository = "octocat/hello"\n'})
        assert rules(CLEAN, GITHUB_REPOSITORY="octocat/goodbye") == []

    @pytest.mark.parametrize(
        "url", ["https://github.com/{}.git", "git@github.com:{}.git", "ssh://git@ssh.github.com:443/{}.git"]
    )
    def test_the_git_remote(self, rules: Judge, root: Path, url: str) -> None:
        git(root, "init", "--quiet")
        assert rules(CLEAN) == []
        git(root, "remote", "add", "origin", url.format("octocat/goodbye"))
        assert rules(CLEAN) == ["source-mismatch"]
        git(root, "remote", "set-url", "origin", url.format("octocat/hello"))
        assert rules(CLEAN) == []

    def test_each_worktree_is_its_own(self, imglint: Imglint, root: Path) -> None:
        for name in ("hello", "goodbye"):
            plant(root, {f"{name}/a/Dockerfile": CLEAN, f"{name}/Dockerfile": CLEAN})
            git(root / name, "init", "--quiet")
            git(root / name, "remote", "add", "origin", f"https://github.com/octocat/{name}")
        outcome = imglint("check", "--format", "json")
        assert [(path, rule) for path, _, _, rule in outcome.found] == [
            ("goodbye/Dockerfile", "source-mismatch"),
            ("goodbye/a/Dockerfile", "source-mismatch"),
        ]

    def test_the_message_names_where_it_is_known_from(self, imglint: Imglint, root: Path) -> None:
        git(root, "init", "--quiet")
        git(root, "remote", "add", "origin", "https://github.com/octocat/goodbye")
        assert "the git remote `origin`" in imglint("check", "-", stdin=CLEAN).out
        assert "GITHUB_REPOSITORY" in imglint("check", "-", stdin=CLEAN, GITHUB_REPOSITORY="octocat/x").out
        plant(root, {f"{name}/imglint.toml": 'repository = "octocat/x"\n' for name in "ab"})
        plant(root, {f"{name}/Dockerfile": CLEAN for name in "ab"})
        out = imglint("check").out
        assert "a/imglint.toml" in out and "b/imglint.toml" in out

    def test_a_remote_elsewhere_says_nothing(self, rules: Judge, root: Path) -> None:
        git(root, "init", "--quiet")
        git(root, "remote", "add", "origin", "git@gitlab.com:octocat/goodbye.git")
        assert rules(CLEAN) == []
