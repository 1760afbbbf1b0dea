"""Generate beds and chimes.

Beds are endless sounds of which any segment can be made by itself. Noise is drawn from a texture of
twenty seconds, in grains whose places in it are drawn anew each time, so that no loop is heard.
Everything follows from a seed and the time, and nothing from what was made before. Bowls are struck
where the plan says, over a drone.
"""

from collections.abc import Callable, Sequence
from functools import cache, lru_cache, reduce
from typing import TypeAlias

import numpy as np

from stretchaudio.audio.beds import BOWLS
from stretchaudio.audio.clip import ceil_div
from stretchaudio.audio.dsp import frame_energy
from stretchaudio.audio.loudness import BLOCK_FRAMES, db_to_gain, energy_to_lufs
from stretchaudio.audio.mp3.frames import MIX
from stretchaudio.audio.types import Curve, FrameValues, Mono, Stereo
from stretchaudio.mix.model import GENERATED_LUFS, ROOM_TONE, ChimeKind, ChimeSound

RATE = MIX.sample_rate_hz
_TEXTURE = 20 * RATE
_HOP = 2 * RATE
_GRAIN = 2 * _HOP
FRAME_S = MIX.samples / RATE

_PITCH_HZ = 41.67
_HARMONICS = (2, 3, 4, 6, 8, 9, 12, 16, 18, 20, 24, 27, 32, 36, 40, 48, 54, 64, 72, 80, 96)
"""Of the drone's pitch, whose period is an MP3 frame; up to 4 kHz."""
_DETUNED_CENTS = (2.0, 6.0)
"""How far the two halves of a tone are apart, at the least and the most."""
_PERIOD_RATIOS = (1.0, 1.618, 0.739)
"""Of three slow sines, whose periods have no common multiple."""

_BUBBLE_HERTZ, _BUBBLE_STEPS = 330.0, 63
"""The lowest pitch of a stream's bubbles, and how many 24ths of an octave go up from it."""

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

_Spectrum: TypeAlias = Callable[[Mono], Mono]
"""Gives an amplitude for each frequency in Hz."""
_Partials: TypeAlias = Sequence[tuple[float, float, float, float]]
"""Pitch ratio, loudness, seconds to fade to a third, and Hz between the two tones of each."""


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
    """Let rain fall: a hush of far drops, near ones, now and then a fat one, and gusts in it."""
    gust = _wander(seed, start, samples, period_s=43)
    brighter = _wander(seed + 3, start, samples, period_s=29)
    hush = _grains(_dark_rain_texture, seed, start, samples)
    hush *= (10 ** ((4.5 * gust - 1.5 * brighter) / 20))[:, None]
    hiss = _grains(_bright_rain_texture, seed + 1, start, samples)
    hiss *= (10 ** ((4.5 * gust + 3.0 * brighter) / 20))[:, None]
    drops = _seconds(_near_drops, seed, start, samples)
    return hush + hiss + drops * (10 ** (3.0 * gust / 20))[:, None]


@lru_cache(maxsize=16)
def _near_drops(seed: int, second: int) -> Stereo:
    """Make the drops that fall near in one second, and what is left of them in the next."""
    draw = _draw(seed, second, 4)
    out = np.zeros((2 * RATE, 2), np.float32)
    for _ in range(int(draw.poisson(11))):
        hertz, ring_s = draw.uniform(2_500, 9_000), draw.uniform(0.0006, 0.0025)
        times = np.arange(round(8 * ring_s * RATE)) / RATE
        drop = np.exp(-times / ring_s) * np.sin(2 * np.pi * hertz * times)
        loudness = 2.8 * min(3.2, draw.lognormal(0.35, 0.6))
        _place(out, drop * loudness, int(draw.integers(RATE)), draw.uniform(0.05, 0.95))
    if draw.random() < 0.6:
        times = np.arange(round(0.09 * RATE)) / RATE
        falling = 2 * np.pi * (250 * times + 150 * 0.03 * (1 - np.exp(-times / 0.03)))
        drop = np.exp(-times / 0.016) * np.sin(falling) * np.minimum(1, times / 0.001)
        loudness = draw.uniform(0.8, 2.0)
        _place(out, drop * loudness, int(draw.integers(RATE)), draw.uniform(0.2, 0.8))
    return out


