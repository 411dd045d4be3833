from __future__ import annotations

from imglint.finding import Severity
from imglint.report import InputProblem, Result, Style, renderer

from .samples import finding, marked, result


def render(outcome: Result) -> str:
    return "".join(renderer("concise")(outcome, Style()))


def test_one_line_each() -> None:
    outcome = result(
        finding(marked("FROM «a»\n"), "the tag is missing", rule="no-tag", help="pin\nit", why="because"),
        finding(marked("\n\tRUN «é»", "b/Dockerfile"), "odd\nletter", severity=Severity.INFO),
        errors=(InputProblem("c d", "permission\x07 denied"),),
    )
    assert render(outcome) == (
        "Dockerfile:1:6: error: the tag is missing [no-tag]\n"
        "b/Dockerfile:2:6: info: odd\\nletter [some-rule]\n"
        "c d: error: permission\\x07 denied\n"
    )


def test_nothing_to_say() -> None:
    assert render(result(files=4)) == ""


def test_a_path_cannot_be_a_workflow_command() -> None:
    outcome = result(
        finding(marked("«x»", "::error::x")),
        finding(marked("«x»", " \u3000::error::x")),
        errors=(InputProblem(":", "no such file"),),
    )
    assert render(outcome) == (
        "./ \u3000::error::x:1:1: error: something is wrong [some-rule]\n"
        "./::error::x:1:1: error: something is wrong [some-rule]\n"
        "./:: error: no such file\n"
    )
