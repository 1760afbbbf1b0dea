"""Link encoded clips and room tone; nothing is decoded or encoded again."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from fastcrc import crc16

from stretchaudio.audio.mp3.encode import ENCODER_DELAY
from stretchaudio.audio.mp3.frames import FrameFormat
from stretchaudio.audio.mp3.info_frame import SEEK_POINTS, StreamInfo

EXTRA_FRAMES = 2
"""Frames after a track's last, in which the sound that encoder and decoder delay is heard."""


class ToneLoop:
    """Repeats the frames of room tone where nobody speaks.

    Args:
        frames: One round of the loop.
    """

    def __init__(self, frames: Sequence[bytes]) -> None:
        self._once = b"".join(frames)
        self._starts = [0, *accumulate(len(frame) for frame in frames)]

    def run(self, first: int, frames: int) -> bytes:
        """Return the loop's bytes for some frames of a track.

        Args:
            first: The number of the first frame in the track.
            frames: Their number.
        """
        length = len(self._starts) - 1
        start, end = first % length, first % length + frames
        whole = self._once * (-(-end // length))
        last_round, within = divmod(end, length)
        return whole[self._starts[start] : last_round * len(self._once) + self._starts[within]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """Some consecutive frames of a track."""

    frames: int
    """Their number."""
    data: bytes
    """Their bytes."""


def link(
    clips: Iterable[Piece], starts: Iterable[int], tone: ToneLoop, *, frames: int
) -> Iterator[Piece]:
    """Put clips at their places and room tone everywhere else.

    Args:
        clips: The clips, in order.
        starts: The frame at which each begins; they do not overlap.
        tone: The room tone between them.
        frames: The length of the track.

    Yields:
        The pieces of the track, `EXTRA_FRAMES` at its end included.
    """
    now = 0
    for clip, start in zip(clips, starts, strict=True):
        if start < now:
            raise ValueError(
                f"a clip begins at frame {start}, before the one before it ends at {now}"
            )
        if start > now:
            yield Piece(frames=start - now, data=tone.run(now, start - now))
        yield clip
        now = start + clip.frames
    if now < frames + EXTRA_FRAMES:
        yield Piece(
            frames=frames + EXTRA_FRAMES - now, data=tone.run(now, frames + EXTRA_FRAMES - now)
        )


class StreamMeter:
    """Gathers what a track's Info frame says from the pieces of the track as they pass."""

    def __init__(self) -> None:
        self._crc = 0
        self._frames = [0]
        self._bytes = [0]

    def add(self, piece: Piece) -> None:
        """Take note of the next piece."""
        self._crc = crc16.arc(piece.data, self._crc)
        self._frames.append(self._frames[-1] + piece.frames)
        self._bytes.append(self._bytes[-1] + len(piece.data))

    def info(self, form: FrameFormat) -> StreamInfo:
        """Return the contents of the Info frame, after the last piece."""
        return StreamInfo(
            frames=self._frames[-1],
            size=self._bytes[-1],
            crc=self._crc,
            seek=tuple(self._seek()),
            padding=EXTRA_FRAMES * form.samples - ENCODER_DELAY,
        )

    def _seek(self) -> Iterator[int]:
        """Yield the byte of each hundredth of the time, by straight lines within the pieces."""
        points = pairwise(zip(self._frames, self._bytes, strict=True))
        (start, low), (end, high) = next(points)
        for percent in range(SEEK_POINTS):
            wanted = self._frames[-1] * percent / SEEK_POINTS
            while end < wanted:
                (start, low), (end, high) = next(points)
            yield int(low + (high - low) * (wanted - start) / (end - start))
