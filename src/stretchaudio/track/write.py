"""Files written whole or not at all."""

import contextlib
import os
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from stretchaudio.errors import FileError

_STALE_S = 3600


@contextmanager
def whole_file(path: Path) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when everything has been written; until then the old one stays.

    Args:
        path: Where it goes. Its folder has to exist.

    Raises:
        FileError: If it cannot be written.
    """
    part = None
    try:
        _check(path)
        target = path.resolve()  # a link stays a link: what it leads to is written
        _sweep(target)
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name[:100]}.", suffix=".part")
        part = Path(name)
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        _give_usual_rights(part)
        os.replace(part, target)
        part = None
    except OSError as error:
        raise FileError.of(error, f"write {path}") from None
    finally:
        if part is not None:
            part.unlink(missing_ok=True)


def check_writable(path: Path) -> None:
    """Find out before any work is done whether a file can be written.

    Raises:
        FileError: If it cannot.
    """
    try:
        _check(path)
    except OSError as error:
        raise FileError.of(error, f"write {path}") from None


def _check(path: Path) -> None:
    folder = path.resolve().parent
    if path.is_dir():
        raise FileError(f"Cannot write {path}: it is a folder.", tip="Choose another name.")
    if path.exists() and not path.is_file():
        raise FileError(f"Cannot write {path}: it is not a file.", tip="Choose another name.")
    if not folder.is_dir():
        shown = path.parent if not path.is_symlink() else folder
        raise FileError(f"Cannot write {path}: there is no folder {shown}.", tip="Make the folder first.")
    if not os.access(folder, os.W_OK):
        raise FileError(f"Cannot write {path}: its folder is read-only.")
    if path.exists() and not os.access(path, os.W_OK):
        raise FileError(f"Cannot write {path}: the file is read-only.")


def _sweep(path: Path) -> None:
    """Remove what builds of the same file left behind that were killed."""
    with contextlib.suppress(OSError):
        for part in path.parent.iterdir():
            stale = part.name.startswith(f".{path.name[:100]}.") and part.suffix == ".part"
            if stale and part.stat().st_mtime < time.time() - _STALE_S:
                part.unlink()


def _give_usual_rights(path: Path) -> None:
    """Temporary files are private; a track is not."""
    umask = os.umask(0)
    os.umask(umask)
    path.chmod(0o666 & ~umask)
