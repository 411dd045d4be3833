"""What is named on the command line: files of a repository, or images."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from imglint.cli.run import STDIN, Run

if TYPE_CHECKING:
    from imglint.model.image.image import Image

PREFIXES: Final = ("docker://", "oci:", "oci-archive:", "docker-archive:", "dir:")
"""How the transports of an image are written: https://github.com/containers/image/blob/main/docs/containers-transports.5.md"""


def images_among(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The names that are images, and those that are files and directories to search."""
    images = tuple(name for name in names if _is_image(name))
    return images, tuple(name for name in names if name not in images)


def read_plainly(run: Run, names: tuple[str, ...]) -> Iterator[Image]:
    """The images, read for all platforms with what is cached; what cannot be read is noted."""
    if not names:
        return
    from imglint.cli.images import read, read_options

    yield from read(run, names, read_options(None, False, False, False, False))


def _is_image(name: str) -> bool:
    if name == STDIN:
        return False
    if name.startswith(PREFIXES):
        return True
    if os.path.isdir(name):
        return os.path.isfile(os.path.join(name, "oci-layout"))
    if os.path.lexists(name):
        return name.endswith((".tar", ".tar.gz", ".tgz"))
    from imglint.syntax.reference import InvalidReferenceError, first_is_domain, parse

    try:
        parse(name)
    except InvalidReferenceError:
        return False
    first, *_, last = name.split("/") if "/" in name else ("", name)
    # A name without any of these is rather a file that is not there.
    return first_is_domain(first) or ":" in last or "@" in last
