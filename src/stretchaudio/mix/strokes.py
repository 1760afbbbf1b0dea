"""Place strokes on singing bowls where the script is silent."""

from collections.abc import Iterator, Sequence
from itertools import pairwise

from stretchaudio.audio.beds import BOWLS
from stretchaudio.audio.clip import frames_to_ms
from stretchaudio.mix.model import BedSegment, MixCue, Stroke

AFTER_WORDS_MS = 700
"""The quiet between words and a stroke."""
LEAST_RING_MS = 5_000
"""A bowl rings alone for so long at the least; it has lost 6 dB when words begin."""
EVERY_MS = 13_000
"""The time between two strokes in a long silence."""
_AT_ENDS_MS = (3_000, 12_000)
"""The parts of a track without strokes, at its start and its end."""


def strokes_of(
    segments: Sequence[BedSegment], voices: Sequence[MixCue], end_ms: int
) -> tuple[Stroke, ...]:
    """List the strokes of a track, in order; none when its bed has no bowls.

    Args:
        segments: The bed.
        voices: All cues, in order.
        end_ms: The end of the track.
    """
    bowls = [segment for segment in segments if segment.source.name == BOWLS]
    times_ms = list(_times_ms(voices, end_ms)) if bowls else []
    return tuple(
        Stroke(
            at_ms=at_ms,
            seed=segment.source.seed,
            number=segment.position_ms + number,
            level_lufs=segment.source.level_lufs,
        )
        for segment in bowls
        for number, at_ms in enumerate(
            at_ms
            for at_ms in times_ms
            if frames_to_ms(segment.start_frame) <= at_ms < frames_to_ms(segment.end_frame)
        )
    )


def _times_ms(voices: Sequence[MixCue], end_ms: int) -> Iterator[int]:
    first_ms, last_ms = _AT_ENDS_MS[0], end_ms - _AT_ENDS_MS[1]
    silences = [(one.end_ms, other.start_ms) for one, other in pairwise(voices)]
    for start_ms, until_ms in silences if voices else [(first_ms, end_ms)]:
        times = range(start_ms + AFTER_WORDS_MS, until_ms - LEAST_RING_MS, EVERY_MS)
        yield from (at_ms for at_ms in times if first_ms <= at_ms <= last_ms)