def _place(out: Stereo, sound: Mono, at: int, pan: float) -> None:
    """Add a short sound somewhere between left (0) and right (1), equally loud everywhere."""
    sides = np.sqrt(np.array([1 - pan, pan]) * 2)
    out[at : at + len(sound)] += (sound[:, None] * sides).astype(np.float32)


def _stream(seed: int, start: int, samples: int) -> Stereo:
    """Let a brook run: the rush of water, and bubbles that gurgle here and there in it."""
    flow = _wander(seed, start, samples, period_s=31)
    rush = 0.42 * _grains(_stream_texture, seed, start, samples)
    rush *= (10 ** (1.5 * flow / 20))[:, None]
    return rush + _seconds(_gurgles, seed, start, samples) * (10 ** (flow / 20))[:, None]


@lru_cache(maxsize=16)
def _gurgles(seed: int, second: int) -> Stereo:
    """Make the gurgles that begin in one second, each of some bubbles of about one size."""
    draw = _draw(seed, second, 6)
    out = np.zeros((2 * RATE, 2), np.float32)
    for _ in range(int(draw.poisson(9))):
        size, begin_s = int(draw.integers(_BUBBLE_STEPS)), draw.uniform(0, 1)
        pan, strength = draw.uniform(0.1, 0.9), 0.75 * min(2.5, draw.lognormal(0, 0.5))
        for _ in range(2 + int(draw.poisson(5))):
            bubble = _bubble(size + int(draw.integers(-9, 15)))
            at = int((begin_s + draw.uniform(0, 0.35)) * RATE)
            _place(out, bubble * (strength * draw.uniform(0.3, 1)), at, pan)
    return out


@cache
def _bubble(step: int) -> Mono:
    """Make one bubble, which rings as it closes and a little higher as it rises.

    Args:
        step: Its pitch in 24ths of an octave.
    """
    # Small bubbles are higher and softer and die away sooner: van den Doel, Physically based models
    # for liquid sounds, 2005.
    hertz = _BUBBLE_HERTZ * 2 ** (step / 24)
    ring_s, rise = 14 / hertz, 0.01 * (step % 6)
    times = np.arange(round(6 * ring_s * RATE)) / RATE
    turns = hertz * times * (1 + rise * times / ring_s)
    ringing = np.exp(-times / ring_s) * np.sin(2 * np.pi * turns)
    bubble: Mono = ringing * np.minimum(1, times / 0.0015) * (700 / hertz) ** 0.4
    return bubble


