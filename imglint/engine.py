"""Rules over subjects: what a file comes to when every rule that is switched on has looked at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from imglint.catalog import Catalog, UnknownRuleError
from imglint.checks.context import Context, Surroundings
from imglint.config import ConfigError, Settings
from imglint.finding import Finding, Silenced, united
from imglint.model.about import NOTHING, About
from imglint.model.kind import Kind
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity
from imglint.model.tokenmarks import may_tell
from imglint.read.rules import token_scopes
from imglint.record import NamedTuple
from imglint.source import Source

if TYPE_CHECKING:
    from imglint.model.evaluate import Evaluation
    from imglint.model.scopes import Scopes
    from imglint.model.understanding import File, Understanding
    from imglint.project import Project
    from imglint.syntax.dockerfile import Dockerfile

Check = Callable[..., Iterator[Finding]]
READING: Final = "the reading of the file"
REPORT_TO = "https://github.com/imglint/imglint/issues"


_OUR_SUPPRESSIONS: Final = ("imglint:",)
_ALL_SUPPRESSIONS: Final = (*_OUR_SUPPRESSIONS, "hadolint", "check")
"""A Dockerfile without any of these words has no suppression, and what reads them is not even loaded."""


_OF_IMAGES: Final = frozenset(("images",))
"""Families of rules that look at nothing in files."""
_OF_BUILDS: Final = frozenset(("builds", "workflows"))
"""Families of rules that look at nothing of a Dockerfile alone: not even loaded for it."""
_OF_TEXTS: Final = "tokens"
"""The family of rules that look at a Dockerfile alone only where it speaks of tokens."""


class Active(NamedTuple):
    """A rule that is switched on: its name, the kind of subject it looks at, and its condition."""

    name: str
    subject: str
    check: Check


class Judgement(NamedTuple):
    """What one file comes to. `suppressed` are the findings that comments silenced.

    `failure` says why the file could not be judged at all, worded to follow its path; else it is empty.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: tuple[Silenced, ...] = ()
    failure: str = ""


class Request(NamedTuple):
    """A file whose findings are asked for, and what holds for it. Without `mends`, slow fixes are left out."""

    source: Source
    settings: Settings
    profile: RegistryProfile
    find_identity: Callable[[], Identity | None]
    find_about: Callable[[], About] = lambda: NOTHING
    mends: bool = True


class RuleCrashError(Exception):
    """A mistake of ours: a rule, or the reading of a file, raised. The text asks for a report."""

    def __init__(self, where: str, cause: Exception) -> None:
        super().__init__(
            f"internal error in {where} ({type(cause).__name__}: {cause}). This is a bug in imglint; "
            f"please report it with the file: {REPORT_TO}"
        )


