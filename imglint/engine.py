"""Rules over subjects: what a file comes to when every rule that is switched on has looked at it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from importlib import import_module
from typing import Final, NamedTuple

from imglint.catalog import Catalog, UnknownRuleError
from imglint.checks.context import Context, Surroundings
from imglint.config import ConfigError, Settings
from imglint.finding import Finding
from imglint.model.evaluate import Evaluation, evaluate
from imglint.model.publication import implied
from imglint.model.registry import RegistryProfile
from imglint.model.repository import Identity
from imglint.model.stages import Assumptions
from imglint.source import Source
from imglint.syntax.dockerfile import Dockerfile, parse

Check = Callable[..., Iterator[Finding]]
REPORT_TO = "https://github.com/imglint/imglint/issues"


_WORDS_OF_SUPPRESSIONS: Final = ("imglint:", "hadolint", "check")
"""A file without any of these has no suppression, and what reads them is not even loaded."""


class Active(NamedTuple):
    """A rule that is switched on: its name, the kind of subject it looks at, and its condition."""

    name: str
    subject: str
    check: Check


class Judgement(NamedTuple):
    """What one file comes to. `suppressed` counts the findings that comments silenced.

    `failure` says why the file could not be judged at all, worded to follow its path; else it is empty.
    """

    findings: tuple[Finding, ...] = ()
    suppressed: int = 0
    failure: str = ""


class RuleCrashError(Exception):
    """A mistake of ours: a rule, or the reading of a file, raised. The text asks for a report."""

    def __init__(self, where: str, cause: Exception) -> None:
        super().__init__(
            f"internal error in {where} ({type(cause).__name__}: {cause}). This is a bug in imglint; "
            f"please report it with the file: {REPORT_TO}"
        )


class Engine:
    """Judges Dockerfiles by the rules of a catalogue. One engine serves a whole run."""

    def __init__(self, catalog: Catalog) -> None:
        self.catalog = catalog
        self._active: dict[tuple[object, ...], tuple[Active, ...]] = {}

    def active(self, settings: Settings) -> tuple[Active, ...]:
        """The rules that the settings switch on. Raises `ConfigError` for a name that does not exist."""
        key = (settings.select, settings.ignore, tuple(settings.severity.items()))
        if key not in self._active:
            chosen = self._named(settings, "select", settings.select or ("all",))
            chosen -= self._named(settings, "ignore", settings.ignore)
            chosen -= {rule for rule, severity in self._severities(settings).items() if severity == "off"}
            self._active[key] = tuple(self._resolve(name) for name in self.catalog.names if name in chosen)
        return self._active[key]

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
        try:
            tree = parse(source)
            evaluation = evaluate(tree, Assumptions(settings.build_args, settings.target or ""))
            if evaluation.stage is None and settings.target and settings.origins["target"].kind == "file":
                # A configuration speaks for many files, and not all of them have that stage.
                return evaluate(tree, Assumptions(settings.build_args))
            return evaluation
        except Exception as error:
            raise RuleCrashError("the reading of the file", error) from error

    def check(
        self,
        source: Source,
        settings: Settings,
        profile: RegistryProfile,
        find_identity: Callable[[], Identity | None],
    ) -> Judgement:
        """Judge one Dockerfile. Raises `ConfigError`, and `RuleCrashError` when we made a mistake."""
        active = self.active(settings)
        settings = settings._replace(severity=self._severities(settings))
        evaluation = self.understand(source, settings)
        where = "the choice of what is published"
        try:
            if evaluation.stage is None and settings.target and evaluation.stages.stages:
                return Judgement(failure=missing_stage(evaluation, settings.target))
            publication = implied(evaluation)
            subjects = {"dockerfile": evaluation, "publication": publication}
            surroundings = Surroundings(settings, profile, find_identity)
            findings: list[Finding] = []
            for rule in active:
                subject = subjects.get(rule.subject)
                if subject is not None:
                    where = f"the rule {rule.name}"
                    context = Context(rule.name, self.catalog.rule, source, surroundings)
                    findings.extend(rule.check(subject, context))
            where = "the reading of suppressions"
            if any(word in source.text for word in _WORDS_OF_SUPPRESSIONS):
                return self._silence(findings, evaluation.dockerfile, active, source, surroundings)
        except Exception as error:
            raise RuleCrashError(where, error) from error
        return Judgement(tuple(sorted(findings, key=Finding.sort_key)))

    def _silence(
        self,
        findings: list[Finding],
        dockerfile: Dockerfile,
        active: tuple[Active, ...],
        source: Source,
        surroundings: Surroundings,
    ) -> Judgement:
        """Take out what comments silence, and judge the comments by it."""
        from imglint.model.suppression import suppressions
        from imglint.silence import UNUSED, Silencer

        silencer = Silencer(suppressions(dockerfile), self.catalog)
        heard = silencer.heard(findings)
        by_name = {rule.name: rule for rule in active}
        judge = by_name.get(UNUSED)
        if judge:
            context = Context(judge.name, self.catalog.rule, source, surroundings)
            on_comments = tuple(judge.check(tuple(silencer.unused(frozenset(by_name))), context))
            findings = [*findings, *on_comments]
            heard += silencer.heard(on_comments)
        return Judgement(tuple(sorted(heard, key=Finding.sort_key)), len(findings) - len(heard))


def missing_stage(evaluation: Evaluation, target: str | None) -> str:
    """Why an evaluated file publishes nothing, worded to follow its path."""
    if not evaluation.stages.stages or not target:
        return "has no stage to publish"
    names = ", ".join(f"`{stage.name}`" for stage in evaluation.stages.stages if stage.name)
    known = f"it has {names}" if names else "its stages have no names"
    return f"has no stage `{target}` to publish: {known}"
