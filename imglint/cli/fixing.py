"""Mending what was found: `imglint check --fix` and `--diff`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Iterator, Mapping
from typing import NamedTuple, NoReturn

from imglint.cli.judging import Report, judge, render_chunks, tell
from imglint.cli.projects import ALL_KINDS, Group, projects
from imglint.cli.run import (
    STDIN,
    CommandError,
    Options,
    Run,
    discard_output,
    style_for_terminal,
    tell_failures,
    write,
)
from imglint.finding import Finding
from imglint.fix import MAX_ROUNDS, mend
from imglint.read.file import display
from imglint.report.escape import visible
from imglint.report.patch import patch, shown
from imglint.report.result import Result
from imglint.source import Source
from imglint.write import refusal, replace


class Mended(NamedTuple):
    """What a run of fixes comes to: the findings that are left, and every text before and after, by its path."""

    result: Result
    failed: bool
    findings: tuple[Finding, ...]
    texts: Mapping[str, tuple[str, str]]


class Files:
    """The files of a run that may be changed, by the paths that messages name them by."""

    def __init__(self, options: Options) -> None:
        self.stdin = STDIN in options.paths
        self.paths: dict[str, str] = {}
        self.originals: dict[str, Source] = {}
        self.current: dict[Source, None] = {}
        self._refusals: dict[str, str] = {}

    def noted(self, groups: Iterable[Group]) -> Iterator[Group]:
        """The groups as they are, with their inputs noted."""
        self.current = {}
        for group in groups:
            for item in group.inputs:
                self.originals.setdefault(item.source.path, item.source)
                self.paths[item.source.path] = STDIN if item.stdin else item.path
                self.current[item.source] = None
            yield group

    def refusal(self, path: str) -> str:
        """Why a file cannot be changed; empty when it can, as what comes from standard input always can."""
        if path not in self._refusals:
            opened = self.paths[path]
            self._refusals[path] = "" if opened == STDIN else refusal(opened)
        return self._refusals[path]

    def changeable(self, findings: Iterable[Finding]) -> list[Source]:
        """Those that fixes want to change, and that can be changed."""
        wanted = {edit.source for finding in findings if finding.fix for edit in finding.fix.edits}
        return [source for source in self.current if source in wanted and not self.refusal(source.path)]

    @property
    def refused(self) -> Iterator[tuple[str, str]]:
        """The files that fixes wanted to change and could not, each with the reason."""
        return ((path, reason) for path, reason in self._refusals.items() if reason)


def mend_in_rounds(run: Run, files: Files, unsafe: bool) -> Mended:
    """Judge, mend, and judge again until nothing is left to mend. No file is changed."""
    mended: list[Finding] = []
    for number in range(MAX_ROUNDS + 1):
        result, failed = judge(run, files.noted(projects(run)))
        wanted = [finding for finding in result.findings if finding.fix and (finding.fix.safe or unsafe)]
        done = mend(wanted, unsafe, files.changeable(wanted))
        if not done.texts or number == MAX_ROUNDS:
            break
        mended += done.mended
        run.texts.update({source.path: text for source, text in done.texts.items()})
    before = {path: files.originals[path].text for path in run.texts}
    texts = {path: (before[path], text) for path, text in sorted(run.texts.items()) if text != before[path]}
    return Mended(result, failed, tuple(mended), texts)


def fix_and_report(options: Options, wanted: Report, unsafe: bool) -> NoReturn:
    """Mend the files, report what is left, and end the process. What comes from `-` is printed as it is now."""
    run = Run(options, ALL_KINDS)
    files = Files(options)
    mended = mend_in_rounds(run, files, unsafe)
    written = list(_written(run, files, mended.texts))
    result = mended.result._replace(errors=tuple(run.failures))
    for path, reason in files.refused:
        _say(f"note: {display(path)} {reason}")
    if written:
        done = [finding for finding in mended.findings if finding.source.path in written]
        _say(f"Fixed {_counted(len(done), 'finding')} in {_counted(len(written), 'file')}.")
    if not files.stdin:
        tell(run, result, mended.failed, wanted)
    original = next((path for path, opened in files.paths.items() if opened == STDIN), None)
    if original is not None:
        _write_exactly(run.texts.get(original, files.originals[original].text))
    if wanted.output:
        tell(run, result, mended.failed, wanted)
    for chunk in render_chunks(result, wanted, plain=True):
        sys.stderr.buffer.write(chunk.encode())
    sys.stderr.flush()
    run.finish(mended.failed)


def _written(run: Run, files: Files, texts: Mapping[str, tuple[str, str]]) -> Iterator[str]:
    """Write what has changed; yields the paths of the files that are now as they should be."""
    for path, (before, after) in texts.items():
        opened = files.paths[path]
        reason = "" if opened == STDIN else replace(opened, _bytes(before), _bytes(after))
        if reason:
            run.fail(path, reason)
        else:
            yield path


def diff_and_exit(options: Options, unsafe: bool) -> NoReturn:
    """Print what fixing would change as a patch, change nothing, and end the process: with 1 if there is any."""
    run = Run(options, ALL_KINDS)
    files = Files(options)
    texts = mend_in_rounds(run, files, unsafe).texts
    print_patch(texts)
    for path, reason in files.refused:
        _say(f"note: {display(path)} {reason}")
    tell_failures(run.failures)
    run.finish(findings=bool(texts))


def print_patch(texts: Mapping[str, tuple[str, str]]) -> None:
    """Print the changes of files: exact bytes for programs, and what can be shown on a terminal."""
    for path, (before, after) in texts.items():
        relative = display(os.path.relpath(path)) if os.path.isabs(path) else path.removeprefix("./")
        lines = patch(relative, before, after)
        if sys.stdout.isatty():
            write(shown(lines, style_for_terminal()))
        else:
            _write_exactly("".join(lines))


def require_purpose(fix: bool, diff: bool, unsafe: bool) -> None:
    """Refuse flags that mean nothing together. Raises `CommandError`."""
    if fix and diff:
        raise CommandError("--fix changes files and --diff does not: give one of them")
    if unsafe and not (fix or diff):
        raise CommandError("--unsafe-fixes: goes with --fix, or with --diff to look at them first")


def _write_exactly(text: str) -> None:
    """Write text to standard output byte by byte as it was read."""
    try:
        sys.stdout.buffer.write(_bytes(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_output()


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _say(words: str) -> None:
    if sys.stderr is not None:
        sys.stderr.buffer.write(f"{visible(words)}\n".encode())
        sys.stderr.flush()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