class Engine:
    """Judges Dockerfiles by the rules of a catalogue. One engine serves a whole run.

    `find_scopes` reads what is known of the scopes of tokens, once.
    """

    def __init__(self, catalog: Catalog, find_scopes: Callable[[], Scopes] = token_scopes) -> None:
        self.catalog = catalog
        self._find_scopes = cache(find_scopes)
        self._chosen: dict[tuple[object, ...], tuple[str, ...]] = {}
        self._resolved: dict[tuple[tuple[str, ...], frozenset[str]], Mapping[str, tuple[Active, ...]]] = {}

    def chosen(self, settings: Settings) -> tuple[str, ...]:
        """The names of the rules that the settings switch on. Raises `ConfigError` for a name that does not exist."""
        key = (settings.select, settings.ignore, tuple(settings.severity.items()))
        if key not in self._chosen:
            chosen = self._named(settings, "select", settings.select or ("all",))
            chosen -= self._named(settings, "ignore", settings.ignore)
            chosen -= {rule for rule, severity in self._severities(settings).items() if severity == "off"}
            self._chosen[key] = tuple(name for name in self.catalog.names if name in chosen)
        return self._chosen[key]

    def active(self, names: tuple[str, ...], without: frozenset[str] = frozenset()) -> Mapping[str, tuple[Active, ...]]:
        """The rules of those names by what they look at, `without` families that could have nothing to look at."""
        key = (names, without)
        if key not in self._resolved:
            families = self.catalog.families
            by_subject: dict[str, tuple[Active, ...]] = {}
            for name in names:
                if families[name] not in without:
                    rule = self._resolve(name)
                    by_subject[rule.subject] = (*by_subject.get(rule.subject, ()), rule)
            self._resolved[key] = by_subject
        return self._resolved[key]

    def with_severities(self, settings: Settings) -> Settings:
        """The settings with a severity for each single rule that the configuration gives one."""
        return settings._replace(severity=self._severities(settings))

    def _surroundings(self, request: Request) -> Surroundings:
        return Surroundings(
            self.with_severities(request.settings), request.profile, request.find_identity,
            find_scopes=self._find_scopes, find_about=request.find_about,
            mends=request.mends,
        )  # fmt: skip

    def _severities(self, settings: Settings) -> Mapping[str, str]:
        """The configured severities by rule; of several names that a rule answers to, the narrowest holds."""
        named = ((self._named(settings, "severity", (word,)), word) for word in settings.severity)
        widest_first = sorted(named, key=lambda pair: -len(pair[0]))
        return {rule: settings.severity[word] for rules, word in widest_first for rule in rules}

    def _named(self, settings: Settings, key: str, words: Iterable[str]) -> frozenset[str]:
        """The rules that words in a setting stand for."""
        try:
            return self.catalog.select(words)
        except UnknownRuleError as error:
            origin = settings.origins[key]
            problem = f"`{key}`: {error}" if origin.kind == "file" else str(error)
            raise ConfigError(origin.where, [problem]) from None

    def _resolve(self, name: str) -> Active:
        """The condition of a rule: the function of its name in the module of its family."""
        module = import_module(f"imglint.checks.{self.catalog.families[name]}")
        check: Check = getattr(module, name.replace("-", "_"))
        return Active(name, check.__code__.co_varnames[0], check)

    def understand(self, source: Source, settings: Settings) -> Evaluation:
        """A Dockerfile read and evaluated with the arguments and target of the settings.

        Raises `RuleCrashError` when we made a mistake.
        """
        from imglint.model.evaluate import evaluate
        from imglint.model.stages import Assumptions
        from imglint.project import assumed, evaluated
        from imglint.syntax.dockerfile import parse

        try:
            tree, given = parse(source), assumed(settings, named=True)
            return evaluated(given, lambda target: evaluate(tree, Assumptions(given.build_arguments, target)))
        except Exception as error:
            raise RuleCrashError(READING, error) from error

    def judge(
        self, project: Project, requests: Mapping[str, Request], understanding: Understanding | None = None
    ) -> dict[str, Judgement]:
        """Judge the files of a project that are asked for, by their paths as messages name them.

        `understanding` is what the project comes to, for who needs it besides. Raises `ConfigError`. A mistake of ours
        is the `failure` of the file in which it showed.
        """
        understanding = understanding or project.understand()
        findings: dict[str, list[Finding]] = {path: [] for path in requests}
        judgements = {
            path: Judgement(failure=str(RuleCrashError(READING, error))) for path, error in understanding.crashes
        }
        fallback = next(iter(requests.values()))
        texts = tuple(file for file in project.files if file.source.path in requests and may_tell(file.source.text))
        without = _idle(project, understanding, bool(texts))
        surroundings: dict[str, Surroundings] = {}
        for kind, home, subject in _subjects(project, understanding, texts):
            request = requests.get(home.path, fallback)
            if home.path not in surroundings:
                surroundings[home.path] = self._surroundings(request)
            if kind == "dockerfile" and home.path in requests:
                failure = _failure(subject, request.settings)
                if failure:
                    judgements[home.path] = Judgement(failure=failure)
                    continue
            for rule in self.active(self.chosen(request.settings), without).get(kind, ()):
                context = Context(rule.name, self.catalog.rule, home, surroundings[home.path])
                try:
                    for finding in self.found(rule, subject, context):
                        if finding.source.path in findings:  # One about a file that was not asked for is left out.
                            findings[finding.source.path].append(finding)
                except RuleCrashError as error:
                    blamed = home.path if home.path in requests else next(iter(requests))
                    judgements[blamed] = Judgement(failure=str(error))
        trees = {each.dockerfile.source.path: each.dockerfile for each in understanding.evaluations.values()}
        for path, request in requests.items():
            if path not in judgements:
                own = united(findings[path])
                try:
                    judgements[path] = self._silenced(own, request, trees.get(path))
                except RuleCrashError as error:
                    judgements[path] = Judgement(failure=str(error))
        return judgements

    def found(self, rule: Active, subject: object, context: Context) -> list[Finding]:
        """The findings of one rule. Raises `RuleCrashError` when it raises."""
        try:
            return list(rule.check(subject, context))
        except Exception as error:
            raise RuleCrashError(f"the rule {rule.name}", error) from error

    def _silenced(self, findings: tuple[Finding, ...], request: Request, tree: Dockerfile | None) -> Judgement:
        """Take out what comments silence, and judge the comments by it."""
        source = request.source
        if not any(word in source.text for word in (_ALL_SUPPRESSIONS if tree else _OUR_SUPPRESSIONS)):
            return Judgement(tuple(sorted(findings, key=Finding.sort_key)))
        from imglint.model.suppression import comments_in, suppressions
        from imglint.silence import UNUSED, Silencer

        names = self.chosen(request.settings)
        try:
            silencer = Silencer(suppressions(tree) if tree else comments_in(source), self.catalog)
            heard = silencer.heard(findings)
            if UNUSED in names:
                judge = self._resolve(UNUSED)
                context = Context(judge.name, self.catalog.rule, source, self._surroundings(request))
                on_comments = tuple(judge.check(tuple(silencer.unused(frozenset(names))), context))
                heard += silencer.heard(on_comments)
        except Exception as error:
            raise RuleCrashError("the reading of suppressions", error) from error
        return Judgement(tuple(sorted(heard, key=Finding.sort_key)), tuple(silencer.silenced))


