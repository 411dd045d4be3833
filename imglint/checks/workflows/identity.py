"""Signatures and attestations, which need permissions of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related
from imglint.model.understanding import WorkflowUse
from imglint.model.workflow.actions import ATTEST
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.permissions import granted
from imglint.model.workflow.structure import Job, Step, action_of
from imglint.record import NamedTuple
from imglint.syntax.text import Text

_SIGN: Final = frozenset(("sigstore/gh-action-sigstore-python",))
_COSIGN: Final = r"(?m)^(?!\s*#).*?\b(cosign\s+(?:sign|attest)(?:-blob)?)\s(?!.*--help)"
_WITH_KEY: Final = r"--key\b|--sk\b|--identity-token\b|COSIGN_KEY|COSIGN_PRIVATE_KEY|--generate"
_ID_TOKEN: Final = "id-token"
_ATTESTATIONS: Final = "attestations"


class Need(NamedTuple):
    """What needs a permission: the words that say so, and what people call it."""

    text: Text
    what: str


def missing_id_token(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job signs or attests with the identity of its run, and may not ask for it."""
    yield from _missing(workflow, context, _ID_TOKEN)


def missing_attestations_write(workflow: WorkflowUse, context: Context) -> Iterator[Finding]:
    """A job writes attestations, and may not."""
    yield from _missing(workflow, context, _ATTESTATIONS)


def _missing(workflow: WorkflowUse, context: Context, permission: str) -> Iterator[Finding]:
    if not any(word in workflow.workflow.source.text for word in ("cosign", "attest", "sigstore")):
        return
    for job in workflow.workflow.jobs:
        found = needs(job).get(permission)
        block = granted(JobRun(workflow.workflow, job, (), ())).own
        # Without any block the repository decides, and another rule says so of jobs that push.
        if found is None or block is None or block.allows(permission):
            continue
        level = block.levels.get(permission)
        place = (level or block.value or block.key).place
        yield context.finding(
            found.text.span,
            f"{found.what} needs `{permission}: write`, and the permissions of the job do not give it: it will fail",
            label=f"may not write {permission}",
            help=f"give the job the permission\npermissions:\n  {permission}: write",
            related=[Related(*place, "the permissions of the job")],
            source=found.text.source,
        )


def needs(job: Job) -> dict[str, Need]:
    """The permissions beside that for packages that a job needs to sign or attest, each with what first needs it."""
    found: dict[str, Need] = {}
    for step in job.steps:
        for permission, need in _of_step(step):
            found.setdefault(permission, need)
    return found


def _of_step(step: Step) -> Iterator[tuple[str, Need]]:
    if step.uses is not None:
        name, _ = action_of(step.uses)
        if name in ATTEST:
            yield _ID_TOKEN, Need(step.uses, name)
            yield _ATTESTATIONS, Need(step.uses, name)
        elif name in _SIGN:
            yield _ID_TOKEN, Need(step.uses, name)
    elif step.run is not None and "cosign" in step.run.text:
        match = re.search(_COSIGN, step.run.text)
        if match and not re.search(_WITH_KEY, step.run.text) and not _has_key(step):
            yield _ID_TOKEN, Need(step.run.cut(*match.span(1)), f"{' '.join(match[1].split())} without a key")


def _has_key(step: Step) -> bool:
    return any("KEY" in name.text or "SIGSTORE_ID_TOKEN" in name.text for name, _ in step.env.pairs())
