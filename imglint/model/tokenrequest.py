"""What asks people for a token of GitHub: links, commands and sentences that name scopes.

Links: https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/authorizing-oauth-apps;
commands: https://cli.github.com/manual/gh_auth_login and https://cli.github.com/manual/gh_auth_refresh
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator
from enum import Enum
from itertools import islice
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Span

MAX_REQUESTS: Final = 500
"""Requests that are read of one text."""
NEAR: Final = 600
"""Characters before and after a request in which it shows what the token is for."""

_URL: Final = r"[^\s\"'<>`()\[\]{}|\\^]"
_HOST: Final = r"https?://(?P<host>[\w.-]{1,255}(?::[0-9]{1,5})?)"
_LINK: Final = rf"{_HOST}/settings/tokens/new/?\?(?P<query>{_URL}{{1,2000}})"
_OAUTH: Final = rf"{_HOST}/login/oauth/authorize/?\?(?P<query>{_URL}{{1,2000}})"
_PARAMETER: Final = r"(?:^|[?&;])scopes?=(?P<list>[^&#]*)"
_DEVICE: Final = rf"{_HOST}/login/device/code"
_FIELD: Final = (
    r"\bscopes?[\"']{0,2}\s{0,9}[=:]\s{0,9}[\"']?"
    r"(?P<list>[A-Za-z][\w:,%+]{1,400}(?: [a-z_]{1,20}(?::[a-z_]{1,40})?(?=[ \"'])){0,20})"
)
_GH: Final = r"\bgh[ \t]+auth[ \t]+(?:login|refresh)\b(?P<rest>(?:[^\n\\;|&`]|\\\r?\n){0,500})"
_FLAG: Final = (
    r"(?<=\s)(?:-s|--scopes)(?:[ \t]*=[ \t]*|[ \t]+)(?:[\"'](?P<quoted>[^\"'\n]{1,500})|(?P<bare>[^\s\"']{1,500}))"
)
_SEPARATOR: Final = r"(?:,|%2[Cc]|\+|%20|%0[Aa]|\s)+"
_NAME: Final = r"[A-Za-z][\w:.-]{1,60}"

_QUOTES: Final = r"[`'\"*]{0,3}"
_WELL_KNOWN: Final = (
    rf"{_QUOTES}\b(?:repo|public_repo|delete_repo|workflow|gist|user|(?:read|write|delete|admin):[a-z_]{{2,25}})\b"
    rf"{_QUOTES}"
)
_MARKED: Final = ("`", "'", '"', "*")
_AND: Final = r"(?:\s{0,2}[,+&/]\s{0,2}(?:and\s|or\s)?|\s(?:and|plus)\s)"
_LISTED: Final = rf"(?<![=\w/?&:,\"'-]){_WELL_KNOWN}(?:{_AND}{_WELL_KNOWN}){{1,20}}"
_BULLET: Final = (
    r"[ \t]{0,12}(?:[-*+]|[0-9]{1,2}[.)])[ \t]{1,4}"
    r"(?:\[[ xX]\][ \t]{1,4}|[\u2600-\u27bf\u2b00-\u2bff]\ufe0f?[ \t]{1,4})?"
    r"[`'\"*]{1,3}(?P<name>[a-z][a-z_:]{2,40})[`'\"*]{1,3}"
)
_SCOPE_WORD: Final = r"(?i)\bscopes?\b"
# What tells people not to, or is a command of its own.
_REFUSED: Final = (
    r"(?i)\b(?:not|no longer|never|avoid|without|instead of|rather than|remov\w+|un(?:check|tick|select)\w*|"
    r"deselect\w*|than|unnecessar\w+|drop\w*|dangerous|excess\w*|like)\b|n['\u2019]t\b|\bgh auth\b|\be\.g\."
)
FOR_IMAGES: Final = (
    r"(?i)\bghcr\b(?!\.io)|\blogin\b[^\n]{0,120}\bghcr\.io|\bghcr\.io[^\n]{0,60}\blog[ -]?in\b|\bCR_PAT\b|"
    r"container registry|github packages|\b(?:read|write|delete):packages\b"
)
"""What a text says where a token is to log in to the registry."""
_DELETES: Final = r"(?i)\b(?<!:)(?:delet(?!e:)\w*|clean\w*|prun\w+|remov\w+|retention|untagged)\b"


_FOR_MORE: Final = (
    r"(?i)goreleaser|semantic-release|\brelease-please|\bgh release|\bgithub releases?\b|\bmake release\b|"
    r"\brelease (?:bot|process|token)\b|\bgit (?:push|clone|tag)\b|\bcommits?\b|(?<!of )\bprivate repo|\bcheckout\b|"
    r"\bpull requests?\b|\bissues?\b|\bgitops\b|\bargo ?cd\b|\bgithub api\b"
)
"""What a token is used for that needs more than images do."""


class Way(Enum):
    """How a token is asked for; its value is what people call it."""

    LINK = "this link"
    OAUTH = "this authorisation"
    DEVICE = "this request"
    GH = "this command"
    WORDS = "this text"


class Asked(NamedTuple):
    """A scope as it is asked for, and where."""

    name: str
    span: Span


class TokenRequest(NamedTuple):
    """Scopes that are asked for together, at `span`. `host` is empty where the way names none.

    `for_images` tells that the token logs in to the registry, `deletes` that it is to delete packages, `for_more` that
    it may have other uses, as far as the text around shows.
    """

    way: Way
    scopes: tuple[Asked, ...]
    span: Span
    host: str
    for_images: bool
    deletes: bool
    for_more: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the scopes."""
        return tuple(each.name for each in self.scopes)


