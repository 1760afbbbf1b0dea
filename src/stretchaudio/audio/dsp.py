"""Filter sound, and measure its energy and peaks as BS.1770 asks.

A library for the filters exists (SciPy), but importing it takes three times as long as all else
that a helper has to do before its first cue. The filters here agree with it to a millionth of a
decibel.
"""

import math
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, reduce
from typing import Any

import numpy as np
import soxr
from numpy.typing import NDArray

from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.loudness import db_to_gain
from stretchaudio.audio.mp3.frames import FrameFormat
from stretchaudio.audio.types import FrameValues, Mono, Pcm, Signal, Stereo

_FFT_SIZE = 1 << 15
_SETTLED = 1 << 12
"""Samples after which nothing is left of the sound before them."""
# At 48 kHz the slowest pole decays by 170 dB meanwhile.

# The analogue form of the filters that ITU-R BS.1770-4, annex 1, gives for 48 kHz (B. De Man).
_SHELF_HZ, _SHELF_Q = 1681.974450955533, 0.7071752369554196
_SHELF_DB, _SHELF_SLOPE = 3.999843853973347, 0.4996667741545416
_HIGH_PASS_HZ, _HIGH_PASS_Q = 38.13547087602444, 0.5003270373238773

_OVERSAMPLING = 4
# The interpolator of `peaks_above`: flat to 20 kHz within 0.2 dB.
_TAPS = 12
_TAPS_BEFORE = _TAPS // 2 - 1
_KAISER_BETA = 6.0
_PEAKS_AT_ONCE = 1 << 15
_NEAR_PEAK = 0.75  # a true peak is hardly ever 2.5 dB above the samples beside it

FULL_SCALE = 1 << 15
"""The PCM value that full scale is."""
_FULL_SCALE_24 = 1 << 23

Section = tuple[float, float, float, float, float, float]
"""A biquad: b0, b1, b2, a0, a1, a2."""


def k_weighted(samples: Signal, rate_hz: int) -> Signal:
    """Weigh samples as BS.1770 does.

    Args:
        samples: Shape (n,) or (n, channels).
        rate_hz: Any sample rate; the recommendation gives the filters for 48 kHz only, from which
            their analogue form follows.

    Returns:
        The same shape and type.
    """
    step = _FFT_SIZE - _SETTLED
    columns = samples.reshape(len(samples), -1).T
    length = ceil_div(len(samples), step) * step
    padded = np.zeros((len(columns), _SETTLED + length), samples.dtype)
    padded[:, _SETTLED : _SETTLED + len(samples)] = columns
    out = np.empty((len(columns), length), samples.dtype)
    response = _response(k_sections(rate_hz), _FFT_SIZE)
    if samples.dtype == np.float32:
        response = response.astype(np.complex64)
    for at in range(0, length, step):
        # Overlap-save: what wraps around falls into the part that is thrown away.
        spectrum = np.fft.rfft(padded[:, at : at + _FFT_SIZE], axis=1)
        spectrum *= response
        out[:, at : at + step] = np.fft.irfft(spectrum, _FFT_SIZE, axis=1)[:, _SETTLED:]
    return out[:, : len(samples)].T.reshape(samples.shape)


def filtered(samples: Mono, *chains: Sequence[Section]) -> list[Mono]:
    """Filter a short sound in one go, by each of some chains.

    Args:
        samples: Mono, with as much quiet at the end as the filters ring.
        chains: Biquads, one after the other.
    """
    size = 1 << (len(samples) + _SETTLED).bit_length()
    spectrum = np.fft.rfft(samples, size)
    return [
        np.fft.irfft(spectrum * _response(tuple(chain), size), size)[: len(samples)]
        for chain in chains
    ]


@lru_cache(maxsize=4)
def k_sections(rate_hz: int) -> tuple[Section, Section]:
    """Design the two filters of the K-weighting for a sample rate, by the bilinear transform."""
    k = math.tan(math.pi * _SHELF_HZ / rate_hz)
    high = db_to_gain(_SHELF_DB)
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
    a1, a2 = 2 * (k * k - 1) / a0, (1 - k / _HIGH_PASS_Q + k * k) / a0
    return shelf, (1.0, -2.0, 1.0, 1.0, a1, a2)


def all_pass(hertz: float, q: float, rate_hz: int) -> Section:
    """Design an all-pass section (R. Bristow-Johnson's audio EQ cookbook)."""
    angle = 2 * math.pi * hertz / rate_hz
    alpha, middle = math.sin(angle) / (2 * q), -2 * math.cos(angle)
    return 1 - alpha, middle, 1 + alpha, 1 + alpha, middle, 1 - alpha


def high_pass(hertz: float, rate_hz: int) -> Section:
    """Design a Butterworth high-pass of second order (the same)."""
    angle = 2 * math.pi * hertz / rate_hz
    alpha, middle = math.sin(angle) / math.sqrt(2), math.cos(angle)
    return (1 + middle) / 2, -1 - middle, (1 + middle) / 2, 1 + alpha, -2 * middle, 1 - alpha


