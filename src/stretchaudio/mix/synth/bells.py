"""Make what is struck: singing bowls and bells, in a small room."""

from collections.abc import Sequence
from functools import cache
from typing import TypeAlias

import numpy as np

from stretchaudio.audio.dsp import frame_energy
from stretchaudio.audio.loudness import BLOCK_FRAMES, db_to_gain, energy_to_lufs
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Mono, Stereo
from stretchaudio.mix.model import GENERATED_LUFS, ChimeKind, ChimeSound
from stretchaudio.mix.synth.grains import RATE, draw_from

_BOWL_HERTZ = (166.7, 208.3, 250.0, 333.3, 375.0, 500.0)
_BOWL_MODES = (
    (1.0, 1.0, 7.0, 0.6),
    (2.71, 0.32, 4.0, 0.9),
    (5.15, 0.1, 1.8, 0.7),
    (8.2, 0.03, 0.8, 0.5),
)
"""A bowl's modes: pitch ratio, loudness, seconds to fade to a third, and Hz between its tones."""
# Each has two tones, since bowls are never quite round. Ratios: Inácio, Henrique and Antunes, The
# dynamics of Tibetan singing bowls, 2006.
_BOWL_S = 24.0
_SECOND_TONE = 0.4
"""The loudness of a mode's second tone beside its first."""
_CHIME_S = 8
_ATTACK_S = 0.003
_CHIME_HERTZ = {
    ChimeSound.SOFT: {
        ChimeKind.START: 500.0,
        ChimeKind.HALFWAY: 666.7,
        ChimeKind.END: 416.7,
        ChimeKind.SIDE: 500.0,
    },
    ChimeSound.BRIGHT: {
        ChimeKind.START: 1000.0,
        ChimeKind.HALFWAY: 1333.3,
        ChimeKind.END: 833.3,
        ChimeKind.SIDE: 1000.0,
    },
}
"""In tune with the drone and the bowls: overtones of 41.7 Hz."""
_PARTIALS = {
    ChimeSound.SOFT: (
        (1.0, 1.0, 1.6, 0.7),
        (2.0, 0.25, 1.1, 0.9),
        (2.76, 0.35, 0.7, 1.3),
        (5.4, 0.1, 0.25, 2.1),
    ),
    ChimeSound.BRIGHT: (
        (1.0, 1.0, 0.9, 0.9),
        (2.76, 0.5, 0.45, 1.4),
        (5.4, 0.25, 0.2, 2.3),
        (8.93, 0.1, 0.1, 3.1),
    ),
}
"""Pitch ratio, loudness, seconds to fade to a third, and Hz between the two tones of each."""
# The ratios are those of a free bar (Fletcher and Rossing, The Physics of Musical Instruments), and
# an octave that rounds the soft one.
_SIDE_GAP_S = 0.28  # a change of side is struck twice

_CHIME_DB = {ChimeKind.HALFWAY: -3.0}
_ROOM_S = 0.8
"""The time in which the room around bells falls by 60 dB."""
_ROOM_DB = -14.0
"""Its loudness beside what was struck."""

_Partials: TypeAlias = Sequence[tuple[float, float, float, float]]
"""Pitch ratio, loudness, seconds to fade to a third, and Hz between the two tones of each."""


def bowl(seed: int, number: int) -> Stereo:
    """Make one stroke on one of a set of bowls; the hardest are at `GENERATED_LUFS`.

    Args:
        seed: Which of all variants.
        number: Which stroke.

    Returns:
        Stereo at 48 kHz, float32.
    """
    draw = draw_from(seed, number, 2)
    pan, strength = draw.uniform(0.3, 0.7), draw.uniform(0.75, 1.0)
    sound = _bowl(_BOWL_HERTZ[int(draw.integers(len(_BOWL_HERTZ)))])
    sides = np.sqrt(np.array([1 - pan, pan]) * 2)
    panned: Stereo = sound * (sides * strength).astype(np.float32)
    return panned


