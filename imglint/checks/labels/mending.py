"""How labels are mended: a key or a value written anew, or a label added where it belongs."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Edit, Fix
from imglint.model.link import judge as judge_link
from imglint.model.link import named_repository
from imglint.model.metadata import Label, Setting
from imglint.model.publication import Publication
from imglint.source import Source, Span
from imglint.syntax import oci, values
from imglint.syntax.tree import Instruction

_PLAIN: Final = r"[A-Za-z0-9._:/@+-]+"
"""Characters that mean themselves in every language in which a label may be written."""


def rewrite_value(setting: Setting, value: str, safe: bool) -> Fix | None:
    """Another value in the place of a known one, quoted as it was; None where it is not simply written there."""
    written = setting.source.slice(setting.value_span)
    old = setting.value or ""
    text = _like(written, old, value, in_dockerfile=setting.stage >= 0)
    if text is None:
        return None
    return Fix(f"write `{value}`", (Edit(setting.source, setting.value_span, text),), safe)


def _like(written: str, old: str, value: str, in_dockerfile: bool) -> str | None:
    quote = written[:1] if written[:1] in ("'", '"') and written[-1:] == written[:1] and len(written) > 1 else ""
    if written != f"{quote}{old}{quote}":
        return None
    if all(char in old or re.match(_PLAIN, char) for char in value) and (quote or " " not in value or " " in written):
        return f"{quote}{value}{quote}"
    if not in_dockerfile or not value.isprintable() or any(char in value for char in "\\\"'$`"):
        return None
    return f'"{value}"'


def rename(label: Label, key: str, publication: Publication, context: Context, safe: bool) -> Fix | None:
    """Another key for a label; None where that would only be the next mistake."""
    setting, there = label.setting, publication.metadata.labels.get(key)
    # What a build sets over the Dockerfile is over it either way.
    if label.overridden or (there is not None and there.setting.stage >= 0) or not fits(key, label, context):
        return None
    written = setting.source.slice(setting.key_span)
    if setting.key not in written or len(written) > len(setting.key) + 2:
        return None
    start = setting.key_span.start + written.index(setting.key)
    edit = Edit(setting.source, Span(start, start + len(setting.key)), key)
    return Fix(f"write `{key}`", (edit,), safe)


def fits(key: str, label: Label, context: Context) -> bool:
    """Whether no rule has anything to say against the value of a label under this key."""
    value = label.value
    return value is None or (value_fits(key, value, context) and not label.setting.default)


def value_fits(key: str, value: str, context: Context) -> bool:
    """The same for a value by itself."""
    profile = context.profile
    if not value.strip() or key in context.settings.required_labels:
        return False
    if key == profile.source_label:
        return _links(value, context)
    if key == profile.licenses_label:
        from imglint.syntax import spdx

        return len(value) <= profile.licenses_characters and not spdx.check(value)
    if key == profile.description_label:
        return len(value) <= profile.description_characters and not re.search(r"[][*_`<>&#\\\r\n]", value)
    kind = oci.KEYS.get(key.removeprefix(oci.PREFIX), "text")
    return key != f"{oci.PREFIX}ref.name" and (kind == "text" or not values.problem(kind, value))


def _links(value: str, context: Context) -> bool:
    if judge_link(value, context.linkable_hosts) is not None:
        return False
    named, identity = named_repository(value), context.identity
    return named is None or identity is None or context.linkable is None or identity.includes(named)


def add_label(publication: Publication, key: str, value: str, said_by: str, context: Context) -> Fix | None:
    """A label that is missing, added to the published stage; `said_by` tells where its value is from."""
    evaluation, stage = publication.evaluation, publication.stage
    if evaluation is None or stage is None or publication.made or not value_fits(key, value, context):
        return None
    escape = evaluation.dockerfile.escape
    quoted = re.sub(rf'["${re.escape(escape)}]', lambda match: escape + match[0], value)
    pair = f'{key}="{quoted}"'
    own = [command.instruction for command in stage.commands if command.position >= 0]
    edit = _extend(publication.source, own, pair, escape) or _below(publication.source, stage.instruction, pair)
    return Fix(f"add the label with `{value}`, as {said_by} says", (edit,))


def _extend(source: Source, instructions: Iterable[Instruction], pair: str, escape: str) -> Edit | None:
    """The pair on a line of its own at the end of the last LABEL that has keys of the specification, else any."""
    labels = [each for each in instructions if each.name == "LABEL" and _can_grow(each)]
    of_oci = [each for each in labels if any(oci.is_known(pair.key.text.strip("\"'")) for pair in each.pairs)]
    if not labels:
        return None
    label = (of_oci or labels)[-1]
    last = label.pairs[-1]
    end = last.value.span.end if last.value else last.key.span.end
    line = source.text[: last.key.span.start].rpartition("\n")[2]
    before = source.text[: label.pairs[0].key.span.start].rpartition("\n")[2]
    indent = line if not line.strip() else re.sub(r"\S", " ", before)
    return Edit(source, Span(end, end), f" {escape}\n{indent}{pair}")


def _can_grow(label: Instruction) -> bool:
    """Whether words at its end would be read as further labels: not so in the old form `LABEL key value`."""
    return label.problem is None and bool(label.pairs) and all(pair.separator for pair in label.pairs)


def _below(source: Source, instruction: Instruction, pair: str) -> Edit:
    """A LABEL of its own on the line below an instruction."""
    starts, last = source.line_starts, instruction.lines[1]
    if last < len(starts):
        return Edit(source, Span(starts[last], starts[last]), f"LABEL {pair}\n")
    end = len(source.text)
    return Edit(source, Span(end, end), f"\nLABEL {pair}\n")
