"""Make the n-th thing that a program does to its disk or to its helpers go wrong.

Points are counted in a file, in all processes of a run alike: each creating, writing, flushing and
renaming of a file, each folder, each start of a process, each request to a helper.
"""

import builtins
import contextlib
import errno
import fcntl
import io
import json
import multiprocessing.util
import os
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

SPEC = "STRETCHAUDIO_FAULT"
"""Tells a run's other processes which point is to fail."""
LINE = 80
"""Letters of a point's line in the file that counts them."""
DISK = ("create", "open", "write", "fsync", "rename", "mkdir", "remove", "utime", "lock")
START, REQUEST = "start", "request"


class Fault(StrEnum):
    """What happens at a point."""

    FULL = "no space"
    BROKEN = "input/output error"
    DENIED = "access denied"
    SHORT = "half written, then full"
    NO_PROCESS = "no more processes"
    HELPER_KILLED = "helper killed"
    HELPER_STOPPED = "helper stopped"
    KILLED = "killed"
    NONE = "nothing"

    @property
    def points(self) -> tuple[str, ...]:
        """The kinds of points at which it can happen."""
        match self:
            case Fault.SHORT:
                return ("write",)
            case Fault.NO_PROCESS:
                return (START,)
            case Fault.HELPER_KILLED | Fault.HELPER_STOPPED:
                return (REQUEST,)
            case Fault.KILLED | Fault.NONE:
                return (*DISK, START, REQUEST)
        return DISK


_ERRORS = {
    Fault.FULL: errno.ENOSPC,
    Fault.BROKEN: errno.EIO,
    Fault.DENIED: errno.EACCES,
    Fault.SHORT: errno.ENOSPC,
    Fault.NO_PROCESS: errno.EAGAIN,
}


@dataclass(frozen=True, kw_only=True)
class FaultLayer:
    """Counts the points of a run, and has one of them go wrong.

    Args:
        log: The file in which points are counted.
        fault: What happens.
        at: At which of the points where it can happen, counted from 1; 0 for none.
        program: The process that is killed with whichever comes to that point.
    """

    log: Path
    fault: Fault = Fault.NONE
    at: int = 0
    program: int = 0

    def points(self) -> list[str]:
        """The points that were come to, each as its kind and what it was done to."""
        text = self.log.read_bytes().decode() if self.log.exists() else ""
        return [text[at : at + LINE].rstrip() for at in range(0, len(text), LINE)]

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Stand between the program and the system for the time of a block."""
        with contextlib.ExitStack() as patches:
            for place, name, make in self._patches():
                before = getattr(place, name)
                setattr(place, name, make(before))
                patches.callback(setattr, place, name, before)
            yield

    def _patches(self) -> Iterator[tuple[Any, str, Callable[[Any], Any]]]:
        def counted(kind: str) -> Callable[[Any], Any]:
            return lambda real: (
                lambda *args, **named: (
                    self._come_to(kind, args[0] if args else ""),
                    real(*args, **named),
                )[1]
            )

        yield fcntl, "flock", counted("lock")
        yield os, "fsync", counted("fsync")
        yield os, "mkdir", counted("mkdir")
        yield os, "utime", counted("utime")
        for name in ("replace", "rename"):
            yield os, name, counted("rename")
        for name in ("unlink", "remove", "rmdir"):
            yield os, name, counted("remove")
        yield os, "open", self._opening
        yield io, "open", self._opening_file
        yield builtins, "open", self._opening_file
        yield multiprocessing.util, "spawnv_passfds", counted(START)
        yield subprocess, "Popen", self._starting

    def _come_to(self, kind: str, what: object) -> bool:
        """Count a point, and fail if it is the one; True if a write is to be a short one."""
        if kind not in self.fault.points:
            return False
        if isinstance(what, list | tuple):
            what = " ".join(map(str, what[-1:]))
        line = f"{kind} {what}".encode("ascii", "replace")[: LINE - 1].ljust(LINE)
        handle = _open(self.log, os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        os.write(handle, line)
        number = os.lseek(handle, 0, os.SEEK_CUR) // LINE
        os.close(handle)
        if number != self.at:
            return False
        if self.fault is Fault.KILLED:
            for process in {self.program or os.getpid(), os.getpid()}:
                os.kill(process, signal.SIGKILL)
        if self.fault in _ERRORS and self.fault is not Fault.SHORT:
            raise OSError(_ERRORS[self.fault], os.strerror(_ERRORS[self.fault]))
        return True

    def _opening(self, real: Callable[..., int]) -> Callable[..., int]:
        def opened(path: Any, flags: int, *args: Any, **named: Any) -> int:
            if flags & os.O_CREAT:
                self._come_to("create", path)
            return real(path, flags, *args, **named)

        return opened

    def _opening_file(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def opened(file: Any, mode: str = "r", *args: Any, **named: Any) -> Any:
            if set(mode) <= set("rbt") or str(file).startswith("/dev/"):
                return real(file, mode, *args, **named)
            kind = "write"
            if isinstance(file, int):
                kind = REQUEST
            else:
                self._come_to("open", file)
            if mode != "wb":  # nothing is written through them but what is short
                return real(file, mode, *args, **named)
            return io.BufferedWriter(_Raw(file, self, kind, closefd=named.get("closefd", True)))

        return opened

    def _starting(self, real: type["subprocess.Popen[bytes]"]) -> type["subprocess.Popen[bytes]"]:
        layer = self

        class Started(real):  # type: ignore[misc,valid-type]
            def __init__(self, command: Any, *args: Any, **named: Any) -> None:
                layer._come_to(START, command)
                super().__init__(command, *args, **named)
                if isinstance(self.stdin, io.BufferedWriter) and isinstance(self.stdin.raw, _Raw):
                    self.stdin.raw.process = self

        return Started


class _Raw(io.FileIO):
    """A file or a pipe whose writes are points."""

    def __init__(self, file: Any, layer: FaultLayer, kind: str, *, closefd: bool) -> None:
        super().__init__(file, "wb", closefd=closefd)
        self._file, self._layer, self._kind = file, layer, kind
        self._is_full = False
        self.process: subprocess.Popen[bytes] | None = None

    def write(self, data: Any) -> int:
        if self._is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        comes = self._layer._come_to(self._kind, self._file)
        if comes and self._kind == REQUEST and self.process is not None:
            is_kill = self._layer.fault is Fault.HELPER_KILLED
            self.process.send_signal(signal.SIGKILL if is_kill else signal.SIGSTOP)
        if comes and self._kind == "write":
            self._is_full = True
            data = bytes(data)[: len(data) // 2]
        return super().write(data)


_open = os.open

if SPEC in os.environ and __name__ == "__mp_main__":  # a process of a pool of the program
    _log, _fault, _at, _program = json.loads(os.environ[SPEC])
    INSTALLED = FaultLayer(
        log=Path(_log), fault=Fault[_fault], at=_at, program=_program
    ).installed()  # for as long as the process
    INSTALLED.__enter__()
