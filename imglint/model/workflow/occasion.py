"""What a run knows of the event that started it.

Most of a workflow is judged for any event at all. What matters only in some, such as a pull request from a fork, is
found by running its jobs once more as if that had started them.
"""

from __future__ import annotations

from typing import Final

from imglint.record import NamedTuple
from imglint.syntax.expressionevaluate import holds
from imglint.syntax.expressionvalue import Scalar, Value
from imglint.syntax.text import Text, literal


class Occasion(NamedTuple):
    """An event. `github` are strings of the `github` context by their paths, `switches` its truth values.

    `secrets` tells whether the secrets of the repository are there.
    """

    github: tuple[tuple[str, str], ...] = ()
    switches: tuple[tuple[str, bool], ...] = ()
    secrets: bool = True

    def value(self, path: str) -> str | Value | None:
        """The value at a path of the `github` context; None when the event does not say."""
        for name, text in self.github:
            if name == path:
                return text
        for name, switch in self.switches:
            if name == path:
                return Scalar(switch)
        return None

    def forbids(self, condition: Text) -> bool:
        """Whether the event alone makes a condition false."""

        def lookup(path: tuple[str, ...]) -> Value | None:
            found = self.value(".".join(path[1:]).lower()) if path[0] == "github" else None
            return literal(found, *condition.place, exact=False) if isinstance(found, str) else found

        return holds(condition, lookup) is False

    def variable(self, name: str) -> str | None:
        """The same as a variable of the environment (`EVENT_NAME` of `GITHUB_EVENT_NAME`)."""
        found = self.value(name.lower())
        return found if isinstance(found, str) else None


ANY: Final = Occasion()

_REQUEST: Final = (
    ("event_name", "pull_request"),
    ("ref", "refs/pull/1/merge"),
    ("ref_name", "1/merge"),
    ("ref_type", "branch"),
    ("event.pull_request.head.repo.full_name", "somebody/a-fork"),
    ("event.pull_request.head.repo.owner.login", "somebody"),
    ("event.pull_request.head.user.login", "somebody"),
    ("event.pull_request.author_association", "NONE"),
)
_FORK: Final = (("event.pull_request.head.repo.fork", True), ("event.repository.fork", False))

FORK: Final = Occasion(_REQUEST, _FORK, secrets=False)
"""A pull request from a fork: https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows#workflows-in-forked-repositories."""

TARGET: Final = Occasion(
    (("event_name", "pull_request_target"), *_REQUEST[4:]),
    _FORK,
)
"""The same, for a workflow that runs with the rights of the repository."""

OWN_REQUEST: Final = Occasion(
    _REQUEST[:4], (("event.pull_request.head.repo.fork", False), ("event.repository.fork", False))
)
"""A pull request from a branch of the repository itself."""
