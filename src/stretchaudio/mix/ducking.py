"""How far the bed is down at any time, as corners that are joined by smooth curves."""

from collections.abc import Iterator, Sequence

from stretchaudio.mix.model import Breath, Ducking, MixCue

Breakpoint = tuple[int, float]
"""A time in ms and the bed's gain in dB at that time."""
SWELL_DB = 5.0
"""How much quieter the bed is before and after a breath than between inhale and exhale."""
SWELL_EASE_MS = 1_000
"""How long it takes to get there, before the first of some breaths and after the last."""


def duck_envelope(
    voices: Sequence[MixCue], duck: Ducking, extra_depth_db: Sequence[float]
) -> list[Breakpoint]:
    """The bed's gain around some cues; 0 dB before the first corner and after the last.

    Args:
        voices: The cues, in order.
        duck: How the bed gives way.
        extra_depth_db: How much further than `duck.depth_db` it goes down for each cue.
    """
    corners: list[Breakpoint] = []
    for before, voice, deeper in zip((None, *voices), voices, extra_depth_db, strict=False):
        down_db = -(duck.depth_db + deeper)
        if before is not None and _stays_down(before, voice, duck):
            corners.pop()
        else:
            corners.append((voice.start_ms - duck.attack_ms, 0.0))
        corners += [
            (voice.start_ms, down_db),
            (voice.end_ms, down_db),
            (voice.end_ms + duck.release_ms, 0.0),
        ]
    return corners


def ducked_ms(voices: Sequence[MixCue], duck: Ducking) -> Iterator[tuple[int, int]]:
    """From when to when each cue has a say in how far the bed is down."""
    for before, voice, after in zip((None, *voices), voices, (*voices[1:], None), strict=False):
        joins = before is not None and _stays_down(before, voice, duck)
        goes_on = after is not None and _stays_down(voice, after, duck)
        yield (
            before.end_ms if before and joins else voice.start_ms - duck.attack_ms,
            after.start_ms if after and goes_on else voice.end_ms + duck.release_ms,
        )


def _stays_down(voice: MixCue, following: MixCue, duck: Ducking) -> bool:
    return following.start_ms - voice.end_ms < max(duck.gap_ms, duck.attack_ms + duck.release_ms)


def breath_envelope(breaths: Sequence[Breath]) -> list[Breakpoint]:
    """The bed's gain around some breaths that it swells with, up to its level between inhale and exhale."""
    corners: list[Breakpoint] = []
    for breath in breaths:
        top_ms = breath.start_ms + breath.inhale_ms
        if corners and breath.start_ms - corners[-2][0] < SWELL_EASE_MS:
            corners.pop()  # the next breath follows
        else:
            corners.append((breath.start_ms - SWELL_EASE_MS, 0.0))
        corners += [
            (breath.start_ms, -SWELL_DB),
            (top_ms, 0.0),
            (top_ms + breath.exhale_ms, -SWELL_DB),
        ]
        corners.append((top_ms + breath.exhale_ms + SWELL_EASE_MS, 0.0))
    return corners
