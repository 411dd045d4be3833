"""Documents that were fetched before, by their digests: they cannot change, so nobody needs to fetch them again."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from typing import Final

from imglint.read.file import UnreadableError, read_bytes
from imglint.read.image.documents import digest_of, registered

MAX_BYTES: Final = 64 << 20
"""Bytes that are kept in all; the files that were written first make room."""


class Cache:
    """A folder of documents. Nothing in it is believed: every document is compared with its digest."""

    def __init__(self, folder: str | None) -> None:
        self.folder = folder
        self.has_grown = False

    @classmethod
    def of(cls, environ: Mapping[str, str], wanted: bool) -> Cache:
        """The user's cache (XDG base directory specification); none when it is not wanted, or there is no home."""
        base = environ.get("XDG_CACHE_HOME") or (os.path.join(environ["HOME"], ".cache") if environ.get("HOME") else "")
        return cls(os.path.join(base, "imglint", "blobs") if wanted and os.path.isabs(base) else None)

    def get(self, digest: str, limit: int) -> bytes | None:
        """A document, if it is there and unharmed."""
        path = self._path(digest)
        if path is None:
            return None
        try:
            data = read_bytes(path, limit, follow=False)
        except UnreadableError:
            return None
        return data if digest_of(data, digest.partition(":")[0]) == digest else None

    def put(self, digest: str, data: bytes) -> None:
        """Keep a document; a cache that cannot be written is none."""
        path = self._path(digest)
        if path is None or self.folder is None or digest_of(data, digest.partition(":")[0]) != digest:
            return
        import tempfile

        with contextlib.suppress(OSError):
            os.makedirs(self.folder, mode=0o700, exist_ok=True)
            with tempfile.NamedTemporaryFile(dir=self.folder, delete=False) as file:
                file.write(data)
            os.replace(file.name, path)
            self.has_grown = True

    def trim(self) -> None:
        """Make room for what was put into it, the oldest first."""
        if self.folder is None or not self.has_grown:
            return
        with contextlib.suppress(OSError):
            entries = sorted(os.scandir(self.folder), key=lambda entry: entry.stat().st_mtime, reverse=True)
            total = 0
            for entry in entries:
                total += entry.stat().st_size
                if total > MAX_BYTES:
                    os.unlink(entry.path)

    def _path(self, digest: str) -> str | None:
        known = registered(digest)
        return os.path.join(self.folder, f"{known[0]}-{known[1]}") if self.folder and known else None
