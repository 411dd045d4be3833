"""A workflow file taken apart: jobs, steps, matrices and inputs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.record import NamedTuple
from imglint.source import Source
from imglint.syntax import yaml, yamlnode
from imglint.syntax.text import Text, literal

MAX_STEPS: Final = 1_000
"""Steps of one job that are looked at."""
MAX_JOBS: Final = 500
"""Jobs of one workflow that are looked at."""


class Fields(NamedTuple):
    """A mapping of a document: its scalars as texts, by key."""

    document: yaml.Document
    node: yamlnode.Node | None

    def text(self, key: str) -> Text | None:
        """The scalar under a key; None when there is none, or null."""
        return self.document.text_of(self.node, key)

    def fields(self, key: str) -> Fields:
        """The mapping under a key; empty when there is none."""
        document, node = self
        return tuple.__new__(Fields, (document, document.get(node, key)))

    def pairs(self) -> Iterator[tuple[Text, Text]]:
        """All keys with their scalars; what is no scalar is left out, and null is empty."""
        for key, value in self.document.entries(self.node):
            if isinstance(value, yamlnode.Scalar):
                text = self.document.text(value)
                yield self.document.text(key), text.cut(0, 0) if self.document.is_null(value) else text

    def key(self, name: str) -> Text | None:
        """The key itself, for its place."""
        found = self.document.key(self.node, name)
        return self.document.text(found) if found else None

    @property
    def is_empty(self) -> bool:
        """Whether nothing is written here."""
        return not self.document.entries(self.node)


class Step(NamedTuple):
    """A step of a job or of a composite action; texts as written, most of which are looked up when somebody asks."""

    uses: Text | None
    run: Text | None
    fields: Fields

    @property
    def id(self) -> str:
        """The name that its outputs are read by; empty when it has none."""
        identifier = self.fields.text("id")
        return identifier.text if identifier else ""

    @property
    def inputs(self) -> Fields:
        """Its `with:`."""
        return self.fields.fields("with")

    @property
    def env(self) -> Fields:
        """The variables that it sets for itself."""
        return self.fields.fields("env")

    @property
    def condition(self) -> Text | None:
        """Its `if:`."""
        return self.fields.text("if")

    @property
    def directory(self) -> Text | None:
        """Its `working-directory:`."""
        return self.fields.text("working-directory")

    @property
    def shell(self) -> Text | None:
        """What runs its script, when it says so."""
        return self.fields.text("shell")


class Job(NamedTuple):
    """A job. `name` is its key in the workflow; `uses` is the workflow that it calls, with `inputs`."""

    name: str
    key: Text
    steps: tuple[Step, ...]
    env: Fields
    outputs: Fields
    needs: tuple[str, ...]
    condition: Text | None
    directory: Text | None
    shell: Text | None
    strategy: Fields
    uses: Text | None
    inputs: Fields
    fields: Fields


class Workflow(NamedTuple):
    """A workflow, or a composite action (then `jobs` is empty and `steps` are its own).

    `defaults` are the inputs that have a default. `called` tells that other workflows may call this one.
    """

    source: Source
    document: yaml.Document
    env: Fields
    jobs: tuple[Job, ...]
    steps: tuple[Step, ...]
    defaults: tuple[tuple[str, Text], ...]
    outputs: tuple[tuple[str, Text], ...]
    called: bool
    triggers: tuple[str, ...]

    @property
    def root(self) -> Fields:
        """The mapping that the whole file is."""
        return Fields(self.document, self.document.root)

    def trigger(self, name: str) -> Fields:
        """What is written for one trigger; empty when there is nothing."""
        return self.root.fields("on").fields(name)


def read(source: Source) -> Workflow:
    """Take a workflow or an action apart, the same text once. Never raises."""
    return source.read_once("workflow", _read)


def _read(source: Source) -> Workflow:
    document = source.read_once("yaml", yaml.parse)
    root = Fields(document, document.root)
    directory, shell = _defaults(root)
    jobs = tuple(
        _job(document, key, node, directory, shell)
        for key, node in document.entries(document.get(root.node, "jobs"))[:MAX_JOBS]
    )
    on = document.get(root.node, "on")
    trigger_nodes: list[yamlnode.Node] = (
        [key for key, _ in document.entries(on)] or list(document.items(on)) or ([on] if on is not None else [])
    )
    triggers = tuple(node.value for node in trigger_nodes if isinstance(node, yamlnode.Scalar))
    call = document.get(on, "workflow_call")
    inputs = [document.get(document.get(on, event), "inputs") for event in ("workflow_dispatch", "workflow_call")]
    inputs.append(document.get(root.node, "inputs"))
    defaults = tuple(
        (key.value, text)
        for node in inputs
        for key, definition in document.entries(node)
        if (text := Fields(document, definition).text("default")) is not None
    )
    outputs = tuple(
        (key.value, text)
        for node in (document.get(call, "outputs"), document.get(root.node, "outputs"))
        for key, definition in document.entries(node)
        if (text := Fields(document, definition).text("value")) is not None
    )
    runs = root.fields("runs")
    steps = _steps(document, document.get(runs.node, "steps"))
    return Workflow(
        source, document, root.fields("env"), jobs, steps, defaults, outputs, "workflow_call" in triggers, triggers
    )


def _defaults(fields: Fields) -> tuple[Text | None, Text | None]:
    run = fields.fields("defaults").fields("run")
    return run.text("working-directory"), run.text("shell")


def _job(
    document: yaml.Document, key: yamlnode.Scalar, node: yamlnode.Node, directory: Text | None, shell: Text | None
) -> Job:
    fields = Fields(document, node)
    own_directory, own_shell = _defaults(fields)
    needs = document.get(node, "needs")
    needed = [needs] if isinstance(needs, yamlnode.Scalar) else document.items(needs)
    return Job(
        key.value,
        document.text(key),
        _steps(document, document.get(node, "steps")),
        fields.fields("env"),
        fields.fields("outputs"),
        tuple(each.value for each in needed if isinstance(each, yamlnode.Scalar)),
        fields.text("if"),
        own_directory or directory,
        own_shell or shell,
        fields.fields("strategy"),
        fields.text("uses"),
        fields.fields("with"),
        fields,
    )


def _steps(document: yaml.Document, node: yamlnode.Node | None) -> tuple[Step, ...]:
    return tuple(_step(Fields(document, each)) for each in document.items(node)[:MAX_STEPS])


def _step(fields: Fields) -> Step:
    return Step(fields.text("uses"), fields.text("run"), fields)


def action_of(uses: Text) -> tuple[str, str]:
    """The name of an action, in lower case, and the version it is used at (`docker/login-action`, `v3`)."""
    return uses.read_once("action", _action_of)


def _action_of(uses: Text) -> tuple[str, str]:
    name, _, version = uses.text.partition("@")
    return name.strip().lower(), version.strip()


def nowhere(source: Source, text: str) -> Text:
    """A text that comes from outside all files; it gets a place where it is used."""
    from imglint.source import Span

    return literal(text, source, Span(0, 0), exact=False)
