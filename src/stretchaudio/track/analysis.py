"""Decode a finished track piece by piece and measure it; memory grows by two bytes a millisecond.

The decoder gets the track's own frames and nothing else: tags, which it would hold in memory, and whatever stands behind the
frames never reach it. What a file says of its own length is not believed.
"""

import io
import math
import mmap
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import numpy as np
import soundfile

from stretchaudio.audio.clip import FRAME_MS
from stretchaudio.audio.dsp import k_weighted, true_peak, weighted_frame_energy
from stretchaudio.audio.loudness import gain_to_db, gated_lufs
from stretchaudio.audio.mp3.frames import MIX, VOICE, FrameFormat, count
from stretchaudio.errors import FileError
from stretchaudio.mix.music import silence_stderr
from stretchaudio.track.reader import refuse_no_track, syncsafe_int

LONGEST_S = 13 * 3600
SPARE_S = 60
"""How much longer than it should be a track is still measured."""
POWERS = np.concatenate([10 ** ((6 - np.arange(255) / 2) / 10), [0.0]])
"""What the codes of levels stand for: mean squares half a decibel apart, full scale being 1; the last is silence."""
_PIECE_S = 24
_BEFORE_S = 0.25
"""What the filters have to have heard before a piece."""
_NEAR = 0.6
_FULL_SCALE = 0.9999
_CLIPPED_SAMPLES = 3
"""So many samples at full scale in a row are no peak but a clipped one."""
_ID3_HEADER_BYTES = 10
_TAGS_BEHIND = (b"TAG", b"APETAGEX", b"LYRICSBEGIN")
"""How tags begin that other programs write behind the sound."""
_MOST_MARK_BYTES = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Analysis:
    """What was measured of a track."""

    sample_rate_hz: int
    """Of the file."""
    channels: int
    """The same."""
    duration_s: float
    """What a gapless player plays."""
    frames_s: float
    """How long its frames last; infinite when something else comes behind them."""
    loudness_lufs: float
    """BS.1770 integrated loudness."""
    true_peak_dbtp: float
    """The highest true peak."""
    clipped: int
    """How many times the sound is cut off at full scale."""
    energy: Any
    """The K-weighted mean square of each millisecond of both channels' mean, as codes of `POWERS`, uint8, shape (ms,)."""
    peaks: Any
    """The square of the highest sample of each millisecond, likewise."""


def analyze(path: Path, *, expected_s: float = LONGEST_S - SPARE_S) -> Analysis | None:
    """Decode a track and measure it.

    Args:
        path: The file.
        expected_s: How long it should be.

    Returns:
        None when it is more than a minute longer than it should be: then it is not decoded.

    Raises:
        FileError: If it cannot be read or decoded, or is longer than any track.
    """
    try:
        refuse_no_track(path)
        with path.open("rb") as file:
            found = _find(file, path, min(expected_s + SPARE_S, LONGEST_S))
            return _measured(file, found, path) if found else None
    except OSError as error:
        raise FileError.from_os_error(error, f"read {path}") from None
    except soundfile.SoundFileError as error:
        cause = str(getattr(error, "error_string", error))
        why = (
            "there is no sound in it" if "not exist" in cause else cause.strip(" .")
        )  # what libsndfile says of junk
        raise FileError(f"{path} cannot be decoded: {why}.") from None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Stream:
    """Where a track's frames are."""

    form: FrameFormat
    start: int
    """The first frame's first byte."""
    size: int
    """Of all frames, in bytes."""
    length_s: float
    """How long they last; infinite when something else than a tag comes behind them."""


def _find(file: IO[bytes], path: Path, most_s: float) -> _Stream | None:
    """Find the frames of a track; None when they last longer than `most_s`."""
    header = file.read(_ID3_HEADER_BYTES)
    start = _ID3_HEADER_BYTES + syncsafe_int(header[6:]) if header.startswith(b"ID3") else 0
    most = round(most_s * 1000 / FRAME_MS) + 1
    with (
        mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data,
        memoryview(data) as whole,
        whole[start:] as stream,
    ):
        for form in (VOICE, MIX):
            frames, size = count(stream, form, most=most)
            if frames >= most:
                return None
            if frames:
                behind = bytes(stream[size : size + _MOST_MARK_BYTES])
                whole_s = (frames - 1) * FRAME_MS / 1000  # the first is the Info frame
                strange = behind and not behind.startswith(_TAGS_BEHIND)
                return _Stream(
                    form=form, start=start, size=size, length_s=math.inf if strange else whole_s
                )
    raise FileError(
        f"{path} cannot be decoded: there is no sound in it as tracks have it, at 24 or 48 kHz."
    )


