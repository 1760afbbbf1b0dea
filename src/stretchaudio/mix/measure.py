"""What is measured of a mix: loudness (BS.1770), peaks and true peaks."""

import math
from collections.abc import Iterator
from functools import cache
from typing import Any

import numpy as np

from stretchaudio.filters import k_weighted
from stretchaudio.mp3.frames import MIX

_OVERSAMPLING = 4
_TAPS = 12
_BEFORE = _TAPS // 2 - 1
"""How many samples before the one that is looked at the filters see."""
_AT_ONCE = 1 << 15
_NEAR = 0.75
"""A true peak is hardly ever 2.5 dB above the samples beside it."""
_BETA = 6.0
"""Of the Kaiser window; the filter is flat to 20 kHz within 0.2 dB."""


def frame_energy(samples: Any) -> Any:
    """The K-weighted mean square of each MP3 frame, both channels summed; the loudness of a stretch is that of its mean.

    Args:
        samples: Stereo of whole frames.
    """
    frames = k_weighted(samples, MIX.sample_rate_hz).reshape(-1, 2 * MIX.samples)
    return np.einsum("ij,ij->i", frames, frames) / MIX.samples


def lufs(energy: float) -> float:
    """The loudness of a mean square."""
    return -0.691 + 10 * math.log10(energy) if energy > 0 else -math.inf


def sample_peak(samples: Any) -> float:
    """The highest sample, full scale being 1."""
    return max(float(np.max(np.abs(samples), initial=0.0)), 1e-9)


def true_peak(samples: Any) -> float:
    """The true peak of stereo samples at 48 kHz, full scale being 1 (BS.1770, annex 2)."""
    highest = sample_peak(samples)
    return max([highest, *(float(peaks.max()) for _, peaks in peaks_above(samples, highest))])


def peaks_above(samples: Any, level: float) -> Iterator[tuple[Any, Any]]:
    """Where true peaks may be above a level.

    Args:
        samples: Stereo at 48 kHz, shape (n, 2).
        level: Full scale being 1.

    Yields:
        Samples at which one may be, by their number, and the highest value from each to the next over both channels.
    """
    loud = np.maximum(np.abs(samples[:, 0]), np.abs(samples[:, 1])) > level * _NEAR
    loud[:-1] |= loud[1:]
    wanted = np.flatnonzero(loud)
    padded = np.pad(samples, ((_BEFORE, _TAPS - 1 - _BEFORE), (0, 0)))
    for first in range(0, len(wanted), _AT_ONCE):  # in parts, for the sake of memory
        at = wanted[first : first + _AT_ONCE]
        around = padded[at[:, None] + np.arange(_TAPS)]
        yield at, np.abs(np.einsum("itc,tp->icp", around, _phases(), optimize=True)).max(axis=(1, 2))


@cache
def _phases() -> Any:
    """The filters that find a sample and the three values between it and the next; shape (taps, 4)."""
    phases = []
    for step in range(_OVERSAMPLING):
        distance = np.arange(_TAPS) - _BEFORE - step / _OVERSAMPLING
        window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / (_TAPS / 2)) ** 2))) / np.i0(_BETA)
        taps = np.sinc(distance) * window
        phases.append(taps / taps.sum())
    return np.stack(phases, axis=1).astype(np.float32)
