"""Make a brook: the rush of water, and bubbles of many sizes."""

from functools import cache, lru_cache

import numpy as np

from stretchaudio.audio.types import Mono, Stereo
from stretchaudio.mix.synth.grains import (
    RATE,
    band_pass,
    draw_from,
    grains,
    make_noise,
    place,
    seconds,
    wander,
)

_BUBBLE_HERTZ, _BUBBLE_STEPS = 330.0, 63
"""The lowest pitch of a stream's bubbles, and how many 24ths of an octave go up from it."""


def stream(seed: int, start: int, samples: int) -> Stereo:
    """Let a brook run: the rush of water, and bubbles that gurgle here and there in it."""
    flow = wander(seed, start, samples, period_s=31)
    rush = 0.42 * grains(_stream_texture, seed, start, samples)
    rush *= (10 ** (1.5 * flow / 20))[:, None]
    return rush + seconds(_gurgles, seed, start, samples) * (10 ** (flow / 20))[:, None]


@lru_cache(maxsize=16)
def _gurgles(seed: int, second: int) -> Stereo:
    """Make the gurgles that begin in one second, each of some bubbles of about one size."""
    draw = draw_from(seed, second, 6)
    out = np.zeros((2 * RATE, 2), np.float32)
    for _ in range(int(draw.poisson(9))):
        size, begin_s = int(draw.integers(_BUBBLE_STEPS)), draw.uniform(0, 1)
        pan, strength = draw.uniform(0.1, 0.9), 0.75 * min(2.5, draw.lognormal(0, 0.5))
        for _ in range(2 + int(draw.poisson(5))):
            bubble = _bubble(size + int(draw.integers(-9, 15)))
            at = int((begin_s + draw.uniform(0, 0.35)) * RATE)
            place(out, bubble * (strength * draw.uniform(0.3, 1)), at, pan)
    return out


@cache
def _bubble(step: int) -> Mono:
    """Make one bubble, which rings as it closes and a little higher as it rises.

    Args:
        step: Its pitch in 24ths of an octave.
    """
    # Small bubbles are higher and softer and die away sooner: van den Doel, Physically based models
    # for liquid sounds, 2005.
    hertz = _BUBBLE_HERTZ * 2 ** (step / 24)
    ring_s, rise = 14 / hertz, 0.01 * (step % 6)
    times = np.arange(round(6 * ring_s * RATE)) / RATE
    turns = hertz * times * (1 + rise * times / ring_s)
    ringing = np.exp(-times / ring_s) * np.sin(2 * np.pi * turns)
    bubble: Mono = ringing * np.minimum(1, times / 0.0015) * (700 / hertz) ** 0.4
    return bubble


@cache
def _stream_texture() -> Stereo:
    return make_noise(
        51, lambda hertz: hertz**-0.6 * band_pass(hertz, 250, 5_000, order=3), width=0.8
    )
