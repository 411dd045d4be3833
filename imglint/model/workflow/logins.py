"""The actions that log in to a registry, and those that make the tokens for it.

Inputs: https://github.com/docker/login-action#inputs, https://github.com/redhat-actions/podman-login#action-inputs,
https://github.com/Azure/docker-login, https://github.com/aws-actions/amazon-ecr-login,
https://github.com/ko-build/setup-ko
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.model.credential import Credential, CredentialKind, credential_of
from imglint.model.login import LOGIN_ACTION, Login, Way
from imglint.model.workflow.actions import Call
from imglint.model.workflow.structure import action_of
from imglint.source import Source
from imglint.syntax import yaml, yamlnode
from imglint.syntax.text import Text, literal, unknown

_PODMAN: Final = "redhat-actions/podman-login"
_AZURE: Final = "azure/docker-login"
_AWS: Final = "aws-actions/amazon-ecr-login"
KO: Final = "ko-build/setup-ko"
NAMES: Final = frozenset((LOGIN_ACTION, _PODMAN, _AZURE, _AWS, KO))
"""The actions that are read here."""

APP_TOKENS: Final = frozenset(
    (
        "actions/create-github-app-token",
        "tibdex/github-app-token",
        "peter-murray/workflow-application-token-action",
        "getsentry/action-github-app-token",
    )
)
"""The actions whose outputs are tokens of a GitHub App."""

CLOUD_TOKENS: Final = frozenset(("google-github-actions/auth", _AWS, "aws-actions/configure-aws-credentials"))
"""The actions whose outputs are short-lived tokens of a cloud."""


def logins(call: Call) -> Iterator[Login]:
    """The logins of a step; none for other actions."""
    name, _ = action_of(call.uses)
    if name == LOGIN_ACTION:
        several = call.inputs.text("registry-auth")
        if several is not None and several.text.strip():
            yield from _several(call, call.read(several))
            return
        yield _login(call, LOGIN_ACTION, call.text("registry"), call.text("username"), call.text("password"))
    elif name == _PODMAN:
        yield _login(call, _PODMAN, call.text("registry"), call.text("username"), call.text("password"))
    elif name == _AZURE:
        yield _login(call, _AZURE, call.text("login-server"), call.text("username"), call.text("password"))
    elif name == _AWS:
        credential = Credential(CredentialKind.EXCHANGED, None)
        registry = unknown("the registry of the account", *call.place)
        yield Login(_AWS, call.place, registry, None, credential, Way.INPUT, logout=True, takes_no_user=True)
    elif name == KO:
        registry = literal("ghcr.io", *call.place, exact=False)
        credential = credential_of(unknown("github.token", *call.place))
        yield Login(KO, call.place, registry, None, credential, Way.INPUT, takes_no_user=True)


def _login(call: Call, tool: str, registry: Text | None, user: Text | None, password: Text | None) -> Login:
    ecr = registry is not None and "amazonaws.com" in registry.text
    logout = call.switch("logout", default=True)
    return Login(
        tool, call.place, registry, user, credential_of(password), Way.INPUT, logout=logout, takes_no_user=ecr
    )  # fmt: skip


def _several(call: Call, text: Text) -> Iterator[Login]:
    """The logins of `registry-auth`, a list written as YAML."""
    document = yaml.parse(Source(call.uses.source.path, text.text))

    def part(node: yamlnode.Node, key: str) -> Text | None:
        value = document.get(node, key)
        if not isinstance(value, yamlnode.Scalar):
            return None
        quotes = 1 if value.style in ("'", '"') else 0
        return text.cut(value.start + quotes, value.end - quotes)

    for item in document.items(document.root):
        password = part(item, "password")
        yield _login(call, LOGIN_ACTION, part(item, "registry"), part(item, "username"), password)
