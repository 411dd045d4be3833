"""The licence label: an SPDX licence expression of limited length."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imglint.checks.context import Context
from imglint.checks.labels.mending import rewrite_value, value_fits
from imglint.checks.labels.text import find_placeholder, is_spaced_out, too_long
from imglint.finding import Finding, Related
from imglint.model.metadata import Setting
from imglint.model.publication import Publication
from imglint.syntax import spdx

_OUTDATED = frozenset(("deprecated", "not-a-license"))


def _licenses(publication: Publication, context: Context) -> Setting | None:
    label = publication.metadata.labels.get(context.profile.licenses_label)
    if label is None or not label.value or label.setting.default or is_spaced_out(label.setting):
        return None
    return label.setting


def licenses_too_long(publication: Publication, context: Context) -> Iterator[Finding]:
    """The expression has more characters than the page takes."""
    setting = _licenses(publication, context)
    if setting:
        yield from too_long(setting, context.profile.licenses_characters, "licence expression", context)


def invalid_license(publication: Publication, context: Context) -> Iterator[Finding]:
    """The value is not an SPDX licence expression."""
    yield from _judge(publication, context, lambda kind: kind not in spdx.ADVISORY and kind not in _OUTDATED)


def deprecated_license(publication: Publication, context: Context) -> Iterator[Finding]:
    """The value is an identifier SPDX has given up, or says that nobody knows."""
    yield from _judge(publication, context, lambda kind: kind in _OUTDATED)


def _judge(publication: Publication, context: Context, wanted: Callable[[str], bool]) -> Iterator[Finding]:
    setting = _licenses(publication, context)
    value = setting.value if setting else None
    if setting is None or not value or find_placeholder(value, context):
        return
    problems = [problem for problem in spdx.check(value) if wanted(problem.kind)]
    if not problems:
        return
    first, *others = problems
    mends = value_fits(setting.key, first.suggestion, context)
    help = f"write `{first.suggestion}`" if first.suggestion else "see the identifiers at https://spdx.org/licenses/"
    if first.suggestion and not first.certain:
        help += ", if that is what you mean"
    yield context.finding(
        setting.locate(first.start, first.end),
        first.message,
        help=help,
        related=[Related(setting.source, setting.locate(each.start, each.end), each.message) for each in others],
        source=setting.source,
        fix=rewrite_value(setting, first.suggestion, first.certain) if mends else None,
    )
