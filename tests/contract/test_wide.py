"""Recordings with something above 12 kHz make tracks that have it too, just as exact."""

import csv
import io
import json
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import soundfile
import soxr

from conftest import DATA, Ran
from listening import (
    HALF_FRAME_S,
    MIX_RATE_HZ,
    RATE_HZ,
    Listener,
    available,
    heard_windows,
    onset_errors_s,
)
from stretchaudio.audio.mp3.frames import WIDE_FROM_HZ
from stretchaudio.speech.leveling import rate_of
from stretchaudio.track.verify import verify

SHORT = DATA / "short.yaml"


@pytest.fixture
def spoken(run: Callable[..., Ran], home: Path) -> Callable[..., dict]:
    """A routine in recordings of some rates, taken in turn: t.mp3, and its manifest."""

    def spoken(*rates_hz: int) -> dict:
        listed = run("voices", "recording-list", SHORT).out
        for at, row in enumerate(csv.DictReader(io.StringIO(listed.lstrip("\ufeff")))):
            rate_hz = rates_hz[at % len(rates_hz)]
            times = np.arange(round((0.4 + 0.05 * len(row["sentence"])) * MIX_RATE_HZ))
            noise = np.random.default_rng(at).standard_normal(len(times))
            voice = 0.05 * noise * (1 + np.sin(times / MIX_RATE_HZ * 2 * np.pi * 3) ** 2)
            sound = np.concatenate([np.zeros(9_600), voice, np.zeros(16_000)])
            name = (home / row["file"]).with_suffix(".flac")
            soundfile.write(name, soxr.resample(sound, MIX_RATE_HZ, rate_hz), rate_hz)
        ran = run("build", SHORT, "-q", "-v", "recordings:.", "-o", "t.mp3", "-m", "t.json")
        assert ran.code == 0, ran.err
        return json.loads(Path("t.json").read_text())

    return spoken


def _decoded() -> np.ndarray:
    """The track as ffmpeg decodes it."""
    if not available("ffmpeg"):
        pytest.skip("ffmpeg is not installed")
    command = ["ffmpeg", "-v", "error", "-i", "t.mp3", "-f", "f64le", "-"]
    return np.frombuffer(subprocess.run(command, capture_output=True, check=True).stdout)


def _band_db(samples: np.ndarray, low: float, high: float) -> float:
    power = np.abs(np.fft.rfft(samples)) ** 2
    hertz = np.fft.rfftfreq(len(samples), 1 / MIX_RATE_HZ)
    return float(10 * np.log10(power[(hertz >= low) & (hertz < high)].mean()))


def test_recordings_of_44_khz_make_an_exact_track_with_all_they_have(
    spoken: Callable[..., dict],
) -> None:
    narrow, wide = spoken(RATE_HZ), spoken(WIDE_FROM_HZ)
    assert (narrow["sample_rate_hz"], wide["sample_rate_hz"]) == (RATE_HZ, MIX_RATE_HZ)
    assert (info := soundfile.info("t.mp3")).samplerate == MIX_RATE_HZ
    assert info.channels == 1
    samples = _decoded()
    assert len(samples) == round(wide["duration_s"] * MIX_RATE_HZ)
    assert abs(_band_db(samples, 8_000, 15_000) - _band_db(samples, 1_000, 6_000)) < 3
    listener = Listener(soxr.resample(samples, MIX_RATE_HZ, RATE_HZ))
    assert max(map(abs, onset_errors_s(wide, listener))) < 0.005
    windows = heard_windows(wide, listener)
    assert windows
    assert max(abs(window.error_s) for window in windows) < 2 * HALF_FRAME_S
    times = [[one["start_s"] for one in track["windows"]] for track in (narrow, wide)]
    assert np.abs(np.subtract(*times)).max() < 2 * HALF_FRAME_S, "the same timeline"


def test_a_few_worse_recordings_stand_among_better_ones(spoken: Callable[..., dict]) -> None:
    """All frames of a track have one rate, also when an earlier build had them at another."""
    spoken(RATE_HZ)
    manifest = spoken(48_000, RATE_HZ, 22_050)
    assert manifest["sample_rate_hz"] == MIX_RATE_HZ
    _, checks = verify(Path("t.mp3"))
    # An encoder leaves out what is above 16.5 kHz: noise has more there than any voice.
    assert not [check for check in checks if not check.ok and check.name != "loudness"]


def test_the_rate_of_speech_is_that_of_its_file() -> None:
    file = io.BytesIO()
    soundfile.write(file, np.zeros(100), 44_100, format="WAV")
    assert rate_of(file.getvalue()) == 44_100
