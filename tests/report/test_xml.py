"""JUnit and Checkstyle: what their readers make of them."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from junitparser import Error, Failure, JUnitXml

from imglint.finding import Pointer, Severity
from imglint.report import InputProblem, Result, Style, renderer
from imglint.source import Source, Span

from .samples import finding, marked, result
from .test_formats import results


def render(name: str, outcome: Result) -> str:
    return "".join(renderer(name)(outcome, Style()))


def sample() -> Result:
    return result(
        finding(
            marked("FROM «a»\n", "./a/Dockerfile"),
            'the "tag" <is> missing & more',
            rule="no-tag",
            help="pin\nit",
            why="w",
        ),
        finding(marked("«RUN x»\n", "b"), severity=Severity.INFO),
        finding(marked("«RUN x»\n", "b"), severity=Severity.WARNING),
        errors=(InputProblem("gone", "does not exist"),),
        files=4,
    )


# JUnit ----------------------------------------------------------------------------------------------------------------


def junit(outcome: Result, folder: Path) -> JUnitXml:
    path = folder / "junit.xml"
    path.write_text(render("junit", outcome))
    return JUnitXml.fromfile(str(path))


def test_junit(tmp_path: Path) -> None:
    read = junit(sample(), tmp_path)
    assert (read.tests, read.failures, read.errors) == (4, 2, 1)
    suites = {suite.name: list(suite) for suite in read}
    assert list(suites) == ["a/Dockerfile", "b", "gone"]
    (case,) = suites["a/Dockerfile"]
    assert (case.name, case.classname) == ('no-tag: the "tag" <is> missing & more', "a/Dockerfile")
    (failure,) = case.result
    assert isinstance(failure, Failure)
    assert (failure.type, failure.message) == ("no-tag", 'the "tag" <is> missing & more')
    assert failure.text == (
        'error: the "tag" <is> missing & more\nat: ./a/Dockerfile:1:6\nwhy: w\nfix: pin\nit\n'
        "https://example.org/rules/no-tag"
    )
    note, warning = suites["b"]
    assert note.is_passed and note.system_out.startswith("info: something is wrong\n")
    assert not warning.is_passed
    assert warning.name == f"{note.name} (2)"
    (error,) = suites["gone"][0].result
    assert isinstance(error, Error) and error.message == "does not exist"


def test_junit_fails_what_fails_the_run(tmp_path: Path) -> None:
    strict = sample()._replace(thresholds={"b": Severity.INFO})
    lax = sample()._replace(thresholds={"b": Severity.ERROR})
    assert [junit(each, tmp_path).failures for each in (strict, lax)] == [3, 1]


def test_junit_of_a_clean_run_has_a_case(tmp_path: Path) -> None:
    read = junit(result(files=3), tmp_path)
    (suite,) = read
    (case,) = suite
    assert (case.name, case.is_passed, read.tests, read.failures) == ("3 files judged", True, 1, 0)


# Checkstyle -----------------------------------------------------------------------------------------------------------


def test_checkstyle() -> None:
    root = ElementTree.fromstring(render("checkstyle", sample()))
    assert (root.tag, [each.tag for each in root]) == ("checkstyle", ["file"] * 3)
    assert {each.get("name"): len(each) for each in root} == {"a/Dockerfile": 1, "b": 2, "gone": 1}
    assert root[0][0].attrib == {
        "line": "1",
        "column": "6",
        "severity": "error",
        "message": 'the "tag" <is> missing & more; pin',
        "source": "imglint.labels.no-tag",
    }
    assert [each.get("severity") for each in root[1]] == ["info", "warning"]
    assert root[2][0].get("message") == "could not be judged: does not exist"


def test_a_clean_run_is_a_document_too() -> None:
    assert len(ElementTree.fromstring(render("checkstyle", result()))) == 0


# Both -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["checkstyle", "junit"])
def test_an_image_has_no_line(name: str) -> None:
    place = (Source("ghcr.io/acme/widget:1", '{"User": ""}\n', numbered=False), Span(1, 7))
    found = finding(place)._replace(pointers=(Pointer("config.User", "linux/arm64"),))
    text = render(name, result(found))
    assert "line=" not in text
    assert "ghcr.io/acme/widget:1: config.User (linux/arm64)" in text


@pytest.mark.parametrize("name", ["checkstyle", "junit"])
@settings(max_examples=80, deadline=None)
@given(outcome=results())
def test_whatever_is_found_the_document_can_be_read(name: str, outcome: Result) -> None:
    root = ElementTree.fromstring(render(name, outcome))
    marks = {"checkstyle": "error", "junit": "testcase"}
    assert len(list(root.iter(marks[name]))) == max(len(outcome.findings) + len(outcome.errors), name == "junit")
