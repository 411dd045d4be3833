"""A build: one call of a tool that makes an image, wherever it is written, and what is then done with the image.

Every part is a `Text`, which knows where it is written and which of it is unknown.
"""

from __future__ import annotations

from enum import Enum
from typing import TypeAlias

from imglint.model.credential import Credential
from imglint.model.login import Login
from imglint.record import NamedTuple
from imglint.syntax.lists import Attributes, Level, ListProblem
from imglint.syntax.text import HOLE, Place, Text


class Pair(NamedTuple):
    """A key and its value; the value is None when only the key is written. `entry` is the whole as written.

    `default` names who came up with the value when it was no person ("docker/metadata-action").
    """

    key: Text
    value: Text | None
    entry: Text
    default: str = ""


class Annotation(NamedTuple):
    """An annotation with the levels it is written at; None when they are unknown or wrong (`problem` says how).

    Levels are those of `docker buildx build --annotation`: https://docs.docker.com/build/metadata/annotations/
    """

    levels: tuple[Level, ...] | None
    pair: Pair
    problem: ListProblem | None = None

    def is_at(self, level: str) -> bool | None:
        """Whether it is written at a level; None when that is unknown."""
        return None if self.levels is None else any(each.type == level for each in self.levels)


class Output(NamedTuple):
    """Where a build's result goes: the value of one `--output`, as written and as read."""

    text: Text
    read: Attributes

    @property
    def kind(self) -> str | None:
        """The exporter (`image`, `registry`, `local`, …), None when it is unknown."""
        return self.read.type.value if self.read.type else (None if HOLE in self.text.text else "")

    def attribute(self, name: str) -> Text | None:
        """The value of the last attribute of that name."""
        return self.read.get(name)


Mounts: TypeAlias = tuple[tuple[str, str | None], ...]


class Route(Enum):
    """The kind of place where a build is written."""

    COMMAND = "command"
    ACTION = "action"
    BAKE = "bake"
    COMPOSE = "compose"


class Base(Enum):
    """What the path of a Dockerfile is relative to."""

    DIRECTORY = "directory"
    CONTEXT = "context"
    EITHER = "either"


class Build(NamedTuple):
    """One build.

    - `tool` is what people call it ("docker build"), `place` the words that call it; `version` is that of an action, as
      the workflow names it.
    - `directories` are the working directories it may run in, relative to the root of the project (empty: the root),
      likeliest first; none when that is unknown. `mounts` tell where the directories of a workspace come from: pairs
      of a path and the project's directory that is there, None for what is not the project's.
    - `context` is None for the tool's default, and `checkout` tells that this is the repository on the server.
      `inline` is a Dockerfile written in place. `base` says what `dockerfile` is relative to.
    - `push` and `load` are None when they depend on something unknown. `provenance` and `sbom` are as given
      (`mode=max`, `false`). `driver` is the builder's (`docker-container`, `docker`), empty when unknown.
      `image_format` is `docker` for tools that then write no annotations.
    - `open` are the fields that may hold more than is known here (`*`: all of them). `missing_values` are flags at the
      end of a command without their value, `surplus` its words after the context, where none is allowed. `calls` are
      the places of the commands that run a build which is written in a file of its own, none when nothing calls it.
    - `contexts` are named contexts, which take the place of images of that name: the build whose result one is, or None
      for anything else.
    """

    tool: str
    route: Route
    place: Place
    directories: tuple[str, ...] = ("",)
    mounts: Mounts = (("", ""),)
    context: Text | None = None
    checkout: bool = False
    dockerfile: Text | None = None
    base: Base = Base.DIRECTORY
    inline: Text | None = None
    target: Text | None = None
    tags: tuple[Text, ...] = ()
    platforms: tuple[Text, ...] = ()
    arguments: tuple[Pair, ...] = ()
    labels: tuple[Pair, ...] = ()
    annotations: tuple[Annotation, ...] = ()
    outputs: tuple[Output, ...] = ()
    push: bool | None = False
    load: bool | None = False
    provenance: Text | None = None
    sbom: Text | None = None
    driver: str = ""
    image_format: str = "oci"
    version: str = ""
    open: frozenset[str] = frozenset()
    missing_values: tuple[Text, ...] = ()
    calls: tuple[Place, ...] = ()
    surplus: tuple[Text, ...] = ()
    contexts: tuple[tuple[str, Build | None], ...] = ()

    @property
    def stdin(self) -> bool:
        """Whether the Dockerfile comes from standard input."""
        return any(text is not None and text.text == "-" for text in (self.context, self.dockerfile))

    def may_hold_more(self, field: str) -> bool:
        """Whether the field of that name may hold what is not known."""
        return field in self.open or "*" in self.open


