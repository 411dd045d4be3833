"""A login at a registry, wherever it is written."""

from __future__ import annotations

import re
from enum import Enum
from typing import Final

from imglint.model.credential import Credential
from imglint.record import NamedTuple
from imglint.syntax.reference import DEFAULT_DOMAIN
from imglint.syntax.text import HOLE, Place, Text

LOGIN_ACTION: Final = "docker/login-action"
KO_REPOSITORY: Final = "KO_DOCKER_REPO"
"""The variable that tells ko where to push; the action that installs it sets it, and logs in there."""

_ASK_FOR_A_USER: Final = frozenset(
    ("docker login", "podman login", "nerdctl login", "buildah login", "skopeo login", "crane auth login",
     "cosign login"),
)  # fmt: skip
"""The commands that take no password without a user."""
_HUB: Final = frozenset(("", "index.docker.io", "registry-1.docker.io", "registry.hub.docker.com"))


class Way(Enum):
    """How the password reaches the tool."""

    INPUT = "input"
    STDIN = "standard input"
    ARGUMENT = "argument"
    NONE = "none"


class Reach(Enum):
    """What a login holds for."""

    JOB = "all that follows"
    PUSH = "what its command pushes"
    PULL = "what its command pulls"


class Login(NamedTuple):
    """One login. `tool` is what people call it ("docker login"), `place` the words that call it.

    Credentials that a command is given for itself are a login, too: its `reach` says so, and `tool` is that command.

    `registry` is None where none is named, which means Docker Hub. `user` is None where none is given. `argument` is
    where the password stands on a command line, its flag included. `logout` tells whether it is undone at the end of
    the job, None when that is unknown; for commands nothing does that. `takes_no_user` tells that the tool finds user
    and password by itself.
    """

    tool: str
    place: Place
    registry: Text | None
    user: Text | None
    credential: Credential
    way: Way
    argument: Place | None = None
    logout: bool | None = False
    takes_no_user: bool = False
    reach: Reach = Reach.JOB

    @property
    def host(self) -> str | None:
        """The host of the registry; None when it is unknown."""
        if self.registry is None:
            return DEFAULT_DOMAIN
        text = self.registry.text.strip()
        host = re.sub(r"^[a-z]+://", "", text).partition("/")[0]
        if host in _HUB:
            return None if HOLE in text else DEFAULT_DOMAIN
        return None if HOLE in host else host.lower()

    @property
    def lacks_user(self) -> bool:
        """Whether it fails because it has a password and no user."""
        if (self.user is not None and self.user.text) or self.takes_no_user:
            return False
        if self.reach is not Reach.JOB:
            return True
        if self.tool == LOGIN_ACTION:
            return self.credential.text is not None
        return self.tool in _ASK_FOR_A_USER and self.way is Way.STDIN

    @property
    def likeness(self) -> tuple[object, ...]:
        """Equal for the logins of one step in the combinations of a matrix that do not differ in it."""
        registry, text = self.registry, self.credential.text
        return (
            self.place.source.path, self.place.span, registry.key if registry else None, text.key if text else None,
            self.credential.kind, self.argument.span if self.argument else None,
        )  # fmt: skip
