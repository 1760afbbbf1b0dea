"""Write files whole or not at all."""

import contextlib
import os
import re
import secrets
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import IO

from stretchaudio.errors import FileError, UsageError

if sys.platform != "win32":
    import fcntl

SUFFIX = ".part"
# Files are written whole, under another name at first: what "-" stands for elsewhere is none.
STANDARD_OUTPUT = Path("-")
# Where files cannot be locked, one that nobody wrote to for so long counts as left behind.
STALE_S = 3600
# How long other programs usually have a new file open on Windows.
_LOCKED_S = 2.0
_AGAIN_S = 0.05
_PREFIX = ".stretchaudio-"
_OTHER_KINDS = frozenset(
    {".wav", ".ogg", ".opus", ".flac", ".m4a", ".aac"}
    | {".yaml", ".yml", ".json", ".txt", ".md", ".csv", ".html", ".vtt", ".srt", ".lrc"}
)
"""Endings of files that are not MP3s."""
_DEVICES = re.compile(r"con|prn|aux|nul|com\d|lpt\d", re.IGNORECASE)


@contextmanager
def atomic_write(path: Path, check: Callable[[Path], None] | None = None) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when all is written; until then the old one stays.

    Args:
        path: The name it takes. Its folder has to exist.
        check: Called with the written file before it takes its name; an error leaves the old one.

    Raises:
        FileError: If it cannot be written.
        UsageError: If the path stands for the standard output.
    """
    try:
        _check(path)
        target = path.resolve()  # a link stays a link: what it leads to is written
        _sweep_once(target.parent)
        prefix = f"{_PREFIX}{sha256(target.name.encode()).hexdigest()[:12]}-"
        with create_temp(target.parent, prefix) as part:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if check is not None:
                check(part)
            replace(part, target)
    except OSError as error:
        raise FileError.from_os_error(error, f"write {path}") from None


def portable_name(name: str) -> str:
    """Change a file's name, without its ending, where Windows keeps it for a device."""
    return f"{name}-1" if _DEVICES.fullmatch(name) else name


def refuse_other_kinds(name: str) -> None:
    """Refuse the name of a file that is of another kind than an MP3.

    Raises:
        UsageError: If a track cannot have that name.
    """
    if Path(name).suffix.lower() in _OTHER_KINDS or name.endswith(("/", os.sep)):
        raise UsageError(
            f"A track is an MP3, and {name} is not the name of one.",
            hint="Let the name end in .mp3.",
        )
    if Path(name) == STANDARD_OUTPUT:
        raise UsageError(
            "A track cannot be written to the standard output.", hint="Name a file with --output."
        )


def check_writable(path: Path) -> None:
    """Refuse, before any work is done, a file that cannot be written.

    Raises:
        FileError: If the file is such a one.
        UsageError: If it stands for the standard output.
    """
    try:
        _check(path)
    except OSError as error:
        raise FileError.from_os_error(error, f"write {path}") from None


def _check(path: Path) -> None:
    if path == STANDARD_OUTPUT:
        raise UsageError("This cannot be written to the standard output.", hint="Name a file.")
    folder = path.resolve().parent
    if path.is_dir():
        raise FileError(f"Cannot write {path}: it is a folder.", hint="Choose another name.")
    if path.exists() and not path.is_file():
        raise FileError(f"Cannot write {path}: it is not a file.", hint="Choose another name.")
    if not folder.is_dir():
        shown = path.parent if not path.is_symlink() else folder
        raise FileError(
            f"Cannot write {path}: there is no folder {shown}.", hint="Make the folder first."
        )
    if not os.access(folder, os.W_OK):
        raise FileError(f"Cannot write {path}: its folder is read-only.")
    if path.exists() and not os.access(path, os.W_OK):
        raise FileError(f"Cannot write {path}: the file is read-only.")


@contextlib.contextmanager
def create_temp(folder: Path, prefix: str) -> Iterator[Path]:
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


def replace(part: Path, target: Path) -> None:
    """Give a finished file its name, at once and whole; what had that name is gone.

    On Windows a file that somebody has open for a moment, such as a search or a virus scanner,
    cannot be renamed or replaced; it is tried again for a while.

    Raises:
        OSError: If it cannot be done.
    """
    deadline = time.monotonic() + _LOCKED_S
    while True:
        try:
            os.replace(part, target)
        except PermissionError:
            if sys.platform != "win32" or time.monotonic() > deadline:
                raise
            time.sleep(_AGAIN_S)
        else:
            return


def remove_stale(folder: Path, prefix: str = "") -> None:
    """Remove the unfinished files that programs left in a folder when they were killed."""
    with contextlib.suppress(OSError):  # there may be no such folder
        for path in list(folder.iterdir()):
            if path.name.startswith(prefix) and path.suffix == SUFFIX:
                sweep_file(path)


@lru_cache(maxsize=64)
def _sweep_once(folder: Path) -> None:
    """Sweep a folder when this process first writes to it: it may hold thousands of files."""
    remove_stale(folder, _PREFIX)


def sweep_file(path: Path) -> None:
    """Remove an unfinished file if whoever made it is gone."""
    with contextlib.suppress(OSError), path.open("r+b") as file:  # it is gone, or not ours
        if not _is_left(file.fileno()):
            return
        if sys.platform == "win32":  # what is open cannot be removed there
            file.close()
        path.unlink()  # while the lock is held, so that a maker who waits for it sees this


def _created(path: Path) -> int | None:
    """Create a file and return the handle that keeps it locked; None where none can be kept."""
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
    """Whether nobody holds the lock of an unfinished file; without locks, whether it is old."""
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
