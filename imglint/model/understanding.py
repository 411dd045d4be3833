"""What the files of one repository come to when they are joined."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from imglint.model.kind import Kind
from imglint.model.publication import Publication
from imglint.record import NamedTuple
from imglint.source import Source

if TYPE_CHECKING:
    from imglint.model.build import Pushing, Unseen
    from imglint.model.built import Broken, Built, Merged, MetadataUse
    from imglint.model.evaluate import Evaluation
    from imglint.model.loginuse import DeletionUse, LoginUse
    from imglint.model.workflow.jobrun import JobRun
    from imglint.model.workflow.occasion import Occasion
    from imglint.model.workflow.structure import Workflow


class File(NamedTuple):
    """A file of the project: its path from the root, with forward slashes, and what it is read as."""

    path: str
    kind: Kind
    source: Source


class Tree(NamedTuple):
    """What lies around the files that are read, by paths of the project.

    `find` reads a file, None when there is none or it cannot be read; `holds` tells whether anything is at a path.
    `rooted` tells that the root of the project is known, so that a path from it that holds nothing is wrong.
    """

    find: Callable[[str], Source | None]
    holds: Callable[[str], bool]
    rooted: bool


class WorkflowUse(NamedTuple):
    """A workflow that events start, and what its jobs and those of the workflows that it calls do with images.

    `again` runs once more, as if a certain event had started them, those of its jobs that may then push.
    """

    path: str
    workflow: Workflow
    runs: tuple[JobRun, ...]
    again: Callable[[Occasion], tuple[JobRun, ...]]


class Understanding(NamedTuple):
    """What a project comes to: everything that rules look at. Evaluations are by path.

    `foreign` are pushes of images that nothing here is seen to build, `unseen` what is built and cannot be told.
    `logins` are all that are seen, those of scripts and Makefiles included; `deletions` those by commands.
    """

    files: tuple[File, ...]
    evaluations: Mapping[str, Evaluation]
    built: tuple[Built, ...]
    publications: tuple[Publication, ...]
    merges: tuple[Merged, ...]
    foreign: tuple[Pushing, ...]
    metadata: tuple[MetadataUse, ...]
    broken: tuple[Broken, ...]
    crashes: tuple[tuple[str, Exception], ...]
    tree: Tree
    unseen: tuple[Unseen, ...] = ()
    workflows: tuple[WorkflowUse, ...] = ()
    logins: tuple[LoginUse, ...] = ()
    deletions: tuple[DeletionUse, ...] = ()
