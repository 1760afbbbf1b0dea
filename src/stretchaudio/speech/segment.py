"""pydub's segments, made from samples; pydub itself is imported here alone."""

import warnings
from typing import Any

import numpy as np

from stretchaudio.mp3.frames import VOICE

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # pydub looks for ffmpeg, which nothing here needs
    from pydub import AudioSegment

__all__ = ["AudioSegment", "segment"]

_FULL_SCALE = 1 << 15


def segment(samples: Any) -> AudioSegment:
    """A segment of whole milliseconds, in 16 bits.

    Args:
        samples: Mono at 24 kHz, float64, full scale being 1.
    """
    pcm = np.clip(np.rint(samples * _FULL_SCALE), -_FULL_SCALE, _FULL_SCALE - 1).astype("<i2")
    per_ms = VOICE.sample_rate_hz // 1000
    pcm = np.pad(pcm, (0, -len(pcm) % per_ms))
    return AudioSegment(pcm.tobytes(), sample_width=2, frame_rate=VOICE.sample_rate_hz, channels=1)
