from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft4Validator

from imglint import __version__
from imglint.finding import BASELINE, COMMENT, Edit, Fix, Related, Severity, Silenced
from imglint.report import InputProblem, Result, Style, renderer
from imglint.source import Source, Span

from .samples import finding, marked, result, span

SCHEMA = Path(__file__).parents[3] / "shared" / "data" / "sarif-schema-2.1.0.json"


def run_of(outcome: Result, style: Style = Style()) -> dict[str, Any]:  # noqa: B008
    document = json.loads("".join(renderer("sarif")(outcome, style)))
    assert document["version"] == "2.1.0"
    (run,) = document["runs"]
    assert isinstance(run, dict)
    return run


def sample() -> Result:
    other = Source("ci/build it.sh", "docker build .\n")
    return result(
        finding(
            marked("FROM a\nLABEL x=«1 \\\n y=é»\n"),
            "label x is wrong",
            rule="a-rule",
            severity=Severity.INFO,
            why="somebody reads it",
            help="write\ny=1",
            related=(Related(other, span(other, "docker build"), "built here"),),
        ),
        finding(marked("«»", "./b/Dockerfile"), rule="b"),
        finding(
            marked("LABEL «x»", "c/Dockerfile"),
            rule="c",
            fix=Fix("write [y](z)", (Edit(other, Span(0, 0), "# é\n"), Edit(other, span(other, "build"), "buildx"))),
        ),
        errors=(InputProblem("gone/Dockerfile", "no such file"),),
    )


def test_driver_describes_the_rules_that_fired() -> None:
    driver = run_of(sample())["tool"]["driver"]
    assert (driver["name"], driver["version"]) == ("imglint", __version__)
    assert driver["informationUri"].startswith("https://")
    assert driver["rules"][0] == {
        "id": "a-rule",
        "name": "ARule",
        "shortDescription": {"text": "a label is wrong"},
        "fullDescription": {"text": "Somebody reads it."},
        "help": {"text": "# a page\n\n## What it finds\n", "markdown": "# a page\n\n## What it finds\n"},
        "defaultConfiguration": {"level": "note"},
        "properties": {"tags": ["labels", "oci"], "precision": "high", "problem.severity": "recommendation"},
        "helpUri": "https://example.org/rules/a-rule",
    }
    assert [rule["id"] for rule in driver["rules"]] == ["a-rule", "b", "c"]


@pytest.mark.parametrize(
    ("security", "least", "most"), [("critical", 9.1, 10), ("high", 7, 8.9), ("medium", 4, 6.9), ("low", 0.1, 3.9)]
)
def test_a_matter_of_security_has_the_score_of_its_word(security: str, least: float, most: float) -> None:
    """The ranges are those of GitHub's page on SARIF."""
    (rule,) = run_of(result(finding(marked("«x»")), security=security))["tool"]["driver"]["rules"]
    score = rule["properties"].pop("security-severity")
    assert least <= float(score) <= most
    assert rule["properties"] == {"tags": ["labels", "security", "oci"], "precision": "high"}


def replacement(start: int, end: int, text: str) -> dict[str, Any]:
    region = {"startLine": 1, "startColumn": start, "endLine": 1, "endColumn": end}
    return {"deletedRegion": region, "insertedContent": {"text": text}}


def test_results() -> None:
    run = run_of(sample())
    assert run["columnKind"] == "unicodeCodePoints"
    first, second, third = run["results"]
    assert first.pop("partialFingerprints").keys() == {"imglint/v1"}
    assert first == {
        "ruleId": "b",
        "ruleIndex": 1,
        "level": "error",
        "message": {"text": "something is wrong"},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": "b/Dockerfile", "uriBaseId": "%SRCROOT%"},
                    "region": {"startLine": 1, "startColumn": 1, "endLine": 1, "endColumn": 1},
                }
            }
        ],
    }
    assert (second["ruleId"], second["ruleIndex"], second["level"]) == ("a-rule", 0, "note")
    assert second["message"]["text"] == "label x is wrong\n\nsomebody reads it\n\nwrite\ny=1"
    region = second["locations"][0]["physicalLocation"]["region"]
    assert region == {"startLine": 2, "startColumn": 9, "endLine": 3, "endColumn": 5}
    assert third["fixes"] == [
        {
            "description": {"text": "write [y] (z)"},
            "artifactChanges": [
                {
                    "artifactLocation": {"uri": "ci/build%20it.sh", "uriBaseId": "%SRCROOT%"},
                    "replacements": [replacement(1, 1, "# é\n"), replacement(8, 13, "buildx")],
                }
            ],
        }
    ]
    (related,) = second["relatedLocations"]
    assert related["message"] == {"text": "built here"}
    assert related["physicalLocation"]["artifactLocation"]["uri"] == "ci/build%20it.sh"


