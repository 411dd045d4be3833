"""How images are to be read."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import BinaryIO

from imglint.record import NamedTuple

Progress = Callable[[str, int, int], None]
"""What is told what is read, how many bytes of it are done, and of how many."""


class ReadOptions(NamedTuple):
    """What the user asks for.

    `platform` limits reading to one (`linux/arm64`). `insecure` allows http and unknown certificates for registries on
    private addresses. `cache` keeps what was fetched by digest; `credential_helpers` lets the programs be asked that
    the user's configuration names. `layers` reads what is in the layers, `verify_layers` compares their digests.
    `stdin` gives standard input; `environ` are the variables of the process. `progress` is told of every layer while it
    is read.
    """

    stdin: Callable[[], BinaryIO]
    environ: Mapping[str, str] = {}
    platform: str | None = None
    insecure: bool = False
    cache: bool = True
    credential_helpers: bool = True
    layers: bool = False
    verify_layers: bool = False
    progress: Progress | None = None
