"""Judging again whenever a file has changed."""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Iterator
from typing import Final, NoReturn

from imglint.cli.judging import check
from imglint.cli.projects import ALL_KINDS
from imglint.cli.reporting import Report, write_reports
from imglint.cli.run import STDIN, CommandError, Options, Run, tell
from imglint.read.configfile import NAMES
from imglint.read.surroundings import surrounding
from imglint.report.summary import counted

INTERVAL: Final = 0.5
"""Seconds from one look at the files to the next, at least."""

_SHARE: Final = 10
"""How many times as long as looking takes nothing is done: a large tree must not cost a processor."""

_CLEARED: Final = "\x1b[H\x1b[2J\x1b[3J"

Snapshot = dict[str, tuple[int, int] | None]
"""When files changed last (in ns) and their sizes, by path; None for one that is not there."""


def watch(options: Options, wanted: Report, jobs: int | None) -> NoReturn:
    """Judge, and judge again when a file has changed, until somebody interrupts."""
    if STDIN in options.paths:
        raise CommandError("--watch: standard input cannot be watched")
    gc.enable()  # What is no trouble in one run is in many.
    while True:
        before = snapshot(options)
        if sys.stdout.isatty():
            sys.stdout.write(_CLEARED)
            sys.stdout.flush()
        try:
            run = Run(options, ALL_KINDS)
            write_reports(check(run, wanted.shows_pages, jobs)[0], wanted)
        except CommandError as error:
            tell(str(error))
        if sys.stderr is not None:
            sys.stderr.write(f"Watching {counted(sum(each is not None for each in before.values()), 'file')}.\n")
            sys.stderr.flush()
        _wait(options, before)


def _wait(options: Options, before: Snapshot) -> None:
    pause = INTERVAL
    while True:
        time.sleep(pause)
        begun = time.monotonic()
        if snapshot(options) != before:
            return
        pause = max(INTERVAL, (time.monotonic() - begun) * _SHARE)


def snapshot(options: Options) -> Snapshot:
    """The state of all files that a run would read, and of those that would change it if they were there."""
    try:
        return {path: _state(path) for path in _paths(options)}
    except CommandError:
        return {}


def _paths(options: Options) -> Iterator[str]:
    run = Run(options, ALL_KINDS)
    folders: dict[str, bool] = {}
    yield from options.paths
    for found, _, _ in run.found():
        yield found.path
        folder = os.path.dirname(found.path) or os.curdir
        folders[folder] = folders.get(folder, False) or found.named
    yield from (options.config,) if options.config else _configurations((*folders, os.curdir))
    yield from _around(run, [folder for folder, named in folders.items() if named])


def _around(run: Run, folders: list[str]) -> Iterator[str]:
    """What tells how the files in those directories are built."""
    for folder in folders:
        root = run.workspace.root(folder)
        if root is not None:
            inside = os.path.relpath(folder, root)
            for path in surrounding(root, () if inside == os.curdir else (inside,)):
                yield os.path.join(root, path)


def _configurations(folders: tuple[str, ...]) -> Iterator[str]:
    """Where the configuration of files in those directories may be, upwards."""
    seen: set[str] = set()
    for folder in folders:
        folder = os.path.abspath(folder)
        while folder not in seen:
            seen.add(folder)
            yield from (os.path.join(folder, name) for name in NAMES)
            folder = os.path.dirname(folder)


def _state(path: str) -> tuple[int, int] | None:
    try:
        found = os.stat(path)
    except OSError:
        return None
    return (found.st_mtime_ns, found.st_size)
