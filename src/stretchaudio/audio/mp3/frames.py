"""Take an MP3 stream apart, and make its frames independent of what was before them.

An encoder lets a frame's main data begin in earlier frames: the bit reservoir, of which
`main_data_begin` says how far back. A frame that is to stand anywhere must carry its own data; of
frames that stay together only the first must.
Layout: ISO/IEC 11172-3 and 13818-3, layer III.
"""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import pairwise

HEADER_BYTES = 4
_SYNC = 0xFFE00000
_MPEG1, _MPEG2 = 0b11, 0b10
_KBPS = {
    _MPEG1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    _MPEG2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_SIDE_BYTES = {(48_000, 1): 17, (48_000, 2): 32, (24_000, 1): 9, (24_000, 2): 17}
_BYTES_PER_KBPS = 3
"""Bytes of a frame at 1 kbit/s: with 24 ms they are a whole number, so frames are never padded."""


class FrameError(ValueError):
    """Raised when bytes are not the MP3 frames expected here."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FrameFormat:
    """The sample rate and the channels that all frames of a track have in common."""

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
        return _SIDE_BYTES[self.sample_rate_hz, self.channels]

    @property
    def begin_bits(self) -> int:
        """The size of `main_data_begin`."""
        return 9 if self.version == _MPEG1 else 8

    @property
    def room(self) -> tuple[int, ...]:
        """The number of main data bytes a frame holds, by bitrate index."""
        return _room(self)

    def header(self, index: int, *, mode_bits: int | None = None) -> bytes:
        """Make a frame header without checksum or padding.

        Args:
            index: The bitrate's index in `kbps`.
            mode_bits: The fourth byte; by default mono or plain stereo, original.
        """
        last = mode_bits if mode_bits is not None else (0xC4 if self.channels == 1 else 0x04)
        # Layer III is 01, the rates used here have index 1, and the last bit of byte 1 says that
        # there is no checksum.
        return bytes((0xFF, 0xE0 | self.version << 3 | 0b01 << 1 | 1, index << 4 | 0b01 << 2, last))


@cache
def _room(form: FrameFormat) -> tuple[int, ...]:
    return tuple(
        max(0, kbps * _BYTES_PER_KBPS - HEADER_BYTES - form.side_bytes) for kbps in form.kbps
    )


VOICE = FrameFormat(sample_rate_hz=24_000, channels=1)
"""The format of tracks that hold a voice alone."""
WIDE = FrameFormat(sample_rate_hz=48_000, channels=1)
"""The same of voices that are recorded so well that they have something above 12 kHz."""
MOST_BACK = 2
"""Frames before one in which its data may begin. Who plays from somewhere hears silence until the
data is there: with frames of little data, which reach back further, mpg123 is silent for 100 ms."""
WIDE_FROM_HZ = 44_100
"""The least sample rate of such recordings."""
MIX = FrameFormat(sample_rate_hz=48_000, channels=2)
"""The format of tracks with music or chimes."""


def voice_format(speech_rate_hz: int) -> FrameFormat:
    """Choose the format of a voice alone by the sample rate of its sound."""
    return WIDE if speech_rate_hz >= WIDE_FROM_HZ else VOICE


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
    expected = int.from_bytes(form.header(0)) & 0xFFFF0C00
    sizes = [kbps * _BYTES_PER_KBPS for kbps in form.kbps]
    while at < len(stream):
        word = int.from_bytes(stream[at : at + HEADER_BYTES])
        if word & 0xFFFF0E00 != expected:
            raise FrameError(f"no frame of the expected format at byte {at}")
        index = word >> 12 & 0xF
        if not 0 < index < len(sizes):
            raise FrameError(f"no usable bitrate at byte {at}")
        size = sizes[index]
        frames.append(stream[at : at + size])
        at += size
    return frames


def count(stream: bytes, form: FrameFormat, *, most: int) -> tuple[int, int]:
    """Count the frames at the start of some bytes.

    Args:
        stream: Begins with a frame.
        form: The frames' format.
        most: Where to stop counting.

    Returns:
        The number of frames, and the byte at which they end.
    """
    expected = int.from_bytes(form.header(0)) & 0xFFFF0C00
    sizes = [kbps * _BYTES_PER_KBPS for kbps in form.kbps]
    at = found = 0
    while found < most and at + HEADER_BYTES <= len(stream):
        word = int.from_bytes(stream[at : at + HEADER_BYTES])
        size = (
            sizes[word >> 12 & 0xF]
            if word & 0xFFFF0E00 == expected and word >> 12 & 0xF < len(sizes)
            else 0
        )
        if not size or at + size > len(stream):
            break
        at, found = at + size, found + 1
    return found, at


def independent(frames: Sequence[bytes], form: FrameFormat) -> list[bytes]:
    """Write frames again so that each carries its own data, at the smallest bitrate that holds it.

    Data longer than the largest frame holds goes to the end of the frame before it. So a frame may
    need the one before it in the list, but never anything outside the list.

    Args:
        frames: The frames of one fresh encoder, from its first.
        form: Their format.

    Raises:
        FrameError: If a frame refers to data that is not there, or its data fits nowhere.
    """
    parsed = _parse(frames, form)
    return _written(parsed, _early(parsed, form), (0, len(parsed)), form, may_borrow=False)


def packed(
    frames: Sequence[bytes], form: FrameFormat, runs: Iterable[tuple[int, int]]
) -> list[bytes]:
    """Write runs of frames again as `independent` does each frame, at fewer bytes.

    Bitrates are steps. What a frame leaves of its step, the `MOST_BACK` that follow it in its run
    may take.

    Args:
        frames: The frames of one fresh encoder, from its first.
        form: Their format.
        runs: The first frame of each run, and the frame after its last. A run carries what the
            largest frame cannot hold of that frame, which is in the list if it is in the track.

    Returns:
        The bytes of each run.

    Raises:
        FrameError: If a frame refers to data that is not there, or its data fits nowhere.
    """
    parsed = _parse(frames, form)
    early = _early(parsed, form)
    return [b"".join(_written(parsed, early, run, form, may_borrow=True)) for run in runs]


def _parse(frames: Sequence[bytes], form: FrameFormat) -> list[_Parsed]:
    side_end = HEADER_BYTES + form.side_bytes
    begin_shift = form.side_bytes * 8 - form.begin_bits
    shifts = _length_shifts(form)
    reservoir = bytearray()
    parsed = []
    for at, frame in enumerate(frames):
        side = int.from_bytes(frame[HEADER_BYTES:side_end])
        start = len(reservoir) - (side >> begin_shift)
        reservoir += frame[side_end:]
        bits = sum(side >> shift & 0xFFF for shift in shifts)
        size = -(-bits // 8)
        if start < 0 or start + size > len(reservoir):
            raise FrameError(f"frame {at} refers to data that is not there")
        main_data = reservoir[start : start + size]
        # What LAME fills the last byte with depends on all that it encoded before.
        if bits % 8:
            main_data[-1] &= 0xFF00 >> bits % 8 & 0xFF
        parsed.append(_Parsed(mode_bits=frame[3], side=side, main_data=bytes(main_data)))
    return parsed


@cache
def _length_shifts(form: FrameFormat) -> tuple[int, ...]:
    """Return how far right each `part2_3_length` has to be shifted.

    It has the first 12 bits of each granule's and channel's part of the side information.
    """
    if form.version == _MPEG1:
        first, part, parts = (
            9 + (5 if form.channels == 1 else 3) + 4 * form.channels,
            59,
            2 * form.channels,
        )
    else:
        first, part, parts = 8 + form.channels, 63, form.channels
    total_bits = form.side_bytes * 8
    return tuple(total_bits - first - part * n - 12 for n in range(parts))


def _written(
    parsed: Sequence[_Parsed],
    early: Sequence[int],
    run: tuple[int, int],
    form: FrameFormat,
    *,
    may_borrow: bool,
) -> list[bytes]:
    low, high = run
    longest = (1 << form.begin_bits) - 1
    shift = form.side_bytes * 8 - form.begin_bits
    heads, main_data, ends = [], bytearray(), [early[low]]
    for at in range(low, high):
        frame = parsed[at]
        reach = ends[-1] - ends[max(0, len(ends) - 1 - MOST_BACK)]
        free = min(ends[-1] - len(main_data), longest, reach) if may_borrow else 0
        begin = max(free, early[at])
        main_data += bytes(ends[-1] - begin - len(main_data)) + frame.main_data
        index = max(1, bisect_left(form.room, len(main_data) + early[at + 1] - ends[-1]))
        side = frame.side & ((1 << shift) - 1) | begin << shift
        header = form.header(index, mode_bits=frame.mode_bits)
        heads.append(header + side.to_bytes(form.side_bytes))
        ends.append(ends[-1] + form.room[index])
    following = parsed[high].main_data[: early[high]] if early[high] else b""
    main_data += bytes(ends[-1] - len(following) - len(main_data)) + following
    return [
        head + main_data[start:end]
        for head, (start, end) in zip(heads, pairwise(ends), strict=True)
    ]


def _early(parsed: Sequence[_Parsed], form: FrameFormat) -> list[int]:
    """Count the bytes of each frame, and of none behind the last, that it cannot hold itself."""
    early = [0] * (len(parsed) + 1)
    for at in range(len(parsed) - 1, -1, -1):
        early[at] = max(0, len(parsed[at].main_data) + early[at + 1] - form.room[-1])
        if early[at] >= 1 << form.begin_bits or (at == 0 and early[at]):
            raise FrameError(f"frame {at} has more data than fits")
    return early
