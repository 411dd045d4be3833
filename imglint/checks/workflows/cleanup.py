"""Steps that delete versions of packages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding, Related, Severity
from imglint.model.build import Deleting
from imglint.model.credential import Credential, CredentialKind, credential_of
from imglint.model.loginuse import DeletionUse
from imglint.model.prover import is_ours
from imglint.model.publication import Publication
from imglint.model.understanding import Understanding
from imglint.model.workflow.deleting import DELETE_VERSIONS, NAME_INPUTS, PRUNE
from imglint.model.workflow.jobrun import JobRun
from imglint.model.workflow.permissions import Granted, granted, permissions_in
from imglint.model.workflow.structure import Fields, action_of
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.expressionevaluate import substitute
from imglint.syntax.partialreference import parse_partial
from imglint.syntax.text import HOLE, Place, Text, literal

_OWNERS: Final = ("owner", "account", "organization", "repository_owner", "repository-owner", "user", "account-type")
_CURRENT_OWNER: Final = "{owner}"
"""What gh replaces by the owner of the repository that it runs in."""
_UNTAGGED: Final = r"\.tags\b[^\n]{0,60}?(?:\blength\s*\)?\s*(?:==\s*0|<\s*1)|==\s*\[\])"
_LOOKS_AT_MANIFESTS: Final = r"(?i)manifest|imagetools|digest|crane|skopeo|regctl|\boras\b"


class Deletion(NamedTuple):
    """Versions of a package that are deleted, by an action or a command.

    `package` is empty when it is not known, `credential` None where the token of the workflow is the default.
    `untagged` is what has versions deleted that have no tag, None when these are kept. `rights` are None outside of
    workflows. `elsewhere` tells that the package may belong to another owner; `token` is where a credential goes.
    """

    place: Place
    package: str
    credential: Credential | None
    untagged: Text | None
    rights: Granted | None
    elsewhere: bool
    token: str


def _deletions(project: Understanding, context: Context) -> Iterator[Deletion]:
    for workflow in project.workflows:
        text = workflow.workflow.source.text.lower()
        if any(name in text for name in NAME_INPUTS):
            for job in workflow.workflow.jobs:
                rights = Granted(permissions_in(job.fields) or permissions_in(workflow.workflow.root), None, False)
                for step in job.steps:
                    if step.uses is not None and (name := action_of(step.uses)[0]) in NAME_INPUTS:
                        yield _by_action(step.inputs, step.uses, name, rights)
    for use in project.deletions:
        yield _by_command(use, context)


def _by_action(inputs: Fields, uses: Text, action: str, rights: Granted) -> Deletion:
    package, token = inputs.text(NAME_INPUTS[action]), inputs.text("token")
    return Deletion(
        uses.place,
        package.text.strip().lower() if package is not None and "$" not in package.text else "",
        credential_of(substitute(token, lambda path: None)) if token is not None else None,
        _untagged_input(inputs, action),
        rights,
        any(inputs.text(name) is not None for name in _OWNERS),
        "token",
    )


def _by_command(use: DeletionUse, context: Context) -> Deletion:
    deleting, run = use
    owner, package = deleting.owner, deleting.package.text.lower().replace("%2f", "/")
    ours = is_ours(owner, context.identity) if owner is not None else None
    known = HOLE not in package
    return Deletion(
        deleting.place,
        package if known else "",
        deleting.credential,
        _untagged_filter(deleting, run) if known and ours is not False else None,
        granted(run) if run is not None else None,
        not ours and (owner is None or owner.text != _CURRENT_OWNER),
        "GH_TOKEN",
    )


def _untagged_input(inputs: Fields, action: str) -> Text | None:
    """The input that has versions without a tag deleted; None when they are kept."""
    if action == PRUNE:
        switch = inputs.text("prune-untagged")
        return switch if switch is not None and switch.text.strip() == "true" else None
    kind = inputs.text("package-type")
    if action != DELETE_VERSIONS or (kind is not None and kind.text.strip() != "container"):
        return None
    switch = inputs.text("delete-only-untagged-versions")
    return switch if switch is not None and switch.text.strip() == "true" else None


def _untagged_filter(deleting: Deleting, run: JobRun | None) -> Text | None:
    """What chooses versions without a tag in the script that deletes; None where it looks at manifests as well."""
    source, span = deleting.place
    scripts = [step.run for step in run.job.steps if step.run is not None] if run is not None else []
    inside = (each for each in scripts if each.source is source and each.span.start <= span.start < each.span.end)
    script = next(inside, None) or literal(source.text, source, Span(0, len(source.text)))
    found = re.search(_UNTAGGED, script.text)
    looks = re.search(_LOOKS_AT_MANIFESTS, script.text) is not None
    return script.cut(*found.span()) if found is not None and not looks else None


def delete_untagged_breaks_index(project: Understanding, context: Context) -> Iterator[Finding]:
    """Versions without a tag are deleted, and some are the platforms of an index."""
    for deletion in _deletions(project, context):
        switch = deletion.untagged
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
    said: set[Place] = set()
    for deletion in _deletions(project, context):
        credential, rights = deletion.credential, deletion.rights
        if rights is None:
            continue
        block, level = rights.deciding, rights.level("packages")
        with_own = credential is None or credential.kind is CredentialKind.GITHUB_TOKEN
        if with_own and level not in (None, "write") and block is not None:
            place = (block.levels.get("packages") or block.value or block.key).place
            if place in said:
                continue
            said.add(place)
            yield context.finding(
                place.span,
                "deleting versions of a package needs `packages: write`, which this job does not have: "
                "nothing will be deleted",
                label="may not delete",
                help="give the job the permission\npermissions:\n  packages: write",
                related=[Related(*deletion.place, "deletes here")],
                source=place.source,
                severity=Severity.ERROR,
            )
        elif credential is not None and credential.kind is CredentialKind.SECRET and credential.text is not None:
            yield from _with_token(deletion, credential, credential.text, project, context)


def _with_token(
    deletion: Deletion, credential: Credential, text: Text, project: Understanding, context: Context
) -> Iterator[Finding]:
    """Findings on a personal token for a package of which this repository is an administrator anyway."""
    if deletion.elsewhere or not deletion.package or not _published(deletion, project, context):
        return
    yield context.finding(
        text.span,
        f"workflows of this repository publish `{deletion.package}` and so are its administrators: "
        f"{credential.shown} is not needed to delete from it",
        label="more than it takes",
        help="use the token of the workflow, with `packages: write`\n"
        f"{deletion.token}: ${{{{ secrets.GITHUB_TOKEN }}}}",
        source=text.source,
    )
