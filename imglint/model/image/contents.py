"""What the layers of an image hold, as far as rules and drawings ask for it."""

from __future__ import annotations

from imglint.record import NamedTuple


class Member(NamedTuple):
    """A file in a layer.

    `layer` counts from 0; `path` is absolute; `size` in bytes; `mode` are the permission bits. `hidden`: a later layer
    removes or replaces it, and who pulls the image gets it all the same.
    """

    layer: int
    path: str
    size: int
    mode: int
    hidden: bool = False


class Account(NamedTuple):
    """A line of /etc/passwd, /etc/group or /etc/shadow: the `file`, the `line` from 1, `name`, and id or password."""

    file: str
    line: int
    name: str
    value: str


class Contents(NamedTuple):
    """What reading the layers found.

    `special` are files that run with their owner's rights (setuid, setgid), as they are in the image in the end;
    `suspects` are files of names that somebody has to look at. `accounts` are the lines of the account files.
    `wasted` are the bytes in each layer that a later layer hides or replaces, by layer; `efficiency` is dive's
    measure, from 0 to 1. `sizes` are the unpacked bytes of each layer. `limited` says why not everything was read,
    empty when it was.
    """

    special: tuple[Member, ...] = ()
    suspects: tuple[Member, ...] = ()
    accounts: tuple[Account, ...] = ()
    wasted: tuple[int, ...] = ()
    sizes: tuple[int, ...] = ()
    efficiency: float = 1.0
    limited: str = ""
