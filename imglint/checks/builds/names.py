"""The names that images are built and pushed under."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.mending import lower
from imglint.checks.builds.places import where
from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.build import Build, Route
from imglint.record import NamedTuple
from imglint.syntax.partialreference import PartialReference, parse_partial
from imglint.syntax.reference import DEFAULT_DOMAIN, ReferenceProblem
from imglint.syntax.text import HOLE, Text

if TYPE_CHECKING:
    from imglint.model.built import Built

_IMAGES: Final = ("image", "registry")
_OTHER_NAMES: Final = ("podman build", "buildah build", "redhat-actions/buildah-build")
"""Tools that complete a short name otherwise than Docker does."""


class _Name(NamedTuple):
    text: Text
    reference: PartialReference


def push_without_tag(build: Built, context: Context) -> Iterator[Finding]:
    """A build pushes and has no name to push to."""
    call = build.build
    if call.push is not True or call.tags or call.may_hold_more("tags") or call.may_hold_more("outputs"):
        return
    if call.tool in (*_OTHER_NAMES, "kaniko") or call.route is Route.COMPOSE:
        return
    if any(not output.read.complete or output.attribute("name") for output in call.outputs):
        return
    message = "this build pushes and has no tag: it fails with `tag is needed when pushing to registry`"
    name = _proposed(context)
    ways = {Route.ACTION: f"tags: {name}:latest", Route.BAKE: f'tags = ["{name}:latest"]'}
    help = f"say what to push it as\n{ways.get(call.route, f'--tag {name}:latest')}"
    related = [Related(place.source, place.span, "pushed here") for place in call.calls[:1]]
    yield context.finding(call.place.span, message, help=help, related=related, source=call.place.source)


def _proposed(context: Context) -> str:
    repository = context.linkable
    owner, name = (repository.owner, repository.name) if repository else ("owner", "name")
    host = context.profile.hosts[0] if context.profile.hosts else "ghcr.io"
    return f"{host}/{owner}/{name}".lower()


def unintended_registry(build: Built, context: Context) -> Iterator[Finding]:
    """An image is pushed to Docker's own images on Docker Hub, since its name has neither registry nor owner."""
    if build.build.tool in _OTHER_NAMES or build.build.route is Route.COMPOSE:
        return
    for name in _pushed(build, certain=True):
        written = name.reference.name.text
        if HOLE in written or "/" in written or not written or name.reference.problems:
            continue
        place = where(name.reference.name)
        goal = f"{DEFAULT_DOMAIN}/library/{written}"
        yield context.finding(
            place.span,
            f"`{written}` names no registry: this pushes to {goal}, where only Docker may",
            help=f"write the registry and the owner before the name\n{_with_owner(context, written)}",
            source=place.source,
        )


def _with_owner(context: Context, name: str) -> str:
    return f"{_proposed(context).rpartition('/')[0]}/{name}"


def invalid_image_reference(build: Built, context: Context) -> Iterator[Finding]:
    """A tag or the name of an output is no image reference."""
    for name in _given(build.build):
        if build.build.route is not Route.ACTION and re.search("[<{]", name.text.text):
            continue  # the file is a template, or an example to fill in
        for problem in name.reference.problems:
            if problem.code in ("uppercase", "digest", "empty") or _may_be_filled(name.text, problem):
                continue
            place = where(name.text.cut(problem.start, problem.end))
            message = f"{problem.reason}; the build fails"
            yield context.finding(place.span, message, help=_remedy(name.text, problem), source=place.source)
            break


def _may_be_filled(text: Text, problem: ReferenceProblem) -> bool:
    """Whether something is empty where a variable stands: its default may be there to be replaced."""
    start, end = problem.start, problem.end
    empty = (problem.code, text.text[start:end]) in (("tag", ":"), ("component", "/"))
    return empty and not (_stands_alone(text, start, -1) and _stands_alone(text, end, 1))


def _stands_alone(text: Text, at: int, direction: int) -> bool:
    """Whether the character before (or after) an offset of a text is the one that is written there in the file."""
    neighbour = text.text[at - 1 : at] if direction < 0 else text.text[at : at + 1]
    place = text.cut(at - 1, at).origin if direction > 0 else text.cut(at, at + 1).origin
    offset = place.span.start - 1 if direction < 0 else place.span.end
    written = place.source.text[max(offset, 0) : offset + 1]
    if neighbour:
        return written == neighbour
    return not written or (written not in "$)}" and not written.isalnum() and written != "_")


