"""Image references of which parts are not known: `ghcr.io/$OWNER/app:$TAG`.

What stands in a hole may hold slashes, colons and an `@` of its own. Three readings are taken for granted, since nobody
means another: a hole after a colon is a tag (or the rest of one, and a digest), not a port and a path; one that stands
beside a `.` before the first slash is a piece of a host name; and what is not known makes the reference a valid one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.reference import (
    DEFAULT_DOMAIN,
    MAX_NAME,
    MAX_TAG,
    InvalidReferenceError,
    ReferenceProblem,
    component_problem,
    digest_problem,
    domain_problem,
    first_is_domain,
    parse,
    shown,
    tag_problem,
)
from imglint.syntax.text import HOLE, Text, joined, literal

_NOWHERE_ALLOWED: Final = rf"[^A-Za-z0-9._:@/\[\]+{HOLE}-]"
_HEX: Final = r"[0-9a-fA-F]*"
_COMPONENT_BEGINNING: Final = r"(?:[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:[._]|__|-+)?)?"
_TAG_BEGINNING: Final = r"(?:[A-Za-z0-9_][A-Za-z0-9_.-]*)?"


class PartialReference(NamedTuple):
    """What is certain about a reference. None: not known; an empty text: there is none; holes: it reads so, in part.

    `whole` is all of it, `name` registry and path as written; when `tag` or `digest` is None a hole in it (or in the
    tag) may hold these. `domain` and `path` are completed as Docker does it.
    """

    whole: Text
    name: Text
    domain: Text | None
    path: Text | None
    tag: Text | None
    digest: Text | None

    @property
    def problems(self) -> tuple[ReferenceProblem, ...]:
        """What is wrong whatever the unknown parts are; offsets are those of the text."""
        return self.whole.read_once("problems of a reference", _all_problems)


class _Parts(NamedTuple):
    """Offsets: where name, tag and digest end or begin, -1 for what is not seen."""

    slash: int  # the first, before which there may be a registry
    colon: int
    at: int


def parse_partial(text: Text) -> PartialReference:
    """Read a reference that may have unknown parts. Never raises; without holes it agrees with `reference.parse`."""
    return text.read_once("reference", _parse)


def _parse(text: Text) -> PartialReference:
    parts = _parts(text.text)
    name = text.cut(0, _name_end(text.text, parts))
    domain, path = _domain_and_path(name, parts.slash)
    return PartialReference(text, name, domain, path, _tag(text, parts), _digest(text, parts))


def _all_problems(text: Text) -> tuple[ReferenceProblem, ...]:
    if HOLE in text.text:
        return tuple(sorted(_problems(text.text, _parts(text.text)), key=lambda problem: problem.start))
    try:
        parse(text.text)
    except InvalidReferenceError as error:
        return (error.problem,)
    return ()


def _parts(text: str) -> _Parts:
    at = text.find("@")
    before = len(text) if at < 0 else at
    last = text.rfind("/", 0, before)
    first = text.find("/", 0, before)
    colon = text.find(":", last + 1, before)
    if last < 0 and re.match(rf"[^:]*(?:\[|:[0-9]+{HOLE})", text):
        colon = -1  # may be that of a port: the slash may be in the hole
    elif colon < 0:
        colon = text.find(":", first, max(last, 0))  # no port can be after a slash: a tag that holds a slash
    return _Parts(first, colon, at)


def _name_end(text: str, parts: _Parts) -> int:
    return parts.colon if parts.colon >= 0 else (parts.at if parts.at >= 0 else len(text))


def _domain_and_path(name: Text, slash: int) -> tuple[Text | None, Text | None]:
    first = name.text[: max(slash, 0)]
    if slash >= 0 and (first_is_domain(first) if HOLE not in first else "." in first or ":" in first):
        domain, path = name.cut(0, slash), name.cut(slash + 1)
        if first not in (DEFAULT_DOMAIN, "index.docker.io"):
            return domain, path
    elif HOLE in (name.text if slash < 0 else first):
        return None, None
    else:
        domain, path = name.cut(0, 0), name
    default = literal(DEFAULT_DOMAIN, *domain.place, exact=False)
    if "/" in path.text:
        return default, path
    if HOLE in path.text:  # may hold a slash, and is on its own only without one
        return default, None if path.text == HOLE else path
    return default, joined([literal("library/", *path.cut(0, 0).place, exact=False), path])


def _tag(text: Text, parts: _Parts) -> Text | None:
    end = len(text.text) if parts.at < 0 else parts.at
    if parts.colon < 0:
        last = text.text.rfind("/", 0, end)
        return None if HOLE in text.text[last + 1 : end] else text.cut(end, end)
    tag = text.cut(parts.colon + 1, end)
    return None if _may_be_digest(text.text, parts) else tag


def _may_be_digest(text: str, parts: _Parts) -> bool:
    """Whether what follows the colon may be the digits of a digest whose beginning is in the hole before it."""
    if parts.at >= 0 or HOLE not in text[text.rfind("/", 0, parts.colon) + 1 : parts.colon]:
        return False
    rest = text[parts.colon + 1 :]
    if HOLE in rest:
        return False
    return len(rest) in (64, 96, 128) and re.fullmatch(_HEX, rest) is not None


def _digest(text: Text, parts: _Parts) -> Text | None:
    if parts.at >= 0:
        return text.cut(parts.at + 1)
    hidden = HOLE in text.text[text.text.rfind("/") + 1 :]
    if hidden and parts.colon >= 0 and HOLE not in text.text[parts.colon :] and not _may_be_digest(text.text, parts):
        hidden = False
    return None if hidden else text.cut(len(text.text))


def _problems(text: str, parts: _Parts) -> Iterator[ReferenceProblem]:
    wrong = re.search(_NOWHERE_ALLOWED, text)
    if wrong:
        what = "a blank" if wrong[0].isspace() else f"`{wrong[0]}`"
        code = "digest" if 0 <= parts.at < wrong.start() else "tag" if 0 <= parts.colon < wrong.start() else "component"
        yield ReferenceProblem(code, f"an image reference cannot hold {what}", *wrong.span())
        return
    yield from _name_problems(text, parts)
    if parts.colon >= 0:
        yield from _tag_problems(text, parts)
    if parts.at >= 0:
        yield from _digest_problems(text[parts.at + 1 :], parts.at + 1)


def _name_problems(text: str, parts: _Parts) -> Iterator[ReferenceProblem]:
    """The components of the name that are wrong whatever the holes hold."""
    end = _name_end(text, parts)
    start = 0
    first = text[: max(parts.slash, 0)]
    if parts.slash >= 0 and (HOLE in first or first_is_domain(first)):
        start = parts.slash + 1
        problem = None if HOLE in first or first == DEFAULT_DOMAIN else domain_problem(first, 0)
        if problem:
            yield problem
    elif parts.slash < 0 and HOLE in text[:end]:
        return  # may begin with a registry, or be all of a reference
    last = text.rfind("/", 0, end)
    sized = end if HOLE not in text[last + 1 : end] else max(last, text.find(HOLE))
    known = sized - text.count(HOLE, 0, sized)
    if known > MAX_NAME:
        reason = f"the name is longer than {MAX_NAME} characters: what is known of it has {known}"
        yield ReferenceProblem("length", reason, 0, end)
    for component in text[start:end].split("/"):
        # Where a known separator follows, no hole can have begun a tag or a digest.
        closed = start + len(component) < end or parts.colon >= 0
        if problem := _component_problem(component, start, closed):
            yield problem
        start += len(component) + 1


def _component_problem(component: str, start: int, closed: bool) -> ReferenceProblem | None:
    if HOLE not in component:
        return component_problem(component, start)
    beginning = component.partition(HOLE)[0]
    certain = component if closed else beginning
    if wrong := re.search("[A-Z]", certain):
        reason = f"the name of an image must be in lower case, and {shown(component.replace(HOLE, '…'))} is not"
        return ReferenceProblem("uppercase", reason, start, start + len(component))
    if wrong := re.search(rf"[^a-z0-9._{HOLE}-]", certain):
        reason = f"a name cannot hold `{wrong[0]}`: lower-case letters, digits, `.`, `_` and `-` are allowed"
        return ReferenceProblem("component", reason, start + wrong.start(), start + wrong.end())
    if not re.fullmatch(_COMPONENT_BEGINNING, beginning):
        reason = f"the name {shown(beginning + '…')} must begin with a letter or digit, with one `.`, `_`, `__` or any"
        return ReferenceProblem("component", f"{reason} number of `-` between these", start, start + len(beginning))
    return None


def _tag_problems(text: str, parts: _Parts) -> Iterator[ReferenceProblem]:
    end = len(text) if parts.at < 0 else parts.at
    start = parts.colon + 1
    tag = text[start:end]
    if HOLE not in tag:
        problem = None if _may_be_digest(text, parts) else tag_problem(tag, start)
        if problem:
            yield problem
        return
    beginning = tag.partition(HOLE)[0]
    if not re.fullmatch(_TAG_BEGINNING, beginning) or len(beginning) > MAX_TAG:
        problem = tag_problem(beginning, start)
        if problem:
            yield problem
    elif wrong := re.search(rf"[^A-Za-z0-9_.:{HOLE}-]", tag):
        reason = f"the tag holds `{wrong[0]}`: letters, digits, `_`, `.` and `-` are allowed, at most {MAX_TAG}"
        yield ReferenceProblem("tag", reason, start + wrong.start(), start + wrong.end())


def _digest_problems(digest: str, start: int) -> Iterator[ReferenceProblem]:
    if HOLE not in digest:
        problem = digest_problem(digest, start)
        if problem:
            yield problem
    elif wrong := re.search(rf"[^a-z0-9:{HOLE}]", digest):
        reason = f"a digest cannot hold `{wrong[0]}`: it is `sha256:` and 64 hexadecimal digits"
        yield ReferenceProblem("digest", reason, start + wrong.start(), start + wrong.end())
