"""Logins and deletions with the jobs that they are in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from imglint.model.login import Login
from imglint.record import NamedTuple

if TYPE_CHECKING:
    from imglint.model.build import Deleting
    from imglint.model.workflow.jobrun import JobRun


class LoginUse(NamedTuple):
    """A login and the job it is in; None for one in a script or a Makefile that no workflow is seen to run."""

    login: Login
    run: JobRun | None


class DeletionUse(NamedTuple):
    """A deletion by a command and the job it is in; None as for a login."""

    deleting: Deleting
    run: JobRun | None
