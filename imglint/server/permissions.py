"""What `permissions:` of a workflow may say: what the token of a job may do.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

SCOPES: Final[dict[str, str]] = {
    "packages": "packages: `write` to publish images, `read` to pull private ones",
    "contents": "the code: `read` to check it out",
    "id-token": "`write` to prove to others who the job is: signatures, attestations, clouds",
    "attestations": "`write` to store attestations",
    "actions": "runs of workflows and their artifacts",
    "artifact-metadata": "records about artifacts",
    "checks": "checks of commits",
    "deployments": "deployments",
    "discussions": "discussions",
    "issues": "issues",
    "models": "`read` to use GitHub Models",
    "pages": "GitHub Pages",
    "pull-requests": "pull requests",
    "security-events": "results of code scanning: `write` to upload SARIF",
    "statuses": "the status of commits",
}
"""The scopes that the token of a job can have, those of images first."""

LEVELS: Final[dict[str, str]] = {"read": "may read", "write": "may read and write", "none": "may neither"}
WHOLE: Final[dict[str, str]] = {
    "read-all": "may read everything",
    "write-all": "may write everything",
    "{}": "may nothing",
}

_BLOCK: Final = r"(?P<indent>[ ]*)permissions:[ \t]*(?:#.*)?\r?\Z"


def choices(text: str, offset: int) -> tuple[str, dict[str, str]] | None:
    """The word that is being written within `permissions:`, and what it may be; None elsewhere."""
    start = text.rfind("\n", 0, offset) + 1
    line = text[start:offset]
    if match := re.fullmatch(r"[ ]*permissions:[ ](?P<word>[\w{}-]*)", line):
        return match["word"], WHOLE
    match = re.fullmatch(r"(?P<indent>[ ]+)(?:(?P<scope>[a-z-]+):[ ]+)?(?P<word>[\w-]*)", line)
    if match is None or not _is_below(text[:start], len(match["indent"])):
        return None
    return match["word"], LEVELS if match["scope"] else SCOPES


def _is_below(before: str, indent: int) -> bool:
    """Whether a line of that indent belongs to the block of a `permissions:` above it."""
    for line in _upwards(before):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        depth = len(line) - len(line.lstrip(" "))
        if depth < indent:
            return re.fullmatch(_BLOCK, line) is not None
    return False


def _upwards(text: str) -> Iterator[str]:
    end = len(text) - 1
    while end > 0:
        start = text.rfind("\n", 0, end) + 1
        yield text[start:end]
        end = start - 1
