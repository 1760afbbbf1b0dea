"""Generate beds and chimes.

Beds are endless sounds of which any segment can be made by itself. Noise is drawn from a texture of
twenty seconds, in grains whose places in it are drawn anew each time, so that no loop is heard.
Everything follows from a seed and the time, and nothing from what was made before.
"""

from collections.abc import Callable
from functools import cache, lru_cache, reduce
from typing import TypeAlias

import numpy as np

from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.dsp import frame_energy
from stretchaudio.audio.loudness import BLOCK_FRAMES, db_to_gain, energy_to_lufs
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Curve, FrameValues, Mono, Stereo
from stretchaudio.mix.model import ROOM_TONE, ChimeKind, ChimeSound

RATE = MIX.sample_rate_hz
_TEXTURE = 20 * RATE
_HOP = 2 * RATE
_GRAIN = 2 * _HOP

_HARMONICS = (2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 20, 24)
"""Of 41.7 Hz, the pitch whose period is an MP3 frame."""
_PERIOD_RATIOS = (1.0, 1.618, 0.739)
"""Of three slow sines, whose periods have no common multiple."""

_BOWL_HERTZ = (166.7, 208.3, 250.0, 333.3, 375.0, 500.0)
_BOWL_MODES = (
    (1.0, 1.0, 7.0, 0.6),
    (2.71, 0.32, 4.0, 0.9),
    (5.15, 0.1, 1.8, 0.7),
    (8.2, 0.03, 0.8, 0.5),
)
"""A bowl's modes: pitch ratio, loudness, seconds to fade to a third, and beat in Hz."""
# It beats between its two halves, since bowls are never quite round. Ratios: Inácio, Henrique and
# Antunes, The dynamics of Tibetan singing bowls, 2006.
_BOWL_S = 24.0
_BEAT_DEPTH = 0.2
"""The part of the loudness by which a beat goes up and down."""

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
    ChimeSound.SOFT: ((1.0, 1.0, 1.6), (2.0, 0.25, 1.1), (2.76, 0.35, 0.7), (5.4, 0.1, 0.25)),
    ChimeSound.BRIGHT: ((1.0, 1.0, 0.9), (2.76, 0.5, 0.45), (5.4, 0.25, 0.2), (8.93, 0.1, 0.1)),
}
"""Pitch ratio, loudness, and seconds to fade to a third."""
# The ratios are those of a free bar (Fletcher and Rossing, The Physics of Musical Instruments), and
# an octave that rounds the soft one.
_SIDE_GAP_S = 0.28  # a change of side is struck twice
_CHIME_DB = {ChimeKind.HALFWAY: -3.0}

_Spectrum: TypeAlias = Callable[[Mono], Mono]
"""Gives an amplitude for each frequency in Hz."""
_Event: TypeAlias = tuple[float, Curve, Stereo]
"""How many seconds late it is, its mono sound, and its gain in each channel, shape (2,)."""


def render_segment(name: str, seed: int, start: int, samples: int) -> Stereo:
    """Make some of a bed's sound.

    Args:
        name: One of `BEDS`.
        seed: Which of its variants.
        start: The first sample at 48 kHz.
        samples: How many.

    Returns:
        Stereo at 48 kHz, float32.
    """
    make, gain_db = BEDS[name]
    sound = make(seed, start, samples).astype(np.float32, copy=False)
    sound *= np.float32(db_to_gain(gain_db))
    return sound


def _rain(seed: int, start: int, samples: int) -> Stereo:
    """Make a steady fall of drops on leaves, a little heavier and lighter over minutes."""
    shower = 1 + 0.2 * _wander(seed, start, samples, period_s=31)
    return _grains(_rain_texture, seed, start, samples) * shower[:, None]


def _waves(seed: int, start: int, samples: int) -> Stereo:
    """Make waves that rise, break and run out, each a little other than the last."""
    swell = _events(_one_wave, seed, start, samples, every_s=9.0, longest_s=16.0)
    deep = _grains(_deep_texture, seed, start, samples)
    foam = _grains(_foam_texture, seed + 7, start, samples)
    return deep * (0.55 + 0.45 * swell) + foam * (0.1 + 0.4 * swell**2)


