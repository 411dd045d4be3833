"""Files replaced as a whole: never half written, never what somebody else has changed meanwhile."""

from __future__ import annotations

import os
import shutil
import tempfile
from contextlib import suppress

from imglint.read.file import UnreadableError, read_bytes


def refusal(path: str) -> str:
    """Why a file is not to be replaced, worded to follow its path; empty when it can be.

    A symbolic link is followed: what it leads to is replaced, and the link stays.
    """
    real = os.path.realpath(path)
    try:
        found = os.stat(real)
    except OSError as error:
        return _refused(error)
    if found.st_mode & 0o222 == 0 or not os.access(real, os.W_OK):
        return "is left as it is: it is read-only"
    if found.st_nlink > 1:
        return "is left as it is: it has other names (hard links), which would keep the old text"
    if not os.access(os.path.dirname(real), os.W_OK):
        return "is left as it is: nothing can be written in its directory"
    return ""


def replace(path: str, before: bytes, after: bytes) -> str:
    """Put new content in the place of the old; returns why that was not done, worded to follow the path, or nothing.

    The file keeps its mode and owner. One that does not hold `before` any more is left alone.
    """
    reason = refusal(path)
    if reason:
        return reason
    real = os.path.realpath(path)
    try:
        if read_bytes(real, len(before)) != before:
            return "is left as it is: it has changed since it was read"
    except UnreadableError:
        return "is left as it is: it has changed since it was read"
    return _exchange(real, after)


def create(path: str, content: bytes) -> str:
    """Write a new file, or replace one whatever it holds; returns why that was not done, or nothing."""
    real = os.path.realpath(path)
    return _exchange(real, content) if not os.path.exists(real) else refusal(real) or _exchange(real, content)


def _exchange(path: str, content: bytes) -> str:
    """Write beside the file, and let the new one take its name at once."""
    temporary = ""
    try:
        descriptor, temporary = tempfile.mkstemp(prefix=".imglint-", dir=os.path.dirname(path))
        with open(descriptor, "wb") as stream:
            stream.write(content)
        if os.path.exists(path):
            _keep_attributes(path, temporary)
        else:
            os.chmod(temporary, 0o666 & ~_umask())
        os.replace(temporary, path)
    except OSError as error:
        with suppress(OSError):
            os.unlink(temporary)
        return _refused(error)
    return ""


def _keep_attributes(path: str, temporary: str) -> None:
    found = os.stat(path)
    if hasattr(os, "chown"):
        with suppress(OSError):  # Who may write a file may not always give one away.
            os.chown(temporary, found.st_uid, found.st_gid)
    shutil.copystat(path, temporary)  # after the owner, whose change takes special bits away
    os.utime(temporary)


def _umask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _refused(error: OSError) -> str:
    return f"cannot be written: {(error.strerror or 'unknown error').lower()}"
