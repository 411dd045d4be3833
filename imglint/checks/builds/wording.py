"""What to write, in the language of the file that a build is written in."""

from __future__ import annotations

import posixpath
import re

from imglint.checks.builds.around import action_version, metadata_step
from imglint.model.build import Annotation, Build, Route
from imglint.model.workflow.actions import BUILD_PUSH
from imglint.model.workflow.metadata_action import LEVELS_VARIABLE
from imglint.source import Source
from imglint.syntax.text import Text

_LEVELS = f"env:\n  {LEVELS_VARIABLE}: manifest,index"


def shown(text: Text) -> str:
    """A word of a command as it is written in its file."""
    return text.value or text.source.slice(text.span)


def flag(source: Source, key: str, value: str) -> str:
    """The flag that annotates an index."""
    value = re.sub(r'[\\"$`]', r"\\\g<0>", " ".join(value.split()))
    name = posixpath.basename(source.path).lower()
    if "makefile" in name or name.endswith(".mk"):
        value = value.replace("\\$", "\\$$")
    return f'--annotation "index:{key}={value}"'


def add_to_build(build: Build, key: str, value: str, by_action: bool | None) -> str:
    """How to annotate the index that a build makes.

    `by_action` tells that docker/metadata-action wrote the annotation for the single images, or that a person did;
    None when nobody did.
    """
    if by_action:
        return f"{_on_metadata_step(build)}\n{_LEVELS}"
    value = " ".join(value.split())
    if build.route is Route.ACTION:
        return _add_to_action(build, key, value)
    if build.route is Route.COMMAND:
        return f"add to this command\n{flag(build.place.source, key, value)}"
    path = build.place.source.path
    if path.endswith((".yml", ".yaml")):
        start = "add below `build` of this service"
        if build.route is Route.COMPOSE:
            start = (
                f"compose writes no annotations: build with `docker buildx bake -f {posixpath.basename(path)}`, and "
            )
            start += "add below `build` of this service"
        return f"{start}\nx-bake:\n  output:\n    - {_yaml(_output(key, value))}"
    entry = re.sub(r'[\\"]', r"\\\g<0>", f"index:{key}={value}")
    if path.endswith(".json"):
        return f'add to this target\n"annotations": ["{entry}"]'
    entry = entry.replace("${", "$${").replace("%{", "%%{")
    return f'add to this target\nannotations = ["{entry}"]'


def _on_metadata_step(build: Build) -> str:
    step = metadata_step(build.calls[0] if build.calls else build.place)
    name = f"the step `{step.id}`" if step and step.id else "the step with docker/metadata-action"
    return f"set on {name}"


def _add_to_action(build: Build, key: str, value: str) -> str:
    version = action_version(build.version)
    if build.tool == BUILD_PUSH and version is not None and version != (5,) and (*version, 0) < (5, 1):
        start = "add to each line of `outputs`" if build.outputs else "add to this step"
        field = _field(key, value)
        return f"{start}\n{field}" if build.outputs else f"{start}\noutputs: |\n  type=image,{field}"
    step = metadata_step(build.place)
    if step is None or build.annotations:
        start = (
            "write the level before the key"
            if any(_is_of(each, key) for each in build.annotations)
            else "add to this step"
        )
        return f"{start}\nannotations: |\n  index:{key}={value}"
    name = step.id or "meta"
    line = f"annotations: ${{{{ steps.{name}.outputs.annotations }}}}"
    if step.id and LEVELS_VARIABLE in step.fields.document.source.text:
        return f"add to this step\n{line}"
    identifier = "" if step.id else "id: meta\n"
    return f"{_on_metadata_step(build)}, and the last line on this one\n{identifier}{_LEVELS}\n{line}"


def _is_of(annotation: Annotation, key: str) -> bool:
    return annotation.pair.key.text == key


def _field(key: str, value: str) -> str:
    """A field of `outputs`, in quotes where its commas and quotes would end it."""
    field = f"annotation-index.{key}={value}"
    return '"' + field.replace('"', '""') + '"' if "," in value or '"' in value else field


def _output(key: str, value: str) -> str:
    return f"type=image,{_field(key, value)}"


def _yaml(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


def without_provenance(build: Build) -> str:
    """Both ways out: the line that switches provenance off, and to live with it."""
    keep = "keep it, or do without what says how the image was built and push the image alone"
    if build.route is Route.ACTION:
        return f"{keep}\nprovenance: false"
    if build.route is Route.COMMAND:
        return f"{keep}\n--provenance=false"
    path = build.place.source.path
    if path.endswith((".yml", ".yaml")):
        return f"{keep}\nprovenance: false"
    line = '"attest": ["type=provenance,disabled=true"]' if path.endswith(".json") else (
        'attest = ["type=provenance,disabled=true"]'
    )  # fmt: skip
    return f"{keep}\n{line}"
