"""Flags of a command line, read as Go's pflag and Cobra do, which all the tools here are made with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache

from imglint.record import NamedTuple
from imglint.syntax.text import HOLE, Place, Text


class Word(NamedTuple):
    """A word of a command. `several` tells that it may turn out to be none, one or many words."""

    text: Text
    several: bool = False


def place_through(first: Text, last: Text) -> Place:
    """From one word of a command to the end of a later one; the first alone where they do not stand in a row."""
    start, end = first.span, last.span
    same = first.source is last.source and end.end >= start.end
    return Place(first.source, start._replace(end=end.end) if same else start)


class Grammar(NamedTuple):
    """The flags a command knows. `valued` take a value, `switches` do not; `short` maps letters to long names."""

    valued: frozenset[str]
    switches: frozenset[str]
    short: Mapping[str, str]


class Flag(NamedTuple):
    """A flag as it is given: its name, its value (None for a switch without), and the word that begins it."""

    name: str
    value: Text | None
    word: Text

    @property
    def place(self) -> Place:
        """From the flag to the end of its value, or of what stands for it."""
        source, span = self.word.place
        value = self.value.place if self.value is not None else self.word.place
        end = max(value.span.end if value.source is source else 0, span.end)
        before, after = source.text[max(value.span.start - 1, 0) : value.span.start], source.text[end : end + 1]
        # The closing quote belongs to the word.
        end += before == after and after in ('"', "'") and value.source is source
        return Place(source, span._replace(end=end))


class Parsed(NamedTuple):
    """A command line taken apart. `open` tells that there may be more flags and words than are known.

    `bare` are valued flags at the very end, whose value is missing; `strange` those that the grammar does not know.
    `begin` is the position of the first word that is no flag, where flags end with it.
    """

    flags: tuple[Flag, ...]
    words: tuple[Text, ...]
    open: bool
    bare: tuple[Text, ...] = ()
    strange: tuple[Text, ...] = ()
    begin: int = 0

    def values(self, *names: str) -> tuple[Text, ...]:
        """The values of the flags of those names, in order."""
        return tuple(flag.value for flag in self.flags if flag.name in names and flag.value is not None)

    def last(self, *names: str) -> Text | None:
        """The value that wins."""
        values = self.values(*names)
        return values[-1] if values else None

    def with_one_word(self) -> Parsed:
        """The same for a command that allows one word: of several, those of unknown value are flags."""
        unknown = len(self.words) > 1 and any(word.text.startswith(HOLE) for word in self.words)
        return self._replace(open=True) if unknown else self

    @property
    def open_fields(self) -> frozenset[str]:
        """The fields of a build that may hold more than is known: all of them, or none."""
        return frozenset(("*",)) if self.open else frozenset()

    @property
    def context(self) -> Text | None:
        """The first word; where a variable before it may hold flags, the last."""
        return (self.words[-1] if self.open else self.words[0]) if self.words else None

    def switch(self, *names: str) -> bool | None:
        """Whether a switch is on; None when its value is unknown."""
        for flag in reversed(self.flags):
            if flag.name in names:
                return boolean(flag.value) if flag.value is not None else True
        return False


@lru_cache(maxsize=64)
def grammar(valued: str, switches: str, short: str = "") -> Grammar:
    """A grammar from lists of words; `short` is written `t=tag f=file`."""
    pairs = (pair.partition("=") for pair in short.split())
    return Grammar(frozenset(valued.split()), frozenset(switches.split()), {name: long for name, _, long in pairs})


def boolean(text: Text) -> bool | None:
    """A switch's value as Go's strconv.ParseBool has it; None when unknown or no such word."""
    if text.value in ("1", "t", "T", "true", "TRUE", "True"):
        return True
    return False if text.value in ("0", "f", "F", "false", "FALSE", "False") else None


def parse(words: Sequence[Word], known: Grammar, interspersed: bool = True) -> Parsed:
    """Take a command line apart. Without `interspersed`, flags end at the first word that is none."""
    return _Parser(words, known, interspersed).parse()


class _Parser:
    def __init__(self, words: Sequence[Word], known: Grammar, interspersed: bool) -> None:
        self.words = words
        self.known = known
        self.interspersed = interspersed
        self.at = 0
        self.flags: list[Flag] = []
        self.rest: list[Text] = []
        self.bare: list[Text] = []
        self.strange: list[Text] = []
        self.open = False
        self.begin = len(words)

    def parse(self) -> Parsed:
        while self.at < len(self.words):
            word, several = self.words[self.at]
            self.at += 1
            if word.text == "--":
                self.begin = self.at
                self._take(self.words[self.at :])
                break
            if word.text.startswith("--"):
                self._long(word)
            elif word.text.startswith("-") and len(word.text) > 1:
                self._short(word)
            elif self.interspersed:
                self._take((Word(word, several),))
            else:
                self.begin = self.at - 1
                self._take(self.words[self.begin :])
                break
        return Parsed(tuple(self.flags), tuple(self.rest), self.open, tuple(self.bare), tuple(self.strange), self.begin)

    def _take(self, words: Iterable[Word]) -> None:
        for word, several in words:
            self.open = self.open or (several and word.text == HOLE)
            self.rest.append(word)

    def _value(self, word: Text) -> Text | None:
        if self.at < len(self.words):
            self.at += 1
            # A variable without quotes could hold several words, and after a flag nobody means that.
            return self.words[self.at - 1].text
        if not self.open:
            self.bare.append(word)
        return None

    def _long(self, word: Text) -> None:
        name, value = word.cut(2).partition("=")
        if HOLE in name.text:
            self.open = True
        elif value is not None or name.text in self.known.switches:
            self.flags.append(Flag(name.text, value, word))
        elif name.text in self.known.valued:
            self.flags.append(Flag(name.text, self._value(word), word))
        else:
            # Nobody knows whether the next word belongs to it.
            self.strange.append(word)
            self.open = True

    def _short(self, word: Text) -> None:
        """One or more letters; the first that takes a value has the rest, or the next word."""
        at = 1
        while at < len(word.text):
            name = self.known.short.get(word.text[at], "")
            at += 1
            if not name:
                self.strange.append(word)
                self.open = True
                return
            if name in self.known.valued:
                rest = word.cut(at + 1) if word.text[at : at + 1] == "=" else word.cut(at)
                self.flags.append(Flag(name, rest if at < len(word.text) else self._value(word), word))
                return
            if word.text[at : at + 1] == "=":
                self.flags.append(Flag(name, word.cut(at + 1), word))
                return
            self.flags.append(Flag(name, None, word))
