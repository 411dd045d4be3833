"""What rules look at beside Dockerfiles and publications: builds with what they read, and files with what they hold."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imglint.model.build import Build, Merge
from imglint.model.evaluate import Evaluation
from imglint.model.resolve import Resolution
from imglint.model.scene import Pushed
from imglint.model.workflow.metadata_action import Metadata
from imglint.model.workflow.structure import Job
from imglint.record import NamedTuple
from imglint.source import Source

if TYPE_CHECKING:
    from imglint.syntax.yamlnode import Problem


class Built(NamedTuple):
    """A build, the Dockerfile it reads, and what is done with its image.

    `evaluation` is None when the Dockerfile is not in the tree.
    """

    build: Build
    pushed: Pushed
    resolution: Resolution
    evaluation: Evaluation | None


class MetadataUse(NamedTuple):
    """A step with docker/metadata-action and the builds in the same job."""

    metadata: Metadata
    source: Source
    builds: tuple[Build, ...]
    job: Job


class Merged(NamedTuple):
    """A command that joins images into one index, and the builds whose images it takes, as far as they are known."""

    merge: Merge
    builds: tuple[Build, ...]


class Broken(NamedTuple):
    """A file that its reader refuses, with each place and reason; `kind` is what it is read as, in words."""

    source: Source
    kind: str
    problems: tuple[Problem, ...]
