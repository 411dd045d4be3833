"""Whether a build finds its Dockerfile, and in it the stage that it asks for."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.build import Base, Build, Route
from imglint.model.compose import DEFAULT_FILES as COMPOSE_FILES
from imglint.model.kind import Kind
from imglint.model.paths import parent
from imglint.model.resolve import resolve
from imglint.source import Source, Span
from imglint.syntax.nearest import nearest
from imglint.syntax.text import Place, Text

if TYPE_CHECKING:
    from imglint.model.built import Built
    from imglint.model.evaluate import Evaluation
    from imglint.model.understanding import File, Understanding

MAX_SHOWN: Final = 10
"""Stages that one finding names or points at."""
MAX_LIKE: Final = 200
"""Names among which the one that was meant is looked for."""

_MAKE_NOTHING: Final = frozenset((Kind.DOCKERFILE, Kind.DOCUMENT, Kind.TEXT))
_TEMPLATE_MARKS: Final = ("{{", "{%", "<%")
_TESTS: Final = frozenset(("test", "tests", "testdata", "fixtures", "__fixtures__", "spec", "e2e"))
"""Directories whose files may be wrong on purpose, or run from anywhere."""

_WRITER: Final = (
    r">|\b(?:cp|mv|ln|tee|sed|install|touch|mkdir|rsync|scp|curl|wget|tar|unzip|envsubst|gomplate|jinja2?|j2|m4|cpp|"
    r"python3?|node|aws|gsutil)\b|(?i:generat|render|templat|download|artifact)"
)
"""Words of a line that may make the file which it names."""

_ASKS: Final = r"(?:\[|\btest)\s+!?\s*-[efrs]\s|hashFiles\(|\bls\b|\bfind\b|Path\b"
"""Words of a line that looks whether a file is there."""

_BRINGS: Final = (
    ("git", r"git\s+(?:clone|checkout|switch|submodule|worktree)"),
    ("download-artifact", "download-artifact"),
    ("actions/cache", "actions/cache"),
    ("unzip", r"\bunzip\b"),
    ("tar", r"\btar\s"),
)
"""What tells of directories and files which are not those of the repository, each with a word that it has."""

_OTHER_REVISION: Final = ("ref:", r"(?m)^[ \t]+ref:[ \t]*[^\s$#]")
_MOVES_IN_FUNCTION: Final = r"(?s)^(?=.*(?:\(\)\s*\{|\bfunction\s)).*\b(?:cd|pushd)\b"


def missing_dockerfile(project: Understanding, context: Context) -> Iterator[Finding]:
    """A build reads a Dockerfile that is not in the repository."""
    if not project.tree.rooted:
        return
    search = _Search(project)
    homes = {file.source: file for file in project.files}
    for built in project.built:
        home = homes.get(built.build.place.source)
        if home is None or not search.is_missing(built, home):
            continue
        build, wanted = built.build, built.resolution.tried[0]
        folder = parent(wanted)
        near = search.near(wanted)
        if not near and folder and not build.checkout and not project.tree.holds(folder):
            continue  # what is not there at all is often made, or checked out, by something that is not seen
        source, span = _blamed(build)
        name = posixpath.basename(wanted) if build.dockerfile is None else wanted
        where = f" in `{folder}`" if build.dockerfile is None and folder else " in this repository"
        yield context.finding(
            span,
            f"there is no `{name}`{where}, so the build will stop before its first step",
            label="not in the repository",
            help=_instead(build, near) if near else "name the Dockerfile that is meant, or add it",
            related=[_beginning(project.evaluations[near])] if near else (),
            source=source,
        )


class _Search:
    """Looks for the files that builds name, or for what may make them; every file is searched once for a name."""

    def __init__(self, project: Understanding) -> None:
        self._project = project
        self._certain: dict[tuple[Source, Route], bool] = {}
        self._brought: dict[Source, bool] = {}
        self._made: dict[str, bool] = {}
        self._by_folder: dict[str, list[str]] = {}
        self._by_name: dict[str, list[str]] = {}
        for path in project.evaluations:
            self._by_folder.setdefault(parent(path), []).append(path)
            self._by_name.setdefault(posixpath.basename(path).lower(), []).append(path)
        modules, ignored = project.tree.find(".gitmodules"), project.tree.find(".gitignore")
        self._modules = re.findall(r"(?m)^[ \t]*path[ \t]*=[ \t]*(\S+?)/?[ \t]*$", modules.text) if modules else []
        self._ignored = {line.strip().strip("/") for line in ignored.text.splitlines()} if ignored else set()

    def is_missing(self, built: Built, home: File) -> bool:
        """Whether nothing at all can be at the place where the build looks."""
        build, resolution, holds = built.build, built.resolution, self._project.tree.holds
        if resolution.path or not resolution.certain or any(not path or holds(path) for path in resolution.tried):
            return False
        key = (home.source, build.route)
        if key not in self._certain:
            self._certain[key] = runs_here(home, self._project) and _is_directory_certain(build, home)
        if not self._certain[key] or (not build.checkout and self._brings(home)):
            return False
        above = _upwards(parent(home.path)) if build.route is not Route.ACTION else ()
        if any(resolve(build._replace(directories=(each,)), holds).path for each in above):
            return False  # it may be meant to be used from there
        if any(map(self._is_foreign, resolution.tried)):
            return False
        return build.checkout or not any(self._may_be_made(posixpath.basename(path)) for path in resolution.tried)

    def _brings(self, home: File) -> bool:
        """Whether a file brings other files than those of its own revision."""
        if home.source not in self._brought:
            text = home.source.text
            signs = (_OTHER_REVISION, *_BRINGS) if home.kind is Kind.WORKFLOW else _BRINGS
            self._brought[home.source] = any(word in text and re.search(pattern, text) for word, pattern in signs)
        return self._brought[home.source]

    def _is_foreign(self, path: str) -> bool:
        """Whether the path is in a submodule, or one that git is told to ignore."""
        parts = path.split("/")
        beginnings = {"/".join(parts[:end]) for end in range(1, len(parts) + 1)}
        return not beginnings.isdisjoint(self._modules) or not self._ignored.isdisjoint(beginnings.union(parts))

    def _may_be_made(self, name: str) -> bool:
        """Whether something in the repository may write a file of that name, or looks whether one is there."""
        if name not in self._made:
            self._made[name] = any(_makes(file, name) for file in self._project.files if file.kind not in _MAKE_NOTHING)
        return self._made[name]

    def near(self, wanted: str) -> str:
        """The Dockerfile that was probably meant; empty when none is like it."""
        beside = self._by_folder.get(parent(wanted), [])
        if len(beside) == 1:
            return beside[0]
        same = self._by_name.get(posixpath.basename(wanted).lower(), [])
        if len(same) == 1:
            return same[0]
        others = beside or list(self._project.evaluations)
        return nearest(wanted, others, 0.8) if len(others) <= MAX_LIKE else ""


def _makes(file: File, name: str) -> bool:
    """Whether a line of a file may write a file of that name, or looks whether one is there."""
    text = file.source.text
    at = text.find(name)
    while at >= 0:
        start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at)
        end = len(text) if end < 0 else end
        line = text[start:end]
        if re.search(_WRITER, line) or re.search(_ASKS, line):
            return True
        if file.kind is Kind.MAKEFILE and re.match(r"[^\t#=:]+:", line) and name in line.partition(":")[0]:
            return True
        at = text.find(name, end)
    return False


def runs_here(home: File, project: Understanding) -> bool:
    """Whether what a file builds is made from the files of this repository, and meant to succeed."""
    folder, name = posixpath.split(home.path)
    if _TESTS & set(folder.split("/")):
        return False
    if home.kind is not Kind.WORKFLOW:
        return True
    if folder != ".github/workflows":
        return False
    if "workflow_call" not in home.source.text:
        return True
    # One that only other repositories call builds what is there.
    return any(f"/{name}" in each.source.text for each in project.files if each.kind is Kind.WORKFLOW)


def _is_directory_certain(build: Build, home: File) -> bool:
    """Whether a build of this file is certain to run in the directory that is assumed."""
    folder, name = posixpath.split(home.path)
    if home.kind is Kind.MAKEFILE and name not in ("Makefile", "makefile", "GNUmakefile"):
        return False  # included from a directory that may be another
    if build.route is Route.BAKE and folder and not build.calls:
        return False  # paths are relative to where bake is called
    if build.route is Route.COMPOSE and not build.calls and name not in COMPOSE_FILES:
        return False  # merged over another file, in the directory of that one
    if folder.endswith("hooks"):
        return False  # run by Docker Hub in a directory that is set there
    return build.route is not Route.COMMAND or not re.search(_MOVES_IN_FUNCTION, home.source.text)


def _upwards(directory: str) -> Iterator[str]:
    while directory:
        directory = parent(directory)
        yield directory


def _beginning(evaluation: Evaluation) -> Related:
    """Where a Dockerfile begins: its first FROM."""
    stages = evaluation.stages.stages
    return Related(
        evaluation.dockerfile.source, stages[0].instruction.span if stages else Span(0, 0), "this one is there"
    )


def _blamed(build: Build) -> Place:
    """The words that name the file that is not there."""
    text = build.dockerfile or build.context
    return build.place if text is None or not text.text else written(text)


def written(text: Text) -> Place:
    """Where a person would edit a text: where its one part that comes from elsewhere was defined, if it has one."""
    origins = {piece.origin for piece in text.pieces if piece.origin and piece.text}
    if len(origins) == 1:
        origin = origins.pop()
        if origin and origin.source is text.source and origin.span.start < origin.span.end:
            return origin
    return text.place if any(piece.text for piece in text.pieces) else text.origin


def _instead(build: Build, near: str) -> str:
    """What to write to build from another Dockerfile."""
    start = build.directories[0] if build.base is not Base.CONTEXT else ""
    if build.base is Base.CONTEXT and build.context is not None and build.context.value is not None:
        start = posixpath.normpath(posixpath.join(*build.directories[:1], build.context.value))
    path = posixpath.relpath(near, start or ".") if not start.startswith("..") else near
    forms = {
        Route.COMMAND: f"--file {path}",
        Route.ACTION: f"file: {path}",
        Route.BAKE: f'dockerfile = "{path}"',
        Route.COMPOSE: f"dockerfile: {path}",
    }
    return f"did you mean `{near}`?\n{forms[build.route]}"


def unknown_build_stage(build: Built, context: Context) -> Iterator[Finding]:
    """The stage that a build asks for is not in its Dockerfile."""
    text, evaluation = build.build.target, build.evaluation
    target = text.value if text is not None else None
    if text is None or not target or evaluation is None or not build.resolution.alone or not is_read_whole(evaluation):
        return
    stages = evaluation.stages
    if stages.find(target) is not None or not stages.stages:
        return
    names = [stage.name for stage in stages.stages if stage.name]
    shown = ", ".join(f"`{name}`" for name in names[:MAX_SHOWN]) + (", …" if len(names) > MAX_SHOWN else "")
    near = nearest(target.lower(), names) if len(names) <= MAX_LIKE else ""
    source, span = written(text)
    has = f"its stages are {shown}" if names else "none of its stages has a name"
    dockerfile = evaluation.dockerfile.source
    yield context.finding(
        span,
        f"`{build.resolution.path}` has no stage `{target}`, so the build will fail: {has}",
        label="no such stage",
        help=f"did you mean `{near}`?"
        if near
        else "name one of these stages, or leave the target out to build the last",
        related=[
            Related(dockerfile, stage.instruction.span, f"stage `{stage.name}`" if stage.name else "without a name")
            for stage in stages.stages[:MAX_SHOWN]
        ],
        source=source,
    )


def is_read_whole(evaluation: Evaluation) -> bool:
    """Whether all instructions of a Dockerfile are seen, and mean what Docker's frontend takes them for."""
    tree = evaluation.dockerfile
    if not tree.docker_frontend or tree.problems:
        return False
    return not any(mark in tree.source.text for mark in _TEMPLATE_MARKS)
