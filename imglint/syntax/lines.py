"""Physical lines joined into logical ones, every character of which still knows its place in the file."""

from __future__ import annotations

from bisect import bisect_right

from imglint.source import Span


def encode(text: str) -> bytes:
    """The bytes that a text was decoded from; a surrogate that stands for no byte becomes three (`surrogatepass`)."""
    try:
        return text.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return text.encode("utf-8", "surrogatepass")


class Joined:
    """A logical line: its text without continuations and comments, and where each part came from."""

    __slots__ = ("_origins", "_starts", "text")

    def __init__(self, pieces: list[tuple[int, str]]) -> None:
        """Join `pieces`, each an offset in the file and the text that stands there."""
        if len(pieces) == 1:
            origin, self.text = pieces[0]
            self._starts = [0]
            self._origins = [origin]
            return
        self._starts = []
        self._origins = []
        at = 0
        for origin, text in pieces:
            if text:
                self._starts.append(at)
                self._origins.append(origin)
                at += len(text)
        if not self._starts:
            self._starts, self._origins = [0], [pieces[0][0]]
        self.text = "".join(text for _, text in pieces)

    def origin(self, index: int) -> int:
        """The offset in the file of a character of the joined text."""
        starts = self._starts
        piece = bisect_right(starts, index) - 1 if len(starts) > 1 else 0
        return self._origins[piece] + index - starts[piece]

    def span(self, start: int, end: int) -> Span:
        """The span in the file of a range of the joined text; it may cover continuations."""
        if len(self._starts) == 1:
            shift = self._origins[0]
            return Span(start + shift, end + shift)
        if end <= start:
            return Span(self.origin(start), self.origin(start))
        return Span(self.origin(start), self.origin(end - 1) + 1)


def cut_continuation(line: str, escape: str) -> tuple[str, bool]:
    """A physical line without its continuation mark, and whether it had one.

    The mark is an escape character at the end, before which no other one stands; blanks and tabs may follow it.
    `line` has no line ending.
    """
    if escape not in line:
        return line, False
    bare = line.rstrip(" \t")
    if bare.endswith(escape) and not bare[:-1].endswith(escape):
        return bare[:-1], True
    return line, False
