"""What shell scripts hand on to one another, and which of them are worth reading."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from imglint.model.commands.read import Setting
from imglint.syntax.text import Text

WRITES: Final = "GITHUB_OUTPUT"
"""The variable that names the file by which a step hands values on."""
SETS: Final = "GITHUB_ENV"
"""The variable that names the file by which a step sets variables for those after it."""
_ENGINES: Final = (
    "docker",
    "podman",
    "buildah",
    "nerdctl",
    "kaniko",
    "finch",
    "ENGINE",
    "CONTAINER",
    "DOCKER",
    "PODMAN",
)
_VERBS: Final = ("build", "push", "tag", "bake", "manifest", "bud", "executor", "login")
_MAKE: Final = r"(?m)^[^#\n]*(?<![\w.-])make(?: (?!sure|a |it |the )|$)"
_OTHERS: Final = ("skopeo", "crane", "regctl", "oras", "helm")
_OTHER_VERBS: Final = (" copy", " cp ", " push", " tag ", " attach")
_KO: Final = ("ko build", "ko publish", "ko resolve", "ko apply", "ko create", "ko run")
_LOGIN: Final = r"\b(?:oras|cosign|skopeo|crane|helm|regctl|ko)\s+(?:(?:auth|registry)\s+)?login\b"


class Shell:
    """What scripts that run one after the other hand on.

    `variables` are None where a value is unknown. `outputs` and `environment` are what was written to the files
    `$GITHUB_OUTPUT` and `$GITHUB_ENV`. `own_directory` is that of the script's file. `directories` as in `Build`.
    `inherited` gives a variable of the environment (None: not known to be set), `names` those that are known there.
    `open` tells that what was not read may have set any variable.
    """

    def __init__(
        self,
        directories: tuple[str, ...],
        own_directory: str = "",
        inherited: Callable[[str], Text | None] = lambda name: None,
        names: Callable[[], Iterable[str]] = tuple,
    ) -> None:
        self.inherited = inherited
        self.names = names
        self._around: dict[str, Text | None] | None = None
        self.variables: dict[str, Text | None] = {}
        self.outputs: dict[str, Text] = {}
        self.environment: dict[str, Text] = {}
        self.own_directory = own_directory
        self.exported: set[str] = set()
        self.open = False
        self.setting = Setting(directories)

    def variable(self, name: str) -> Text | None:
        """The value of a variable; None when it is unknown, or not set at all."""
        return self.variables[name] if name in self.variables else self.inherited(name)

    def is_set(self, name: str) -> bool:
        """Whether a variable is known to have a value, if not which."""
        return name in self.variables or self.inherited(name) is not None

    def environment_of_programs(self) -> Iterator[tuple[str, Text]]:
        """The variables that a program started here finds, as far as they are known."""
        if self._around is None:  # While a script runs, it stays as it is.
            self._around = {name: self.inherited(name) for name in self.names()}
        for name in dict.fromkeys((*self._around, *sorted(self.exported))):
            value = self._around[name] if name in self._around and name not in self.variables else self.variable(name)
            if value is not None:
                yield name, value


def worth_reading(text: str) -> bool:
    """Whether a script may do anything with images at all: most do not, and need not be read."""
    if "$(MAKE)" in text or "${MAKE}" in text or ("make" in text and re.search(_MAKE, text)):
        return True
    if _has_any(text, _OTHER_VERBS) and _has_any(text, _OTHERS):
        return True
    if "goreleaser " in text or ("DELETE" in text and "gh api" in text) or ("ko " in text and _has_any(text, _KO)):
        return True
    if _has_any(text, _ENGINES) and _has_any(text, _VERBS):
        return True
    return " login" in text and re.search(_LOGIN, text) is not None


def _has_any(text: str, words: Iterable[str]) -> bool:
    return any(map(text.__contains__, words))
