"""What comments silence in one file, and which of them silence nothing."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final

from imglint.catalog import Catalog, UnknownRuleError
from imglint.checks.suppressions import Unused
from imglint.finding import COMMENT, Edit, Finding, Fix, Silenced
from imglint.model.suppression import BUILDKIT, Name, Suppression
from imglint.record import NamedTuple
from imglint.source import BOM, Span

UNUSED = "unused-suppression"
"""The rule that judges the comments themselves."""


MAX_LINE: Final = 1_000
"""Characters of the next line that are looked at."""


class _Meaning(NamedTuple):
    """The rules that a name in a comment stands for, and what is wrong with it when there are none."""

    rules: frozenset[str] = frozenset()
    problem: str = ""


class Silencer:
    """The comments of one file at work. It remembers what they silenced, and which of the names in them did."""

    def __init__(self, comments: tuple[Suppression, ...], catalog: Catalog) -> None:
        self._comments = comments
        self._catalog = catalog
        self._meanings: dict[tuple[str, str], _Meaning] = {}
        self.silenced: list[Silenced] = []
        self._used: set[Span] = set()
        # By scope and rule, the places of the names that silence it there, and the comments that they stand in.
        self._names: dict[Span, dict[str, list[tuple[Span, Suppression]]]] = {}
        for comment in comments:
            rules = self._names.setdefault(comment.scope, {})
            for name in comment.names:
                for rule in self._meaning(name.text, comment.tool).rules:
                    rules.setdefault(rule, []).append((name.span, comment))

    def heard(self, findings: Iterable[Finding]) -> list[Finding]:
        """The findings that no comment silences, ordered by where they begin."""
        scopes = sorted(self._names, reverse=True)
        around: list[Span] = []
        heard: list[Finding] = []
        for finding in sorted(findings, key=lambda finding: finding.span.start):
            place = finding.span.start
            while scopes and scopes[-1].start <= place:
                around.append(scopes.pop())
            around = [scope for scope in around if place < scope.end]
            matching = [names for scope in around if (names := self._names[scope].get(finding.rule)) is not None]
            for names in matching:
                self._used.update(span for span, _ in names)
                del names[1:]  # Used once is used; the next finding need not go through them again.
            if matching:
                self.silenced.append(Silenced(finding, COMMENT, matching[0][0][1].reason))
            else:
                heard.append(finding)
        return heard

    def unused(self, active: frozenset[str]) -> Iterator[Unused]:
        """Our comments, or the names in them, that silenced nothing although their rules were switched on."""
        for comment in self._comments:
            if comment.tool:
                continue
            if not comment.names:
                reason = "this comment names no rule, so it silences nothing"
                yield Unused(comment.source, comment.comment, reason, "write `# imglint: ignore[rule] reason`")
            for name in comment.names:
                rules, problem = self._meaning(name.text, comment.tool)
                if problem:
                    yield Unused(comment.source, name.span, problem, "name a rule of `imglint rules`")
                elif name.span not in self._used and rules & active and rules != {UNUSED}:
                    reason = f"`{name.text}` finds nothing here, so there is nothing to silence"
                    yield Unused(
                        comment.source, name.span, reason, "remove it from the comment", removal(comment, name)
                    )

    def _meaning(self, name: str, tool: str) -> _Meaning:
        key = (name, tool)
        if key not in self._meanings:
            self._meanings[key] = self._foreign(name, tool) if tool else self._own(name)
        return self._meanings[key]

    def _own(self, name: str) -> _Meaning:
        try:
            return _Meaning(self._catalog.select((name,)))
        except UnknownRuleError as error:
            return _Meaning(problem=str(error))

    def _foreign(self, name: str, tool: str) -> _Meaning:
        if tool == BUILDKIT and name == "all":
            return _Meaning(frozenset(rule.name for rule in self._catalog.rules() if BUILDKIT in rule.aliases))
        return _Meaning(self._catalog.aliased(name))


_DIRECTIVE: Final = r"\s*#\s*[A-Za-z][A-Za-z0-9]*\s*="
"""What would become a directive of a Dockerfile if no comment stood before it."""


def removal(comment: Suppression, name: Name) -> Fix | None:
    """Take a name out of a comment, and the last one with the comment, its reason and, if it is alone, its line."""
    source = comment.source
    if len(comment.names) > 1:
        at = comment.names.index(name)
        start, end = name.span
        if at:
            start = comment.names[at - 1].span.end
        else:
            end = comment.names[1].span.start
        return Fix(f"remove `{name.text}`", (Edit(source, Span(start, end), ""),), safe=True)
    text = source.text
    start, end = comment.comment
    before = text[:start].rpartition("\n")[2]
    if before.strip(" \t\ufeff"):
        start = len(text[:start].rstrip(" \t"))
        end -= text[start:end].endswith("\r")
    else:
        start -= len(before.removeprefix(BOM))
        end = text.find("\n", end) + 1 or len(text)
        if re.match(_DIRECTIVE, text[end : end + MAX_LINE]):
            return None
    return Fix("remove the comment", (Edit(source, Span(start, end), ""),), safe=True)
