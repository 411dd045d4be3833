"""Comments that silence findings, ours and those of other tools."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from made_tokens import classic

from .conftest import BAD, CLEAN, Imglint, plant

Judge = Callable[..., list[str]]
ALL_MISSING = ["missing-description", "missing-licenses", "missing-source"]
UNUSED = "unused-suppression"


def unused(imglint: Imglint, text: str, *flags: str) -> list[tuple[int, int, str]]:
    """The findings about comments: line, column and message."""
    outcome = imglint("check", "--format", "json", *flags, "-", stdin=text)
    return [
        (each["line"], each["column"], each["message"]) for each in outcome.json["findings"] if each["rule"] == UNUSED
    ]


class TestPlaces:
    def test_above_an_instruction(self, rules: Judge) -> None:
        assert rules("# imglint: ignore[missing-source] never pushed\nFROM a\n") == ALL_MISSING[:2]
        assert rules("# imglint: ignore[missing-source, missing-licenses,missing-description]\nFROM a\n") == []
        assert rules("# imglint: ignore[DL3049]\n\n# another word\n\n  FROM a\n") == []
        assert rules("# imglint: ignore[labels]\nFROM a\n") == []
        assert rules("# imglint: ignore[all]\nFROM a\n") == []

    def test_it_holds_for_that_instruction_only(self, rules: Judge) -> None:
        text = BAD.replace("LABEL", "# imglint: ignore[source-not-a-repository]\nLABEL")
        assert rules(text) == []
        assert rules(text.replace("LABEL", "RUN true\nLABEL")) == [UNUSED, "source-not-a-repository"]
        assert rules(BAD + "# imglint: ignore[source-not-a-repository]\n") == ["source-not-a-repository", UNUSED]

    def test_between_continued_lines_it_holds_for_the_next(self, imglint: Imglint) -> None:
        one, two = "org.opencontainers.image.one", "org.opencontainers.image.two"
        text = (
            f"FROM a\nLABEL {one}=1 \\\n# imglint: ignore[unknown-oci-label]\n# a word\n    {two}=2 \\\n    {one}.x=3\n"
        )
        outcome = imglint("check", "--format=json", "--select=unknown-oci-label", "-", stdin=text)
        assert [line for _, line, _, _ in outcome.found] == [2, 6]
        assert outcome.json["summary"]["suppressed"] == 1

    @pytest.mark.parametrize("place", ["{}FROM a\n", "FROM a\n{}RUN x\n", "FROM a\n{}", "FROM a\nRUN x \\\n{} y\n"])
    def test_the_whole_file(self, rules: Judge, place: str) -> None:
        text = place.format("# imglint: ignore-file[missing-source,missing-licenses] why\n")
        assert rules(text) == ["missing-description"]

    def test_suppressed_findings_are_counted(self, imglint: Imglint) -> None:
        out = imglint("check", "-", stdin="# imglint: ignore[DL3049]\nFROM a\n").out
        assert out == "No problems in 1 file (3 suppressed).\n"

    def test_a_report_for_programs_can_list_them(self, root: Path, imglint: Imglint) -> None:
        token = classic("9fK2mQ7xT4vB8nL3wR6yZ1cD5hJ0pS")
        comments = f"# imglint: ignore[missing-source]  never pushed, {token}\n# hadolint ignore=DL3049\n"
        (root / "Dockerfile").write_text(comments + "FROM a\nMAINTAINER me\n")
        imglint("check", "--baseline", "known.json", "--write-baseline", "--select", "legacy-label")
        flags = ("check", "--baseline", "known.json", "--select", "labels", "--format", "sarif")
        assert imglint(*flags).json["runs"][0]["results"] == []
        done = imglint(*flags, "--show-suppressed")
        assert (done.code, token in done.out) == (0, False)
        found = {each["ruleId"]: each["suppressions"] for each in done.json["runs"][0]["results"]}
        ((why,),) = [found.pop("missing-source")]
        assert (why["kind"], why["justification"][:14]) == ("inSource", "never pushed, ")
        assert found == {
            "legacy-label": [{"kind": "external"}],
            "missing-description": [{"kind": "inSource"}],
            "missing-licenses": [{"kind": "inSource"}],
        }
        done = imglint("check", "--show-suppressed", "--format", "json")
        assert (done.code, "--show-suppressed: goes with --format sarif" in done.err) == (2, True)

    @pytest.mark.parametrize(
        "text", ["# imglint: ignored[labels]", "# imglint ignore[labels]", "# x imglint: ignore[labels]"]
    )
    def test_what_is_no_comment_of_ours(self, rules: Judge, text: str) -> None:
        assert rules(f"{text}\nFROM a\n") == ALL_MISSING


class TestOtherTools:
    def test_hadolint(self, rules: Judge) -> None:
        assert rules("# hadolint ignore=DL3049\nFROM a\n") == []
        assert rules("#hadolint ignore=DL3006,dl3049 why\nFROM a\n") == []
        assert rules("FROM a\n# hadolint ignore=DL3049\nRUN x\n") == ALL_MISSING
        assert rules("FROM a\n# hadolint global ignore=DL3006,DL3049\nRUN x\n") == []

    def test_buildkit(self, rules: Judge) -> None:
        maintained = CLEAN + "{}MAINTAINER me\n"
        flags = ("--select", "legacy-label")
        assert rules(maintained.format(""), *flags) == ["legacy-label"]
        assert rules(maintained.format("# check=skip=MaintainerDeprecated // later\n"), *flags) == []
        assert rules("# check=skip=MaintainerDeprecated\n" + maintained.format(""), *flags) == []
        assert rules("# check=error=true;skip=X, MaintainerDeprecated\n" + maintained.format(""), *flags) == []
        assert rules("# check=skip=all\n" + maintained.format(""), *flags) == []
        assert rules("# check=skip=JSONArgsRecommended\n" + maintained.format(""), *flags) == ["legacy-label"]

    @pytest.mark.parametrize(
        "comment",
        ["# check=skip=all", "# check=skip=labels", "# hadolint ignore=all", "# hadolint global ignore=labels",
         "# check=error=true"],
    )  # fmt: skip
    def test_they_do_not_speak_of_our_rules(self, rules: Judge, comment: str) -> None:
        assert rules(f"{comment}\nFROM a\n") == ALL_MISSING

    @pytest.mark.parametrize("comment", ["# hadolint ignore=DL3006,DL4000", "# check=skip=JSONArgsRecommended"])
    def test_they_are_never_called_unused(self, rules: Judge, comment: str) -> None:
        assert rules(f"{comment}\n{CLEAN}") == []


class TestUnused:
    def test_nothing_is_found_there(self, imglint: Imglint) -> None:
        text = "# imglint: ignore[missing-source]\n" + CLEAN
        assert unused(imglint, text) == [(1, 19, "`missing-source` finds nothing here, so there is nothing to silence")]

    def test_one_name_of_several(self, imglint: Imglint) -> None:
        text = "# imglint: ignore[missing-source, empty-label, labels]\nFROM a\n"
        assert [(line, column) for line, column, _ in unused(imglint, text)] == [(1, 35)]

    def test_a_misspelt_rule(self, imglint: Imglint) -> None:
        message = "there is no rule, family or alias `missing-sorce`; did you mean `missing-source`?"
        assert unused(imglint, "# imglint: ignore[missing-sorce]\nFROM a\n") == [(1, 19, message)]

    @pytest.mark.parametrize("comment", ["ignore[]", "ignore[ , ]", "ignore", "ignore missing-source", "ignore-file"])
    def test_no_name(self, imglint: Imglint, comment: str) -> None:
        message = "this comment names no rule, so it silences nothing"
        assert unused(imglint, f"# imglint: {comment}\nFROM a\n") == [(1, 1, message)]

    def test_rules_that_are_not_switched_on(self, imglint: Imglint) -> None:
        text = "# imglint: ignore[missing-source]\n" + CLEAN
        assert unused(imglint, text, "--ignore", "missing-source") == []
        assert unused(imglint, text, "--select", "syntax,suppressions") == []
        assert unused(imglint, text, "--select", "missing-source") == []
        assert len(unused(imglint, text, "--select", "missing-source,suppressions")) == 1

    def test_it_can_be_silenced_itself(self, rules: Judge) -> None:
        text = "# imglint: ignore-file[unused-suppression]\n# imglint: ignore[missing-source, nonsense]\n"
        assert rules(text + CLEAN) == []
        assert rules("# imglint: ignore-file[unused-suppression]\n" + CLEAN) == []

    def test_it_is_only_information(self, imglint: Imglint) -> None:
        assert imglint("check", "-", stdin="# imglint: ignore[missing-source]\n" + CLEAN).code == 0


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n" + "# imglint: ignore[legacy-label]\nLABEL maintainer=a\n" * 5_000,
        "FROM a\n" + "# imglint: ignore[empty-label]\n" * 10_000 + "LABEL " + "a= " * 10_000,
        "FROM a\nLABEL a=1 \\\n" + "# imglint: ignore[empty-label]\n" * 20_000 + " b=2\n",
        "FROM a\n" + "# imglint: ignore-file[overridden-label]\nLABEL a=1\nLABEL a=2\n" * 3_000,
    ],
    ids=["each-its-own", "many-above-one", "many-inside-one", "many-for-the-file"],
)
def test_many_comments_take_time_in_proportion(imglint: Imglint, text: str) -> None:
    start = time.perf_counter()
    assert imglint("check", "--statistics", "-", stdin=text).code in (0, 1)
    assert time.perf_counter() - start < 10


STEP = """\
on: push
jobs:
  image:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: docker/build-push-action@v6
        with:
          context: .
          {above}
          target: runtme {behind}
