"""Several requests at once, none of which can hold up the process longer than the deadline."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Sequence
from typing import TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


def together(
    function: Callable[[Item], Result], items: Sequence[Item], threads: int, deadline: float
) -> list[Result | BaseException | None]:
    """What a function gives for each item, or what it raised; None for what is not done by the deadline.

    `deadline` is a time of `time.monotonic`. A server that sends a byte now and then keeps a read from ever timing
    out; such a thread is left behind, and ends with the process.
    """
    waiting: queue.SimpleQueue[int] = queue.SimpleQueue()
    for number in range(len(items)):
        waiting.put(number)
    results: list[Result | BaseException | None] = [None] * len(items)

    def work() -> None:
        while time.monotonic() < deadline:
            try:
                number = waiting.get_nowait()
            except queue.Empty:
                return
            try:
                results[number] = function(items[number])
            except BaseException as error:
                results[number] = error

    workers = [threading.Thread(target=work, daemon=True) for _ in range(min(threads, len(items)))]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join(max(deadline - time.monotonic(), 0))
    return results
