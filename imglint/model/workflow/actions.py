"""The actions that build and push, each read as the event that it is.

Inputs: https://github.com/docker/build-push-action#inputs, https://github.com/docker/bake-action#inputs,
https://github.com/redhat-actions/buildah-build#action-inputs
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Final

from imglint.model.build import (
    Annotation,
    BakeCall,
    Base,
    Build,
    Copying,
    Definition,
    Event,
    Merge,
    Mounts,
    Pair,
    Route,
    Upload,
)
from imglint.model.commands import docker
from imglint.model.commands.flags import Word, boolean
from imglint.model.paths import join_all
from imglint.model.workflow.structure import Fields, action_of
from imglint.record import NamedTuple
from imglint.syntax import lists
from imglint.syntax.expressionvalue import Scalar, Value, truth
from imglint.syntax.lists import Level
from imglint.syntax.text import HOLE, Place, Text

BUILD_PUSH: Final = "docker/build-push-action"
BAKE: Final = "docker/bake-action"
BUILDAH_BUILD: Final = "redhat-actions/buildah-build"
PUSH_TO_REGISTRY: Final = "redhat-actions/push-to-registry"
MANIFEST_CREATE: Final = "int128/docker-manifest-create-action"
TAG_PUSH: Final = "akhilerm/tag-push-action"
ATTEST: Final = frozenset(("actions/attest", "actions/attest-build-provenance", "actions/attest-sbom"))
RELEASE: Final = "goreleaser/goreleaser-action"
NAMES: Final = ATTEST | {BUILD_PUSH, BAKE, BUILDAH_BUILD, PUSH_TO_REGISTRY, MANIFEST_CREATE, TAG_PUSH, RELEASE}
"""The actions that are read here."""
OF_THE_ENVIRONMENT: Final = frozenset((BAKE, RELEASE))
"""Those that take values from variables."""

_DEFAULT_CONTEXT: Final = "{{defaultContext}}"


class Call(NamedTuple):
    """A step that uses an action: its inputs, and what is known where it runs.

    `read` evaluates the expressions of a text, `value` a text that may be a truth value. `driver` is the builder's,
    `mounts` what the job has checked out, `default_of` names who made a value up. `environment` are variables.
    `definitions` are the bake files that earlier steps wrote, by the path that stands for each.
    """

    uses: Text
    inputs: Fields
    read: Callable[[Text], Text]
    value: Callable[[Text], Value]
    driver: str
    mounts: Mounts
    default_of: Callable[[Place], str]
    environment: tuple[tuple[str, Text], ...]
    definitions: Mapping[str, Definition]

    def text(self, name: str) -> Text | None:
        """An input with its expressions evaluated; None when it is not given or empty."""
        written = self.inputs.text(name)
        text = self.read(written).strip() if written is not None else None
        return text if text is not None and text.text else None

    def switch(self, name: str, default: bool = False) -> bool | None:
        """An input that is true or false; None when that is unknown."""
        written = self.inputs.text(name)
        if written is None or not written.text:
            return default
        value = self.value(written.strip())
        if isinstance(value, Text):
            return None if HOLE in value.text else boolean(value)
        return truth(value) if isinstance(value, Scalar) else None

    def items(self, name: str, *, commas: bool = True, quotes: bool = True) -> tuple[tuple[Text, ...], bool]:
        """The items of an input list, and whether they are all that there may be."""
        written = self.inputs.text(name)
        if written is None:
            return (), True
        items = lists.records(self.read(written), commas=commas, quotes=quotes).items
        return tuple(item for item in items if item.text != HOLE), all(item.text != HOLE for item in items)

    def pair(self, entry: Text) -> Pair:
        """An entry `key=value`."""
        key, value = lists.pair(entry)
        return Pair(key, value, entry, self.default_of(value.origin) if value is not None else "")

    @property
    def place(self) -> Place:
        """The step's `uses`."""
        return self.uses.place


def events(call: Call) -> tuple[Event, ...]:
    """What the step does with images; nothing for other actions."""
    name, version = action_of(call.uses)
    if name.startswith("./"):
        # A local action that is no composite one: int128's joins images by this name in its own repository.
        name = MANIFEST_CREATE if call.inputs.text("sources") is not None else ""
    if name == BUILD_PUSH:
        return (_build_push(call, version),)
    if name == BAKE:
        return (_bake(call),)
    if name in (BUILDAH_BUILD, PUSH_TO_REGISTRY):
        from imglint.model.workflow import redhat

        return (redhat.buildah(call),) if name == BUILDAH_BUILD else redhat.push_to_registry(call)
    if name == MANIFEST_CREATE:
        return () if call.switch("push", default=True) is False else (_manifest_create(call),)
    if name == TAG_PUSH:
        return _copies(call)
    if name in ATTEST:
        return _attestation_pushed(call)
    if name == RELEASE:
        return _release(call)
    return ()


