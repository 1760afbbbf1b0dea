"""Helper processes of our own: a request in, a reply out, as many at once as there are processes.

A helper is a module that calls `serve`. It runs apart from the caller's terminal, so Ctrl-C does not reach it, and it ends
when its input does, so it never outlives the caller, however that ended.
"""

import contextlib
import os
import pickle
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from typing import IO, Any

from stretchaudio.errors import StretchaudioError, VoiceError

_LENGTH = struct.Struct("<I")
_GREETING = b"stretchaudio helper is ready\n"


class Workers:
    """A few processes that run one module; each is started when it is first needed.

    Args:
        module: The module's full name; its `__main__` part calls `serve`.
        jobs: How many processes at the most.
        together: Whether all are started with the first: quicker when all will be needed.
    """

    def __init__(self, module: str, *, jobs: int, together: bool = False) -> None:
        self._module = module
        self._together = together
        self._all: list[subprocess.Popen[bytes]] = []
        self._early: list[subprocess.Popen[bytes]] = []
        self._starting = threading.Lock()
        self._free: queue.LifoQueue[subprocess.Popen[bytes] | None] = queue.LifoQueue()
        self._most = min(jobs, os.cpu_count() or 1)  # more than there are cores would only wait for each other
        for _ in range(self._most):
            self._free.put(None)

    def call(self, request: object) -> Any:
        """Have a request answered; waits for a free process. Safe to call from several threads.

        Raises:
            StretchaudioError: What the helper raised.
            VoiceError: If the helper crashed.
        """
        process = self._free.get()
        try:
            process = process or self._start()
            ok, value = _exchange(process, request)
        except (OSError, EOFError, pickle.UnpicklingError):
            code = _end(process) if process else "?"
            process = None
            raise VoiceError(f"The helper {self._module} stopped unexpectedly (exit code {code}).") from None
        finally:
            self._free.put(process)
        if not ok:
            raise value
        return value

    def close(self) -> None:
        """End all processes."""
        for process in self._all:
            for pipe in (process.stdin, process.stdout):
                if pipe:
                    with contextlib.suppress(OSError):
                        pipe.close()
        for process in self._all:
            try:
                process.wait(timeout=2)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        self._all.clear()

    def _start(self) -> subprocess.Popen[bytes]:
        with self._starting:
            if self._together and not self._all:
                self._early = [self._launch() for _ in range(self._most)]
            process = self._early.pop() if self._early else self._launch()
        # What a site's own start-up code prints comes before the greeting, and is passed over.
        for line in process.stdout or ():
            if line == _GREETING:
                break
        return process

    def _launch(self) -> subprocess.Popen[bytes]:
        command = [sys.executable, "-P", "-m", self._module]
        own_group: dict[str, Any] = {"start_new_session": True}
        if sys.platform == "win32":
            own_group = {"creationflags": subprocess.CREATE_NEW_PROCESS_GROUP}
        # BLAS would start a thread for every core in every helper.
        environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, **own_group)
        self._all.append(process)
        return process


def serve(handle: Callable[[Any], object]) -> None:
    """Answer requests from the standard input until it ends; the body of a helper.

    Args:
        handle: Turns a request into a reply. What it raises is passed on to the caller.
    """
    requests, replies = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # a library that prints must not write into the replies
    with contextlib.suppress(EOFError, BrokenPipeError, pickle.UnpicklingError):  # the caller is gone
        replies.write(_GREETING)
        replies.flush()
        while True:
            request = _receive(requests)
            try:
                reply = (True, handle(request))
            except StretchaudioError as error:
                reply = (False, error)
            except Exception as error:  # noqa: BLE001 - whatever happened, the caller has to hear of it
                reply = (False, VoiceError(f"A helper failed ({type(error).__name__}: {error})."))
            _send(replies, reply)


def _end(process: subprocess.Popen[bytes]) -> int:
    """The exit code of a helper that has ended, or is ended now."""
    try:
        return process.wait(timeout=1)
    except subprocess.TimeoutExpired:
        process.kill()
        return process.wait()


def _exchange(process: subprocess.Popen[bytes], request: object) -> tuple[bool, Any]:
    if process.stdin is None or process.stdout is None:  # both are pipes, which mypy cannot know
        raise EOFError
    _send(process.stdin, request)
    ok, value = _receive(process.stdout)
    return ok, value


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
