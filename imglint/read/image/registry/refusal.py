"""Why a registry does not give what was asked for, and what to do."""

from __future__ import annotations

import json
import re
from typing import Final

from imglint.read.image.registry.policy import GHCR
from imglint.read.image.registry.transport import Response

_DENIED: Final = (401, 403)
_ON_GHCR: Final = (
    "package. A package has to be public, or the token needs the scope read:packages: a classic personal access token "
    "or GITHUB_TOKEN, since fine-grained tokens do not work here (`docker login ghcr.io`)"
)
_LOG_IN: Final = "image; `docker login` or `skopeo login` makes credentials known"
_NOT_THERE: Final = {
    "NAME_UNKNOWN": "the registry has no such repository",
    "MANIFEST_UNKNOWN": "the registry has no image of this tag or digest in the repository",
}


def refusal(response: Response, host: str) -> str:
    """What an answer other than 200 means, as a sentence."""
    if response.status in _DENIED:
        return f"access is denied, or there is no such {_ON_GHCR if host == GHCR else _LOG_IN}"
    code = _code(response.data)
    if response.status == 404:
        return _NOT_THERE.get(code, "the registry has no such image")
    if response.status == 429:
        return "the registry asks for fewer requests (429); try again later"
    return f"the registry answers {response.status}{f' ({code})' if code else ''}"


def _code(data: bytes) -> str:
    """The first error code of an answer: https://github.com/opencontainers/distribution-spec/blob/main/spec.md."""
    try:
        code = json.loads(data)["errors"][0]["code"]
    except (ValueError, RecursionError, LookupError, TypeError):
        return ""
    return code if isinstance(code, str) and re.fullmatch("[A-Z_]{1,40}", code) else ""
