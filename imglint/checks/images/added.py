"""Files that were added where copying them would do."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.image.commands import MAX_STEPS, is_buildkit
from imglint.model.image.image import Step, Variant
from imglint.model.image.steps import instruction
from imglint.syntax.jsonstring import within

_ARCHIVE: Final = r"(?i)\.(?:tar|tgz|tbz2?|txz|tzst|taz|tar\.(?:gz|bz2|xz|zst|lzma|z)|gz|bz2|xz|zst)\Z"
_REMOTE: Final = r"(?:https?|git|ssh|ftp)://|git@"
_HASHED: Final = r"ADD\s+(?P<kind>file|dir|multi):[0-9a-f]+(?:\.[a-z0-9]+)?\s+in\s+(?P<target>\S+)\s*\Z"
"""As builders before BuildKit write it down: the sum of what was added, and where it went. Downloads have no kind."""


def add_in_history(variant: Variant, context: Context) -> Iterator[Finding]:
    """Files of the build context were added with ADD, not with COPY."""
    first = next((step for step in variant.history or () if not step.empty_layer), None)
    for step in (variant.history or ())[:MAX_STEPS]:
        source = _added(step, step is first)
        if source:
            at = step.at / "created_by"
            begin = step.created_by.find("ADD")
            yield context.finding(
                within(at.document.source.text, at.span, begin, begin + 3),
                f"{source} added with ADD, which also unpacks archives and downloads; COPY does what is needed here",
                help="write COPY",
                source=at.document.source,
            )


def _added(step: Step, is_first: bool) -> str:
    """What ADD did that COPY does, too, with its verb; empty when that is nothing, or not known."""
    words = step.created_by.strip()
    if hashed := re.search(_HASHED, words):
        target = hashed["target"]
        if is_first and target.rstrip("/") == "":
            return ""  # The file system that a base image begins with.
        if hashed["kind"] == "dir":
            return "a folder was"
        is_file = hashed["kind"] == "file" and re.search(r"(?<=[^/])\.(?!d\Z)[A-Za-z0-9]{1,10}\Z", target)
        return "a file was" if is_file else ""  # Else it may be an archive, which only ADD unpacks.
    made = instruction(step)
    if not made.startswith("ADD ") or not is_buildkit(step):
        return ""
    *sources, target = [word for word in made.split()[1:] if not word.startswith("--")] or [""]
    if is_first and target.rstrip("/") == "":
        return ""
    if not sources or any(re.search(_ARCHIVE, each) or re.match(_REMOTE, each) for each in sources):
        return ""
    if any(re.search(r"[*?\[$]|\A<<", each) for each in sources):
        return ""
    return f"`{sources[0]}` was" if len(sources) == 1 else "files were"
