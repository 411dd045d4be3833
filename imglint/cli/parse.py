"""`imglint parse`."""

from __future__ import annotations

from typing import Any

import click

from imglint.cli.run import Options, Run, tell_failures, write
from imglint.report.escape import dump
from imglint.source import Source, Span, printable
from imglint.syntax.dockerfile import Dockerfile, words_of
from imglint.syntax.dockerfile import parse as parse_dockerfile
from imglint.syntax.tree import Heredoc, Instruction
from imglint.syntax.validate import problems


@click.command()
@click.option("--format", "format_name", type=click.Choice(["json"]), default="json", show_default=True,
              help="One JSON object a file, a line each.")  # fmt: skip
@click.option("--stdin-filename", metavar="PATH", help="The name for what comes from standard input (`-`).")
@click.argument("paths", nargs=-1, required=True, type=click.Path())
def parse(format_name: str, paths: tuple[str, ...], stdin_filename: str | None) -> None:
    """Print the instructions of Dockerfiles as BuildKit reads them.

    Spans are pairs of offsets from 0, in characters of the decoded text, the end not included.
    """
    run = Run(Options(paths, stdin_filename=stdin_filename))
    for item in run.inputs():
        document = describe(parse_dockerfile(item.source))
        write(iter([dump(document, indent=None)]))
    tell_failures(run.failures)
    run.finish(findings=False)


def describe(dockerfile: Dockerfile) -> dict[str, Any]:
    """A parsed Dockerfile as plain values."""
    return {
        "file": dockerfile.source.path,
        "escape": dockerfile.escape,
        "directives": [
            {"name": each.name, "value": printable(each.value), "line": each.line, "span": list(each.span)}
            for each in dockerfile.directives
        ],
        "comments": [
            {"text": printable(each.text), "line": each.line, "span": list(each.span)} for each in dockerfile.comments
        ],
        "instructions": [_instruction(dockerfile.source, each) for each in dockerfile.instructions],
        "problems": [
            {"code": each.code, "line": each.line, "span": list(each.span), "reason": printable(each.reason)}
            for each in (*dockerfile.problems, *problems(dockerfile))
        ],
    }


def _instruction(source: Source, instruction: Instruction) -> dict[str, Any]:
    words = words_of(instruction)
    return {
        "keyword": printable(instruction.keyword.text),
        "lines": list(instruction.lines),
        "span": list(instruction.span),
        "keyword_span": list(instruction.keyword.span),
        "flags": [printable(flag.text) for flag in instruction.flags],
        "flag_spans": [list(flag.span) for flag in instruction.flags],
        "args": [printable(word.text) for word in words],
        "arg_spans": [list(word.span) for word in words],
        "exec_form": instruction.exec_form,
        "heredocs": [_heredoc(heredoc) for heredoc in instruction.heredocs],
    }


def _heredoc(heredoc: Heredoc) -> dict[str, Any]:
    return {
        "name": printable(heredoc.name), "fd": heredoc.fd, "expand": heredoc.expand, "chomp": heredoc.chomp,
        "content": printable(heredoc.content), "span": _both(heredoc.body, heredoc.terminator),
    }  # fmt: skip


def _both(body: Span, terminator: Span) -> list[int]:
    return [body.start, terminator.end]
