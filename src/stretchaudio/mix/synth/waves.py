"""Make surf: trains of waves that swell, break and run out."""

from collections.abc import Callable
from functools import cache, lru_cache

import numpy as np

from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import FrameValues, Stereo
from stretchaudio.mix.synth.grains import (
    FRAME_S,
    band_pass,
    between_frames,
    draw_from,
    grains,
    make_noise,
)


def _surf_texture(seed: int, low: float, high: float) -> Callable[[], Stereo]:
    @cache
    def texture() -> Stereo:
        return make_noise(
            seed, lambda hertz: hertz**-0.5 * band_pass(hertz, low, high, order=6), width=0.8
        )

    return texture


_SURF = (
    (_surf_texture(41, 80, 350), 1.0, 3.6, 0.03),
    (_surf_texture(42, 350, 1_300), 0.8, 2.8, 0.02),
    (_surf_texture(47, 1_300, 3_000), 0.6, 1.8, 0.01),
    (_surf_texture(48, 3_000, 7_000), 0.9, 0.7, 0.001),
    (_surf_texture(49, 7_000, 14_000), 1.5, 0.5, 0.0003),
)
"""The bands of a wave: their noise, how loud it is when the wave breaks, seconds to fade to a
third, and strength between waves."""
_DULLNESS = np.linspace(1.0, 2.2, len(_SURF))[:, None]
"""The powers of a wave's strength that its bands have: a small wave breaks less brightly."""
_TRAINS = ((11.3, 1.0), (19.1, 0.5), (29.9, 0.3))
"""Trains of waves: the seconds from one to the next, and their strength."""
_HIGHEST = 1.0
"""Waves that meet do not get much stronger than this together."""
_WAVE_FRAMES = round(20 / FRAME_S)


def waves(seed: int, start: int, samples: int) -> Stereo:
    """Let waves come in: each swells, breaks, and runs out in a hiss that gets darker."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    strength = np.zeros((last + 1 - first, len(_SURF), 2))
    for train, (every_s, loudness) in enumerate(_TRAINS):
        every = round(every_s / FRAME_S)
        for number in range((first - _WAVE_FRAMES) // every - 1, last // every + 1):
            delay_s, wave = _one_wave(seed + 101 * train, number)
            at = number * every + round(delay_s / FRAME_S) - first
            low, high = max(0, at), min(len(strength), at + len(wave))
            if low < high:
                strength[low:high] += loudness**_DULLNESS * wave[low - at : high - at]
    out = np.zeros((samples, 2), np.float32)
    begin = start - first * MIX.samples
    strength /= (1 + (strength / _HIGHEST) ** 4) ** 0.25
    for band, (texture, loudest, _, calm) in enumerate(_SURF):
        lines = between_frames(loudest * (strength[:, band] + calm))[begin : begin + samples]
        out += grains(texture, seed + 7 * band, start, samples) * lines
    return out


@lru_cache(maxsize=64)
def _one_wave(seed: int, number: int) -> tuple[float, FrameValues]:
    """Shape a wave: how late it is, and its strength in each frame, band and channel."""
    draw = draw_from(seed, number, 1)
    swell_s, break_s = draw.uniform(2.0, 3.5), draw.uniform(0.3, 0.8)
    strength, length = draw.uniform(0.6, 1.0), draw.uniform(0.8, 1.25)
    pan, drift = draw.uniform(-0.5, 0.5), draw.uniform(-0.4, 0.4)
    times = np.arange(_WAVE_FRAMES) * FRAME_S
    since = times - swell_s - break_s
    broken = np.sin(np.pi / 2 * np.clip(since / break_s + 1, 0, 1)) ** 2
    swell = np.clip(times / (swell_s + break_s), 0, 1) ** 3
    end = np.clip((times[-1] - times) / 2, 0, 1)
    bands = []
    for _, _, fading_s, _ in _SURF:
        hiss = broken * np.exp(-np.maximum(since, 0) / (fading_s * length))
        # Before it breaks a wave is a deep rush.
        bands.append(strength * end * np.maximum(hiss, swell * (fading_s / 12)))
    sides = np.clip(pan + drift * np.maximum(since, 0) / 3, -0.6, 0.6)
    panned = np.stack([1 - sides, 1 + sides], axis=1)
    wave: FrameValues = np.stack(bands, axis=1)[:, :, None] * panned[:, None, :]
    return float(draw.uniform(0, 3.0)), wave
