"""What holds for every text, however broken."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from hypothesis import example, given, settings
from hypothesis import strategies as st

from imglint.model.evaluate import evaluate
from imglint.model.stages import Assumptions
from imglint.source import Source, Span, decode
from imglint.syntax.dockerfile import Dockerfile, parse
from imglint.syntax.tokens import tokens
from imglint.syntax.tree import Instruction
from imglint.syntax.validate import problems

from .dockerfiles import dockerfiles

ANY = st.one_of(dockerfiles(), st.binary(max_size=200).map(decode))
TOGETHER = settings(max_examples=200, deadline=None)


def read(text: str) -> Dockerfile:
    return parse(Source("Dockerfile", text))


@TOGETHER
@given(ANY)
@example("FROM a\n" + "ONBUILD " * 2_000 + "RUN x")
@example("FROM a\nRUN " + "[" * 100_000)
@example("FROM a\nENV a=" + "${a:-" * 5_000)
@example("ONBUILD")
@example("\ufeff")
@example("FROM a\nRUN [" + "1" * 5_000 + "]")
def test_no_text_is_too_broken_to_be_understood(text: str) -> None:
    dockerfile = read(text)
    instructions = dockerfile.instructions
    found = [*dockerfile.problems, *problems(dockerfile)]
    for closed in (False, True):
        evaluation = evaluate(dockerfile, Assumptions(closed=closed))
        found += evaluation.problems
        assert len(evaluation.stages.stages) == sum(each.name == "FROM" for each in instructions)
    assert instructions or found
    for problem in found:
        assert 0 <= problem.span.start <= problem.span.end <= len(text)
        assert 1 <= problem.line <= text.count("\n") + 1
        assert problem.reason


def spans_in_order(instruction: Instruction) -> Iterator[Span]:
    """What an instruction's own line is made of, as it follows one another in the file."""
    yield instruction.keyword.span
    yield from (flag.span for flag in instruction.flags)
    for key, value, _ in instruction.pairs:
        yield key.span
        if value:
            yield value.span
    if not instruction.pairs:
        yield from (word.span for word in instruction.arguments)
    if instruction.inner:
        yield from spans_in_order(instruction.inner)
    for heredoc in instruction.heredocs:
        yield heredoc.body
        yield heredoc.terminator


@TOGETHER
@given(ANY)
def test_spans_lie_in_the_file_in_order_and_apart(text: str) -> None:
    dockerfile = read(text)
    for instruction in dockerfile.instructions:
        spans = list(spans_in_order(instruction))
        assert instruction.span.start == spans[0].start
        for before, after in pairwise(spans):
            assert before.end <= after.start
        assert all(span.start <= span.end for span in spans)
    instructions = [each.span for each in dockerfile.instructions]
    comments = [each.span for each in dockerfile.directives] + [each.span for each in dockerfile.comments]
    for row in (instructions, comments):
        assert all(0 <= span.start <= span.end <= len(text) for span in row)
        assert all(before.end <= after.start for before, after in pairwise(row))


@TOGETHER
@given(ANY)
def test_comments_are_what_their_spans_hold(text: str) -> None:
    dockerfile = read(text)
    source = dockerfile.source
    for comment in dockerfile.comments:
        written = source.slice(comment.span)
        assert written.startswith("#")
        assert "\n" not in written
        assert comment.text in written
        assert source.position(comment.span.start).line == comment.line
    bodies = [heredoc for each in dockerfile.instructions for heredoc in each.heredocs]
    assert all(source.slice(heredoc.body) == heredoc.content for heredoc in bodies)


@TOGETHER
@given(ANY)
@example("FROM a\nRUN --x='\\\n# y\n\n z' <<E <<F\n\nE\nF")
@example("\ufeff\r\n \r")
def test_tokens_cover_the_file_without_gap_or_overlap(text: str) -> None:
    dockerfile = read(text)
    end = 0
    for token in tokens(dockerfile):
        assert token.span.start == end < token.span.end
        end = token.span.end
    assert end == len(text)


@TOGETHER
@given(ANY)
def test_lines_of_instructions_follow_one_another(text: str) -> None:
    dockerfile = read(text)
    last = 0
    for instruction in dockerfile.instructions:
        first, end = instruction.lines
        assert last < first <= end <= text.count("\n") + 1
        assert dockerfile.source.position(instruction.span.start).line >= first
        last = end
