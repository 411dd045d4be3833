"""GitLab's Code Quality report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from imglint.finding import Pointer, Severity
from imglint.report import Checkout, InputProblem, Result, Style, renderer
from imglint.source import Source, Span

from .samples import finding, marked, result

SCHEMA = Draft202012Validator(json.loads((Path(__file__).parent / "schemas" / "gitlab.json").read_text()))


def issues(outcome: Result, checkout: Checkout = Checkout()) -> list[dict[str, Any]]:  # noqa: B008
    found = json.loads("".join(renderer("gitlab")(outcome, Style(checkout=checkout))))
    SCHEMA.validate(found)
    assert len({each["fingerprint"] for each in found}) == len(found)
    assert isinstance(found, list)
    return found


def test_an_issue() -> None:
    (issue,) = issues(
        result(finding(marked("FROM a\nLABEL x=«1 \\\n y=é»\n", "./a/Dockerfile"), "x is wrong", rule="x-y"))
    )
    assert len(issue.pop("fingerprint")) > 30
    assert issue == {
        "check_name": "x-y",
        "description": "x-y: x is wrong",
        "severity": "critical",
        "location": {
            "path": "a/Dockerfile",
            "positions": {"begin": {"line": 2, "column": 9}, "end": {"line": 3, "column": 5}},
        },
    }


def test_severities() -> None:
    outcome = result(*(finding(marked("«x»"), severity=severity) for severity in Severity))
    assert sorted(each["severity"] for each in issues(outcome)) == ["critical", "info", "major"]


def test_fingerprints_have_no_line() -> None:
    before = issues(result(finding(marked("«LABEL x=1»\n")), finding(marked("«LABEL x=1»\n"))))
    after = issues(result(finding(marked("# new\n\n«LABEL x=1»\n")), finding(marked("FROM a\n«LABEL x=1»\n"))))
    assert [each["fingerprint"] for each in before] == [each["fingerprint"] for each in after]


def test_an_input_that_could_not_be_judged() -> None:
    (issue,) = issues(result(errors=(InputProblem("./gone", "does not exist"),)))
    assert (issue["severity"], issue["location"]["path"]) == ("blocker", "gone")
    assert issue["description"] == "could not be judged: does not exist"


def test_an_image() -> None:
    place = (Source("ghcr.io/acme/widget:1", '{"User": ""}\n', numbered=False), Span(1, 7))
    found = finding(place, "runs as root")._replace(pointers=(Pointer("config.User", "linux/arm64"),))
    (issue,) = issues(result(found))
    assert issue["location"] == {"path": "ghcr.io/acme/widget:1", "lines": {"begin": 1}}
    assert issue["description"] == "some-rule: ghcr.io/acme/widget:1: config.User (linux/arm64): runs as root"


def test_paths_are_those_of_the_repository() -> None:
    checkout = Checkout("/builds/acme/widget", "/builds/acme/widget/sub")
    outcome = result(
        finding(marked("«x»", "Dockerfile")),
        finding(marked("«x»", "../b/Dockerfile")),
        finding(marked("«x»", "/builds/acme/widget/c")),
        finding(marked("«x»", "/elsewhere/d")),
    )
    paths = [each["location"]["path"] for each in issues(outcome, checkout)]
    assert sorted(paths) == ["/elsewhere/d", "b/Dockerfile", "c", "sub/Dockerfile"]