def _measured(file: IO[bytes], stream: _Stream, path: Path) -> Analysis:
    with silence_stderr(), soundfile.SoundFile(_Window(file, stream.start, stream.size)) as sound:
        if FrameFormat(sample_rate_hz=sound.samplerate, channels=sound.channels) != stream.form:
            raise FileError(
                f"{path} has {sound.samplerate} Hz and {sound.channels} channels; no track has."
            )
        meter = _Meter(stream.form, stream.length_s)
        # Not in blocks(): that believes what the file says of its length.
        while len(
            piece := sound.read(_PIECE_S * sound.samplerate, dtype="float32", always_2d=True)
        ):
            meter.add(piece)
        return meter.heard()


class _Window(io.RawIOBase):
    """A part of a file, as a file.

    Args:
        file: Open; it can seek.
        start: The part's first byte.
        size: Its length in bytes.
    """

    def __init__(self, file: IO[bytes], start: int, size: int) -> None:
        super().__init__()
        self._file, self._start, self._size, self._at = file, start, size, 0

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._at)
        data = self._file.read(max(0, min(len(buffer), self._size - self._at)))
        buffer[: len(data)] = data
        self._at += len(data)
        return len(data)

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        self._at = max(
            0, offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self._size}[whence]
        )
        return self._at

    def tell(self) -> int:
        return self._at


class _Meter:
    def __init__(self, form: FrameFormat, frames_s: float) -> None:
        self.form = form
        self.rate_hz = form.sample_rate_hz
        self.frames_s = frames_s
        self.channels = form.channels
        self.samples = 0
        self.before = np.zeros((round(_BEFORE_S * self.rate_hz), self.channels), np.float32)
        self.energies = bytearray()
        self.peaks = bytearray()
        self.frames = array("f")
        self.peak = 0.0
        self.clipped = 0

    def add(self, piece: Any) -> None:
        """Measure the next piece."""
        self.samples += len(piece)
        whole = np.concatenate([self.before, piece])
        first = len(self.before)
        weighted = k_weighted(whole, self.rate_hz)[first:]
        self.frames.extend(weighted_frame_energy(weighted, self.form).tolist())
        self.energies += codes(self._by_ms(weighted.mean(axis=1) ** 2).mean(axis=1)).tobytes()
        self.peaks += codes(self._by_ms(np.abs(piece).max(axis=1)).max(axis=1) ** 2).tobytes()
        if np.abs(whole).max() > _NEAR * self.peak:
            self.peak = max(self.peak, true_peak(whole))
        self.clipped += _clipped(piece)
        self.before = whole[-first:]

    def _by_ms(self, values: Any) -> Any:
        per_ms = self.rate_hz // 1000
        return np.pad(values, (0, -len(values) % per_ms)).reshape(-1, per_ms)

    def heard(self) -> Analysis:
        """All that was measured."""
        return Analysis(
            sample_rate_hz=self.rate_hz,
            channels=self.channels,
            duration_s=self.samples / self.rate_hz,
            frames_s=self.frames_s,
            loudness_lufs=gated_lufs(self.frames),
            true_peak_dbtp=gain_to_db(self.peak),
            clipped=self.clipped,
            energy=np.frombuffer(self.energies, np.uint8),
            peaks=np.frombuffer(self.peaks, np.uint8),
        )


def codes(powers: Any) -> Any:
    """Mean squares as the nearest codes of `POWERS`, uint8; louder sound has lower codes."""
    with np.errstate(divide="ignore"):
        return np.clip(np.round(12 - 20 * np.log10(powers)), 0, len(POWERS) - 1).astype(np.uint8)


def _clipped(piece: Any) -> int:
    """How many runs of samples stand at full scale."""
    full = np.abs(piece).max(axis=1) >= _FULL_SCALE
    edges = np.flatnonzero(np.diff(np.concatenate([[False], full, [False]]).astype(np.int8)))
    return int(np.count_nonzero(edges[1::2] - edges[::2] >= _CLIPPED_SAMPLES))
