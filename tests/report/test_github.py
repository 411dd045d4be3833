from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from imglint.finding import Severity
from imglint.report import InputProblem, Result, Style, renderer
from imglint.report.escape import visible
from imglint.source import Source, Span

from .samples import finding, marked, result


def render(outcome: Result) -> str:
    return "".join(renderer("github")(outcome, Style()))


def obeyed(line: str) -> tuple[str, dict[str, str], str] | None:
    """What the runner makes of a line of output: command, properties, data (ActionCommand.TryParseV2)."""
    line = line.lstrip()
    if not line.startswith("::") or "::" not in line[2:]:
        return None
    info, data = line[2:].split("::", 1)
    name, _, rest = info.partition(" ")
    properties = dict(pair.split("=", 1) for pair in rest.strip().split(",") if pair)

    def decode(text: str, *marks: str) -> str:
        for mark in ("\r", "\n", *marks, "%"):
            text = text.replace(f"%{ord(mark):02X}", mark)
        return text

    return name, {key: decode(value, ":", ",") for key, value in properties.items()}, decode(data)


def test_commands() -> None:
    outcome = result(
        finding(marked("FROM «a»\n"), "100% wrong", rule="no-tag", help="pin: it,\nFROM a:1"),
        finding(marked("«RUN a \\\n b»\n", "b"), severity=Severity.WARNING),
        finding(marked("«RUN a\n»", "c"), severity=Severity.INFO),
        errors=(InputProblem("./d,e:f", "no such file"),),
    )
    assert render(outcome) == (
        "::error file=Dockerfile,line=1,endLine=1,col=6,endColumn=7,title=imglint%3A no-tag"
        "::100%25 wrong%0Apin: it,%0AFROM a:1\n"
        "::warning file=b,line=1,endLine=2,title=imglint%3A some-rule::something is wrong\n"
        "::notice file=c,line=1,endLine=1,col=1,endColumn=6,title=imglint%3A some-rule::something is wrong\n"
        "::error file=d%2Ce%3Af::no such file\n"
    )


def test_a_label_cannot_add_a_command() -> None:
    hostile = "x\n::error::hacked\r\n::add-mask::a##[error]b\u2028::stop-commands::t"
    text = render(result(finding(marked("«x»", hostile), hostile, help=hostile, rule=hostile)))
    assert text.count("\n") == 1
    assert len(text.splitlines()) == 1
    assert "##[" not in text


TEXT = st.text(st.characters(exclude_categories=()) | st.sampled_from("\n\r:,%#[=\u2028"))


@given(TEXT, TEXT, TEXT)
def test_the_runner_reads_back_what_was_meant(rule: str, message: str, help: str) -> None:
    source = Source("a/Dockerfile", "FROM a\n")
    outcome = result(finding((source, Span(5, 6)), message, rule=rule, help=help))
    (line,) = render(outcome).removesuffix("\n").split("\n")
    command, properties, data = obeyed(line) or ("", {}, "")
    assert command == "error"
    assert properties == {
        "file": "a/Dockerfile",
        "line": "1",
        "endLine": "1",
        "col": "6",
        "endColumn": "7",
        "title": visible(f"imglint: {rule}").rstrip(),
    }
    lines = f"{message}\n{help}" if help else message
    assert data == "\n".join(visible(part) for part in lines.split("\n"))
