"""Shape the bed's gain over time: how far cues keep it down, and how it swells with the breath.

Times are known beforehand, so the bed can take its time. What each cue asks for is a curve of its
own; the bed follows the lowest. So its slopes are bounded, and a cue makes no difference further
away than `ducked_ms` tells.
"""

import math
from array import array
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import pairwise

from stretchaudio.audio.clip import FRAME_MS, frames_to_ms
from stretchaudio.mix.ducking import Ducking
from stretchaudio.mix.model import Breath, MixCue

Breakpoint = tuple[int, float]
"""A time in ms and the bed's gain in dB at that time."""
SWELL_DB = 5.0
"""The bed is this much quieter before and after a breath than between inhale and exhale."""
SWELL_EASE_MS = 1_000
"""The time it takes to get there, before the first of some breaths and after the last."""
SETTLED_MS = 150
"""The bed is down this long before a cue begins and after it has ended."""
# The slope of half a cosine is half of pi times that of a straight line.
FALL_MS_PER_DB = 42
"""Going down takes so long at the least: 37 dB a second where it is steepest."""
RISE_MS_PER_DB = 112
"""Coming back takes so long at the least: 14 dB a second."""


def duck_envelope(
    voices: Sequence[MixCue], depths_db: Sequence[float], duck: Ducking, first: int, last: int
) -> "array[float]":
    """Compute the bed's gain in dB at the start of each frame from `first` to before `last`.

    Args:
        voices: The cues, in order; cues that are missing count as far away.
        depths_db: How far the bed goes down for each.
        duck: How it gives way.
        first: A frame.
        last: Another.
    """
    gains_db = array("d", bytes(8 * (last - first)))

    def lower(from_ms: float, to_ms: float, gain_db: Callable[[int], float]) -> None:
        begin = max(first, math.ceil(from_ms / FRAME_MS))
        for frame in range(begin, min(last, math.ceil(to_ms / FRAME_MS))):
            at = frame - first
            gains_db[at] = min(gains_db[at], gain_db(frames_to_ms(frame)))

    cues = list(zip(voices, depths_db, strict=True))
    for voice, depth in cues:
        cone = _Cone(voice, depth, duck)
        lower(cone.start_ms - cone.fall_ms, cone.end_ms + cone.rise_ms, cone.gain_db)
    for (voice, depth), (following, next_depth) in pairwise(cues):
        if following.stays_down:
            stay = partial(_constant, -min(depth, next_depth))
            lower(voice.end_ms, following.start_ms, stay)
    return gains_db


def _constant(gain_db: float, now_ms: int) -> float:
    del now_ms
    return gain_db


class _Cone:
    """The highest gain that one cue allows the bed, from long before it to long after."""

    def __init__(self, voice: MixCue, depth: float, duck: Ducking) -> None:
        self.depth = depth
        self.start_ms, self.end_ms = voice.start_ms - SETTLED_MS, voice.end_ms + SETTLED_MS
        self.fall_ms = max(duck.attack_ms, depth * FALL_MS_PER_DB)
        self.rise_ms = max(duck.release_ms, depth * RISE_MS_PER_DB)

    def gain_db(self, now_ms: int) -> float:
        early = (self.start_ms - now_ms) / self.fall_ms
        late = (now_ms - self.end_ms) / self.rise_ms
        way = min(max(early, late, 0.0), 1.0)
        return -self.depth * (1 + math.cos(math.pi * way)) / 2


def ducked_ms(voices: Sequence[MixCue], duck: Ducking) -> Iterator[tuple[int, int]]:
    """Yield the time range in which each cue may affect the bed's gain, however deep it goes."""
    for before, voice, after in zip((None, *voices), voices, (*voices[1:], None), strict=False):
        cone = _Cone(voice, duck.most_depth_db, duck)
        start_ms = math.floor(cone.start_ms - cone.fall_ms)
        end_ms = math.ceil(cone.end_ms + cone.rise_ms)
        if before is not None and voice.stays_down:
            start_ms = min(start_ms, before.end_ms)
        if after is not None and after.stays_down:
            end_ms = max(end_ms, after.start_ms)
        yield start_ms, end_ms


def breath_envelope(breaths: Sequence[Breath]) -> list[Breakpoint]:
    """Return the bed's gain around some breaths; it is at its level between inhale and exhale."""
    points: list[Breakpoint] = []
    for breath in breaths:
        top_ms = breath.start_ms + breath.inhale_ms
        end_ms = top_ms + breath.exhale_ms
        if points and breath.start_ms - points[-2][0] < SWELL_EASE_MS:
            points.pop()  # the next breath follows
        else:
            points.append((breath.start_ms - SWELL_EASE_MS, 0.0))
        points += [(breath.start_ms, -SWELL_DB), (top_ms, 0.0), (end_ms, -SWELL_DB)]
        points.append((end_ms + SWELL_EASE_MS, 0.0))
    return points
