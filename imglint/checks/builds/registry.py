"""Names of images in any file, as they stand in its text."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.mending import rewrite
from imglint.checks.context import Context
from imglint.finding import Finding, Fix
from imglint.model.kind import Kind
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.reference import digest_problem

if TYPE_CHECKING:
    from imglint.model.understanding import File

_DIGEST: Final = r"(?<![\w./:$}-])([A-Za-z0-9][\w./:-]*)@(sha256:)([A-Za-z0-9_-]*)(?=[\s\"'`),;|&\\]|$)"
_PROGRAMS: Final = r"\b(?:docker|podman|nerdctl|buildah|skopeo|crane|cosign|oras|regctl|kubectl)\b"
_ASSIGNED: Final = r"(?:[\w.-]+[\"']?\s*(?::|[:?+]?=)|^\s*-)\s*[\"'\[]*(?:docker://)?\Z"
_TAKEN: Final = r"\b(?:image|container|uses)[\"']?\s*[:=]\s*[\"']*(?:docker://)?\Z"
_OLD_HOST: Final = r"(?<![\w.@-])(docker|containers)\.pkg\.github\.com(?![\w-]|\.\w)((?:/[\w.-]+)*)"
_SHORT: Final = 32
"""Fewer digits than that in a text for people stand for a digest, and are none."""


MAX_RENAMED: Final = 100
"""Names in one file that a fix writes anew; with more there is none."""


class _Line(NamedTuple):
    text: str
    start: int


def digest_not_a_digest(file: File, context: Context) -> Iterator[Finding]:
    """What follows `@sha256:` is no digest."""
    if "@sha256:" not in file.source.text:
        return
    for line in _code(file):
        if "@sha256:" not in line.text:
            continue
        for match in re.finditer(_DIGEST, line.text):
            before = line.text[: match.start()]
            problem = digest_problem(match[2] + match[3], match.start(2))
            if problem is None or not _is_used(file, before) or _stands_for_one(file, before, match[3]):
                continue
            span = Span(line.start + problem.start, line.start + problem.end)
            message = f"{problem.reason}; no registry has such an image"
            help = f"copy the digest that the registry gives\ndocker buildx imagetools inspect {match[1]}"
            yield context.finding(span, message, help=help, source=file.source)


def _is_used(file: File, before: str) -> bool:
    """Whether a name in a line is one of an image: the value of something, or the argument of a program."""
    if re.search(_PROGRAMS, before):
        return True
    return file.kind is not Kind.DOCUMENT and re.search(_ASSIGNED, before) is not None


def _stands_for_one(file: File, before: str, digits: str) -> bool:
    """Whether the text is a placeholder, which is wrong only where it is taken as it is."""
    if file.kind in (Kind.WORKFLOW, Kind.ACTION, Kind.COMPOSE) and re.search(_TAKEN, before):
        return False
    if not digits or not re.search("[0-9]", digits) or re.search(r"[_-]|(?i:x{3}|your)", digits):
        return True
    return file.kind is Kind.DOCUMENT and len(digits) < _SHORT


def deprecated_docker_registry(file: File, context: Context) -> Iterator[Finding]:
    """A name is on a registry of GitHub Packages that is closed."""
    if ".pkg.github.com" not in file.source.text:
        return
    old = [
        _Old(
            Span(line.start + match.start(), line.start + match.end()), match[1], match[2], line.text[match.end() :][:1]
        )
        for line in _code(file)
        if ".pkg.github.com" in line.text
        for match in re.finditer(_OLD_HOST, line.text)
    ]
    fix = _renamed(file, old)
    for each in old:
        host = f"{each.registry}.pkg.github.com"
        fate = "is closed since February 2025" if each.registry == "docker" else "is the name that ghcr.io had at first"
        yield context.finding(
            each.span,
            f"{host} {fate}: nothing can be pushed or pulled there",
            help=f"use the Container registry, whose names have an owner and no repository\n{_new_name(each.path)}",
            source=file.source,
            fix=fix,
        )


class _Old(NamedTuple):
    """A name on an old registry; `following` is the character after it."""

    span: Span
    registry: str
    path: str
    following: str


def _renamed(file: File, old: Sequence[_Old]) -> Fix | None:
    """New names for all in a file at once, since a login goes with its pushes; none if one goes on in a variable."""
    fixes = [
        None
        if each.following in ("/", "$", "{", "<") or each.path.count("/") == 1
        else rewrite(file.source, each.span, _new_name(each.path))
        for each in old[:MAX_RENAMED]
    ]
    edits = tuple(edit for fix in fixes if fix for edit in fix.edits)
    return Fix("write the names on ghcr.io", edits) if edits and len(edits) == len(old) else None


def _new_name(path: str) -> str:
    """The name on ghcr.io for a path with its slash: `/OWNER/REPOSITORY/IMAGE`, or `/OWNER/IMAGE`."""
    parts = path.lower().split("/")[1:]
    return "/".join(("ghcr.io", parts[0], parts[-1])) if len(parts) > 1 else "ghcr.io"


def _code(file: File) -> Iterator[_Line]:
    """The lines of a file without its comments; of a text for people the lines that are code."""
    start = 0
    fence = ""
    for text in file.source.text.split("\n"):
        line = _Line(text, start)
        start += len(text) + 1
        if file.kind is Kind.DOCUMENT:
            mark = re.match(r"\s*(`{3,}|~{3,})", text)
            if mark:
                fence = "" if fence and mark[1].startswith(fence) else fence or mark[1]
                continue
            if not fence and not re.search(rf"(?:^(?: {{4}}|\t)\s*[$#]?\s*|`[$]?\s*){_PROGRAMS}", text):
                continue
        yield line._replace(text=_without_comment(text, file.kind))


def _without_comment(text: str, kind: Kind) -> str:
    if "#" not in text and "//" not in text:
        return text
    marks = r"(?:^|\s)(?:#|//)" if kind is Kind.BAKE else r"(?:^|\s)#"
    found = re.search(marks, text)
    return text[: found.start()] if found else text
