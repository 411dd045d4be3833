"""What `imglint check` does besides judging: mending, silencing, and the baseline."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from typing import NoReturn

from imglint.cli.judging import check
from imglint.cli.mender import Mender
from imglint.cli.projects import ALL_KINDS
from imglint.cli.reporting import Report, tell, write_reports
from imglint.cli.run import (
    STDIN,
    CommandError,
    Options,
    Run,
    discard_output,
    say,
    style_for_terminal,
    tell_failures,
    write,
)
from imglint.finding import Finding
from imglint.model.kind import Kind
from imglint.read.file import display
from imglint.record import NamedTuple
from imglint.report.patch import patch, shown
from imglint.report.summary import counted
from imglint.source import encode
from imglint.syntax.secrets import tokens
from imglint.write import replace


class Wishes(NamedTuple):
    """What is to be done besides judging; fields as the flags of `imglint check`."""

    fix: bool = False
    unsafe_fixes: bool = False
    diff: bool = False
    add_ignore: str | None = None
    baseline: str | None = None
    write_baseline: bool = False
    watch: bool = False

    def check(self) -> None:
        """Raise `CommandError` for flags that mean nothing together."""
        if self.watch:
            raise CommandError("--watch: judges again and again, and does nothing besides")
        if self.fix and self.diff:
            raise CommandError("--fix changes files and --diff does not: give one of them")
        if self.unsafe_fixes and not (self.fix or self.diff):
            raise CommandError("--unsafe-fixes: goes with --fix, or with --diff to look at them first")
        if self.add_ignore is not None and (self.fix or self.write_baseline):
            raise CommandError("--add-ignore: silences what --fix would mend: call imglint for one after the other")
        if self.write_baseline and (self.fix or self.diff):
            raise CommandError("--write-baseline: goes neither with --fix nor with --diff")
        if self.write_baseline and not self.baseline:
            raise CommandError("--write-baseline: name the file with --baseline")


def carry_out(options: Options, report: Report, wishes: Wishes, jobs: int | None = None) -> NoReturn:
    """Judge, do what is wished, report, and end the process."""
    wishes.check()
    run = Run(options, ALL_KINDS)
    if wishes.baseline:
        from imglint.cli.baseline import load, tell_gone, write_baseline

        run.baseline = load(wishes.baseline, must_exist=not wishes.write_baseline)
        if wishes.write_baseline:
            write_baseline(run, wishes.baseline)
    if not (wishes.fix or wishes.diff or wishes.add_ignore is not None):
        result, failed = check(run, report.shows_pages, jobs)
        if run.baseline is not None and wishes.baseline:
            tell_gone(run.baseline, wishes.baseline)
        tell(run, result._replace(mendable=True), failed, report)
    mender = Mender(run, wishes.unsafe_fixes) if wishes.add_ignore is None else _silencer(run, wishes.add_ignore)
    mender.mend()
    if wishes.diff:
        print_patch(run, mender.texts)
        _tell_refused(mender)
        tell_failures(run.failures)
        run.finish(findings=bool(mender.texts))
    _write_and_report(run, mender, report, "Fixed" if wishes.add_ignore is None else "Silenced")


def _silencer(run: Run, reason: str) -> Mender:
    """What "mends" by comments that silence."""
    from imglint.suppress import silenced

    def fixes(findings: Sequence[Finding]) -> Sequence[Finding]:
        dockerfiles = [source for source, kind in mender.files.current.items() if kind is Kind.DOCKERFILE]
        return silenced(findings, reason, dockerfiles)

    mender = Mender(run, unsafe=False, fixes=fixes)
    return mender


def _write_and_report(run: Run, mender: Mender, report: Report, done: str) -> NoReturn:
    """Write the files, and report what is left. What comes from `-` is printed as it is now."""
    written = list(_written(run, mender))
    result = mender.result._replace(errors=tuple(run.failures), mendable=True)
    _tell_refused(mender)
    if written:
        count = sum(finding.source.path in written for finding in mender.mended)
        say(f"{done} {counted(count, 'finding')} in {counted(len(written), 'file')}.")
    stdin = next((path for path, opened in mender.files.paths.items() if opened == STDIN), None)
    if stdin is None:
        tell(run, result, mender.failed, report)
    write_exactly(run.texts.get(stdin, mender.files.originals[stdin].text))
    write_reports(result, report, lambda chunks: say("".join(chunks).rstrip("\n")))
    run.finish(mender.failed)


def _written(run: Run, mender: Mender) -> Iterator[str]:
    """Write what has changed; yields the paths of the files that are now as they should be."""
    for path, (before, after) in mender.texts.items():
        opened = mender.files.paths[path]
        reason = "" if opened == STDIN else replace(opened, encode(before), encode(after))
        if reason:
            run.fail(path, reason)
        else:
            yield path


def _tell_refused(mender: Mender) -> None:
    """Say which files and which fixes were left alone, and why."""
    for path, reason in mender.files.refused:
        say(f"note: {path} {reason}")
    for rule, path in sorted({(rule, path) for rule, path, *_ in mender.harmful}):
        say(f"note: {path}: a fix of {rule} is left to you, since it would bring up something else")


def print_patch(run: Run, texts: Mapping[str, tuple[str, str]]) -> None:
    """Print the changes of files: exact bytes for programs, and what can be shown on a terminal.

    A patch with stars for a token would not apply, and one with the token would tell it: there is none.
    """
    for path, (before, after) in texts.items():
        relative = display(os.path.relpath(path)) if os.path.isabs(path) else path.removeprefix("./")
        lines = patch(relative, before, after)
        if sys.stdout.isatty():
            write(shown(lines, style_for_terminal()))
        elif tokens(text := "".join(lines)):
            run.fail(path, "has a token near a change, and a patch would show it: take it out, or use --fix")
        else:
            write_exactly(text)


def write_exactly(text: str) -> None:
    """Write text to standard output byte by byte as it was read."""
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_output()
