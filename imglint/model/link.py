"""The repository that a package is linked to, and whether the address in a source label names one as GitHub wants it.

GitHub asks for `https://github.com/OWNER/REPO`, and on GitHub Enterprise Server for its own host:
https://docs.github.com/en/packages/learn-github-packages/connecting-a-repository-to-a-package
"""

from __future__ import annotations

import re
from typing import Final

from imglint.model.repository import DEFAULT_HOST, Repository, from_remote_url
from imglint.record import NamedTuple
from imglint.syntax.text import Place

_SCHEME: Final = r"([A-Za-z][A-Za-z0-9+.-]*)://"
_SCP: Final = r"(?:[^/\s:@]+@)?[A-Za-z0-9.-]+\.[A-Za-z]+:[^/\s]+/[^/\s]+\Z"
_PARTS: Final = (
    r"https://((?P<user>[^/?#@]*)@)?(?P<host>[^/?#:]*)(?P<port>:[0-9]*)?(?P<path>/[^?#]*)?(?P<rest>[?#].*)?\Z"
)
_NAME: Final = r"[A-Za-z0-9_.-]+\Z"


class Link(NamedTuple):
    """What a package is linked to: `repository` is `OWNER/NAME`, empty where no label links it or that is not known.

    `ours` tells whether it is the repository that is looked at, None when that is not known. `place` is the label's.
    """

    ours: bool | None
    repository: str = ""
    place: Place | None = None


class LinkProblem(NamedTuple):
    """Why an address links nothing: the offending range of it, the reason, and the address that would."""

    start: int
    end: int
    reason: str
    suggestion: str


def named_repository(address: str) -> Repository | None:
    """The repository an address means, even when it is not written as it must be; None when it means none."""
    bare = address.strip().removeprefix("git+")
    return from_remote_url(re.split(r"[?#]", bare, maxsplit=1)[0]) or _beginning(bare)


def _beginning(address: str) -> Repository | None:
    """The repository whose page an address points into (`…/OWNER/REPO/tree/main`)."""
    match = re.match(r"https?://(?:[^/?#@\s]*@)?([^/?#:\s]+)(?::[0-9]+)?/([^/?#\s]+)/([^/?#\s]+)", address)
    return from_remote_url(f"https://{match[1]}/{match[2]}/{match[3]}") if match else None


def judge(address: str, hosts: tuple[str, ...]) -> LinkProblem | None:
    """What is wrong with an address, or None. `hosts` are those to whose repositories packages are linked."""
    if _is_plain(address):
        return None
    meant = named_repository(address)
    suggestion = meant.url if meant and meant.host in hosts else ""
    whole = len(address)
    scheme = re.match(_SCHEME, address)
    if scheme is None:
        reason = "is the address git uses over ssh" if re.match(_SCP, address) else "is not the address of a web page"
        if not suggestion and re.match(r"(?:www\.)?github\.com/", address):
            bare = from_remote_url("https://" + address.removeprefix("www."))
            suggestion = bare.url if bare else ""
            reason = "does not begin with `https://`"
        return LinkProblem(0, whole, reason, suggestion)
    if scheme[1].lower() != "https":
        return LinkProblem(0, scheme.end(), f"begins with `{scheme[0]}` and not with `https://`", suggestion)
    match = re.match(_PARTS, "https" + address[5:])
    if match is None or not match["host"]:
        return LinkProblem(0, whole, "is not the address of a web page", suggestion)
    if match["user"] is not None:
        return LinkProblem(*match.span("user"), "carries a user name or password", suggestion)
    host = match["host"].lower()
    if host not in hosts:
        return _foreign_host(match, host, suggestion)
    if match["rest"]:
        return LinkProblem(*match.span("rest"), "goes on after the name of the repository", suggestion)
    return _judge_path(match, suggestion)


def _is_plain(address: str) -> bool:
    """The common case, told without an expression, whose compilation would cost more than the run."""
    start = f"https://{DEFAULT_HOST}/"
    owner, _, name = address[len(start) :].partition("/")
    plain = all(part.replace("-", "").isalnum() and part.isascii() for part in (owner, name))
    return address.startswith(start) and plain


def _foreign_host(match: re.Match[str], host: str, suggestion: str) -> LinkProblem:
    if host == f"www.{DEFAULT_HOST}":
        return LinkProblem(*match.span("host"), "names the host `www.github.com`, not `github.com`", suggestion)
    reason = f"is on `{host}`, and this registry links packages only to repositories on {DEFAULT_HOST}"
    return LinkProblem(*match.span("host"), reason, "")


def _judge_path(match: re.Match[str], suggestion: str) -> LinkProblem | None:
    start, end = match.span("path")
    path = match["path"] or ""
    if start < 0:
        start = end = match.end()
    names = path.removesuffix("/").split("/")[1:]
    if len(names) < 2 or not names[0] or not names[1]:
        return LinkProblem(start if end > start else 0, end, "names no repository: OWNER/REPO is missing", "")
    if len(names) > 2:
        extra = start + 1 + len(names[0]) + 1 + len(names[1])
        return LinkProblem(extra, end, "goes on after the name of the repository", suggestion)
    if names[1].endswith(".git"):
        stop = start + len(path.removesuffix("/"))
        return LinkProblem(stop - len(".git"), stop, "ends in `.git`, which breaks the link", suggestion)
    blank = re.search(r"\s+", path)
    if blank:
        return LinkProblem(start + blank.start(), start + blank.end(), "holds a blank", suggestion)
    if not all(re.match(_NAME, name) and name.strip(".") for name in names):
        return LinkProblem(start + 1, end, "holds characters that no repository's name has", "")
    return None