def _brown_noise(seed: int, start: int, samples: int) -> Stereo:
    return _grains(_brown_texture, seed, start, samples)


def _room_tone(seed: int, start: int, samples: int) -> Stereo:
    return _grains(_tone_texture, seed, start, samples)


def _drone(seed: int, start: int, samples: int) -> Stereo:
    """Make the overtones of one low string, each coming and going in its own time.

    Its pitches repeat with every MP3 frame, so that it fits to itself wherever it begins afresh.
    """
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    way = np.arange(MIX.samples) / MIX.samples
    tones = np.stack(
        [
            np.sin(2 * np.pi * harmonic * way + at) / harmonic**1.05
            for at, harmonic in enumerate(_HARMONICS)
        ]
    )
    channels = []
    for channel in range(2):
        overtones = range(len(_HARMONICS))
        levels = np.stack(
            [_overtone_level(seed, at, channel, first, last + 1) for at in overtones], axis=1
        )
        # From one frame's level to the next in a straight line.
        frames = levels[:-1] @ tones + np.diff(levels, axis=0) @ (tones * way)
        channels.append(frames.reshape(-1))
    begin = start - first * MIX.samples
    return np.stack(channels, axis=1)[begin : begin + samples]


def _overtone_level(seed: int, at: int, channel: int, first: int, last: int) -> FrameValues:
    """Vary the level of an overtone from frame to frame.

    It is much the same in both channels, so that the tone does not wander from side to side.
    """
    shared = _slow(seed + 11 * at, first, last, 23 + 3 * at)
    return 1 + 0.7 * shared + 0.2 * _slow(seed + 11 * at + 5 + channel, first, last, 17)


def _bowls(seed: int, start: int, samples: int) -> Stereo:
    """Strike singing bowls softly now and then, over a quiet drone."""
    strikes = _events(_one_bowl, seed, start, samples, every_s=13.0, longest_s=24.0)
    return strikes + 0.12 * _drone(seed, start, samples)


BEDS: dict[str, tuple[Callable[[int, int, int], Stereo], float]] = {
    "rain": (_rain, -27.4),
    "waves": (_waves, -22.6),
    "brown-noise": (_brown_noise, -24.5),
    "drone": (_drone, -18.6),
    "bowls": (_bowls, -14.1),
    ROOM_TONE: (_room_tone, 0.0),
}
"""The maker of each bed, and the gain in dB that brings it to `GENERATED_LUFS`."""
# Room tone is brought to an RMS of full scale.


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
    mono = _strike(sound, hertz)
    if kind is ChimeKind.SIDE:
        second = round(_SIDE_GAP_S * RATE)
        mono[second:] += _strike(sound, hertz * 4 / 3)[:-second]  # a fourth higher
    stereo = np.stack([mono, mono], axis=1)
    window = np.full(BLOCK_FRAMES, 1 / BLOCK_FRAMES)
    loudest = np.convolve(frame_energy(stereo, MIX), window, mode="valid").max()
    own_lufs = energy_to_lufs(float(loudest))
    return stereo * db_to_gain(level_lufs + _CHIME_DB.get(kind, 0.0) - own_lufs)


def _strike(sound: ChimeSound, hertz: float) -> Mono:
    samples = _CHIME_S * RATE // MIX.samples * MIX.samples
    times = np.arange(samples) / RATE
    out = np.zeros(samples)
    for ratio, loudness, decay_s in _PARTIALS[sound]:
        out += loudness * np.exp(-times / decay_s) * np.sin(2 * np.pi * hertz * ratio * times)
    end = np.minimum(1, (times[-1] - times) / 1.0)
    attack = np.minimum(1, times / _ATTACK_S)
    struck: Mono = out * attack * end
    return struck