class Tagging(NamedTuple):
    """`docker tag SOURCE NAME`: an image gets another name."""

    source: Text
    name: Text
    place: Place


class Pushing(NamedTuple):
    """`docker push NAME`, or the step that does it; `every_tag` pushes all tags of the name."""

    name: Text
    place: Place
    every_tag: bool = False


class Copying(NamedTuple):
    """An image in a registry gets another name there, or in another registry: `crane copy` and its like."""

    source: Text
    name: Text
    place: Place


class Upload(NamedTuple):
    """Something that goes to a registry under a name and is not judged as an image: an artifact, for example."""

    name: Text
    place: Place


class Deleting(NamedTuple):
    """A container package, or a version of it, that is deleted: `owner` is None for that of the token."""

    place: Place
    owner: Text | None
    package: Text
    credential: Credential


class Merge(NamedTuple):
    """Images of several platforms joined into one index: `docker buildx imagetools create` and its like.

    `annotates` tells whether the tool can write annotations of an index at all.
    """

    tool: str
    place: Place
    tags: tuple[Text, ...]
    sources: tuple[Text, ...]
    annotations: tuple[Annotation, ...] = ()
    annotates: bool = True
    open: frozenset[str] = frozenset()


class Definition(NamedTuple):
    """A bake target that docker/metadata-action wrote: lists as the action has them, None where it wrote none."""

    name: str
    tags: Text | None = None
    labels: Text | None = None
    annotations: Text | None = None


class BakeCall(NamedTuple):
    """`docker buildx bake`, or the step that does it. Fields as in `Build`; `overrides` are those of `--set`.

    `variables` are the environment, which gives bake's variables their values. `definitions` are what
    docker/metadata-action wrote as a bake file: targets that others inherit from.
    """

    tool: str
    place: Place
    directories: tuple[str, ...]
    files: tuple[Text, ...]
    targets: tuple[Text, ...]
    overrides: tuple[Text, ...] = ()
    variables: tuple[tuple[str, Text], ...] = ()
    definitions: tuple[Definition, ...] = ()
    push: bool | None = False
    load: bool | None = False
    provenance: Text | None = None
    sbom: Text | None = None
    driver: str = ""
    checkout: bool = False
    mounts: Mounts = (("", ""),)
    open: frozenset[str] = frozenset()


class ComposeCall(NamedTuple):
    """`docker compose build` or `push` and their like: the files and services they are called for.

    `profiles` are those of `--profile`, `env_files` those that are read in place of `.env`.
    """

    place: Place
    directories: tuple[str, ...]
    files: tuple[Text, ...]
    services: tuple[Text, ...]
    builds: bool
    push: bool | None
    arguments: tuple[Pair, ...] = ()
    variables: tuple[tuple[str, Text], ...] = ()
    mounts: Mounts = (("", ""),)
    open: frozenset[str] = frozenset()
    profiles: tuple[Text, ...] = ()
    env_files: tuple[Text, ...] = ()


class MakeCall(NamedTuple):
    """`make TARGET…`: recipes of a Makefile are run. Fields as in `Build`.

    `file` is None for the default ones; `goals` are the targets. `given` are variables of the command line, and
    `variables` those of the environment.
    """

    place: Place
    directories: tuple[str, ...]
    file: Text | None
    goals: tuple[Text, ...]
    given: tuple[tuple[str, Text], ...] = ()
    variables: tuple[tuple[str, Text], ...] = ()
    driver: str = ""
    mounts: Mounts = (("", ""),)


class ReleaseCall(NamedTuple):
    """`goreleaser release`, or the step that does it. `skipped` is what it leaves out; the rest as in `MakeCall`."""

    place: Place
    directories: tuple[str, ...]
    file: Text | None
    skipped: frozenset[str] = frozenset()
    variables: tuple[tuple[str, Text], ...] = ()
    mounts: Mounts = (("", ""),)


class Unseen(NamedTuple):
    """Builds that are called and of which nothing can be told: `reason` says in words which, and why."""

    place: Place
    reason: str


FileCall = BakeCall | ComposeCall | MakeCall | ReleaseCall
"""What stands for events that are written in a file of its own."""
Event = Build | Tagging | Pushing | Copying | Upload | Deleting | Merge | FileCall | Unseen | Login
"""What a script, a job or a Makefile does with images, in order."""
