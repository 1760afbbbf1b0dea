"""What a listener hears.

Decoding with programs that are not ours, and finding where sound begins and ends.
"""

import math
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile

from stretchaudio.language import Verbosity

RATE_HZ = 24_000
MIX_RATE_HZ = 48_000
HEARD_DBFS = -45.0
WINDOW_S = 0.002
HALF_FRAME_S = 0.0125
SPEECH_AT_MOST = {Verbosity.FULL: 0.50, Verbosity.BRIEF: 0.25, Verbosity.MINIMAL: 0.10}
"""The parts of a session that are speech, by how much is said."""


def decode(path: Path, decoder: str = "libsndfile") -> np.ndarray:
    """A track's samples as a gapless player plays them; mono, full scale is 1."""
    if decoder == "libsndfile":
        samples, rate_hz = soundfile.read(path, dtype="float64")
        assert rate_hz == RATE_HZ
        return samples
    commands = {
        "ffmpeg": ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-"],
        "mpg123": ["mpg123", "-q", "-s", "-e", "s16", str(path)],
    }
    done = subprocess.run(commands[decoder], capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<i2") / 32768


def available(program: str) -> bool:
    return program == "libsndfile" or shutil.which(program) is not None


class Listener:
    """Hears where the cues of a track are."""

    def __init__(self, samples: np.ndarray) -> None:
        window = round(WINDOW_S * RATE_HZ)
        energy = np.convolve(samples**2, np.ones(window) / window, mode="same")
        self._loud = energy > 10 ** (HEARD_DBFS / 10)

    def onset_s(self, near_s: float, reach_s: float = 0.2) -> float:
        """Where sound first begins after quiet, near a time."""
        start = max(0, round((near_s - reach_s / 2) * RATE_HZ))
        heard = self._loud[start : round((near_s + reach_s) * RATE_HZ)]
        quiet = int(np.argmin(heard))  # passes over the end of a cue that came before
        after = np.flatnonzero(heard[quiet:])
        return (start + quiet + after[0]) / RATE_HZ if len(after) else math.nan

    def end_s(self, near_s: float, reach_s: float = 0.06) -> float:
        """Where sound last ends before quiet, near a time."""
        start = max(0, round((near_s - 0.3) * RATE_HZ))
        heard = np.flatnonzero(self._loud[start : round((near_s + reach_s) * RATE_HZ)])
        return (start + heard[-1] + 1) / RATE_HZ if len(heard) else math.nan


@dataclass(frozen=True, kw_only=True)
class HeardWindow:
    """A window whose both ends can be heard."""

    kind: str
    start_s: float
    expected_s: float
    heard_s: float

    @property
    def error_s(self) -> float:
        return self.heard_s - self.expected_s


def onset_errors_s(manifest: dict, listener: Listener) -> list[float]:
    """How late each cue is heard, against the manifest."""
    return [listener.onset_s(cue["start_s"]) - cue["start_s"] for cue in manifest["cues"]]


def heard_windows(manifest: dict, listener: Listener) -> list[HeardWindow]:
    """Every window between two sounds.

    A cue that ends where it begins, or begins with it; and one that begins at its end.
    """
    found = []
    for window in manifest["windows"]:
        begin_s = _heard_start(window["start_s"], manifest["cues"], listener)
        end_s = window["start_s"] + window["length_s"]
        closing = [
            cue["start_s"] for cue in manifest["cues"] if abs(cue["start_s"] - end_s) < HALF_FRAME_S
        ]
        if begin_s is not None and closing:
            heard_s = listener.onset_s(closing[0]) - begin_s
            found.append(
                HeardWindow(
                    kind=window["kind"],
                    start_s=window["start_s"],
                    expected_s=window["length_s"],
                    heard_s=heard_s,
                )
            )
    return found


def _heard_start(start_s: float, cues: list[dict], listener: Listener) -> float | None:
    for cue in cues:
        if abs(cue["start_s"] - start_s) < HALF_FRAME_S:
            return listener.onset_s(cue["start_s"])
    for cue in cues:
        if abs(cue["end_s"] - start_s) < 0.002:
            return listener.end_s(cue["end_s"])
    return None


def loudness(samples: np.ndarray, rate_hz: int = RATE_HZ) -> float:
    """BS.1770 integrated loudness, in LUFS."""
    import pyloudnorm

    return float(pyloudnorm.Meter(rate_hz).integrated_loudness(samples))


def true_peak_dbtp(samples: np.ndarray, rate_hz: int = RATE_HZ) -> float:
    """By eightfold oversampling, of the seconds in which it can be."""
    import soxr

    highest = np.abs(samples).max()
    seconds = [
        samples[max(0, at - 99) : at + rate_hz + 99] for at in range(0, len(samples), rate_hz)
    ]
    loud = [second for second in seconds if np.abs(second).max() > 0.7 * highest]
    return 20 * math.log10(
        max(np.abs(soxr.resample(second, rate_hz, 8 * rate_hz)).max() for second in loud)
    )


def decode_mix(path: Path, decoder: str = "libsndfile") -> np.ndarray:
    """A track with music or chimes as a gapless player plays it: stereo at 48 kHz, shape (n, 2)."""
    if decoder == "libsndfile":
        samples, rate_hz = soundfile.read(path, dtype="float64")
        assert rate_hz == MIX_RATE_HZ
        return samples
    command = ["ffmpeg", "-v", "error", "-i", str(path), "-f", "s16le", "-"]
    done = subprocess.run(command, capture_output=True, check=True)
    return np.frombuffer(done.stdout, "<i2").reshape(-1, 2) / 32768


def lag_s(heard: np.ndarray, sound: np.ndarray, expected_s: float, reach_s: float = 0.08) -> float:
    """How late a known sound is heard among others.

    Where it fits best, within reach of where it is expected.

    Args:
        heard: Mono at 48 kHz.
        sound: The same; its first sample is expected at that time.
        expected_s: From the track's start.
        reach_s: How far to look.
    """
    first = round((expected_s - reach_s) * MIX_RATE_HZ)
    around = heard[max(0, first) : first + len(sound) + round(2 * reach_s * MIX_RATE_HZ)]
    size = 1 << (len(around) + len(sound)).bit_length()
    # Whitened, so that the low tones of a bed do not blur the place.
    spectrum = np.fft.rfft(around, size) * np.conj(np.fft.rfft(sound, size))
    fit = np.fft.irfft(spectrum / np.maximum(np.abs(spectrum) ** 0.5, 1e-9), size)[
        : len(around) - len(sound) + 1
    ]
    return (int(np.argmax(fit)) + max(0, first)) / MIX_RATE_HZ - expected_s