def requests(text: str, known: Container[str], is_prose: bool) -> tuple[TokenRequest, ...]:
    """What asks for tokens in a text. `known` are the names of scopes; sentences are read only of what `is_prose`."""
    return tuple(islice(_requests(text, known, is_prose), MAX_REQUESTS))


def _requests(text: str, known: Container[str], is_prose: bool) -> Iterator[TokenRequest]:
    if "/settings/tokens/new" in text:
        yield from _links(text, _LINK, Way.LINK)
    if "/login/oauth/authorize" in text:
        yield from _links(text, _OAUTH, Way.OAUTH)
    if "/login/device/code" in text:
        yield from _devices(text)
    if "gh auth " in text:
        yield from _commands(text)
    if is_prose and ":packages" in text:
        yield from _sentences(text, known)
        yield from _bullets(text, known)


def _links(text: str, pattern: str, way: Way) -> Iterator[TokenRequest]:
    for link in re.finditer(pattern, text):
        parameter = re.search(_PARAMETER, link["query"])
        if parameter:
            start = link.start("query") + parameter.start("list")
            yield from _request(text, way, start, parameter["list"].rstrip(".,;:!?*_~ "), link["host"])


def _devices(text: str) -> Iterator[TokenRequest]:
    end = 0
    for device in re.finditer(_DEVICE, text):
        field = re.compile(_FIELD).search(text, max(device.end(), end), device.end() + NEAR)
        if field:
            end = field.end()
            yield from _request(text, Way.DEVICE, field.start("list"), field["list"], device["host"])


def _commands(text: str) -> Iterator[TokenRequest]:
    for command in re.finditer(_GH, text):
        found = [
            asked
            for flag in re.compile(_FLAG).finditer(text, *command.span("rest"))
            for asked in _asked(flag[flag.lastgroup or 0], flag.start(flag.lastgroup or 0))
        ]
        if found:
            yield _made(text, Way.GH, tuple(found), "")


def _sentences(text: str, known: Container[str]) -> Iterator[TokenRequest]:
    """Lists of scopes within a sentence that speaks of scopes: `a token with the scopes repo and write:packages`."""
    for listed in re.finditer(_LISTED, text):
        before = text[max(0, listed.start() - 100) : listed.start()]
        before = before[max(before.rfind("\n\n"), before.rfind(". "), 0) :]  # What the same sentence says.
        after = text[listed.end() : listed.end() + 60].partition(". ")[0]
        if re.search(_REFUSED, f"{before} {after}") or not re.search(_SCOPE_WORD, f"{before} {after[:30]}"):
            continue
        found = tuple(
            Asked(name[0], Span(listed.start() + name.start(), listed.start() + name.end()))
            for name in re.finditer(r"[a-z][a-z_]*(?::[a-z_]+)?", listed[0])
            if name[0] not in ("and", "or", "plus")
        )
        # A word such as `workflow` is one of the list only when it is written as the others are.
        alike = len({text[each.span.start - 1 : each.span.start] in _MARKED for each in found}) == 1
        if alike and all(each.name in known for each in found) and _has_packages(found):
            yield _made(text, Way.WORDS, found, "")


def _bullets(text: str, known: Container[str]) -> Iterator[TokenRequest]:
    """Lists of scopes, one a line: what is to be ticked."""
    found: list[Asked] = []
    at, begin = 0, 0
    for line in (*text.split("\n"), ""):
        bullet = re.match(_BULLET, line) if found or ":" in line or "`" in line or "*" in line else None
        if bullet and bullet["name"] in known:
            begin = begin if found else at
            is_optional = re.search(r"(?i)optional|not needed|\bonly if\b|\bif you\b", line[bullet.end() :])
            if not is_optional:
                found.append(Asked(bullet["name"], Span(at + bullet.start("name"), at + bullet.end("name"))))
        elif found:
            before = text[max(0, begin - 200) : begin].rstrip().rpartition("\n")[2]
            asks = re.search(r"(?i)\bscopes?\b|\bpermissions?\b|\btick\b|\bselect\b|\bcheck\b", before)
            if len(found) > 1 and asks and _has_packages(found) and not re.search(_REFUSED, before):
                yield _made(text, Way.WORDS, tuple(found), "")
            found = []
        at += len(line) + 1


def _has_packages(found: Iterable[Asked]) -> bool:
    return any(each.name.endswith(":packages") for each in found)


def _request(text: str, way: Way, start: int, written: str, host: str) -> Iterator[TokenRequest]:
    found = tuple(_asked(written, start))
    if found:
        yield _made(text, way, found, host)


def _asked(written: str, start: int) -> Iterator[Asked]:
    """The scopes in a list, without those that nobody knows: `${SCOPES}`."""
    at = 0
    for separator in (*re.finditer(_SEPARATOR, written), None):
        end = separator.start() if separator else len(written)
        name = _decoded(written[at:end])
        if re.fullmatch(_NAME, name):
            yield Asked(name, Span(start + at, start + end))
        at = separator.end() if separator else end


def _decoded(text: str) -> str:
    """What stands in an address, without percent-encoding."""
    if "%" not in text:
        return text
    from urllib.parse import unquote

    return unquote(text)


def _made(text: str, way: Way, found: tuple[Asked, ...], host: str) -> TokenRequest:
    span = Span(found[0].span.start, found[-1].span.end)
    around = f"{text[max(0, span.start - NEAR) : span.start]} {text[span.end : span.end + NEAR]}"
    deletes, for_more = (re.search(pattern, around) is not None for pattern in (_DELETES, _FOR_MORE))
    for_images = _has_packages(found) or (not for_more and re.search(FOR_IMAGES, around) is not None)
    return TokenRequest(way, found, span, host, for_images, deletes, for_more)
