"""The file of a baseline: read, told about, and written anew."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import NoReturn

from imglint.baseline import MAX_BYTES, Baseline, BaselineError, Entry, read, written
from imglint.cli.judging import judge
from imglint.cli.projects import projects
from imglint.cli.run import CommandError, Run, say, tell_failures
from imglint.read.file import UnreadableError, display, read_bytes
from imglint.report.summary import counted
from imglint.source import decode
from imglint.write import create


def load(path: str, must_exist: bool) -> Baseline:
    """The baseline in a file, or an empty one where there may be none yet. Raises `CommandError`."""
    entries: tuple[Entry, ...] = ()
    try:
        entries = read(decode(read_bytes(path, MAX_BYTES)))
    except UnreadableError as error:
        if must_exist or not error.missing:
            hint = "; --write-baseline makes one" if error.missing else ""
            raise CommandError(f"--baseline: {display(path)} {error.reason}{hint}") from None
    except BaselineError as error:
        raise CommandError(f"--baseline: {display(path)} {error}") from None
    return Baseline(entries, _path_from(os.path.dirname(os.path.abspath(path))))


def _path_from(folder: str) -> Callable[[str], str]:
    """What turns a path into that from a folder, with forward slashes: the same wherever imglint is called."""
    return lambda path: display(os.path.relpath(path, folder))


def tell_gone(baseline: Baseline, path: str) -> None:
    """Say which entries nothing corresponds to any more."""
    gone = _gone(baseline, path)
    if gone:
        rules = ", ".join(dict.fromkeys(entry.rule for entry in gone))
        what, them = ("finding is", "it") if len(gone) == 1 else ("findings are", "them")
        say(f"note: {len(gone)} {what} gone ({rules}): --write-baseline takes {them} out of {display(path)}")


def write_baseline(run: Run, path: str) -> NoReturn:
    """Judge, write the baseline as it is to be from now on, and end the process."""
    baseline = run.baseline or Baseline(())
    judge(run, projects(run))
    gone = _gone(baseline, path)
    entries = baseline.renewed(gone)
    reason = create(path, written(entries).encode())
    if reason:
        raise CommandError(f"{display(path)} {reason}")
    new = len(set(entries) - baseline.entries)
    say(f"{display(path)} has {counted(len(entries), 'finding')} now: {new} new, {len(gone)} gone.")
    tell_failures(run.failures)
    run.finish(findings=False)


def _gone(baseline: Baseline, path: str) -> tuple[Entry, ...]:
    folder = os.path.dirname(os.path.abspath(path))
    return baseline.gone(lambda name: os.path.lexists(os.path.join(folder, name)))
