"""Tokens and passwords that are written out in a file."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.kind import Kind
from imglint.model.understanding import File
from imglint.source import Span
from imglint.syntax.registryauth import registry_auths
from imglint.syntax.secrets import Found, fingerprint, tokens

_REPORTED: Final = {
    "a GitHub token": "delete it at https://github.com/settings/tokens",
    "an npm token": "delete it at https://www.npmjs.com/settings",
    "an AWS access key": "deactivate it in the console of AWS",
    "a GitLab token": "revoke it on GitLab",
    "a Docker token": "delete it at https://app.docker.com/settings/personal-access-tokens",
}
"""What lets somebody into a registry, and how it is made worthless."""


def token_literal(text: File, context: Context) -> Iterator[Finding]:
    """A token stands in a file as it is."""
    written = text.source.text
    for found in tokens(written):
        if found.what in _REPORTED:
            yield context.finding(
                Span(found.start, found.end),
                f"{found.what} is written out here, and works for everybody who can read this file",
                label=fingerprint(written[found.start : found.end]),
                help=f"{_REPORTED[found.what]}, since it stays in the history of the repository; {_instead(text.kind)}",
            )


def registry_auth_in_config_file(text: File, context: Context) -> Iterator[Finding]:
    """A configuration of docker holds a password."""
    for auth in registry_auths(text.source.text):
        inside = _reported(auth.password)
        if not auth.password or (inside and auth.key != "auth"):
            continue
        what = f"{inside.what}" if inside else "a password"
        of = f" of `{auth.user}`" if auth.user else ""
        how = ", in base64, which hides nothing" if auth.key == "auth" else ""
        yield context.finding(
            auth.span,
            f"this is {what}{of} for {auth.host}{how}",
            label=fingerprint(auth.password[inside.start : inside.end]) if inside else "",
            help=f"replace it, since it stays in the history of the repository; {_login(text.kind, auth.host)}",
        )


def _reported(password: str) -> Found | None:
    return next((found for found in tokens(password) if found.what in _REPORTED), None)


def _instead(kind: Kind) -> str:
    if kind in (Kind.WORKFLOW, Kind.ACTION):
        return "keep the new one as a secret, and write `${{ secrets.NAME }}`"
    if kind is Kind.DOCKERFILE:
        return "give the new one to the build as a secret, with `RUN --mount=type=secret`"
    if kind in (Kind.DOCUMENT, Kind.TEXT):
        return "write what stands for it, such as `YOUR_TOKEN`"
    return "read the new one from a variable of the environment"


def _login(kind: Kind, host: str) -> str:
    if kind is Kind.WORKFLOW:
        return "log in with docker/login-action, which takes the password from a secret"
    return f"log in on each machine with `docker login {host}`, and keep the file out of the repository"
