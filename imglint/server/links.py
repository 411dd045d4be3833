"""Places in a text that lead to a page on the web."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from imglint.catalog import Catalog
from imglint.model.kind import Kind
from imglint.model.link import named_repository
from imglint.record import NamedTuple
from imglint.server.hover import suppressions_in
from imglint.server.labels import written
from imglint.server.session import View
from imglint.source import Span
from imglint.syntax.oci import PREFIX

_USES: Final = (
    r"""(?m)^[ \t-]*uses:[ \t]*["']?(?P<target>(?P<name>[\w.-]+/[\w.-]+)(?P<path>(?:/[\w.-]+)*)@(?P<ref>[\w./-]+))"""
)
_PLAIN_LINK: Final = r"https?://\S+\Z"


class Link(NamedTuple):
    """A range of the text, the address that it leads to, and what is there."""

    span: Span
    target: str
    tooltip: str


def links(view: View, catalog: Catalog) -> list[Link]:
    """All of them: rules in comments, repositories that labels name, and those of actions."""
    found: dict[Span, Link] = {}
    for link in (*_rules(view, catalog), *_repositories(view), *_actions(view)):
        found.setdefault(link.span, link)
    return list(found.values())


def _rules(view: View, catalog: Catalog) -> Iterator[Link]:
    for comment in suppressions_in(view):
        for name in comment.names:
            if name.text in catalog.families:
                yield Link(name.span, catalog.rule(name.text).url, f"the page of {name.text}")


def _repositories(view: View) -> Iterator[Link]:
    """Source labels whose value is no link that an editor finds by itself."""
    for setting in (each.setting for each in written(view)):
        if setting.key != f"{PREFIX}source" or not setting.value or re.match(_PLAIN_LINK, setting.value):
            continue
        repository = named_repository(setting.value)
        if repository:
            target = f"https://{repository.host}/{repository.owner}/{repository.name}"
            yield Link(setting.value_span, target, "the repository")


def _actions(view: View) -> Iterator[Link]:
    if view.document.kind not in (Kind.WORKFLOW, Kind.ACTION):
        return
    for match in re.finditer(_USES, view.source.text):
        tree = f"/tree/{match['ref']}{match['path']}"
        yield Link(
            Span(*match.span("target")), f"https://github.com/{match['name']}{tree}", f"{match['name']} on GitHub"
        )
