"""Predicted pages as cards in a terminal."""

from __future__ import annotations

from collections.abc import Iterator

from imglint.finding import Severity
from imglint.model.page import Page
from imglint.model.pagefacts import Fact, State
from imglint.report.escape import visible, width
from imglint.report.ink import COLOURS, PLAIN
from imglint.report.page.shared import Pages, form_words, name_of, note, rows, shown, state_of_all, where
from imglint.report.result import Style

_MARKS = {State.GOOD: "✓", State.BAD: "✗", State.UNKNOWN: "?"}
_LABEL_WIDTH = 12
_MIN_WIDTH = 40
_MAX_WIDTH = 100
_MAX_TAGS = 8


def render(pages: Pages, style: Style) -> Iterator[str]:
    """A card for each page."""
    for number, page in enumerate(pages.pages):
        yield ("\n" if number else "") + _Card(page, style).drawn()
    if pages.elsewhere:
        names = ", ".join(visible(name) for name in pages.elsewhere)
        yield ("\n" if pages.pages else "") + f"Pushed to other registries as well: {names}\n"
    for number, unseen in enumerate(pages.unseen):
        head = "\n" if not number and (pages.pages or pages.elsewhere) else ""
        yield f"{head}Not shown: {visible(unseen.reason)} ({visible(where(unseen.place))})\n"


class _Card:
    """One card while it is drawn, line by line."""

    def __init__(self, page: Page, style: Style) -> None:
        self.page = page
        self.ink = COLOURS if style.color else PLAIN
        self.inner = max(min(style.width, _MAX_WIDTH), _MIN_WIDTH) - 4
        self.lines: list[str] = []

    def drawn(self) -> str:
        page = self.page
        self._rule("╭", "╮", name_of(page), bold=True)
        self._headline(page.description)
        for name, fact in rows(page):
            self._row(name, fact.state, shown(fact), note(fact), where(fact.place))
        if page.tags:
            more = f" and {len(page.tags) - _MAX_TAGS} more" if len(page.tags) > _MAX_TAGS else ""
            self._row("tags", state_of_all(page.tags), "  ".join(page.tags[:_MAX_TAGS]) + more, "", "")
        if page.platforms:
            self._row("platforms", state_of_all(page.platforms), "  ".join(page.platforms), "", "")
        state = State.UNKNOWN if page.form.is_index is None else State.GOOD
        self._row("pushed as", state, form_words(page), "", "")
        built = ", ".join(f"{tool} {where(place)}" for tool, place in page.builds[:2])
        more = f" and {len(page.builds) - 2} more" if len(page.builds) > 2 else ""
        self._rule("╰", "╯", f"built by {built}{more}" if built else "")
        return "\n".join(self.lines) + "\n"

    def _rule(self, left: str, right: str, words: str, bold: bool = False) -> None:
        text = _cut(visible(words), self.inner - 2)
        padded = f" {text} " if text else ""
        fill = "─" * (self.inner + 1 - width(padded))
        shown_words = self._bold(padded) if bold else padded
        self.lines.append(self._dim(f"{left}─") + shown_words + self._dim(fill + right))

    def _headline(self, fact: Fact) -> None:
        """The description as the page shows it, or what it says without one."""
        self._line("", "")
        if fact.state is State.GOOD or fact.value:
            words, place = fact.value, where(fact.place)
        elif fact.state is State.BAD:
            words, place = "No description provided", ""
        else:
            words, place = f"description unknown: {fact.reason}", where(fact.place)
        self._row("", fact.state, words, "", place, headline=True)
        if (fact.state is State.BAD and fact.reason != words) or (fact.value and fact.reason):
            self._line("    ", fact.reason, dim=True)
        self._line("", "")

    def _row(self, name: str, state: State, value: str, beside: str, place: str, headline: bool = False) -> None:
        label = "" if headline else name.ljust(_LABEL_WIDTH)
        place = _ending(place, self.inner * 3 // 5)
        whole = self.inner - 2 - width(label)
        room = whole - (width(place) + 2 if place else 0)
        lines = _wrapped(visible(value), max(room, 20))
        if place and (len(lines) > 1 or width(lines[0]) > room):
            # A column beside the place would be narrow: the text has its lines, and the place stands at their end.
            lines = _wrapped(visible(value), whole)
            lines += [""] if width(lines[-1]) > room else []
        mark = self._painted(state, _MARKS[state])
        for number, line in enumerate(lines):
            first = number == 0
            head = f"{mark} {self._dim(label)}" if first else "  " + " " * width(label)
            body = self._bold(line) if headline and state is State.GOOD else line
            end = place if number == len(lines) - 1 else ""
            gap = " " * max(self.inner - 2 - width(label) - width(line) - width(end), 0)
            self.lines.append(f"{self._dim('│')} {head}{body}{gap}{self._dim(end)} {self._dim('│')}")
        if beside:
            for line in _wrapped(visible(beside), self.inner - 2 - _LABEL_WIDTH):
                self._line("  " + " " * _LABEL_WIDTH, line, dim=True)

    def _line(self, indent: str, words: str, dim: bool = False) -> None:
        for line in _wrapped(visible(words), self.inner - len(indent)) or [""]:
            gap = " " * (self.inner - width(indent) - width(line))
            body = self._dim(line) if dim and line else line
            self.lines.append(f"{self._dim('│')} {indent}{body}{gap} {self._dim('│')}")

    def _painted(self, state: State, mark: str) -> str:
        colours = {State.BAD: self.ink.severity[Severity.ERROR], State.UNKNOWN: self.ink.severity[Severity.WARNING]}
        return f"{colours.get(state, self.ink.good)}{mark}{self.ink.off}"

    def _bold(self, text: str) -> str:
        return f"{self.ink.bold}{text}{self.ink.off}"

    def _dim(self, text: str) -> str:
        return f"{self.ink.dim}{text}{self.ink.off}"


def _cut(text: str, room: int) -> str:
    """The text in that many columns: the end goes, and `…` says so."""
    if width(text) <= room:
        return text
    while text and width(text) > room - 1:
        text = text[:-1]
    return text + "…"


def _ending(text: str, room: int) -> str:
    """The end of a path that is too long for its column."""
    if width(text) <= room:
        return text
    while width(text) > room - 1:
        text = text[1:]
    return "…" + text


def _pieces(word: str, room: int) -> Iterator[str]:
    """A word in pieces of at most `room` columns."""
    start = 0
    while start < len(word):
        end = start + room
        while width(word[start:end]) > room and end > start + 1:
            end -= 1
        yield word[start:end]
        start = end


def _wrapped(text: str, room: int) -> list[str]:
    """Lines of at most `room` columns, broken between words where that is possible."""
    lines: list[str] = []
    line = ""
    for word in text.split(" "):
        if width(word) > room:
            lines.extend([line] if line else [])
            *whole, word = _pieces(word, room)
            lines += whole
            line = ""
        joined = f"{line} {word}" if line else word
        if width(joined) > room:
            lines.append(line)
            line = word
        else:
            line = joined
    return [*lines, line] if line or not lines else lines
