"""The annotations of an index, which the registry's page reads instead of labels."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.builds import mending, wording
from imglint.checks.builds.around import action_version, goes_for_certain
from imglint.checks.context import Context
from imglint.finding import Finding, Fix, Related
from imglint.model.build import Annotation, Build
from imglint.model.index import form_of
from imglint.model.overlay import annotations_of
from imglint.model.publication import Publication
from imglint.model.scene import pushes_by_digest
from imglint.model.workflow.actions import BUILD_PUSH, MANIFEST_CREATE
from imglint.syntax.lists import output_annotation
from imglint.syntax.text import HOLE, Text

if TYPE_CHECKING:
    from imglint.model.built import Built, Merged

_OTHER_BUILDERS: Final = ("podman", "buildah", "kaniko", "redhat-actions/", "nerdctl")
"""Tools whose index is annotated by commands of their own."""
_NO_DESCRIPTION: Final = 'the page will say "No description provided"'
GROUP: Final = "index"


def _pushed_as_index(publication: Publication, context: Context) -> Build | None:
    """The build of an index that it pushes itself to the registry in question, for certain."""
    build = publication.build
    if build is None or publication.merge is not None or publication.form.is_index is not True:
        return None
    if build.push is False or pushes_by_digest(build) or build.tool.startswith(_OTHER_BUILDERS):
        return None
    return build if goes_for_certain(publication.names, context.profile.hosts) else None


def missing_index_description(publication: Publication, context: Context) -> Iterator[Finding]:
    """An index is pushed, and the annotation that its page takes the description from is not there."""
    key = context.profile.description_label
    if publication.made:
        yield from _missing_in_image(publication, key, context)
        return
    build = _pushed_as_index(publication, context)
    there = publication.index_annotations.values.get(key)
    if build is None or not publication.index_annotations.complete or (there and there.value != ""):
        return
    label = publication.metadata.labels.get(key)
    # A value that no page takes would be no example.
    value = (label.value or "").strip() if label else ""
    below = publication.manifest_annotations.values.get(key)
    related: list[Related] = []
    if there:
        message = f"the description of the index is empty: {_NO_DESCRIPTION}"
        related.append(Related(there.setting.source, there.setting.span, "empty"))
    elif below:
        message = f"the description is written to the single images and not to the index: {_NO_DESCRIPTION}"
        related.append(Related(below.setting.source, below.setting.span, "only for the single images"))
        value = below.value or value
    else:
        reason = publication.form.reason
        message = f"this pushes an index, because {reason}, and the index has no description: {_NO_DESCRIPTION}"
    if label:
        settings = (label.setting, *reversed(label.overridden))
        ours = next((each for each in settings if each.stage >= 0), None)
        if ours:
            related.append(Related(ours.source, ours.span, "this label is not shown for an index"))
    by_action = below.setting.default if below and not there else None
    if below and by_action is False and HOLE not in value:
        value = value or below.setting.source.slice(below.setting.value_span)
    # A value of another place is what the page is to say; one that the project says of itself may be.
    known = value if HOLE not in value else ""

    def fix() -> Fix | None:
        about = "" if known else context.about.description.value
        return mending.describe_index(build, key, known or about, by_action, safe=bool(known))

    yield context.finding(
        build.place.span,
        message,
        label=f"no annotation {key} of the index",
        help=wording.add_to_build(build, key, value or "What the image is for", by_action),
        related=[each for each in related if (each.source, each.span) != (build.place.source, build.place.span)],
        source=build.place.source,
        group=GROUP,
        fix=fix if there is None else None,
    )


def _missing_in_image(publication: Publication, key: str, context: Context) -> Iterator[Finding]:
    """The same for an index that was read: it says the same for each of its images."""
    from imglint.model.image.form import Fact
    from imglint.model.image.image import At

    image = context.image
    top = image.top if image else None
    index = publication.index_annotations
    there = index.values.get(key)
    if image is None or top is None or not index.complete or (there and there.value):
        return
    if Fact.INDEX_ANNOTATIONS in image.form.lacks or not publication.goes_to(context.profile.hosts):
        return
    configs = (variant.config for variant in image.variants if variant.config)
    label = next((config.of("Labels") / key for config in configs if config.labels.get(key)), None)
    reads = ", and the labels of the images in it are not shown" if label else ""
    annotations = At(top, ("annotations",))
    name = publication.names[0].text if publication.names else "NAME"
    flag = wording.flag(top.source, key, str(label.value) if label else "What the image is for")
    yield context.at(
        annotations / key if there else annotations if annotations.value else At(top, ("manifests",)),
        f"the {'description of the index is empty' if there else 'index has no description'}{reads}: {_NO_DESCRIPTION}",
        key=not there,
        label="" if there else f"no annotation {key}",
        help=f"annotate the index when it is built; this adds it to what is there\n"
        f"docker buildx imagetools create --tag {name} {flag} {name}",
        related=[(label, "this label is not shown for an index")] if label else [],
        group=GROUP,
    )


def attestation_shown_as_unknown_platform(publication: Publication, context: Context) -> Iterator[Finding]:
    """Provenance that nobody asked for makes an index of a single image."""
    build = _pushed_as_index(publication, context)
    if build is None or build.provenance is not None or build.sbom is not None or build.may_hold_more("platforms"):
        return
    version = action_version(build.version)
    if build.tool == BUILD_PUSH and version is not None and version < (4,):
        return  # These have no such input, or add no provenance.
    if len({text.text for text in build.platforms}) > 1 or any(HOLE in text.text for text in build.platforms):
        return
    yield context.finding(
        build.place.span,
        "provenance is added to the image, and the page will list it as a platform `unknown/unknown`",
        label="pushes an index of one image and its provenance",
        help=wording.without_provenance(build),
        source=build.place.source,
        group=GROUP,
    )


def merge_without_annotation(merge: Merged, context: Context) -> Iterator[Finding]:
    """Images are joined into an index that gets no description."""
    key = context.profile.description_label
    command = merge.merge
    index = annotations_of(command, "index")
    there = index.values.get(key)
    if not index.complete or (there and there.value != "") or _copies(merge):
        return
    if command.tool.startswith(_OTHER_BUILDERS) or not goes_for_certain(command.tags, context.profile.hosts):
        return
    values = [
        pair.value.value for build in merge.builds for pair in build.labels if pair.key.text == key and pair.value
    ]
    value = next((each for each in values if each), "What the image is for")
    flag = wording.flag(command.place.source, key, value)
    if command.tool == MANIFEST_CREATE:
        message = f"the index that this makes has no description: {_NO_DESCRIPTION}"
        help = f"add to the inputs of this step\nindex-annotations: |\n  {key}={value}"
    elif command.annotates:
        message = f"the index that this makes has no description: {_NO_DESCRIPTION}"
        help = f"add to this command\n{flag}"
    else:
        message = f"`{command.tool}` cannot describe the index that it makes: {_NO_DESCRIPTION}"
        names = " ".join(wording.shown(text) for text in command.sources)
        tag = wording.shown(command.tags[0])
        instead = f"docker buildx imagetools create -t {tag} {flag} {names}"
        help = f"use the command that can; it also pushes the index\n{instead}"
    yield context.finding(
        command.place.span, message, label=f"no annotation {key}", help=help, source=command.place.source, group=GROUP
    )


def _copies(merge: Merged) -> bool:
    """Whether a single image or index is given, which is copied as it is."""
    sources = merge.merge.sources
    return len(sources) == 1 and len(merge.builds) < 2 and not _may_be_several(sources[0])


def _may_be_several(text: Text) -> bool:
    return text.text == HOLE


def annotation_not_supported(build: Built, context: Context) -> Iterator[Finding]:
    """Annotations that the tool ignores or refuses."""
    made = build.build
    annotations = _written(made)
    if not annotations:
        return
    old = _ignored_by_version(made)
    if old or made.image_format == "docker":
        reason = old or "images in docker's format have no annotations"
        text = annotations[0].pair.entry
        yield context.finding(
            made.place.span if old else text.place.span,
            f"{reason}: these annotations will be lost",
            help="use docker/build-push-action@v6" if old else "build with --format oci, or write labels instead",
            source=made.place.source if old else text.place.source,
        )
        return
    for annotation in annotations:
        found = _refused(made, annotation)
        if found:
            place = annotation.pair.entry.place
            yield context.finding(place.span, found[0], help=found[1], source=place.source)


def _written(build: Build) -> tuple[Annotation, ...]:
    from imglint.model.build import Pair

    found = list(build.annotations)
    for output in build.outputs:
        for attribute in output.read.attributes:
            read = output_annotation(attribute)
            if read is not None:
                found.append(Annotation(read.levels, Pair(read.key, read.value, attribute.value), read.problem))
    return tuple(found)


def _ignored_by_version(build: Build) -> str:
    """Why the action does not read the input `annotations`; empty when it does, or when nobody knows.

    `v5` alone is the newest of its kind, which knows the input.
    """
    if build.tool != BUILD_PUSH or not build.annotations:
        return ""
    version = action_version(build.version)
    if version is None or version == (5,) or (*version, 0) >= (5, 1):
        return ""
    return f"{BUILD_PUSH}@{build.version} has no input `annotations`, which came with v5.1"


def _refused(build: Build, annotation: Annotation) -> tuple[str, str] | None:
    """Why BuildKit refuses one annotation, and what to do."""
    if annotation.levels is None:
        return None
    levels = {level.type for level in annotation.levels}
    pushes = build.push is not False
    if levels & {"index", "index-descriptor"} and pushes and not build.load and form_of(build).is_index is False:
        reason = form_of(build).reason
        return (
            f"this annotates an index, and no index is made, because {reason}: the build will fail",
            "write it to the image, with `manifest:`, or remove it: the page of a single image reads its labels",
        )
    if levels - {"manifest"} and _docker_types(build):
        return (
            "`oci-mediatypes=false` asks for a format without annotations: the build will fail",
            "remove `oci-mediatypes=false`",
        )
    for level in annotation.levels:
        if level.platform and not _is_built(build, level.platform):
            return (
                f"this annotates the image for {level.platform}, which is not built: the build will fail",
                f"name one of the platforms that are built: {', '.join(text.text for text in build.platforms)}",
            )
    return None


def _docker_types(build: Build) -> bool:
    texts = [text for output in build.outputs if (text := output.attribute("oci-mediatypes"))]
    return bool(texts) and all(text.value == "false" for text in texts)


def _is_built(build: Build, platform: str) -> bool:
    """Whether a platform may be built: also when that is not known."""
    if not build.platforms or build.may_hold_more("platforms") or any(HOLE in each.text for each in build.platforms):
        return True
    wanted = platform.lower().split("/")[:2]
    return len(wanted) < 2 or any(each.text.strip().lower().split("/")[:2] == wanted for each in build.platforms)
