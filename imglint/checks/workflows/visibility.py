"""Images that people are told to pull, and that nobody may pull yet."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.credential import CredentialKind
from imglint.model.kind import Kind
from imglint.model.understanding import Understanding
from imglint.model.workflow.pushes import Push, pushes_to
from imglint.source import Span
from imglint.syntax.partialreference import parse_partial

_PULL: Final = (
    r"\b(?:docker|podman|nerdctl)\s+(?:image\s+)?(?:pull|run)\b[^\n`]{{0,300}}?\s"
    r"(?P<name>{hosts}/[a-z0-9._/-]+[a-z0-9])"
)


def private_by_default(project: Understanding, context: Context) -> Iterator[Finding]:
    """A document tells people to pull a package that is private after its first push."""
    pushed: dict[str, Push] = {}
    for workflow in project.workflows:
        for run in workflow.runs:
            for push in pushes_to(run, context.profile.hosts):
                name = parse_partial(push.name).name.value
                kinds = {login.credential.kind for login in push.logins}
                if name is not None and kinds and CredentialKind.GITHUB_TOKEN not in kinds:
                    pushed.setdefault(name.lower(), push)
    if not pushed:
        return
    pattern = _PULL.format(hosts=f"(?:{'|'.join(map(re.escape, context.profile.hosts))})")
    said: set[str] = set()
    for file in project.files:
        if file.kind is not Kind.DOCUMENT:
            continue
        for match in re.finditer(pattern, file.source.text):
            name = match["name"]
            found = pushed.get(name)
            if found is None or name in said:
                continue
            said.add(name)
            yield context.finding(
                Span(*match.span("name")),
                f"`{name}` is private after its first push, and nobody else can pull it until that is changed",
                label="private at first",
                help="make it public once, in the settings of the package: Change visibility",
                related=[Related(*found.place, "pushed here")],
                source=file.source,
            )
