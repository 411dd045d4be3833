"""What the scopes of GitHub's tokens include, and how much more they allow than a job needs.

https://docs.github.com/en/apps/oauth-apps/building-oauth-apps/scopes-for-oauth-apps
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from imglint.finding import Severity
from imglint.record import NamedTuple
from imglint.syntax.nearest import nearest

FULL_CONTROL: Final = "repo"
"""The scope that GitHub's form ticks beside `write:packages`, and that no image needs."""
DOCUMENTATION: Final = (
    "https://docs.github.com/en/packages/working-with-a-github-packages-registry/working-with-the-container-registry"
)

_SEVERITIES: Final = {"critical": Severity.ERROR, "high": Severity.WARNING}
_RISKS: Final = ("none", "low", "medium", "high", "critical")


class Scope(NamedTuple):
    """One scope: those that it includes, its `risk` (`none` to `critical`), and what its token `may` do."""

    name: str
    includes: frozenset[str]
    risk: str
    may: str

    @property
    def severity(self) -> Severity:
        """How much it matters that a token which only publishes images has it."""
        return Severity.ERROR if self.name == FULL_CONTROL else _SEVERITIES.get(self.risk, Severity.INFO)


class Scopes(NamedTuple):
    """All scopes by name; `needed` for each job (`pull`, `push`, `delete`), and those that gh always asks for."""

    known: Mapping[str, Scope]
    needed: Mapping[str, tuple[str, ...]]
    always_in_gh: frozenset[str]

    def needed_for(self, jobs: Iterable[str]) -> tuple[str, ...]:
        """The fewest scopes that do all of the jobs, in the order in which people write them."""
        wanted = dict.fromkeys(scope for job in ("push", "pull", "delete") if job in jobs for scope in self.needed[job])
        return tuple(name for name in wanted if self.including(name, wanted) is None)

    def covered(self, held: Iterable[str]) -> frozenset[str]:
        """The scopes that a token has which was given some, those that are included with them."""
        names = frozenset(held)
        return names.union(*(self.known[name].includes for name in names if name in self.known))

    def excess(self, held: Iterable[str], jobs: Iterable[str]) -> tuple[Scope, ...]:
        """The scopes that none of the jobs needs, the most dangerous first; unknown ones are none of them."""
        useful = self.covered(self.needed_for(jobs))
        found = (self.known[name] for name in dict.fromkeys(held) if name in self.known and name not in useful)
        return tuple(sorted(found, key=lambda scope: (-scope.severity, -_RISKS.index(scope.risk))))

    def missing(self, held: Iterable[str], jobs: Iterable[str]) -> tuple[str, ...]:
        """The scopes that the jobs need and the token does not have."""
        covered = self.covered(held)
        return tuple(name for name in self.needed_for(jobs) if name not in covered)

    def including(self, name: str, others: Iterable[str]) -> str | None:
        """The one of the others that includes a scope."""
        return next((each for each in others if each in self.known and name in self.known[each].includes), None)

    def meant(self, name: str) -> str | None:
        """The scope that somebody meant who wrote another name; None when it is one, or like none."""
        if name in self.known:
            return None
        return next((guess for guess in _guesses(name) if guess in self.known), None) or nearest(
            name.lower(), self.known, cutoff=0.8
        )


def _guesses(name: str) -> Iterator[str]:
    """What a name may have been meant for: the action of a permission stands behind it, that of a scope before."""
    words = re.split(r"[:_.-]", name.lower())
    yield name.lower()
    for separator in (":", "_"):
        yield separator.join(words)
        if len(words) == 2:
            yield separator.join(reversed(words))
    if len(words) == 2:
        plural = [word if word in ("read", "write", "delete", "admin") else f"{word}s" for word in words]
        yield ":".join(plural)
        yield ":".join(reversed(plural))


def from_document(document: Mapping[str, Any]) -> Scopes:
    """The scopes of `rules/scopes.json`."""
    known = {
        name: Scope(name, frozenset(each["includes"]), each["risk"], each["may"])
        for name, each in document["scopes"].items()
    }
    return Scopes(
        known, {job: tuple(names) for job, names in document["needed"].items()}, frozenset(document["gh-cli"])
    )  # fmt: skip
