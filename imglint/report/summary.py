"""The sum of a run in one sentence."""

from __future__ import annotations

from collections.abc import Sequence

from imglint.finding import Severity
from imglint.report.result import Result

_WORDS = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.INFO: "note"}


def summary(result: Result, emphasis: str = "", good: str = "", off: str = "") -> str:
    """What was found in what; `emphasis`, `good` and `off` are put around the words that say how it went."""
    if result.findings:
        counts = {severity: result.count(severity) for severity in _WORDS}
        found = _listed([counted(count, _WORDS[severity]) for severity, count in counts.items() if count])
        text = f"{emphasis}Found {found}{off} in {_files(result)}"
    elif result.files:
        text = f"{good}No problems{off} in {counted(result.files, result.noun)}"
    else:
        text = f"No {result.noun}s were judged"
    if result.suppressed:
        text += f" ({len(result.suppressed)} suppressed)"
    if result.errors:
        text += f"; {counted(len(result.errors), 'input')} could not be judged"
    return text + "."


def remedies(result: Result) -> str:
    """What the flags for fixes would do; empty when they would do nothing."""
    safe = sum(finding.fix is not None and finding.fix.safe for finding in result.findings)
    unsafe = sum(finding.fix is not None and not finding.fix.safe for finding in result.findings)
    if not safe and not unsafe:
        return ""
    flag = "--fix" if safe else "--fix --unsafe-fixes"
    mended = safe or unsafe
    which = ("it" if mended == 1 else "all of them") if mended == len(result.findings) else f"{mended} of them"
    more = f", and with --unsafe-fixes {unsafe} more" if safe and unsafe else ""
    return f"{flag} mends {which}{more}."


def counted(count: int, noun: str) -> str:
    """A number with its noun."""
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"


def _files(result: Result) -> str:
    """How many of the files have findings."""
    touched = len({finding.source.path for finding in result.findings})
    noun = result.noun
    return f"{touched} of {result.files} {noun}s" if touched < result.files else counted(touched, noun)


def _listed(words: Sequence[str]) -> str:
    return " and ".join(part for part in (", ".join(words[:-1]), words[-1]) if part)
