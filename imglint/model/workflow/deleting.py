"""The actions that delete versions of packages."""

from __future__ import annotations

from typing import Final

DELETE_VERSIONS: Final = "actions/delete-package-versions"
PRUNE: Final = "vlaurin/action-ghcr-prune"
NAME_INPUTS: Final = {
    DELETE_VERSIONS: "package-name",
    "dataaxiom/ghcr-cleanup-action": "package",
    "snok/container-retention-policy": "image-names",
    "chizkiyahu/delete-untagged-ghcr-action": "package_name",
    PRUNE: "container",
}
"""The actions, in lower case, each with its input for the name of the package."""
