"""Passwords and tokens that pass where others can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.builds.places import as_written
from imglint.checks.context import Context
from imglint.checks.workflows.mending import password_on_stdin
from imglint.finding import Finding, Fix, Severity
from imglint.model.credential import CredentialKind
from imglint.model.login import Login, Reach, Way
from imglint.model.loginuse import LoginUse
from imglint.syntax.text import Piece, Place, Text

_LOCAL: Final = r"(?:localhost|127\.0\.0\.1|\[::1\]|.*\.(?:local|test|internal))(?::[0-9]+)?"
_EXPRESSION: Final = r"\$\{\{\s*(?:secrets|github)\.\s*([A-Za-z_][\w-]*)\s*\}\}"


def password_on_command_line(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A password is an argument of a command."""
    found, _ = login
    text = found.credential.text
    if found.way is not Way.ARGUMENT or found.argument is None or text is None or not text.text:
        return
    if found.host is not None and re.fullmatch(_LOCAL, found.host):
        return
    literal = found.credential.kind in (CredentialKind.LITERAL, CredentialKind.FINE_GRAINED) and not text.unknowns
    yield context.finding(
        found.argument.span,
        "a password among the arguments of a command is shown to every process of the machine"
        + (", and everybody can read it here" if literal else ""),
        label="readable by others",
        help=_rewritten(found, text, literal),
        source=found.argument.source,
        severity=Severity.ERROR if literal else None,
        fix=None if literal else _on_stdin(found, text),
    )


def _on_stdin(login: Login, text: Text) -> Fix | None:
    """The fix for a password that is a secret of the workflow, or a variable of the shell."""
    written = as_written(text)
    secret = re.fullmatch(_EXPRESSION, written)
    if secret:
        name = secret[1].upper().replace("-", "_")
        return password_on_stdin(login, f'echo "${name}" |', (name, written))
    if re.fullmatch(r"\$\$?(?:\w+|\{\w+\}|\(\w+\))", written):
        return password_on_stdin(login, f'echo "{written}" |', None)
    return None


def _rewritten(login: Login, text: Text, literal: bool) -> str:
    """The login with its password on standard input; one before the command, where only that has the password."""
    from imglint.model.commands.login import COMMANDS

    own = login.reach is Reach.JOB
    engine = login.tool.partition(" ")[0]
    tool = login.tool if own else " ".join((engine, *COMMANDS[engine]))
    stdin = "--pass-stdin" if engine == "regctl" else "--password-stdin"
    user = f" -u {_argument(login.user)}" if login.user is not None and login.user.text else ""
    registry = f" {_argument(login.registry)}" if login.registry is not None else ""
    written = as_written(text)
    secret = re.fullmatch(_EXPRESSION, written)
    name = secret[1].upper().replace("-", "_") if secret else "PASSWORD"
    source = f'"${name}"' if secret or literal else written if written.startswith(('"', "'")) else f'"{written}"'
    if engine == "regctl":
        user = user.replace(" -u ", " --user ")
    if login.user == text:
        # One value holds both.
        line = f'echo "$PASSWORD" | {tool}{registry} --username "$REGISTRY_USER" {stdin}'
        return f"log in before it, with user and password in two variables, the password on standard input\n{line}"
    line = f"echo {source} | {tool}{registry}{user} {stdin}"
    lines = ["hand it over on standard input" if own else "log in before it, with the password on standard input"]
    if secret:
        lines += ["env:", f"  {name}: {written}", f"run: {line}"]
    else:
        lines.append(line)
    return "\n".join(lines)


def _argument(text: Text) -> str:
    written = as_written(text)
    return f'"{written}"' if written.startswith("$") and not written.startswith("${{") else written


def secret_expanded_in_script(login: LoginUse, context: Context) -> Iterator[Finding]:
    """A secret becomes a part of the script that logs in."""
    found, run = login
    text = found.credential.text
    if (
        run is None
        or text is None
        or found.way is not Way.STDIN
        or found.credential.kind is CredentialKind.GITHUB_TOKEN
    ):
        return
    place = next((where for piece in text.pieces if (where := _expanded(piece)) is not None), None)
    if place is None:
        return
    written = place.source.slice(place.span)
    secret = re.fullmatch(_EXPRESSION, written)
    name = secret[1] if secret else "PASSWORD"
    yield context.finding(
        place.span,
        "the secret is put into the script before the shell reads it: a quote, `$` or backtick in it "
        "changes what is run",
        label="becomes part of the script",
        help=f'give it to the step as a variable, and write "${name}" here\nenv:\n  {name}: {written}',
        source=place.source,
    )


def _expanded(piece: Piece) -> Place | None:
    """Where an expression for a secret stands in a script itself; None for a piece that is none."""
    if not re.match(r"secrets\b", piece.unknown):
        return None
    written = piece.source.slice(piece.span)
    return Place(piece.source, piece.span) if written.startswith("${{") else None
