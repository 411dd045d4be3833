"""Mending what was found: `imglint check --fix` and `--diff`."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from typing import NoReturn

from imglint.cli.judging import Report, render_chunks, tell
from imglint.cli.mender import Mender
from imglint.cli.projects import ALL_KINDS
from imglint.cli.run import STDIN, CommandError, Options, Run, discard_output, style_for_terminal, tell_failures, write
from imglint.read.file import display
from imglint.report.escape import visible
from imglint.report.patch import patch, shown
from imglint.source import encode
from imglint.write import replace


def fix_and_report(options: Options, wanted: Report, unsafe: bool) -> NoReturn:
    """Mend the files, report what is left, and end the process. What comes from `-` is printed as it is now."""
    run = Run(options, ALL_KINDS)
    mender = Mender(run, unsafe)
    mender.mend()
    written = list(_written(run, mender))
    result = mender.result._replace(errors=tuple(run.failures))
    _tell_refused(mender)
    if written:
        done = [finding for finding in mender.mended if finding.source.path in written]
        say(f"Fixed {_counted(len(done), 'finding')} in {_counted(len(written), 'file')}.")
    stdin = next((path for path, opened in mender.files.paths.items() if opened == STDIN), None)
    if stdin is None:
        tell(run, result, mender.failed, wanted)
    write_exactly(run.texts.get(stdin, mender.files.originals[stdin].text))
    if wanted.output:
        tell(run, result, mender.failed, wanted)
    say("".join(render_chunks(result, wanted, plain=True)).rstrip("\n"))
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


def diff_and_exit(options: Options, unsafe: bool) -> NoReturn:
    """Print what fixing would change as a patch, change nothing, and end the process: with 1 if there is any."""
    run = Run(options, ALL_KINDS)
    mender = Mender(run, unsafe)
    mender.mend()
    print_patch(mender.texts)
    _tell_refused(mender)
    tell_failures(run.failures)
    run.finish(findings=bool(mender.texts))


def _tell_refused(mender: Mender) -> None:
    """Say which files and which fixes were left alone, and why."""
    for path, reason in mender.files.refused:
        say(f"note: {path} {reason}")
    for rule, path in sorted({(rule, path) for rule, path, *_ in mender.harmful}):
        say(f"note: {path}: a fix of {rule} is left to you, since it would bring up something else")


def print_patch(texts: Mapping[str, tuple[str, str]]) -> None:
    """Print the changes of files: exact bytes for programs, and what can be shown on a terminal."""
    for path, (before, after) in texts.items():
        relative = display(os.path.relpath(path)) if os.path.isabs(path) else path.removeprefix("./")
        lines = patch(relative, before, after)
        if sys.stdout.isatty():
            write(shown(lines, style_for_terminal()))
        else:
            write_exactly("".join(lines))


def require_purpose(fix: bool, diff: bool, unsafe: bool) -> None:
    """Refuse flags that mean nothing together. Raises `CommandError`."""
    if fix and diff:
        raise CommandError("--fix changes files and --diff does not: give one of them")
    if unsafe and not (fix or diff):
        raise CommandError("--unsafe-fixes: goes with --fix, or with --diff to look at them first")


def write_exactly(text: str) -> None:
    """Write text to standard output byte by byte as it was read."""
    try:
        sys.stdout.buffer.write(encode(text))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        discard_output()


def say(words: str) -> None:
    """Print what is for a person on standard error."""
    if sys.stderr is not None:
        sys.stderr.buffer.write("".join(f"{visible(line)}\n" for line in words.split("\n")).encode())
        sys.stderr.flush()


def _counted(count: int, noun: str) -> str:
    return f"{count} {noun}" if count == 1 else f"{count} {noun}s"
