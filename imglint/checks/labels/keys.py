"""Keys that nobody reads, and values of the wrong kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from imglint.checks.context import Context
from imglint.checks.labels.mending import rename
from imglint.checks.labels.text import find_placeholder, is_spaced_out
from imglint.finding import Edit, Finding, Fix
from imglint.model.metadata import Label
from imglint.model.publication import Publication
from imglint.syntax import oci, values


def unknown_oci_label(publication: Publication, context: Context) -> Iterator[Finding]:
    """A key that looks like one of the specification's and is none."""
    for key, label in publication.metadata.labels.items():
        name = oci.misspelt_name(key)
        if name is None or key in context.settings.required_labels:
            continue
        meant = oci.meant(name)
        setting = label.setting
        yield context.finding(
            setting.key_span,
            f"`{key}` is not a key of the OCI specification, and nothing will read it",
            label=f"did you mean {meant}?" if meant else "",
            help=f"write {meant}" if meant else "choose a key of the specification, or one under a domain of your own",
            source=setting.source,
            fix=rename(label, meant, publication, context, oci.is_certain(name)) if meant else None,
        )


def invalid_label_value(publication: Publication, context: Context) -> Iterator[Finding]:
    """A value that is not what its key asks for."""
    for key, label in publication.metadata.labels.items():
        if publication.made and _is_inherited(key, label):
            continue  # base-label-leak speaks of it, unless the image is that base.
        reason, help = _wrong(key, label, context)
        if reason:
            setting = label.setting
            yield context.finding(
                setting.value_span if label.value else setting.span,
                f"the label `{key}` {reason}",
                help=help,
                source=setting.source,
            )


def _is_inherited(key: str, label: Label) -> bool:
    from imglint.model.image.bases import BASES

    return any(base.key == key and base.marks({key: label.value or ""}) for base in BASES)


def _wrong(key: str, label: Label, context: Context) -> tuple[str, str]:
    """What is wrong with a value and what to do; two empty strings when nothing is."""
    value = label.value
    if label.setting.default:
        return "", ""
    if is_spaced_out(label.setting):
        return "gets the value `=` and all that follows, because blanks stand around the `=`", f"write LABEL {key}=…"
    name = key.removeprefix(oci.PREFIX) if key.startswith(oci.PREFIX) else ""
    if name == "ref.name" and value != "":
        return "names a reference in an index, and means nothing on an image", "remove it"
    # A value made from an argument's default is a stand-in for the one that the build will give.
    if value is None or label.setting.arguments or find_placeholder(value, context):
        return "", ""
    requirement = context.settings.required_labels.get(key)
    if requirement:
        reason = values.problem(requirement.type, value) if requirement.type else ""
        if not reason and requirement.pattern and not re.search(requirement.pattern, value[: 1 << 12]):
            reason = f"does not match the pattern `{requirement.pattern}` of the configuration"
        if reason:
            return reason, "change the value to what the configuration asks for"
    if name == "version" and not value.strip():
        return "is empty", "give the version of the packaged software"
    kind = oci.KEYS.get(name, "text")
    if kind == "text" or not value:
        return "", ""
    reason = values.problem(kind, value)
    return reason, f"{_EXAMPLES[kind]}" if reason else ""


_EXAMPLES = {
    "url": "write the whole address, with https://",
    "rfc3339": 'write the time as in `date -u +"%Y-%m-%dT%H:%M:%SZ"`',
    "digest": "write the digest of the base image's manifest, as `docker buildx imagetools inspect` prints it",
}


def legacy_label(publication: Publication, context: Context) -> Iterator[Finding]:
    """A key or instruction from before the specification, where its successor is not there too."""
    labels = publication.metadata.labels
    renamed: set[str] = set()
    for key, label in labels.items():
        successor = oci.LEGACY.get(key) or oci.LEGACY.get(key.lower())
        if successor == "documentation" and label.value and values.problem("url", label.value):
            continue  # Instructions in words, or a path inside the image: the specification has no key for that.
        if successor and oci.PREFIX + successor not in labels:
            # Of several that have the same successor, one can take its name.
            fix = None if successor in renamed else rename(label, oci.PREFIX + successor, publication, context, True)
            renamed.add(successor)
            yield context.finding(
                label.setting.key_span,
                f"`{key}` has been replaced by `{oci.PREFIX}{successor}`",
                help=f"write {oci.PREFIX}{successor}",
                source=label.setting.source,
                fix=fix,
            )
    if oci.PREFIX + "authors" not in labels:
        escape = publication.evaluation.dockerfile.escape if publication.evaluation else "\\"
        for author, source, span in publication.metadata.authors:
            label_line = f'LABEL {oci.PREFIX}authors="{_quoted(author, escape)}"'
            # Of several, the last is the one that counts; a label of an old key may be renamed to the same.
            simple = "\n" not in source.slice(span) and "authors" not in renamed and _bare(author).strip()
            yield context.finding(
                span,
                "MAINTAINER is deprecated, and a label takes its place",
                help=f"write {label_line}",
                source=source,
                fix=Fix(f"write `{label_line}`", (Edit(source, span, label_line),), safe=True) if simple else None,
            )


def _bare(words: str) -> str:
    quoted = len(words) >= 2 and words[0] == words[-1] and words[0] in "\"'"
    return words[1:-1] if quoted else words


def _quoted(words: str, escape: str) -> str:
    """The words of a MAINTAINER, which are taken as they stand, for use between the double quotes of a label."""
    return re.sub(rf'["${re.escape(escape)}]', lambda match: escape + match[0], _bare(words))