def _grains(texture: Callable[[], Stereo], seed: int, start: int, samples: int) -> Stereo:
    """Add grains of a texture that overlap by half, in windows of constant power."""
    window = np.sin(np.pi * (np.arange(_GRAIN) + 0.5) / _GRAIN)[:, None].astype(np.float32)
    out = np.zeros((samples, 2), np.float32)
    first = start // _HOP - 1
    for number in range(first, ceil_div(start + samples, _HOP)):
        at = number * _HOP - start
        low, high = max(0, at), min(samples, at + _GRAIN)
        if low < high:
            offset = int(_draw(seed, number).integers(0, _TEXTURE - _GRAIN))
            grain = texture()[offset + low - at : offset + high - at]
            out[low:high] += grain * window[low - at : high - at]
    return out


def _events(
    make: Callable[[int, int], _Event],
    seed: int,
    start: int,
    samples: int,
    *,
    every_s: float,
    longest_s: float,
) -> Stereo:
    """Add events that happen about every so often.

    Args:
        make: Makes an event from a seed and its number.
        seed: Which of all variants.
        start: The first sample at 48 kHz.
        samples: How many.
        every_s: The time from one event to the next, but for how late each is.
        longest_s: The longest time between an event's turn and its end.
    """
    every = round(every_s * RATE)
    out = np.zeros((samples, 2), np.float32)
    first, last = (start - round(longest_s * RATE)) // every - 1, (start + samples) // every + 1
    for number in range(first, last + 1):
        delay_s, sound, gains = make(seed, number)
        at = number * every + round(delay_s * RATE) - start
        low, high = max(0, at), min(samples, at + len(sound))
        if low < high:
            out[low:high] += sound[low - at : high - at, None] * gains
    return out


@lru_cache(maxsize=8)
def _one_wave(seed: int, number: int) -> _Event:
    """Shape the strength of a wave over its time."""
    draw = _draw(seed, number, 1)
    rise_s, fall_s = draw.uniform(3.0, 4.5), draw.uniform(5.0, 8.0)
    strength, pan = draw.uniform(0.5, 0.9), draw.uniform(-0.25, 0.25)
    rise = np.sin(np.pi / 2 * np.arange(round(rise_s * RATE)) / (rise_s * RATE)) ** 2
    fall = np.cos(np.pi / 2 * np.arange(round(fall_s * RATE)) / (fall_s * RATE)) ** 2
    swell = strength * np.concatenate([rise, fall**1.5])
    delay_s = float(draw.uniform(0, 3.0))
    return delay_s, swell.astype(np.float32), np.array([1 - pan, 1 + pan], np.float32)


def _one_bowl(seed: int, number: int) -> _Event:
    """Strike one of a set of bowls, harder or softer, somewhere between left and right."""
    draw = _draw(seed, number, 2)
    pan, strength = draw.uniform(-0.2, 0.2), draw.uniform(0.7, 1.0)
    bowl = _bowl(_BOWL_HERTZ[int(draw.integers(len(_BOWL_HERTZ)))])
    gains = np.array([1 - pan, 1 + pan], np.float32) * np.float32(strength)
    return float(draw.uniform(0, 7.0)), bowl, gains


@cache
def _bowl(hertz: float) -> Curve:
    times = np.arange(round(_BOWL_S * RATE)) / RATE
    sound = np.zeros(len(times))
    for ratio, loudness, decay_s, beat_hertz in _BOWL_MODES:
        heard = times[: round(min(_BOWL_S, 7 * decay_s) * RATE)]
        beat = 1 - _BEAT_DEPTH + _BEAT_DEPTH * np.cos(2 * np.pi * beat_hertz * heard + hertz)
        tone = np.sin(2 * np.pi * hertz * ratio * heard)
        sound[: len(heard)] += loudness * np.exp(-heard / decay_s) * beat * tone
    attack, release = np.minimum(1, times / 0.06) ** 2, np.minimum(1, (times[-1] - times) / 2)
    bowl: Curve = (sound * attack * release).astype(np.float32)
    return bowl


