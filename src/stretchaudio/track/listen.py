"""A finished track as it is heard: decoded piece by piece, and measured; memory grows by some 20 bytes a millisecond."""

import math
import mmap
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import soundfile
import soxr

from stretchaudio.clip import FRAME_MS
from stretchaudio.errors import FileError
from stretchaudio.filters import k_weighted
from stretchaudio.loudness import gated_lufs
from stretchaudio.mix.music import hushed
from stretchaudio.mp3.frames import MIX, VOICE, FrameFormat, count
from stretchaudio.track.read import seven_bits

LONGEST_S = 13 * 3600
_PIECE_S = 24
_BEFORE_S = 0.25
"""What the filters have to have heard before a piece."""
_OVERSAMPLING = 4
_NEAR = 0.6
_FULL_SCALE = 0.9999
_CLIPPED_SAMPLES = 3
"""So many samples at full scale in a row are no peak but a clipped one."""
_ID3_HEADER_BYTES = 10
_TAGS_BEHIND = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
"""How tags begin that other programs write behind the sound."""
_MOST_MARK_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What was measured of a track."""

    sample_rate_hz: int
    """Of the file."""
    channels: int
    """The same."""
    duration_s: float
    """What a gapless player plays."""
    frames_s: float | None
    """How long its frames last; infinite when something else comes behind them, None where they are not of a format of ours."""
    loudness_lufs: float
    """BS.1770 integrated loudness."""
    true_peak_dbtp: float
    """The highest true peak."""
    clipped: int
    """How many times the sound is cut off at full scale."""
    energy: Any
    """The K-weighted mean square of each millisecond of both channels' mean, float32, shape (ms,)."""
    peaks: Any
    """The highest sample of each millisecond, float32, shape (ms,)."""


def listen(path: Path) -> Heard:
    """Decode a track and measure it.

    Raises:
        FileError: If it cannot be decoded, or is longer than any track.
    """
    try:
        with hushed(), soundfile.SoundFile(path) as file:
            if file.format != "MP3":
                raise FileError(f"{path} is not an MP3.")
            if file.samplerate % 1000 or file.channels not in {1, 2}:
                raise FileError(f"{path} has {file.samplerate} Hz and {file.channels} channels; no track has.")
            if file.frames > LONGEST_S * file.samplerate:
                raise FileError(f"{path} is longer than any track.")
            meter = _Meter(file.samplerate, file.channels, _frames_s(path, file.samplerate, file.channels))
            # Not in blocks(): that believes what the file says of its length.
            while len(piece := file.read(_PIECE_S * file.samplerate, dtype="float32", always_2d=True)):
                meter.add(piece)
            return meter.heard()
    except OSError as error:
        raise FileError.of(error, f"read {path}") from None
    except soundfile.SoundFileError as error:
        cause = getattr(error, "error_string", error)
        why = "there is no sound in it" if "not exist" in str(cause) else str(cause).strip(" .")  # what libsndfile says of junk
        raise FileError(f"{path} cannot be decoded: {why}.") from None


def _frames_s(path: Path, rate_hz: int, channels: int) -> float | None:
    """How long the frames of a file last, whatever it says of itself.

    Returns:
        Seconds; infinite when something else comes behind the frames, None where they are not of a format of ours.
    """
    form = FrameFormat(sample_rate_hz=rate_hz, channels=channels)
    if form not in {VOICE, MIX}:
        return None
    with path.open("rb") as file:
        header = file.read(_ID3_HEADER_BYTES)
        tag = _ID3_HEADER_BYTES + seven_bits(header[6:]) if header.startswith(b"ID3") else 0
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data, memoryview(data) as whole, whole[tag:] as stream:
            frames, end = count(stream, form)
            behind = bytes(stream[end : end + _MOST_MARK_BYTES])
        if behind and not behind.startswith(_TAGS_BEHIND):
            return math.inf
        return (frames - 1) * FRAME_MS / 1000  # the first is the Info frame


class _Meter:
    def __init__(self, rate_hz: int, channels: int, frames_s: float | None) -> None:
        self.rate_hz = rate_hz
        self.frames_s = frames_s
        self.channels = channels
        self.samples = 0
        self.before = np.zeros((round(_BEFORE_S * rate_hz), channels), np.float32)
        self.energies: list[Any] = []
        self.peaks: list[Any] = []
        self.frames = array("f")
        self.peak = 0.0
        self.clipped = 0

    def add(self, piece: Any) -> None:
        """Measure the next piece."""
        self.samples += len(piece)
        whole = np.concatenate([self.before, piece])
        first = len(self.before)
        weighted = k_weighted(whole, self.rate_hz)[first:]
        self._add_frames(weighted)
        self.energies.append(self._by_ms(weighted.mean(axis=1) ** 2).mean(axis=1))
        self.peaks.append(self._by_ms(np.abs(piece).max(axis=1)).max(axis=1))
        if np.abs(whole).max() > _NEAR * self.peak:
            self.peak = max(self.peak, float(np.abs(soxr.resample(whole, 1, _OVERSAMPLING)).max()))
        self.clipped += _clipped(piece)
        self.before = whole[-first:]

    def _add_frames(self, weighted: Any) -> None:
        size = self.rate_hz * FRAME_MS // 1000
        frames = weighted[: len(weighted) // size * size].reshape(-1, size * self.channels)
        self.frames.extend((np.einsum("ij,ij->i", frames, frames) / size).tolist())

    def _by_ms(self, values: Any) -> Any:
        per_ms = self.rate_hz // 1000
        return np.pad(values, (0, -len(values) % per_ms)).reshape(-1, per_ms)

    def heard(self) -> Heard:
        """All that was measured."""
        return Heard(
            sample_rate_hz=self.rate_hz,
            channels=self.channels,
            duration_s=self.samples / self.rate_hz,
            frames_s=self.frames_s,
            loudness_lufs=gated_lufs(self.frames),
            true_peak_dbtp=20 * math.log10(max(self.peak, 1e-9)),
            clipped=self.clipped,
            energy=np.concatenate(self.energies) if self.energies else np.zeros(0, np.float32),
            peaks=np.concatenate(self.peaks) if self.peaks else np.zeros(0, np.float32),
        )


def _clipped(piece: Any) -> int:
    """How many runs of samples stand at full scale."""
    full = np.abs(piece).max(axis=1) >= _FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= _CLIPPED_SAMPLES))
