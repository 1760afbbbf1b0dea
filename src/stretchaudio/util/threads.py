"""Run threads for the time of a block, and call them off when it is interrupted."""

import contextlib
import math
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future
from functools import partial
from itertools import islice
from queue import Empty, SimpleQueue
from threading import Thread
from types import TracebackType
from typing import Self, TypeVar

CALLED_OFF_S = 0.15
"""An interrupted block's wait for its threads, once all that they wait for has ended."""
# On Windows, an interrupt is noticed only between two waits.
_LOOK_S = 0.2
_Item = TypeVar("_Item")
_Made = TypeVar("_Made")
_Thing = TypeVar("_Thing")


class Threads:
    """Run tasks in threads; the end of the block waits for those that are under way.

    When the block ends with an interrupt, `call_off` ends what the threads are waiting for. Only
    then are they joined, for a short while: a thread that is stuck all the same, such as in a
    question to a network, is left behind. As a daemon it does not hold up the end of the program.

    Args:
        call_off: Ends what threads wait for, such as helpers; it may be called more than once.
    """

    def __init__(self, call_off: Callable[[], None] = lambda: None) -> None:
        self._call_off = call_off
        self._threads: list[Thread] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        interrupted = kind is not None and not issubclass(kind, Exception)
        try:
            if not interrupted:
                interrupted = True  # unless the waiting comes to its end
                self._join(math.inf)
                interrupted = False
        finally:
            if interrupted:
                self._call_off()
                self._join(CALLED_OFF_S)

    def start(self, task: Callable[[], _Made]) -> "Future[_Made]":
        """Run a task in a thread of its own."""
        future: Future[_Made] = Future()

        def run() -> None:
            try:
                made = task()
            except BaseException as error:  # noqa: BLE001 - raised again with the result
                future.set_exception(error)
            else:
                future.set_result(made)

        thread = Thread(target=run, daemon=True)
        self._threads = [*filter(Thread.is_alive, self._threads), thread]
        thread.start()
        return future

    def each(
        self, task: Callable[[_Item], _Made], items: Iterable[_Item], *, at_once: int
    ) -> Iterator[tuple[_Item, "Future[_Made]"]]:
        """Run a task for each item, in any order; items are drawn only when a thread is free.

        Args:
            task: Takes an item and returns its result.
            items: The items, drawn one by one.
            at_once: The most tasks that are under way at a time.

        Yields:
            Each item with its result, in the order in which they are ready.
        """
        # Not `concurrent.futures.wait`: an interrupt in it can leave a future locked for ever.
        ended: SimpleQueue[tuple[_Item, Future[_Made]]] = SimpleQueue()

        def begin(item: _Item) -> None:
            future = self.start(partial(task, item))
            future.add_done_callback(lambda future: ended.put((item, future)))

        waiting = iter(items)
        under_way = 0
        for item in islice(waiting, at_once):
            begin(item)
            under_way += 1
        while under_way:
            done = _next(ended)
            under_way -= 1
            for item in islice(waiting, 1):
                begin(item)
                under_way += 1
            yield done

    def in_order(
        self, task: Callable[[_Item], _Made], items: Iterable[_Item], *, at_once: int
    ) -> Iterator[_Made]:
        """Run a task for each item as `each` does, and yield the results in the items' order."""
        ready: dict[int, Future[_Made]] = {}
        now = 0
        numbered = self.each(lambda one: task(one[1]), enumerate(items), at_once=at_once)
        for (number, _), future in numbered:
            ready[number] = future
            while now in ready:
                yield ready.pop(now).result()
                now += 1

    def _join(self, within_s: float) -> None:
        deadline = time.monotonic() + within_s
        for thread in self._threads:
            while thread.is_alive() and (left_s := deadline - time.monotonic()) > 0:
                thread.join(min(_LOOK_S, left_s))


def _next(ended: "SimpleQueue[_Thing]") -> _Thing:
    while True:
        with contextlib.suppress(Empty):
            return ended.get(timeout=_LOOK_S)