@cache
def _bowl(hertz: float) -> Stereo:
    times = np.arange(round(_BOWL_S * RATE)) / RATE
    sound = _tones(hertz, _BOWL_MODES, times) * np.minimum(1, times / 0.02)[:, None] ** 2
    sound += 0.25 * _mallet(times)
    struck = _in_room(sound * np.minimum(1, (times[-1] - times) / 2)[:, None])
    level: Stereo = struck * db_to_gain(GENERATED_LUFS - _momentary_lufs(struck))
    return level.astype(np.float32)


@cache
def chime_sound(sound: ChimeSound, kind: ChimeKind, level_lufs: float) -> Stereo:
    """Make a chime at its level, struck at its first sample.

    Args:
        sound: Which bell.
        kind: What it is for.
        level_lufs: The loudness of its loudest 0.4 s.

    Returns:
        Stereo at 48 kHz, float64.
    """
    hertz = _CHIME_HERTZ[sound][kind]
    struck = _strike(sound, hertz)
    if kind is ChimeKind.SIDE:
        second = round(_SIDE_GAP_S * RATE)
        struck[second:] += _strike(sound, hertz * 4 / 3)[:-second]  # a fourth higher
    return struck * db_to_gain(level_lufs + _CHIME_DB.get(kind, 0.0) - _momentary_lufs(struck))


def _strike(sound: ChimeSound, hertz: float) -> Stereo:
    samples = _CHIME_S * RATE // MIX.samples * MIX.samples
    times = np.arange(samples) / RATE
    end, attack = np.minimum(1, (times[-1] - times) / 1.0), np.minimum(1, times / _ATTACK_S)
    return _in_room(_tones(hertz, _PARTIALS[sound], times) * (attack * end)[:, None])


def _tones(hertz: float, partials: _Partials, times: Mono) -> Stereo:
    """Let partials ring, each of two tones, which are nearer to one side each."""
    out = np.zeros((len(times), 2))
    for at, (ratio, loudness, decay_s, apart_hz) in enumerate(partials):
        heard = times[: min(len(times), round(7 * decay_s * RATE))]
        fading = loudness * np.exp(-heard / decay_s)
        one, other = (
            np.sin(2 * np.pi * (hertz * ratio + shift) * heard) for shift in (0.0, apart_hz)
        )
        left, right = one + _SECOND_TONE * other, _SECOND_TONE * one + other
        out[: len(heard)] += fading[:, None] * np.stack([left, right][:: (-1) ** at], axis=1)
    return out


def _mallet(times: Mono) -> Stereo:
    """Make the knock of a soft mallet."""
    noise = np.random.default_rng(45).normal(size=round(0.06 * RATE))
    dull = np.convolve(noise, np.hanning(24) / 12, mode="same")
    out = np.zeros((len(times), 2))
    out[: len(dull)] = (dull * np.exp(-times[: len(dull)] / 0.008))[:, None]
    return out


def _in_room(sound: Stereo) -> Stereo:
    """Put a sound into a small room, which is another to each ear."""
    size = 1 << (len(sound) + round(_ROOM_S * RATE)).bit_length()
    times = np.arange(round(_ROOM_S * RATE)) / RATE
    echoes = np.random.default_rng(46).normal(size=(len(times), 2))
    echoes *= (10 ** (-3 * times / _ROOM_S) * (times > 0.008))[:, None]
    echoes *= db_to_gain(_ROOM_DB) / np.sqrt((echoes**2).sum(axis=0))
    spectrum = np.fft.rfft(sound, size, axis=0) * np.fft.rfft(echoes, size, axis=0)
    wet: Stereo = np.fft.irfft(spectrum, size, axis=0)[: len(sound)]
    return sound + wet


def _momentary_lufs(sound: Stereo) -> float:
    """Measure the loudest 0.4 s."""
    window = np.full(BLOCK_FRAMES, 1 / BLOCK_FRAMES)
    return energy_to_lufs(float(np.convolve(frame_energy(sound, MIX), window, mode="valid").max()))
