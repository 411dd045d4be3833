"""The steps of a job, run in the head one after the other."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.model.build import BakeCall, Build, Definition, Deleting, Event, FileCall, Mounts
from imglint.model.credential import credential_of
from imglint.model.login import KO_REPOSITORY, Login
from imglint.model.paths import join_all
from imglint.model.script import SETS, WRITES, Shell, worth_reading
from imglint.model.scriptrun import run as run_script
from imglint.model.workflow import actions, logins, metadata_action
from imglint.model.workflow.contexts import Contexts, Waiting, WorkflowCall, github_values
from imglint.model.workflow.jobrun import Happening
from imglint.model.workflow.matrix import Combination
from imglint.model.workflow.structure import Fields, Job, Step, action_of, nowhere
from imglint.source import Span
from imglint.syntax.expressionevaluate import holds, substitute, whole
from imglint.syntax.expressionvalue import Value
from imglint.syntax.text import Place, Text, literal, unknown

MAX_DEPTH: Final = 5
"""Workflows and actions called by one another that are followed."""

_FOLLOWED: Final = (
    actions.NAMES
    | logins.NAMES
    | logins.APP_TOKENS
    | logins.CLOUD_TOKENS
    | {metadata_action.ACTION, "docker/setup-buildx-action"}
)
SUCCESS: Final = frozenset(("success()", "always()", "!cancelled()", "!failure()"))
"""Conditions that hold as long as all goes well."""
_RUNNER: Final = ("GITHUB_", "RUNNER_")
_NOT_SHELLS: Final = ("pwsh", "powershell", "python", "cmd", "node", "perl", "ruby")


def may_do(script: Text) -> bool:
    """Whether a script may do anything with images."""
    return script.read_once("worth reading", lambda script: worth_reading(script.text))


def followed(steps: tuple[Step, ...]) -> tuple[Step, ...]:
    """The steps that may do anything that is followed."""
    return tuple(filter(_matters, steps))


def _matters(step: Step) -> bool:
    if step.run is None:
        if step.uses is None:
            return False
        name, _ = action_of(step.uses)
        return name in _FOLLOWED or name.startswith("./") or "checkout" in name
    script = step.run.text
    if may_do(step.run) or SETS in script:
        return True
    return WRITES in script and bool(step.id) and f"steps.{step.id}." in step.fields.document.source.text


def plain_condition(written: str) -> str:
    """A condition without the braces that it may have."""
    return written.strip().removeprefix("${{").removesuffix("}}").strip()


class Steps(Contexts):
    """A job in one combination of its matrix, while its steps run."""

    def __init__(self, call: WorkflowCall, job: Job, combination: Combination | None) -> None:
        super().__init__(call, job, combination)
        self.mounts: Mounts = ()
        self.driver = ""
        self.metadata: list[metadata_action.Metadata] = []
        self.definitions: dict[str, Definition] = {}
        self.defaults: dict[Place, str] = {}
        self.app_steps: set[str] = set()
        self.cloud_steps: set[str] = set()

    def events(self, steps: tuple[Step, ...], depth: int = 0) -> Iterator[Happening]:
        """What steps do with images, of those that are `followed`; `depth` counts the composite actions around them."""
        for step in steps:
            uses, run, condition, env = step.uses, step.run, step.condition, step.env
            certain = True if condition is None else holds(condition, self.lookup)
            if certain is False:
                continue
            outer, outer_condition = self.step_env, self.condition
            self.step_env = outer if env.node is None else env
            self.condition = outer_condition if certain or condition is None else self._doubt(condition)
            if self.condition and step.id:
                self.conditions[step.id] = self.condition
            if uses is not None and uses.text.startswith("./"):
                yield from self._local(step, uses, depth)
            elif uses is not None:
                yield from self._happening(self._uses(step, uses), step)
            elif run is not None:
                yield from self._happening(self._run_or_wait(step, run, depth), step)
            self.step_env, self.condition = outer, outer_condition

    def _happening(self, events: Iterator[Event], step: Step) -> Iterator[Happening]:
        return (Happening(self._completed(event), step, self.condition) for event in events)

    def _doubt(self, written: Text) -> str:
        """A condition that is not known to hold, in one spelling; that around it when it holds if all goes well."""
        text = plain_condition(written.text)
        return self.condition if not text or text in SUCCESS else text

    def _completed(self, event: Event) -> Event:
        """The event with what only the job tells: whose the credential is, and whether buildx adds attestations."""
        if isinstance(event, Login | Deleting):
            started = self.call.callers[0][0] if self.call.callers else self.call.workflow
            passed = started.triggers == ("workflow_call",)
            text = event.credential.text
            if text is None or not (passed or self.app_steps or self.cloud_steps):
                return event
            return event._replace(credential=credential_of(text, self.app_steps, self.cloud_steps, passed))
        if isinstance(event, Build | BakeCall) and event.provenance is None:
            # https://docs.docker.com/build/building/variables/#buildx_no_default_attestations
            value = self.variable("BUILDX_NO_DEFAULT_ATTESTATIONS")
            if isinstance(value, Text) and value.value not in (None, "", "0", "false"):
                return event._replace(provenance=value.cut(0, 0))
        return event

    def _is_windows(self) -> bool:
        """Whether the job runs where PowerShell is the shell."""
        runner = self.job.fields.text("runs-on")
        return runner is not None and self.read(runner).text.lower().startswith("windows")

    def _run_or_wait(self, step: Step, script: Text, depth: int) -> Iterator[Event]:
        """What a script does; one that only hands values on is kept until somebody asks for them."""
        if not may_do(script):
            self.waiting.append(Waiting(step, script, depth, self.step_env, self.condition))
            return
        if SETS in script.text:
            self.catch_up()
        yield from self._run(step, script, depth)

    def catch_up(self) -> None:
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
            maybe = self.condition and self.variable(name) != value
            self.written[name] = unknown(f"${name}", *value.place) if maybe else value
        if step.id:
            self.steps.setdefault(step.id, {}).update(shell.outputs)

    def _inherited(self, name: str) -> Text | None:
        """A variable of the environment as a script sees it; None when it is unknown."""
        if name.startswith("GITHUB_"):
            short = name.removeprefix("GITHUB_").lower()
            known = self.call.facts.occasion.variable(short) or github_values(self.call.facts).get(short)
            if known is not None:
                return nowhere(self.source, known)
        value = self.variable(name)
        if value is None and name.startswith(_RUNNER):
            return unknown(f"${name}", self.source, Span(0, 0))
        return value if isinstance(value, Text) else None

    def _set(self, values: dict[str, Text]) -> None:
        """Set variables for the steps that follow; scripts that wait, and may read one of them, are run before."""
        if any(name in each.script.text for each in self.waiting for name in values):
            self.catch_up()
        self.written.update(values)

    def _names(self) -> Iterator[str]:
        """The names of all variables of the environment that are known."""
        if any(SETS in each.script.text for each in self.waiting):
            self.catch_up()
        for fields in (self.call.workflow.env, self.job.env, self.step_env):
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
        elif name == logins.KO:
            yield from self._ko(step, uses)
        else:
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

    def _ko(self, step: Step, uses: Text) -> Iterator[Event]:
        """What setup-ko does where nobody says where to push: it says so, and logs in there."""
        if self.variable(KO_REPOSITORY) is None:
            default = literal("ghcr.io/${{ github.repository }}", *uses.place, exact=False)
            self._set({KO_REPOSITORY: self.read(default).lower()})
            yield from logins.logins(self._call(step, uses))

    def _buildah_outputs(self, step: Step) -> None:
        """The names of what was built, which push-to-registry is given."""
        for name in ("image", "tags"):
            text = step.inputs.text(name)
            if text is not None:
                self.steps.setdefault(step.id, {})[name] = self.read(text)

    def _checkout(self, inputs: Fields) -> None:
        path = inputs.text("path")
        repository = inputs.text("repository")
        ours = self.call.facts.repository
        place = self.read(path).value if path is not None else ""
        if place is None:
            return
        named = self.read(repository) if repository is not None else None
        own = named is None or (ours is not None and named.text.lower() == f"{ours.owner}/{ours.name}".lower())
        place = place.strip("/").removeprefix("./")
        place = "" if place == "." else place
        self.mounts = (*self.mounts, (place, "" if own else None))

    def _metadata(self, step: Step, uses: Text) -> None:
        repository = self.call.facts.repository
        defaults = metadata_action.Defaults(
            repository.name if repository else None,
            repository.url if repository else None,
            self.call.facts.license,
        )
        levels = self.variable(metadata_action.LEVELS_VARIABLE)
        made = metadata_action.run(
            step.id, uses.place, step.inputs, self.read, levels if isinstance(levels, Text) else None, defaults
        )
        self.metadata.append(made)
        self.defaults[uses.place] = metadata_action.ACTION
        outputs = made.outputs()
        self._set({metadata_action.variable(name): text for name, text in outputs.items()})
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
        if depth >= MAX_DEPTH or not self.call.budget.actions:
            return
        self.call.budget.actions -= 1
        found = None
        for name in ("action.yml", "action.yaml"):
            found = found or self.call.find(f"{path.rstrip('/')}/{name}")
        if found is None or not found.steps:
            yield from self._happening(iter(actions.events(self._call(step, uses))), step)
            return
        self.catch_up()
        given: dict[str, Value] = {key.text: self.value(text) for key, text in step.inputs.pairs()}
        defaults = {name: whole(text, self.lookup) for name, text in found.defaults}
        outer = self.inputs, self.steps, self.conditions
        self.inputs, self.steps, self.conditions = {**defaults, **given}, {}, {}
        yield from self.events(followed(found.steps), depth + 1)
        self.catch_up()
        outputs = {name: substitute(text, self.lookup) for name, text in found.outputs}
        self.inputs, self.steps, self.conditions = outer
        if step.id:
            self.steps[step.id] = outputs
