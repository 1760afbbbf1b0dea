"""End the program in good order, once, when a signal asks for it."""

import contextlib
import gc
import os
import signal
import sys
import threading
import time
from types import FrameType
from typing import Any, NoReturn, Self

TIDYING_S = 2.0
"""How long further signals change nothing, so that what is tidied up is not interrupted as well."""
_ENDING = ("SIGINT", "SIGTERM")


class Stop:
    """Turn signals into KeyboardInterrupt in the main thread, for the time of a block.

    While the program tidies up after the first, more of them change nothing. A signal that it was
    started to ignore, as `nohup` and shells do for background jobs, stays ignored.
    """

    def __init__(self) -> None:
        self.raised: KeyboardInterrupt | None = None
        """What the last signal raised; None if there was none."""
        self._exit_code = 128 + signal.SIGINT
        self._tidy_at = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            there = (name for name in _ENDING if hasattr(signal, name))
            for number in (getattr(signal, name) for name in there):
                if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
                    self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def leave(self) -> NoReturn:
        """Exit with the code that shells give to a program that a signal has ended.

        Past the interpreter's own end: it can crash while threads are still running, and it
        reports SIGINT, whatever we say, when the interrupt came within an `exec`.
        """
        self.raised = None
        gc.collect()  # blocks that were just being entered when the interrupt came are left now
        for stream in (sys.stdout, sys.stderr):
            with contextlib.suppress(OSError, ValueError, AttributeError):
                stream.flush()
        os._exit(self._exit_code)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now < self._tidy_at:
            return
        self._tidy_at = now + TIDYING_S
        self._exit_code = 128 + number
        self.raised = KeyboardInterrupt()
        raise self.raised
