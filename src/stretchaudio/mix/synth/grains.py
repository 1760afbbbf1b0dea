"""Draw noise in grains, and all that beds have in common: seeds, slow curves, places."""

from collections.abc import Callable
from functools import reduce
from typing import TypeAlias

import numpy as np

from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Curve, FrameValues, Mono, Stereo

RATE = MIX.sample_rate_hz
FRAME_S = MIX.samples / RATE
TEXTURE_SAMPLES = 20 * RATE
_HOP = 2 * RATE
_GRAIN = 2 * _HOP
_PERIOD_RATIOS = (1.0, 1.618, 0.739)
"""Of three slow sines, whose periods have no common multiple."""

_Spectrum: TypeAlias = Callable[[Mono], Mono]
"""Gives an amplitude for each frequency in Hz."""


def grains(texture: Callable[[], Stereo], seed: int, start: int, samples: int) -> Stereo:
    """Add grains of a texture that overlap by half, in windows of constant power."""
    window = np.sin(np.pi * (np.arange(_GRAIN) + 0.5) / _GRAIN)[:, None].astype(np.float32)
    out = np.zeros((samples, 2), np.float32)
    first = start // _HOP - 1
    for number in range(first, ceil_div(start + samples, _HOP)):
        at = number * _HOP - start
        low, high = max(0, at), min(samples, at + _GRAIN)
        if low < high:
            offset = int(draw_from(seed, number).integers(0, TEXTURE_SAMPLES - _GRAIN))
            grain = texture()[offset + low - at : offset + high - at]
            out[low:high] += grain * window[low - at : high - at]
    return out


def seconds(make: Callable[[int, int], Stereo], seed: int, start: int, samples: int) -> Stereo:
    """Add what is made for each second and rings on in the next.

    Args:
        make: Makes two seconds of sound from a seed and a second's number.
        seed: Which of all variants.
        start: The first sample at 48 kHz.
        samples: How many.
    """
    out = np.zeros((samples, 2), np.float32)
    for number in range(start // RATE - 1, ceil_div(start + samples, RATE)):
        at = number * RATE - start
        low, high = max(0, at), min(samples, at + 2 * RATE)
        if low < high:
            out[low:high] += make(seed, number)[low - at : high - at]
    return out


def place(out: Stereo, sound: Mono, at: int, pan: float) -> None:
    """Add a short sound somewhere between left (0) and right (1), equally loud everywhere."""
    sides = np.sqrt(np.array([1 - pan, pan]) * 2)
    out[at : at + len(sound)] += (sound[:, None] * sides).astype(np.float32)


def between_frames(values: FrameValues) -> Curve:
    """Draw straight lines from each frame's value to the next.

    Args:
        values: At the start of each MP3 frame and at the end of the last; shape (frames + 1,) or
            (frames + 1, channels).

    Returns:
        One for each sample, float32.
    """
    values = values.astype(np.float32).reshape(len(values), -1)
    way = (np.arange(MIX.samples, dtype=np.float32) / np.float32(MIX.samples))[:, None]
    lines: Curve = values[:-1, None] + np.diff(values, axis=0)[:, None] * way
    return lines.reshape(-1, values.shape[1])


def wander(seed: int, start: int, samples: int, *, period_s: float) -> Curve:
    """Draw a slow curve between -1 and 1, for each sample."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    lines = between_frames(slow_curve(seed, first, last + 1, period_s))[:, 0]
    return lines[start - first * MIX.samples :][:samples]


def slow_curve(seed: int, first: int, last: int, period_s: float) -> FrameValues:
    """Draw a slow curve between -1 and 1, at the start of each MP3 frame."""
    times = np.arange(first, last) * (MIX.samples / RATE)
    phases = draw_from(seed, 0, 3).uniform(0, 2 * np.pi, 3)
    sines = (
        np.sin(2 * np.pi * times / (period_s * ratio) + phase)
        for ratio, phase in zip(_PERIOD_RATIOS, phases, strict=True)
    )
    curve: FrameValues = reduce(np.add, sines) / 3
    return curve


def draw_from(*seeds: int) -> np.random.Generator:
    """Open a source of random numbers that is the same for the same seeds."""
    return np.random.default_rng([abs(seed) * 2 + (seed < 0) for seed in seeds])


def make_noise(seed: int, spectrum: _Spectrum, *, width: float = 1.0) -> Stereo:
    """Make a texture of noise that joins itself.

    Args:
        seed: For its phases.
        spectrum: Its amplitude by frequency.
        width: How far the channels differ: 0 is mono, 1 is all they can.
    """
    hertz = np.fft.rfftfreq(TEXTURE_SAMPLES, 1 / RATE)
    amplitude = spectrum(np.maximum(hertz, 1.0))
    draw = np.random.default_rng(seed)
    middle, side = (
        np.fft.irfft(amplitude * np.exp(2j * np.pi * draw.random(len(hertz))), TEXTURE_SAMPLES)
        for _ in range(2)
    )
    stereo = np.stack([middle + width * side, middle - width * side], axis=1)
    texture: Stereo = (stereo / np.sqrt(np.mean(stereo**2))).astype(np.float32)
    return texture


def band_pass(hertz: Mono, low: float, high: float, *, order: int = 4) -> Mono:
    """Give the amplitudes of a smooth band-pass."""
    band: Mono = 1 / np.sqrt((1 + (low / hertz) ** order) * (1 + (hertz / high) ** order))
    return band
