"""Files written whole or not at all."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from typing import IO

from stretchaudio.errors import FileError, UsageError
from stretchaudio.files import new_part, sweep

_PREFIX = ".stretchaudio-"

_OTHER_KINDS = frozenset(
    [
        ".wav",
        ".ogg",
        ".opus",
        ".flac",
        ".m4a",
        ".aac",
        ".yaml",
        ".yml",
        ".json",
        ".txt",
        ".md",
        ".csv",
        ".html",
        ".vtt",
        ".srt",
        ".lrc",
    ]
)
"""Endings of files that are no MP3."""


@contextmanager
def whole_file(path: Path, check: Callable[[Path], None] | None = None) -> Iterator[IO[bytes]]:
    """Open a file that takes its name only when everything has been written; until then the old one stays.

    Args:
        path: Where it goes. Its folder has to exist.
        check: Looks at what was written before it takes its name; what it raises leaves the old one there.

    Raises:
        FileError: If it cannot be written.
    """
    try:
        _check(path)
        target = path.resolve()  # a link stays a link: what it leads to is written
        sweep(target.parent, _PREFIX)
        prefix = f"{_PREFIX}{sha256(target.name.encode()).hexdigest()[:12]}-"
        with new_part(target.parent, prefix) as part:
            with part.open("wb") as file:
                yield file
                file.flush()
                os.fsync(file.fileno())
            if check is not None:
                check(part)
            os.replace(part, target)
    except OSError as error:
        raise FileError.of(error, f"write {path}") from None


def refuse_other_kinds(name: str) -> None:
    """Refuse the name of a file that is of another kind than an MP3.

    Raises:
        UsageError: If a track cannot have that name.
    """
    if Path(name).suffix.lower() in _OTHER_KINDS or name.endswith(("/", os.sep)):
        raise UsageError(f"A track is an MP3, and {name} is not the name of one.", tip="Let the name end in .mp3.")
    if name == "-":
        raise UsageError("A track cannot be written to the standard output.", tip="Name a file with --output.")


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
