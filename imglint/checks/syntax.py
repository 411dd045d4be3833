"""What BuildKit would refuse to build."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.evaluate import Evaluation
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.problem import Problem
from imglint.syntax.validate import problems

_TEMPLATE_MARKS = ("{{", "{%", "<%", "${templateOption:")
_OWN_SYNTAX = frozenset(("unknown-instruction", "unknown-flag"))


def unparsable_dockerfile(dockerfile: Evaluation, context: Context) -> Iterator[Finding]:
    """A line or instruction that stops the build before it begins."""
    tree = dockerfile.dockerfile
    found = [*tree.problems, *problems(tree)]
    if found and not tree.docker_frontend:
        found = [problem for problem in found if problem.code not in _OWN_SYNTAX]
    if found:
        yield from _tell(tree, _without_consequences(tree, found), context)


def unbuildable_dockerfile(dockerfile: Evaluation, context: Context) -> Iterator[Finding]:
    """An instruction that can be read, and that fails whatever arguments the build is given."""
    tree = dockerfile.dockerfile
    certain = [problem for problem in dockerfile.problems if not problem.assumed]
    # An instruction that cannot be read has been spoken of already.
    unread = {problem.line for problem in (*tree.problems, *problems(tree))} if certain else set()
    yield from _tell(tree, (problem for problem in certain if problem.line not in unread), context)


def _without_consequences(tree: Dockerfile, found: Iterable[Problem]) -> Iterator[Problem]:
    """The problems without those that only follow from one before.

    A forgotten continuation makes an unknown instruction of each line that follows: one mistake, one finding.
    """
    ends = {instruction.lines[0]: instruction.lines[1] for instruction in tree.instructions}
    unknown_until = -1
    for problem in found:
        consequence = problem.code == "unknown-instruction" and problem.line == unknown_until + 1
        if problem.code == "unknown-instruction":
            unknown_until = ends.get(problem.line, problem.line)
        if not consequence:
            yield problem


def _tell(tree: Dockerfile, found: Iterable[Problem], context: Context) -> Iterator[Finding]:
    """A finding for each problem; for a template, only for the first, since it is not built as it stands."""
    mark = next((mark for mark in _TEMPLATE_MARKS if mark in tree.source.text), None)
    for problem in found:
        help = problem.help
        if mark:
            help = f"if the file is a template (it holds `{mark}`), leave it out with `exclude` in the configuration"
        yield context.finding(problem.span, problem.reason, help=help)
        if mark:
            return