def _waves(seed: int, start: int, samples: int) -> Stereo:
    """Let waves come in: each swells, breaks, and runs out in a hiss that gets darker."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    strength = np.zeros((last + 1 - first, len(_SURF), 2))
    for train, (every_s, loudness) in enumerate(_TRAINS):
        every = round(every_s / FRAME_S)
        for number in range((first - _WAVE_FRAMES) // every - 1, last // every + 1):
            delay_s, wave = _one_wave(seed + 101 * train, number)
            at = number * every + round(delay_s / FRAME_S) - first
            low, high = max(0, at), min(len(strength), at + len(wave))
            if low < high:
                strength[low:high] += loudness**_DULLNESS * wave[low - at : high - at]
    out = np.zeros((samples, 2), np.float32)
    begin = start - first * MIX.samples
    strength /= (1 + (strength / _HIGHEST) ** 4) ** 0.25
    for band, (texture, loudest, _, calm) in enumerate(_SURF):
        lines = between_frames(loudest * (strength[:, band] + calm))[begin : begin + samples]
        out += _grains(texture, seed + 7 * band, start, samples) * lines
    return out


def between_frames(values: FrameValues) -> Curve:
    """Draw straight lines from each frame's value to the next.

    Args:
        values: At the start of each MP3 frame and at the end of the last; shape (frames + 1,) or
            (frames + 1, channels).

    Returns:
        One for each sample, float32.
    """
    values = values.astype(np.float32).reshape(len(values), -1)
    way = (np.arange(MIX.samples, dtype=np.float32) / np.float32(MIX.samples))[:, None]
    lines: Curve = values[:-1, None] + np.diff(values, axis=0)[:, None] * way
    return lines.reshape(-1, values.shape[1])


@lru_cache(maxsize=64)
def _one_wave(seed: int, number: int) -> tuple[float, FrameValues]:
    """Shape a wave: how late it is, and its strength in each frame, band and channel."""
    draw = _draw(seed, number, 1)
    swell_s, break_s = draw.uniform(2.0, 3.5), draw.uniform(0.3, 0.8)
    strength, length = draw.uniform(0.6, 1.0), draw.uniform(0.8, 1.25)
    pan, drift = draw.uniform(-0.5, 0.5), draw.uniform(-0.4, 0.4)
    times = np.arange(_WAVE_FRAMES) * FRAME_S
    since = times - swell_s - break_s
    broken = np.sin(np.pi / 2 * np.clip(since / break_s + 1, 0, 1)) ** 2
    swell = np.clip(times / (swell_s + break_s), 0, 1) ** 3
    end = np.clip((times[-1] - times) / 2, 0, 1)
    bands = []
    for _, _, fading_s, _ in _SURF:
        hiss = broken * np.exp(-np.maximum(since, 0) / (fading_s * length))
        # Before it breaks a wave is a deep rush.
        bands.append(strength * end * np.maximum(hiss, swell * (fading_s / 12)))
    sides = np.clip(pan + drift * np.maximum(since, 0) / 3, -0.6, 0.6)
    panned = np.stack([1 - sides, 1 + sides], axis=1)
    wave: FrameValues = np.stack(bands, axis=1)[:, :, None] * panned[:, None, :]
    return float(draw.uniform(0, 3.0)), wave


def _brown_noise(seed: int, start: int, samples: int) -> Stereo:
    return _grains(_brown_texture, seed, start, samples)


def _room_tone(seed: int, start: int, samples: int) -> Stereo:
    return _grains(_tone_texture, seed, start, samples)


def _drone(seed: int, start: int, samples: int) -> Stereo:
    """Make the overtones of one low string, each of two tones that beat, under a slow filter."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    hertz, phases, sides = _drone_tones(seed)
    within = 2 * np.pi * hertz[:, None] * np.arange(MIX.samples) / RATE
    turned = 2 * np.pi * hertz * np.arange(first, last)[:, None] * FRAME_S + phases
    waves = np.concatenate([np.cos(within), np.sin(within)])
    opening_hz = 1_000 * 2 ** (1.2 * _slow(seed + 2, first, last + 1, 37))
    slow = np.stack([_slow(seed + 11 * at, first, last + 1, 23 + 3 * at) for at in _OVERTONES])
    levels = (1 + 0.7 * slow.repeat(2, axis=0).T) / (1 + (hertz / opening_hz[:, None]) ** 2)
    levels /= hertz**0.2
    way = np.arange(MIX.samples) / MIX.samples
    channels = []
    for side in sides:
        own = levels * side
        begin, change = (
            np.concatenate([part * np.sin(turned), part * np.cos(turned)], axis=1)
            for part in (own[:-1], np.diff(own, axis=0))
        )
        # From one frame's level to the next in a straight line.
        channels.append((begin @ waves + change @ (waves * way)).reshape(-1))
    at = start - first * MIX.samples
    return np.stack(channels, axis=1)[at : at + samples]


_OVERTONES = range(len(_HARMONICS))


@lru_cache(maxsize=8)
def _drone_tones(seed: int) -> tuple[Mono, Mono, Stereo]:
    """Draw the drone's tones, two of each overtone: Hz, phases, and the level on either side."""
    draw = _draw(seed, 0, 5)
    overtones = np.array(_HARMONICS).repeat(2)
    cents = draw.uniform(*_DETUNED_CENTS, len(_HARMONICS)).repeat(2) / 2
    cents[::2] *= -1
    phases = draw.uniform(0, 2 * np.pi, len(overtones))
    swapped = draw.random(len(_HARMONICS)).repeat(2) < 0.5
    near = np.where((np.arange(len(overtones)) % 2 == 0) ^ swapped, 1.0, 0.35)
    return _PITCH_HZ * overtones * 2 ** (cents / 1200), phases, np.stack([near, 1.35 - near])


def bowl(seed: int, number: int) -> Stereo:
    """Make one stroke on one of a set of bowls; the hardest are at `GENERATED_LUFS`.

    Args:
        seed: Which of all variants.
        number: Which stroke.

    Returns:
        Stereo at 48 kHz, float32.
    """
    draw = _draw(seed, number, 2)
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


