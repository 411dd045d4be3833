"""What an image says of itself: every label, and the way by which it got its value."""

from __future__ import annotations

from collections.abc import Mapping

from imglint.record import NamedTuple
from imglint.source import Source, Span


class Setting(NamedTuple):
    """One place that gives a label a value.

    `value` is None when it is unknown: made from a build argument without a value, or from the environment of a
    base image. `arguments` are the build arguments whose defaults went into a known value. `stage` is the index
    of the stage in the Dockerfile, `instruction` the span of the whole LABEL, `value_span` that of the value as
    written, with its quotes. For what a build sets, `stage` is -1, `by` its tool; `default` tells that the tool made
    the value up itself, and `reason` names what an unknown value depends on.
    """

    key: str
    value: str | None
    arguments: frozenset[str]
    source: Source
    key_span: Span
    value_span: Span
    stage: int
    instruction: Span
    by: str = "LABEL"
    default: bool = False
    reason: str = ""

    @property
    def span(self) -> Span:
        """From the first character of the key to the last of the value."""
        return Span(self.key_span.start, max(self.key_span.end, self.value_span.end))

    def locate(self, start: int, end: int) -> Span:
        """The place of `value[start:end]` in the file; the whole value where quoting or variables blur it."""
        written = self.source.slice(self.value_span)
        value = self.value or ""
        if written == value:
            shift = self.value_span.start
        elif len(written) == len(value) + 2 and written[1:-1] == value:
            shift = self.value_span.start + 1
        else:
            return self.value_span
        return Span(shift + start, shift + end)


class Label(NamedTuple):
    """A label of the image: the setting that won and those it overrode, oldest first."""

    setting: Setting
    overridden: tuple[Setting, ...] = ()

    @property
    def value(self) -> str | None:
        """The value, or None when it is unknown."""
        return self.setting.value

    @property
    def blanked(self) -> Setting | None:
        """The latest setting of a Dockerfile that a build replaced by nothing; None when there is none."""
        if self.setting.stage >= 0 or self.setting.value != "":
            return None
        return next((each for each in reversed(self.overridden) if each.stage >= 0 and each.value), None)


class Metadata(NamedTuple):
    """The labels of an image.

    `lost` are settings in stages that the image is not built upon. `authors` are the MAINTAINER words with their
    spans (keyword and all). `complete` is False when a label may have been set that we cannot know of.
    """

    labels: Mapping[str, Label]
    lost: tuple[Setting, ...] = ()
    authors: tuple[tuple[str, Source, Span], ...] = ()
    complete: bool = True