def _idle(project: Project, understanding: Understanding, speaks_of_tokens: bool) -> frozenset[str]:
    """The families of rules that have nothing to look at, and need not be loaded."""
    if understanding.built or any(file.kind not in (Kind.DOCKERFILE, Kind.TEXT) for file in project.files):
        return _OF_IMAGES
    without = _OF_IMAGES | _OF_BUILDS
    return without if speaks_of_tokens else without | {_OF_TEXTS}


def _subjects(
    project: Project, understanding: Understanding, texts: tuple[File, ...]
) -> Iterator[tuple[str, Source, Any]]:
    """Everything that rules look at: its kind, the file it belongs to, and itself."""
    for evaluation in understanding.evaluations.values():
        yield "dockerfile", evaluation.dockerfile.source, evaluation
    for publication in understanding.publications:
        yield "publication", publication.source, publication
    for built in understanding.built:
        yield "build", built.build.place.source, built
    for merged in understanding.merges:
        yield "merge", merged.merge.place.source, merged
    for metadata in understanding.metadata:
        yield "metadata", metadata.source, metadata
    for workflow in understanding.workflows:
        yield "workflow", workflow.workflow.source, workflow
    for login in understanding.logins:
        yield "login", login.login.place.source, login
    for broken in understanding.broken:
        yield "broken", broken.source, broken
    homes = [built.build.place.source for built in understanding.built[:1]]
    homes += [merged.merge.place.source for merged in understanding.merges[:1]]
    homes += [workflow.workflow.source for workflow in understanding.workflows[:1]]
    if homes:
        yield "project", homes[0], understanding
    for file in project.files:
        if file.kind not in (Kind.DOCKERFILE, Kind.TEXT):
            yield "file", file.source, file
    for text in texts:
        yield "text", text.source, text


def _failure(evaluation: Evaluation, settings: Settings) -> str:
    """Why a Dockerfile cannot be judged at all; empty when it can."""
    if evaluation.stage is None and settings.target and evaluation.stages.stages:
        return missing_stage(evaluation, settings.target)
    return ""


def missing_stage(evaluation: Evaluation, target: str | None) -> str:
    """Why an evaluated file publishes nothing, worded to follow its path."""
    if not evaluation.stages.stages or not target:
        return "has no stage to publish"
    names = ", ".join(f"`{stage.name}`" for stage in evaluation.stages.stages if stage.name)
    known = f"it has {names}" if names else "its stages have no names"
    return f"has no stage `{target}` to publish: {known}"
