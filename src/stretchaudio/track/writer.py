"""Write a track's file: its tag, then its frames."""

import os
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from stretchaudio.audio.mp3.frames import FrameFormat
from stretchaudio.audio.mp3.info_frame import info_bytes, info_frame
from stretchaudio.audio.mp3.link import Piece, StreamMeter
from stretchaudio.track.manifest import Manifest
from stretchaudio.track.tags import TagInfo, build_tag
from stretchaudio.util.atomic import atomic_write


def write_file(
    path: Path,
    manifest: Manifest,
    pieces: Iterable[Piece],
    form: FrameFormat,
    *,
    about: TagInfo | None = None,
    check: Callable[[Path], None] | None = None,
) -> int:
    """Write an MP3 file.

    Args:
        path: Where it goes; a file that is there stays until the new one is whole.
        manifest: What it holds; travels inside.
        pieces: Its frames, in order.
        form: Their format.
        about: What else its tag says.
        check: Looks at the file before it takes its name; what it raises leaves the old one there.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; what was there before is still there.
    """
    with atomic_write(path, check) as file:
        file.write(build_tag(manifest, about or TagInfo()))
        write_stream(file, pieces, form)
        file.seek(0, os.SEEK_END)
        return file.tell()


def write_stream(file: IO[bytes], pieces: Iterable[Piece], form: FrameFormat) -> None:
    """Write a track's frames, the Info frame first.

    Args:
        file: Open at the place where the frames begin; it can seek.
        pieces: The frames, in order.
        form: Their format.
    """
    start = file.tell()
    meter = StreamMeter()
    file.write(bytes(info_bytes(form)))
    for piece in pieces:
        meter.add(piece)
        file.write(piece.data)
    file.seek(start)
    file.write(info_frame(form, meter.info(form)))
