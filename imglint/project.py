"""Everything found in one repository, joined: its Dockerfiles, builds and publications.

What reads workflows, scripts and bake files is imported only when there are such files.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import TYPE_CHECKING, Final
from weakref import proxy

from imglint.config import Settings
from imglint.model.evaluate import Evaluation, evaluate
from imglint.model.kind import Kind
from imglint.model.publication import Form, Publication, implied
from imglint.model.repository import Identity
from imglint.model.stages import Assumptions
from imglint.model.understanding import File, Tree, Understanding, WorkflowUse
from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.dockerfile import Dockerfile, parse

if TYPE_CHECKING:
    from imglint.model.build import Build, Event, FileCall, Pushing, Unseen
    from imglint.model.built import Broken, Built, Merged, MetadataUse
    from imglint.model.loginuse import DeletionUse, LoginUse
    from imglint.model.make import Calls
    from imglint.model.metadata import Metadata
    from imglint.model.scene import Scene
    from imglint.model.workflow.jobrun import Facts, JobRun
    from imglint.model.workflow.occasion import Occasion
    from imglint.model.workflow.structure import Workflow
    from imglint.syntax.text import Place
    from imglint.syntax.yamlnode import Problem

LICENSE_NAMES: Final = (
    "LICENSE", "LICENCE", "COPYING", "UNLICENSE", "LICENSE.md", "LICENSE.txt", "LICENCE.md", "LICENCE.txt",
    "COPYING.md", "COPYING.txt", "MIT-LICENSE", "LICENSE-MIT", "LICENSE-APACHE", "license", "License",
    "LICENSE.rst", "LICENSE.adoc", "LICENSE.TXT", "LICENSE.MIT", "LICENSE-MIT.txt", "LICENSE-MIT.md", "LICENCE.rst",
    "LICENSE-APACHE.txt", "LICENSE-2.0.txt", "UNLICENSE.txt", "UNLICENSE.md", "COPYING.LESSER", "COPYRIGHT", "OFL.txt",
    "license.md", "license.txt", "License.md", "License.txt", "licence.md", "licence.txt", "copying", "unlicense",
)  # fmt: skip
"""Files in the root of a repository in which GitHub looks for its licence."""


MAX_MAKES: Final = 5
"""Calls of make within one another that are followed."""

MAX_KEPT: Final = 20
"""Evaluations that are kept with the text of a Dockerfile, for the next project that it is part of."""

_LOCAL_CALL: Final = r"""uses:\s*["']?\./([^\s"'#]+)"""


class Assumed(NamedTuple):
    """What the configuration says of a Dockerfile that nobody is seen to build.

    `published` is `always`, `auto` or `never`; `named` tells that the user named the file. With `insist` there is
    nothing to judge without the target; else it is that of some other file, and the last stage counts.
    """

    build_arguments: Mapping[str, str]
    target: str = ""
    insist: bool = True
    published: str = "auto"
    named: bool = False


def assumed(settings: Settings, named: bool) -> Assumed:
    """What the settings say."""
    insist = settings.origins["target"].kind != "file"
    return Assumed(settings.build_args, settings.target or "", insist, settings.assume_published, named)


def evaluated(given: Assumed, for_target: Callable[[str], Evaluation]) -> Evaluation:
    """A Dockerfile as it is built when nobody says how; `for_target` evaluates it."""
    evaluation = for_target(given.target)
    return for_target("") if evaluation.stage is None and given.target and not given.insist else evaluation


class Project:
    """The files of one repository. `find` reads a file below its root by its path, None when there is none.

    `assumed` gives what holds for a Dockerfile by its path. With `given`, these are the only builds that count, and
    their images are taken for published. `holds` tells whether anything is at a path, `rooted` whether the root is
    that of the project and not just where the files are.
    """

    def __init__(
        self,
        files: Iterable[File],
        find: Callable[[str], Source | None],
        identity: Callable[[], Identity | None],
        assumed: Callable[[str], Assumed],
        given: tuple[Scene, ...] = (),
        holds: Callable[[str], bool] | None = None,
        rooted: bool = True,
    ) -> None:
        self.files = tuple(files)
        self.find = find
        self.identity = identity
        self.assumed = assumed
        self.given = given
        self.tree = Tree(find, holds or (lambda path: find(path) is not None), rooted)
        self.broken: list[Broken] = []
        self.crashes: list[tuple[str, Exception]] = []
        self.merges: list[Merged] = []
        self.foreign: list[Pushing] = []
        self.unseen: list[Unseen] = []
        self.metadata: list[MetadataUse] = []
        self.workflows: list[WorkflowUse] = []
        self.logins: dict[tuple[object, ...], LoginUse] = {}
        self.deletions: dict[tuple[Place, str], DeletionUse] = {}
        self._trees: dict[str, Dockerfile] = {}
        self._evaluations: dict[tuple[str, tuple[tuple[str, str | None], ...], str], Evaluation] = {}
        self._workflows: dict[str, Workflow | None] = {}
        self._read_calls: dict[FileCall, tuple[Event, ...]] = {}
        self._makes: Calls | None = None
        self._known: Facts | None = None
        self._called: frozenset[str] | None = None
        self._understanding: Understanding | None = None
        self._kinds = {file.kind for file in self.files}
        self.by_path = {file.path: file for file in self.files}
        # What is read holds on to this: it must not hold the project, which could not be let go.
        self._source = partial(_source, self.by_path, find)

    # Dockerfiles ---------------------------------------------------------------------------------------------------

    def dockerfile(self, path: str) -> Evaluation | None:
        """A Dockerfile as it is evaluated when nobody is seen to build it; None when there is none at the path."""
        given, tree = self.assumed(path), self._tree(path)
        if tree is None:
            return None
        return evaluated(given, lambda target: self._evaluate(path, tree, given.build_arguments, target))

    def _evaluate(self, path: str, tree: Dockerfile, arguments: Mapping[str, str | None], target: str) -> Evaluation:
        key = (path, tuple(sorted(arguments.items(), key=lambda item: item[0])), target)
        if key not in self._evaluations:
            kept: dict[tuple[object, ...], Evaluation]
            kept = tree.source.read_once("evaluations", lambda source: {})
            if key[1:] not in kept:
                if len(kept) >= MAX_KEPT:
                    kept.clear()
                kept[key[1:]] = evaluate(tree, Assumptions(arguments, target))
            self._evaluations[key] = kept[key[1:]]
        return self._evaluations[key]

    def _tree(self, path: str) -> Dockerfile | None:
        if path not in self._trees:
            source = self._source(path)
            if source is None:
                return None
            self._trees[path] = source.read_once("dockerfile", parse)
        return self._trees[path]

    # Builds --------------------------------------------------------------------------------------------------------

    def scenes(self) -> Iterator[Scene]:
        """What happens to images, file by file: workflows, scripts, Makefiles, then what nobody calls."""
        if self.given:
            yield from map(self._complete, self.given)
            return
        called: set[tuple[Source, Span]] = set()
        for file in self.files:
            try:
                for scene in self._scenes_of(file):
                    called.update((build.place.source, build.place.span) for build in _builds(scene.events))
                    yield scene
            except Exception as error:
                self.crashes.append((file.source.path, error))
        for file in self.files:
            if file.kind not in (Kind.BAKE, Kind.COMPOSE):
                continue
            try:
                builds = [build for build in self._defined(file) if tuple(build.place) not in called]
            except Exception as error:
                self.crashes.append((file.source.path, error))
                continue
            if builds:
                from imglint.model.scene import Scene

                yield Scene(file.source, tuple(builds))

    def _scenes_of(self, file: File) -> Iterator[Scene]:
        if file.kind is Kind.WORKFLOW:
            yield from self._workflow_scenes(file)
        elif file.kind is Kind.ACTION:
            self._note_broken(file)
        elif file.kind is Kind.SCRIPT:
            from imglint.model.files import script_scene

            yield self._complete(file.source.read_once("scene", partial(script_scene, file.path)))
        elif file.kind is Kind.MAKEFILE:
            from imglint.model import make

            yield self._complete(file.source.read_once("scene", partial(make.scene, file.path)))

    def _complete(self, scene: Scene) -> Scene:
        self._note(scene.events, None)
        return scene._replace(events=tuple(self._expanded(scene.events))) if scene.events else scene

    def _expanded(self, events: Iterable[Event], depth: int = 0) -> Iterator[Event]:
        """The events with what calls of bake, compose and make stand for."""
        from imglint.model.build import FileCall

        for event in events:
            if not isinstance(event, FileCall):
                yield event
                continue
            # The combinations of a matrix mostly differ in nothing that bake sees.
            if event not in self._read_calls:
                self._read_calls[event] = tuple(self._read_call(event, depth))
            yield from self._read_calls[event]

    def _read_call(self, call: FileCall, depth: int) -> Iterable[Event]:
        from imglint.model.build import BakeCall, ComposeCall, ReleaseCall

        if isinstance(call, BakeCall):
            from imglint.model import bake

            return bake.read_call(call, self._source)
        if isinstance(call, ComposeCall):
            from imglint.model import compose

            return compose.read_call(call, self._source)
        if isinstance(call, ReleaseCall):
            from imglint.model import goreleaser

            return goreleaser.read_call(call, self._source)
        from imglint.model.make import Calls

        self._makes = self._makes or Calls(self._source)
        return self._expanded(self._makes.read(call), depth + 1) if depth < MAX_MAKES else ()

    def _defined(self, file: File) -> tuple[Build, ...]:
        """The builds that a bake or compose file defines."""
        if file.kind is Kind.BAKE:
            from imglint.model import bake

            problems = bake.problems(file.source)
            if problems:
                self._break(file, problems)
            return bake.read_file(file.path, file.source, self._source)
        from imglint.model import compose

        self._note_broken(file)
        return compose.read_file(file.path, file.source, self._source)

    def _break(self, file: File, problems: Iterable[Problem]) -> None:
        from imglint.model.built import Broken

        self.broken.append(Broken(file.source, file.kind.value, tuple(problems)))

    def _note_broken(self, file: File) -> None:
        from imglint.syntax import yaml

        problems = file.source.read_once("yaml", yaml.parse).problems
        if problems:
            self._break(file, problems)

    # Workflows -----------------------------------------------------------------------------------------------------

    def _workflow(self, path: str) -> Workflow | None:
        if path not in self._workflows:
            from imglint.model.workflow.structure import read

            source = self._source(path)
            self._workflows[path] = read(source) if source else None
        return self._workflows[path]

    def _workflow_scenes(self, file: File) -> Iterator[Scene]:
        from imglint.model.built import MetadataUse
        from imglint.model.scene import Scene
        from imglint.model.workflow.pushes import may_push

        workflow = self._workflow(file.path)
        if workflow is None:
            return
        if workflow.document.problems:
            self._break(file, workflow.document.problems)
        if workflow.called and self._has_caller(file.path):
            self.workflows.append(WorkflowUse(file.path, workflow, (), lambda occasion: ()))
            return
        facts = self._facts()
        repeated: dict[Occasion, tuple[JobRun, ...]] = {}
        project = proxy(self)  # It holds this function, and could not be let go.

        def again(occasion: Occasion) -> tuple[JobRun, ...]:
            if occasion not in repeated:
                pushing = frozenset(run.begun.name for run in runs if may_push(run, occasion))
                repeated[occasion] = project._runs(workflow, facts._replace(occasion=occasion), pushing)
            return repeated[occasion]

        runs = self._runs(workflow, facts)
        self.workflows.append(WorkflowUse(file.path, workflow, runs, again))
        for job in runs:
            events = job.events
            self._note(events, job)
            for metadata in job.metadata:
                builds = tuple(_builds(events))
                self.metadata.append(MetadataUse(metadata, job.workflow.source, builds, job.job))
            if events:
                yield Scene(job.workflow.source, events, True, job.metadata, file.source)

    def _runs(self, workflow: Workflow, facts: Facts, only: frozenset[str] | None = None) -> tuple[JobRun, ...]:
        """What the jobs of a workflow do, with the builds that their calls of bake, compose and make stand for."""
        return tuple(map(self._whole, self._own_runs(workflow, facts, only)))

    def _own_runs(self, workflow: Workflow, facts: Facts, only: frozenset[str] | None) -> tuple[JobRun, ...]:
        """What the jobs of a workflow do: kept with its text while the workflows that it calls are the same."""
        from imglint.model.workflow.run import run

        known: dict[tuple[Facts, frozenset[str] | None], tuple[dict[str, Source | None], tuple[JobRun, ...]]]
        known = workflow.source.read_once("runs", lambda source: {})
        asked = facts, only
        called, runs = known.get(asked, ({}, ()))
        if asked in known and all(self._source(path) is source for path, source in called.items()):
            return runs
        called = {}

        def call(path: str) -> Workflow | None:
            called[path] = self._source(path)
            return self._workflow(path)

        known[asked] = (called, tuple(run(workflow, facts, call, only)))
        return known[asked][1]

    def _whole(self, run: JobRun) -> JobRun:
        """A job with the builds that its calls of bake, compose and make stand for."""
        from imglint.model.build import FileCall

        if not any(isinstance(each.event, FileCall) for each in run.happenings):
            return run
        happenings = (each._replace(event=event) for each in run.happenings for event in self._expanded((each.event,)))
        return run._replace(happenings=tuple(happenings))

    def _note(self, events: Iterable[Event], run: JobRun | None) -> None:
        from imglint.model.build import Deleting
        from imglint.model.login import Login
        from imglint.model.loginuse import DeletionUse, LoginUse

        for event in events:
            if isinstance(event, Login):
                self.logins.setdefault(event.likeness, LoginUse(event, run))
            elif isinstance(event, Deleting):
                self.deletions.setdefault((event.place, event.package.text), DeletionUse(event, run))

    def _has_caller(self, path: str) -> bool:
        """Whether a workflow of the project calls this one: then it is followed from there."""
        if self._called is None:
            texts = (file.source.text for file in self.files if file.kind is Kind.WORKFLOW)
            self._called = frozenset(name for text in texts for name in re.findall(_LOCAL_CALL, text))
        return path in self._called

    def _facts(self) -> Facts:
        from imglint.model.workflow.jobrun import Facts

        if self._known is None:
            identity = self.identity()
            license = None if any(self.find(name) is not None for name in LICENSE_NAMES) else ""
            self._known = Facts(identity.candidates[0] if identity else None, license)
        return self._known

    # Publications --------------------------------------------------------------------------------------------------

    def understand(self) -> Understanding:
        """Join everything, once. Never raises: a mistake of ours is noted with the file in which it showed."""
        if self._understanding is None:
            self._understanding = self._joined()
        return self._understanding

    def _joined(self) -> Understanding:
        built: list[Built] = []
        publications: list[Publication] = []
        if self.given or self._kinds - {Kind.DOCKERFILE, Kind.DOCUMENT, Kind.TEXT}:
            built = list(self._built())
            publications = [self._publication(each) for each in built if each.pushed.published or self.given]
        seen = bool(publications) or any(each.build.push is None for each in built)
        published = {each.source.path for each in publications if each.evaluation is not None}
        evaluations: dict[str, Evaluation] = {}
        for file in self.files:
            if file.kind is not Kind.DOCKERFILE:
                continue
            try:
                evaluation = self.dockerfile(file.path)
            except Exception as error:
                self.crashes.append((file.source.path, error))
                continue
            if evaluation is None:
                continue
            evaluations[file.path] = evaluation
            given = self.assumed(file.path)
            alone = given.published == "always" or (given.published == "auto" and (given.named or not seen))
            known = implied(evaluation) if alone and file.source.path not in published else None
            if known is not None:
                publications.append(known)
        return Understanding(
            self.files, evaluations, tuple(built), tuple(publications), tuple(self.merges), tuple(self.foreign),
            tuple(self.metadata), tuple(self.broken), tuple(self.crashes), self.tree, tuple(self.unseen),
            tuple(self.workflows), tuple(self.logins.values()), tuple(self.deletions.values()),
        )  # fmt: skip

    def _built(self) -> Iterator[Built]:
        from imglint.model.built import Built
        from imglint.model.joining import join_project
        from imglint.model.resolve import resolve

        whole = join_project(self.scenes())
        self.merges.extend(whole.merges)
        self.foreign.extend(whole.foreign)
        self.unseen.extend(whole.unseen)
        for each in whole.builds:
            resolution = resolve(each.build, lambda path: self._source(path) is not None)
            tree = self._tree(resolution.path) if resolution.path else None
            evaluation = None
            if tree is not None:
                evaluation = self._evaluate(resolution.path, tree, *self._given(each.build, resolution.path))
            yield Built(each.build, each, resolution, evaluation)

    def _given(self, build: Build, path: str) -> tuple[dict[str, str | None], str]:
        """The arguments and the target of a build; None for a value that is unknown."""
        arguments: dict[str, str | None] = dict(self.assumed(path).build_arguments)
        for pair in build.arguments:
            arguments[pair.key.text] = pair.value.value if pair.value is not None else None
        target = build.target.value if build.target is not None else ""
        return arguments, target or ""

    def _publication(self, built: Built) -> Publication:
        from imglint.model.index import form_of
        from imglint.model.metadata import Metadata
        from imglint.model.overlay import annotations_of, overridden

        build, merge = built.build, built.pushed.merge
        evaluation = built.evaluation
        base = evaluation.metadata if evaluation else Metadata({}, complete=False)
        metadata = self._inheriting(overridden(base, build), evaluation, build)
        stage = evaluation.stage if evaluation else None
        unknown_target = build.target is not None and build.target.value is None
        if stage is None or unknown_target:
            metadata = metadata._replace(complete=False)
        form = form_of(build)
        if merge is not None:
            form = Form(True, f"`{merge.tool}` joins it with others")
        names = (*(merge.tags if merge else ()), *built.pushed.names)
        source, anchor = build.place
        if evaluation is not None and stage is not None:
            source, anchor = evaluation.dockerfile.source, stage.instruction.span
        return Publication(
            source, evaluation, stage, anchor, metadata, build, names, form,
            annotations_of(merge or build, "index"), annotations_of(build, "manifest"), merge, built.pushed.pushed_by,
        )  # fmt: skip

    def _inheriting(self, own: Metadata, evaluation: Evaluation | None, build: Build) -> Metadata:
        """The labels of an image with those of the build whose result stands for its base image."""
        stage = evaluation.stage if evaluation else None
        if evaluation is None or stage is None or not build.contexts:
            return own
        from imglint.model.overlay import overridden
        from imglint.model.resolve import resolve

        first = evaluation.stages.stages[evaluation.stages.chain(stage)[-1]]
        contexts = dict(build.contexts)
        if first.base is None or first.base not in contexts:
            return own
        other = contexts[first.base]
        path = resolve(other, lambda path: self._source(path) is not None).path if other else ""
        tree = self._tree(path) if path else None
        if other is None or tree is None:
            return own._replace(complete=False)
        below = self._evaluate(path, tree, *self._given(other, path))
        base = self._inheriting(overridden(below.metadata, other), below, other)
        complete = own.complete and base.complete and below.stage is not None
        return own._replace(labels={**base.labels, **own.labels}, complete=complete)


def _builds(events: Iterable[Event]) -> Iterator[Build]:
    from imglint.model.build import Build

    return (event for event in events if isinstance(event, Build))


def _source(files: Mapping[str, File], find: Callable[[str], Source | None], path: str) -> Source | None:
    """A file of a project by its path."""
    file = files.get(path)
    return file.source if file else find(path)
