"""Decode encoded frames as a player does."""

import io
from collections.abc import Iterable, Iterator
from typing import Any

import soundfile

from stretchaudio.audio.mp3.frames import FrameFormat
from stretchaudio.audio.mp3.info_frame import info_frame
from stretchaudio.audio.mp3.link import Piece, StreamMeter

_AT_ONCE = 1 << 19
"""The most samples of a track that are decoded at once."""


def decode_frames(frames: list[bytes], form: FrameFormat, dtype: str) -> Any:
    """Decode frames, without the samples that a player skips.

    Args:
        frames: Frames of one encoder; the last `EXTRA_FRAMES` are not heard.
        form: Their format.
        dtype: The type of the samples, "float32" or "float64".

    Returns:
        Mono has shape (n,), stereo (n, 2); full scale is 1.
    """
    piece = Piece(frames=len(frames), data=b"".join(frames))
    meter = StreamMeter()
    meter.add(piece)
    file = io.BytesIO(info_frame(form, meter.info(form)) + piece.data)
    return soundfile.read(file, dtype=dtype)[0]


def pcm_of(pieces: Iterable[Piece], form: FrameFormat) -> Iterator[bytes]:
    """Decode a track, part by part.

    Args:
        pieces: All of its frames.
        form: Their format.

    Yields:
        Samples in 32 bits.
    """
    meter, data = StreamMeter(), []
    for piece in pieces:
        meter.add(piece)
        data.append(piece.data)
    stream = io.BytesIO(info_frame(form, meter.info(form)) + b"".join(data))
    with soundfile.SoundFile(stream) as file:
        while len(samples := bytes(file.buffer_read(_AT_ONCE, "int32"))):
            yield samples
