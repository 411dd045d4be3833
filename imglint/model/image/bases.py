"""Labels that well-known base images carry, and hand down to everything that is built upon them."""

from __future__ import annotations

from typing import Final

from imglint.record import NamedTuple
from imglint.syntax import oci


class Base(NamedTuple):
    """A base image that can be told by one of its labels.

    `value` is how the label `key` begins, or all of it (`whole`); `others` are labels that come with it. The names of
    the base's own images hold one of the `words`. `single` tells that it has one layer.
    """

    name: str
    key: str
    value: str
    whole: bool
    others: tuple[str, ...]
    words: tuple[str, ...]
    single: bool

    def marks(self, labels: dict[str, str]) -> bool:
        """Whether these labels are the base's, or were."""
        value = labels.get(self.key, "")
        return value == self.value if self.whole else value.startswith(self.value)


BASES: Final = (
    # https://git.launchpad.net/cloud-images/+oci/ubuntu-base
    Base("ubuntu", oci.PREFIX + "ref.name", "ubuntu", True, (oci.PREFIX + "version",), ("ubuntu",), True),
    # https://github.com/CentOS/sig-cloud-instance-images
    Base(
        "centos", oci.PREFIX + "title", "CentOS Base Image", True,
        tuple(oci.PREFIX + each for each in ("vendor", "licenses", "created")), ("centos",), True,
    ),
    # https://github.com/chainguard-images/images
    Base(
        "a Chainguard image", oci.PREFIX + "source", "https://github.com/chainguard-images/images", False,
        tuple(oci.PREFIX + each for each in ("title", "url", "authors", "vendor")), ("cgr.dev", "chainguard"), False,
    ),
    # https://github.com/linuxserver
    Base(
        "a base image of linuxserver.io", oci.PREFIX + "source", "https://github.com/linuxserver/docker-baseimage-",
        False, (oci.PREFIX + "url", oci.PREFIX + "title"), ("linuxserver",), False,
    ),
)  # fmt: skip
