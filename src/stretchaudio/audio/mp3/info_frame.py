"""Write and read the Info frame, a file's first: its length, where to seek, what to skip.

Layout: the Xing header with LAME's extension (https://gabriel.mp3-tech.org/mp3infotag.html).
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass

from fastcrc import crc16

from stretchaudio.audio.mp3.encode import ENCODER_DELAY
from stretchaudio.audio.mp3.frames import HEADER_BYTES, FrameFormat

SEEK_POINTS = 100
_HAS_ALL = 0x0F
_LAME = b"LAME4.0\0\0"
"""The encoder's name; players use the delays behind it only when it begins with LAME."""
_VBR_MTRH_METHOD = 4
_VBR_QUALITY = 50
_HEADER_AND_TAG_BYTES = 156
_XING_BYTES = 120
"""The size of the Xing header with all that it can have."""
_LAME_BYTES = 36
"""The size of LAME's extension, from the encoder's name to its own CRC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StreamInfo:
    """The frames of a track, as its Info frame describes them."""

    frames: int
    """Their number, without the Info frame itself."""
    size: int
    """Their size in bytes."""
    crc: int
    """CRC-16/ARC of all of them."""
    seek: Sequence[int]
    """The byte at which each hundredth of the time begins, counted from the first of them."""
    padding: int
    """Samples at the end that are not part of the track."""


def info_bytes(form: FrameFormat) -> int:
    """Return the size of the Info frame, which depends on the format alone."""
    return HEADER_BYTES + form.side_bytes + form.room[_bitrate(form)]


def info_frame(form: FrameFormat, stream: StreamInfo) -> bytes:
    """Write the Info frame of a track."""
    index = _bitrate(form)
    start = form.header(index) + bytes(form.side_bytes)
    size = info_bytes(form)
    total = stream.size + size
    seek = bytes(min(255, (at + size) * 256 // total) for at in stream.seek)
    xing = (
        b"Xing"
        + struct.pack(">III", _HAS_ALL, stream.frames, total)
        + seek
        + struct.pack(">I", _VBR_QUALITY)
    )
    delays = ENCODER_DELAY << 12 | stream.padding
    lame = (
        _LAME
        + bytes([_VBR_MTRH_METHOD])  # revision 0
        + bytes([form.sample_rate_hz // 200])  # lowpass, in 100 Hz: all that the rate allows
        + bytes(8)  # replay gain: not given
        + bytes([0, min(form.kbps[1], 255)])  # encoding flags, smallest bitrate
        + delays.to_bytes(3)
        + bytes([0, 0, 0, 0])  # noise shaping and source, gain change, preset
        + struct.pack(">IH", total, stream.crc)
    )
    tag = start + xing + lame
    return (tag + struct.pack(">H", crc16.arc(tag))).ljust(size, b"\0")


def sum_of(data: bytes, before: int = 0) -> int:
    """Work out the CRC-16 that an Info frame has of the frames behind it, piece by piece."""
    return int(crc16.arc(data, before))


def read_sum(frame: bytes, form: FrameFormat) -> tuple[int, int] | None:
    """Read what an Info frame says of the bytes of its stream.

    Args:
        frame: The first frame of a stream, whoever wrote it.
        form: The format of the stream.

    Returns:
        The size of all frames, with this one, and the CRC-16 of the others; None when it does not
        say so, or is damaged.
    """
    at = HEADER_BYTES + form.side_bytes
    end = at + _XING_BYTES + _LAME_BYTES
    is_whole = len(frame) >= end and frame[at : at + 4] in {b"Xing", b"Info"}
    if not is_whole or crc16.arc(frame[: end - 2]) != int.from_bytes(frame[end - 2 : end]):
        return None
    size, crc = struct.unpack(">IH", frame[end - 8 : end - 2])
    return (size, crc) if crc else None


def _bitrate(form: FrameFormat) -> int:
    return next(index for index, room in enumerate(form.room) if room >= _HEADER_AND_TAG_BYTES)
