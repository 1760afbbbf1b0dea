"""The sound of a chime: partials that decay, each in its own time."""

from functools import cache
from typing import Any

import numpy as np

from stretchaudio.mix.measure import frame_energy, lufs
from stretchaudio.mix.model import ChimeKind, ChimeSound
from stretchaudio.mp3.frames import MIX

RATE = MIX.sample_rate_hz
_SECONDS = 8
_ATTACK_S = 0.003
_LOUDEST_FRAMES = 17
"""408 ms: the stretch that a chime's loudness is measured by."""
_HERTZ = {
    ChimeSound.SOFT: {ChimeKind.START: 500.0, ChimeKind.HALFWAY: 666.7, ChimeKind.END: 416.7, ChimeKind.SIDE: 500.0},
    ChimeSound.BRIGHT: {ChimeKind.START: 1000.0, ChimeKind.HALFWAY: 1333.3, ChimeKind.END: 833.3, ChimeKind.SIDE: 1000.0},
}
"""In tune with the drone and the bowls: overtones of 41.7 Hz."""
_PARTIALS = {
    ChimeSound.SOFT: ((1.0, 1.0, 1.6), (2.0, 0.25, 1.1), (2.76, 0.35, 0.7), (5.4, 0.1, 0.25)),
    ChimeSound.BRIGHT: ((1.0, 1.0, 0.9), (2.76, 0.5, 0.45), (5.4, 0.25, 0.2), (8.93, 0.1, 0.1)),
}
"""Times the pitch, how loud, and how many seconds until it has faded to a third. The ratios are those of a free bar (Fletcher and
Rossing, The Physics of Musical Instruments), and an octave that rounds the soft one."""
_SIDE_GAP_S = 0.28
"""A change of side is struck twice."""
_QUIETER_DB = {ChimeKind.HALFWAY: -3.0}


@cache
def chime_sound(sound: ChimeSound, kind: ChimeKind, level_lufs: float) -> Any:
    """A chime at its level, struck at its first sample.

    Args:
        sound: Which bell.
        kind: What it is for.
        level_lufs: The loudness of its loudest 0.4 s.

    Returns:
        Stereo at 48 kHz, float64, full scale being 1, shape (n, 2).
    """
    hertz = _HERTZ[sound][kind]
    mono = _strike(sound, hertz)
    if kind is ChimeKind.SIDE:
        second = round(_SIDE_GAP_S * RATE)
        mono[second:] += _strike(sound, hertz * 4 / 3)[:-second]  # a fourth higher
    stereo = np.stack([mono, mono], axis=1)
    energy = frame_energy(stereo)
    loudest = np.convolve(energy, np.full(_LOUDEST_FRAMES, 1 / _LOUDEST_FRAMES), mode="valid").max()
    return stereo * 10 ** ((level_lufs + _QUIETER_DB.get(kind, 0.0) - lufs(float(loudest))) / 20)


def _strike(sound: ChimeSound, hertz: float) -> Any:
    samples = _SECONDS * RATE // MIX.samples * MIX.samples
    times = np.arange(samples) / RATE
    out = np.zeros(samples)
    for ratio, loudness, decay_s in _PARTIALS[sound]:
        out += loudness * np.exp(-times / decay_s) * np.sin(2 * np.pi * hertz * ratio * times)
    end = np.minimum(1, (times[-1] - times) / 1.0)
    return out * np.minimum(1, times / _ATTACK_S) * end
