"""How workflows are mended: the permissions that a job needs, and logins that show no password."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from imglint.checks.builds.around import steps_around
from imglint.finding import Edit, Fix
from imglint.model.login import Login, Reach, Way
from imglint.model.workflow.permissions import Granted
from imglint.model.workflow.structure import Job
from imglint.source import Source, Span
from imglint.syntax import yaml, yamledit
from imglint.syntax.text import Text
from imglint.syntax.yamledit import Change

ACTOR: Final = "${{ github.actor }}"
"""Who started the run: a name that every login with GITHUB_TOKEN may have."""
_BEFORE_A_COMMAND: Final = r"(?:^|&&|;|\brun:)\s*(?:-\s+)?(?:run:\s*)?\Z"
"""What may stand before a command that gets another one in front of it."""


def let_push(job: Job, others: Iterable[str] = ()) -> Fix | None:
    """A block of permissions for a job that has none. Whatever else the job does may need more: not safe."""
    return _fix("give the job the permission to push packages", [_block(job, others)], safe=False)


def allow_packages(granted: Granted, job: Job, alone: bool) -> Fix | None:
    """`packages: write` in the block that holds for a job, where that is its own or `alone` holds for no other."""
    return _fix("write `packages: write`", [_grant(granted, job, alone)], safe=True)


def use_github_token(login: Login, granted: Granted, job: Job, alone: bool, pushes: bool) -> Fix | None:
    """The token of the workflow in the place of a secret, and the permission that it needs."""
    text = login.credential.text
    if text is None or not _is_secret(text) or login.user == text:  # A secret of both needs more than this.
        return None
    document = _document(text.source)
    written = "${{ secrets.GITHUB_TOKEN }}"
    edits = [_edit(text.source, yamledit.replace(document, text.place.span, written))]
    if pushes and granted.level("packages") != "write":
        edits.append(_block(job, ()) if granted.deciding is None else _grant(granted, job, alone))
    return _fix(f"write `{written}`", edits, safe=False)


def use_actor(login: Login) -> Fix | None:
    """Who started the run in the place of a secret for the user, where that is an input of an action."""
    user = login.user
    if user is None or login.way is not Way.INPUT or not _is_secret(user):
        return None
    change = yamledit.replace(_document(user.source), user.place.span, ACTOR)
    return _fix(f"write `{ACTOR}`", [_edit(user.source, change)], safe=True)


def _is_secret(text: Text) -> bool:
    """Whether an expression for a secret is written at the place of a text, and nothing else."""
    return re.fullmatch(r"\$\{\{\s*secrets\.\w+\s*\}\}", text.source.slice(text.place.span)) is not None


def password_on_stdin(login: Login, command: str, secret: tuple[str, str] | None) -> Fix | None:
    """`command` hands the password over: `echo "$NAME" |`; `secret` is the variable that the step needs for it."""
    source, span = login.place
    argument = login.argument
    if login.reach is not Reach.JOB:
        return None  # It takes a login of its own before it.
    if argument is None or argument.source is not source or argument.span.start < span.end:
        return None
    before = source.text[: span.start].rpartition("\n")[2]
    if re.search(_BEFORE_A_COMMAND, before) is None or re.search("[\"'`]", before):
        return None
    stdin = "--pass-stdin" if login.tool.startswith("regctl") else "--password-stdin"
    whole = Span(span.start, argument.span.end)
    text = f"{command} {source.text[span.start : argument.span.start]}{stdin}"
    if not source.path.endswith((".yml", ".yaml")):
        return None if secret else _fix("hand the password over on standard input", [Edit(source, whole, text)], True)
    edits = [_edit(source, yamledit.replace(_document(source), whole, text))]
    if secret:
        edits.append(_variable(login, *secret))
    return _fix("hand the password over on standard input", edits, safe=True)


def _variable(login: Login, name: str, value: str) -> Edit | None:
    """The variable in the environment of the step that a login is in."""
    steps, number = steps_around(login.place)
    if number < 0:
        return None
    fields = steps[number].fields
    there = fields.document.get(fields.node, "env")
    if there is None:
        return _edit(login.place.source, yamledit.add(fields.document, fields.node, "env", {name: value}, "run"))
    return _edit(login.place.source, yamledit.add(fields.document, there, name, value))


def _block(job: Job, others: Iterable[str]) -> Edit | None:
    levels = {"contents": "read", "packages": "write", **dict.fromkeys(others, "write")}
    document = job.fields.document
    return _edit(document.source, yamledit.add(document, job.fields.node, "permissions", levels, "runs-on"))


def _grant(granted: Granted, job: Job, alone: bool) -> Edit | None:
    block, node = granted.deciding, job.fields.node
    if block is None or node is None:
        return None
    source = block.key.source
    own = source is job.fields.document.source and node.start <= block.key.span.start < node.end
    if not own and not (alone and granted.caller is None):
        return None
    document = _document(source)
    level = block.levels.get("packages")
    if level is not None:
        return _edit(source, yamledit.replace(document, level.place.span, "write"))
    mapping = document.get(node if own else document.root, "permissions")
    return _edit(source, yamledit.add(document, mapping, "packages", "write"))


def _document(source: Source) -> yaml.Document:
    return source.read_once("yaml", yaml.parse)


def _edit(source: Source, change: Change | None) -> Edit | None:
    return Edit(source, *change) if change else None


def _fix(title: str, edits: Iterable[Edit | None], safe: bool) -> Fix | None:
    made = tuple(edits)
    whole = tuple(edit for edit in made if edit is not None)
    return Fix(title, whole, safe) if whole and len(whole) == len(made) else None
