"""`make` as it is called: https://www.gnu.org/software/make/manual/ (section 9)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import Final

from imglint.model.build import MakeCall
from imglint.model.commands.flags import Grammar, Word, grammar, parse
from imglint.model.paths import join_all
from imglint.syntax.text import HOLE, Text

NAMES: Final = frozenset(("make", "gmake"))
ITSELF: Final = "$(MAKE)"
"""How a Makefile calls the make that reads it."""

_JOBS: Final = r"-[jlO](?:[0-9.]+|none|line|target|recurse)?|--(?:jobs|load-average|max-load|output-sync)(?:=.*)?"
_SET: Final = r"([A-Za-z_.][A-Za-z0-9_.-]*)(?:::?:?|\?|!)?="


def make_grammar() -> Grammar:
    """The flags that take a value, and those that do not."""
    return grammar(
        "directory file makefile include-dir old-file assume-old new-file assume-new what-if eval debug",
        "always-make environment-overrides ignore-errors keep-going print-data-base question no-builtin-rules "
        "no-builtin-variables silent quiet no-silent touch print-directory no-print-directory "
        "warn-undefined-variables trace just-print dry-run recon check-symlink-times stop help version",
        "B=always-make C=directory e=environment-overrides f=file h=help I=include-dir i=ignore-errors k=keep-going "
        "L=check-symlink-times n=dry-run o=old-file p=print-data-base q=question r=no-builtin-rules "
        "R=no-builtin-variables S=stop s=silent t=touch v=version W=new-file w=print-directory d=trace",
    )


def call(words: Sequence[Word], first: Text, directories: tuple[str, ...], driver: str) -> tuple[MakeCall, ...]:
    """The call that the words after `make` ask for; none where it builds nothing, or a part of it is unknown."""
    parsed = parse(tuple(_without_jobs(words)), make_grammar())
    if parsed.open or any(parsed.switch(name) for name in ("dry-run", "question", "touch", "help", "version")):
        return ()
    goals: list[Text] = []
    given: list[tuple[str, Text]] = []
    for word in parsed.words:
        match = re.match(_SET, word.text)
        if match:
            given.append((match[1], word.cut(match.end())))
        else:
            goals.append(word)
    if any(HOLE in goal.text for goal in goals):
        return ()
    for directory in parsed.values("directory"):
        directories = join_all(directories, directory.value)
    place = first.place
    return (
        MakeCall(place, directories, parsed.last("file", "makefile"), tuple(goals), tuple(given), driver=driver),
    )  # fmt: skip


def _without_jobs(words: Sequence[Word]) -> Iterator[Word]:
    """The words without `-j` and its like, whose value may be missing."""
    after = False
    for word in words:
        number = after and re.fullmatch(r"[0-9.]+", word.text.text)
        after = word.text.text in ("-j", "-l", "--jobs", "--load-average")
        # The number may come from a command: `-j $(nproc)`.
        if not number and not re.fullmatch(_JOBS, word.text.text.replace(HOLE, "1")):
            yield word
