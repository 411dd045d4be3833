"""Scopes that people are told to give a token."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from imglint.checks.builds.mending import rewrite
from imglint.checks.context import Context
from imglint.checks.tokens.wording import beside, instead, listed
from imglint.finding import Finding, Fix, Related, Severity
from imglint.model.kind import Kind
from imglint.model.scopes import Scope, Scopes
from imglint.model.tokenrequest import Asked, TokenRequest, Way, requests
from imglint.model.understanding import File
from imglint.source import Span

_PROSE: Final = (Kind.DOCUMENT, Kind.TEXT)
_BLOCK: Final = (
    r"(?m)^(?P<indent>[ ]{0,20})permissions:[ \t]*(?:#[^\n]*)?\r?\n(?P<lines>(?:(?P=indent)[ ]+[^\n]*\n?|[ \t\r]*\n)*)"
)
_START: Final = r"(?m)^[ ]+[\"']?"
_SWAPPED: Final = rf"{_START}(?P<word>(?P<level>read|write):[ ]?(?P<key>[a-z-]{{2,30}}))[\"']?[ \t]*(?::[^\n]*)?\r?$"
_JOINED: Final = rf"{_START}(?P<word>(?P<key>[a-z-]{{2,30}}):(?P<level>read|write|none))[\"']?[ \t]*(?:#[^\n]*)?\r?$"


def broad_token_scope(text: File, context: Context) -> Iterator[Finding]:
    """A token that is to publish images is asked for with more than that needs."""
    for request in _requests(text, context.scopes):
        names = _held(request, context.scopes)
        jobs = _jobs(request)
        excess = context.scopes.excess(names, jobs) if request.for_images else ()
        if not excess:
            continue
        places = {each.name: each.span for each in reversed(request.scopes)}
        worst, others = excess[0], excess[1:]
        needed = context.scopes.needed_for(jobs)
        yield context.finding(
            places[worst.name],
            f"{request.way.value} asks for `{worst.name}`{beside(others)}: such a token {worst.may}, "
            f"and {_task(jobs)} needs only {listed(needed)}",
            label="more than is needed",
            help=instead(request, needed),
            related=[Related(text.source, places[each.name], f"needless, too: {each.may}") for each in others],
            severity=_severity(request, worst),
            fix=_fewer(text, request, needed),
        )


def _fewer(text: File, request: TokenRequest, needed: Sequence[str]) -> Fix | None:
    """The scopes of a link or a command, which stand in one list, as few as are needed."""
    span = Span(min(each.span.start for each in request.scopes), max(each.span.end for each in request.scopes))
    written = text.source.slice(span)
    if request.way not in (Way.LINK, Way.GH) or not re.fullmatch(r"[\w:,%]+", written):
        return None
    encoded = "%3a" in written.lower() or "%2c" in written.lower()
    separator, colon = ("%2C", "%3A") if encoded else (",", ":")
    return rewrite(text.source, span, separator.join(needed).replace(":", colon), safe=True)


def redundant_token_scope(text: File, context: Context) -> Iterator[Finding]:
    """A scope is asked for that comes with another one."""
    for request in _requests(text, context.scopes):
        if not request.for_images or request.way is Way.WORDS:
            continue
        seen: dict[str, Asked] = {}
        for each in request.scopes:
            by = context.scopes.including(each.name, request.names)
            includer = seen.get(each.name) or next((other for other in request.scopes if other.name == by), None)
            if includer is not None:
                what = f"comes with `{by}`" if by else "is already in the list"
                yield context.finding(
                    each.span,
                    f"the scope `{each.name}` {what}, and need not be asked for",
                    help="leave it out",
                    related=[Related(text.source, includer.span, "here")],
                )
            elif request.way is Way.GH and each.name in context.scopes.always_in_gh:
                message = f"gh asks for `{each.name}` by itself"
                yield context.finding(each.span, message, help="leave it out")
            seen.setdefault(each.name, each)


def unknown_token_scope(text: File, context: Context) -> Iterator[Finding]:
    """A scope is misspelt, or written as a permission of a workflow is; or the other way round."""
    for request in _requests(text, context.scopes):
        for each in request.scopes:
            meant = context.scopes.meant(each.name)
            if meant:
                yield context.finding(
                    each.span,
                    f"GitHub has no scope `{each.name}`, so the token will lack what it is meant for",
                    label=f"did you mean `{meant}`?",
                    help=f"write {meant}",
                )
    if text.kind is Kind.WORKFLOW:
        yield from _permissions(text, context)


def _permissions(text: File, context: Context) -> Iterator[Finding]:
    """Permissions of a workflow that are written as scopes of a token are, or without the blank."""
    for block in re.finditer(_BLOCK, text.source.text):
        for pattern in (_SWAPPED, _JOINED):
            for found in re.compile(pattern).finditer(text.source.text, *block.span("lines")):
                meant = f"{found['key']}: {found['level']}"
                yield context.finding(
                    Span(*found.span("word")),
                    f"`{found['word']}` is no permission of a workflow, and GitHub refuses to run it",
                    label=f"did you mean `{meant}`?",
                    help=f"write {meant}",
                )


def _requests(text: File, scopes: Scopes) -> tuple[TokenRequest, ...]:
    return text.source.read_once(
        "token requests", lambda source: requests(source.text, scopes.known, text.kind in _PROSE)
    )


def _held(request: TokenRequest, scopes: Scopes) -> tuple[str, ...]:
    """The scopes that a request adds: not what comes with others, and not what gh asks for anyway."""
    by_itself = scopes.always_in_gh if request.way is Way.GH else frozenset()
    names = [name for name in request.names if scopes.including(name, request.names) is None]
    return tuple(name for name in names if name not in by_itself)


def _jobs(request: TokenRequest) -> tuple[str, ...]:
    """What the token is for, as far as the request and the text around it tell."""
    reads = "read:packages" in request.names and not {"write:packages", "delete:packages"} & {*request.names}
    deletes = request.deletes and "delete:packages" in request.names
    return ("pull",) if reads else ("push", "delete") if deletes else ("push",)


def _severity(request: TokenRequest, worst: Scope) -> Severity:
    """How much a needless scope matters: less where another use may need it, or where a sentence is all there is."""
    if request.for_more:
        return Severity.INFO
    return min(worst.severity, Severity.WARNING) if request.way is Way.WORDS else worst.severity


def _task(jobs: tuple[str, ...]) -> str:
    return {"pull": "pulling an image"}.get(jobs[0], "publishing an image" + (" and cleaning up" * (len(jobs) > 1)))
