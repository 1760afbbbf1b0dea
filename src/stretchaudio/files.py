"""Unfinished files: written under a name of their own, so that nobody takes them for the real ones."""

import contextlib
import os
import secrets
import time
from pathlib import Path

SUFFIX = ".part"
STALE_S = 3600


def open_part(folder: Path, prefix: str) -> tuple[int, Path]:
    """Make a new unfinished file, with the rights that any new file gets.

    Returns:
        Its open handle and its path.
    """
    path = folder / f"{prefix}{secrets.token_hex(8)}{SUFFIX}"
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
    return os.open(path, flags, 0o666), path


def sweep(folder: Path, prefix: str = "") -> None:
    """Remove unfinished files that were left behind an hour ago or more, by programs that were killed."""
    with contextlib.suppress(OSError):  # another program may sweep at the same time
        for path in folder.iterdir():
            if path.name.startswith(prefix) and path.suffix == SUFFIX and path.stat().st_mtime < time.time() - STALE_S:
                path.unlink(missing_ok=True)
