"""Beds that the program makes: five minutes of each, measured."""

import math
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from listening import MIX_RATE_HZ, loudness
from stretchaudio.audio.beds import BOWLS, GENERATED_BEDS
from stretchaudio.audio.dsp import frame_energy
from stretchaudio.audio.loudness import energy_to_lufs, gated_lufs
from stretchaudio.audio.mp3.frames import MIX, WIDE
from stretchaudio.mix import synth
from stretchaudio.mix.model import GENERATED_LUFS
from stretchaudio.mix.synth.bells import bowl

SECOND = MIX_RATE_HZ
OCTAVES_HZ = (250, 500, 1_000, 2_000, 4_000, 8_000, 16_000)
SIZE = 1 << 14

Sound = Callable[[str], np.ndarray]


@pytest.fixture(scope="module")
def minutes() -> Sound:
    """Five minutes of a bed, made once."""

    @cache
    def minutes(name: str) -> np.ndarray:
        starts = range(0, 300 * SECOND, 10 * SECOND)  # pieces stay in the processor's cache
        return np.concatenate([synth.render_segment(name, 0, at, 10 * SECOND) for at in starts])

    return minutes


@pytest.fixture(scope="module")
def energy(minutes: Sound) -> Sound:
    """The energy of each frame of these minutes, measured once."""
    return cache(lambda name: frame_energy(minutes(name), MIX))


