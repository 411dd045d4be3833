"""Which rules of a Makefile make a target, found without evaluating the names of all others."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from imglint.record import NamedTuple
from imglint.syntax.makefile import Makefile, Rule


class _Vague(NamedTuple):
    """A target with variables in its name: the number of its rule, and how the name begins and ends in any case."""

    rule: int
    written: str
    start: str
    end: str


class Index:
    """The names of the targets of a Makefile, as they are written; numbers are those of rules."""

    __slots__ = ("patterns", "plain", "rules", "vague")

    def __init__(self, read: Makefile) -> None:
        self.rules = read.rules
        self.plain: dict[str, list[int]] = {}
        self.patterns: list[tuple[str, int]] = []
        self.vague: list[_Vague] = []
        for number, rule in enumerate(read.rules):
            for name in rule.targets:
                if "$" in name:
                    end = name[max(map(name.rfind, ")}")) + 1 :]
                    self.vague.append(_Vague(number, name, name.partition("$")[0], "" if "$" in end else end))
                elif "%" in name:
                    self.patterns.append((name, number))
                else:
                    self.plain.setdefault(name, []).append(number)


class Rules:
    """The rules of a Makefile as a call sees them; `expand` gives the names that a written one stands for."""

    def __init__(self, index: Index, expand: Callable[[str, Rule], tuple[str, ...]]) -> None:
        self._index = index
        self._expand = expand
        self._expanded: dict[int, tuple[str, ...]] = {}

    def of(self, name: str) -> list[Rule]:
        """The rules that name a target, in order."""
        index = self._index
        numbers = set(index.plain.get(name, ()))
        for at, (number, _, start, end) in enumerate(index.vague):
            if name.startswith(start) and name.endswith(end) and name in self._names(at):
                numbers.add(number)
        return [index.rules[number] for number in sorted(numbers)]

    def matching(self, name: str) -> tuple[Rule, str] | None:
        """The first rule of which a pattern matches a target, and what its `%` stands for."""
        found = [(number, stem) for pattern, number in self._all_patterns() if (stem := _stem(pattern, name))]
        if not found:
            return None
        number, stem = min(found)
        return self._index.rules[number], stem

    def first(self, is_own: Callable[[str], object]) -> str:
        """The first target that is no pattern and no setting of make; empty when there is none."""
        vague = ((each.rule, name) for at, each in enumerate(self._index.vague) for name in self._names(at))
        plain = ((numbers[0], name) for name, numbers in self._index.plain.items())
        named = [(number, name) for number, name in (*plain, *vague) if "%" not in name and not is_own(name)]
        return min(named, key=lambda pair: pair[0])[1] if named else ""

    def _all_patterns(self) -> Iterator[tuple[str, int]]:
        yield from self._index.patterns
        for at, each in enumerate(self._index.vague):
            yield from ((name, each.rule) for name in self._names(at) if "%" in name)

    def _names(self, at: int) -> tuple[str, ...]:
        if at not in self._expanded:
            number, written, _, _ = self._index.vague[at]
            self._expanded[at] = self._expand(written, self._index.rules[number])
        return self._expanded[at]


def _stem(pattern: str, name: str) -> str:
    """What `%` stands for when a pattern matches a name; empty when it does not."""
    before, _, after = pattern.partition("%")
    matches = len(name) > len(pattern) - 1 and name.startswith(before) and name.endswith(after)
    return name[len(before) : len(name) - len(after)] if matches else ""
