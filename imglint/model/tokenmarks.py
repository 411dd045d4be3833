"""Whether a text is worth searching for tokens, and for what asks for some: most texts are not."""

from __future__ import annotations

from typing import Final

_MARKS: Final = (
    "ghp_", "gho_", "ghu_", "ghs_", "ghr_", "github_pat_", "npm_", "AKIA", "ASIA", "glpat-", "dckr_",
    "auths", "settings/tokens", "gh auth ", "login/oauth/authorize", "login/device/code", ":packages", "packages:",
    "packages_", "_packages",
)  # fmt: skip
"""What a text has that holds a token, logs in by itself, or asks for a token to push images with."""


def may_tell(text: str) -> bool:
    """Whether a text may hold anything that rules about tokens look for."""
    return any(mark in text for mark in _MARKS)
