"""The bytes of one file: never more than asked for, never a wait for a pipe or a device."""

from __future__ import annotations

import errno
import os
import stat

MEBIBYTE = 1 << 20

_NONBLOCK: int = getattr(os, "O_NONBLOCK", 0)
_NOCTTY: int = getattr(os, "O_NOCTTY", 0)
_BINARY: int = getattr(os, "O_BINARY", 0)

_REASONS = {
    errno.ENOENT: "does not exist",
    errno.ENOTDIR: "does not exist: a part of this path is a file, not a directory",
    errno.EACCES: "cannot be read: permission denied",
    errno.EPERM: "cannot be read: permission denied",
    errno.ELOOP: "is a symbolic link that leads back to itself",
    errno.ENAMETOOLONG: "cannot be read: the path is too long for this system",
    errno.EMFILE: "cannot be read: too many files are open",
    errno.ENXIO: "is a socket or a device nobody serves, not a file",
}

_KINDS = (
    (stat.S_ISDIR, "is a directory, not a file"),
    (stat.S_ISFIFO, "is a pipe, not a file"),
    (stat.S_ISSOCK, "is a socket, not a file"),
    (stat.S_ISCHR, "is a device, not a file"),
    (stat.S_ISBLK, "is a device, not a file"),
)


class UnreadableError(Exception):
    """A file that cannot be read; `reason` says why, worded to follow the path ("does not exist").

    `missing` is true when there is nothing at the path at all.
    """

    def __init__(self, reason: str, missing: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.missing = missing


def display(path: str) -> str:
    r"""A path that can be printed: forward slashes, and bytes that are not UTF-8 written as `\xNN`."""
    if os.sep != "/":
        path = path.replace(os.sep, "/")
    if path.isascii():
        return path
    return path.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")


def is_within(path: str, root: str) -> bool:
    """Whether a path is the root or lies below it; both real (absolute, no symbolic link in them)."""
    return path == root or path.startswith(root.rstrip(os.sep) + os.sep)


def status(path: str) -> os.stat_result:
    """What the path leads to, through symbolic links; raises `UnreadableError`."""
    try:
        return os.stat(path)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None


def read_bytes(path: str, limit: int, follow: bool = True) -> bytes:
    """The content of a regular file of at most `limit` bytes; raises `UnreadableError`.

    With `follow=False` a path that is itself a symbolic link is not read.
    """
    if not follow and os.path.islink(path):
        raise UnreadableError("is a symbolic link")
    # Asked before opening, since opening alone can wait (a pipe) or act (a tape, a terminal); asked again
    # of what was opened, since it may have been exchanged in between.
    _insist_on_file(status(path))
    try:
        descriptor = os.open(path, os.O_RDONLY | _NONBLOCK | _NOCTTY | _BINARY)
        with open(descriptor, "rb") as stream:
            _insist_on_file(os.fstat(descriptor))
            data = stream.read(limit + 1)
    except (OSError, ValueError) as error:
        raise _unreadable(path, error) from None
    if len(data) > limit:
        raise UnreadableError(too_large(limit))
    return data


def too_large(limit: int) -> str:
    """The reason given for more bytes than `limit`, a whole number of MiB."""
    return f"is larger than {limit // MEBIBYTE} MiB, the most that is read"


def failure(error: OSError) -> str:
    """What the system refused, in words that follow the path."""
    return _REASONS.get(error.errno or 0) or f"cannot be read: {(error.strerror or 'unknown error').lower()}"


def _insist_on_file(found: os.stat_result) -> None:
    if stat.S_ISREG(found.st_mode):
        return
    for is_kind, reason in _KINDS:
        if is_kind(found.st_mode):
            raise UnreadableError(reason)
    raise UnreadableError("is not a regular file")


def _unreadable(path: str, error: OSError | ValueError) -> UnreadableError:
    if not isinstance(error, OSError):
        return UnreadableError("is not a path: it holds a NUL character", missing=True)
    if error.errno == errno.ENOENT and os.path.islink(path):
        return UnreadableError("is a symbolic link to a file that does not exist")
    return UnreadableError(failure(error), missing=error.errno in (errno.ENOENT, errno.ENOTDIR))
