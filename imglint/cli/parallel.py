"""Judging the projects of a run in several processes, with the same outcome."""

from __future__ import annotations

import gc
import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, TypeVar

from imglint.workspace import Group

if TYPE_CHECKING:
    from multiprocessing.connection import Connection
    from multiprocessing.sharedctypes import Synchronized

T = TypeVar("T")

WORTH_IT: Final = 1_000_000
"""Characters of all projects together from which further processes save more than they cost.

Starting two took 0.1 s where judging so much took 0.8 s, measured on two processors and 184 public repositories.
"""

LEFT_BEHIND: Final = 3_000_000
"""Characters of the projects that may be judged before what is left of them is freed: a short run ends before."""

MAX_JOBS: Final = 64


def outcomes(groups: list[Group], judge: Callable[[Group], T], jobs: int | None) -> Iterator[T]:
    """What `judge` makes of projects, in their order. `jobs` is how many processes do it; None chooses.

    In one process, the list is emptied: each project is let go before the next is read.
    """
    count = min(_worthwhile(groups) if jobs is None else jobs, len(groups), MAX_JOBS)
    if count > 1 and hasattr(os, "fork"):
        yield from _shared_out(groups, judge, count)
        return
    groups.reverse()
    cleaner = _Cleaner()
    while groups:
        cleaner.count(_size(groups[-1]))
        yield judge(groups.pop())


class _Cleaner:
    """Frees what projects leave behind now and then: parts of them refer to one another."""

    def __init__(self) -> None:
        self.left = 0

    def count(self, size: int) -> None:
        """A project of so many characters is judged next."""
        self.left += size
        if self.left > LEFT_BEHIND:
            gc.collect(0)  # It looks at what is new since the last time only.
            self.left = 0


def _worthwhile(groups: Sequence[Group]) -> int:
    """How many processes pay off."""
    if len(groups) < 2 or sum(map(_size, groups)) < WORTH_IT:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _size(group: Group) -> int:
    """The characters of a project, what is only read around the files that were named included."""
    return sum(len(file.source.text) for file in group.project.files)


def _shared_out(groups: list[Group], judge: Callable[[Group], T], count: int) -> Iterator[T]:
    """Each process takes the largest project that no other has taken. What one fails to judge is judged here."""
    from multiprocessing import get_context
    from multiprocessing.connection import Connection, wait

    # Forked processes have all projects without anything being sent to them; nothing here has threads.
    context = get_context("fork")
    order = sorted(range(len(groups)), key=lambda number: -_size(groups[number]))
    taken = context.Value("i", 0)
    readers: list[Connection] = []
    for _ in range(count):
        reader, writer = context.Pipe(duplex=False)
        context.Process(target=_work, args=(groups, judge, order, taken, writer), daemon=True).start()
        writer.close()
        readers.append(reader)
    done: dict[int, T] = {}
    following = 0
    while readers:
        for ready in wait(readers):
            assert isinstance(ready, Connection)
            try:
                index, outcome = ready.recv()
                done[index] = outcome
            except EOFError:
                readers.remove(ready)
        while following in done:
            yield done.pop(following)
            following += 1
    for number in range(following, len(groups)):
        yield done[number] if number in done else judge(groups[number])


def _work(
    groups: list[Group],
    judge: Callable[[Group], object],
    order: Sequence[int],
    taken: Synchronized[int],
    writer: Connection,
) -> None:
    """Judge projects until none is left. Whatever goes wrong here is met again by who started us."""
    todo = dict(enumerate(groups))
    groups.clear()  # In this process alone: who called us still has the list, and each project is to be let go.
    cleaner = _Cleaner()
    try:
        while True:
            with taken.get_lock():
                place = taken.value
                taken.value += 1
            if place >= len(order):
                break
            number = order[place]
            cleaner.count(_size(todo[number]))
            writer.send((number, judge(todo.pop(number))))
    except BaseException:
        os._exit(1)
    finally:
        writer.close()
