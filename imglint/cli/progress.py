"""How far a long reading is, on a terminal."""

from __future__ import annotations

import sys
import time
from typing import Final, TextIO

from imglint.model.image.size import decimal
from imglint.read.image.options import Progress
from imglint.report.escape import visible

PATIENCE: Final = 0.3
"""Seconds that a reading may take before a bar is drawn, and between two drawings a third of them."""

_LENGTH: Final = 30
_CLEARED: Final = "\r\x1b[K"


def progress() -> Progress | None:
    """What draws a bar on standard error while layers are read; None where that is no terminal."""
    if sys.stderr is None or not sys.stderr.isatty():
        return None
    return Bar(sys.stderr)


class Bar:
    """A line that is drawn over and over, and wiped out when a reading has ended."""

    def __init__(self, stream: TextIO) -> None:
        self.stream = stream
        self.what = ""
        self.next = 0.0
        self.drawn = False

    def __call__(self, what: str, done: int, whole: int) -> None:
        """Show how much of it is done: at most ten times a second, and nothing of what takes no time."""
        now = time.monotonic()
        if what != self.what or done < 1:
            self.what, self.next = what, now + PATIENCE
        if done >= whole:
            self._write("")
        elif now >= self.next:
            self.next = now + PATIENCE / 3
            self._write(f"{visible(what)}  {line(done, whole)}")

    def _write(self, text: str) -> None:
        if text or self.drawn:
            self.stream.write(_CLEARED + text)
            self.stream.flush()
        self.drawn = bool(text)


def line(done: int, whole: int) -> str:
    """A bar with what it means: `███████▌       25 %  2.95 GB of 11.8 GB`."""
    share = min(max(done / whole, 0), 1) if whole else 1
    eighths = round(share * _LENGTH * 8)
    full, rest = divmod(eighths, 8)
    bar = ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(_LENGTH)
    return f"{bar}  {share * 100:3.0f} %  {decimal(done)} of {decimal(whole)}"