def _build_push(call: Call, version: str) -> Build:
    found = {
        name: call.items(name, commas=name in ("platforms", "tags"), quotes=name != "outputs")
        for name in ("annotations", "attests", "build-args", "build-contexts", "labels", "outputs", "platforms", "tags")
    }
    outputs = tuple(docker.output(text) for text in found["outputs"][0])
    switch = call.switch("push")
    context = call.text("context")
    checkout = context is None or context.text.startswith(_DEFAULT_CONTEXT)
    if context is not None and checkout:
        context = context.cut(len(_DEFAULT_CONTEXT)).strip(":")
    return Build(
        BUILD_PUSH,
        Route.ACTION,
        call.place,
        ("",),
        (("", ""),) if checkout else call.mounts,
        context,
        checkout,
        call.text("file"),
        Base.CONTEXT if checkout else Base.DIRECTORY,
        target=call.text("target"),
        tags=found["tags"][0],
        platforms=found["platforms"][0],
        arguments=tuple(call.pair(entry) for entry in found["build-args"][0]),
        labels=tuple(call.pair(entry) for entry in found["labels"][0]),
        annotations=tuple(_annotation(call, entry) for entry in found["annotations"][0]),
        outputs=outputs,
        push=docker.pushes(switch, outputs, not found["outputs"][1]),
        load=call.switch("load"),
        provenance=_attestation(call, found["attests"][0], "provenance"),
        sbom=_attestation(call, found["attests"][0], "sbom"),
        driver=call.driver,
        version=version,
        open=frozenset(_FIELDS.get(name, name) for name, (_, complete) in found.items() if not complete),
        contexts=docker.named_contexts(found["build-contexts"][0]),
    )


_FIELDS: Final = {"build-args": "arguments"}


def _annotation(call: Call, entry: Text) -> Annotation:
    read = docker.annotation(entry)
    value = read.pair.value
    return read._replace(pair=read.pair._replace(default=call.default_of(value.origin) if value is not None else ""))


def _attestation(call: Call, attests: tuple[Text, ...], kind: str) -> Text | None:
    given = call.text(kind)
    return docker.attested(kind, attests) if given is None else given


def _bake(call: Call) -> BakeCall:
    files, all_files = call.items("files")
    targets, all_targets = call.items("targets")
    overrides, all_overrides = call.items("set", commas=False, quotes=False)
    variables, _ = call.items("vars", commas=False, quotes=False)
    source = call.text("source") or call.text("workdir")
    remote = call.text("source") is None
    directories: tuple[str, ...] = ("",)
    if source is not None:
        directories = (source.value,) if source.value and "://" not in source.value else ()
        directories = ("",) if source.text in (".", "./", _DEFAULT_CONTEXT) else directories
    definitions = tuple(call.definitions[text.text] for text in files if text.text in call.definitions)
    known = tuple(text for text in files if text.text not in call.definitions)
    more = {"files": all_files, "targets": all_targets, "overrides": all_overrides}
    return BakeCall(
        BAKE,
        call.place,
        directories,
        known,
        targets,
        overrides,
        (*call.environment, *((name.text, value) for name, value in map(lists.pair, variables) if value is not None)),
        definitions,
        call.switch("push"),
        call.switch("load"),
        call.text("provenance"),
        call.text("sbom"),
        call.driver,
        remote,
        (("", ""),) if remote else call.mounts,
        frozenset(name for name, complete in more.items() if not complete),
    )


def _manifest_create(call: Call) -> Merge:
    """An index of images that were pushed before: https://github.com/int128/docker-manifest-create-action#inputs."""
    tags, all_tags = call.items("tags")
    sources, all_sources = call.items("sources")
    entries, all_entries = call.items("index-annotations", commas=False)
    annotations = tuple(Annotation((Level("index"),), call.pair(entry)) for entry in entries)
    more = {"tags": all_tags, "sources": all_sources, "annotations": all_entries}
    opened = frozenset(name for name, complete in more.items() if not complete)
    return Merge(MANIFEST_CREATE, call.place, tags, sources, annotations, True, opened)


def _copies(call: Call) -> tuple[Copying, ...]:
    """An image that is copied to other names: https://github.com/akhilerm/tag-push-action#inputs."""
    source, names = call.text("src"), call.items("dst")[0]
    return tuple(Copying(source, name, call.place) for name in names) if source is not None else ()


def _attestation_pushed(call: Call) -> tuple[Upload, ...]:
    """An attestation beside its image in the registry: https://github.com/actions/attest#inputs."""
    name = call.text("subject-name")
    return (Upload(name, call.place),) if name is not None and call.switch("push-to-registry") else ()


def _release(call: Call) -> tuple[Event, ...]:
    """A release: https://github.com/goreleaser/goreleaser-action#inputs. Without arguments nothing is known of it."""
    arguments, directory = call.text("args"), call.text("workdir")
    if arguments is None or call.switch("install-only") is not False:
        return ()
    from imglint.model.goreleaser import release

    words = [Word(arguments.cut(*match.span())) for match in re.finditer(r"\S+", arguments.text)]
    directories = join_all(("",), directory.value if directory is not None else "")
    return tuple(
        each._replace(variables=call.environment) for each in release(words, call.place, directories, call.mounts)
    )
