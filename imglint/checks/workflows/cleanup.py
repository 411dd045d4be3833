"""Steps that delete versions of packages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related, Severity
from imglint.model.credential import Credential, CredentialKind, credential_of
from imglint.model.publication import Publication
from imglint.model.understanding import Understanding, WorkflowUse
from imglint.model.workflow.deleting import DELETE_VERSIONS, NAME_INPUTS, PRUNE
from imglint.model.workflow.permissions import Granted, permissions_in
from imglint.model.workflow.structure import Job, Step, action_of
from imglint.record import NamedTuple
from imglint.syntax.expressionevaluate import substitute
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import Text

_OWNERS: Final = ("owner", "account", "organization", "repository_owner", "repository-owner", "user", "account-type")


class Deletion(NamedTuple):
    """A step that deletes versions of a package."""

    workflow: WorkflowUse
    job: Job
    step: Step
    uses: Text
    action: str

    @property
    def package(self) -> str:
        """The name of the package; empty when it is not known."""
        text = self.step.inputs.text(NAME_INPUTS[self.action])
        return text.text.strip().lower() if text is not None and "$" not in text.text else ""

    @property
    def credential(self) -> Credential | None:
        """Whose rights it deletes with; None where the token of the workflow is the default."""
        token = self.step.inputs.text("token")
        return credential_of(substitute(token, lambda path: None)) if token is not None else None


def _deletions(workflow: WorkflowUse) -> Iterator[Deletion]:
    text = workflow.workflow.source.text.lower()
    if not any(name in text for name in NAME_INPUTS):
        return
    for job in workflow.workflow.jobs:
        for step in job.steps:
            if step.uses is not None and (name := action_of(step.uses)[0]) in NAME_INPUTS:
                yield Deletion(workflow, job, step, step.uses, name)


def delete_untagged_breaks_index(project: Understanding, context: Context) -> Iterator[Finding]:
    """Versions without a tag are deleted, and some are the platforms of an index."""
    for workflow in project.workflows:
        for deletion in _deletions(workflow):
            switch = _deletes_untagged(deletion)
            index = _index_of(deletion, project, context) if switch is not None else None
            if switch is None or index is None or index.build is None:
                continue
            yield context.finding(
                switch.span,
                "the images of single platforms have no tag of their own: this deletes them, and every tag whose index "
                "names them is broken",
                label="deletes the platforms of an index",
                help="use an action that keeps what an index names\nuses: dataaxiom/ghcr-cleanup-action@v1",
                related=[Related(*index.build.place, f"this pushes an index: {index.form.reason}")],
                source=switch.source,
            )


def _deletes_untagged(deletion: Deletion) -> Text | None:
    """The input that has versions without a tag deleted; None when they are kept."""
    inputs = deletion.step.inputs
    if deletion.action == PRUNE:
        switch = inputs.text("prune-untagged")
        return switch if switch is not None and switch.text.strip() == "true" else None
    kind = inputs.text("package-type")
    if deletion.action != DELETE_VERSIONS or (kind is not None and kind.text.strip() != "container"):
        return None
    switch = inputs.text("delete-only-untagged-versions")
    return switch if switch is not None and switch.text.strip() == "true" else None


def _published(deletion: Deletion, project: Understanding, context: Context) -> list[Publication]:
    """What this repository publishes as the package that is deleted from."""
    found = []
    for publication in project.publications:
        for name in publication.names:
            read = parse_partial(name)
            package = read.path.partition("/")[1] if read.path is not None else None
            here = read.domain is not None and read.domain.value in context.profile.hosts
            if here and (not deletion.package or (package and package.text.lower() == deletion.package)):
                found.append(publication)
                break
    return found


def _index_of(deletion: Deletion, project: Understanding, context: Context) -> Publication | None:
    published = _published(deletion, project, context)
    return next((each for each in published if each.form.is_index), None)


def delete_needs_admin(project: Understanding, context: Context) -> Iterator[Finding]:
    """Versions are deleted with a token that may not, or with more of one than it takes."""
    for workflow in project.workflows:
        for deletion in _deletions(workflow):
            credential = deletion.credential
            own = permissions_in(deletion.job.fields) or permissions_in(workflow.workflow.root)
            level = Granted(own, None, False).level("packages")
            with_own = credential is None or credential.kind is CredentialKind.GITHUB_TOKEN
            if with_own and level not in (None, "write") and own is not None:
                place = (own.levels.get("packages") or own.value or own.key).place
                yield context.finding(
                    place.span,
                    "deleting versions of a package needs `packages: write`, which this job does not have: "
                    "nothing will be deleted",
                    label="may not delete",
                    help="give the job the permission\npermissions:\n  packages: write",
                    related=[Related(*deletion.uses.place, "deletes here")],
                    source=place.source,
                    severity=Severity.ERROR,
                )
            elif credential is not None and credential.kind is CredentialKind.SECRET and credential.text is not None:
                yield from _with_token(deletion, credential, project, context)


def _with_token(
    deletion: Deletion, credential: Credential, project: Understanding, context: Context
) -> Iterator[Finding]:
    """Findings on a personal token for a package of which this repository is an administrator anyway."""
    if any(deletion.step.inputs.text(name) is not None for name in _OWNERS):
        return
    if not deletion.package or not _published(deletion, project, context) or credential.text is None:
        return
    yield context.finding(
        credential.text.span,
        f"workflows of this repository publish `{deletion.package}` and so are its administrators: "
        f"{credential.shown} is not needed to delete from it",
        label="more than it takes",
        help="use the token of the workflow, with `packages: write`\ntoken: ${{ secrets.GITHUB_TOKEN }}",
        source=credential.text.source,
    )
