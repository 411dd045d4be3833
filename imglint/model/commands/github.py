"""`gh api` where it deletes container packages, or versions of them.

https://cli.github.com/manual/gh_api, https://docs.github.com/en/rest/packages/packages
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from imglint.model.build import Deleting
from imglint.model.commands.flags import Grammar, Word, grammar, parse, place_through
from imglint.model.credential import credential_of

if TYPE_CHECKING:
    from imglint.model.commands.read import Setting

_PACKAGE: Final = (
    r"(?:https://api\.github\.com)?/?(?:user|(?:users|orgs)/(?P<owner>[^/]+))/packages/container/(?P<package>[^/?]+)"
    r"(?:/versions/[^/?]+)?/?"
)
_TOKENS: Final = ("GH_TOKEN", "GITHUB_TOKEN")
"""The variables that gh takes its token from, the first that is set."""


def _grammar() -> Grammar:
    return grammar(
        "cache field header hostname input jq method preview raw-field template",
        "help include paginate silent slurp verbose",
        "F=field H=header X=method f=raw-field h=help i=include p=preview q=jq t=template",
    )


def events(words: Sequence[Word], setting: Setting) -> tuple[Deleting, ...]:
    """The deletion that a call of gh is; nothing for any other."""
    if len(words) < 3 or words[1].text.text != "api":
        return ()
    parsed = parse(words[2:], _grammar())
    method = parsed.last("method")
    if method is None or method.text.upper() != "DELETE" or parsed.last("hostname") is not None or not parsed.words:
        return ()
    path = parsed.words[0]
    match = re.fullmatch(_PACKAGE, path.text)
    if match is None:
        return ()
    token = next((value for name in _TOKENS if (value := setting.variable(name)) is not None and value.text), None)
    return (
        Deleting(
            place_through(words[0].text, words[1].text),
            path.cut(*match.span("owner")) if match["owner"] else None,
            path.cut(*match.span("package")),
            credential_of(token),
        ),
    )
