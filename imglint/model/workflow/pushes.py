"""What a job pushes, and with which login."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.model.build import Build, Copying, Event, Merge, Pushing, Upload
from imglint.model.login import Login, Reach
from imglint.model.workflow.jobrun import Happening, JobRun
from imglint.model.workflow.occasion import Occasion
from imglint.model.workflow.structure import Fields, Step, action_of
from imglint.record import NamedTuple
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text

_BRANCHING: Final = r"\b(?:if|case|while|exit|test)\b|\|\||\[ "
_LOGS_IN: Final = (
    r"login|auth|(?<!\s--)(?<!\s--src-)(?<!\s--dest-)creds|config\.json|DOCKER_CONFIG|\b(?:ko|goreleaser)\b|\b(?:make|just|task|earthly|dagger|bazel|npm|yarn|pnpm|python3?|node|go)\b|"
    r"(?:^|[\s;&|(])(?:\.{0,2}/|bash |sh |source |\. )"
)
"""What in a script may run something that logs in; ko, also within GoReleaser, takes GITHUB_TOKEN from a variable."""
_KNOWN_OWNERS: Final = frozenset(("actions", "docker", "github", "sigstore", "anchore", "step-security", "codecov"))
"""Whose actions log in to no registry, unless they are read as logins."""
_CREDENTIAL: Final = r"(?i)\bsecrets\s*[.\[]|\bgithub\s*\.\s*token|token|password"
_HOSTED: Final = r"(?:ubuntu|windows|macos)-[\w.-]+"
_OF_CREDENTIALS: Final = ("DOCKER_AUTH_CONFIG", "DOCKER_CONFIG", "REGISTRY_AUTH_FILE")


class Push(NamedTuple):
    """One name that a job pushes. `position` is that of what pushes it among the happenings of the job.

    `definite` tells that it is pushed whenever the job runs.
    """

    name: Text
    run: JobRun
    position: int
    definite: bool

    @property
    def happening(self) -> Happening:
        """The build or the command that pushes."""
        return self.run.happenings[self.position]

    @property
    def host(self) -> str | None:
        """The registry; None when it is unknown."""
        domain = parse_partial(self.name).domain
        return domain.value if domain is not None else None

    @property
    def owner(self) -> Text | None:
        """The first part of the name after the registry; None when that is unknown."""
        path = parse_partial(self.name).path
        if path is None:
            return None
        owner, rest = path.partition("/")
        return owner if rest is not None and owner.text else None

    @property
    def place(self) -> Place:
        """The words in the workflow that push."""
        return place_of(self.happening)

    @property
    def logins(self) -> tuple[Login, ...]:
        """The logins before it at its registry or at an unknown one: the last that is sure to run, and those after.

        What its own command is given to log in with takes the place of all others.
        """
        found: list[Login] = []
        for happening in self.run.happenings[: self.position]:
            login = happening.event
            if isinstance(login, Login) and login.host in (self.host, None) and self._is_reached_by(login):
                if not happening.condition or happening.condition == self.happening.condition:
                    found.clear()
                found.append(login)
        return tuple(found)

    def _is_reached_by(self, login: Login) -> bool:
        own = login.reach is Reach.PUSH and login.place == self.happening.event.place
        return own or login.reach is Reach.JOB


def place_of(happening: Happening) -> Place:
    """Where a workflow brings an event about: the event itself, or the step that calls what is in another file."""
    place = happening.event.place
    step = happening.step
    source = step.fields.document.source
    if place.source is source:
        return place
    text = step.uses or step.fields.key("run")
    return text.place if text is not None else place


def pushes(run: JobRun) -> Iterator[Push]:
    """All names that a job pushes, or may push, in order."""
    for position, happening in enumerate(run.happenings):
        event = happening.event
        definite = run.certain and not happening.condition and _straight(happening.step)
        if isinstance(event, Build) and event.push is not False:
            outputs = (output.attribute("name") for output in event.outputs)
            for name in (*event.tags, *(name for name in outputs if name is not None)):
                yield Push(name, run, position, definite and event.push is True)
        elif isinstance(event, Merge):
            for name in event.tags:
                yield Push(name, run, position, definite)
        elif isinstance(event, Pushing | Copying | Upload):
            yield Push(event.name, run, position, definite)


def may_push(run: JobRun, occasion: Occasion) -> bool:
    """Whether a job may push when an event has started it.

    What is built without a name counts: an event may tell its outputs.
    """
    return any(_is_push(each.event) and not _is_ruled_out(run, each, occasion) for each in run.happenings)


def _is_push(event: Event) -> bool:
    if isinstance(event, Build):
        return event.push is not False
    return isinstance(event, Merge | Pushing | Copying | Upload)


def _is_ruled_out(run: JobRun, happening: Happening, occasion: Occasion) -> bool:
    """Whether the event alone keeps a push from taking place, by a condition around it."""
    step = happening.step
    conditions = [run.job.condition, step.condition, *(job.condition for _, job in run.callers)]
    if step.uses is not None and isinstance(happening.event, Build):
        conditions.append(step.inputs.text("push"))
    return any(text is not None and occasion.forbids(text) for text in conditions)


def pushes_to(run: JobRun, hosts: tuple[str, ...]) -> tuple[Push, ...]:
    """The names that a job pushes to one of the hosts for certain, one for each step."""
    found: dict[int, Push] = {}
    for push in pushes(run):
        if push.host in hosts and (push.position not in found or HOLE in found[push.position].name.text):
            found[push.position] = push
    return tuple(found.values())


def _straight(step: Step) -> bool:
    """Whether a step does in every run what it does in one: its script has no branches."""
    return step.run is None or step.run.read_once("straight", _has_no_branches)


def _has_no_branches(script: Text) -> bool:
    return re.search(_BRANCHING, script.text) is None


def may_log_in_unseen(run: JobRun) -> bool:
    """Whether a job may be logged in by what is not followed: its runner, an action, a script."""
    fields = run.job.fields
    runner = fields.text("runs-on")
    if runner is None or re.fullmatch(_HOSTED, runner.text.strip()) is None:
        return True
    if any(env.text(name) is not None for env in (run.workflow.env, run.job.env) for name in _OF_CREDENTIALS):
        return True
    return any(map(_may_log_in, run.job.steps))


def _may_log_in(step: Step) -> bool:
    if step.run is not None:
        script = re.sub(r"(?m)^\s*#.*$", "", step.run.text)
        # A login that is read is known; what else there is may log in as well.
        return re.search(_LOGS_IN, script) is not None
    if step.uses is None:
        return False
    name, _ = action_of(step.uses)
    if name.startswith((".", "docker:")):
        return True
    if name.partition("/")[0] in _KNOWN_OWNERS:
        return False
    return "login" in name or "auth" in name or _has_credential(step.inputs) or _has_credential(step.env)


def _has_credential(fields: Fields) -> bool:
    return any(re.search(_CREDENTIAL, f"{key.text} {value.text}") for key, value in fields.pairs())
