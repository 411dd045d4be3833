"""Where the linted files are, for formats that name them as their repository does."""

from __future__ import annotations

import posixpath

from imglint.record import NamedTuple


class Checkout(NamedTuple):
    """A repository as a CI system checked it out.

    `root` is the directory it lies in and `here` the working directory, both absolute, with forward slashes, and empty
    when nothing is known; `address` is what the address of each of its files on the web begins with.
    """

    root: str = ""
    here: str = ""
    address: str = ""

    def path(self, shown: str) -> str:
        """A path as messages show it, as one from the root of the repository; without `./` where that is not known."""
        inside = self._inside(shown)
        return posixpath.normpath(shown) if inside is None else inside

    def url(self, shown: str, line: int) -> str:
        """Where a line of a file can be read on the web; empty when that is not known."""
        inside = self._inside(shown) if self.address else None
        if inside is None:
            return ""
        from urllib.parse import quote

        return f"{self.address}{quote(inside.encode('utf-8', 'replace'))}#L{line}"

    def _inside(self, shown: str) -> str | None:
        if not self.root:
            return None
        whole = posixpath.normpath(posixpath.join(self.here, shown))
        return whole.removeprefix(f"{self.root}/") if whole.startswith(f"{self.root}/") else None
