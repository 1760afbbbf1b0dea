"""Have requests answered by helper processes of our own, several at a time.

A helper is a module that calls `serve`. It runs apart from the caller's terminal, so Ctrl-C does
not reach it. It ends when its input does, so it never outlives the caller, however that ended.
"""

import contextlib
import os
import pickle
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from queue import SimpleQueue
from typing import IO, Any, Self

from stretchaudio.errors import HelperError, StretchaudioError

_LENGTH = struct.Struct("<I")
_GREETING = b"stretchaudio helper is ready\n"
_GRACE_S = 1.0
"""Time that a helper has to end once it has closed its output."""
ANSWER_S = 600.0
"""Time that a helper has for an answer; the longest, measuring hours of music, takes a minute."""
_TIP = "Run it again; what was made is kept. If memory ran out, use --jobs 1."


@dataclass(slots=True, eq=False)
class _Helper:
    """One process; only its taker may use its pipes."""

    process: "subprocess.Popen[bytes]"
    greeted: bool = False

    def exchange(self, request: object) -> tuple[bool, Any]:
        """Send a request and wait for its reply."""
        requests, replies = self.process.stdin, self.process.stdout
        if requests is None or replies is None:  # both are pipes, which mypy cannot know
            raise EOFError
        if not self.greeted:
            # What a site's own start-up code prints comes before the greeting, and is passed over.
            self.greeted = any(line == _GREETING for line in iter(replies.readline, b""))
        _send(requests, request)
        ok, value = _receive(replies)
        return ok, value

    def close_pipes(self) -> None:
        """Close its input and output."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe:
                with contextlib.suppress(OSError):
                    pipe.close()

    def exit_code(self) -> int:
        """Wait for a process that has stopped answering, ending it if need be."""
        try:
            return self.process.wait(_GRACE_S)
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.wait()


class _TimeLimit:
    """Ends a helper that does not answer during a block, and with it all waiting for it.

    Pipes themselves have no time limit on every system.
    """

    def __init__(self, helper: _Helper) -> None:
        self._process = helper.process
        self._timer = threading.Timer(ANSWER_S, self._end)
        self._timer.daemon = True
        self.is_over = False

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    def _end(self) -> None:
        self.is_over = True
        self._process.kill()


class Workers:
    """A few processes that run one module, each started when it is first needed.

    Args:
        module: The module's full name; its `__main__` part calls `serve`.
        jobs: The most processes to start.
        together: Whether all are started with the first: quicker when all will be needed.
    """

    def __init__(self, module: str, *, jobs: int, together: bool = False) -> None:
        self._module = module
        self._together = together
        # More than there are cores would only wait for each other.
        self._most = min(jobs, os.cpu_count() or 1)
        self._changed = threading.Condition()
        self._all: list[_Helper] = []
        self._free: list[_Helper] = []
        self._closed = False

    def call(self, request: object) -> Any:
        """Have a request answered; waits for a free process. Safe to call from several threads.

        Raises:
            StretchaudioError: What the helper raised.
            HelperError: If the helper crashed, or `close` was called.
        """
        helper = self._take()
        answered = False
        limit = _TimeLimit(helper)
        try:
            with limit:
                ok, value = helper.exchange(request)
            answered = not limit.is_over
        except (OSError, EOFError, pickle.UnpicklingError):
            raise self._failure(helper, limit) from None
        finally:
            self._give_back(helper, answered=answered)
        if not ok:
            raise value
        return value

    def _failure(self, helper: _Helper, limit: "_TimeLimit") -> HelperError:
        if limit.is_over:
            what = f"did not answer within {ANSWER_S:g} s"
        else:
            what = f"stopped unexpectedly (exit code {helper.exit_code()})"
        return HelperError(f"The helper {self._module} {what}.", hint=_TIP)

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called, so that no request is answered any more."""
        return self._closed

    def close(self) -> None:
        """End all processes, busy ones too; pending and later calls get an error."""
        with self._changed:
            self._closed = True
            free, self._free = self._free, []
            helpers, self._all = self._all, []
            self._changed.notify_all()
        # All are killed before the first is waited for; they keep nothing that could be lost.
        for helper in helpers:
            helper.process.kill()
        for helper in helpers:
            helper.process.wait()
        for helper in free:  # whoever waits for one of the others has its pipes
            helper.close_pipes()

    def _take(self) -> _Helper:
        with self._changed:
            while not (self._closed or self._free or len(self._all) < self._most):
                self._changed.wait()
            if self._closed:
                raise HelperError(f"The helper {self._module} has been ended.")
            if not self._free:
                for _ in range(self._most if self._together and not self._all else 1):
                    self._launch()
            return self._free.pop()

    def _give_back(self, helper: _Helper, *, answered: bool) -> None:
        """Keep a helper for the next request, or end it."""
        with self._changed:
            # One that still owes an answer would give it to somebody else.
            keep = answered and not self._closed
            if keep:
                self._free.append(helper)
            elif helper in self._all:
                self._all.remove(helper)
            self._changed.notify()
        if not keep:
            helper.process.kill()
            helper.close_pipes()
            helper.process.wait()

    def _launch(self) -> None:
        command = [sys.executable, "-P", "-m", self._module]
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        # BLAS would start a thread for every core in every helper.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        try:
            process = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, **own_group
            )
        except OSError as error:
            raise HelperError(
                f"The helper {self._module} cannot be started ({error.strerror}).", hint=_TIP
            ) from None
        helper = _Helper(process)
        self._all.append(helper)
        self._free.append(helper)


def serve(handle: Callable[[Any], object]) -> None:
    """Answer requests from the standard input until it ends; the body of a helper.

    Args:
        handle: Turns a request into a reply. What it raises is passed on to the caller.
    """
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the replies
    received: SimpleQueue[Any] = SimpleQueue()
    with contextlib.suppress(BrokenPipeError):  # the caller is gone
        replies.write(_GREETING)
        replies.flush()
        threading.Thread(target=_listen, args=(requests, received), daemon=True).start()
        while True:
            request = received.get()
            try:
                reply = (True, handle(request))
            except StretchaudioError as error:
                reply = (False, error)
            except Exception as error:  # noqa: BLE001 - the caller has to hear of it, whatever it is
                reply = (False, HelperError(f"A helper failed ({type(error).__name__}: {error})."))
            _send(replies, reply)


def _listen(requests: IO[bytes], received: "SimpleQueue[Any]") -> None:
    """Receive requests; when the caller is gone, end the helper in the middle of its work."""
    try:
        with contextlib.suppress(EOFError):
            while True:
                received.put(_receive(requests))
    finally:
        os._exit(0)


def _send(stream: IO[bytes], value: object) -> None:
    data = pickle.dumps(value)
    stream.write(_LENGTH.pack(len(data)) + data)
    stream.flush()


def _receive(stream: IO[bytes]) -> Any:
    header = stream.read(_LENGTH.size)
    if len(header) < _LENGTH.size:
        raise EOFError
    (size,) = _LENGTH.unpack(header)
    return pickle.loads(stream.read(size))
