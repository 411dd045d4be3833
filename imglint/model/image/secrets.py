"""The secrets that an image carries where everybody who can pull it can read them: in its configuration."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final

from imglint.model.image.image import At, Image, Step, Variant
from imglint.model.image.steps import arguments, instruction
from imglint.record import NamedTuple
from imglint.source import Span
from imglint.syntax.jsonstring import within
from imglint.syntax.secrets import is_secret_name, known_secrets, may_be_secret

if TYPE_CHECKING:
    from imglint.syntax.shell import Command, Word

_MAY_NAME: Final = r"(?i)token|pass|pwd|secret|key|cred|_pat"
"""A command without any of these sets nothing that is named as secrets are."""
_PAIR: Final = r"(?s)(?<=[\s|])([A-Za-z_][\w.-]*)=(.*?)(?=\s+[A-Za-z_][\w.-]*=|\s*\Z|\s+# buildkit\s*\Z)"
_OPTION: Final = r"--?([A-Za-z][\w-]*)="
_DECLARING: Final = frozenset(("export", "declare", "readonly", "typeset", "local"))


class Secret(NamedTuple):
    """A secret in a string of a document: `at` is the string, `start` and `end` are what must not be seen of it.

    `name` is what it is kept under, and begins at `begin`; without a name, `begin` is `start`. `what` says what it is
    by its shape, empty when only the name tells.
    """

    at: At
    start: int
    end: int
    name: str = ""
    begin: int = 0
    what: str = ""

    @property
    def value(self) -> str:
        """The secret itself, which is never printed."""
        return str(self.at.value)[self.start : self.end]

    @property
    def hidden(self) -> Span:
        """Where it is written in the document's source."""
        return self._within(self.start)

    @property
    def span(self) -> Span:
        """The same with its name."""
        return self._within(self.begin)

    def _within(self, start: int) -> Span:
        return within(self.at.document.source.text, self.at.span, start, self.end)


def secrets(image: Image) -> Iterator[Secret]:
    """All secrets of an image, as often as they stand there."""
    for index in image.indexes:
        yield from in_strings(At(index, ("annotations",)))
    for variant in image.variants:
        yield from in_environment(variant)
        yield from in_labels(variant)
        yield from in_history(variant)


def in_environment(variant: Variant) -> Iterator[Secret]:
    """Those among the environment variables."""
    if variant.config is None:
        return
    environment = variant.config.of("Env")
    for number, each in enumerate(environment.document.items(*environment.pointer)):
        if isinstance(each, str):
            name, separator, value = each.partition("=")
            yield from _kept(environment / number, value, len(name) + len(separator), name)


def in_labels(variant: Variant) -> Iterator[Secret]:
    """Those among the labels, and among the annotations of the manifest."""
    if variant.config is not None:
        yield from in_strings(variant.config.of("Labels"))
    if variant.manifest is not None:
        yield from in_strings(At(variant.manifest, ("annotations",)))


def in_strings(at: At) -> Iterator[Secret]:
    """Those among the members of an object."""
    for key, value in at.document.strings(*at.pointer):
        yield from _kept(at / key, value, 0, key)


def _kept(at: At, value: str, shift: int, name: str) -> Iterator[Secret]:
    """A secret kept under a name, or those that are in its value, which begins at `shift` in the string."""
    if is_secret_name(name) and may_be_secret(value):
        what = next((found.what for found in known_secrets(value)), "")
        yield Secret(at, shift, shift + len(value), name, 0, what)
        return
    for found in known_secrets(value):
        start = shift + found.start
        yield Secret(at, start, shift + found.end, name, 0 if shift else start, found.what)


def in_history(variant: Variant) -> Iterator[Secret]:
    """Those in what the builder wrote down of the instructions."""
    for step in variant.history or ():
        named = list(_named(step))
        yield from named
        for found in known_secrets(step.created_by):
            if not any(each.start < found.end and found.start < each.end for each in named):
                yield Secret(_written(step), found.start, found.end, "", found.start, found.what)


def _written(step: Step) -> At:
    return step.at / "created_by"


def _named(step: Step) -> Iterator[Secret]:
    """Secrets with names: build arguments, variables, labels, and what a command sets."""
    text = step.created_by
    if "=" not in text or not re.search(_MAY_NAME, text):
        return
    at = 0
    for name, value in arguments(step):
        begin = text.find(f"{name}={value}", at)
        if begin >= 0:
            at = begin + len(name) + 1
            yield from _of_pair(step, name, begin, value)
    made = instruction(step)
    if made.startswith(("ENV ", "ARG ", "LABEL ")):
        for pair in re.finditer(_PAIR, text):
            yield from _of_pair(step, pair[1], pair.start(), pair[2])
    elif made.startswith("RUN "):
        script = made.removeprefix("RUN ")
        shift = text.rfind(script)
        if shift >= 0:
            from imglint.syntax.shell import scan

            for each in scan(script).commands:
                yield from _of_command(step, each, shift)


def _of_pair(step: Step, name: str, begin: int, value: str) -> Iterator[Secret]:
    start = begin + len(name) + 1
    if is_secret_name(name) and may_be_secret(value):
        yield Secret(_written(step), start, start + len(value), name, begin)


def _of_command(step: Step, found: Command, shift: int) -> Iterator[Secret]:
    """What a command sets in its environment, exports, or hands over as `--password=…`."""
    from imglint.syntax.shell import assignment, unwrapped

    inner = unwrapped(found)
    sets = [(each.name, each.value, each.span) for each in inner.assignments]
    if inner.words and inner.words[0].literal in _DECLARING:
        given = (assignment(word) for word in inner.words[1:])
        sets += [(each.name, each.value, each.span) for each in given if each is not None]
    for name, value, span in sets:
        if value is not None and _is_secret(name, value):
            yield Secret(_written(step), shift + value.span.start, shift + span.end, name, shift + span.start)
    for word in inner.words[1:]:
        option = re.match(_OPTION, word.literal or "")
        if option and is_secret_name(option[1]) and may_be_secret((word.literal or "")[option.end() :]):
            yield Secret(
                _written(step), shift + word.span.start + option.end(), shift + word.span.end, option[1],
                shift + word.span.start,
            )  # fmt: skip


def _is_secret(name: str, value: Word) -> bool:
    return value.literal is not None and is_secret_name(name) and may_be_secret(value.literal)


def unsaid(found: Iterable[Secret], elsewhere: Iterable[Secret]) -> Iterator[Secret]:
    """The secrets that are not found elsewhere, too: the environment repeats what the history says of ENV."""
    known = {(each.name, each.value) for each in elsewhere}
    return (each for each in found if (each.name, each.value) not in known)
