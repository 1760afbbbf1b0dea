"""Room tone: a noise too low to notice, which keeps wireless headsets awake where nobody speaks."""

from typing import Any

import numpy as np

from stretchaudio.audio.mp3.frames import VOICE

LOOP_FRAMES = 500
"""12 s: long enough that the loop is not heard as one."""
LOW_HZ, HIGH_HZ = 40, 300
_SEED = 20


def tone_loop(level_db: float | None) -> Any:
    """One round of a tone that joins itself without a seam.

    Args:
        level_db: Its RMS level in dBFS; None for digital silence.

    Returns:
        Mono samples at 24 kHz as float64, full scale being 1, shape (LOOP_FRAMES * 576,).
    """
    samples = LOOP_FRAMES * VOICE.samples
    if level_db is None:
        return np.zeros(samples)
    # Random phases on whole numbers of periods: a noise that is periodic in the loop's length.
    hertz = np.fft.rfftfreq(samples, 1 / VOICE.sample_rate_hz)
    inside = (hertz >= LOW_HZ) & (hertz <= HIGH_HZ)
    phases = np.random.default_rng(_SEED).uniform(0, 2 * np.pi, len(hertz))
    noise = np.fft.irfft(np.where(inside, np.exp(1j * phases), 0), samples)
    return noise * (10 ** (level_db / 20) / np.sqrt(np.mean(noise**2)))