def _remedy(text: Text, problem: ReferenceProblem) -> str:
    written = text.shown
    if problem.code == "domain" and "//" in written[problem.start :]:
        return f"leave out the protocol\n{written.partition('//')[2]}"
    if problem.code == "tag" and written[problem.start : problem.end] == "/":
        return f"write another character instead of the slash\n{written[: problem.start]}-{written[problem.end :]}"
    return "write it as REGISTRY/OWNER/NAME:TAG"


def uppercase_repository(build: Built, context: Context) -> Iterator[Finding]:
    """The name of an image has capital letters."""
    for name in _given(build.build):
        for problem in name.reference.problems:
            if problem.code == "uppercase":
                part = name.text.cut(problem.start, problem.end)
                if _is_repository(part) and not _surely_capital(context):
                    continue
                yield _in_capitals(part, name.text, context)
                break
    for name in _pushed(build, certain=False):
        domain = name.reference.domain
        if domain is not None and _is_capital_owner(domain):
            place = where(domain)
            yield context.finding(
                place.span,
                f"`{domain.text}` has capitals and is taken for the host of a registry, which nobody finds",
                help=f"write it in lower case\n{name.text.shown.lower()}",
                source=place.source,
                fix=lower(name.text, name.reference.name),
            )


def _is_capital_owner(domain: Text) -> bool:
    text = domain.text
    return HOLE not in text and "." not in text and ":" not in text and text != text.lower()


def _in_capitals(part: Text, whole: Text, context: Context) -> Finding:
    place = where(part)
    name = parse_partial(whole).name.shown
    if _is_repository(part):
        message = f"the name becomes `{name}`, and registries take lower case only: the build fails"
        help = (
            "docker/metadata-action makes lower case of its `images`; in a step before, so does\n"
            'echo "IMAGE=ghcr.io/${GITHUB_REPOSITORY,,}" >> "$GITHUB_ENV"'
        )
        return context.finding(place.span, message, help=help, source=place.source)
    message = f"the name of an image must be in lower case, and `{part.shown}` is not: the build fails"
    help = f"write it in lower case\n{name.lower()}"
    fix = lower(whole, parse_partial(whole).name)
    return context.finding(place.span, message, help=help, source=place.source, fix=fix)


def _is_repository(text: Text) -> bool:
    """Whether its capitals come from outside all files: from what GitHub calls the repository or its owner."""
    return any(
        piece.origin is not None and piece.origin.span.start >= piece.origin.span.end
        for piece in text.pieces
        if piece.text != piece.text.lower()
    )


def _surely_capital(context: Context) -> bool:
    """Whether each repository that this may be has capitals in its name or its owner's."""
    candidates = context.identity.candidates if context.identity else ()
    slugs = [f"{each.owner}/{each.name}" for each in candidates]
    return bool(slugs) and all(slug != slug.lower() for slug in slugs)


def missing_namespace(build: Built, context: Context) -> Iterator[Finding]:
    """A name on the registry has no owner."""
    for name in _pushed(build, certain=False):
        domain, path = name.reference.domain, name.reference.path
        if domain is None or path is None or domain.text not in context.profile.hosts:
            continue
        if not path.text or HOLE in path.text or "/" in path.text or name.reference.problems:
            continue
        place = where(name.reference.name)
        yield context.finding(
            place.span,
            f"`{name.reference.name.text}` has no owner: names there are {domain.text}/OWNER/NAME, and the push fails",
            help=f"write the user or organisation before the name\n{_with_owner(context, path.text)}",
            source=place.source,
        )


def _given(build: Build) -> Iterator[_Name]:
    """The tags, and the names of outputs."""
    for text in dict.fromkeys((*build.tags, *_names_of_outputs(build))):
        yield _Name(text, parse_partial(text))


def _pushed(built: Built, *, certain: bool) -> Iterator[_Name]:
    """The names that it is pushed as; with `certain` only those that it is pushed as for sure."""
    build = built.build
    texts = list(built.pushed.names)
    if build.push is None and not _may_push(build, certain):
        texts = [text for text in texts if text not in build.tags]
    if not build.tags and not build.may_hold_more("tags") and _may_push(build, certain):
        texts += _names_of_outputs(build)
    for text in dict.fromkeys(texts):
        yield _Name(text, parse_partial(text))


def _may_push(build: Build, certain: bool) -> bool:
    """Whether it pushes: an action whose `push` depends on the event does so at some time."""
    return build.push is not False if build.route is Route.ACTION or not certain else build.push is True


def _names_of_outputs(build: Build) -> Iterator[Text]:
    for output in build.outputs:
        name = output.attribute("name")
        if name is not None and output.kind in _IMAGES:
            yield from (part for part in name.split(",") if part.text)
