"""The source label: what links the package to a repository."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from imglint.checks.context import Context
from imglint.checks.labels.mending import rewrite_value, value_fits
from imglint.checks.labels.text import find_placeholder, is_spaced_out
from imglint.finding import Finding, Fix
from imglint.model.link import judge, named_repository
from imglint.model.metadata import Setting
from imglint.model.publication import Publication

_PUBLIC_HOSTS: Final = frozenset(
    ("gitlab.com", "bitbucket.org", "codeberg.org", "hub.docker.com", "ghcr.io", "quay.io")
)
"""Hosts that are nobody's GitHub Enterprise server."""


def _source(publication: Publication, context: Context) -> tuple[Setting, str] | None:
    """The setting of the source label and its value, when there is one to judge."""
    label = publication.metadata.labels.get(context.profile.source_label)
    if label is None or not label.value or label.setting.default or find_placeholder(label.value, context):
        return None
    return None if is_spaced_out(label.setting) else (label.setting, label.value)


def source_not_a_repository(publication: Publication, context: Context) -> Iterator[Finding]:
    """The address does not have the form that links a package."""
    found = _source(publication, context)
    problem = judge(found[1], context.linkable_hosts) if found else None
    if found is None or problem is None:
        return
    setting, value = found
    ours = context.identity.candidates if context.identity else ()
    if any(value.removesuffix("/").lower() == each.url.lower() for each in ours):
        # Kept on another server, and published to the registry there, whose rules we do not know.
        return
    known = problem.suggestion or (context.linkable.url if context.linkable else "https://github.com/OWNER/REPO")
    help = f"write {known}"
    named = named_repository(value)
    if named and named.host not in _PUBLIC_HOSTS and not named.host.endswith(("github.com", "githubusercontent.com")):
        help += "; if the host is a GitHub Enterprise server, name it in `github-hosts` of the configuration"
    yield context.finding(
        setting.locate(problem.start, problem.end),
        f"the address of the source {problem.reason}",
        label="not the address of a repository" if problem.end - problem.start == len(value) else "",
        help=help,
        source=setting.source,
        fix=_link(setting, problem.suggestion, context),
    )


def _link(setting: Setting, suggestion: str, context: Context) -> Fix | None:
    """The address as it must be written, where it is one of this repository; else, unsafe, that of the repository."""
    if suggestion and value_fits(setting.key, suggestion, context):
        return rewrite_value(setting, suggestion, safe=True)
    ours = context.linkable
    return rewrite_value(setting, ours.url, safe=False) if ours and not suggestion else None


def source_mismatch(publication: Publication, context: Context) -> Iterator[Finding]:
    """The address is that of another repository."""
    found = _source(publication, context)
    named = named_repository(found[1]) if found and context.identity else None
    # An address on another host links nothing, and source-not-a-repository speaks of it.
    if found is None or named is None or named.host not in context.linkable_hosts:
        return
    identity, ours = context.identity, context.linkable
    if identity is None or ours is None or identity.includes(named):
        return
    setting, value = found
    name = f"{named.owner}/{named.name}"
    ours_name = f"{ours.owner}/{ours.name}"
    start = value.find(name)
    if named.host != ours.host:
        name, ours_name = f"{named.host}/{name}", f"{ours.host}/{ours_name}"
    yield context.finding(
        setting.locate(start, start + len(f"{named.owner}/{named.name}")) if start >= 0 else setting.value_span,
        f"the label names the repository `{name}`, but this one is `{ours_name}`",
        label=f"{identity.origin} says {ours_name}",
        help=f"write {ours.url}, or name the right repository with `repository` in the configuration",
        source=setting.source,
        fix=rewrite_value(setting, ours.url, safe=False),
    )
