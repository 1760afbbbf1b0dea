"""Shape the bed's gain over time, as breakpoints that are joined by smooth curves."""

from collections.abc import Iterator, Sequence

from stretchaudio.mix.model import Breath, Ducking, MixCue

Breakpoint = tuple[int, float]
"""A time in ms and the bed's gain in dB at that time."""
SWELL_DB = 5.0
"""The bed is this much quieter before and after a breath than between inhale and exhale."""
SWELL_EASE_MS = 1_000
"""The time it takes to get there, before the first of some breaths and after the last."""


def duck_envelope(
    voices: Sequence[MixCue], duck: Ducking, extra_depth_db: Sequence[float]
) -> list[Breakpoint]:
    """Return the bed's gain around some cues; 0 dB before the first point and after the last.

    Args:
        voices: The cues, in order.
        duck: How the bed gives way.
        extra_depth_db: How much further than `duck.depth_db` it goes down for each cue.
    """
    points: list[Breakpoint] = []
    for before, voice, extra_db in zip((None, *voices), voices, extra_depth_db, strict=False):
        down_db = -(duck.depth_db + extra_db)
        if before is not None and _stays_down(before, voice, duck):
            points.pop()
        else:
            points.append((voice.start_ms - duck.attack_ms, 0.0))
        points.append((voice.start_ms, down_db))
        points.append((voice.end_ms, down_db))
        points.append((voice.end_ms + duck.release_ms, 0.0))
    return points


def ducked_ms(voices: Sequence[MixCue], duck: Ducking) -> Iterator[tuple[int, int]]:
    """Yield the time range in which each cue affects the bed's gain."""
    for before, voice, after in zip((None, *voices), voices, (*voices[1:], None), strict=False):
        start_ms, end_ms = voice.start_ms - duck.attack_ms, voice.end_ms + duck.release_ms
        if before is not None and _stays_down(before, voice, duck):
            start_ms = before.end_ms
        if after is not None and _stays_down(voice, after, duck):
            end_ms = after.start_ms
        yield start_ms, end_ms


def _stays_down(voice: MixCue, following: MixCue, duck: Ducking) -> bool:
    return following.start_ms - voice.end_ms < max(duck.gap_ms, duck.attack_ms + duck.release_ms)


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
