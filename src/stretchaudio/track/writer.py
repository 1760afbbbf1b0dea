"""Write the file of a track: its tag, then its frames."""

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
        path: The file; one that is there stays until the new one is whole.
        manifest: The manifest, which travels inside.
        pieces: Its frames, in order.
        form: The format of the frames.
        about: The other facts of its tag.
        check: Called with the unfinished file; if it raises, the old file stays.

    Returns:
        Its size in bytes.

    Raises:
        FileError: If it cannot be written; the old file stays.
    """
    with atomic_write(path, check) as file:
        file.write(build_tag(manifest, about or TagInfo()))
        write_stream(file, pieces, form)
        file.seek(0, os.SEEK_END)
        return file.tell()


def write_stream(file: IO[bytes], pieces: Iterable[Piece], form: FrameFormat) -> None:
    """Write a track's frames, the Info frame first.

    Args:
        file: An open file that can seek, at the place where the frames begin.
        pieces: The frames, in order.
        form: The format of the frames.
    """
    start = file.tell()
    meter = StreamMeter()
    file.write(bytes(info_bytes(form)))
    for piece in pieces:
        meter.add(piece)
        file.write(piece.data)
    file.seek(start)
    file.write(info_frame(form, meter.info(form)))
