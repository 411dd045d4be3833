"""What the token of a job may do: `permissions` of workflows and jobs.

https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-syntax#permissions
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from imglint.model.workflow.structure import Fields
from imglint.record import NamedTuple
from imglint.syntax.text import Text

if TYPE_CHECKING:
    from imglint.model.workflow.jobrun import JobRun

_ALL: Final = {"read-all": "read", "write-all": "write"}
_ORDER: Final = {"none": 0, "read": 1, "write": 2}


class Permissions(NamedTuple):
    """A `permissions` block: naming one permission sets all others to none.

    `key` is the word `permissions`, `value` what follows it on one line (`read-all`, None for a mapping).
    `everything` is the level that all of them have (`none` unless all are named at once).
    """

    key: Text
    value: Text | None
    levels: Mapping[str, Text]
    everything: str

    def level(self, name: str) -> str:
        """The level of one permission: `none`, `read` or `write`."""
        given = self.levels.get(name)
        return given.text.strip() if given is not None else self.everything

    def allows(self, name: str) -> bool:
        """Whether the permission may be used to write."""
        return self.level(name) == "write"


def permissions_in(fields: Fields) -> Permissions | None:
    """The block of a workflow or a job; None when there is none."""
    key = fields.key("permissions")
    if key is None:
        return None
    value = fields.text("permissions")
    levels = {name.text: level for name, level in fields.fields("permissions").pairs()}
    everything = _ALL.get(value.text.strip(), "none") if value is not None else "none"
    return Permissions(key, value, levels, everything)


class Granted(NamedTuple):
    """What limits the token of a job: the block that holds for it, and that of the job which calls its workflow.

    `own` is None where neither the job nor its workflow has one; then the setting of the repository decides, or, in a
    workflow that is called, `caller`.
    """

    own: Permissions | None
    caller: Permissions | None
    called: bool

    @property
    def deciding(self) -> Permissions | None:
        """The block that says most: None when only the settings of the repository do."""
        return self.own if self.own is not None else self.caller

    def level(self, name: str) -> str | None:
        """The level of a permission; None when the settings of the repository decide."""
        levels = [each.level(name) for each in (self.own, self.caller) if each is not None]
        return min(levels, key=lambda level: _ORDER.get(level, 0)) if levels else None


def granted(run: JobRun) -> Granted:
    """What the token of a job may do."""
    own = permissions_in(run.job.fields) or permissions_in(run.workflow.root)
    caller = None
    for workflow, job in reversed(run.callers):
        caller = permissions_in(job.fields) or permissions_in(workflow.root)
        if caller is not None:
            break
    return Granted(own, caller, bool(run.callers))
