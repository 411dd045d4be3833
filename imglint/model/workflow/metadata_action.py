"""docker/metadata-action: the tags, labels and annotations that it makes for the steps after it.

https://github.com/docker/metadata-action#inputs; the defaults of labels are those of its `src/meta.ts`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from imglint.model.build import Definition
from imglint.model.workflow.structure import Fields
from imglint.record import NamedTuple
from imglint.syntax import jq, lists
from imglint.syntax.oci import PREFIX
from imglint.syntax.text import HOLE, Place, Text, joined, literal, unknown

ACTION: Final = "docker/metadata-action"
LEVELS_VARIABLE: Final = "DOCKER_METADATA_ANNOTATIONS_LEVELS"
_DEFAULT_LEVELS: Final = "manifest"
_SEPARATED: Final = ("tags", "labels", "annotations")
_ENDS: Final = ("prefix", "suffix")
DESCRIPTION_REASON: Final = "the description of the repository on GitHub"
LICENSE_REASON: Final = "the licence that GitHub recognises"


def variable(output: str) -> str:
    """The variable that has the value of an output."""
    return f"DOCKER_METADATA_OUTPUT_{output.upper()}"


def maker(value: Text) -> str:
    """The action's name where a value is one of its defaults, which have the place of its `uses`; else empty."""
    source, span = value.origin
    return (
        ACTION
        if source.text.startswith(ACTION, span.start + (source.text[span.start : span.start + 1] in "\"'"))
        else ""
    )


class Metadata(NamedTuple):
    """What one step makes. Lists hold one entry a line; `place` is the step's `uses`.

    `separators` stand between the entries of tags, labels and annotations in its outputs.
    """

    step: str
    place: Place
    tags: Text
    labels: Text
    annotations: Text
    version: Text
    json: Text
    bake_target: str
    separators: tuple[Text | None, ...] = (None, None, None)

    def outputs(self) -> dict[str, Text]:
        """The step's outputs by name, which the action also sets as variables for the steps after it (`variable`)."""
        lists = (self.tags, self.labels, self.annotations)
        tags, labels, annotations = map(_separated, lists, self.separators)
        return {
            "tags": tags,
            "labels": labels,
            "annotations": annotations,
            "version": self.version,
            "json": self.json,
        }

    def definitions(self) -> dict[str, Definition]:
        """The bake files that it writes, by output."""
        name = self.bake_target
        return {
            "bake-file": Definition(name, self.tags, self.labels, self.annotations),
            "bake-file-tags": Definition(name, self.tags),
            "bake-file-labels": Definition(name, None, self.labels),
            "bake-file-annotations": Definition(name, None, None, self.annotations),
        }


class Defaults(NamedTuple):
    """What the action takes from the repository: None where it is unknown. `license` is empty when there is none."""

    name: str | None
    url: str | None
    license: str | None


def run(
    step: str, place: Place, inputs: Fields, read: Callable[[Text], Text], levels: Text | None, defaults: Defaults
) -> Metadata:
    """What the action makes of its inputs; `read` evaluates the expressions in them."""

    def given(name: str) -> tuple[Text, ...]:
        text = inputs.text(name)
        return lists.records(read(text), commas=False, quotes=True, comments=True).items if text else ()

    def custom(name: str) -> tuple[Text, ...]:
        return tuple(map(_without_templates, given(name)))

    target = inputs.text("bake-target")
    version = unknown("the version that docker/metadata-action finds", *place)
    standard = _standard(place, defaults, version)
    tags = _tags(given("images"), given("tags"), given("flavor"), place)
    return Metadata(
        step,
        place,
        _lines(tags, place),
        _lines(_merged(standard, custom("labels")), place),
        _lines(_at_levels(_merged(standard, custom("annotations")), levels, place), place),
        version,
        jq.document(tags or [literal("", *place, exact=False)], unknown(f"steps.{step}.outputs.json", *place)),
        (read(target).value if target else None) or "docker-metadata-action",
        tuple(read(text) if (text := inputs.text(f"sep-{kind}")) else None for kind in _SEPARATED),
    )


def _separated(entries: Text, separator: Text | None) -> Text:
    """Entries that stand one a line, with another separator between them."""
    if separator is None or not separator.text or separator.text == "\n":
        return entries
    parts: list[Text] = []
    for line in entries.split("\n"):
        parts += [separator, line] if parts else [line]
    return joined(parts)


