"""Unfinished files: written under a name of their own, so that nobody takes them for the real ones.

An unfinished file stays locked while it is being written, and a lock ends with the program, however
that ended. So whoever can lock such a file knows that it was left behind.
"""

import contextlib
import os
import secrets
import sys
import time
from collections.abc import Iterator
from pathlib import Path

if sys.platform != "win32":
    import fcntl

SUFFIX = ".part"
STALE_S = 3600
"""Where files cannot be locked, one that nobody wrote to for so long counts as left behind."""


@contextlib.contextmanager
def new_part(folder: Path, prefix: str) -> Iterator[Path]:
    """Make an unfinished file, with the rights that any new file gets.

    At the end of the block it is removed, unless it has been renamed by then.

    Raises:
        OSError: If it cannot be made.
    """
    path = folder / f"{prefix}{secrets.token_hex(8)}{SUFFIX}"
    handle = None
    try:  # an interrupt may come as soon as the file is there
        handle = _created(path)
        yield path
    finally:
        path.unlink(missing_ok=True)
        if handle is not None:
            os.close(handle)


def sweep(folder: Path, prefix: str = "") -> None:
    """Remove the unfinished files that programs left in a folder when they were killed."""
    with contextlib.suppress(OSError):  # there may be no such folder
        for path in list(folder.iterdir()):
            if path.name.startswith(prefix) and path.suffix == SUFFIX:
                sweep_file(path)


def sweep_file(path: Path) -> None:
    """Remove an unfinished file if whoever made it is gone."""
    with contextlib.suppress(OSError), path.open("r+b") as file:  # it is gone, or not ours
        if not _is_left(file.fileno()):
            return
        if sys.platform == "win32":  # what is open cannot be removed there
            file.close()
        path.unlink()  # while the lock is held, so that a maker who waits for it sees this


def _created(path: Path) -> int | None:
    """The handle that keeps a new file locked; None on a system where that is not possible."""
    while True:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666)
        if sys.platform == "win32":  # a file that is open cannot be renamed there
            os.close(handle)
            return None
        with contextlib.suppress(OSError):  # not every file system has locks
            fcntl.flock(handle, fcntl.LOCK_EX)
        if path.exists():
            return handle
        os.close(handle)  # a sweep came before the lock


def _is_left(handle: int) -> bool:
    """Whether nobody holds the lock of an unfinished file; else by its age."""
    if sys.platform != "win32":
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        except OSError:
            pass
        else:
            return True
    return os.fstat(handle).st_mtime < time.time() - STALE_S
