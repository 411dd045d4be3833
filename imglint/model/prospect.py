"""How the pushes of workflows to a package will end, as its page tells it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import reduce

from imglint.model.build import Build
from imglint.model.link import Link
from imglint.model.pagefacts import Fact, State, worse
from imglint.model.prover import Outcome, prove
from imglint.model.publication import Publication
from imglint.model.repository import Identity
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.occasion import FORK
from imglint.model.workflow.pushes import Push, pushes
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import Place, Text

_STATES = {Outcome.ALLOWED: State.GOOD, Outcome.DENIED: State.BAD, Outcome.DEPENDS: State.UNKNOWN}


class Prospects:
    """The pushes of all workflows to a registry, to be asked for those of a package."""

    def __init__(self, workflows: Iterable[WorkflowUse], hosts: tuple[str, ...], identity: Identity | None) -> None:
        self.identity = identity
        self.pushes: dict[Text, list[Push]] = {}
        self.from_forks: set[Place] = set()
        for workflow in workflows:
            own = [push for run in workflow.runs for push in pushes(run) if push.host in hosts]
            for push in own:
                self.pushes.setdefault(push.name, []).append(push)
            if own and "pull_request" in workflow.workflow.triggers:
                again = (push for run in workflow.again(FORK) for push in pushes(run))
                self.from_forks.update(push.place for push in again if push.definite and push.host in hosts)

    def of(self, package: str, publication: Publication, link: Link) -> Fact | None:
        """How the pushes of a publication to one package will end, at worst; None when no workflow pushes it."""
        found = dict.fromkeys(self._fact(push, link) for push in self._of(package, publication))
        return reduce(worse, found, None)

    def _of(self, package: str, publication: Publication) -> Iterator[Push]:
        build = publication.build
        outputs = (output.attribute("name") for output in build.outputs) if build else ()
        for name in dict.fromkeys((*publication.names, *(name for name in outputs if name is not None))):
            if parse_partial(name).name.shown != package:
                continue
            for push in self.pushes.get(name, ()):
                event = push.happening.event
                # Another build may go by the same name, and have labels of its own.
                if not isinstance(event, Build) or (build is not None and event.place == build.place):
                    yield push

    def _fact(self, push: Push, link: Link) -> Fact:
        for problem in parse_partial(push.name).problems:
            return Fact(State.BAD, f"will fail: {problem.reason}", "", push.name.cut(problem.start, problem.end).place)
        verdict = prove(push, self.identity, link=link)
        state = _STATES[verdict.outcome]
        value = f"{verdict.outcome.value}: {verdict.reason}"
        if verdict.outcome is Outcome.ALLOWED:
            # Whatever the job asks for, such a pull request gets a token that can only read.
            return Fact(state, value, "denied in pull requests from forks" if push.place in self.from_forks else "")
        decided = verdict.trail[-1].place if verdict.trail else None
        return Fact(state, value, "", push.place if decided is None and state is State.BAD else decided)
