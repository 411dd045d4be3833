"""What a variant of an image runs on."""

from __future__ import annotations

from typing import Final

from imglint.record import NamedTuple

UNKNOWN: Final = "unknown"
"""Architecture and system of what is no image: https://docs.docker.com/build/metadata/attestations/attestation-storage/"""


class Platform(NamedTuple):
    """Operating system, architecture and variant, as written (OCI image specification, image-index.md)."""

    os: str
    architecture: str
    variant: str = ""
    os_version: str = ""

    def __str__(self) -> str:
        """`linux/arm/v7`, as buildx writes it."""
        return "/".join(part for part in (self.os, self.architecture, self.variant) if part)

    @property
    def normal(self) -> tuple[str, str, str]:
        """Equal for platforms that are the same: `arm64` alone means v8, `arm` alone v7, `amd64` alone v1.

        https://github.com/containerd/platforms: Normalize
        """
        os, architecture, variant = self.os.lower(), self.architecture.lower(), self.variant.lower()
        architecture, implied = _ALIASES.get(architecture, (architecture, ""))
        variant = variant or implied
        if variant == _IMPLIED.get(architecture):
            variant = ""
        return ("darwin" if os == "macos" else os, architecture, variant)

    @property
    def is_unknown(self) -> bool:
        """Whether it says `unknown/unknown`, as attestations do."""
        return self.os == UNKNOWN and self.architecture == UNKNOWN


_ALIASES: Final = {
    "x86_64": ("amd64", ""), "x86-64": ("amd64", ""), "aarch64": ("arm64", ""), "i386": ("386", ""),
    "armhf": ("arm", "v7"), "armel": ("arm", "v6"),
}  # fmt: skip
_IMPLIED: Final = {"arm64": "v8", "arm": "v7", "amd64": "v1"}
