"""Beds made by the program: endless sounds of which any stretch can be made by itself.

Noise is drawn from a texture of twenty seconds, in grains whose places in it are drawn anew each time, so that no loop is heard.
Everything follows from a seed and the time, and nothing from what was made before.
"""

from collections.abc import Callable
from functools import cache, lru_cache
from typing import Any

import numpy as np

from stretchaudio.audio.dsp import frame_energy, lufs
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.mix.model import ROOM_TONE, ChimeKind, ChimeSound

RATE = MIX.sample_rate_hz
_TEXTURE = 20 * RATE
_HOP = 2 * RATE
_GRAIN = 2 * _HOP
_HARMONICS = (2, 3, 4, 5, 6, 8, 9, 10, 12, 16, 20, 24)
"""Of 41.7 Hz, the pitch whose period is an MP3 frame."""

_RATIOS = (1.0, 1.618, 0.739)
"""Of the periods of three sines that have no common multiple."""
_Shape = Callable[[Any], Any]
_Event = Callable[[int, int], tuple[float, Any, Any]]
"""From a seed and a number: how many seconds late an event is, its mono sound, and its gain in each channel."""


def render_segment(name: str, seed: int, start: int, samples: int) -> Any:
    """Some of a bed's sound.

    Args:
        name: One of `BEDS`.
        seed: Which of its variants.
        start: The first sample at 48 kHz.
        samples: How many.

    Returns:
        Stereo at 48 kHz, float32, shape (samples, 2).
    """
    make, gain_db = BEDS[name]
    sound = make(seed, start, samples).astype(np.float32, copy=False)
    sound *= np.float32(10 ** (gain_db / 20))
    return sound


def _rain(seed: int, start: int, samples: int) -> Any:
    """A steady fall of drops on leaves, a little heavier and lighter over minutes."""
    shower = 1 + 0.2 * _wander(seed, start, samples, period_s=31)
    return _grains(_rain_texture, seed, start, samples) * shower[:, None]


def _waves(seed: int, start: int, samples: int) -> Any:
    """Waves that rise, break and run out, each a little other than the last."""
    swell = _events(_one_wave, seed, start, samples, every_s=9.0, longest_s=16.0)
    deep = _grains(_deep_texture, seed, start, samples)
    foam = _grains(_foam_texture, seed + 7, start, samples)
    return deep * (0.55 + 0.45 * swell) + foam * (0.1 + 0.4 * swell**2)


def _brown_noise(seed: int, start: int, samples: int) -> Any:
    return _grains(_brown_texture, seed, start, samples)


def _room_tone(seed: int, start: int, samples: int) -> Any:
    return _grains(_tone_texture, seed, start, samples)


def _drone(seed: int, start: int, samples: int) -> Any:
    """The overtones of one low string, each coming and going in its own time.

    Its pitches repeat with every MP3 frame, so that it fits to itself wherever it begins afresh.
    """
    first, last = start // MIX.samples, -(-(start + samples) // MIX.samples)
    way = np.arange(MIX.samples) / MIX.samples
    tones = np.stack(
        [
            np.sin(2 * np.pi * harmonic * way + at) / harmonic**1.05
            for at, harmonic in enumerate(_HARMONICS)
        ]
    )
    channels = []
    for channel in range(2):
        levels = np.stack(
            [_level(seed, at, channel, first, last + 1) for at in range(len(_HARMONICS))], axis=1
        )
        # From one frame's level to the next in a straight line.
        channels.append((levels[:-1] @ tones + np.diff(levels, axis=0) @ (tones * way)).reshape(-1))
    begin = start - first * MIX.samples
    return np.stack(channels, axis=1)[begin : begin + samples]


def _level(seed: int, at: int, channel: int, first: int, last: int) -> Any:
    """How loud an overtone is over time: much the same in both channels, so that it does not wander from side to side."""
    shared = _slow(seed + 11 * at, first, last, 23 + 3 * at)
    return 1 + 0.7 * shared + 0.2 * _slow(seed + 11 * at + 5 + channel, first, last, 17)


def _bowls(seed: int, start: int, samples: int) -> Any:
    """Singing bowls struck softly now and then, over a quiet drone."""
    return _events(_one_bowl, seed, start, samples, every_s=13.0, longest_s=24.0) + 0.12 * _drone(
        seed, start, samples
    )


