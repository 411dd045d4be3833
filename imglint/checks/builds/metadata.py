"""docker/metadata-action: what it makes and nobody uses, and what it blanks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.builds.around import made_by_action, metadata_step
from imglint.checks.builds.mending import pass_outputs, rewrite
from imglint.checks.context import Context
from imglint.finding import Finding, Fix, Related
from imglint.model.build import Build, Route
from imglint.model.publication import Publication
from imglint.model.scene import pushes_by_digest
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.nearest import nearest
from imglint.syntax.text import Place

if TYPE_CHECKING:
    from imglint.model.built import MetadataUse
    from imglint.model.workflow.structure import Job

_OUTPUTS: Final = frozenset(
    (
        "version", "tags", "tag-names", "labels", "annotations", "json", "bake-file", "bake-file-tags",
        "bake-file-labels", "bake-file-annotations",
    )
)  # fmt: skip
"""https://github.com/docker/metadata-action#outputs."""
_CARRIES_LABELS: Final = frozenset(("labels", "annotations", "json", "bake-file", "bake-file-labels", ""))
_OF_STEPS: Final = frozenset(("outputs", "outcome", "conclusion"))
_REFERENCE: Final = (
    r"\bsteps\s*(?:\.\s*(?P<id>[A-Za-z_][\w-]*)|\[\s*'(?P<quoted>[^'\n]*)'\s*\])"
    r"(?:\s*\.\s*(?P<kind>[A-Za-z_][\w-]*))?(?:\s*(?:\.\s*(?P<name>[A-Za-z_][\w-]*)|\[\s*'(?P<index>[^'\n]*)'\s*\]))?"
)
_BY_ENVIRONMENT: Final = r"DOCKER_METADATA_OUTPUT_(?:LABELS|JSON|ANNOTATIONS|BAKE_FILE)|\btoJSON\(\s*steps\s*\)"


def metadata_action_blanks_label(publication: Publication, context: Context) -> Iterator[Finding]:
    """The action gives a label nothing, where the Dockerfile gives it a value."""
    for key, label in publication.metadata.labels.items():
        setting, lost = label.setting, label.blanked
        if lost is None or publication.build is None or not made_by_action(setting, publication.build):
            continue
        if setting.default:
            message = (
                f"docker/metadata-action makes `{key}` empty, since GitHub finds no licence file, "
                "and the value of the Dockerfile is lost"
            )
        else:
            message = f"this makes `{key}` empty, and the value of the Dockerfile is lost"
        step = metadata_step(publication.build.calls[0] if publication.build.calls else publication.build.place)
        name = f"the step `{step.id}`" if step and step.id else "the step with docker/metadata-action"
        help = f"remove this line, or give it the value\n{key}={lost.value}"
        if setting.default:
            help = f"add to `labels` of {name}\nlabels: |\n  {key}={lost.value}"
        yield context.finding(
            setting.span,
            message,
            label="empty",
            help=help,
            related=[Related(lost.source, lost.span, "this value is lost")],
            source=setting.source,
        )


class _Reference(NamedTuple):
    """`steps.ID.KIND.NAME` in an expression; empty for what is not there."""

    id: str
    kind: str
    name: str
    span: Span


