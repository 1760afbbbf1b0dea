"""What a track was made with, against what is heard."""

from dataclasses import replace

import numpy as np
import pytest

from stretchaudio.audio.envelope import encode_envelope
from stretchaudio.audio.loudness import db_to_gain
from stretchaudio.track.analysis import Analysis
from stretchaudio.track.manifest import Manifest
from stretchaudio.track.trace import find_differences

FRAMES = 1000


@pytest.fixture
def made() -> tuple[Manifest, Analysis]:
    """A bed whose loudness goes up and down by a few dB."""
    energies = 10 ** ((-26 + 3 * np.random.default_rng(1).standard_normal(FRAMES)) / 10)
    manifest = Manifest(
        title="Bed", language="en", voice="none", level="", duration_s=FRAMES * 0.024,
        sample_rate_hz=48_000, integrated_lufs=-23.0, true_peak_dbtp=-10.0, chapters=(),
        windows=(), cues=(), dropped=(), bed="rain", chimes=(), trace=(encode_envelope(energies),),
    )  # fmt: skip
    heard = Analysis(
        sample_rate_hz=48_000, channels=2, duration_s=FRAMES * 0.024, frames_s=FRAMES * 0.024,
        is_as_written=True, loudness_lufs=-23.0, true_peak_dbtp=-10.0, clipped=0, frames=energies,
        against=np.zeros(FRAMES), energy=np.zeros(0, np.uint8), peaks=np.zeros(0, np.uint8),
    )  # fmt: skip
    return manifest, heard


def _found(manifest: Manifest, heard: Analysis, frames: np.ndarray) -> list[tuple[float, float]]:
    changed = replace(heard, frames=frames)
    return [(one.start_s, one.length_s) for one in find_differences(manifest, changed)]


def test_a_whole_track_and_one_that_is_a_little_quieter_are_as_they_were_made(
    made: tuple[Manifest, Analysis],
) -> None:
    manifest, heard = made
    for gain_db in (0.0, -0.45, 0.8):
        assert not _found(manifest, heard, heard.frames * db_to_gain(gain_db) ** 2)


@pytest.mark.parametrize("gain_db", [-60.0, -3.0, 3.0, 12.0])
def test_a_part_that_is_louder_or_quieter_is_found_where_it_is(
    made: tuple[Manifest, Analysis], gain_db: float
) -> None:
    manifest, heard = made
    frames = heard.frames.copy()
    frames[500:525] *= db_to_gain(gain_db) ** 2
    ((start_s, length_s),) = _found(manifest, heard, frames)
    assert start_s == pytest.approx(500 * 0.024, abs=1.0)
    assert length_s == pytest.approx(25 * 0.024, abs=2.0)


def test_two_frames_that_are_missing_and_put_in_elsewhere_are_found(
    made: tuple[Manifest, Analysis],
) -> None:
    """A bed that is 48 ms early for a while has another loudness at each moment."""
    manifest, heard = made
    moved = np.concatenate([heard.frames[:300], heard.frames[302:700], heard.frames[298:300],
                            heard.frames[700:]])  # fmt: skip
    assert len(moved) == FRAMES
    assert _found(manifest, heard, moved)


def test_another_sound_that_is_as_loud_is_found(made: tuple[Manifest, Analysis]) -> None:
    """Where the wave is on the other side of zero than it was made."""
    manifest, heard = made
    against = np.full(FRAMES, 1e-5)
    assert not list(find_differences(manifest, replace(heard, against=against)))
    against[500:502] = 1e-3
    (one,) = find_differences(manifest, replace(heard, against=against))
    assert one.start_s == pytest.approx(500 * 0.024, abs=0.03)
    assert one.louder_db == pytest.approx(0, abs=1)


def test_of_an_older_track_with_a_bed_nothing_is_known(made: tuple[Manifest, Analysis]) -> None:
    manifest, heard = made
    assert not _found(replace(manifest, trace=()), heard, heard.frames * 0)
