"""Make the overtones of one low string, each of two tones that beat."""

from functools import lru_cache

import numpy as np

from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Mono, Stereo
from stretchaudio.mix.synth.grains import FRAME_S, RATE, draw_from, slow_curve

_PITCH_HZ = 41.67
_HARMONICS = (2, 3, 4, 6, 8, 9, 12, 16, 18, 20, 24, 27, 32, 36, 40, 48, 54, 64, 72, 80, 96)
"""Of the drone's pitch, whose period is an MP3 frame; up to 4 kHz."""
_DETUNED_CENTS = (2.0, 6.0)
"""How far the two halves of a tone are apart, at the least and the most."""
_OVERTONES = range(len(_HARMONICS))


def drone(seed: int, start: int, samples: int) -> Stereo:
    """Make the overtones of one low string, each of two tones that beat, under a slow filter."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    hertz, phases, sides = _drone_tones(seed)
    within = 2 * np.pi * hertz[:, None] * np.arange(MIX.samples) / RATE
    turned = 2 * np.pi * hertz * np.arange(first, last)[:, None] * FRAME_S + phases
    waves = np.concatenate([np.cos(within), np.sin(within)])
    opening_hz = 1_000 * 2 ** (1.2 * slow_curve(seed + 2, first, last + 1, 37))
    slow = np.stack([slow_curve(seed + 11 * at, first, last + 1, 23 + 3 * at) for at in _OVERTONES])
    levels = (1 + 0.7 * slow.repeat(2, axis=0).T) / (1 + (hertz / opening_hz[:, None]) ** 2)
    levels /= hertz**0.2
    way = np.arange(MIX.samples) / MIX.samples
    channels = []
    for side in sides:
        own = levels * side
        begin, change = (
            np.concatenate([part * np.sin(turned), part * np.cos(turned)], axis=1)
            for part in (own[:-1], np.diff(own, axis=0))
        )
        # From one frame's level to the next in a straight line.
        channels.append((begin @ waves + change @ (waves * way)).reshape(-1))
    at = start - first * MIX.samples
    return np.stack(channels, axis=1)[at : at + samples]


@lru_cache(maxsize=8)
def _drone_tones(seed: int) -> tuple[Mono, Mono, Stereo]:
    """Draw the drone's tones, two of each overtone: Hz, phases, and the level on either side."""
    draw = draw_from(seed, 0, 5)
    overtones = np.array(_HARMONICS).repeat(2)
    cents = draw.uniform(*_DETUNED_CENTS, len(_HARMONICS)).repeat(2) / 2
    cents[::2] *= -1
    phases = draw.uniform(0, 2 * np.pi, len(overtones))
    swapped = draw.random(len(_HARMONICS)).repeat(2) < 0.5
    near = np.where((np.arange(len(overtones)) % 2 == 0) ^ swapped, 1.0, 0.35)
    return _PITCH_HZ * overtones * 2 ** (cents / 1200), phases, np.stack([near, 1.35 - near])
