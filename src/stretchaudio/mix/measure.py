"""What is measured of a mix: loudness (BS.1770), peaks and true peaks."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np
import pyloudnorm
from scipy import signal

from stretchaudio.mp3.frames import MIX

_OVERSAMPLING = 4
_TAPS = 48
_MARGIN = _TAPS // _OVERSAMPLING // 2
"""How many samples on either side the filters have to see."""
_AT_ONCE = 200
"""Frames."""
_BETWEEN = 0.8
"""A true peak is hardly ever 2 dB above the samples of its frame."""
_BETA = 6.0
"""Of the Kaiser window; the filter is flat to 20 kHz within 0.2 dB."""


@cache
def _k_sections() -> Any:
    """The filters by which BS.1770 weighs."""
    filters = pyloudnorm.Meter(MIX.sample_rate_hz)._filters.values()
    return np.array([np.concatenate([stage.b * stage.passband_gain, stage.a]) for stage in filters])


def frame_energy(samples: Any) -> Any:
    """The K-weighted mean square of each MP3 frame, both channels summed; the loudness of a stretch is that of its mean.

    Args:
        samples: Stereo of whole frames.
    """
    sections = _k_sections()
    state = np.zeros((len(sections), 2, 2))
    energies = []
    for start in range(0, len(samples), _AT_ONCE * MIX.samples):  # in parts, for the sake of memory
        weighted, state = signal.sosfilt(sections, samples[start : start + _AT_ONCE * MIX.samples], axis=0, zi=state)
        frames = weighted.reshape(-1, 2 * MIX.samples)
        energies.append(np.einsum("ij,ij->i", frames, frames) / MIX.samples)
    return np.concatenate(energies)


def lufs(energy: float) -> float:
    """The loudness of a mean square."""
    return -0.691 + 10 * math.log10(energy) if energy > 0 else -math.inf


def sample_peak(samples: Any) -> float:
    """The highest sample, full scale being 1."""
    return max(float(np.max(np.abs(samples), initial=0.0)), 1e-9)


def true_peak(samples: Any) -> float:
    """The true peak of stereo samples at 48 kHz, full scale being 1 (BS.1770, annex 2)."""
    highest = sample_peak(samples)
    whole = np.pad(samples, ((0, -len(samples) % MIX.samples), (0, 0)))
    return max([highest, *(float(peaks.max()) for _, _, peaks in peaks_above(whole, highest))])


def peaks_above(samples: Any, level: float) -> Iterator[tuple[int, int, Any]]:
    """Where true peaks may be above a level.

    Args:
        samples: Stereo of whole frames.
        level: Full scale being 1.

    Yields:
        The first and last sample of each frame that may have one, and the true peak at each of its samples.
    """
    highest = np.abs(samples).reshape(-1, 2 * MIX.samples).max(axis=1)
    for frame in np.flatnonzero(highest > level * _BETWEEN):
        low, high = int(frame) * MIX.samples, int(frame + 1) * MIX.samples
        before, after = max(0, _MARGIN - low), max(0, high + _MARGIN - len(samples))
        around = np.pad(samples[max(0, low - _MARGIN) : high + _MARGIN], ((before, after), (0, 0)))
        yield low, high, _oversampled(around)


def _oversampled(samples: Any) -> Any:
    """The highest value between each sample and the next over both channels, by fourfold oversampling; for all but the margins."""
    peaks = np.abs(samples[_MARGIN:-_MARGIN]).max(axis=1)
    for channel in samples.T:
        for phase in _phases():
            between = np.convolve(channel, phase, mode="valid")
            first = _MARGIN - (len(phase) // 2 - 1)
            np.maximum(peaks, np.abs(between[first : first + len(peaks)]), out=peaks)
    return peaks


@cache
def _phases() -> tuple[Any, ...]:
    """The filters that find the three values between two samples."""
    per_phase = _TAPS // _OVERSAMPLING
    times = np.arange(per_phase) - (per_phase // 2 - 1)
    phases = []
    for step in range(1, _OVERSAMPLING):
        distance = times - step / _OVERSAMPLING
        window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / (per_phase / 2)) ** 2))) / np.i0(_BETA)
        taps = np.sinc(distance) * window
        phases.append((taps / taps.sum())[::-1])
    return tuple(phases)