def _standard(place: Place, defaults: Defaults, version: Text) -> dict[str, Text]:
    """The eight labels, each as an entry `key=value`, in the order of their keys."""

    def known(value: str | None, reason: str) -> Text:
        return unknown(reason, *place) if value is None else literal(value, *place, exact=False)

    source = known(defaults.url, "the address of the repository")
    values = {
        "created": unknown("the time of the run", *place),
        "description": unknown(DESCRIPTION_REASON, *place),
        "licenses": known(defaults.license, LICENSE_REASON),
        "revision": unknown("github.sha", *place),
        "source": source,
        "title": known(defaults.name, "the name of the repository"),
        "url": source,
        "version": version,
    }
    return {
        (key := PREFIX + name): joined((literal(f"{key}=", *place, exact=False), value))
        for name, value in values.items()
    }


def _merged(standard: dict[str, Text], custom: tuple[Text, ...]) -> list[Text]:
    """The entries `key=value`: a custom one takes the place of a default."""
    entries = dict(standard)
    for entry in custom:
        key_text, value_text = lists.pair(entry)
        if value_text is not None or HOLE in entry.text:
            entries.pop(key_text.text, None)
            entries[key_text.text] = entry
    return list(entries.values())


def _without_templates(entry: Text) -> Text:
    """An entry in which `{{date}}` and its like, which the action fills in, are unknown."""
    parts: list[Text] = []
    at = 0
    while (start := entry.text.find("{{", at)) >= 0 and (end := entry.text.find("}}", start)) >= 0:
        expression = entry.cut(start, end + 2)
        parts += [entry.cut(at, start), unknown(expression.shown, *expression.place)]
        at = end + 2
    return joined((*parts, entry.cut(at))) if parts else entry


def _at_levels(entries: list[Text], levels: Text | None, place: Place) -> list[Text]:
    if levels is None:
        prefix = literal(f"{_DEFAULT_LEVELS}:", *place, exact=False)
    else:
        prefix = joined((levels, literal(":", *levels.place, exact=False)))
    return [joined((prefix, entry)) for entry in entries]


def _lines(entries: list[Text], place: Place) -> Text:
    """Entries as the lines of one text."""
    if not entries:
        return literal("", *place, exact=False)
    newline = literal("\n", *place, exact=False)
    return joined([part for entry in entries for part in (newline, entry)][1:])


def _tags(images: tuple[Text, ...], rules: tuple[Text, ...], flavor: tuple[Text, ...], place: Place) -> list[Text]:
    """Every image with every tag. A tag that depends on the event or the commit is unknown."""
    tags: list[Text] = []
    settings: dict[str, Text] = {}
    for line in flavor:
        # `onlatest` belongs to the prefix or suffix of its line.
        own = {each.name: each.value for each in lists.metadata_line(line, first_only=True).attributes}
        settings |= own
        settings |= {f"latest {end}": own[end] for end in _ENDS if end in own and _is_on(own.get("onlatest"))}
    semantic = not rules
    for rule in rules:
        read = lists.metadata_line(rule)
        enabled = read.get("enable")
        if enabled is not None and enabled.text == "false":
            continue
        kind = read.type.text if read.type else ("raw" if read.plain else "")
        event = read.get("event")
        of_tag = kind == "ref" and event is not None and event.text == "tag"
        semantic = semantic or of_tag or kind in ("semver", "pep440", "match")
        value = read.get("value") or (read.plain[0] if read.plain else None)
        if kind == "raw" and value is not None and "{{" not in value.text:
            tags.append(_affixed(value, *(read.get(end) or settings.get(end) for end in _ENDS)))
        else:
            tags.append(unknown(f"{kind or 'ref'} tag", *rule.place))
    if not rules:
        tags.append(unknown("tag of the event", *place))
    latest = settings["latest"].text if "latest" in settings else "auto"
    if latest == "true" or (latest == "auto" and semantic):
        name = literal("latest", *place, exact=False)
        tags.append(_affixed(name, *(settings.get(f"latest {end}") for end in _ENDS)))
    found: list[Text] = []
    for line in images:
        read = lists.metadata_line(line, first_only=True)
        name = read.get("name") or (read.plain[0] if read.plain else line)
        disabled = read.get("enable")
        if disabled is not None and disabled.text == "false":
            continue
        beginning = joined((name.lower(), literal(":", *name.place, exact=False)))
        found += [joined((beginning, tag)) for tag in tags]
    return found


def _is_on(text: Text | None) -> bool:
    return text is not None and text.text == "true"


def _affixed(tag: Text, prefix: Text | None, suffix: Text | None) -> Text:
    """A tag between a prefix and a suffix; templates in them are unknown."""
    parts = (_without_templates(part) if part is not tag else tag for part in (prefix, tag, suffix) if part is not None)
    return joined(part for part in parts if part.text)