def test_inputs_that_could_not_be_judged_are_notifications() -> None:
    (invocation,) = run_of(sample())["invocations"]
    (notification,) = invocation["toolExecutionNotifications"]
    assert invocation["executionSuccessful"] is False
    assert notification["level"] == "error"
    assert notification["message"] == {"text": "no such file"}
    location = notification["locations"][0]["physicalLocation"]["artifactLocation"]
    assert location["uri"] == "gone/Dockerfile"
    assert run_of(result())["invocations"][0]["executionSuccessful"] is True


@pytest.mark.parametrize(
    ("path", "location"),
    [
        ("./a//b/../Dockerfile", {"uri": "a/Dockerfile", "uriBaseId": "%SRCROOT%"}),
        ("a:b #%é?", {"uri": "a%3Ab%20%23%25%C3%A9%3F", "uriBaseId": "%SRCROOT%"}),
        ("\udcff\ud800", {"uri": "%FF%EF%BF%BD", "uriBaseId": "%SRCROOT%"}),
        ("/srv/a b", {"uri": "file:///srv/a%20b"}),
        ("C:/a b", {"uri": "file:///C:/a%20b"}),
    ],
)
def test_paths_are_addresses(path: str, location: dict[str, str]) -> None:
    (only,) = run_of(result(finding(marked("«x»", path))))["results"]
    assert only["locations"][0]["physicalLocation"]["artifactLocation"] == location


def test_text_from_outside_cannot_make_a_link() -> None:
    (only,) = run_of(result(finding(marked("«x»"), "label is [x](https://example.org)")))["results"]
    assert only["message"]["text"] == "label is [x] (https://example.org)"


def test_what_is_silenced_is_left_out_or_marked() -> None:
    """Code scanning does not look at the mark: https://github.com/github/codeql-action/issues/1230."""
    text = "LABEL a=1 b=2 c=3\n"
    source = Source("Dockerfile", text)
    hidden = (
        Silenced(finding((source, span(source, "b=2")), rule="hidden"), COMMENT, "only a test"),
        Silenced(finding((source, span(source, "c=3"))), BASELINE),
    )
    outcome = result(finding((source, span(source, "a=1"))), suppressed=hidden)
    plain = run_of(outcome)
    assert [(each["ruleId"], "suppressions" in each) for each in plain["results"]] == [("some-rule", False)]
    assert [rule["id"] for rule in plain["tool"]["driver"]["rules"]] == ["some-rule"]
    run = run_of(outcome, Style(suppressed=True))
    assert [(each["ruleId"], each["ruleIndex"], each["suppressions"]) for each in run["results"]] == [
        ("some-rule", 1, []),
        ("hidden", 0, [{"kind": "inSource", "justification": "only a test"}]),
        ("some-rule", 1, [{"kind": "external"}]),
    ]


def fingerprints(*places: tuple[Source, Span], rule: str = "some-rule") -> list[str]:
    results = run_of(result(*(finding(place, rule=rule) for place in places)))["results"]
    return [each["partialFingerprints"]["imglint/v1"] for each in results]


def test_fingerprints_follow_the_words_and_not_the_line() -> None:
    (base,) = fingerprints(marked("FROM a\n«LABEL  x=1»\n"))
    assert fingerprints(marked("# more\n\nFROM a\n«LABEL x=1»\n")) == [base]
    assert fingerprints(marked("«LABEL x=1»\n", "./Dockerfile")) == [base]
    assert fingerprints(marked("«LABEL x=2»\n")) != [base]
    assert fingerprints(marked("«LABEL x=1»\n", "other")) != [base]
    assert fingerprints(marked("«LABEL x=1»\n"), rule="other-rule") != [base]


def test_fingerprints_of_equal_findings_differ() -> None:
    source = Source("Dockerfile", "LABEL x=1\nLABEL x=1\n")
    first, second = fingerprints((source, Span(0, 9)), (source, Span(10, 19)))
    assert first != second
    assert first == fingerprints((source, Span(0, 9)))[0]


@pytest.mark.shared
@pytest.mark.skipif(not SCHEMA.exists(), reason="the SARIF schema is not beside the repository")
@pytest.mark.parametrize("suppressed", [False, True])
@pytest.mark.parametrize(
    "outcome",
    [sample(), sample()._replace(suppressed=(Silenced(sample().findings[0], COMMENT, "a word"),)), result(files=0)],
    ids=["full", "silenced", "empty"],
)
def test_documents_match_the_schema(outcome: Result, suppressed: bool) -> None:
    document = json.loads("".join(renderer("sarif")(outcome, Style(suppressed=suppressed))))
    Draft4Validator(json.loads(SCHEMA.read_text("utf-8"))).validate(document)
