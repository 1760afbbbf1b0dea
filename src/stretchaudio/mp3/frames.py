"""MP3 frames: taking a stream apart, and making each frame independent of the ones before it.

An encoder lets a frame's main data begin in earlier frames (the bit reservoir; `main_data_begin` says how far back). A frame
that is to stand anywhere must carry its own data. Layout: ISO/IEC 11172-3 and 13818-3, layer III.
"""

from collections.abc import Sequence
from dataclasses import dataclass

HEADER_BYTES = 4
_SYNC = 0xFFE00000
_MPEG1, _MPEG2 = 0b11, 0b10
_KBPS = {
    _MPEG1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    _MPEG2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_BYTES_PER_KBPS = 3
"""24 ms at 1 kbit/s: the frames used here, at 24 and 48 kHz, are a whole number of bytes at any bitrate and never padded."""


class FrameError(ValueError):
    """Bytes that are not the MP3 frames expected here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFormat:
    """What all frames of a track have in common."""

    sample_rate_hz: int
    """24,000 (MPEG-2) or 48,000 (MPEG-1)."""
    channels: int
    """1 or 2."""

    @property
    def samples(self) -> int:
        """Samples in a frame, for each channel."""
        return 1152 if self.sample_rate_hz == 48_000 else 576

    @property
    def version(self) -> int:
        """The version bits of the header."""
        return _MPEG1 if self.sample_rate_hz == 48_000 else _MPEG2

    @property
    def kbps(self) -> tuple[int, ...]:
        """The bitrates, by their index in the header."""
        return _KBPS[self.version]

    @property
    def side_bytes(self) -> int:
        """The size of the side information."""
        return {(_MPEG1, 1): 17, (_MPEG1, 2): 32, (_MPEG2, 1): 9, (_MPEG2, 2): 17}[self.version, self.channels]

    @property
    def begin_bits(self) -> int:
        """The size of `main_data_begin`."""
        return 9 if self.version == _MPEG1 else 8

    @property
    def room(self) -> tuple[int, ...]:
        """The main data bytes a frame holds, by bitrate index."""
        return tuple(max(0, kbps * _BYTES_PER_KBPS - HEADER_BYTES - self.side_bytes) for kbps in self.kbps)

    def header(self, index: int, *, mode_bits: int | None = None) -> bytes:
        """A frame header without checksum or padding.

        Args:
            index: The bitrate's index in `kbps`.
            mode_bits: The fourth byte; by default mono or plain stereo, original.
        """
        last = mode_bits if mode_bits is not None else (0xC4 if self.channels == 1 else 0x04)
        # Layer III is 01, the rates used here have index 1, and the last bit of byte 1 says that there is no checksum.
        return bytes((0xFF, 0xE0 | self.version << 3 | 0b01 << 1 | 1, index << 4 | 0b01 << 2, last))


VOICE = FrameFormat(sample_rate_hz=24_000, channels=1)
"""The format of tracks that hold a voice alone."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Parsed:
    mode_bits: int
    side: int
    main_data: bytes


def split(stream: bytes, form: FrameFormat) -> list[bytes]:
    """Cut an encoder's output into frames.

    Raises:
        FrameError: If it is not a series of frames of this format.
    """
    frames = []
    at = 0
    while at < len(stream):
        word = int.from_bytes(stream[at : at + HEADER_BYTES])
        expected = int.from_bytes(form.header(0)) & 0xFFFF0C00
        if word & 0xFFFF0E00 != expected:
            raise FrameError(f"no frame of the expected format at byte {at}")
        index = word >> 12 & 0xF
        if not 0 < index < len(form.kbps):
            raise FrameError(f"no usable bitrate at byte {at}")
        size = form.kbps[index] * _BYTES_PER_KBPS
        frames.append(stream[at : at + size])
        at += size
    return frames


def independent(frames: Sequence[bytes], form: FrameFormat) -> list[bytes]:
    """Write frames again so that each carries its own data, at the smallest bitrate that holds it.

    Data longer than the largest frame holds goes to the end of the frame before it. So a frame may need the one before it in
    the list, but never anything outside the list.

    Args:
        frames: The frames of one fresh encoder, from its first.
        form: Their format.

    Raises:
        FrameError: If a frame refers to data that is not there, or its data fits nowhere.
    """
    parsed = _parse(frames, form)
    largest = form.room[-1]
    early = [0] * (len(parsed) + 1)
    for at in range(len(parsed) - 1, -1, -1):
        early[at] = max(0, len(parsed[at].main_data) + early[at + 1] - largest)
        if early[at] >= 1 << form.begin_bits or (at == 0 and early[at]):
            raise FrameError(f"frame {at} has more data than fits")
    return [_write(frame, parsed[at + 1 : at + 2], early[at], early[at + 1], form) for at, frame in enumerate(parsed)]


def _parse(frames: Sequence[bytes], form: FrameFormat) -> list[_Parsed]:
    side_end = HEADER_BYTES + form.side_bytes
    reservoir = bytearray()
    parsed = []
    for at, frame in enumerate(frames):
        side = int.from_bytes(frame[HEADER_BYTES:side_end])
        begin = side >> (form.side_bytes * 8 - form.begin_bits)
        start = len(reservoir) - begin
        reservoir += frame[side_end:]
        size = -(-_main_data_bits(side, form) // 8)
        if start < 0 or start + size > len(reservoir):
            raise FrameError(f"frame {at} refers to data that is not there")
        parsed.append(_Parsed(mode_bits=frame[3], side=side, main_data=bytes(reservoir[start : start + size])))
    return parsed


def _main_data_bits(side: int, form: FrameFormat) -> int:
    """The sum of `part2_3_length`, the first 12 bits of each granule's and channel's part of the side information."""
    if form.version == _MPEG1:
        first, part, parts = 9 + (5 if form.channels == 1 else 3) + 4 * form.channels, 59, 2 * form.channels
    else:
        first, part, parts = 8 + form.channels, 63, form.channels
    total_bits = form.side_bytes * 8
    return sum(side >> (total_bits - first - part * n - 12) & 0xFFF for n in range(parts))


def _write(frame: _Parsed, after: Sequence[_Parsed], early: int, next_early: int, form: FrameFormat) -> bytes:
    own = frame.main_data[early:]
    following = after[0].main_data[:next_early] if after else b""
    index = next(index for index, room in enumerate(form.room) if index > 0 and room >= len(own) + len(following))
    shift = form.side_bytes * 8 - form.begin_bits
    side = frame.side & ((1 << shift) - 1) | early << shift
    filling = bytes(form.room[index] - len(own) - len(following))
    return form.header(index, mode_bits=frame.mode_bits) + side.to_bytes(form.side_bytes) + own + filling + following