def _wander(seed: int, start: int, samples: int, *, period_s: float) -> Curve:
    """Draw a slow curve between -1 and 1, for each sample."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    corners = _slow(seed, first, last + 1, period_s).astype(np.float32)
    way = np.arange(MIX.samples, dtype=np.float32) / MIX.samples
    lines = corners[:-1, None] + np.diff(corners)[:, None] * way
    return lines.reshape(-1)[start - first * MIX.samples :][:samples]


def _slow(seed: int, first: int, last: int, period_s: float) -> FrameValues:
    """Draw a slow curve between -1 and 1, at the start of each MP3 frame."""
    times = np.arange(first, last) * (MIX.samples / RATE)
    phases = _draw(seed, 0, 3).uniform(0, 2 * np.pi, 3)
    sines = (
        np.sin(2 * np.pi * times / (period_s * ratio) + phase)
        for ratio, phase in zip(_PERIOD_RATIOS, phases, strict=True)
    )
    curve: FrameValues = reduce(np.add, sines) / 3
    return curve


def _draw(*seeds: int) -> np.random.Generator:
    return np.random.default_rng([abs(seed) * 2 + (seed < 0) for seed in seeds])


def _noise(seed: int, spectrum: _Spectrum, *, width: float = 1.0) -> Stereo:
    """Make a texture of noise that joins itself.

    Args:
        seed: For its phases.
        spectrum: Its amplitude by frequency.
        width: How far the channels differ: 0 is mono, 1 is all they can.
    """
    hertz = np.fft.rfftfreq(_TEXTURE, 1 / RATE)
    amplitude = spectrum(np.maximum(hertz, 1.0))
    draw = np.random.default_rng(seed)
    middle, side = (
        np.fft.irfft(amplitude * np.exp(2j * np.pi * draw.random(len(hertz))), _TEXTURE)
        for _ in range(2)
    )
    stereo = np.stack([middle + width * side, middle - width * side], axis=1)
    texture: Stereo = (stereo / np.sqrt(np.mean(stereo**2))).astype(np.float32)
    return texture


def _band(hertz: Mono, low: float, high: float, *, order: int = 4) -> Mono:
    """Give the amplitudes of a smooth band-pass."""
    band: Mono = 1 / np.sqrt((1 + (low / hertz) ** order) * (1 + (hertz / high) ** order))
    return band


@cache
def _rain_texture() -> Stereo:
    hush = _noise(31, lambda hertz: hertz**-0.6 * _band(hertz, 250, 4_500), width=0.7)
    return hush + 0.3 * _drops()


def _drops() -> Stereo:
    """Make single drops: short ringing bursts at random places."""
    draw = np.random.default_rng(32)
    out = np.zeros((_TEXTURE, 2), np.float32)
    for _ in range(6_000):
        length = int(draw.integers(300, 1_500))
        times = np.arange(length) / RATE
        tone = np.sin(2 * np.pi * draw.uniform(900, 4_500) * times)
        drop = np.exp(-times / (length / RATE / 5)) * tone
        pan = draw.uniform(0.1, 0.9)
        loudness = min(2.0, draw.lognormal(0, 0.5))
        at = int(draw.integers(0, _TEXTURE - length))
        panned = loudness * drop[:, None] * np.array([1 - pan, pan])
        out[at : at + length] += panned.astype(np.float32)
    drops: Stereo = out / np.sqrt(np.mean(out**2))
    return drops


@cache
def _deep_texture() -> Stereo:
    return _noise(41, lambda hertz: hertz**-0.9 * _band(hertz, 90, 900), width=0.6)


@cache
def _foam_texture() -> Stereo:
    return _noise(42, lambda hertz: hertz**-0.4 * _band(hertz, 500, 6_000), width=0.9)


@cache
def _brown_texture() -> Stereo:
    return _noise(43, lambda hertz: hertz**-1.0 * _band(hertz, 65, 4_000, order=6), width=0.6)


@cache
def _tone_texture() -> Stereo:
    return _noise(44, lambda hertz: _band(hertz, 40, 300, order=8), width=0.3)