def unused_metadata(metadata: MetadataUse, context: Context) -> Iterator[Finding]:
    """The labels that the action makes do not reach the build after it."""
    made, source = metadata.metadata, metadata.source
    builds = [build for build in metadata.builds if _could_use(build)]
    job = metadata.job
    if not builds or made.place.source is not source:
        return
    references = _references(job)
    wrong = _wrong_reference(made.step, references, job)
    if wrong is not None:
        yield context.finding(
            wrong[0], f"{wrong[1]}, so this is empty: what docker/metadata-action makes is lost", help=wrong[2],
            related=[Related(source, made.place.span, "what it makes is not used")], source=source,
            fix=rewrite(source, wrong[0], wrong[2][6:]) if wrong[2].startswith("write steps.") else None,
        )  # fmt: skip
        return
    used = {each.name for each in references if made.step and each.id == made.step}
    if used & _CARRIES_LABELS or re.search(_BY_ENVIRONMENT, source.text):
        return
    build = builds[0]
    if any(each.labels or each.may_hold_more("labels") for each in builds) and used:
        # Labels of one's own: the action is there for the tags.
        return
    what = "the labels" if used else "the tags and labels"
    name = made.step or "meta"
    lines = [f"labels: ${{{{ steps.{name}.outputs.labels }}}}"]
    if not used and not any(map(pushes_by_digest, builds)):
        lines.insert(0, f"tags: ${{{{ steps.{name}.outputs.tags }}}}")
    start = "add to the step that builds"
    if not made.step:
        start = "give this step the name in the first line, and add the others to the step that builds"
        lines.insert(0, "id: meta")
    if build.route is not Route.ACTION:
        start = start.replace("the step that builds", "`files` of the step that builds")
        lines = [*lines[: 0 if made.step else 1], f"cwd://${{{{ steps.{name}.outputs.bake-file }}}}"]
    yield context.finding(
        made.place.span,
        f"{what} that this makes are not given to the build, and will be lost",
        label=f"its {'labels are' if used else 'outputs are'} not used",
        help="\n".join((start, *lines)),
        related=_related(build.place, source),
        source=source,
        fix=_passing(made.step, job, builds, used),
    )


def _passing(name: str, job: Job, builds: list[Build], used: set[str]) -> Fix | None:
    """Pass the labels to the only build that could use them, or the tags first where nothing is passed yet."""
    step = next((step for step in job.steps if name and step.id == name), None)
    if step is None or len({build.place for build in builds}) > 1:
        return None
    outputs = ["labels"] if used or pushes_by_digest(builds[0]) else ["tags", "labels"]
    return pass_outputs(step, builds[0], outputs, safe=bool(used))


def _could_use(build: Build) -> bool:
    """Whether a build is one that the action is made for, and may be published."""
    return build.push is not False and build.route in (Route.ACTION, Route.BAKE) and build.tool.startswith("docker/")


def _related(place: Place, source: object) -> list[Related]:
    return [Related(place.source, place.span, "this build gets none of it")] if place.source is source else []


def _references(job: Job) -> tuple[_Reference, ...]:
    """Every place of a job that speaks of a step, in expressions and around them."""
    node, document = job.fields.node, job.fields.document
    if node is None:
        return ()
    text = document.source.text
    found = []
    for match in re.compile(_REFERENCE).finditer(text, node.start, node.end):
        name = match["name"] or match["index"] or ""
        line = text.rfind("\n", 0, match.start()) + 1
        if not text[line : match.start()].lstrip().startswith("#"):
            found.append(_Reference(match["id"] or match["quoted"], match["kind"] or "", name, Span(*match.span())))
    return tuple(found)


def _wrong_reference(step: str, references: tuple[_Reference, ...], job: Job) -> tuple[Span, str, str] | None:
    """A place that means an output of the step and misses it: the span, what is wrong, and what to write."""
    steps = {each.id.lower() for each in job.steps if each.id}
    used = {each.name for each in references if step and each.id == step and each.kind == "outputs"}
    for each in references:
        if step and each.id == step and each.kind and each.kind not in _OF_STEPS and each.name in _OUTPUTS:
            return each.span, f"a step has no `{each.kind}`", f"write steps.{step}.outputs.{each.name}"
        if step and each.id == step and each.kind == "outputs" and each.name and each.name not in _OUTPUTS:
            meant = nearest(each.name, _OUTPUTS)
            if meant:
                return each.span, f"the action has no output `{each.name}`", f"write steps.{step}.outputs.{meant}"
        lists = _OUTPUTS - {"version", "json"} - used
        if each.id.lower() not in steps and each.kind == "outputs" and each.name in lists:
            instead = f"write steps.{step}.outputs.{each.name}" if step else f"add to that step\nid: {each.id}"
            return each.span, f"no step of this job has the id `{each.id}`", instead
    return None