def _power(sound: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The power spectrum of the left channel, every third of a second: frequencies, and by time."""
    whole = sound[: len(sound) // SIZE * SIZE, 0].reshape(-1, SIZE) * np.hanning(SIZE)
    return np.fft.rfftfreq(SIZE, 1 / SECOND), np.abs(np.fft.rfft(whole, axis=1)) ** 2


def _band_db(hertz: np.ndarray, power: np.ndarray, low: float, high: float) -> np.ndarray:
    return 10 * np.log10(power[:, (hertz >= low) & (hertz < high)].sum(axis=1))


def _above(sound: np.ndarray, hertz: float) -> np.ndarray:
    """What a high-pass of fourth order leaves, such as a phone's loudspeaker is."""
    spectrum = np.fft.rfft(sound, axis=0)
    ratio = hertz / np.maximum(np.fft.rfftfreq(len(sound), 1 / SECOND), 1e-3)
    gain = 1 / np.sqrt(1 + ratio**8)
    return np.fft.irfft(spectrum * gain[:, None], len(sound), axis=0)


def _each_second_db(energy: np.ndarray) -> np.ndarray:
    return 10 * np.log10(energy[: len(energy) // 42 * 42].reshape(-1, 42).mean(axis=1))


@pytest.mark.parametrize("name", GENERATED_BEDS)
def test_a_bed_has_its_nominal_loudness_and_moderate_peaks(
    name: str, minutes: Sound, energy: Sound
) -> None:
    sound = minutes(name)
    assert abs(gated_lufs(energy(name).tolist()) - GENERATED_LUFS) < 0.5
    # Drops that fall near are to be heard singly.
    assert 20 * math.log10(np.abs(sound).max()) - GENERATED_LUFS < 18


def test_the_loudness_of_these_tests_is_that_of_another_meter(minutes: Sound) -> None:
    sound = minutes("drone")[: 60 * SECOND]
    ours = gated_lufs(frame_energy(sound, MIX).tolist())
    assert ours == pytest.approx(loudness(sound, MIX_RATE_HZ), abs=0.2)


def test_rain_is_broad(minutes: Sound) -> None:
    hertz, power = _power(minutes("rain"))
    mean = power.mean(axis=0, keepdims=True)
    *octaves, highest = (
        float(_band_db(hertz, mean, middle / 2**0.5, middle * 2**0.5)[0]) for middle in OCTAVES_HZ
    )
    assert max(octaves) - min(octaves) <= 6
    assert octaves[-1] - highest == pytest.approx(3, abs=0.5)


def test_drops_are_heard_singly_in_rain_and_nothing_is_in_brown_noise(minutes: Sound) -> None:
    rain, noise = (
        _kurtosis(_above(minutes(name)[: 1 << 22], 4_000)) for name in ("rain", "brown-noise")
    )
    assert min(rain) > 3
    assert max(noise) < 0.5


def _kurtosis(sound: np.ndarray) -> np.ndarray:
    return (sound**4).mean(axis=0) / (sound**2).mean(axis=0) ** 2 - 3


def test_a_stream_gurgles_and_runs_on_evenly(minutes: Sound, energy: Sound) -> None:
    """It comes and goes quickly, as bubbles do, where noise does not; never slowly."""
    stream, noise = (
        _between(minutes(name)[: 1 << 22, 0], 400, 3_000) for name in ("stream", "brown-noise")
    )
    assert _kurtosis(stream[:, None])[0] > 0.8
    assert _kurtosis(noise[:, None])[0] < 0.3
    assert _quick_changes(stream) > 0.15 > 1.5 * _quick_changes(noise)
    assert np.ptp(_each_second_db(energy("stream"))) < 6


def test_a_stream_is_bright_enough_for_a_phone_and_has_no_hum(minutes: Sound) -> None:
    sound = minutes("stream")
    hertz, power = _power(sound)
    mean = power.mean(axis=0, keepdims=True)
    octaves = [_band_db(hertz, mean, middle / 2**0.5, middle * 2**0.5)[0] for middle in OCTAVES_HZ]
    assert max(octaves) - octaves[4] < 9
    assert max(octaves) - _band_db(hertz, mean, 20, 150)[0] > 9
    assert np.corrcoef(sound[:, 0], sound[:, 1])[0, 1] < 0.7


def _between(sound: np.ndarray, low: float, high: float) -> np.ndarray:
    spectrum = np.fft.rfft(sound)
    hertz = np.fft.rfftfreq(len(sound), 1 / SECOND)
    return np.fft.irfft(np.where((hertz > low) & (hertz < high), spectrum, 0), len(sound))


def _quick_changes(sound: np.ndarray) -> float:
    """How far the envelope swings 2 to 12 times a second, beside its mean."""
    envelope = np.abs(sound).reshape(-1, 512).mean(axis=1)
    swings = np.abs(np.fft.rfft(envelope / envelope.mean() - 1)) ** 2
    hertz = np.fft.rfftfreq(len(envelope), 512 / SECOND)
    return float(np.sqrt(2 * swings[(hertz > 2) & (hertz < 12)].sum()) / len(envelope))


def test_gusts_change_how_loud_and_how_bright_rain_is(minutes: Sound) -> None:
    hertz, power = _power(minutes("rain"))
    ten_s = power[: len(power) // 29 * 29].reshape(-1, 29, power.shape[1]).mean(axis=1)
    level = _band_db(hertz, ten_s, 250, 16_000)
    colour = _band_db(hertz, ten_s, 4_000, 12_000) - _band_db(hertz, ten_s, 300, 1_200)
    assert 4 < np.ptp(level) < 10
    assert np.ptp(colour) > 2


def test_waves_come_and_go_by_12_db_and_more(energy: Sound) -> None:
    assert np.ptp(_each_second_db(energy("waves"))) > 12


def test_a_wave_breaks_bright_and_runs_out_dark(minutes: Sound) -> None:
    hertz, power = _power(minutes("waves"))
    audible = (hertz > 800) & (hertz < 14_000)
    hiss = power[:, audible]
    centre_hz = (hiss * hertz[audible]).sum(axis=1) / hiss.sum(axis=1)
    level = _band_db(hertz, power, 3_500, 10_000)
    breaks = [
        at for at in range(12, len(level) - 15) if level[at] == level[at - 12 : at + 12].max()
    ]
    assert len(breaks) > 10
    bright, dark = (float(np.median(centre_hz[np.array(breaks) + late])) for late in (0, 6))
    assert bright == pytest.approx(6_000, rel=0.1)
    assert dark < 2_400
    rises = [level[at] - level[at - 3 : at].min() for at in breaks]  # within a second
    assert np.median(rises) > 6


def test_waves_break_on_different_sides(minutes: Sound) -> None:
    sound = minutes("waves")
    left, right = (_each_second_db(frame_energy(sound[:, side], WIDE)) for side in (0, 1))
    sides = left - right
    assert sides.min() < -2
    assert sides.max() > 2


def test_a_drone_is_wide_and_is_heard_from_a_phone(minutes: Sound) -> None:
    sound = minutes("drone")
    assert np.corrcoef(sound[:, 0], sound[:, 1])[0, 1] < 0.7
    part = sound[: 1 << 22]
    whole, left = (gated_lufs(frame_energy(one, MIX).tolist()) for one in (part, _above(part, 450)))
    assert whole - left <= 6
    hertz, power = _power(sound)
    assert (
        _band_db(hertz, power.mean(axis=0, keepdims=True), 3_000, 4_100)[0]
        > _band_db(hertz, power.mean(axis=0, keepdims=True), 6_000, 9_000)[0] + 30
    )


def test_brown_noise_has_nothing_below_40_hz(minutes: Sound) -> None:
    hertz, power = _power(minutes("brown-noise"))
    mean = power.mean(axis=0, keepdims=True)
    low, whole = _band_db(hertz, mean, 0, 35)[0], _band_db(hertz, mean, 0, 24_000)[0]
    assert low < whole - 40


@pytest.mark.parametrize("number", range(3))
def test_a_bowl_beats_rings_and_is_wide(number: int) -> None:
    sound = bowl(1, number)
    energy = frame_energy(sound, MIX)
    each_s = _each_second_db(energy)
    assert -16 < each_s[6] - each_s[0] < -4
    assert np.corrcoef(sound[:, 0], sound[:, 1])[0, 1] < 0.97
    momentary = np.convolve(energy, np.full(17, 1 / 17), mode="valid")
    assert energy_to_lufs(float(momentary.max())) < GENERATED_LUFS + 2


def test_bowls_have_a_drone_of_their_own() -> None:
    assert BOWLS in GENERATED_BEDS
    assert set(synth.BEDS) >= set(GENERATED_BEDS)
