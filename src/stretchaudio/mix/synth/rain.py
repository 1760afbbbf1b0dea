"""Make rain: a hush of far drops, near ones that are heard singly, fat ones, and gusts."""

from functools import cache, lru_cache

import numpy as np

from stretchaudio.audio.types import Stereo
from stretchaudio.mix.synth.grains import (
    RATE,
    TEXTURE_SAMPLES,
    band_pass,
    draw_from,
    grains,
    make_noise,
    place,
    seconds,
    wander,
)


def rain(seed: int, start: int, samples: int) -> Stereo:
    """Let rain fall: a hush of far drops, near ones, now and then a fat one, and gusts in it."""
    gust = wander(seed, start, samples, period_s=43)
    brighter = wander(seed + 3, start, samples, period_s=29)
    hush = grains(_dark_rain_texture, seed, start, samples)
    hush *= (10 ** ((4.5 * gust - 1.5 * brighter) / 20))[:, None]
    hiss = grains(_bright_rain_texture, seed + 1, start, samples)
    hiss *= (10 ** ((4.5 * gust + 3.0 * brighter) / 20))[:, None]
    drops = seconds(_near_drops, seed, start, samples)
    return hush + hiss + drops * (10 ** (3.0 * gust / 20))[:, None]


@lru_cache(maxsize=16)
def _near_drops(seed: int, second: int) -> Stereo:
    """Make the drops that fall near in one second, and what is left of them in the next."""
    draw = draw_from(seed, second, 4)
    out = np.zeros((2 * RATE, 2), np.float32)
    for _ in range(int(draw.poisson(11))):
        hertz, ring_s = draw.uniform(2_500, 9_000), draw.uniform(0.0006, 0.0025)
        times = np.arange(round(8 * ring_s * RATE)) / RATE
        drop = np.exp(-times / ring_s) * np.sin(2 * np.pi * hertz * times)
        loudness = 2.8 * min(3.2, draw.lognormal(0.35, 0.6))
        place(out, drop * loudness, int(draw.integers(RATE)), draw.uniform(0.05, 0.95))
    if draw.random() < 0.6:
        times = np.arange(round(0.09 * RATE)) / RATE
        falling = 2 * np.pi * (250 * times + 150 * 0.03 * (1 - np.exp(-times / 0.03)))
        drop = np.exp(-times / 0.016) * np.sin(falling) * np.minimum(1, times / 0.001)
        loudness = draw.uniform(0.8, 2.0)
        place(out, drop * loudness, int(draw.integers(RATE)), draw.uniform(0.2, 0.8))
    return out


@cache
def _dark_rain_texture() -> Stereo:
    return make_noise(
        31, lambda hertz: hertz**-0.5 * band_pass(hertz, 180, 2_000, order=3), width=0.5
    )


@cache
def _bright_rain_texture() -> Stereo:
    """Make the hiss of far drops: some noise, and clicks so dense that they are one sound."""
    hiss = make_noise(
        32,
        lambda hertz: hertz**-0.5 * band_pass(hertz, 2_000, 26_000, order=3),
        width=0.5,
    )
    draw = np.random.default_rng(33)
    clicks = np.zeros((TEXTURE_SAMPLES, 2), np.float32)
    for _ in range(300 * 20):
        times = np.arange(round(draw.uniform(0.001, 0.003) * RATE)) / RATE
        ring = np.exp(-times / 0.0006) * np.sin(2 * np.pi * draw.uniform(2_000, 10_000) * times)
        at = int(draw.integers(0, TEXTURE_SAMPLES - len(times)))
        place(clicks, ring * min(2.5, draw.lognormal(0, 0.6)), at, draw.uniform(0.05, 0.95))
    texture: Stereo = hiss + 0.6 * clicks / np.sqrt(np.mean(clicks**2))
    return texture
