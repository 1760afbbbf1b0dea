"""Measurements against a manifest, where there is nothing to measure."""

from dataclasses import replace

import numpy as np
import pytest

from stretchaudio.audio.envelope import encode_envelope
from stretchaudio.track.analysis import Analysis
from stretchaudio.track.manifest import CueEntry, Manifest
from stretchaudio.track.verify import checks

FRAMES = 400
SECONDS = FRAMES * 0.024
SILENT = 255
"""The code of a power of nothing."""


@pytest.fixture
def manifest() -> Manifest:
    """Two cues in a bed."""
    envelope = encode_envelope([0.01] * 40)
    times_s = ((2.4, 3.2), (7.2, 8.0))
    cues = tuple(
        CueEntry(kind="setup", text=text, start_s=start_s, end_s=end_s, exercise=None)
        for text, (start_s, end_s) in zip(("One.", "Two."), times_s, strict=True)
    )
    return Manifest(
        title="Bed", language="en", voice="none", level="", duration_s=SECONDS,
        sample_rate_hz=48_000, integrated_lufs=-23.0, true_peak_dbtp=-10.0, chapters=(),
        windows=(), cues=cues, dropped=(), bed="rain", chimes=(),
        envelopes={"One.": envelope, "Two.": envelope},
        trace=(encode_envelope([0.01] * FRAMES),),
    )  # fmt: skip


@pytest.fixture
def heard() -> Analysis:
    """Sound that goes up and down where the first cue is."""
    energy = np.full(FRAMES * 24, 30, np.uint8)
    energy[2376:3336] = np.repeat(np.arange(40) % 7 + 5, 24)
    return Analysis(
        sample_rate_hz=48_000, channels=2, duration_s=SECONDS, frames_s=SECONDS,
        is_as_written=True, loudness_lufs=-23.0, true_peak_dbtp=-10.0, clipped=0,
        frames=np.full(FRAMES, 0.01), against=np.zeros(FRAMES), energy=energy, peaks=energy,
    )  # fmt: skip


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("end_ms", [9_600, 7_500, 7_200, 7_190, 2_500, 2_300])
def test_cues_that_are_silent_or_cut_off_are_told_of(
    manifest: Manifest, heard: Analysis, end_ms: int
) -> None:
    energy = heard.energy[:end_ms].copy()
    energy[7_200:8_000] = SILENT
    shape = encode_envelope([0.01 * 0.79 ** (at % 7) for at in range(40)])
    shaped = replace(manifest, envelopes=dict.fromkeys(manifest.envelopes, shape))
    shorter = replace(heard, energy=energy, peaks=energy, duration_s=end_ms / 1000)
    found = {check.name: check for check in checks(shaped, shorter)}
    assert not found["cues"].ok
    assert found["length"].ok == (end_ms == 9_600)
