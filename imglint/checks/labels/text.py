"""Text for people: too long, not plain, or still the template's."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.finding import Finding
from imglint.model.link import named_repository
from imglint.model.metadata import Setting
from imglint.model.publication import Publication
from imglint.model.repository import Identity
from imglint.syntax import oci

# Text, which `re` compiles and keeps when it is first needed: most files have nothing to search.
_HTML_TAG: Final = r"(?i)</?(?:a|b|br|code|em|h[1-6]|i|img|li|ol|p|pre|span|strong|u|ul)(?:\s[^<>]*)?/?>"
_MARKUP: Final = (
    (r"!?\[[^\[\]\n]+\]\([^()\s]+\)", "a Markdown link"),
    (r"(?<!\w)(?:\*\*(?=\S)[^*\n]+(?<=\S)\*\*|__\w[^_\n]* [^_\n]*\w__)(?!\w)", "Markdown emphasis"),
    (r"(?<!`)`[^`\n]+`(?!`)", "Markdown code"),
    (_HTML_TAG, "HTML"),
    (r"&(?:amp|lt|gt|quot|nbsp|copy|#[0-9]{1,6}|#x[0-9a-fA-F]{1,5});", "an HTML entity"),
    (r"\A#{1,6} \S", "a Markdown heading"),
    (r"[\r\n]+|(?<!\b[A-Za-z]:)(?:\\r\\n|\\n)", "a line break"),
)

# The words of templates are words of the language too: a "TODO list" and "user/group" are none. What could be
# either counts only inside an address, or as the whole of a value.
_IN_ADDRESS: Final = r"(?:\A|(?<=\w[/:]))"
_NAME_END: Final = r"(?=\.git\b|[^\w.-]|\Z)"
_IN_BRACKETS: Final = r"<[A-Za-z][A-Za-z0-9_-]*(?: [A-Za-z0-9_-]+)*>"
_MARKUP_MARKS: Final = ("](", "**", "__", "`", "<", "&", "#", "\r", "\n", "\\n")
"""Markup holds one of these: most descriptions have none, and cost no expression."""

_PLACEHOLDER_MARKS: Final = (
    "/repo", "/project", "/image", "octocat/", "org/", "organization/", "user/", "username/", "name/", "company/",
    "your", "todo", "fixme", "change", "replace", "<", "{{",
)  # fmt: skip
"""The same for placeholders, in lower case."""

_PLACEHOLDERS: Final = (
    rf"{_IN_ADDRESS}(?:OWNER|ORG|ORGANIZATION|USER|USERNAME|NAMESPACE)"
    rf"/(?:REPO|REPOSITORY|PROJECT|IMAGE_NAME|IMAGE){_NAME_END}",
    rf"(?i){_IN_ADDRESS}(?:owner|user|username)/repo(?:sitory)?{_NAME_END}",
    rf"(?i){_IN_ADDRESS}octocat/(?:my-repo|hello-world){_NAME_END}",
    rf"(?i){_IN_ADDRESS}(?:your|my)[-_]?(?:org|organization|user|username|name|company)/[\w.-]+",
    r"\bYOUR[-_][A-Z][A-Z_-]*\b",
    r"\A\s*(?:TODO|FIXME)\b(?=\s*(?:\Z|[:(/]))|(?<=\w/)TODO(?=/)",
    r"\b(?:CHANGEME|CHANGE[-_]ME|REPLACE[-_]ME|REPLACEME)\b",
    rf"\A{_IN_BRACKETS}\Z|(?<=[/:@]){_IN_BRACKETS}|<(?i:your|insert|add)[-_ ][A-Za-z0-9_-]+(?: [A-Za-z0-9_-]+)*>",
    r"\{\{-? *[.$\w][^{}\n]*\}\}",
)


def description_too_long(publication: Publication, context: Context) -> Iterator[Finding]:
    """The description has more characters than the page takes."""
    label = publication.metadata.labels.get(context.profile.description_label)
    if label and not label.setting.default:
        yield from too_long(label.setting, context.profile.description_characters, "description", context)


def too_long(setting: Setting, limit: int, what: str, context: Context) -> Iterator[Finding]:
    """A finding on what goes beyond `limit` characters (code points)."""
    value = setting.value
    if value is not None and len(value) > limit:
        yield context.finding(
            setting.locate(limit, len(value)),
            f"the {what} has {len(value)} characters, and {context.profile.name} takes {limit}",
            label=f"{len(value) - limit} too many",
            help=f"shorten it to {limit} characters",
            source=setting.source,
        )


def description_not_plain_text(publication: Publication, context: Context) -> Iterator[Finding]:
    """The description holds markup, which the page shows as it is written."""
    label = publication.metadata.labels.get(context.profile.description_label)
    value = label.value if label else None
    if label is None or not value or label.setting.default or not any(mark in value for mark in _MARKUP_MARKS):
        return
    found = [(match.start(), match.end(), what) for pattern, what in _MARKUP if (match := re.search(pattern, value))]
    if found:
        start, end, what = min(found)
        yield context.finding(
            label.setting.locate(start, end),
            f"the description holds {what}, and the page shows plain text only",
            label="shown as it is written here",
            help="say it in one line of plain text",
            source=label.setting.source,
        )


def placeholder_value(publication: Publication, context: Context) -> Iterator[Finding]:
    """A label still has the value of the template it was copied from."""
    required = context.required_labels
    for key, label in publication.metadata.labels.items():
        # What an argument's default says is often meant to be replaced by the value that the build gives.
        if (
            label.value
            and not label.setting.arguments
            and not label.setting.default
            and (key in required or oci.is_known(key))
        ):
            found = find_placeholder(label.value, context)
            if found:
                start, end = found
                text = label.value[start:end]
                yield context.finding(
                    label.setting.locate(start, end),
                    f"`{text}` was left in the label `{key}` and will be published",
                    label="a placeholder",
                    help="replace it by the real value",
                    source=label.setting.source,
                )


def is_spaced_out(setting: Setting) -> bool:
    """Whether this was written `LABEL key = value`, which gives the key the value `= value`."""
    if setting.stage < 0:
        return False
    between = setting.source.text[setting.key_span.end : setting.value_span.start]
    return (setting.value or "").startswith("=") and between[-1:] in (" ", "\t")


def find_placeholder(value: str, context: Context) -> tuple[int, int] | None:
    """The range of the first piece of a template in a value.

    What the repository of the file is really called is none, whatever it looks like.
    """
    lower = value.lower()
    if not any(mark in lower for mark in _PLACEHOLDER_MARKS):
        return None
    for pattern in _PLACEHOLDERS:
        for match in re.finditer(pattern, value):
            if not re.fullmatch(_HTML_TAG, match[0]):
                return None if _is_ours(value, context.identity) else match.span()
    return None


def _is_ours(value: str, identity: Identity | None) -> bool:
    named = named_repository(value)
    return identity is not None and named is not None and identity.includes(named)
