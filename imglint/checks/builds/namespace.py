"""Names of images that belong to somebody else."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.builds.around import steps_around, written
from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.publication import Publication
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text

_LOGIN: Final = r"(?i)\blogin\b"
_TOKEN: Final = r"(?i)\b(?:secrets\s*\.\s*GITHUB_TOKEN|github\s*\.\s*token)\b"
_OTHER_TOKEN: Final = (
    r"(?i)\b(?:secrets|vars|inputs|steps|env|needs|matrix)\s*\.\s*[\w.-]*(?:token|pat|password|secret|key)[\w-]*"
)


def wrong_namespace(publication: Publication, context: Context) -> Iterator[Finding]:
    """An image is pushed, with the token of this repository, to a name of another owner."""
    ours = context.linkable
    if publication.build is None or ours is None or context.identity is None:
        return
    owners = {candidate.owner.lower() for candidate in context.identity.candidates}
    checked: bool | None = None
    for name in publication.names:
        owner = _owner(name, context.profile.hosts)
        if owner is None or owner.text.lower() in owners:
            continue
        if checked is None:
            build = publication.build
            # What a Makefile pushes goes with the token of the job that calls it.
            elsewhere = (place for place in publication.pushed_by if place.source.path.endswith((".yml", ".yaml")))
            places = (build.calls[0] if build.calls else build.place, *elsewhere)
            checked = all(_pushes_with_own_token(place, context.profile.hosts) for place in places)
        if not checked:
            return
        host = parse_partial(name).domain
        place = owner.origin
        yield context.finding(
            place.span,
            f"`{owner.text}` is not the owner of this repository: GITHUB_TOKEN may not push there, "
            "and the package would not be linked to this repository",
            label=f"the owner is {ours.owner}",
            help=f"write {host.text if host else ''}/{ours.owner.lower()}/…, "
            "or log in with a token of somebody who may write there",
            source=place.source,
        )


def _owner(name: Text, hosts: tuple[str, ...]) -> Text | None:
    """The namespace of a name on one of the hosts; None when it is not known."""
    read = parse_partial(name)
    if read.domain is None or read.domain.value not in hosts or read.path is None:
        return None
    owner, rest = read.path.partition("/")
    return owner if rest is not None and owner.text and HOLE not in owner.text else None


def _pushes_with_own_token(place: Place, hosts: tuple[str, ...]) -> bool:
    """Whether the job logs in to the hosts with the token of the workflow, and with no other."""
    steps, _ = steps_around(place)
    own = False
    for step in steps:
        text = written(step)
        if not re.search(_LOGIN, text) or not (any(host in text for host in hosts) or "${{" in text):
            continue
        named = any(host in text for host in hosts) or not re.search(r"registry\s*:", text)
        if re.search(_TOKEN, text):
            own = True
        elif named or re.search(_OTHER_TOKEN, text):
            return False
    return own
