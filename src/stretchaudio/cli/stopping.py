"""Signals that ask the program to end: it does, once and in good order."""

import signal
import threading
import time
from types import FrameType
from typing import Any, Self

TIDYING_S = 2.0
"""How long further signals change nothing, so that what is tidied up is not interrupted as well."""
_ENDING = ("SIGINT", "SIGTERM")


class Stop:
    """Raise KeyboardInterrupt in the main thread at the first signal, for the time of a block.

    A signal that whoever started the program has it ignore, as `nohup` and shells do, stays ignored.
    """

    def __init__(self) -> None:
        self.raised: KeyboardInterrupt | None = None
        """What the last signal raised; None if there was none."""
        self.exit_code = 128 + signal.SIGINT
        """What shells give to a program that a signal has ended."""
        self._tidy_at = 0.0
        self._before: dict[signal.Signals, Any] = {}

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (getattr(signal, name) for name in _ENDING):
                if signal.getsignal(number) in {signal.SIG_DFL, signal.default_int_handler}:
                    self._before[number] = signal.signal(number, self._stop)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            # A program that was stopped is as good as over; one more signal would spoil its exit code.
            signal.signal(number, handler if self.raised is None else signal.SIG_IGN)

    def _stop(self, number: int, _frame: FrameType | None) -> None:
        now = time.monotonic()
        if now < self._tidy_at:
            return
        self._tidy_at = now + TIDYING_S
        self.exit_code = 128 + number
        self.raised = KeyboardInterrupt()
        raise self.raised
