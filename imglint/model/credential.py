"""What logs in to a registry: which token or password, as far as a workflow or a script tells.

Who may do what with which: https://docs.github.com/en/packages/learn-github-packages/introduction-to-github-packages
"""

from __future__ import annotations

import re
from collections.abc import Container
from enum import Enum
from functools import lru_cache
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Place, Text

_SECRET: Final = r"(?i)secrets(?:\.([A-Za-z_][\w-]*)|\['([^']+)'\])"
_OWN: Final = r"(?i)(?:secrets\.GITHUB_TOKEN|github\.token)"
_STEP: Final = r"(?i)steps\.([\w-]+)\.outputs\.[\w-]+"
_GH_CLI: Final = r"\bgh(?:\s+-\S+)*\s+auth\s+token\b"
_EXCHANGED: Final = (
    r"(?i)\b(?:aws|az|gcloud|doctl|oc|ibmcloud)\s.*(?:get-login-password|get-authorization-token|expose-token|"
    r"print-access-token|print-identity-token|docker-config|whoami\s+-t)"
)
_FINE_GRAINED_NAME: Final = r"(?i)fine_?grained|(?:^|_)FGPAT|(?:^|_)FG_?PAT|GITHUB_PAT_V2|PAT_BETA"
_FINE_GRAINED_LITERAL: Final = "github_pat_"


class CredentialKind(Enum):
    """Where a credential comes from; its value is what people call it."""

    GITHUB_TOKEN = "GITHUB_TOKEN"
    SECRET = "a secret"
    FINE_GRAINED = "a fine-grained token"
    APP_TOKEN = "the token of a GitHub App"
    GH_CLI = "the token of the gh command"
    EXCHANGED = "a short-lived token of a cloud"
    PASSED = "a secret of whoever calls the workflow"
    LITERAL = "a literal"
    UNKNOWN = "a credential that is not known here"


class Credential(NamedTuple):
    """A token or password. `secret` is the name of the secret that holds it, or may hold it; empty for none.

    `text` is the credential as it stands where it is used; None when none is given.
    """

    kind: CredentialKind
    text: Text | None
    secret: str = ""

    @property
    def origin(self) -> Place | None:
        """Where it was put in: the `env:` of a variable, for example."""
        return self.text.origin if self.text is not None else None

    @property
    def shown(self) -> str:
        """What messages call it."""
        if self.secret:
            return f"the secret `{self.secret}`"
        return self.kind.value


def credential_of(
    text: Text | None,
    app_steps: Container[str] = (),
    cloud_steps: Container[str] = (),
    passed: bool = False,
) -> Credential:
    """What a text that stands for a password is.

    `app_steps` are the steps that make tokens of GitHub Apps, `cloud_steps` those that make tokens of clouds.
    `passed` tells that the secrets of the workflow are those of whoever calls it.
    """
    if text is None or not text.text.strip():
        return Credential(CredentialKind.UNKNOWN, text)
    if HOLE not in text.text:
        literal = CredentialKind.FINE_GRAINED if text.text.startswith(_FINE_GRAINED_LITERAL) else CredentialKind.LITERAL
        return Credential(literal, text)
    reason = text.unknowns[0]
    secret = next(filter(None, map(_secret_in, text.unknowns)), "")
    if text.text.strip() != HOLE:
        return Credential(CredentialKind.UNKNOWN, text, secret)
    if _is_own(reason):
        return Credential(CredentialKind.GITHUB_TOKEN, text)
    return Credential(_kind(reason, secret, app_steps, cloud_steps, passed), text, secret)


@lru_cache(maxsize=256)
def _secret_in(reason: str) -> str:
    """The first secret that an expression may come to, other than GITHUB_TOKEN."""
    names = (match[1] or match[2] for match in re.finditer(_SECRET, reason))
    return next((name for name in names if name.upper() != "GITHUB_TOKEN"), "")


@lru_cache(maxsize=256)
def _is_own(reason: str) -> bool:
    """Whether an expression can only be GITHUB_TOKEN."""
    return all(re.fullmatch(_OWN, part.strip("() ")) for part in reason.split("||"))


def _kind(
    reason: str, secret: str, app_steps: Container[str], cloud_steps: Container[str], passed: bool
) -> CredentialKind:
    if secret and re.fullmatch(_SECRET, reason):
        if passed:
            return CredentialKind.PASSED
        named = re.search(_FINE_GRAINED_NAME, secret) is not None
        return CredentialKind.FINE_GRAINED if named else CredentialKind.SECRET
    step = re.fullmatch(_STEP, reason)
    if step and step[1] in app_steps:
        return CredentialKind.APP_TOKEN
    if (step and step[1] in cloud_steps) or re.search(_EXCHANGED, reason):
        return CredentialKind.EXCHANGED
    return CredentialKind.GH_CLI if re.search(_GH_CLI, reason) else CredentialKind.UNKNOWN