BEDS: dict[str, tuple[Callable[[int, int, int], Any], float]] = {
    "rain": (_rain, -27.4),
    "waves": (_waves, -22.6),
    "brown-noise": (_brown_noise, -24.5),
    "drone": (_drone, -18.6),
    "bowls": (_bowls, -14.1),
    ROOM_TONE: (_room_tone, 0.0),
}
"""Each bed, and what brings it to `GENERATED_LUFS`; the room tone is brought to an RMS of full scale."""


def _grains(texture: Callable[[], Any], seed: int, start: int, samples: int) -> Any:
    """Grains of a texture that overlap by half, in windows of constant power."""
    window = np.sin(np.pi * (np.arange(_GRAIN) + 0.5) / _GRAIN)[:, None].astype(np.float32)
    out = np.zeros((samples, 2), np.float32)
    first = start // _HOP - 1
    for number in range(first, -(-(start + samples) // _HOP)):
        at = number * _HOP - start
        low, high = max(0, at), min(samples, at + _GRAIN)
        if low < high:
            offset = int(_draw(seed, number).integers(0, _TEXTURE - _GRAIN))
            grain = texture()[offset + low - at : offset + high - at]
            out[low:high] += grain * window[low - at : high - at]
    return out


def _events(
    make: _Event, seed: int, start: int, samples: int, *, every_s: float, longest_s: float
) -> Any:
    """The sum of events that happen about every so often."""
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
def _one_wave(seed: int, number: int) -> tuple[float, Any, Any]:
    """How strong a wave is over its time."""
    draw = _draw(seed, number, 1)
    rise_s, fall_s = draw.uniform(3.0, 4.5), draw.uniform(5.0, 8.0)
    strength, pan = draw.uniform(0.5, 0.9), draw.uniform(-0.25, 0.25)
    rise = np.sin(np.pi / 2 * np.arange(round(rise_s * RATE)) / (rise_s * RATE)) ** 2
    fall = np.cos(np.pi / 2 * np.arange(round(fall_s * RATE)) / (fall_s * RATE)) ** 2
    swell = strength * np.concatenate([rise, fall**1.5])
    return (
        float(draw.uniform(0, 3.0)),
        swell.astype(np.float32),
        np.array([1 - pan, 1 + pan], np.float32),
    )


_BOWL_HERTZ = (166.7, 208.3, 250.0, 333.3, 375.0, 500.0)
_BOWL_MODES = (
    (1.0, 1.0, 7.0, 0.6),
    (2.71, 0.32, 4.0, 0.9),
    (5.15, 0.1, 1.8, 0.7),
    (8.2, 0.03, 0.8, 0.5),
)
"""A bowl's modes: times its lowest pitch, how loud, how many seconds until it has faded to a third, and the beat in Hz between
its two halves, since bowls are never quite round. Ratios: Inácio, Henrique and Antunes, The dynamics of Tibetan singing bowls,
2006."""
_BOWL_S = 24.0
_BEAT = 0.2
"""How deep it is: up to this part of the loudness, either way."""


def _one_bowl(seed: int, number: int) -> tuple[float, Any, Any]:
    """One of a set of bowls, struck harder or softer, somewhere between left and right."""
    draw = _draw(seed, number, 2)
    pan, strength = draw.uniform(-0.2, 0.2), draw.uniform(0.7, 1.0)
    bowl = _bowl(_BOWL_HERTZ[int(draw.integers(len(_BOWL_HERTZ)))])
    return (
        float(draw.uniform(0, 7.0)),
        bowl,
        np.array([1 - pan, 1 + pan], np.float32) * np.float32(strength),
    )


@cache
def _bowl(hertz: float) -> Any:
    times = np.arange(round(_BOWL_S * RATE)) / RATE
    sound = np.zeros(len(times))
    for ratio, loudness, decay_s, beat_hertz in _BOWL_MODES:
        heard = times[: round(min(_BOWL_S, 7 * decay_s) * RATE)]
        beat = 1 - _BEAT + _BEAT * np.cos(2 * np.pi * beat_hertz * heard + hertz)
        sound[: len(heard)] += (
            loudness * np.exp(-heard / decay_s) * beat * np.sin(2 * np.pi * hertz * ratio * heard)
        )
    return (
        sound * np.minimum(1, times / 0.06) ** 2 * np.minimum(1, (times[-1] - times) / 2)
    ).astype(np.float32)


def _wander(seed: int, start: int, samples: int, *, period_s: float) -> Any:
    """A slow curve between -1 and 1, for each sample."""
    first, last = start // MIX.samples, -(-(start + samples) // MIX.samples)
    corners = _slow(seed, first, last + 1, period_s).astype(np.float32)
    way = np.arange(MIX.samples, dtype=np.float32) / MIX.samples
    lines = corners[:-1, None] + np.diff(corners)[:, None] * way
    return lines.reshape(-1)[start - first * MIX.samples :][:samples]


def _slow(seed: int, first: int, last: int, period_s: float) -> Any:
    """A slow curve between -1 and 1 at the start of each MP3 frame; its three sines have periods that have no common multiple."""
    times = np.arange(first, last) * (MIX.samples / RATE)
    phases = _draw(seed, 0, 3).uniform(0, 2 * np.pi, 3)
    sines = (
        np.sin(2 * np.pi * times / (period_s * ratio) + phase)
        for ratio, phase in zip((1.0, 1.618, 0.739), phases, strict=True)
    )
    return sum(sines) / 3


def _draw(*seeds: int) -> np.random.Generator:
    return np.random.default_rng([abs(seed) * 2 + (seed < 0) for seed in seeds])


def _noise(seed: int, shape: _Shape, *, width: float = 1.0) -> Any:
    """A stereo texture of noise that joins itself.

    Args:
        seed: For its phases.
        shape: Amplitude by frequency in Hz.
        width: How far the channels differ: 0 is mono, 1 is all they can.
    """
    hertz = np.fft.rfftfreq(_TEXTURE, 1 / RATE)
    amplitude = shape(np.maximum(hertz, 1.0))
    draw = np.random.default_rng(seed)
    middle, side = (
        np.fft.irfft(amplitude * np.exp(2j * np.pi * draw.random(len(hertz))), _TEXTURE)
        for _ in range(2)
    )
    stereo = np.stack([middle + width * side, middle - width * side], axis=1)
    return (stereo / np.sqrt(np.mean(stereo**2))).astype(np.float32)


def _band(hertz: Any, low: float, high: float, *, order: int = 4) -> Any:
    """A smooth band-pass."""
    return 1 / np.sqrt((1 + (low / hertz) ** order) * (1 + (hertz / high) ** order))


@cache
def _rain_texture() -> Any:
    hush = _noise(31, lambda hertz: hertz**-0.6 * _band(hertz, 250, 4_500), width=0.7)
    return hush + 0.3 * _drops()


def _drops() -> Any:
    """Single drops: short ringing bursts at random places."""
    draw = np.random.default_rng(32)
    out = np.zeros((_TEXTURE, 2), np.float32)
    for _ in range(6_000):
        length = int(draw.integers(300, 1_500))
        times = np.arange(length) / RATE
        drop = np.exp(-times / (length / RATE / 5)) * np.sin(
            2 * np.pi * draw.uniform(900, 4_500) * times
        )
        pan, loudness, at = (
            draw.uniform(0.1, 0.9),
            min(2.0, draw.lognormal(0, 0.5)),
            int(draw.integers(0, _TEXTURE - length)),
        )
        out[at : at + length] += (loudness * drop[:, None] * np.array([1 - pan, pan])).astype(
            np.float32
        )
    return out / np.sqrt(np.mean(out**2))


@cache
def _deep_texture() -> Any:
    return _noise(41, lambda hertz: hertz**-0.9 * _band(hertz, 90, 900), width=0.6)


@cache
def _foam_texture() -> Any:
    return _noise(42, lambda hertz: hertz**-0.4 * _band(hertz, 500, 6_000), width=0.9)


@cache
def _brown_texture() -> Any:
    return _noise(43, lambda hertz: hertz**-1.0 * _band(hertz, 65, 4_000, order=6), width=0.6)


@cache
def _tone_texture() -> Any:
    return _noise(44, lambda hertz: _band(hertz, 40, 300, order=8), width=0.3)


RATE = MIX.sample_rate_hz
_SECONDS = 8
_ATTACK_S = 0.003
_LOUDEST_FRAMES = 17
"""408 ms: the stretch that a chime's loudness is measured by."""
_HERTZ = {
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
