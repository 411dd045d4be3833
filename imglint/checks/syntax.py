"""What BuildKit would refuse to build, and files around it that nobody can read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related, Severity
from imglint.model.evaluate import Evaluation
from imglint.syntax.dockerfile import Dockerfile
from imglint.syntax.problem import Problem
from imglint.syntax.validate import problems

if TYPE_CHECKING:
    from imglint.model.built import Broken

MAX_SHOWN: Final = 3
"""Further places that a finding about an unreadable file points at."""

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


_YAML_MARK: Final = r"(?<!\$)\{\{|\{%|<%|\$\{templateOption:"
"""What tells that a file of YAML is a template; expressions of GitHub Actions have a dollar sign."""

_CONSEQUENCES: Final = {
    "workflow": "GitHub will not run this workflow",
    "action": "no workflow can use this action",
    "bake file": "`docker buildx bake` will stop here",
    "compose file": "`docker compose` will stop here",
}


def unreadable_file(broken: Broken, context: Context) -> Iterator[Finding]:
    """A workflow, an action, a bake or a compose file that its program cannot read."""
    source = broken.source
    first, *others = broken.problems
    if first.code == "limit":
        message = f"imglint reads this file no further, so nothing after this place is judged: {first.reason}"
        finding = context.finding(first.span, message, help="leave the file out with `exclude` in the configuration")
        yield finding._replace(severity=min(finding.severity, Severity.INFO))
        return
    consequence = _CONSEQUENCES.get(broken.kind, "no program will read it")
    yield context.finding(
        first.span,
        f"{consequence}: {first.reason}",
        help=_help(broken, source.text),
        related=[Related(source, problem.span, problem.reason) for problem in others[:MAX_SHOWN]],
    )


def _help(broken: Broken, text: str) -> str:
    mark = re.search(_YAML_MARK, text)
    if mark:
        return f"if the file is a template (it holds `{mark[0]}`), leave it out with `exclude` in the configuration"
    if broken.problems[0].code == "character":
        return "save the file as UTF-8, and take out characters that cannot be printed"
    if broken.problems[0].code == "alias":
        return "set an anchor of this name before the place where it is used"
    return ""
