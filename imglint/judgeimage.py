"""What an image comes to when every rule that is switched on has looked at it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from imglint.checks.context import Context, Surroundings
from imglint.config import Settings
from imglint.engine import Engine, Judgement, Request, RuleCrashError
from imglint.finding import Finding, Pointer, Related
from imglint.model.image.document import Document, joined
from imglint.model.image.image import Image
from imglint.model.image.masking import masked
from imglint.model.image.publications import documents, publications
from imglint.source import Source
from imglint.syntax.strictjson import pointer_at

if TYPE_CHECKING:
    from imglint.syntax.dockerfile import Dockerfile

FAMILIES = ("labels", "images")
"""The families whose rules have something to say of an image."""
OF_INDEXES = "missing-index-description"
"""The one rule about builds that has something to say of an index that was built; without one, it is not loaded."""


def judge_image(engine: Engine, image: Image, request: Request, dockerfile: Dockerfile | None = None) -> Judgement:
    """Judge one image. Raises `ConfigError`; a mistake of ours is the judgement's `failure`."""
    settings = engine.with_severities(request.settings)
    surroundings = Surroundings(settings, request.profile, request.find_identity, image, dockerfile)
    rules = engine.active(_chosen(engine, request.settings, image))
    findings: list[Finding] = []
    try:
        for kind, home, subject in _subjects(image):
            for rule in rules.get(kind, ()):
                findings += engine.found(rule, subject, Context(rule.name, engine.catalog.rule, home, surroundings))
    except RuleCrashError as error:
        return Judgement(failure=str(error))
    return Judgement(masked(_together(findings, image), image))


def _chosen(engine: Engine, settings: Settings, image: Image) -> tuple[str, ...]:
    families = engine.catalog.families
    chosen = engine.chosen(settings)
    return tuple(name for name in chosen if families[name] in FAMILIES or (name == OF_INDEXES and image.top))


def _subjects(image: Image) -> Iterator[tuple[str, Source, Any]]:
    """Everything in an image that rules look at: its kind, where findings are by default, and itself."""
    yield "image", image.root.source, image
    for variant in image.variants:
        home = variant.config.document if variant.config else variant.manifest
        yield "variant", home.source if home else image.root.source, variant
    for publication in publications(image):
        yield "publication", publication.source, publication


def _pointed(related: Related, known: Mapping[Source, Document]) -> Related:
    """What explains a finding, with the way to it when it is in the image."""
    document = known.get(related.source)
    if document is None:
        return related
    path = joined(document.path, pointer_at(related.source.text, related.span.start))
    return related._replace(pointers=(Pointer(path, document.platform),))


def _together(findings: Iterable[Finding], image: Image) -> list[Finding]:
    """The findings with their pointers; what holds for several platforms is said once, and names them all."""
    known = {document.source: document for document in documents(image)}
    order = {source: number for number, source in enumerate(known)}
    found: dict[tuple[object, ...], Finding] = {}
    for finding in findings:
        document = known.get(finding.source)
        if document is None:
            found[(finding,)] = finding
            continue
        steps = pointer_at(finding.source.text, finding.span.start)
        matter = (finding.rule, finding.message, finding.label, finding.help, document.title, steps)
        before = found.get(matter, finding)
        pointer = Pointer(joined(document.path, steps), document.platform)
        related = tuple(_pointed(each, known) for each in before.related)
        pointers = tuple(dict.fromkeys((*before.pointers, pointer)))
        found[matter] = before._replace(pointers=pointers, related=related)
    return sorted(found.values(), key=lambda each: (order.get(each.source, 0), *each.sort_key()))
