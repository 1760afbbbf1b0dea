"""The program as a process of its own, and what can be seen of it from outside."""

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

posix_only = pytest.mark.skipif(
    sys.platform == "win32", reason="signals and mounts of POSIX systems"
)


def command(*arguments: str | Path) -> list[str]:
    """The command line of the program."""
    return [sys.executable, "-m", "stretchaudio", *map(str, arguments)]


def started(*arguments: str | Path, **settings: Any) -> "subprocess.Popen[str]":
    """Start the program; Ctrl-C reaches it even where the tests were told to ignore it.

    A shell has jobs of the background ignore SIGINT, and their children inherit that.
    """
    with sigint_as_in_the_foreground():
        return subprocess.Popen(command(*arguments), text=True, **settings)


@contextlib.contextmanager
def sigint_as_in_the_foreground() -> Iterator[None]:
    """Have processes started meanwhile take SIGINT as a program that a shell waits for."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def wait_for(what: Callable[[], Any], within_s: float = 20) -> Any:
    """What a function returns as soon as that is something."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        found = what()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError("it did not come to that")


def children(pid: int, running: str = "") -> list[int]:
    """The processes that a process has started, those with a word in their command line."""
    tasks = Path(f"/proc/{pid}/task")
    if not Path(f"/proc/self/task/{pid}").parent.exists():
        pytest.skip("this system does not list a process's children")
    found: list[int] = []
    with contextlib.suppress(OSError):  # it has ended
        for task in tasks.iterdir():
            found += map(int, (task / "children").read_text().split())
    return [child for child in found if running in _command_of(child)]


def is_alive(pid: int) -> bool:
    """Whether a process is there and has not ended."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def _command_of(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text()
    except OSError:
        return ""