"""


class TestOtherFiles:
    """Comments in files in which `#` begins a comment: workflows, scripts, Makefiles, bake and compose files."""

    @pytest.fixture
    def found(self, imglint: Imglint, root: Path) -> Callable[[str, str], list[str]]:
        def judge(path: str, text: str) -> list[str]:
            plant(root, {".git/HEAD": "", "Dockerfile": "FROM alpine AS runtime\n", path: text})
            select = "unknown-build-stage,unused-suppression"
            return imglint("check", "--format", "json", "--select", select, path).rules

        return judge

    @pytest.mark.parametrize(
        ("above", "behind", "rules"),
        [
            ("# nothing", "", ["unknown-build-stage"]),
            ("# imglint: ignore[unknown-build-stage] later", "", []),
            ("# imglint: ignore[unknown-build-stage]\n          # of another file", "", []),
            ("# nothing", "# imglint: ignore[unknown-build-stage] later", []),
            ("# nothing", "# imglint: ignore[builds]", []),
            ("# imglint: ignore-file[unknown-build-stage]", "", []),
            ("# imglint: ignore[missing-source]", "", ["unknown-build-stage"]),
            ("# imglint: ignore[unknown-build-stage]\n          pull: true", "", [UNUSED, "unknown-build-stage"]),
            ("pull: true # imglint: ignore[unknown-build-stage]", "", [UNUSED, "unknown-build-stage"]),
        ],
    )
    def test_workflow(self, found: Callable[[str, str], list[str]], above: str, behind: str, rules: list[str]) -> None:
        assert found(".github/workflows/a.yml", STEP.format(above=above, behind=behind)) == rules

    @pytest.mark.parametrize(
        ("path", "text"),
        [
            ("build.sh", "{}\ndocker build --target runtme .\n"),
            ("Makefile", "image:\n\t{}\n\tdocker build --target runtme .\n"),
            ("docker-bake.hcl", 'target "default" {{\n  {}\n  target = "runtme"\n}}\n'),
            ("compose.yaml", "services:\n  a:\n    build:\n      context: .\n      {}\n      target: runtme\n"),
        ],
    )
    def test_the_line_above(self, found: Callable[[str, str], list[str]], path: str, text: str) -> None:
        assert found(path, text.format("# nothing")) == ["unknown-build-stage"]
        assert found(path, text.format("# imglint: ignore[unknown-build-stage] why")) == []

    def test_the_end_of_the_line(self, found: Callable[[str, str], list[str]]) -> None:
        line = "docker build --target runtme . {}\n"
        assert found("build.sh", line.format("") * 2) == ["unknown-build-stage"] * 2
        silenced = line.format("# imglint: ignore[unknown-build-stage]")
        assert found("build.sh", silenced + line.format("")) == ["unknown-build-stage"]
