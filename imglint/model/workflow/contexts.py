"""What expressions see: the contexts of a workflow with what it is called with, and of one of its jobs.

https://docs.github.com/en/actions/reference/workflows-and-actions/contexts
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Final

from imglint.model.paths import WORKSPACE
from imglint.model.script import SETS
from imglint.model.workflow.jobrun import Facts, Find
from imglint.model.workflow.matrix import Combination
from imglint.model.workflow.occasion import ANY
from imglint.model.workflow.structure import Fields, Job, Step, Workflow, nowhere
from imglint.record import NamedTuple
from imglint.source import Source
from imglint.syntax.expressionevaluate import Lookup, substitute, whole
from imglint.syntax.expressionvalue import NULL, Object, Value, folded
from imglint.syntax.text import Place, Text, unknown

MAX_RUNS: Final = 500
"""Jobs, counted once for every combination, that are followed in one workflow and those that it calls."""
MAX_ACTIONS: Final = 500
"""Calls of composite actions that are followed in one workflow."""

_CALLS: Final = frozenset(("workflow_dispatch", "workflow_call"))


def github_lookup(facts: Facts, source: Source) -> Callable[[tuple[str, ...]], Value | None]:
    """What is known of the `github` context, looked up by path."""
    github = {name: nowhere(source, value) for name, value in github_values(facts).items()}

    def lookup(path: tuple[str, ...]) -> Value | None:
        if path[0] != "github" or len(path) < 2:
            return None
        if facts.occasion is not ANY:
            occasion = facts.occasion.value(".".join(path[1:]).lower())
            if occasion is not None:
                return nowhere(source, occasion) if isinstance(occasion, str) else occasion
        return github.get(path[1].lower()) if len(path) == 2 else None

    return lookup


def github_values(facts: Facts) -> dict[str, str]:
    """The parts of the `github` context that do not depend on the event."""
    repository = facts.repository
    known = {"workspace": WORKSPACE, "server_url": "https://github.com"}
    if repository:
        known["server_url"] = f"https://{repository.host}"
        known["repository"] = f"{repository.owner}/{repository.name}"
        known["repository_owner"] = repository.owner
        known["repositoryurl"] = f"git://{repository.host}/{repository.owner}/{repository.name}.git"
    return known


class Budget:
    """What is left to be followed: a workflow may call itself many times over."""

    def __init__(self) -> None:
        self.runs = MAX_RUNS
        self.actions = MAX_ACTIONS


class Waiting(NamedTuple):
    """A script that only hands values on, and what holds where it stands."""

    step: Step
    script: Text
    depth: int
    env: Fields | None
    condition: str


class WorkflowCall:
    """One workflow with the inputs that it is called with, and what its jobs hand on.

    `callers` are the jobs that call it; `secrets` what they pass, None for all that there are. `sure` tells that they
    run whenever the workflow does that an event starts. `ended` are the jobs that have run, each with what expressions
    saw at its end, in every combination.
    """

    def __init__(
        self,
        workflow: Workflow,
        facts: Facts,
        find: Find,
        inputs: dict[str, Value],
        depth: int,
        budget: Budget,
        callers: tuple[tuple[Workflow, Job], ...] = (),
        secrets: dict[str, Value] | None = None,
        sure: bool = True,
    ) -> None:
        self.sure = sure
        self.callers = callers
        self.secrets = secrets
        self.workflow = workflow
        self.facts = facts
        self.github = github_lookup(facts, workflow.source)
        self.find = find
        self.inputs: dict[str, Value] = dict(self._defaults(workflow, depth)) | inputs
        self.depth = depth
        self.budget = budget
        self.by_name = {job.name: job for job in workflow.jobs}
        self.ended: dict[str, list[Lookup]] = {}
        self._outputs: dict[str, dict[str, Text]] = {}

    def _defaults(self, workflow: Workflow, depth: int) -> Iterator[tuple[str, Value]]:
        """The inputs that nobody gives. A switch is there to be turned, and other events than calls have no inputs."""
        if not depth and not _CALLS.issuperset(workflow.triggers):
            return
        for name, text in workflow.defaults:
            if depth or text.text not in ("true", "false"):
                yield name, whole(text, github_lookup(self.facts, text.source))

    def output(self, name: str, key: str) -> Text | None:
        """What a job that has run hands on under a key: unknown where its combinations differ."""
        kept = self._outputs.setdefault(name, {})
        if key not in kept and name in self.ended:
            for each, written in self.by_name[name].outputs.pairs():
                for lookup in self.ended[name] if each.text == key else ():
                    self.keep(name, key, substitute(written, lookup))
        return kept.get(key)

    def keep(self, name: str, key: str, text: Text) -> None:
        """Note what a job hands on."""
        kept = self._outputs.setdefault(name, {})
        kept[key] = text if kept.get(key, text) == text else unknown(f"needs.{name}.outputs.{key}", *text.place)

    def lookup(self, path: tuple[str, ...]) -> Value | None:
        """What the `outputs` of a workflow that is called can see."""
        if path[0] == "jobs" and len(path) == 4 and path[2] == "outputs":
            return self.output(path[1], path[3])
        return None


class Contexts:
    """What the expressions of a job see in one combination of its matrix, while its steps run one after the other.

    `steps` are the outputs of steps, `written` is what they wrote into the environment, `conditions` those on which
    they run, as far as these are not certain. `waiting` are scripts that run only when somebody asks for what they
    hand on, which `catch_up` does.
    """

    def __init__(self, call: WorkflowCall, job: Job, combination: Combination | None) -> None:
        self.call = call
        self.job = job
        self.source = call.workflow.source
        self.matrix = None if combination is None else Object(combination)
        self._columns: dict[str, Value] | None = None
        self.inputs = call.inputs
        self.steps: dict[str, dict[str, Text]] = {}
        self.waiting: list[Waiting] = []
        self.conditions: dict[str, str] = {}
        self.condition = ""
        self.written: dict[str, Text] = {}
        self.step_env: Fields | None = None
        self.resolving: set[Place] = set()
        self._begun_with: dict[str, Value | None] = {}
        self._around = tuple(fields for fields in (job.env, call.workflow.env) if fields.node is not None)

    def catch_up(self) -> None:
        """Run the scripts that wait."""
        raise NotImplementedError

    def lookup(self, path: tuple[str, ...]) -> Value | None:
        """The value of a context's path, as far as it is known."""
        context = path[0]
        if context == "github":
            return self.call.github(path)
        if len(path) == 2:
            name = path[1]
            if context == "env":
                return self.variable(name)
            if context == "matrix":
                return self._column(name)
            if context == "inputs":
                return self.inputs.get(name)
            return self._secret(name.lower()) if context == "secrets" else None
        if len(path) == 4 and path[2] == "outputs":
            if context == "steps":
                return self._output(path[1], path[3])
            return self.call.output(path[1], path[3]) if context == "needs" else None
        return self.matrix if context == "matrix" and len(path) == 1 else None

    def _column(self, name: str) -> Value | None:
        """A value of this combination of the matrix; null when there is none of the name."""
        if self.matrix is None:
            return None
        if self._columns is None:
            self._columns = {folded(field): value for field, value in reversed(self.matrix.fields)}
        return self._columns.get(folded(name), NULL)

    def _output(self, step: str, name: str) -> Text | None:
        """What a step has handed on, when it is certain to have run."""
        if self.conditions.get(step, "") not in ("", self.condition):
            return None
        if any(each.step.id == step for each in self.waiting):
            self.catch_up()
        return self.steps.get(step, {}).get(name)

    def _secret(self, name: str) -> Value | None:
        """A secret, as far as it is known to be empty, or to be another one of the workflow that calls this one."""
        passed = self.call.secrets
        if name == "github_token":
            return None
        if passed is not None:
            return passed.get(name) or nowhere(self.source, "")
        return None if self.call.facts.occasion.secrets else nowhere(self.source, "")

    def variable(self, name: str) -> Value | None:
        """A variable of the environment: of the step, else as earlier steps wrote it, else of job and workflow."""
        found = self._declared(self.step_env, name) if self.step_env is not None else None
        if found is not None:
            return found
        if self.waiting and any(SETS in each.script.text and name in each.script.text for each in self.waiting):
            self.catch_up()
        if name in self.written:
            return self.written[name]
        if name not in self._begun_with:
            value = self._of_job(name)
            if self.resolving:
                return value
            self._begun_with[name] = value
        return self._begun_with[name]

    def _of_job(self, name: str) -> Value | None:
        """A variable of the job or else its workflow, which no step has a say in.

        https://docs.github.com/en/actions/reference/workflows-and-actions/contexts#context-availability
        """
        outer = self.inputs, self.step_env, self.steps
        self.inputs, self.step_env, self.steps = self.call.inputs, None, {}
        try:
            found = (self._declared(fields, name) for fields in self._around)
            return next((value for value in found if value is not None), None)
        finally:
            self.inputs, self.step_env, self.steps = outer

    def _declared(self, fields: Fields, name: str) -> Value | None:
        """A variable of one `env:`; None while its own value is looked for: it then has that of the level around."""
        written = fields.text(name)
        if written is None or "${{" not in written.text:
            return written
        guard = written.place
        if guard in self.resolving:
            return None
        self.resolving.add(guard)
        try:
            return substitute(written, self.lookup)
        finally:
            self.resolving.discard(guard)

    def read(self, text: Text) -> Text:
        """A text with its expressions evaluated."""
        return substitute(text, self.lookup)

    def value(self, text: Text) -> Value:
        """The value of a text, of whatever type."""
        return whole(text, self.lookup)
