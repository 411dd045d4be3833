"""What the secrets of a repository are used for, as far as its workflows show.

A secret that is used for anything but logins at the registry and deleting from it may need whatever scope it has.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.model.kind import Kind
from imglint.model.understanding import File, Understanding
from imglint.model.workflow.deleting import NAME_INPUTS
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.text import Place

if TYPE_CHECKING:
    from imglint.model.credential import Credential
    from imglint.model.loginuse import LoginUse

MAX_STEP: Final = 4000
"""Characters of a step in which is looked for what a secret does there."""

_SECRET: Final = r"(?i)\bsecrets\s{0,9}(?:\.\s{0,9}([A-Za-z_][\w-]*)|\[\s{0,9}['\"]([^'\"]{1,100})['\"]\s{0,9}\])"
_ITEM: Final = r"(?m)^[ ]*- "
_DELETES: Final = (
    rf"(?i)uses:[ ]*[\"']?(?:{'|'.join(NAME_INPUTS)})@|"
    r"\bDELETE\b(?:[^\n]|\\\n){0,200}/packages/container/|"
    r"/packages/container/(?:[^\n]|\\\n){0,200}\bDELETE\b"
)
"""Steps that delete versions of packages: actions, and calls of GitHub's interface."""


class TokenUse(NamedTuple):
    """A secret and what its token does at the registry.

    `logins` are those with it, `pushes` those of them before a push, `deletes` the steps that delete with it, `others`
    the places where it is used for anything else.
    """

    secret: str
    logins: tuple[LoginUse, ...]
    pushes: tuple[LoginUse, ...]
    deletes: tuple[Place, ...]
    others: tuple[Place, ...]

    @property
    def jobs(self) -> tuple[str, ...]:
        """What the token is seen to do: `push`, `pull`, `delete`."""
        done = {"push": self.pushes, "pull": self.logins, "delete": self.deletes}
        return tuple(job for job, places in done.items() if places)


def token_uses(project: Understanding, hosts: tuple[str, ...]) -> Iterator[TokenUse]:
    """The secrets that log in at one of the hosts, or delete packages, in the order of their first use."""
    from imglint.model.workflow.pushes import pushes_to

    logins: dict[str, list[LoginUse]] = {}
    for use in project.logins:
        if use.run is not None and use.login.credential.secret and use.login.host in hosts:
            logins.setdefault(use.login.credential.secret.upper(), []).append(use)
    deletions: dict[str, list[Credential]] = {}
    for each in project.deletions:
        credential = each.deleting.credential
        if each.run is not None and credential.secret:
            deletions.setdefault(credential.secret.upper(), []).append(credential)
    mentions = [mention for file in project.files for mention in _mentions(file)]
    names = dict.fromkeys((*logins, *deletions, *(mention.secret for mention in mentions if mention.deletes)))
    for name in names:
        mine = tuple(logins.get(name, ()))
        pushing = tuple(
            use for use in mine if use.run and any(use.login in push.logins for push in pushes_to(use.run, hosts))
        )
        places = [mention for mention in mentions if mention.secret == name]
        known = [where for use in mine for where in _places(use.login.credential)]
        deleting = [where for credential in deletions.get(name, ()) for where in _places(credential)]
        deletes = (each for each in places if each.deletes or _is_known(each.place, deleting))
        yield TokenUse(
            mine[0].login.credential.secret if mine else places[0].written,
            mine,
            pushing,
            tuple(each.place for each in deletes),
            # A variable that is set for more than the step which deletes may serve other commands of gh.
            tuple(each.place for each in places if not each.deletes and not _is_known(each.place, known)),
        )


class _Mention(NamedTuple):
    secret: str
    written: str
    place: Place
    deletes: bool


def _mentions(file: File) -> Iterator[_Mention]:
    """Where a workflow or an action names a secret; more often for one that is handed on as a variable."""
    if file.kind not in (Kind.WORKFLOW, Kind.ACTION):
        return
    text = file.source.text
    for found in re.finditer(_SECRET, text):
        name = found[1] or found[2]
        deletes = re.search(_DELETES, text[slice(*_step(text, found.start()))]) is not None
        yield _Mention(name.upper(), name, Place(file.source, Span(*found.span())), deletes)


def _step(text: str, at: int) -> Span:
    """The item of a list that an offset is in: a step, mostly."""
    low, high = max(0, at - MAX_STEP), min(len(text), at + MAX_STEP)
    start = max((item.start() for item in re.compile(_ITEM).finditer(text, low, at)), default=low)
    following = re.compile(_ITEM).search(text, at, high)
    return Span(start, following.start() if following else high)


def _places(credential: Credential) -> Iterator[Place]:
    """Where the secret of a login is written, and where the variable was set that holds it."""
    text = credential.text
    for piece in text.pieces if text is not None else ():
        yield Place(piece.source, piece.span)
        if piece.origin is not None and not _is_shared(piece.origin):
            yield piece.origin


def _is_shared(origin: Place) -> bool:
    """Whether a variable that is set at a place is read in more than one."""
    source, span = origin
    line = source.line(source.position(span.start).line)
    name = re.match(r"\s*(?:- )?([A-Za-z_]\w*):", line)
    if name is None:
        return False
    reads = rf"\$(?:\{{\s*)?{name[1]}\b|\benv\.{name[1]}\b|%{name[1]}%"
    return sum(1 for _ in re.finditer(reads, source.text)) > 1


def _is_known(place: Place, known: list[Place]) -> bool:
    return any(
        place.source is other.source and place.span.start < other.span.end and other.span.start < place.span.end
        for other in known
    )
