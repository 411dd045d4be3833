"""What the documents of a repository tell people to pull, and what is pushed."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.kind import Kind
from imglint.model.publication import Publication
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text

if TYPE_CHECKING:
    from imglint.model.understanding import File, Understanding

MAX_SHOWN: Final = 5
"""Places that one finding points at."""

_PULL: Final = (
    r"\b(?:docker|podman|nerdctl)\s+(?:image\s+)?(?:pull|run|create)\b[^\n`]{{0,300}}?\s"
    r"(?P<name>{hosts}/[a-z0-9._/-]+[a-z0-9])(?P<tag>:latest)?(?![\w.:@/{{$<-])"
)
_IMAGE: Final = (
    r"(?m)^[ \t]*image:[ \t]*[\"']?(?P<name>{hosts}/[a-z0-9._/-]+[a-z0-9])(?P<tag>:latest)?[\"']?[ \t]*(?:#.*)?$"
)
_OTHER_PUSHERS: Final = (
    r"(?i)goreleaser|\bko (?:build|publish|resolve|apply)|skopeo|\bcrane\b|regctl|\boras\b|\bjib|\bpack build|"
    r"buildpack|bazel|rules_oci|\bnix|depot|earthly|dagger|werf|semantic-release|release-please|helm/chart|"
    r"uses:\s*[\"']?[\w.-]+/[\w.-]+/\.github/workflows/|azure-pipelines|\bcrazy-max/|elgohr/|mr-smithers|whoan/|macbre/"
)
"""What may push images by ways that are not followed here."""

_NEVER_LATEST: Final = r"github\.(?:sha|run_id|run_number|run_attempt)|(?:sha|semver|pep440) tag"
"""Unknown parts that cannot be the word `latest`."""


class _Pull(NamedTuple):
    """A place that pulls the tag `latest` of a name, which may be written or not."""

    name: str
    place: Place


def only_latest_pulled(project: Understanding, context: Context) -> Iterator[Finding]:
    """The documents pull `latest`, and nothing here pushes it."""
    pulls = [pull for file in project.files for pull in _pulls(file, context.profile.hosts)]
    if not pulls or any(_pushes_otherwise(file) for file in project.files):
        return
    names = [(publication, name) for publication in project.publications for name in publication.names]
    nameless = any(publication.build is not None and not publication.names for publication in project.publications)
    if nameless or project.unseen:
        return
    foreign = [pushing.name for pushing in project.foreign]
    pushed: dict[str, tuple[str, list[Related]] | None] = {}
    for pull in pulls:
        if pull.name not in pushed:
            mine = _without_latest(pull.name, names, foreign)
            pushed[pull.name] = _told(mine) if mine else None
        told = pushed[pull.name]
        if told is not None:
            source, span = pull.place
            yield context.finding(
                span,
                f"nothing here pushes `{pull.name}:latest`, so this pull will fail",
                label="no tag latest",
                help=told[0],
                related=told[1],
                source=source,
            )


def _told(mine: list[Text]) -> tuple[str, list[Related]]:
    """What to pull instead, and where that is pushed."""
    tags = list(dict.fromkeys(map(_tag, mine)))
    shown = ", ".join(f"`{tag}`" for tag in tags[:MAX_SHOWN]) + (", …" if len(tags) > MAX_SHOWN else "")
    verb = "is" if len(tags) == 1 else "are"
    places = list(dict.fromkeys(name.place for name in mine))
    return (
        f"pull a tag that is pushed, or push `latest` too: {shown} {verb} pushed",
        [Related(*place, "pushed here") for place in places[:MAX_SHOWN]],
    )


def _without_latest(wanted: str, names: Iterable[tuple[Publication, Text]], foreign: Iterable[Text]) -> list[Text]:
    """The references that are pushed of an image, when they are all known and none is `latest`; else none."""
    if any(_may_name(name, wanted) for name in foreign):
        return []
    mine = [(publication, name) for publication, name in names if _may_name(name, wanted)]
    if any(_may_be_latest(publication, name, wanted) for publication, name in mine):
        return []
    return [name for _, name in mine]


def _pulls(file: File, hosts: Iterable[str]) -> Iterator[_Pull]:
    """The places in a document or a compose file where an image is pulled without a tag, or as `latest`."""
    if file.kind not in (Kind.DOCUMENT, Kind.COMPOSE):
        return
    pattern = (_PULL if file.kind is Kind.DOCUMENT else _IMAGE).format(hosts=f"(?:{'|'.join(map(re.escape, hosts))})")
    for match in re.finditer(pattern, file.source.text):
        yield _Pull(match["name"], Place(file.source, Span(match.start("name"), match.end())))


def _pushes_otherwise(file: File) -> bool:
    return file.kind not in (Kind.DOCUMENT, Kind.TEXT, Kind.DOCKERFILE) and bool(
        re.search(_OTHER_PUSHERS, file.source.text)
    )


def _may_name(name: Text, wanted: str) -> bool:
    """Whether a reference may be one of the image that is wanted, whatever its unknown parts are."""
    if name.text == HOLE:
        return True
    pattern = ".*".join(re.escape(part) for part in parse_partial(name).name.text.split(HOLE))
    return re.fullmatch(pattern, wanted, re.DOTALL) is not None


def _may_be_latest(publication: Publication, name: Text, wanted: str) -> bool:
    """Whether it may push `latest`, or is not known well enough."""
    build, merge = publication.build, publication.merge
    if build is None or build.may_hold_more("tags") or build.may_hold_more("outputs") or (merge and merge.open):
        return True
    read = parse_partial(name)
    if read.tag is None or read.name.text != wanted:
        return True
    if not read.tag.text:
        return read.digest is None or not read.digest.text
    parts = [HOLE if part == HOLE else re.escape(part) for part in re.split(f"({HOLE})", read.tag.text)]
    if any(not re.fullmatch(_NEVER_LATEST, reason) for reason in read.tag.unknowns):
        return re.fullmatch("".join(".*" if part == HOLE else part for part in parts), "latest", re.DOTALL) is not None
    return read.tag.text == "latest"


def _tag(name: Text) -> str:
    tag = parse_partial(name).tag
    return tag.shown if tag is not None else "…"
