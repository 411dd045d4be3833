"""A stage of a Dockerfile while its instructions are applied one after the other."""

from __future__ import annotations

from typing import Final

from imglint.model.imageconfig import ImageConfig
from imglint.model.metadata import Label, Setting
from imglint.model.ports import Ports, every_port
from imglint.model.stages import Command
from imglint.model.variables import Value
from imglint.record import NamedTuple
from imglint.source import Source, Span

_SHELL: Final = ("/bin/sh", "-c")


class Trail(NamedTuple):
    """The last setting of a label, linked to those before it, so that stages can share them."""

    setting: Setting
    before: Trail | None

    def label(self) -> Label:
        """The label with all that it overrode."""
        overridden: list[Setting] = []
        trail = self.before
        while trail:
            overridden.append(trail.setting)
            trail = trail.before
        return Label(self.setting, tuple(reversed(overridden)))


class State:
    """A stage while its instructions are applied."""

    __slots__ = (
        "authors", "cmd", "cmd_set", "complete", "entrypoint", "env", "environment_complete", "labels", "ports",
        "shell", "signal", "triggers", "user", "variables", "volumes", "workdir",
    )  # fmt: skip

    def __init__(self) -> None:
        self.variables: dict[str, Value] = {}
        self.env: dict[str, str | None] = {}
        self.environment_complete = False
        self.labels: dict[str, Trail] = {}
        self.authors: list[tuple[str, Source, Span]] = []
        self.complete = True
        self.user: str | None = ""
        self.workdir: str | None = ""
        self.entrypoint: tuple[str, ...] = ()
        self.cmd: tuple[str, ...] = ()
        self.cmd_set = False
        self.shell: tuple[str, ...] = _SHELL
        self.ports: set[Ports] | None = set()
        self.volumes: set[str] | None = set()
        self.signal: str | None = ""
        self.triggers: list[Command] = []

    def child(self) -> State:
        """The state in which a stage built upon this one begins."""
        state = State()
        for name in self.__slots__:
            value = getattr(self, name)
            setattr(state, name, value.copy() if isinstance(value, (dict, list, set)) else value)
        state.cmd_set = False
        state.triggers = []
        return state

    @property
    def size(self) -> int:
        """How much a stage built upon this one takes over."""
        return len(self.variables) + len(self.env) + len(self.labels) + len(self.ports or ()) + len(self.volumes or ())

    def config(self) -> ImageConfig:
        """The configuration of an image made now."""
        return ImageConfig(
            self.env, self.user, self.workdir, self.entrypoint, self.cmd,
            None if self.ports is None else every_port(self.ports),
            None if self.volumes is None else frozenset(self.volumes), self.signal,
        )  # fmt: skip
