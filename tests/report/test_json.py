from __future__ import annotations

import json
from pathlib import Path

import pytest
from jsonschema import Draft202012Validator, ValidationError

from imglint.finding import Edit, Fix, Related, Severity
from imglint.report import InputProblem, Result, Style, renderer
from imglint.source import Source, Span

from .samples import finding, marked, result, silenced, span

SCHEMA = json.loads((Path(__file__).parents[2] / "rules" / "schema" / "report.json").read_text("utf-8"))


def render(outcome: Result) -> str:
    return "".join(renderer("json")(outcome, Style()))


def sample() -> Result:
    other = Source("ci/build.sh", "docker build .\n")
    return result(
        finding(
            marked("FROM a\nLABEL x=«1 \\\n y=é»\n"),
            "something is wrong",
            rule="a-rule",
            severity=Severity.WARNING,
            why="w",
            help="h\ni",
            related=(Related(other, span(other, "docker build"), "built here"),),
        ),
        errors=(InputProblem("b", "no such file"),),
        files=2,
        suppressed=silenced(3),
    )


def test_document() -> None:
    assert json.loads(render(sample())) == {
        "version": 1,
        "findings": [
            {
                "rule": "a-rule",
                "family": "labels",
                "severity": "warning",
                "message": "something is wrong",
                "path": "Dockerfile",
                "line": 2,
                "column": 9,
                "end_line": 3,
                "end_column": 5,
                "related": [
                    {
                        "path": "ci/build.sh",
                        "line": 1,
                        "column": 1,
                        "end_line": 1,
                        "end_column": 13,
                        "message": "built here",
                    }
                ],
                "help": "h\ni",
                "why": "w",
                "url": "https://example.org/rules/a-rule",
            }
        ],
        "errors": [{"path": "b", "reason": "no such file"}],
        "summary": {
            "files": 2,
            "errors": 0,
            "warnings": 1,
            "infos": 0,
            "suppressed": 3,
            "failed_inputs": 1,
        },
    }


def fixable() -> Result:
    place = marked("FROM a\nLABEL «x»=1\n")
    edits = (Edit(place[0], place[1], "y\n"), Edit(place[0], Span(0, 0), "# é\n"))
    return result(finding(place, fix=Fix("write `y`", edits, safe=True)))


def test_a_fix_has_its_edits() -> None:
    (only,) = json.loads(render(fixable()))["findings"]
    at = {"path": "Dockerfile", "line": 2, "column": 7, "end_line": 2, "end_column": 8, "text": "y\n"}
    before = {"path": "Dockerfile", "line": 1, "column": 1, "end_line": 1, "end_column": 1, "text": "# é\n"}
    assert only["fix"] == {"title": "write `y`", "safe": True, "edits": [at, before]}


def test_layout_is_for_reading_too() -> None:
    text = render(sample())
    assert text.startswith('{\n  "version": 1,\n  "findings": [\n    {\n      "rule": "a-rule",\n')
    assert text.endswith("\n}\n")


@pytest.mark.parametrize("outcome", [sample(), fixable(), result(files=0)], ids=["full", "fixable", "empty"])
def test_documents_match_the_schema(outcome: Result) -> None:
    Draft202012Validator.check_schema(SCHEMA)
    Draft202012Validator(SCHEMA).validate(json.loads(render(outcome)))


@pytest.mark.parametrize(
    "where",
    ["", "summary", "findings.0", "findings.0.related.0", "findings.1.fix", "findings.1.fix.edits.0", "errors.0"],
)
def test_the_schema_is_strict(where: str) -> None:
    document = json.loads(render(sample()))
    document["findings"] += json.loads(render(fixable()))["findings"]
    part = document
    for step in filter(None, where.split(".")):
        part = part[int(step)] if step.isdigit() else part[step]
    for change in ({"surprise": 1}, {next(iter(part)): None}):
        kept = dict(part)
        part.update(change)
        with pytest.raises(ValidationError):
            Draft202012Validator(SCHEMA).validate(document)
        part.clear()
        part.update(kept)
    del part[next(iter(part))]
    with pytest.raises(ValidationError):
        Draft202012Validator(SCHEMA).validate(document)