@lru_cache(maxsize=32)
def _response(sections: tuple[Section, ...], size: int) -> NDArray[np.complexfloating[Any, Any]]:
    """Compute the gain of a chain at each frequency of a real FFT of some size."""
    z = np.exp(-2j * np.pi * np.arange(size // 2 + 1) / size)
    gains = (
        (b0 + z * (b1 + z * b2)) / (a0 + z * (a1 + z * a2)) for b0, b1, b2, a0, a1, a2 in sections
    )
    return reduce(np.multiply, gains)


def frame_energy(samples: Signal, form: FrameFormat, *, frames: int | None = None) -> FrameValues:
    """Measure the K-weighted mean square of each MP3 frame, summed over the channels.

    Args:
        samples: At the rate and with the channels of the format.
        form: The format of the frames.
        frames: How many to measure, silent behind the samples; None for all whole frames.
    """
    weighted = k_weighted(samples, form.sample_rate_hz)
    if frames is not None:
        missing = frames * form.samples - len(weighted)
        weighted = np.pad(weighted, ((0, missing), (0, 0))[: weighted.ndim])
    return weighted_frame_energy(weighted, form)


def weighted_frame_energy(weighted: Signal, form: FrameFormat) -> FrameValues:
    """Measure the mean square of each whole MP3 frame of samples that `k_weighted` has weighed."""
    whole = len(weighted) // form.samples * form.samples
    frames = weighted[:whole].reshape(-1, form.samples * form.channels)
    energy: FrameValues = np.einsum("ij,ij->i", frames, frames) / form.samples
    return energy


def to_pcm(samples: Signal) -> Pcm:
    """Round samples to 16 bits, as the encoder takes them; what is above full scale is cut off."""
    scaled = np.rint(samples * FULL_SCALE)
    return np.clip(scaled, -FULL_SCALE, FULL_SCALE - 1).astype("<i2")


def to_pcm_24(samples: Signal) -> NDArray[np.int32]:
    """Round samples to 24 bits, in the upper part of 32; what is above full scale is cut off."""
    scaled = np.rint(samples.astype(np.float64) * _FULL_SCALE_24)
    return np.clip(scaled, -_FULL_SCALE_24, _FULL_SCALE_24 - 1).astype(np.int32) << 8


def loudest_channel(samples: Signal) -> Mono:
    """Find the highest magnitude of each sample over its channels, shape (n,)."""
    # Column by column: NumPy takes ten times as long for the maximum of many short rows.
    columns = np.abs(samples.reshape(len(samples), -1)).T
    return reduce(np.maximum, columns)


def mean_channel(samples: Signal) -> Mono:
    """Average the channels of each sample, shape (n,)."""
    columns = samples.reshape(len(samples), -1).T
    return reduce(np.add, columns) / len(columns)


def sample_peak(samples: Signal) -> float:
    """Find the highest sample, full scale being 1."""
    return float(np.max(np.abs(samples), initial=0.0))


def true_peak(samples: Signal, *, edges: int = 0) -> float:
    """Find the true peak by fourfold oversampling, full scale being 1 (BS.1770, annex 2).

    Args:
        samples: Shape (n,) or (n, channels).
        edges: Samples at either end that are not measured: where loud sound is cut off, the filter
            rings.
    """
    between = soxr.resample(samples, 1, _OVERSAMPLING)
    skipped = edges * _OVERSAMPLING
    return sample_peak(between[skipped : len(between) - skipped])


def limiter_peak(samples: Stereo) -> float:
    """Find the true peak as the limiter sees it, full scale being 1.

    Unlike `true_peak`, it looks only beside the highest samples and does not resample the rest.

    Args:
        samples: Stereo at 48 kHz.
    """
    highest = sample_peak(samples)
    return max([highest, *(float(peaks.max()) for _, peaks in peaks_above(samples, highest))])


def peaks_above(samples: Stereo, level: float) -> Iterator[tuple[NDArray[np.intp], Signal]]:
    """Find where true peaks may be above a level.

    Args:
        samples: Stereo at 48 kHz.
        level: Full scale being 1.

    Yields:
        The numbers of samples at which one may be, and the highest value from each to the next over
        both channels.
    """
    loud = loudest_channel(samples) > level * _NEAR_PEAK
    loud[:-1] |= loud[1:]
    wanted = np.flatnonzero(loud)
    padded = np.pad(samples, ((_TAPS_BEFORE, _TAPS - 1 - _TAPS_BEFORE), (0, 0)))
    for first in range(0, len(wanted), _PEAKS_AT_ONCE):  # in parts, for the sake of memory
        at = wanted[first : first + _PEAKS_AT_ONCE]
        around = padded[at[:, None] + np.arange(_TAPS)]
        between = np.einsum("itc,tp->icp", around, _interpolators(), optimize=True)
        yield at, np.abs(between).max(axis=(1, 2))


@cache
def _interpolators() -> NDArray[np.float32]:
    """Design the filters that find a sample and the three values between it and the next.

    Returns:
        Shape (taps, 4).
    """
    phases = []
    for step in range(_OVERSAMPLING):
        distance = np.arange(_TAPS) - _TAPS_BEFORE - step / _OVERSAMPLING
        inside = np.sqrt(np.maximum(0, 1 - (distance / (_TAPS / 2)) ** 2))
        window = np.i0(_KAISER_BETA * inside) / np.i0(_KAISER_BETA)
        taps = np.sinc(distance) * window
        phases.append(taps / taps.sum())
    return np.stack(phases, axis=1).astype(np.float32)
