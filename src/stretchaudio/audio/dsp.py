"""Recursive filters, applied through FFTs: BS.1770's K-weighting and all-pass chains.

A library for this exists (SciPy), but importing it takes three times as long as all else that a helper has to do before its
first cue. What is done here agrees with it to a millionth of a decibel.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, reduce
from typing import Any

import numpy as np

from stretchaudio.audio.mp3.frames import MIX

_SIZE = 1 << 15
_SETTLED = 1 << 12
"""Samples after which nothing is left of what came before: at 48 kHz the slowest pole decays by 170 dB meanwhile."""
_SHELF_HZ, _SHELF_DB, _SHELF_Q, _SHELF_SLOPE = (
    1681.974450955533,
    3.999843853973347,
    0.7071752369554196,
    0.4996667741545416,
)
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773

Section = tuple[float, float, float, float, float, float]
"""A biquad: b0, b1, b2, a0, a1, a2."""


def k_weighted(samples: Any, rate_hz: int) -> Any:
    """Samples as BS.1770 weighs them.

    Args:
        samples: Shape (n,) or (n, channels).
        rate_hz: At any rate; the recommendation gives the filters for 48 kHz only, from which their analogue form follows.

    Returns:
        The same shape and type.
    """
    step = _SIZE - _SETTLED
    columns = samples.reshape(len(samples), -1).T
    parts = -(-len(samples) // step)
    padded = np.zeros((len(columns), _SETTLED + parts * step), samples.dtype)
    padded[:, _SETTLED : _SETTLED + len(samples)] = columns
    out = np.empty((len(columns), parts * step), samples.dtype)
    response = _response(k_sections(rate_hz), _SIZE).astype(
        np.complex64 if samples.dtype == np.float32 else np.complex128
    )
    for at in range(
        0, parts * step, step
    ):  # overlap-save: what wraps around falls into the part that is thrown away
        spectrum = np.fft.rfft(padded[:, at : at + _SIZE], axis=1)
        spectrum *= response
        out[:, at : at + step] = np.fft.irfft(spectrum, _SIZE, axis=1)[:, _SETTLED:]
    return out[:, : len(samples)].T.reshape(samples.shape)


def filtered(samples: Any, sections: Sequence[Section]) -> Any:
    """A short sound, filtered in one go.

    Args:
        samples: Mono, shape (n,), with as much quiet at the end as the filter rings.
        sections: Biquads, one after the other.
    """
    size = 1 << (len(samples) + _SETTLED).bit_length()
    return np.fft.irfft(np.fft.rfft(samples, size) * _response(tuple(sections), size), size)[
        : len(samples)
    ]


@lru_cache(maxsize=4)
def k_sections(rate_hz: int) -> tuple[Section, Section]:
    """The two filters of ITU-R BS.1770-4, annex 1, at any rate, by the bilinear transform of their analogue form (B. De Man)."""
    k = math.tan(math.pi * _SHELF_HZ / rate_hz)
    high = 10 ** (_SHELF_DB / 20)
    middle = high**_SHELF_SLOPE
    a0 = 1 + k / _SHELF_Q + k * k
    shelf = (
        (high + middle * k / _SHELF_Q + k * k) / a0,
        2 * (k * k - high) / a0,
        (high - middle * k / _SHELF_Q + k * k) / a0,
        1.0,
        2 * (k * k - 1) / a0,
        (1 - k / _SHELF_Q + k * k) / a0,
    )
    k = math.tan(math.pi * _HIGH_PASS_HZ / rate_hz)
    a0 = 1 + k / _HIGH_PASS_Q + k * k
    return shelf, (1.0, -2.0, 1.0, 1.0, 2 * (k * k - 1) / a0, (1 - k / _HIGH_PASS_Q + k * k) / a0)


def all_pass(hertz: float, q: float, rate_hz: int) -> Section:
    """An all-pass section (R. Bristow-Johnson's audio EQ cookbook)."""
    angle = 2 * math.pi * hertz / rate_hz
    alpha, middle = math.sin(angle) / (2 * q), -2 * math.cos(angle)
    return 1 - alpha, middle, 1 + alpha, 1 + alpha, middle, 1 - alpha


@lru_cache(maxsize=32)
def _response(sections: tuple[Section, ...], size: int) -> Any:
    """What a chain does to each frequency of a real FFT of that size."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    gains = (
        (b0 + z * (b1 + z * b2)) / (a0 + z * (a1 + z * a2)) for b0, b1, b2, a0, a1, a2 in sections
    )
    return reduce(np.multiply, gains)


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
        yield (
            at,
            np.abs(np.einsum("itc,tp->icp", around, _phases(), optimize=True)).max(axis=(1, 2)),
        )


@cache
def _phases() -> Any:
    """The filters that find a sample and the three values between it and the next; shape (taps, 4)."""
    phases = []
    for step in range(_OVERSAMPLING):
        distance = np.arange(_TAPS) - _BEFORE - step / _OVERSAMPLING
        window = np.i0(_BETA * np.sqrt(np.maximum(0, 1 - (distance / (_TAPS / 2)) ** 2))) / np.i0(
            _BETA
        )
        taps = np.sinc(distance) * window
        phases.append(taps / taps.sum())
    return np.stack(phases, axis=1).astype(np.float32)