BEDS: dict[str, tuple[Callable[[int, int, int], Stereo], float]] = {
    "rain": (_rain, -32.4),
    "waves": (_waves, -25.2),
    "stream": (_stream, -21.2),
    "brown-noise": (_brown_noise, -24.5),
    "drone": (_drone, -22.2),
    BOWLS: (_drone, -22.2),
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


def _seconds(make: Callable[[int, int], Stereo], seed: int, start: int, samples: int) -> Stereo:
    """Add what is made for each second and rings on in the next.

    Args:
        make: Makes two seconds of sound from a seed and a second's number.
        seed: Which of all variants.
        start: The first sample at 48 kHz.
        samples: How many.
    """
    out = np.zeros((samples, 2), np.float32)
    for number in range(start // RATE - 1, ceil_div(start + samples, RATE)):
        at = number * RATE - start
        low, high = max(0, at), min(samples, at + 2 * RATE)
        if low < high:
            out[low:high] += make(seed, number)[low - at : high - at]
    return out


def _wander(seed: int, start: int, samples: int, *, period_s: float) -> Curve:
    """Draw a slow curve between -1 and 1, for each sample."""
    first, last = start // MIX.samples, ceil_div(start + samples, MIX.samples)
    lines = between_frames(_slow(seed, first, last + 1, period_s))[:, 0]
    return lines[start - first * MIX.samples :][:samples]


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
def _dark_rain_texture() -> Stereo:
    return _noise(31, lambda hertz: hertz**-0.5 * _band(hertz, 180, 2_000, order=3), width=0.5)


@cache
def _bright_rain_texture() -> Stereo:
    """Make the hiss of far drops: some noise, and clicks so dense that they are one sound."""
    hiss = _noise(
        32,
        lambda hertz: hertz**-0.5 * _band(hertz, 2_000, 26_000, order=3),
        width=0.5,
    )
    draw = np.random.default_rng(33)
    clicks = np.zeros((_TEXTURE, 2), np.float32)
    for _ in range(300 * 20):
        times = np.arange(round(draw.uniform(0.001, 0.003) * RATE)) / RATE
        ring = np.exp(-times / 0.0006) * np.sin(2 * np.pi * draw.uniform(2_000, 10_000) * times)
        at = int(draw.integers(0, _TEXTURE - len(times)))
        _place(clicks, ring * min(2.5, draw.lognormal(0, 0.6)), at, draw.uniform(0.05, 0.95))
    texture: Stereo = hiss + 0.6 * clicks / np.sqrt(np.mean(clicks**2))
    return texture


@cache
def _stream_texture() -> Stereo:
    return _noise(51, lambda hertz: hertz**-0.6 * _band(hertz, 250, 5_000, order=3), width=0.8)


def _surf_texture(seed: int, low: float, high: float) -> Callable[[], Stereo]:
    @cache
    def texture() -> Stereo:
        return _noise(seed, lambda hertz: hertz**-0.5 * _band(hertz, low, high, order=6), width=0.8)

    return texture


_SURF = (
    (_surf_texture(41, 80, 350), 1.0, 3.6, 0.03),
    (_surf_texture(42, 350, 1_300), 0.8, 2.8, 0.02),
    (_surf_texture(47, 1_300, 3_000), 0.6, 1.8, 0.01),
    (_surf_texture(48, 3_000, 7_000), 0.9, 0.7, 0.001),
    (_surf_texture(49, 7_000, 14_000), 1.5, 0.5, 0.0003),
)
"""The bands of a wave: their noise, how loud it is when the wave breaks, seconds to fade to a
third, and strength between waves."""
_DULLNESS = np.linspace(1.0, 2.2, len(_SURF))[:, None]
"""The powers of a wave's strength that its bands have: a small wave breaks less brightly."""
_TRAINS = ((11.3, 1.0), (19.1, 0.5), (29.9, 0.3))
"""Trains of waves: the seconds from one to the next, and their strength."""
_HIGHEST = 1.0
"""Waves that meet do not get much stronger than this together."""
_WAVE_FRAMES = round(20 / FRAME_S)


@cache
def _brown_texture() -> Stereo:
    return _noise(
        43, lambda hertz: hertz**-1.0 * _band(hertz, 65, 4_000, order=6) * (hertz > 40), width=0.6
    )


@cache
def _tone_texture() -> Stereo:
    return _noise(44, lambda hertz: _band(hertz, 40, 300, order=8), width=0.3)
