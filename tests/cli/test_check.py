"""`imglint check`: which files, how it reports, and how it ends."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from jsonschema import Draft4Validator, Draft202012Validator

from .conftest import BAD, CLEAN, Imglint, plant

REPORT_SCHEMA = Path(__file__).parents[2] / "rules" / "schema" / "report.json"

TEXT = """\
error: the address of the source ends in `.git`, which breaks the link [source-not-a-repository]
  --> Dockerfile:2:72
   |
 2 | LABEL org.opencontainers.image.source="https://github.com/octocat/hello.git" \\
   |                                                                        ^^^^
   |
   = why: GHCR links a package only when the value is exactly https://HOST/OWNER/REPO
   = fix: write https://github.com/octocat/hello

Found 1 error in 1 file.
"""
ANNOTATION = (
    "::error file=Dockerfile,line=2,endLine=2,col=72,endColumn=76,title=imglint%3A source-not-a-repository"
    "::the address of the source ends in `.git`, which breaks the link%0Awrite https://github.com/octocat/hello\n"
)
LINK_BREAKS = "the address of the source ends in `.git`, which breaks the link"
CONCISE = f"Dockerfile:2:72: error: {LINK_BREAKS} [source-not-a-repository]\n"
ALL_MISSING = ["missing-description", "missing-licenses", "missing-source"]
"""What is found in `FROM a` alone."""


@pytest.fixture
def bad(root: Path) -> None:
    plant(root, {"Dockerfile": BAD})


def test_nothing_to_say(imglint: Imglint, root: Path) -> None:
    plant(root, {"Dockerfile": CLEAN})
    assert imglint("check") == (0, "No problems in 1 file.\n", "")


def test_an_empty_directory(imglint: Imglint) -> None:
    assert imglint("check") == (0, "No files were judged.\n", "")


def test_a_missing_file(imglint: Imglint) -> None:
    code, out, err = imglint("check", "missing")
    assert (code, err) == (2, "")
    assert out == "error: missing: does not exist\n\nNo files were judged; 1 input could not be judged.\n"


@pytest.mark.usefixtures("bad")
class TestFormats:
    def test_text(self, imglint: Imglint) -> None:
        assert imglint("check") == (1, TEXT, "")

    def test_concise(self, imglint: Imglint) -> None:
        assert imglint("check", "--format", "concise") == (1, CONCISE, "")

    def test_github(self, imglint: Imglint) -> None:
        assert imglint("check", "--format", "github") == (1, ANNOTATION, "")

    def test_json(self, imglint: Imglint) -> None:
        outcome = imglint("check", "--format", "json", ".", "missing")
        assert outcome.code == 2
        Draft202012Validator(json.loads(REPORT_SCHEMA.read_text())).validate(outcome.json)
        assert outcome.found == [("Dockerfile", 2, 72, "source-not-a-repository")]
        assert outcome.json["errors"] == [{"path": "missing", "reason": "does not exist"}]

    def test_sarif(self, imglint: Imglint, shared: Path) -> None:
        outcome = imglint("check", "--format", "sarif", ".", "missing")
        assert outcome.code == 2
        Draft4Validator(json.loads((shared / "data" / "sarif-schema-2.1.0.json").read_text())).validate(outcome.json)
        (run,) = outcome.json["runs"]
        assert [result["ruleId"] for result in run["results"]] == ["source-not-a-repository"]
        assert run["invocations"][0]["executionSuccessful"] is False

    def test_on_github_the_default_is_text_and_annotations(self, imglint: Imglint) -> None:
        assert imglint("check", GITHUB_ACTIONS="true") == (1, TEXT + ANNOTATION, "")

    @pytest.mark.parametrize("flags", [["--format", "concise"], ["--format", "text"], ["--statistics"]])
    def test_on_github_a_wish_is_respected(self, imglint: Imglint, flags: list[str]) -> None:
        assert imglint("check", *flags, GITHUB_ACTIONS="true") == imglint("check", *flags)

    @pytest.mark.parametrize(
        ("variables", "colored"),
        [
            ({}, False),
            ({"FORCE_COLOR": "1"}, True),
            ({"FORCE_COLOR": "0"}, False),
            ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, False),
            ({"FORCE_COLOR": "1", "NO_COLOR": ""}, True),
        ],
    )
    def test_colour(self, imglint: Imglint, variables: dict[str, str], colored: bool) -> None:
        out = imglint("check", **variables).out
        assert ("\x1b[" in out) is colored

    def test_only_text_has_colour(self, imglint: Imglint) -> None:
        for name in ("concise", "json", "sarif", "github"):
            assert "\x1b" not in imglint("check", "--format", name, FORCE_COLOR="1").out

    @pytest.mark.parametrize("locale", ["C", "C.UTF-8"])
    def test_reports_are_utf_8_in_any_locale(self, imglint: Imglint, locale: str) -> None:
        out = imglint("check", "-", stdin='FROM a\nLABEL é="ü" org.opencontainers.image.sourcé=x\n', LC_ALL=locale).out
        assert "é" in out


@pytest.mark.usefixtures("bad")
class TestOutput:
    def test_a_file_gets_the_report(self, imglint: Imglint, root: Path) -> None:
        assert imglint("check", "--output", "report.txt", FORCE_COLOR="1") == (1, "", "")
        assert (root / "report.txt").read_text() == TEXT
        assert imglint("check", "-o", "report.txt", "--format", "concise") == (1, "", "")
        assert (root / "report.txt").read_text() == CONCISE

    @pytest.mark.parametrize("path", ["no/such/folder/report", "."])
    def test_a_file_that_cannot_be_written(self, imglint: Imglint, path: str) -> None:
        code, out, err = imglint("check", "--output", path)
        assert (code, out) == (2, "")
        assert err.startswith(f"error: {path}: cannot be written: ") and err.count("\n") == 1

    def test_a_full_disk(self, imglint: Imglint) -> None:
        if not Path("/dev/full").exists():
            pytest.skip("needs /dev/full")
        code, out, err = imglint("check", "--output", "/dev/full")
        assert (code, out, err) == (2, "", "error: /dev/full: cannot be written: no space left on device\n")

    def test_statistics(self, imglint: Imglint) -> None:
        assert imglint("check", "--statistics") == (
            1,
            "1  error    source-not-a-repository\n1 finding in 1 file.\n",
            "",
        )

    def test_statistics_count(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"b/Dockerfile": BAD, "c/Dockerfile": "FROM a\n", "d/Dockerfile": CLEAN})
        code, out, _ = imglint("check", "--statistics", "--select", "missing-source,source-not-a-repository", ".", "x")
        assert code == 2
        assert out.splitlines() == [
            "error: x: does not exist",
            "2  error    source-not-a-repository",
            "1  error    missing-source",
            "3 findings in 4 files.",
        ]

    def test_statistics_as_json(self, imglint: Imglint) -> None:
        outcome = imglint("check", "--statistics", "--format", "json", ".", "x")
        assert outcome.code == 2
        assert outcome.json == {
            "version": 1,
            "statistics": [{"rule": "source-not-a-repository", "severity": "error", "count": 1}],
            "errors": [{"path": "x", "reason": "does not exist"}],
        }

    def test_statistics_have_no_other_format(self, imglint: Imglint) -> None:
        code, out, err = imglint("check", "--statistics", "--format", "sarif")
        assert (code, out) == (2, "")
        assert "--statistics" in err


class TestFiles:
    def test_show_files(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": BAD, "a/app.Dockerfile": BAD, "a/Dockerfile.j2": BAD, "a/Makefile": "", "b/x": BAD})
        plant(root, {".github/workflows/ci.yml": "on: push\n", ".github/x.yml": "", "compose.yaml": "", "a/run.sh": ""})
        listed = [
            ".github/workflows/ci.yml",
            "Dockerfile",
            "a/Makefile",
            "a/app.Dockerfile",
            "a/run.sh",
            "compose.yaml",
        ]
        assert imglint("check", "--show-files") == (0, "\n".join(listed) + "\n", "")
        code, out, err = imglint("check", "--show-files", "b/x", "missing", "-")
        assert (code, out, err) == (2, "b/x\n<stdin>\n", "error: missing: does not exist\n")

    def test_gitignore_and_exclude_are_honoured(self, imglint: Imglint, root: Path) -> None:
        plant(root, {f"{name}/Dockerfile": BAD for name in ("kept", "generated", "vendor", ".git", "node_modules")})
        plant(root, {".gitignore": "/generated/\n", "imglint.toml": 'exclude = ["vendor/"]\n'})
        assert imglint("check", "--show-files").out == "kept/Dockerfile\n"

    def test_a_named_file_is_judged_whatever_excludes_it(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": BAD, ".gitignore": "Dockerfile\n"})
        assert imglint("check").out == "No files were judged.\n"
        assert imglint("check", "Dockerfile") == (1, TEXT, "")

    def test_a_file_reached_by_several_paths_is_judged_once(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"a/Dockerfile": BAD})
        (root / "link").symlink_to("a/Dockerfile")
        paths = ("a", ".", "a/Dockerfile", root / "a", "./a/../a/Dockerfile", "link")
        assert imglint("check", "--format", "json", *paths).found == [
            ("a/Dockerfile", 2, 72, "source-not-a-repository")
        ]

    def test_a_directory_above(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": BAD, "a/b": ""})
        assert imglint("check", "--format", "json", "..", cwd=root / "a").found[0][0] == "../Dockerfile"

    def test_standard_input(self, imglint: Imglint) -> None:
        assert imglint("check", "-", stdin=BAD) == (1, TEXT.replace("> Dockerfile", "> <stdin>"), "")

    def test_standard_input_under_a_name(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"a/imglint.toml": 'ignore = ["labels"]\n'})
        assert imglint("check", "-", "--stdin-filename", "b/Dockerfile", stdin=BAD).out == TEXT.replace(
            "> Dockerfile", "> b/Dockerfile"
        )
        assert imglint("check", "-", "--stdin-filename", "a/Dockerfile", stdin=BAD).code == 0

    def test_standard_input_is_read_once(self, imglint: Imglint) -> None:
        assert imglint("check", "-", "-", stdin=CLEAN) == (0, "No problems in 1 file.\n", "")


class TestChoiceOfRules:
    @pytest.mark.parametrize(
        ("flags", "expected"),
        [
            ([], ALL_MISSING),
            (["--select", "missing-source"], ["missing-source"]),
            (["--select", "missing-source, missing-licenses"], ["missing-licenses", "missing-source"]),
            (["--select", "missing-source", "--select", "missing-licenses"], ["missing-licenses", "missing-source"]),
            (["--select", "syntax"], []),
            (["--select", "labels"], ALL_MISSING),
            (["--select", "all", "--ignore", "missing-source"], ["missing-description", "missing-licenses"]),
            (["--select", "DL3049"], ALL_MISSING),
            (["--select", "dl3049", "--ignore", "missing-source"], ["missing-description", "missing-licenses"]),
            (["--ignore", "DL3049"], []),
            (["--ignore", "labels"], []),
        ],
    )
    def test_select_and_ignore(self, rules: Callable[..., list[str]], flags: list[str], expected: list[str]) -> None:
        assert rules("FROM a\n", *flags) == expected

    @pytest.mark.parametrize("alias", ["MaintainerDeprecated", "maintainerdeprecated", "DL4000"])
    def test_what_other_tools_call_it(self, rules: Callable[..., list[str]], alias: str) -> None:
        assert rules("FROM a\nMAINTAINER b\n", "--select", alias) == ["legacy-label"]

    @pytest.mark.parametrize("flag", ["--select", "--ignore"])
    def test_a_misspelt_name(self, imglint: Imglint, root: Path, flag: str) -> None:
        plant(root, {"Dockerfile": BAD, "a/Dockerfile": BAD})
        code, out, err = imglint("check", flag, "missing-sorce")
        assert (code, err) == (2, "")
        reason = "there is no rule, family or alias `missing-sorce`; did you mean `missing-source`?"
        assert out.splitlines()[0] == f"error: {flag}: {reason}"
        assert out.count("error: ") == 1

    def test_the_environment_chooses(self, rules: Callable[..., list[str]]) -> None:
        assert rules("FROM a\n", IMGLINT_SELECT="missing-source,syntax") == ["missing-source"]
        assert rules("FROM a\n", IMGLINT_IGNORE="missing-source") == ["missing-description", "missing-licenses"]
        assert rules("FROM a\n", "--select", "syntax", IMGLINT_SELECT="missing-source") == []


class TestExitCodes:
    ERROR = BAD
    WARNING = CLEAN.replace('"MIT"', '"MIT" maintainer=""').replace('"Says hello"', '""')
    INFO = CLEAN.replace('"MIT"', '"MIT" maintainer="a"')

    @pytest.mark.parametrize(
        ("text", "fails_on"),
        [
            (ERROR, {"error", "warning", "info"}),
            (WARNING, {"warning", "info"}),
            (INFO, {"info"}),
            (CLEAN, set()),
        ],
    )
    def test_fail_on(self, imglint: Imglint, text: str, fails_on: set[str]) -> None:
        for level in ("error", "warning", "info"):
            assert imglint("check", "--fail-on", level, "-", stdin=text).code == (level in fails_on), level
        assert imglint("check", "-", stdin=text).code == ("warning" in fails_on)

    def test_fail_on_from_elsewhere(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"imglint.toml": 'fail-on = "info"\n'})
        assert imglint("check", "-", stdin=self.INFO).code == 1
        assert imglint("check", "-", stdin=self.INFO, IMGLINT_FAIL_ON="warning").code == 0
        assert imglint("check", "--fail-on", "info", "-", stdin=self.INFO, IMGLINT_FAIL_ON="warning").code == 1

    def test_a_failure_outweighs_findings_and_hides_none(self, imglint: Imglint, root: Path) -> None:
        plant(root, {"Dockerfile": BAD})
        outcome = imglint("check", "missing", "Dockerfile", "--format", "json")
        assert (outcome.code, outcome.rules) == (2, ["source-not-a-repository"])
        assert imglint("check", "missing", "Dockerfile", "--fail-on", "error", "--ignore", "all").code == 2
