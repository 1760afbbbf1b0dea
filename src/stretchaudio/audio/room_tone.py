"""Make room tone: a noise too low to notice, which keeps wireless headsets awake."""

from functools import lru_cache

import numpy as np

from stretchaudio.audio.loudness import db_to_gain
from stretchaudio.audio.mp3.frames import VOICE, FrameFormat
from stretchaudio.audio.types import Mono

LOOP_FRAMES = 500
"""12 s: long enough that the loop is not heard as one."""
LOW_HZ, HIGH_HZ = 40, 300
_SEED = 20


@lru_cache(maxsize=4)  # a third of a clip's time, and a helper makes hundreds in the same tone
def tone_loop(level_db: float | None, form: FrameFormat = VOICE) -> Mono:
    """Make one round of a tone that joins itself without a seam.

    Args:
        level_db: Its RMS level in dBFS; None for digital silence.
        form: The format of the track.

    Returns:
        Mono samples, `LOOP_FRAMES` frames of them; they are shared, and cannot be changed.
    """
    samples = LOOP_FRAMES * form.samples
    if level_db is None:
        return np.zeros(samples)
    # Random phases on whole numbers of periods: a noise that is periodic in the loop's length.
    hertz = np.fft.rfftfreq(samples, 1 / form.sample_rate_hz)
    inside = (hertz >= LOW_HZ) & (hertz <= HIGH_HZ)
    phases = np.random.default_rng(_SEED).uniform(0, 2 * np.pi, len(hertz))
    noise = np.fft.irfft(np.where(inside, np.exp(1j * phases), 0), samples)
    tone: Mono = noise * (db_to_gain(level_db) / np.sqrt(np.mean(noise**2)))
    tone.flags.writeable = False
    return tone
