"""A workflow run in the head: for every job and every combination of its matrix, what its steps do with images.

What depends on the event, on secrets or on other systems stays unknown.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from imglint.model.build import BakeCall, Build, Definition, Deleting, Event, FileCall, Mounts
from imglint.model.credential import credential_of
from imglint.model.login import Login
from imglint.model.paths import WORKSPACE, join_all
from imglint.model.repository import Repository
from imglint.model.script import SETS, WRITES, Shell, worth_reading
from imglint.model.scriptrun import run as run_script
from imglint.model.workflow import actions, logins, metadata_action
from imglint.model.workflow.matrix import Combination, combinations
from imglint.model.workflow.occasion import ANY, Occasion
from imglint.model.workflow.structure import Fields, Job, Step, Workflow, action_of, nowhere
from imglint.record import NamedTuple
from imglint.source import Source, Span
from imglint.syntax.expressionevaluate import holds, substitute, whole
from imglint.syntax.expressionvalue import Object, Value
from imglint.syntax.text import Place, Text, literal, unknown

MAX_DEPTH: Final = 5
"""Workflows and actions called by one another that are followed."""
MAX_RUNS: Final = 500
"""Jobs, counted once for every combination, that are followed in one workflow and those that it calls."""
MAX_ACTIONS: Final = 500
"""Calls of composite actions that are followed in one workflow."""

_FOLLOWED: Final = (
    actions.NAMES
    | logins.NAMES
    | logins.APP_TOKENS
    | logins.CLOUD_TOKENS
    | {metadata_action.ACTION, "docker/setup-buildx-action"}
)
_WORTH: Final = actions.NAMES | logins.NAMES
_CALLS: Final = frozenset(("workflow_dispatch", "workflow_call"))
_SUCCESS: Final = frozenset(("success()", "always()", "!cancelled()", "!failure()"))
_RUNNER: Final = ("GITHUB_", "RUNNER_")
_NOT_SHELLS: Final = ("pwsh", "powershell", "python", "cmd", "node", "perl", "ruby")


class Facts(NamedTuple):
    """What is known of the repository: its identity (None: nothing), and the licence that GitHub will recognise.

    `license` is empty where there is no licence file, and None where nobody knows. `occasion` is the event that starts
    the workflow.
    """

    repository: Repository | None = None
    license: str | None = None
    occasion: Occasion = ANY


class Happening(NamedTuple):
    """An event in a job, the step that brings it about, and the condition on which it does (empty: none)."""

    event: Event
    step: Step
    condition: str = ""


class JobRun(NamedTuple):
    """What one job does, in one combination of its matrix.

    `callers` are the jobs that call its workflow, each with the workflow it is in, the outermost first. `certain` tells
    that the job runs whenever its workflow does.
    """

    workflow: Workflow
    job: Job
    happenings: tuple[Happening, ...]
    metadata: tuple[metadata_action.Metadata, ...]
    callers: tuple[tuple[Workflow, Job], ...] = ()
    certain: bool = True

    @property
    def events(self) -> tuple[Event, ...]:
        """What happens to images, in order."""
        return tuple(happening.event for happening in self.happenings)

    @property
    def started(self) -> Workflow:
        """The workflow that the event starts: the outermost of those that call one another."""
        return self.callers[0][0] if self.callers else self.workflow


Find = Callable[[str], Workflow | None]


def run(workflow: Workflow, facts: Facts, find: Find) -> Iterator[JobRun]:
    """What the jobs of a workflow do. `find` gives the workflow or action at a path of the project."""
    yield from _Runner(workflow, facts, find, {}, 0, _Budget()).jobs()


class _Budget:
    """What is left to be followed: a workflow may call itself many times over."""

    def __init__(self) -> None:
        self.runs = MAX_RUNS
        self.actions = MAX_ACTIONS


class _Runner:
    """One workflow with the inputs that it is called with.

    `callers` are the jobs that call it; `secrets` what they pass, None for all that there are. `sure` tells that they
    run whenever the workflow does that an event starts.
    """

    def __init__(
        self,
        workflow: Workflow,
        facts: Facts,
        find: Find,
        inputs: dict[str, Value],
        depth: int,
        budget: _Budget,
        callers: tuple[tuple[Workflow, Job], ...] = (),
        secrets: dict[str, Value] | None = None,
        sure: bool = True,
    ) -> None:
        self.sure = sure
        self.callers = callers
        self.secrets = secrets
        self.certain: dict[str, bool | None] = {}
        self.workflow = workflow
        self.facts = facts
        self.github = _context_lookup(facts, workflow.source)
        self.find = find
        self.inputs: dict[str, Value] = dict(self._defaults(workflow, depth)) | inputs
        self.depth = depth
        self.by_name = {job.name: job for job in workflow.jobs}
        self.outputs: dict[str, dict[str, Text]] = {}
        self.ended: dict[str, list[_JobState]] = {}
        self.pending: set[str] = set()
        self.done: dict[str, list[JobRun]] = {}
        self.budget = budget

    def _defaults(self, workflow: Workflow, depth: int) -> Iterator[tuple[str, Value]]:
        """The inputs that nobody gives. A switch is there to be turned, and other events than calls have no inputs."""
        if not depth and not _CALLS.issuperset(workflow.triggers):
            return
        for name, text in workflow.defaults:
            if depth or text.text not in ("true", "false"):
                yield name, whole(text, _context_lookup(self.facts, text.source))

    def jobs(self) -> Iterator[JobRun]:
        for job in self.workflow.jobs:
            yield from self.job(job)

    def job(self, job: Job) -> list[JobRun]:
        """The runs of a job, those that it needs before it."""
        if job.name in self.done:
            return self.done[job.name]
        if job.name in self.pending:
            return []
        self.pending.add(job.name)
        found: list[JobRun] = []
        worth = job.uses is not None or self._worth_running(job)
        if worth:
            for name in job.needs:
                if name in self.by_name:
                    self.job(self.by_name[name])
        base = _JobState(self, job, ())
        certain = self.certain[job.name] = self._runs(job, base)
        if not worth:
            self.ended[job.name] = [base]
        elif certain is not False:
            for combination in combinations(job.strategy, base.lookup):
                if not self.budget.runs:
                    break
                self.budget.runs -= 1
                state = _JobState(self, job, combination)
                if job.uses is not None:
                    found.extend(self._called(job, job.uses, state, certain is True))
                    continue
                happenings = tuple(state.events(job.steps))
                metadata = tuple(state.metadata)
                found.append(
                    JobRun(self.workflow, job, happenings, metadata, self.callers, self.sure and certain is True)
                )
                self.ended.setdefault(job.name, []).append(state)
        self.done[job.name] = found
        return found

    def _runs(self, job: Job, state: _JobState) -> bool | None:
        """Whether a job runs when its workflow does: its condition, and those of the jobs that it needs."""
        written = job.condition.text if job.condition else ""
        own = holds(job.condition, state.lookup) if job.condition else True
        if own is None and plain_condition(written) in _SUCCESS:
            own = True
        if re.search(r"\b(?:always|failure|cancelled)\s*\(", written):
            return own
        needed = [self.certain.get(name, True) for name in job.needs]
        if own is False or False in needed:
            return False
        return None if own is None or None in needed else True

    def _worth_running(self, job: Job) -> bool:
        """Whether a job may build or push, or hand something on that is made by a script: most do not."""
        hands_on = not job.outputs.is_empty
        for step in job.steps:
            if step.uses is not None:
                name = action_of(step.uses)[0]
                if name in _WORTH or name.startswith("./") or (hands_on and name == metadata_action.ACTION):
                    return True
            elif step.run is not None and (_may_do(step.run) or (hands_on and WRITES in step.run.text)):
                return True
        return False

    def output(self, name: str, key: str) -> Text | None:
        """What a job that has run hands on under a key: unknown where its combinations differ."""
        kept = self.outputs.setdefault(name, {})
        if key not in kept and name in self.done:
            for each, written in self.by_name[name].outputs.pairs():
                for state in self.ended.get(name, ()) if each.text == key else ():
                    self._keep(name, key, substitute(written, state.lookup))
        return kept.get(key)

    def _keep(self, name: str, key: str, text: Text) -> None:
        kept = self.outputs.setdefault(name, {})
        kept[key] = text if kept.get(key, text) == text else unknown(f"needs.{name}.outputs.{key}", *text.place)

    def _called(self, job: Job, uses: Text, state: _JobState, certain: bool) -> Iterator[JobRun]:
        """The jobs of a workflow of this repository that a job calls."""
        path = uses.text.strip()
        if not path.startswith("./") or self.depth >= MAX_DEPTH:
            return
        called = self.find(path[2:])
        if called is None:
            return
        inputs = {key.text: whole(value, state.lookup) for key, value in job.inputs.pairs()}
        secrets = self.secrets
        if not _inherits(job):
            passed = job.fields.fields("secrets").pairs()
            secrets = {key.text.lower(): whole(value, state.lookup) for key, value in passed}
        callers = (*self.callers, (self.workflow, job))
        runner = _Runner(
            called, self.facts, self.find, inputs, self.depth + 1, self.budget, callers, secrets, self.sure and certain
        )  # fmt: skip
        yield from runner.jobs()
        for key, text in called.outputs:
            self._keep(job.name, key, substitute(text, runner.job_lookup))

    def job_lookup(self, path: tuple[str, ...]) -> Value | None:
        """What `outputs` of a called workflow can see."""
        if path[0] == "jobs" and len(path) == 4 and path[2] == "outputs":
            return self.output(path[1], path[3])
        return None


def _may_do(script: Text) -> bool:
    """Whether a script may do anything with images."""
    return script.read_once("worth reading", lambda script: worth_reading(script.text))


def _inherits(job: Job) -> bool:
    """Whether a job passes all of its secrets to the workflow that it calls."""
    secrets = job.fields.text("secrets")
    return secrets is not None and secrets.text.strip() == "inherit"


def plain_condition(written: str) -> str:
    """A condition without the braces that it may have."""
    return written.strip().removeprefix("${{").removesuffix("}}").strip()


def _context_lookup(facts: Facts, source: Source) -> Callable[[tuple[str, ...]], Value | None]:
    """What is known of the `github` context, looked up by path."""
    github = _github(facts)

    def lookup(path: tuple[str, ...]) -> Value | None:
        if path[0] != "github" or len(path) < 2:
            return None
        occasion = facts.occasion.value(".".join(path[1:]).lower())
        if occasion is not None:
            return nowhere(source, occasion) if isinstance(occasion, str) else occasion
        known = github.get(path[1].lower()) if len(path) == 2 else None
        return nowhere(source, known) if known is not None else None

    return lookup


def _github(facts: Facts) -> dict[str, str]:
    """The parts of the `github` context that do not depend on the event."""
    repository = facts.repository
    known = {"workspace": WORKSPACE, "server_url": "https://github.com"}
    if repository:
        known["server_url"] = f"https://{repository.host}"
        known["repository"] = f"{repository.owner}/{repository.name}"
        known["repository_owner"] = repository.owner
        known["repositoryurl"] = f"git://{repository.host}/{repository.owner}/{repository.name}.git"
    return known


class _Waiting(NamedTuple):
    """A script that only hands values on, and what holds where it stands."""

    step: Step
    script: Text
    depth: int
    env: Fields | None
    condition: str


class _JobState:
    """A job in one combination of its matrix, while its steps run one after the other."""

    def __init__(self, runner: _Runner, job: Job, combination: Combination | None) -> None:
        self.runner = runner
        self.job = job
        self.source = runner.workflow.source
        self.matrix = None if combination is None else Object(combination)
        self.inputs = runner.inputs
        self.steps: dict[str, dict[str, Text]] = {}
        self.waiting: list[_Waiting] = []
        self.conditions: dict[str, str] = {}
        self.condition = ""
        self.written: dict[str, Text] = {}
        self.step_env: Fields | None = None
        self.resolving: set[str] = set()
        self.mounts: Mounts = ()
        self.driver = ""
        self.metadata: list[metadata_action.Metadata] = []
        self.definitions: dict[str, Definition] = {}
        self.defaults: dict[Place, str] = {}
        self.app_steps: set[str] = set()
        self.cloud_steps: set[str] = set()

    # What expressions see ------------------------------------------------------------------------------------------

    def lookup(self, path: tuple[str, ...]) -> Value | None:
        """The value of a context's path, as far as it is known."""
        context = path[0]
        if context == "env" and len(path) == 2:
            return self._variable(path[1])
        if context == "matrix" and len(path) == 1:
            return self.matrix
        if context == "inputs" and len(path) == 2:
            return self.inputs.get(path[1])
        if context == "secrets" and len(path) == 2:
            return self._secret(path[1].lower())
        if context == "steps" and len(path) == 4 and path[2] == "outputs":
            if self.conditions.get(path[1], "") not in ("", self.condition):
                return None
            if any(each.step.id == path[1] for each in self.waiting):
                self._catch_up()
            return self.steps.get(path[1], {}).get(path[3])
        if context == "needs" and len(path) == 4 and path[2] == "outputs":
            return self.runner.output(path[1], path[3])
        return self.runner.github(path) if context == "github" else None

    def _secret(self, name: str) -> Value | None:
        """A secret, as far as it is known to be empty, or to be another one of the workflow that calls this one."""
        passed = self.runner.secrets
        if name == "github_token":
            return None
        if passed is not None:
            return passed.get(name) or nowhere(self.source, "")
        return None if self.runner.facts.occasion.secrets else nowhere(self.source, "")

    def _variable(self, name: str) -> Value | None:
        """A variable of the environment: of the step, else as earlier steps wrote it, else of job and workflow."""
        levels = [self.step_env, None, self.job.env, self.runner.workflow.env]
        for number, fields in enumerate(levels):
            if fields is None:
                if number == 1:
                    if any(name in each.script.text for each in self.waiting):
                        self._catch_up()
                    if name in self.written:
                        return self.written[name]
                continue
            written = fields.text(name)
            if written is None:
                continue
            if "${{" not in written.text:
                return written
            guard = f"{number} {name}"
            if guard in self.resolving:
                continue
            self.resolving.add(guard)
            try:
                return substitute(written, self.lookup)
            finally:
                self.resolving.discard(guard)
        return None

    def read(self, text: Text) -> Text:
        """A text with its expressions evaluated."""
        return substitute(text, self.lookup) if "${{" in text.text else text

    def value(self, text: Text) -> Value:
        """The value of a text, of whatever type."""
        return whole(text, self.lookup)

    # What steps do -------------------------------------------------------------------------------------------------

    def events(self, steps: tuple[Step, ...], depth: int = 0) -> Iterator[Happening]:
        for step in steps:
            if not self._matters(step):
                continue
            certain = True if step.condition is None else holds(step.condition, self.lookup)
            if certain is False:
                continue
            outer, outer_condition = self.step_env, self.condition
            self.step_env = step.env if not step.env.is_empty else outer
            self.condition = outer_condition if certain or step.condition is None else self._doubt(step.condition)
            if self.condition and step.id:
                self.conditions[step.id] = self.condition
            if step.uses is not None and step.uses.text.startswith("./"):
                yield from self._local(step, step.uses, depth)
            elif step.uses is not None:
                yield from self._happening(self._uses(step, step.uses), step)
            elif step.run is not None:
                yield from self._happening(self._run_or_wait(step, step.run, depth), step)
            self.step_env, self.condition = outer, outer_condition

    def _happening(self, events: Iterator[Event], step: Step) -> Iterator[Happening]:
        return (Happening(self._completed(event), step, self.condition) for event in events)

    def _doubt(self, written: Text) -> str:
        """A condition that is not known to hold, in one spelling; that around it when it holds if all goes well."""
        text = plain_condition(written.text)
        return self.condition if not text or text in _SUCCESS else text

    def _completed(self, event: Event) -> Event:
        """The event with what only the job tells: whose the credential is, and whether buildx adds attestations."""
        if isinstance(event, Login | Deleting):
            started = self.runner.callers[0][0] if self.runner.callers else self.runner.workflow
            passed = started.triggers == ("workflow_call",)
            credential = event.credential
            if credential.text is None:
                return event
            return event._replace(
                credential=credential_of(credential.text, self.app_steps, self.cloud_steps, passed)
            )  # fmt: skip
        if isinstance(event, Build | BakeCall) and event.provenance is None:
            # https://docs.docker.com/build/building/variables/#buildx_no_default_attestations
            value = self._variable("BUILDX_NO_DEFAULT_ATTESTATIONS")
            if isinstance(value, Text) and value.value not in (None, "", "0", "false"):
                return event._replace(provenance=value.cut(0, 0))
        return event

    def _matters(self, step: Step) -> bool:
        """Whether a step may do anything that is followed."""
        if step.run is None:
            if step.uses is None:
                return False
            name, _ = action_of(step.uses)
            return name in _FOLLOWED or name.startswith("./") or "checkout" in name
        script = step.run.text
        if _may_do(step.run) or SETS in script:
            return True
        return WRITES in script and bool(step.id) and f"steps.{step.id}." in step.fields.document.source.text

    def _is_windows(self) -> bool:
        """Whether the job runs where PowerShell is the shell."""
        runner = self.job.fields.text("runs-on")
        return runner is not None and self.read(runner).text.lower().startswith("windows")

    def _run_or_wait(self, step: Step, script: Text, depth: int) -> Iterator[Event]:
        """What a script does; one that only hands values on is kept until somebody asks for them."""
        if not _may_do(script):
            self.waiting.append(_Waiting(step, script, depth, self.step_env, self.condition))
            return
        if SETS in script.text:
            self._catch_up()
        yield from self._run(step, script, depth)

    def _catch_up(self) -> None:
        """Run the scripts that nobody had asked for yet, in the order and the state in which they stand."""
        outer = self.step_env, self.condition, self.resolving
        waiting, self.waiting, self.resolving = self.waiting, [], set()
        for step, script, depth, env, doubt in waiting:
            self.step_env, self.condition = env, doubt
            for _ in self._run(step, script, depth):
                pass  # It has no events, or it would have been run in its place.
        self.step_env, self.condition, self.resolving = outer

    def _run(self, step: Step, script: Text, depth: int) -> Iterator[Event]:
        # What a job sets as `defaults` does not reach into composite actions.
        kind = step.shell or (self.job.shell if not depth else None)
        if kind.text.startswith(_NOT_SHELLS) if kind is not None else self._is_windows():
            return
        directory = step.directory or (self.job.directory if not depth else None)
        path = self.read(directory).value if directory is not None else ""
        shell = Shell(join_all(("",), path), inherited=self._inherited, names=self._names)
        shell.setting.driver = self.driver
        for event in run_script(self.read(script), shell):
            if isinstance(event, Build | FileCall):
                event = event._replace(mounts=self.mounts)
            yield event
        self.driver = shell.setting.driver
        for name, value in shell.environment.items():
            maybe = self.condition and self._variable(name) != value
            self.written[name] = unknown(f"${name}", *value.place) if maybe else value
        if step.id:
            self.steps.setdefault(step.id, {}).update(shell.outputs)

    def _inherited(self, name: str) -> Text | None:
        """A variable of the environment as a script sees it; None when it is unknown."""
        if name.startswith("GITHUB_"):
            short = name.removeprefix("GITHUB_").lower()
            known = self.runner.facts.occasion.variable(short) or _github(self.runner.facts).get(short)
            if known is not None:
                return nowhere(self.source, known)
        value = self._variable(name)
        if value is None and name.startswith(_RUNNER):
            return unknown(f"${name}", self.source, Span(0, 0))
        return value if isinstance(value, Text) else None

    def _names(self) -> Iterator[str]:
        """The names of all variables of the environment that are known."""
        self._catch_up()
        for fields in (self.runner.workflow.env, self.job.env, self.step_env):
            if fields is not None:
                yield from (key.text for key, _ in fields.pairs())
        yield from self.written

    def _environment(self) -> tuple[tuple[str, Text], ...]:
        names = dict.fromkeys(self._names())
        return tuple((name, text) for name in names if (text := self._inherited(name)) is not None)

    def _uses(self, step: Step, uses: Text) -> Iterator[Event]:
        name, _ = action_of(uses)
        if name in logins.APP_TOKENS:
            self.app_steps.add(step.id)
        elif name in logins.CLOUD_TOKENS:
            self.cloud_steps.add(step.id)
        if name == "actions/checkout":
            self._checkout(step.inputs)
        elif name == "docker/setup-buildx-action":
            driver = step.inputs.text("driver")
            self.driver = (self.read(driver).value or "") if driver is not None else "docker-container"
        elif name == metadata_action.ACTION:
            self._metadata(step, uses)
        elif name == logins.KO and self._variable(logins.KO_REPOSITORY) is not None:
            pass  # It logs in only where nobody says where to push.
        else:
            if name == logins.KO:
                default = literal("ghcr.io/${{ github.repository }}", *uses.place, exact=False)
                self.written[logins.KO_REPOSITORY] = self.read(default).lower()
            if "checkout" in name and not self.mounts:
                self.mounts = (("", ""),)
            call = self._call(step, uses, self._environment() if name in actions.OF_THE_ENVIRONMENT else ())
            yield from logins.logins(call) if name in logins.NAMES else actions.events(call)
            if step.id and name == actions.BUILDAH_BUILD:
                self._buildah_outputs(step)

    def _call(self, step: Step, uses: Text, environment: tuple[tuple[str, Text], ...] = ()) -> actions.Call:
        return actions.Call(
            uses, step.inputs, self.read, self.value, self.driver, self.mounts,
            lambda place: self.defaults.get(place, ""), environment, self.definitions,
        )  # fmt: skip

    def _buildah_outputs(self, step: Step) -> None:
        """The names of what was built, which push-to-registry is given."""
        for name in ("image", "tags"):
            text = step.inputs.text(name)
            if text is not None:
                self.steps.setdefault(step.id, {})[name] = self.read(text)

    def _checkout(self, inputs: Fields) -> None:
        path = inputs.text("path")
        repository = inputs.text("repository")
        ours = self.runner.facts.repository
        place = self.read(path).value if path is not None else ""
        if place is None:
            return
        named = self.read(repository) if repository is not None else None
        own = named is None or (ours is not None and named.text.lower() == f"{ours.owner}/{ours.name}".lower())
        place = place.strip("/").removeprefix("./")
        place = "" if place == "." else place
        self.mounts = (*self.mounts, (place, "" if own else None))

    def _metadata(self, step: Step, uses: Text) -> None:
        repository = self.runner.facts.repository
        defaults = metadata_action.Defaults(
            repository.name if repository else None,
            repository.url if repository else None,
            self.runner.facts.license,
        )
        levels = self._variable(metadata_action.LEVELS_VARIABLE)
        made = metadata_action.run(
            step.id, uses.place, step.inputs, self.read, levels if isinstance(levels, Text) else None, defaults
        )
        self.metadata.append(made)
        self.defaults[uses.place] = metadata_action.ACTION
        self.written.update(made.environment())
        outputs = made.outputs()
        for output, definition in made.definitions().items():
            path = f"/{step.id}/{output}.json"
            self.definitions[path] = definition
            self.definitions[f"cwd://{path}"] = definition
            outputs[output] = literal(path, *uses.place, exact=False)
        if step.id:
            self.steps[step.id] = outputs

    def _local(self, step: Step, uses: Text, depth: int) -> Iterator[Happening]:
        """The steps of a composite action of this repository."""
        path = uses.text[2:]
        if depth >= MAX_DEPTH or not self.runner.budget.actions:
            return
        self.runner.budget.actions -= 1
        found = None
        for name in ("action.yml", "action.yaml"):
            found = found or self.runner.find(f"{path.rstrip('/')}/{name}")
        if found is None or not found.steps:
            yield from self._happening(iter(actions.events(self._call(step, uses))), step)
            return
        self._catch_up()
        given: dict[str, Value] = {key.text: self.value(text) for key, text in step.inputs.pairs()}
        defaults = {name: whole(text, self.lookup) for name, text in found.defaults}
        outer = self.inputs, self.steps, self.conditions
        self.inputs, self.steps, self.conditions = {**defaults, **given}, {}, {}
        yield from self.events(found.steps, depth + 1)
        self._catch_up()
        outputs = {name: substitute(text, self.lookup) for name, text in found.outputs}
        self.inputs, self.steps, self.conditions = outer
        if step.id:
            self.steps[step.id] = outputs
